// Hashes. Pure functions, any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace rondom {

/// XXH3 64 bit (https://xxhash.com): change detection and index keys. Never for secrets. Whoever
/// looks something up by it compares the text on a hit.
std::uint64_t hash64(std::string_view bytes, std::uint64_t seed = 0);

/// Incremental form of hash64 over several pieces with unambiguous boundaries (length first).
class Hasher {
 public:
  explicit Hasher(std::uint64_t seed = 0) : state_(seed) {}
  Hasher& add(std::string_view bytes);
  Hasher& add(std::uint64_t number);
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_;
};

/// 128-bit identifier as 16 bytes in network order.
struct Uid {
  std::array<std::uint8_t, 16> bytes{};
  auto operator<=>(const Uid&) const = default;
};

/// HMAC-SHA-256 under one key, shaped as RFC 9562 UUIDs of version 8. Keeps the keyed state, which
/// is most of the work for short texts. One thread at a time.
class KeyedUids {
 public:
  explicit KeyedUids(std::string_view key);
  ~KeyedUids();
  KeyedUids(const KeyedUids&) = delete;
  KeyedUids& operator=(const KeyedUids&) = delete;
  /// `counter` > 0 gives the next candidate after a collision.
  Uid of(std::string_view text, std::uint32_t counter);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

/// One of them.
Uid keyed_uid(std::string_view key, std::string_view text, std::uint32_t counter);

/// RFC 9562 version 7 from a time and 10 random bytes given by the caller.
Uid time_uid(std::int64_t unix_microseconds, const std::array<std::uint8_t, 10>& random);

std::string to_text(const Uid& uid);  // 8-4-4-4-12 lower-case hex
bool parse_uid(std::string_view text, Uid& uid);

/// Lower-case hex of SHA-256.
std::string sha256_hex(std::string_view bytes);
/// 16 lower-case hex digits.
std::string hex64(std::uint64_t value);

}  // namespace rondom
