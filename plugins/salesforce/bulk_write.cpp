// Many records at once: ingest jobs, and what is made of their ends.
#include <algorithm>
#include <set>

#include "csv.h"
#include "destination.h"
#include "ingest.h"
#include "values.h"

namespace rondom::salesforce {
namespace {

/// As a job wants it; nothing when a CSV cannot say it.
std::optional<std::string> cell_of(const Json& value) {
  if (value.is_null()) return std::string(ingest_null);
  if (value.is_boolean() || value.is_number()) return value.to_text();
  if (!value.is_text() || value.as_text() == ingest_null) return {};
  if (characters(value.as_text()) > ingest_cell_max) return {};
  return value.as_text().empty() ? std::string(ingest_null) : value.as_text();
}

}  // namespace

/// False: it goes in a collection, where every value can be said.
bool Records::fits_job(const Entry& entry) {
  std::size_t size = 0;
  for (const Json::Member& member : entry.fields.members()) {
    const std::optional<std::string> cell = cell_of(member.second);
    if (!cell) return false;
    size += characters(*cell);
  }
  return size <= ingest_row_max;
}

/// Columns are all fields of all entries; what an entry does not say stays as it is.
std::string Records::csv_of(std::span<const Entry> entries, bool by_id) const {
  std::vector<std::string> names{by_id ? "Id" : options_.external_id};
  std::map<std::string, std::size_t> column;
  const auto add = [&](const std::string& name) {
    if (column.try_emplace(name, names.size()).second) names.push_back(name);
  };
  for (const Entry& entry : entries) {
    if (by_id && entry.adopted) add(options_.external_id);
    for (const Json::Member& member : entry.fields.members()) add(member.first);
  }
  std::string csv;
  append_row(csv, names);
  std::vector<std::string> cells;
  for (const Entry& entry : entries) {
    cells.assign(names.size(), {});
    cells.front() = by_id ? entry.id : entry.key;
    if (by_id && entry.adopted) cells[column[options_.external_id]] = entry.key;
    for (const Json::Member& member : entry.fields.members()) {
      cells[column[member.first]] = cell_of(member.second).value_or("");
    }
    append_row(csv, cells);
  }
  return csv;
}

/// Those that did not go into a job, or that a job left undone, are added to `left`.
Status Records::settle_job(const IngestEnd& end, std::span<Entry> entries, bool by_id,
                           std::vector<Entry>& left, Session& session) const {
  const bool given_up = end.kind == IngestEnd::Kind::failed;
  for (Entry& entry : entries) {
    const auto found = end.rows.find(by_id ? entry.id : entry.key);
    if (found == end.rows.end()) {
      session.unknown(entry.index, end.why.message.empty()
                                       ? "The ingest job said nothing of this record."
                                       : end.why.message);
      continue;
    }
    const RowEnd& row = found->second;
    if (row.kind == RowEnd::Kind::unprocessed) {
      if (given_up) {
        left.push_back(std::move(entry));
      } else {
        session.retry(entry.index, end.why.message);
      }
      continue;
    }
    if (!row.id.empty()) entry.id = row.id;
    settle(entry, {row.code, cleaned(row.message)}, session);
  }
  if (end.kind == IngestEnd::Kind::aborted) return end.why;
  if (end.kind != IngestEnd::Kind::unheard) return {};
  // An answer that made no sense refuses nobody: the job ran.
  return Failure{end.why.code == Code::data ? Code::unavailable : end.why.code, end.why.message};
}

Status Records::send_jobs(std::vector<Entry>& entries, bool by_id, Session& session) {
  std::vector<Entry> left, fit;
  std::set<std::string> keys;
  for (Entry& entry : entries) {
    const std::string& key = by_id ? entry.id : entry.key;
    // Entries of one key keep their order: what follows one that does not fit goes behind it.
    const bool first = keys.insert(key).second;
    (first && fits_job(entry) ? fit : left).push_back(std::move(entry));
  }
  std::vector<std::size_t> sizes;
  for (const Entry& entry : fit) sizes.push_back(csv_of({&entry, 1}, by_id).size());
  const IngestJob job{object_.name, by_id ? "Id" : options_.external_id, !by_id,
                      options_.bulk_wait_seconds * 1'000};
  Status status;
  const auto bytes = static_cast<std::size_t>(options_.bulk_job_bytes);
  for (const Range range : batches_of(sizes, 0, bytes)) {
    const std::span<Entry> part(fit.data() + range.begin, range.size());
    if (!status.ok()) {
      give_back(part, {Code::transient, "Not tried: " + status.error().message}, session);
      continue;
    }
    const IngestEnd end = ingest(api_, job, csv_of(part, by_id));
    if (end.kind != IngestEnd::Kind::not_begun) {
      status = settle_job(end, part, by_id, left, session);
      continue;
    }
    const Code code = end.why.code;
    if (code == Code::data || code == Code::config || code == Code::not_permitted) {
      api_.context().log(
          LogLevel::warning,
          "Salesforce makes no ingest job here; records go in collections. " + end.why.message);
      left.insert(left.end(), std::make_move_iterator(part.begin()),
                  std::make_move_iterator(part.end()));
      continue;
    }
    const Failure why{code == Code::unavailable ? Code::transient : code, end.why.message};
    give_back(part, why, session);
    status = why;
  }
  if (status.ok()) return send_collections(left, by_id, session);
  give_back(left, {Code::transient, "Not tried: " + status.error().message}, session);
  return status;
}

Status Records::send_all(std::vector<Entry>& entries, bool by_id, Session& session) {
  const bool many = entries.size() >= static_cast<std::size_t>(options_.bulk_from);
  // The header that lets duplicates through is one of collections.
  if (many && !entries.empty() && !options_.allow_duplicates) {
    return send_jobs(entries, by_id, session);
  }
  return send_collections(entries, by_id, session);
}

}  // namespace rondom::salesforce
