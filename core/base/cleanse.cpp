#include "base/cleanse.h"

#include <openssl/crypto.h>

#include <cstring>

namespace rondom {

void cleanse(std::string& text) {
  text.resize(text.capacity());
  OPENSSL_cleanse(text.data(), text.size());
  text.clear();
}

void cleanse(std::vector<std::string>& texts) {
  for (std::string& text : texts) cleanse(text);
  texts.clear();
}

void cleanse(char* text) {
  if (text != nullptr) OPENSSL_cleanse(text, std::strlen(text));
}

}  // namespace rondom
