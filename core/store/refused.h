// What the refused rows of a key say no to. Private.
//
// A refused row is no version that counts, but the refusals in it are heard (decision 0024). They
// are kept twice: in record_version, as one version of kind `refused` that joins what all refused
// rows newer than the version that counts say, and as a record that is never live, under which the
// contact points are found that they are about. Whoever reads the live record of the key reads them
// with it.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"
#include "store/store.h"

namespace rondom::store {

/// Refusals kept of one key; what says more is kept as one refusal of everything.
inline constexpr std::size_t refusals_per_record_max = 100;

/// The own key of the record that keeps the refusals of the record `key` ("" = of the whole source
/// record).
std::string refusal_key(std::string_view key);
bool is_refusal_key(std::string_view key);

/// Of a canonical record, what outlives the refusal of its row: consents that are no "yes", death,
/// and the contact points they are about. Empty when it refuses nothing.
std::string refusals_in(std::string_view canonical);
/// What either says, once. An element that both say differs in nothing.
std::string join_refusals(std::string_view a, std::string_view b);
/// The same for the outputs of two refused rows, by entity and key. Texts live in `arena`.
std::span<const Output> join_refusals(std::span<const Output> a, std::span<const Output> b,
                                      Arena& arena);
/// `refusals` with the contact points of `canonical`: about whom a refusal is that names none.
std::string with_contacts_of(std::string_view refusals, std::string_view canonical);

/// Those of `found` (sorted by id) about which refused rows say something say it too.
Status add_refusals(Database& database, std::vector<StoredRecord>& found);

}  // namespace rondom::store
