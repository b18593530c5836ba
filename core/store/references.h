// References of records to other records, and whether those are there. Private.
//
// A reference waits while no live party has the name it says: the source has not sent it yet, or
// took it back. Which records wait is a function of what is stored, not of the order of arrival:
// every change marks (bitmap_set::linking) what it may concern, and link_references() looks at
// those again.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "model/model.h"
#include "store/catalog.h"
#include "store/database.h"
#include "store/store.h"

namespace rondom::store {

/// Counter::references: what is known of the references of this store.
namespace references_state {
inline constexpr std::int64_t unknown = 1;  // written before references were looked at
inline constexpr std::int64_t none = 2;     // no record ever referred to another
inline constexpr std::int64_t some = 3;
}  // namespace references_state

/// In bitmap_set::linking, where no record has this id: a party became live, so that whatever waits
/// may be waiting for it.
inline constexpr std::int64_t look_at_waiting = 0;

/// Calls f(attribute, record name) for every reference of a canonical record.
template <typename F>
void for_each_reference(std::string_view canonical, F&& f) {
  RecordReader reader(canonical);
  rondom::Cell cell;
  while (reader.next(cell) && cell.attribute <= attribute::activity_party) {
    if (cell.attribute == attribute::relation_to || cell.attribute == attribute::activity_party) {
      f(cell.attribute, cell.value);
    }
  }
}
bool refers(std::string_view canonical);

/// One reference of one record, as it is looked up.
struct OpenReference {
  RecordId record = 0;
  AttributeId attribute = 0;
  std::string name;     // "source.stream/key"
  StreamId stream = 0;  // 0: nothing was ever read of it, or the name is none
  std::string key;
  bool is_met = false;  // a live party has this name
};

/// References of these records (live ones), with stream and key filled in.
void append_references(const Catalog& catalog, RecordId record, std::string_view canonical,
                       std::vector<OpenReference>& references);
/// Sets is_met, with a bounded number of look-ups for all of them together.
Status look_up(Database& database, std::vector<OpenReference>& references);

}  // namespace rondom::store
