// suppressions: the lists of suppressions/*.yaml, whom nothing is sent to whatever was agreed to.
// Immutable once it is read; any thread.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "config/config.h"

namespace rondom::config {

/// Entries of all lists together.
inline constexpr std::size_t suppressions_max = 1'000'000;

struct Suppression {
  std::string list, kind, note;
  std::string channel, purpose, destination;  // empty: every one
  Timestamp begins_at = no_time, ends_at = no_time;
  bool contact_only = false;  // the address or number is closed, not the person
  Location at;
};

class Suppressions {
 public:
  /// `value`: an e-mail address in small letters, a phone number as E.164, or another identifier's
  /// value.
  void add(std::string_view name_space, std::string_view value, Suppression suppression);
  /// The same of which only the SHA-256, in hexadecimal, is known.
  void add_hashed(std::string_view name_space, std::string_view sha256, Suppression suppression);
  /// Calls `take` with every entry that names this value. E-mail addresses in any case.
  void each(std::string_view name_space, std::string_view value,
            const std::function<void(const Suppression&)>& take) const;
  bool empty() const { return entries_.empty(); }
  std::size_t size() const { return entries_.size(); }
  const std::vector<Suppression>& entries() const { return entries_; }
  /// Of all that decides; not of notes and places.
  std::uint64_t fingerprint() const { return fingerprint_; }

 private:
  using Index = std::unordered_map<std::string, std::vector<std::uint32_t>>;
  void add(Index& index, std::string key, Suppression suppression);

  std::vector<Suppression> entries_;
  Index plain_, hashed_;  // by "namespace:value"
  std::uint64_t fingerprint_ = 0;
};

}  // namespace rondom::config
