#include "store/refused.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "model/refusals.h"
#include "store/bitmap.h"
#include "store/key_state.h"
#include "store/record_reader.h"

namespace rondom::store {
namespace {

constexpr std::string_view refusal_prefix = "\x1frefused\x1f";

bool is_consent(const rondom::Cell& cell) {
  return cell.attribute >= attribute::consent_purpose && cell.attribute <= attribute::consent_at;
}

bool is_contact(const rondom::Cell& cell) {
  return cell.attribute == attribute::email_value || cell.attribute == attribute::phone_value;
}

bool is_death(const rondom::Cell& cell) {
  return cell.attribute == attribute::death_status &&
         (cell.value == "presumed" || cell.value == "confirmed");
}

/// One consent: its cells without group, sorted by attribute as the record has them.
using Consent = std::vector<std::pair<AttributeId, std::string_view>>;

std::size_t parts_before_time(const Consent& consent) {
  const bool has_time = !consent.empty() && consent.back().first == attribute::consent_at;
  return consent.size() - (has_time ? 1 : 0);
}

std::string_view later_of(std::string_view a, std::string_view b) {
  const auto at = parse_time(a), other = parse_time(b);
  if (!at.ok() || !other.ok()) return at.ok() ? a : b;
  return *at < *other ? b : a;
}

/// Of the same said at several times, the latest; one without a time is later than any.
void keep_latest(std::vector<Consent>& sorted) {
  std::vector<Consent> kept;
  for (Consent& one : sorted) {
    const std::size_t parts = parts_before_time(one);
    const bool same = !kept.empty() && parts_before_time(kept.back()) == parts &&
                      std::equal(one.begin(), one.begin() + static_cast<std::ptrdiff_t>(parts),
                                 kept.back().begin());
    if (!same) {
      kept.push_back(std::move(one));
    } else if (kept.back().size() > parts &&
               (one.size() == parts ||
                later_of(kept.back().back().second, one.back().second) == one.back().second)) {
      kept.back() = std::move(one);
    }
  }
  sorted = std::move(kept);
}

struct Refusals {
  std::vector<Consent> consents;
  std::vector<std::pair<AttributeId, std::string_view>> contacts;
  std::string_view death;

  void add(std::string_view canonical);
  std::string bytes();
};

void Refusals::add(std::string_view canonical) {
  std::map<std::uint32_t, Consent> by_group;
  for (const rondom::Cell& cell : read_cells(canonical)) {
    if (is_consent(cell)) by_group[cell.group].emplace_back(cell.attribute, cell.value);
    if (is_contact(cell)) contacts.emplace_back(cell.attribute, cell.value);
    if (is_death(cell) && death != "confirmed") death = cell.value;
  }
  for (auto& [group, consent] : by_group) {
    const bool refuses = std::any_of(consent.begin(), consent.end(), [](const auto& part) {
      return part.first == attribute::consent_status && part.second != "granted";
    });
    if (refuses) consents.push_back(std::move(consent));
  }
}

std::string Refusals::bytes() {
  const auto sort_unique = [](auto& values) {
    std::sort(values.begin(), values.end());
    values.erase(std::unique(values.begin(), values.end()), values.end());
  };
  if (consents.empty() && death.empty()) return {};
  sort_unique(consents);
  sort_unique(contacts);
  keep_latest(consents);
  if (consents.size() > refusals_per_record_max) {
    consents = {{{attribute::consent_status, unreadable_consent}}};
  }
  if (contacts.size() > refusals_per_record_max) contacts.resize(refusals_per_record_max);
  RecordBuilder builder;
  std::uint32_t group = 0;
  for (const Consent& consent : consents) {
    ++group;
    for (const auto& [id, value] : consent) builder.add({id, group, value, {}, Rule::none, {}});
  }
  group = 0;
  for (const auto& [id, value] : contacts) builder.add({id, ++group, value, {}, Rule::none, {}});
  if (!death.empty()) builder.add({attribute::death_status, 0, death, {}, Rule::none, {}});
  return std::string(builder.bytes());
}

/// When the latest "yes" of a record was said or confirmed: a newer version of it says no, whatever
/// date it gives for that.
std::string_view latest_yes(const std::vector<rondom::Cell>& cells) {
  std::vector<std::uint32_t> granted;
  for (const rondom::Cell& cell : cells) {
    if (cell.attribute == attribute::consent_status && cell.value == "granted") {
      granted.push_back(cell.group);
    }
  }
  std::string_view latest;
  for (const rondom::Cell& cell : cells) {
    if (cell.attribute != attribute::consent_at &&
        cell.attribute != attribute::consent_confirmed_at) {
      continue;
    }
    const bool is_yes = std::find(granted.begin(), granted.end(), cell.group) != granted.end();
    if (is_yes) latest = later_of(latest, cell.value);
  }
  return latest;
}

/// `canonical` with what `refusals` says besides.
std::string amended(std::string_view canonical, std::string_view refusals) {
  RecordBuilder builder;
  std::uint32_t last = 0;
  builder.cells() = read_cells(canonical);
  for (const rondom::Cell& cell : builder.cells()) {
    if (is_consent(cell)) last = std::max(last, cell.group);
  }
  const std::string_view yes = latest_yes(builder.cells());
  for (rondom::Cell cell : read_cells(refusals)) {
    if (cell.attribute == attribute::consent_at) cell.value = later_of(cell.value, yes);
    if (is_death(cell)) {
      std::erase_if(builder.cells(), [](const rondom::Cell& own) {
        return own.attribute == attribute::death_status && own.value != "confirmed";
      });
      if (first_value(canonical, attribute::death_status) != "confirmed") builder.add(cell);
    } else if (is_consent(cell)) {
      cell.group += last;
      builder.add(cell);
    }
  }
  return std::string(builder.bytes());
}

}  // namespace

std::string refusal_key(std::string_view key) {
  std::string own(refusal_prefix);
  return own += key;
}

bool is_refusal_key(std::string_view key) {
  return key.starts_with(refusal_prefix);
}

std::string refusals_in(std::string_view canonical) {
  Refusals refusals;
  refusals.add(canonical);
  return refusals.bytes();
}

std::string join_refusals(std::string_view a, std::string_view b) {
  Refusals refusals;
  refusals.add(a);
  refusals.add(b);
  return refusals.bytes();
}

std::span<const Output> join_refusals(std::span<const Output> a, std::span<const Output> b,
                                      Arena& arena) {
  std::map<std::pair<Entity, std::string_view>, std::string> joined;
  for (const auto outputs : {a, b}) {
    for (const Output& output : outputs) {
      std::string& refusals = joined[{output.entity, output.key}];
      refusals = join_refusals(refusals, output.canonical);
    }
  }
  std::erase_if(joined, [](const auto& one) { return one.second.empty(); });
  Output* const outputs = arena.array<Output>(joined.size());
  std::size_t count = 0;
  for (const auto& [whose, refusals] : joined) {
    Output& output = outputs[count++];
    output = {};
    output.entity = whose.first;
    output.key = whose.second;
    output.canonical = arena.copy(refusals);
  }
  return {outputs, count};
}

std::string with_contacts_of(std::string_view refusals, std::string_view canonical) {
  Refusals all;
  all.add(refusals);
  for (const rondom::Cell& cell : read_cells(canonical)) {
    if (is_contact(cell)) all.contacts.emplace_back(cell.attribute, cell.value);
  }
  return all.bytes();
}

Status add_refusals(Database& database, std::vector<StoredRecord>& found) {
  Bitmap spoken_for(database, bitmap_set::refused);
  std::vector<RecordId> ids;
  for (const StoredRecord& record : found) ids.push_back(record.id);
  RONDOM_TRY(spoken_for.load(ids));
  std::map<std::pair<StreamId, std::int64_t>, std::vector<StoredRecord*>> by_key;
  for (StoredRecord& record : found) {
    if (!record.live || !spoken_for.test(record.id)) continue;
    const std::string& key = record.source_key.empty() ? record.key : record.source_key;
    by_key[{record.stream, to_signed(hash64(key))}].push_back(&record);
  }
  if (by_key.empty()) return {};
  Rows keys(2);
  std::vector<std::vector<StoredRecord*>*> about;
  for (auto& [key, records] : by_key) {
    keys.add({key.first, key.second});
    about.push_back(&records);
  }
  std::map<RecordId, std::vector<StoredRecord*>*> of_key;
  RONDOM_TRY(database.fetch({&tables::source_key}, keys, [&](std::size_t k, auto row) {
    for (const RecordId id : read_key_row(row).records) of_key[id] = about[k];
  }));
  std::vector<RecordId> all;
  for (const auto& [id, records] : of_key) all.push_back(id);
  return database.fetch({&tables::record}, one_column(all), [&](std::size_t k, auto row) {
    namespace column = tables::record_column;
    const std::string_view own = row[column::key].bytes();
    const std::string_view refusals = row[column::canonical].bytes();
    if (!is_refusal_key(own) || refusals.empty()) return;
    const std::string_view whose = own.substr(refusal_prefix.size());
    for (StoredRecord* const record : *of_key[all[k]]) {
      const bool same_entity =
          row[column::entity].integer() == static_cast<std::int64_t>(record->entity);
      if (!same_entity || (!whose.empty() && whose != record->key)) continue;
      record->canonical = amended(record->canonical, refusals);
    }
  });
}

}  // namespace rondom::store
