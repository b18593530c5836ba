// What the shipped attributes mean, written down a second time: plain loops over plain structures,
// with a calendar of its own, knowing nothing of expressions, plans or windows. For Amsterdam,
// "bike", "email" and 2025.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace rondom::enrich::test {

inline constexpr std::int64_t day_seconds = 86'400;

struct PlainLine {
  std::string category;
  std::int64_t cents = 0;
};
struct PlainOrder {
  std::int64_t second = 0;
  std::string status;
  std::int64_t cents = 0;
  std::vector<PlainLine> lines;
};
struct PlainEvent {
  std::int64_t second = 0;
  std::string type, channel, subject;
  int score = -1;     // none
  std::string actor;  // "visitor:v1"; empty: a record of theirs
};
struct PlainNeed {
  std::int64_t second = 0;
  std::string subject, status, kind;
};
struct PlainAnswer {
  std::int64_t second = 0;
  std::string measure;
  int score = 0, scale_max = 0;  // 0: not told
};
struct PlainOpportunity {
  std::int64_t second = 0;
  std::string stage;
};
struct PlainConsent {
  std::string status;
  std::int64_t expires = -1;  // second; -1 = never
};
/// Somebody's history; lists in any order.
struct PlainHistory {
  std::string birth_date;  // 1980, 1980-05, 1980-05-31 or nothing
  std::string stated_channel;
  std::string death;        // presumed, confirmed or nothing
  std::string suppression;  // its kind
  bool surname = false, email = false, phone = false, address = false;
  std::vector<PlainOrder> orders;
  std::vector<PlainEvent> events;
  std::vector<PlainNeed> needs;
  std::vector<PlainAnswer> answers;
  std::vector<PlainOpportunity> opportunities;
  std::vector<PlainConsent> consents;
};

/// As JSON that a History is read from; lists newest first, as a store gives them.
std::string json_of(PlainHistory history);

/// Every shipped attribute but parts of lists by name, as JSON text; decimals have six digits
/// behind the point at most.
std::map<std::string, std::string> slow_reference(const PlainHistory& history, std::int64_t now);

}  // namespace rondom::enrich::test
