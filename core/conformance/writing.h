// writing: a delivery of the fixture's records, and what the destination said of them. In a check's
// child process, as everything of driver.h.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "conformance/driver.h"

namespace rondom::conformance {

/// Between two deliveries of the same.
inline constexpr std::int64_t between_deliveries_us = 3'600ll * 1'000'000;

const char* outcome_name(std::uint32_t outcome);
/// "OK; 0 accepted, 1 rejected".
std::string outcomes_text(const Written& written);
/// Does the fixture's system refuse this record?
bool is_rejected(const Fixture& fixture, std::size_t index);
bool as_the_fixture_says(const Fixture& fixture, const Written& written);
/// " (the cassette has no answer to …)", or empty.
std::string unanswered_text(const FakeHost& host);

struct Delivery {
  Written written;
  std::vector<Exchange> exchanges;
  std::vector<std::string> violations;
};
/// Opens, writes everything, flushes, closes; ends the check when the fixture cannot be written.
Delivery deliver(const Subject& subject, std::int64_t later = 0);

}  // namespace rondom::conformance
