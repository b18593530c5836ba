#include "net/certificate.h"

#include <openssl/asn1.h>
#include <openssl/err.h>

#include <ctime>

#include "net/pem.h"

namespace rondom::net {

namespace {

Error unusable(const char* why) {
  return {ErrorCode::bad_config, why};
}

}  // namespace

Result<Timestamp> certificate_ends(std::string_view pem, std::string_view key) {
  const auto certificate = first_certificate(pem);
  if (certificate == nullptr) return unusable("there is no certificate in PEM");
  const auto own_key = private_key(key);
  if (own_key == nullptr) return unusable("there is no key in PEM without a pass phrase");
  if (X509_check_private_key(certificate.get(), own_key.get()) != 1) {
    ERR_clear_error();
    return unusable("the key belongs to another certificate");
  }
  std::tm end{};
  if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate.get()), &end) != 1) {
    return unusable("the certificate does not say when it ends");
  }
  return static_cast<Timestamp>(::timegm(&end)) * microseconds_per_second;
}

}  // namespace rondom::net
