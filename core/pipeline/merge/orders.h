// orders: which of a customer's order records are one order, and which of the opportunities one.
//
// A web shop and its web analytics, or its ledger, tell of the same order, each under a key of its
// own. What they share is the number that the customer was given. Two records are one order when
// the number is the same (blanks and case aside), they come from different streams or have the same
// key, and their times are at most two days apart. Numbers of two shops may be alike, which is why
// this is asked of one customer's records only. A record without a number is an order of its own.
//
// The same holds for opportunities, of which the second system is told when it gets to do with
// them: theirs may be 90 days apart.
//
// Pure functions of the records and the trust of merge.yaml; equal sets give equal answers in any
// order.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "pipeline/merge/merge.h"

namespace rondom::merge {

inline constexpr std::int64_t one_order_apart_max = 2ll * 86'400 * 1'000'000;  // microseconds
inline constexpr std::int64_t one_opportunity_apart_max = 90ll * 86'400 * 1'000'000;

struct OrderRecord {
  Member member;
  std::string_view stream;  // "shop.orders"
  std::string_view key;     // its own, within the stream
};

/// The records that tell of it, the one whose word counts first: the most trusted, then the newest.
struct Order {
  std::vector<std::uint32_t> records;
};

/// Newest first, by the time that the word that counts gives; those without a time last.
std::vector<Order> orders_of(const Rules& rules, const std::vector<OrderRecord>& records);
/// The same of records of opportunities.
std::vector<Order> opportunities_of(const Rules& rules, const std::vector<OrderRecord>& records);

/// What they say together: the word of the first one, and of the next ones what those before leave
/// out. A list (the lines) is taken whole from one record. Valid until the next call on `builder`,
/// and as long as the records.
std::string_view values_of(const Order& order, const std::vector<OrderRecord>& records,
                           RecordBuilder& builder);

}  // namespace rondom::merge
