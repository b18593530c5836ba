#include "store/change_set.h"

#include <algorithm>

#include "model/owner_change.h"
#include "store/codec.h"
#include "store/record_reader.h"
#include "store/references.h"

namespace rondom::store {
namespace {

const Version* find_top(const std::vector<Version>& versions) {
  const auto found = std::find_if(versions.begin(), versions.end(), [](const Version& version) {
    return version.kind != VersionKind::contradicted && version.kind != VersionKind::refused;
  });
  return found == versions.end() ? nullptr : &*found;
}

/// The actor of an activity is a party's record, or something with a hash of the same tag.
bool is_record(std::uint64_t actor) {
  static const std::uint8_t tag = identifier_tag(identifier_hash(record_namespace, {}));
  return actor != 0 && identifier_tag(actor) == tag;
}

bool same_identity(const Version& a, const Version& b) {
  return a.same_order(b) && a.raw_hash == b.raw_hash;
}

bool same_content(const Version& a, const Version& b) {
  return a.kind == b.kind && a.map == b.map && a.raw == b.raw && a.run == b.run &&
         a.counted == b.counted && same_outputs(a.outputs, b.outputs);
}

std::vector<RawPlace> places(const std::vector<Version>& versions) {
  std::vector<RawPlace> found;
  for (const Version& version : versions) {
    if (version.raw.block != 0) found.push_back(version.raw);
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  return found;
}

}  // namespace

ChangeSet::ChangeSet(Database& database, Catalog& catalog, RecentPostings& recent, Arena& arena,
                     StreamId stream, bool keep_raw, std::span<const std::string> raw_blocks)
    : database_(database),
      catalog_(catalog),
      recent_(recent),
      arena_(arena),
      stream_(stream),
      keep_raw_(keep_raw),
      raw_(database, catalog.next(Counter::raw_block), raw_blocks),
      keys_(tables::source_key.columns.size()),
      record_inserts_(tables::record.columns.size()),
      record_updates_(tables::record.columns.size()),
      output_keys_(tables::output_key.columns.size()),
      record_erases_(1),
      output_key_erases_(tables::output_key.key_columns),
      version_upserts_(tables::record_version.columns.size()),
      version_erases_(tables::record_version.key_columns),
      activity_upserts_(tables::activity.columns.size()),
      activity_erases_(1) {
  const bool is_empty = catalog.next(Counter::record) == 1;
  if (is_empty) catalog.raise(Counter::references, references_state::none);
}

void ChangeSet::reserve(std::size_t keys) {
  keys_.reserve(keys);
  record_inserts_.reserve(keys);
  changed_.reserve(keys);
}

RecordId ChangeSet::settle(const KeyState& before, KeyVersions& versions,
                           std::string_view source_key) {
  const auto kept = versions.prune();
  std::vector<Version> after(kept.begin(), kept.end());
  place_raw(before, after);
  const Version* top = find_top(after);
  auto records = settle_records(before, top, source_key);
  settle_refused(before, after, top, source_key, records);
  settle_versions(before, after, top);
  settle_key(before, after, top, records);
  return records.empty() ? 0 : records.front();
}

RecordId ChangeSet::settle_without(const KeyState& before, KeyVersions& versions,
                                   std::string_view source_key,
                                   std::span<const RecordId> forgotten) {
  forgotten_ = forgotten;
  const RecordId first = settle(before, versions, source_key);
  forgotten_ = {};
  return first;
}

void ChangeSet::place_raw(const KeyState& before, std::vector<Version>& versions) {
  for (Version& version : versions) {
    const bool wanted = keep_raw_ && version.kind == VersionKind::mapped &&
                        version.raw.block == 0 && version.row && !version.row->raw.empty();
    if (!wanted) continue;
    const RawPacker::Place packed = version.row->packed;
    version.raw = packed.block != 0 ? raw_.use(packed) : raw_.append(version.row->raw);
  }
  if (!before.exists) return;
  std::vector<Version> stored = before.versions;
  if (before.live()) stored.push_back(before.top(arena_));
  const auto used = places(versions);
  for (const RawPlace& place : places(stored)) {
    if (!std::binary_search(used.begin(), used.end(), place)) raw_.release(place);
  }
}

std::vector<RecordId> ChangeSet::settle_records(const KeyState& before, const Version* top,
                                                std::string_view source_key) {
  std::vector<RecordId> ids = before.row.records;
  std::vector<bool> wanted(before.records.size(), false);
  const bool mapped = top && top->kind == VersionKind::mapped;
  live_.clear();
  for (std::size_t i = 0; mapped && i < top->outputs.size(); ++i) {
    const Output& output = top->outputs[i];
    const auto same = [&](const auto& other) {
      return other.entity == output.entity && other.key == output.key;
    };
    const auto earlier = top->outputs.first(i);
    if (std::any_of(earlier.begin(), earlier.end(), same)) continue;
    const auto old = std::find_if(before.records.begin(), before.records.end(), same);
    if (old != before.records.end()) {
      wanted[static_cast<std::size_t>(old - before.records.begin())] = true;
      write_record(before, output, *top, old->id, source_key, &*old);
      live_.emplace_back(old->id, &output);
    } else {
      const RecordId id = catalog_.take(Counter::record);
      ids.push_back(id);
      write_record(before, output, *top, id, source_key, nullptr);
      live_.emplace_back(id, &output);
    }
  }
  for (std::size_t i = 0; i < wanted.size(); ++i) {
    if (wanted[i]) continue;
    const RecordRow& old = before.records[i];
    if (std::binary_search(forgotten_.begin(), forgotten_.end(), old.id)) {
      forget_record(old);
      std::erase(ids, old.id);
    } else if (old.live) {
      withdraw_record(before, old);
    }
  }
  return ids;
}

void ChangeSet::write_record(const KeyState& before, const Output& output, const Version& top,
                             RecordId id, std::string_view source_key, const RecordRow* old) {
  const bool party = is_party(output.entity);
  Changed change{id, party, old && old->live, true, true, false, {}, false};
  change.refers =
      party ? (output.may_refer && refers(output.canonical)) || (old && refers(old->canonical))
            : is_record(output.actor) || (old && is_record(old->actor));
  if (!old && party && output.identifiers_known) recent_.add(id, output.identifiers);
  if (old) {
    recent_.forget(id);
    change.content = !old->live || old->canonical != output.canonical;
    change.old_canonical = old->canonical;
    // By the same map: another map may read every field from elsewhere. Of a key that was away
    // nobody knows by which map it was read, and those who come back under a key that was free are
    // likelier others.
    const bool same_map = before.row.kind == VersionKind::removed || before.row.map == top.map;
    change.new_owner = change.content && output.entity == Entity::person && same_map &&
                       is_owner_change(old->canonical, output.canonical);
    const bool time = old->observed_at != top.observed_at;
    const bool acted = old->actor != output.actor || old->at != output.at;
    if (!change.content && !time && !acted && old->raw == top.raw) return;
    if (change.content || time) changed_.push_back(change);
  } else {
    changed_.push_back(change);
  }
  Rows& rows = old ? record_updates_ : record_inserts_;
  rows.add({id, stream_, before.key_hash, static_cast<std::int64_t>(output.entity), 1,
            top.observed_at, top.raw.block, top.raw.index, output.key,
            output.key == source_key ? Cell() : Cell(source_key), output.canonical});
  if (!old && output.key != source_key) {
    output_keys_.add({stream_, to_signed(hash64(output.key)), id});
  }
  if (party) return;
  if (output.actor != 0)
    activity_upserts_.add({id, to_signed(output.actor), output.at});
  else if (old && old->actor != 0)
    activity_erases_.add({id});
}

void ChangeSet::note_withdrawn(const RecordRow& old) {
  const bool party = is_party(old.entity);
  recent_.forget(old.id);
  const bool referred = party ? refers(old.canonical) : is_record(old.actor);
  changed_.push_back({old.id, party, true, false, true, referred, old.canonical, false});
  if (!party && old.actor != 0) activity_erases_.add({old.id});
}

void ChangeSet::forget_record(const RecordRow& old) {
  if (old.live) note_withdrawn(old);
  record_erases_.add({old.id});
  if (old.key != old.source_key) {
    output_key_erases_.add({stream_, to_signed(hash64(old.key)), old.id});
  }
}

void ChangeSet::withdraw_record(const KeyState& before, const RecordRow& old) {
  note_withdrawn(old);
  record_updates_.add({old.id, stream_, before.key_hash, static_cast<std::int64_t>(old.entity), 0,
                       old.observed_at, 0, 0, old.key,
                       old.key == old.source_key ? Cell() : Cell(old.source_key), old.canonical});
}

void ChangeSet::settle_versions(const KeyState& before, const std::vector<Version>& versions,
                                const Version* top) {
  for (const Version& version : versions) {
    if (&version == top) continue;
    const auto stored =
        std::find_if(before.versions.begin(), before.versions.end(),
                     [&](const Version& other) { return same_identity(version, other); });
    if (stored != before.versions.end() && same_content(*stored, version)) continue;
    std::string outputs;
    append_outputs(outputs, version.outputs);
    version_upserts_.add({stream_, before.key_hash, version.observed_at, version.generation,
                          to_signed(version.raw_hash), static_cast<std::int64_t>(version.kind),
                          version.map, version.run, static_cast<std::int64_t>(version.counted),
                          version.raw.block, version.raw.index,
                          bytes_or_null(arena_.copy(outputs))});
  }
  for (const Version& stored : before.versions) {
    const bool kept = std::any_of(versions.begin(), versions.end(), [&](const Version& version) {
      return &version != top && same_identity(version, stored);
    });
    if (kept) continue;
    version_erases_.add({stream_, before.key_hash, stored.observed_at, stored.generation,
                         to_signed(stored.raw_hash)});
  }
}

Cell ChangeSet::others_cell(const std::vector<RecordId>& records) {
  if (records.size() < 2) return {};
  std::string bytes;
  append_ids(bytes, std::span(records).subspan(1));
  return arena_.copy(bytes);
}

void ChangeSet::settle_key(const KeyState& before, const std::vector<Version>& versions,
                           const Version* top, const std::vector<RecordId>& records) {
  if (!before.exists && versions.empty()) return;
  KeyRow row;
  row.has_versions = versions.size() > (top ? 1u : 0u);
  row.has_contradictions =
      std::any_of(versions.begin(), versions.end(),
                  [](const Version& version) { return version.kind == VersionKind::contradicted; });
  row.has_refused = std::any_of(versions.begin(), versions.end(), [](const Version& version) {
    return version.kind == VersionKind::refused;
  });
  if (top) {
    row.kind = top->kind;
    row.raw_hash = top->raw_hash;
    row.map = top->map;
    row.counted = top->counted;
    row.observed_at = top->observed_at;
    row.generation = top->generation;
    row.run = top->run;
  }
  const KeyRow& old = before.row;
  const bool live = top && top->kind == VersionKind::mapped;
  const RecordId first = records.empty() ? 0 : records.front();
  const RecordId old_first = old.records.empty() ? 0 : old.records.front();
  if (old_first != first && old_first != 0 && before.live()) {
    key_marks_.emplace_back(old_first, false);  // it was forgotten
    if (live) key_marks_.emplace_back(first, true);
  } else if (first != 0 && live != before.live()) {
    key_marks_.emplace_back(first, live);
  }
  // A generation that only says "seen again" is kept by the refresh, not by every row.
  const bool same = before.exists && row.kind == old.kind && row.raw_hash == old.raw_hash &&
                    row.map == old.map && row.observed_at == old.observed_at &&
                    row.has_versions == old.has_versions &&
                    row.has_contradictions == old.has_contradictions &&
                    row.has_refused == old.has_refused && records == old.records;
  if (same) return;
  keys_.add({stream_, before.key_hash, to_signed(row.raw_hash), row.map, pack_state(row),
             row.observed_at, row.generation, row.run, records.empty() ? 0 : records.front(),
             others_cell(records)});
}

Status ChangeSet::flush() {
  RONDOM_TRY(raw_.flush());
  catalog_.raise(Counter::raw_block, raw_.next_block());
  RONDOM_TRY(flush_marks());
  keys_.sort_unique(2);
  RONDOM_TRY(database_.upsert(tables::source_key, keys_));
  RONDOM_TRY(database_.insert(tables::record, record_inserts_));
  record_updates_.sort_unique(1);
  RONDOM_TRY(database_.upsert(tables::record, record_updates_));
  output_keys_.sort_unique(3);
  RONDOM_TRY(database_.insert(tables::output_key, output_keys_));
  record_erases_.sort_unique(1);
  RONDOM_TRY(database_.erase(tables::record, record_erases_));
  output_key_erases_.sort_unique(tables::output_key.key_columns);
  RONDOM_TRY(database_.erase(tables::output_key, output_key_erases_));
  version_erases_.sort_unique(tables::record_version.key_columns);
  RONDOM_TRY(database_.erase(tables::record_version, version_erases_));
  version_upserts_.sort_unique(tables::record_version.key_columns);
  RONDOM_TRY(database_.upsert(tables::record_version, version_upserts_));
  activity_erases_.sort_unique(1);
  RONDOM_TRY(database_.erase(tables::activity, activity_erases_));
  activity_upserts_.sort_unique(1);
  RONDOM_TRY(database_.upsert(tables::activity, activity_upserts_));
  return flush_refused();
}

/// What this change may concern of who refers to whom; nothing, as long as no record ever referred.
Status ChangeSet::flush_links() {
  std::vector<RecordId> ids;
  bool any_refers = false, any_found = false;
  for (const Changed& change : changed_) {
    if (!change.content) continue;
    any_refers = any_refers || change.refers;
    any_found = any_found || (change.party && change.is_live && !change.was_live);
  }
  if (any_refers) catalog_.raise(Counter::references, references_state::some);
  if (catalog_.next(Counter::references) == references_state::none) return {};
  for (const Changed& change : changed_) {
    const bool is_lost = change.party && change.was_live && !change.is_live;
    if (change.content && (change.refers || is_lost)) ids.push_back(change.id);
  }
  if (any_found) ids.push_back(look_at_waiting);
  std::sort(ids.begin(), ids.end());
  Bitmap linking(database_, bitmap_set::linking);
  RONDOM_TRY(linking.load(ids));
  for (const RecordId id : ids) linking.set(id);
  return linking.flush();
}

Status ChangeSet::flush_key_marks() {
  std::vector<RecordId> ids;
  for (const auto& [record, live] : key_marks_) ids.push_back(record);
  std::sort(ids.begin(), ids.end());
  Bitmap keys(database_, bitmap_set::keys_base + stream_);
  RONDOM_TRY(keys.load(ids));
  for (const auto& [record, live] : key_marks_) {
    if (live)
      keys.set(record);
    else
      keys.clear(record);
  }
  key_marks_.clear();
  return keys.flush();
}

Status ChangeSet::flush_new_owners() {
  std::vector<RecordId> ids;
  for (const Changed& change : changed_) {
    if (change.new_owner) ids.push_back(change.id);
  }
  if (ids.empty()) return {};
  for (const std::int64_t set :
       {bitmap_set::new_owner, bitmap_set::had_owner, bitmap_set::to_review}) {
    Bitmap owners(database_, set);
    RONDOM_TRY(owners.load(ids));
    for (const RecordId id : ids) owners.set(id);
    RONDOM_TRY(owners.flush());
  }
  return {};
}

Status ChangeSet::flush_marks() {
  std::sort(changed_.begin(), changed_.end(),
            [](const Changed& a, const Changed& b) { return a.id < b.id; });
  std::vector<RecordId> all, parties;
  for (const Changed& change : changed_) {
    all.push_back(change.id);
    if (change.party) parties.push_back(change.id);
  }
  Bitmap live(database_, bitmap_set::live), party(database_, bitmap_set::party);
  Bitmap dirty(database_, bitmap_set::dirty), unposted(database_, bitmap_set::unposted);
  RONDOM_TRY(live.load(all));
  Bitmap compared(database_, bitmap_set::compared), differs(database_, bitmap_set::differs);
  for (Bitmap* set : {&party, &dirty, &unposted, &compared, &differs}) {
    RONDOM_TRY(set->load(parties));
  }
  Rows posted(2), compared_as(2);
  for (const Changed& change : changed_) {
    if (change.is_live)
      live.set(change.id);
    else
      live.clear(change.id);
    if (!change.party) continue;
    party.set(change.id);
    dirty.set(change.id);
    if (change.content && compared.test(change.id) && !differs.test(change.id)) {
      differs.set(change.id);
      compared_as.add({change.id, change.old_canonical});
    }
    if (!change.content || unposted.test(change.id)) continue;
    unposted.set(change.id);
    if (change.old_canonical.empty()) continue;
    const auto before = postings_of(change.old_canonical, change.was_live);
    if (!before.empty()) posted.add({change.id, arena_.copy(encode_identifiers(before))});
  }
  RONDOM_TRY(flush_new_owners());
  RONDOM_TRY(flush_key_marks());
  RONDOM_TRY(flush_links());
  RONDOM_TRY(database_.upsert(tables::posted, posted));
  RONDOM_TRY(database_.upsert(tables::compared_as, compared_as));
  for (Bitmap* set : {&live, &party, &dirty, &unposted, &differs}) RONDOM_TRY(set->flush());
  changed_.clear();
  return {};
}

}  // namespace rondom::store
