// Another name for a job or a source: everything that says the old one says the new one, in one
// transaction.
//
// Jobs are named by streams, checkpoints, destinations, small values and the reports of runs.
// Sources are named by streams, and by records that refer to a record of theirs; everything else
// goes by numbers.
#include <algorithm>

#include "store/bitmap.h"
#include "store/codec.h"
#include "store/record_reader.h"
#include "store/references.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

constexpr std::size_t rows_per_chunk = 5'000;
constexpr std::size_t reports_per_chunk = 200;
constexpr std::size_t renamed_checkpoints_max = 100'000;

/// `text` with every `from` as `to`; empty when there is none.
std::string replaced(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  std::size_t begin = 0;
  for (std::size_t at; (at = text.find(from, begin)) != std::string_view::npos;
       begin = at + from.size()) {
    out.append(text.substr(begin, at - begin)).append(to);
  }
  return begin == 0 ? std::string() : out.append(text.substr(begin));
}

std::string job_member(std::string_view job) {
  std::string out = "\"job\":";
  append_json_string(out, job);
  return out;
}

/// Gives records that name one of the source the name that it has now.
class References {
 public:
  References(std::string_view from, std::string_view to) : from_(prefix(from)), to_(prefix(to)) {}

  /// False: it names none. Else the record as it is now is in `renamed`.
  bool rename(std::string_view canonical, std::string& renamed) {
    bool concerned = false;
    for_each_reference(canonical, [&](AttributeId, std::string_view name) {
      concerned = concerned || name.starts_with(from_);
    });
    if (!concerned) return false;
    std::vector<std::string> names;
    std::vector<rondom::Cell> cells = read_cells(canonical);
    names.reserve(cells.size());
    for (rondom::Cell& cell : cells) {
      const bool refers_to =
          cell.attribute == attribute::relation_to || cell.attribute == attribute::activity_party;
      if (!refers_to || !cell.value.starts_with(from_)) continue;
      names.push_back(to_ + std::string(cell.value.substr(from_.size())));
      cell.value = names.back();
    }
    builder_.clear();
    for (const rondom::Cell& cell : cells) builder_.add(cell);
    renamed = builder_.bytes();
    return true;
  }

 private:
  /// What every name of its records begins with.
  static std::string prefix(std::string_view source) {
    const std::string name = record_name(source, {}, {});
    return name.substr(0, name.size() - 1);  // without the '/' of an empty stream
  }
  const std::string from_, to_;
  RecordBuilder builder_;
};

}  // namespace

Result<bool> TableStore::has_row(const Table& table, Cell begin) {
  bool found = false;
  const Scan first{&table, nullptr, {begin}, {}, 1, table.key_columns, false};
  RONDOM_TRY(database_->scan(first, [&](std::size_t, auto) { found = true; }));
  return found;
}

Result<bool> TableStore::remembers(Renaming::Kind kind, std::string_view name,
                                   const std::vector<std::string>& destinations) {
  RONDOM_TRY(refresh_catalog());
  for (const StreamInfo& info : catalog_.streams()) {
    if ((kind == Renaming::Kind::job ? info.stream.job : info.stream.source) != name) continue;
    RONDOM_TRY_ASSIGN(const bool was_read, has_row(tables::source_key, info.stream.id));
    if (was_read) return true;
  }
  for (const std::string& destination : destinations) {
    const DestinationInfo* const info = catalog_.destination(destination);
    if (info == nullptr) continue;
    RONDOM_TRY_ASSIGN(const bool was_sent, has_row(tables::delivery, info->id));
    if (was_sent) return true;
  }
  if (kind == Renaming::Kind::source) return false;
  return has_row(tables::checkpoint, name);
}

Result<std::vector<std::string>> TableStore::destinations() {
  RONDOM_TRY(refresh_catalog());
  std::vector<std::string> found;
  for (const auto& [name, info] : catalog_.destinations()) {
    RONDOM_TRY_ASSIGN(const bool was_sent, has_row(tables::delivery, info.id));
    if (was_sent) found.push_back(name);
  }
  return found;
}

Result<Renamed> TableStore::rename(const Renaming& renaming) {
  const char* const what = renaming.kind == Renaming::Kind::job ? "job " : "source ";
  std::vector<std::string> before, now;
  for (const auto& [from, to] : renaming.destinations) {
    before.push_back(from);
    now.push_back(to);
  }
  RONDOM_TRY_ASSIGN(const bool known, remembers(renaming.kind, renaming.from, before));
  if (!known) return Error{ErrorCode::usage, "nothing is remembered of " + (what + renaming.from)};
  RONDOM_TRY_ASSIGN(const bool taken, remembers(renaming.kind, renaming.to, now));
  if (taken) {
    return Error{ErrorCode::usage,
                 what + renaming.to + " has read or sent something of its own already"};
  }
  Renamed renamed;
  RONDOM_TRY(transact(Durability::power, [&]() -> Status {
    RONDOM_TRY(rename_catalog(renaming, renamed));
    RONDOM_TRY(rename_values(renaming));
    if (renaming.kind == Renaming::Kind::job) {
      RONDOM_TRY(rename_checkpoints(renaming, renamed));
      return rename_in_reports(renaming, renamed);
    }
    RONDOM_TRY(rename_in_records(renaming, renamed));
    return rename_in_versions(renaming);
  }));
  return renamed;
}

Status TableStore::rename_catalog(const Renaming& renaming, Renamed& renamed) {
  // One that was made under the new name and holds nothing gets the old one: a number stands for
  // one name.
  std::vector<StreamId> streams, empty;
  const auto name_of = [&](Stream& stream) -> std::string& {
    return renaming.kind == Renaming::Kind::job ? stream.job : stream.source;
  };
  for (const StreamInfo& info : catalog_.streams()) {
    Stream stream = info.stream;
    if (name_of(stream) == renaming.from) streams.push_back(stream.id);
    if (name_of(stream) == renaming.to) empty.push_back(stream.id);
  }
  for (const StreamId id : streams) name_of(catalog_.stream(id)->stream) = renaming.to;
  for (const StreamId id : empty) name_of(catalog_.stream(id)->stream) = renaming.from;
  catalog_.stream_changed();
  renamed.streams = static_cast<std::int64_t>(streams.size());
  for (const auto& [from, to] : renaming.destinations) {
    if (catalog_.destination(from) == nullptr) continue;
    catalog_.rename_destination(from, to);
    ++renamed.destinations;
  }
  for (const auto& [before, now] : renaming.map_fingerprints) {
    RONDOM_TRY(catalog_.replace_fingerprint(before, now));
  }
  return {};
}

Status TableStore::rename_checkpoints(const Renaming& renaming, Renamed& renamed) {
  std::vector<JobCheckpoint> all;
  const Scan of_job{&tables::checkpoint,
                    nullptr,
                    {std::string_view(renaming.from)},
                    {},
                    renamed_checkpoints_max,
                    0,
                    false};
  RONDOM_TRY(database_->scan(of_job, [&](std::size_t, std::span<const Cell> row) {
    all.push_back({row[0].text(), row[1].text(), row[2].text()});
  }));
  Rows before(2), now(3);
  for (const JobCheckpoint& one : all) {
    before.add({std::string_view(one.job), std::string_view(one.scope)});
    now.add(
        {std::string_view(renaming.to), std::string_view(one.scope), std::string_view(one.state)});
  }
  RONDOM_TRY(database_->erase(tables::checkpoint, before));
  renamed.checkpoints = static_cast<std::int64_t>(all.size());
  return database_->insert(tables::checkpoint, now);
}

Status TableStore::rename_values(const Renaming& renaming) {
  for (const auto& [from, to] : renaming.moved_values) {
    RONDOM_TRY_ASSIGN(const auto found, value(from));
    Rows old_keys(1), now(2);
    old_keys.add({std::string_view(from)});
    old_keys.add({std::string_view(to)});
    old_keys.sort_unique(1);
    RONDOM_TRY(database_->erase(tables::value, old_keys));
    if (found.has_value()) now.add({std::string_view(to), std::string_view(*found)});
    RONDOM_TRY(database_->insert(tables::value, now));
  }
  for (const auto& [key, text] : renaming.put_values) {
    Rows now(2);
    now.add({std::string_view(key), std::string_view(text)});
    RONDOM_TRY(database_->upsert(tables::value, now));
  }
  return {};
}

Status TableStore::rename_in_reports(const Renaming& renaming, Renamed& renamed) {
  const std::string from = job_member(renaming.from), to = job_member(renaming.to);
  struct Report {
    std::int64_t ordinal = 0, started_at = 0, ended_at = 0;
    std::string id, status, text;
  };
  std::vector<Cell> after;
  std::int64_t last = 0;
  std::size_t rows = reports_per_chunk;
  while (rows == reports_per_chunk) {
    rows = 0;
    std::vector<Report> reports;
    const Scan next{&tables::run, nullptr, {}, after, reports_per_chunk, 0, false};
    RONDOM_TRY(database_->scan(next, [&](std::size_t, auto row) {
      ++rows;
      last = row[0].integer();
      std::string text = replaced(row[5].bytes(), from, to);
      if (text.empty()) return;
      reports.push_back({last, row[2].integer(), row[3].integer(), row[1].text(), row[4].text(),
                         std::move(text)});
    }));
    Rows now(tables::run.columns.size());
    for (const Report& one : reports) {
      now.add({one.ordinal, std::string_view(one.id), one.started_at, one.ended_at,
               std::string_view(one.status), std::string_view(one.text)});
    }
    RONDOM_TRY(database_->upsert(tables::run, now));
    renamed.reports += static_cast<std::int64_t>(reports.size());
    after = {last};
  }
  return {};
}

Status TableStore::rename_in_records(const Renaming& renaming, Renamed& renamed) {
  namespace column = tables::record_column;
  References references(renaming.from, renaming.to);
  std::vector<bool> of_source;
  for (const StreamInfo& info : catalog_.streams()) {
    const auto id = static_cast<std::size_t>(info.stream.id);
    of_source.resize(std::max(of_source.size(), id + 1));
    of_source[id] = info.stream.source == renaming.to;
  }
  std::int64_t last = 0;
  std::size_t rows = rows_per_chunk;
  while (rows == rows_per_chunk) {
    rows = 0;
    Arena arena;
    Rows records(tables::record.columns.size()), activities(tables::activity.columns.size());
    std::vector<RecordId> dirty, referring;
    const Scan next{&tables::record, nullptr, {}, {last}, rows_per_chunk, 0, false};
    std::string canonical;
    RONDOM_TRY(database_->scan(next, [&](std::size_t, auto row) {
      ++rows;
      last = row[column::id].integer();
      const bool is_live = row[column::live].integer() != 0;
      const bool is_of_party = is_party(static_cast<Entity>(row[column::entity].integer()));
      const bool refers_to = references.rename(row[column::canonical].bytes(), canonical);
      const auto stream = static_cast<std::size_t>(row[column::stream].integer());
      const bool is_ours = stream < of_source.size() && of_source[stream];
      // What a profile is called and holds is made anew from its records, by the next run.
      if (is_live && is_of_party && (is_ours || refers_to)) dirty.push_back(last);
      if (!refers_to) return;
      std::vector<Cell> now;
      for (const Cell& cell : row) {
        now.push_back(cell.is_bytes() ? Cell(arena.copy(cell.bytes())) : cell);
      }
      now[column::canonical] = arena.copy(canonical);
      records.add(now);
      referring.push_back(last);
    }));
    RONDOM_TRY(database_->upsert(tables::record, records));
    const Lookup acted{&tables::activity, nullptr, 0, 0, false};
    RONDOM_TRY(database_->fetch(acted, one_column(referring), [&](std::size_t k, auto row) {
      const std::uint64_t actor = activity_actor_of(records[k][column::canonical].bytes());
      activities.add({row[0].integer(), to_signed(actor), row[2].integer()});
    }));
    RONDOM_TRY(database_->upsert(tables::activity, activities));
    RONDOM_TRY(mark_dirty(dirty));
    if (!referring.empty()) RONDOM_TRY(link(referring));
    renamed.referring += static_cast<std::int64_t>(referring.size());
  }
  return {};
}

Status TableStore::rename_in_versions(const Renaming& renaming) {
  namespace column = tables::record_version_column;
  References references(renaming.from, renaming.to);
  std::vector<std::int64_t> last;
  std::size_t rows = rows_per_chunk;
  while (rows == rows_per_chunk) {
    rows = 0;
    Arena arena;
    Rows versions(tables::record_version.columns.size());
    const Scan next{&tables::record_version, nullptr, {},   {last.begin(), last.end()},
                    rows_per_chunk,          0,       false};
    RONDOM_TRY(database_->scan(next, [&](std::size_t, auto row) {
      ++rows;
      last.clear();
      for (std::size_t i = 0; i < tables::record_version.key_columns; ++i) {
        last.push_back(row[i].integer());
      }
      bool concerned = false;
      std::string canonical;
      std::vector<Output> outputs = read_outputs(row[column::outputs].bytes());
      for (Output& output : outputs) {
        if (!references.rename(output.canonical, canonical)) continue;
        concerned = true;
        output.canonical = arena.copy(canonical);
        if (!is_party(output.entity)) output.actor = activity_actor_of(output.canonical);
      }
      if (!concerned) return;
      std::string bytes;
      append_outputs(bytes, outputs);
      std::vector<Cell> now;
      for (const Cell& cell : row) {
        now.push_back(cell.is_bytes() ? Cell(arena.copy(cell.bytes())) : cell);
      }
      now[column::outputs] = arena.copy(bytes);
      versions.add(now);
    }));
    RONDOM_TRY(database_->upsert(tables::record_version, versions));
  }
  return {};
}

}  // namespace rondom::store
