// pem: keys and certificates out of PEM texts (RFC 7468). Private to net's bodies; any thread.
#pragma once

#include <openssl/evp.h>
#include <openssl/x509.h>

#include <memory>
#include <string_view>

namespace rondom::net {

struct FreePem {
  void operator()(EVP_PKEY* key) const { EVP_PKEY_free(key); }
  void operator()(X509* certificate) const { X509_free(certificate); }
};

/// The first private key; nullptr: there is none, or it is behind a pass phrase.
std::unique_ptr<EVP_PKEY, FreePem> private_key(std::string_view pem);
/// The first certificate; nullptr: there is none.
std::unique_ptr<X509, FreePem> first_certificate(std::string_view pem);

}  // namespace rondom::net
