// town: people from a seed as records of three systems, with slips, gaps, other addresses and
// housemates; one to three records a person, and who is who. For measuring resolving.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "config/config.h"
#include "pipeline/resolve/resolve.h"
#include "support/people.h"

namespace rondom::bench {

class Town {
 public:
  Town(std::uint64_t people, std::uint64_t seed);
  /// By id, from 1; names are source.stream/id.
  std::vector<resolve::Candidate>& candidates() { return candidates_; }
  /// By record name.
  std::vector<std::uint32_t> truth_of(const std::vector<resolve::Candidate>& candidates) const;

 private:
  struct Somebody {
    std::string given, surname, birth, email, phone, street, number, postcode;
  };
  Somebody somebody(std::uint64_t seed, std::uint64_t number);
  void add(const Somebody& one);

  support::Dice dice_;
  std::deque<std::string> texts_;
  std::vector<resolve::Candidate> candidates_;
  std::vector<std::uint32_t> truth_;
};

/// E-mail addresses and telephone numbers join, five of each a person.
config::Identity contact_points_join();

}  // namespace rondom::bench
