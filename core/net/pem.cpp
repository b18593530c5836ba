#include "net/pem.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/pem.h>

namespace rondom::net {

namespace {

struct FreeBio {
  void operator()(BIO* bio) const { BIO_free(bio); }
};

// What is behind a pass phrase is refused instead of asking for it on a terminal.
int no_pass_phrase(char*, int, int, void*) {
  return -1;
}

template <typename Thing>
std::unique_ptr<Thing, FreePem> first_of(std::string_view pem,
                                         Thing* (*read)(BIO*, Thing**, pem_password_cb*, void*)) {
  const std::unique_ptr<BIO, FreeBio> text(
      BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  std::unique_ptr<Thing, FreePem> thing(read(text.get(), nullptr, &no_pass_phrase, nullptr));
  if (thing == nullptr) ERR_clear_error();  // the next call of the library must not find it
  return thing;
}

}  // namespace

std::unique_ptr<EVP_PKEY, FreePem> private_key(std::string_view pem) {
  return first_of(pem, &PEM_read_bio_PrivateKey);
}

std::unique_ptr<X509, FreePem> first_certificate(std::string_view pem) {
  return first_of(pem, &PEM_read_bio_X509);
}

}  // namespace rondom::net
