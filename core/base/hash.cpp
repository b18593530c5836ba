#include "base/hash.h"

#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/sha.h>
#include <xxhash.h>

#include <cstring>
#include <stdexcept>

#include "base/hex.h"

namespace rondom {

namespace {

constexpr char hex_digits[] = "0123456789abcdef";

void set_version(Uid& uid, std::uint8_t version) {
  uid.bytes[6] = static_cast<std::uint8_t>((uid.bytes[6] & 0x0f) | (version << 4));
  uid.bytes[8] = static_cast<std::uint8_t>((uid.bytes[8] & 0x3f) | 0x80);
}

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

std::uint64_t hash64(std::string_view bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

Hasher& Hasher::add(std::string_view bytes) {
  state_ = hash64(bytes, state_ ^ (bytes.size() * 0x9e3779b97f4a7c15ULL));
  return *this;
}

Hasher& Hasher::add(std::uint64_t number) {
  char bytes[8];
  std::memcpy(bytes, &number, sizeof bytes);
  return add(std::string_view(bytes, sizeof bytes));
}

struct KeyedUids::Inside {
  struct Free {
    void operator()(EVP_MAC* one) const { EVP_MAC_free(one); }
    void operator()(EVP_MAC_CTX* one) const { EVP_MAC_CTX_free(one); }
  };
  std::unique_ptr<EVP_MAC, Free> mac;
  std::unique_ptr<EVP_MAC_CTX, Free> context;
  std::string message;
};

KeyedUids::KeyedUids(std::string_view key) : inside_(std::make_unique<Inside>()) {
  inside_->mac.reset(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  inside_->context.reset(EVP_MAC_CTX_new(inside_->mac.get()));
  char digest[] = "SHA256";
  const OSSL_PARAM parameters[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                                   OSSL_PARAM_construct_end()};
  if (EVP_MAC_init(inside_->context.get(), reinterpret_cast<const unsigned char*>(key.data()),
                   key.size(), parameters) != 1) {
    throw std::runtime_error("HMAC-SHA-256 is not available in this OpenSSL");
  }
}

KeyedUids::~KeyedUids() = default;

Uid KeyedUids::of(std::string_view text, std::uint32_t counter) {
  std::string& message = inside_->message;
  message = text;
  if (counter > 0) {
    message += '\0';
    message += std::to_string(counter);
  }
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  std::size_t size = 0;
  EVP_MAC_CTX* context = inside_->context.get();
  const bool done = EVP_MAC_init(context, nullptr, 0, nullptr) == 1 &&
                    EVP_MAC_update(context, reinterpret_cast<const unsigned char*>(message.data()),
                                   message.size()) == 1 &&
                    EVP_MAC_final(context, digest.data(), &size, digest.size()) == 1;
  if (!done) throw std::runtime_error("HMAC-SHA-256 failed");
  Uid uid;
  std::memcpy(uid.bytes.data(), digest.data(), uid.bytes.size());
  set_version(uid, 8);
  return uid;
}

Uid keyed_uid(std::string_view key, std::string_view text, std::uint32_t counter) {
  return KeyedUids(key).of(text, counter);
}

Uid time_uid(std::int64_t unix_microseconds, const std::array<std::uint8_t, 10>& random) {
  Uid uid;
  const auto milliseconds = static_cast<std::uint64_t>(unix_microseconds / 1000);
  for (int i = 0; i < 6; ++i) {
    uid.bytes[static_cast<std::size_t>(i)] =
        static_cast<std::uint8_t>(milliseconds >> (8 * (5 - i)));
  }
  std::memcpy(uid.bytes.data() + 6, random.data(), random.size());
  set_version(uid, 7);
  return uid;
}

std::string to_text(const Uid& uid) {
  std::string out;
  out.reserve(36);
  for (std::size_t i = 0; i < uid.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += hex_digits[uid.bytes[i] >> 4];
    out += hex_digits[uid.bytes[i] & 15];
  }
  return out;
}

bool parse_uid(std::string_view text, Uid& uid) {
  if (text.size() != 36) return false;
  std::size_t byte = 0;
  for (std::size_t i = 0; i < text.size();) {
    if (i == 8 || i == 13 || i == 18 || i == 23) {
      if (text[i] != '-') return false;
      ++i;
      continue;
    }
    const int high = hex_value(text[i]);
    const int low = hex_value(text[i + 1]);
    if (high < 0 || low < 0) return false;
    uid.bytes[byte++] = static_cast<std::uint8_t>(high * 16 + low);
    i += 2;
  }
  return true;
}

std::string sha256_hex(std::string_view bytes) {
  std::array<unsigned char, SHA256_DIGEST_LENGTH> digest{};
  SHA256(reinterpret_cast<const unsigned char*>(bytes.data()), bytes.size(), digest.data());
  return to_hex({reinterpret_cast<const char*>(digest.data()), digest.size()});
}

std::string hex64(std::uint64_t value) {
  std::string out(16, '0');
  for (std::size_t i = 16; i-- > 0; value >>= 4) out[i] = hex_digits[value & 15];
  return out;
}

}  // namespace rondom
