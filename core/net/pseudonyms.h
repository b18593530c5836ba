// Pseudonyms: who stands on a cassette as person-1, person-2, … One for all connections of a tape:
// the same person must be the same there, and no two may share a number, or playing it would make
// one of them.
//
// Any thread.
#pragma once

#include <cstddef>
#include <map>
#include <mutex>
#include <string>

namespace rondom::net {

class Pseudonyms {
 public:
  /// "person-7" of an e-mail address in lower case, by the order in which they were first seen.
  std::string of(const std::string& address) {
    const std::lock_guard lock(mutex_);
    const auto person = people_.emplace(address, people_.size() + 1).first;
    return "person-" + std::to_string(person->second);
  }

 private:
  std::mutex mutex_;
  std::map<std::string, std::size_t> people_;
};

}  // namespace rondom::net
