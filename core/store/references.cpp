#include "store/references.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "store/bitmap.h"
#include "store/key_state.h"
#include "store/record_reader.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

StreamId stream_called(const Catalog& catalog, std::string_view source, std::string_view name) {
  for (const StreamInfo& info : catalog.streams()) {
    if (info.stream.source == source && info.stream.name == name) return info.stream.id;
  }
  return 0;
}

std::int64_t target_hash(std::string_view name) {
  return to_signed(identifier_hash(record_namespace, name));
}

/// Writes the difference between the rows of `reference` that these records have and shall have.
Status write_targets(Database& database, std::span<const RecordId> records,
                     const std::vector<std::pair<RecordId, std::int64_t>>& wanted) {
  std::vector<std::pair<RecordId, std::int64_t>> had;
  RONDOM_TRY(database.fetch({&tables::reference}, one_column(records), [&](std::size_t, auto row) {
    had.emplace_back(row[0].integer(), row[1].integer());
  }));
  std::sort(had.begin(), had.end());
  Rows erased(2), added(2);
  for (const auto& one : had) {
    if (!std::binary_search(wanted.begin(), wanted.end(), one)) erased.add({one.first, one.second});
  }
  for (const auto& one : wanted) {
    if (!std::binary_search(had.begin(), had.end(), one)) added.add({one.first, one.second});
  }
  RONDOM_TRY(database.erase(tables::reference, erased));
  return database.insert(tables::reference, added);
}

/// Who refers to one of these records, by the hash of its name.
Status find_referrers(Database& database, const Rows& targets, std::vector<RecordId>& referrers) {
  const Lookup parties{&tables::reference, &tables::reference_by_target[0], 0, 0, false};
  RONDOM_TRY(database.fetch(parties, targets,
                            [&](std::size_t, auto row) { referrers.push_back(row[0].integer()); }));
  const Lookup activities{&tables::activity, &tables::activity_by_actor[0], 0, 0, false};
  RONDOM_TRY(database.fetch(activities, targets,
                            [&](std::size_t, auto row) { referrers.push_back(row[0].integer()); }));
  std::sort(referrers.begin(), referrers.end());
  referrers.erase(std::unique(referrers.begin(), referrers.end()), referrers.end());
  return {};
}

struct LinkedRecord {
  RecordId id = 0;
  StreamId stream = 0;
  bool party = false, live = false;
  std::string key;
};

}  // namespace

bool refers(std::string_view canonical) {
  bool found = false;
  for_each_reference(canonical, [&](AttributeId, std::string_view) { found = true; });
  return found;
}

void append_references(const Catalog& catalog, RecordId record, std::string_view canonical,
                       std::vector<OpenReference>& references) {
  for_each_reference(canonical, [&](AttributeId attribute, std::string_view name) {
    OpenReference reference;
    reference.record = record;
    reference.attribute = attribute;
    reference.name = name;
    std::string source, stream;
    if (parse_record_name(name, source, stream, reference.key)) {
      reference.stream = stream_called(catalog, source, stream);
    }
    references.push_back(std::move(reference));
  });
}

Status look_up(Database& database, std::vector<OpenReference>& references) {
  using Key = std::pair<std::int64_t, std::int64_t>;  // stream, hash of the key
  std::map<Key, std::vector<OpenReference*>> by_key;
  for (OpenReference& reference : references) {
    if (reference.stream == 0) continue;
    by_key[{reference.stream, to_signed(hash64(reference.key))}].push_back(&reference);
  }
  Rows keys(2);
  std::vector<const std::vector<OpenReference*>*> wanted;
  for (const auto& [key, all] : by_key) {
    keys.add({key.first, key.second});
    wanted.push_back(&all);
  }
  std::vector<std::pair<RecordId, std::size_t>> candidates;  // and the key that found it
  RONDOM_TRY(database.fetch({&tables::source_key}, keys, [&](std::size_t k, auto row) {
    for (const RecordId id : read_key_row(row).records) candidates.emplace_back(id, k);
  }));
  RONDOM_TRY(database.fetch({&tables::output_key}, keys, [&](std::size_t k, auto row) {
    candidates.emplace_back(row[2].integer(), k);
  }));
  // A record whose own key has the hash of its source key is found both ways.
  std::sort(candidates.begin(), candidates.end());
  candidates.erase(std::unique(candidates.begin(), candidates.end()), candidates.end());
  std::vector<RecordId> ids;
  for (const auto& [id, key] : candidates) ids.push_back(id);
  const Lookup lookup{&tables::record, nullptr, tables::record_column::key + 1, 0, false};
  std::size_t at = 0;
  return database.fetch(lookup, one_column(ids), [&](std::size_t, auto row) {
    namespace column = tables::record_column;
    const RecordId id = row[column::id].integer();
    const bool counts = row[column::live].integer() != 0 &&
                        is_party(static_cast<Entity>(row[column::entity].integer()));
    while (at < candidates.size() && candidates[at].first < id) ++at;
    for (std::size_t i = at; i < candidates.size() && candidates[i].first == id; ++i) {
      for (OpenReference* reference : *wanted[candidates[i].second]) {
        reference->is_met =
            reference->is_met || (counts && row[column::key].bytes() == reference->key);
      }
    }
  });
}

Result<std::int64_t> TableStore::link_references(std::size_t records_max) {
  RONDOM_TRY(refresh_catalog());
  Bitmap linking(*database_, bitmap_set::linking);
  const bool never_looked = catalog_.next(Counter::references) == references_state::unknown;
  RONDOM_TRY_ASSIGN(const auto ids, linking.members(-1, records_max));
  const bool again = !ids.empty() && ids.front() == look_at_waiting;
  if (ids.empty() && !never_looked) return 0;
  const Status done = transact(Durability::process, [&]() -> Status {
    if (never_looked) {
      catalog_.set(Counter::references, references_state::some);
      return linking.add_all(bitmap_set::live);
    }
    if (again) {
      RONDOM_TRY(linking.load(ids));
      linking.clear(look_at_waiting);
      RONDOM_TRY(linking.flush());
      return Bitmap(*database_, bitmap_set::linking).add_all(bitmap_set::waiting);
    }
    return link(ids);
  });
  if (!done.ok()) return done.error();
  return std::max<std::int64_t>(1, static_cast<std::int64_t>(ids.size()));
}

Status TableStore::link(std::span<const RecordId> ids) {
  std::vector<LinkedRecord> records;
  std::vector<OpenReference> references;
  std::vector<RecordId> parties;
  std::vector<std::pair<RecordId, std::int64_t>> targets;
  RONDOM_TRY(database_->fetch({&tables::record}, one_column(ids), [&](std::size_t, auto row) {
    namespace column = tables::record_column;
    LinkedRecord record;
    record.id = row[column::id].integer();
    record.stream = static_cast<StreamId>(row[column::stream].integer());
    record.party = is_party(static_cast<Entity>(row[column::entity].integer()));
    record.live = row[column::live].integer() != 0;
    record.key = row[column::key].text();
    const std::size_t first = references.size();
    if (record.live) {
      append_references(catalog_, record.id, row[column::canonical].bytes(), references);
    }
    // Those of activities are found by their actor.
    if (record.party) parties.push_back(record.id);
    for (std::size_t i = first; record.party && i < references.size(); ++i) {
      targets.emplace_back(record.id, target_hash(references[i].name));
    }
    records.push_back(std::move(record));
  }));
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  RONDOM_TRY(write_targets(*database_, parties, targets));
  RONDOM_TRY(look_up(*database_, references));

  Bitmap waiting(*database_, bitmap_set::waiting);
  RONDOM_TRY(waiting.load(ids));
  for (const RecordId id : ids) waiting.clear(id);  // also of one that was forgotten
  for (const OpenReference& reference : references) {
    if (!reference.is_met) waiting.set(reference.record);
  }
  RONDOM_TRY(waiting.flush());

  Rows lost(1);
  for (const LinkedRecord& record : records) {
    const StreamInfo* info = catalog_.stream(record.stream);
    if (record.live || !record.party || info == nullptr) continue;
    lost.add({target_hash(record_name(info->stream.source, info->stream.name, record.key))});
  }
  lost.sort_unique(1);
  std::vector<RecordId> referrers;
  RONDOM_TRY(find_referrers(*database_, lost, referrers));
  Bitmap linking(*database_, bitmap_set::linking);
  RONDOM_TRY(linking.load(ids));
  RONDOM_TRY(linking.load(referrers));
  for (const RecordId id : ids) linking.clear(id);
  for (const RecordId id : referrers) {
    // One that was looked at just now saw what is stored now.
    if (!std::binary_search(ids.begin(), ids.end(), id)) linking.set(id);
  }
  return linking.flush();
}

Result<std::vector<RecordId>> TableStore::referring_records(std::span<const std::string> names,
                                                            std::size_t records_max) {
  Rows targets(1);
  for (const std::string& name : names) targets.add({target_hash(name)});
  targets.sort_unique(1);
  std::vector<RecordId> found;
  const Lookup parties{&tables::reference, &tables::reference_by_target[0], 0, records_max, false};
  RONDOM_TRY(database_->fetch(parties, targets,
                              [&](std::size_t, auto row) { found.push_back(row[0].integer()); }));
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

Result<std::vector<WaitingReference>> TableStore::waiting_references(RecordId after,
                                                                     std::size_t records_max) {
  RONDOM_TRY(refresh_catalog());
  RONDOM_TRY_ASSIGN(const auto ids,
                    Bitmap(*database_, bitmap_set::waiting).members(after, records_max));
  std::vector<WaitingReference> found;
  RONDOM_TRY_ASSIGN(const auto waiting, records(ids));
  std::vector<OpenReference> references;
  for (const StoredRecord& record : waiting) {
    append_references(catalog_, record.id, record.canonical, references);
  }
  RONDOM_TRY(look_up(*database_, references));
  for (const OpenReference& reference : references) {
    if (reference.is_met) continue;
    const auto record =
        std::lower_bound(waiting.begin(), waiting.end(), reference.record,
                         [](const StoredRecord& stored, RecordId id) { return stored.id < id; });
    const StreamInfo* info = catalog_.stream(record->stream);
    if (info == nullptr) continue;
    found.push_back({reference.record,
                     record_name(info->stream.source, info->stream.name, record->key),
                     reference.attribute, reference.name});
  }
  return found;
}

}  // namespace rondom::store
