#include "base/cleanse.h"

#include <openssl/crypto.h>

namespace rondom {

void cleanse(std::string& text) {
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

}  // namespace rondom
