#include "stream_read.h"

#include <algorithm>
#include <charconv>
#include <cstdio>
#include <utility>

namespace rondom::sql {

namespace {

/// FNV-1a, 64 bits: tells one way of reading from another, no more.
std::string hash_text(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  char buffer[20];
  std::snprintf(buffer, sizeof buffer, "%016llx", static_cast<unsigned long long>(hash));
  return buffer;
}

std::uint64_t count_of(const std::string& generation) {
  const std::size_t dot = generation.rfind('.');
  std::uint64_t count = 0;
  if (dot == std::string::npos) return count;
  std::from_chars(generation.data() + dot + 1, generation.data() + generation.size(), count);
  return count;
}

bool marks_gone(const Cell& cell) {
  if (cell.kind == Kind::null) return false;
  if (cell.kind == Kind::boolean) return cell.text != "f" && cell.text != "0";
  if (cell.kind == Kind::integer || cell.kind == Kind::decimal || cell.kind == Kind::real) {
    return cell.text.find_first_of("123456789") != std::string_view::npos;
  }
  if (cell.kind == Kind::text) {
    std::string word(cell.text);
    for (char& c : word) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    for (const std::string_view no : {"", "0", "f", "false", "n", "no"})
      if (word == no) return false;
  }
  return !cell.text.empty() && !cell.text.starts_with("0000-00-00");
}

}  // namespace

StreamRead::StreamRead(const ReadStream& stream, const Options& options, StreamShape shape,
                       std::uint64_t records_max, Connection& connection, const Watch& watch,
                       RecordWriter& out)
    : stream_(stream),
      options_(options),
      shape_(std::move(shape)),
      records_max_(records_max),
      connection_(connection),
      watch_(watch),
      out_(out) {
  if (shape_.relation.cursor) cursor_ = shape_.relation.cursor->index;
  if (!options_.incremental()) shape_.relation.cursor.reset();
  for (const Column& column : shape_.columns) {
    append_json_string(names_.emplace_back(), column.name);
    names_.back() += ':';
  }
}

Status StreamRead::run() {
  RONDOM_TRY(out_.stream(stream_.name));
  RONDOM_TRY(options_.incremental() ? begin_incremental() : begin_full());
  Status status = read_phases();
  if (!status.ok() && watch_.stopped()) return {Code::cancelled, "The read was stopped."};
  return status;
}

std::string StreamRead::fingerprint() const {
  std::string text = shape_.relation.from + '\n' + shape_.relation.columns;
  for (const OrderColumn& column : shape_.relation.key) text += '\n' + column.name;
  if (shape_.relation.cursor) text += "\ncursor " + shape_.relation.cursor->name;
  if (shape_.deleted != StreamShape::no_column) text += "\ndeleted " + options_.deleted;
  return hash_text(text);
}

Status StreamRead::begin_full() {
  const State last = read_state(stream_.state_json);
  const std::string mine = fingerprint();
  if (last.started && !last.done && last.fingerprint == mine && !last.generation.empty() &&
      last.generation == stream_.generation && !preview()) {
    state_ = last;
  } else {
    const std::uint64_t count = std::max(count_of(last.generation), count_of(stream_.generation));
    state_.fingerprint = mine;
    state_.generation = mine + "." + std::to_string(count + 1);
    state_.place.phase = phases_of(shape_.relation).front();
  }
  return preview() ? Status() : out_.refresh_begin(stream_.name, state_.generation);
}

Status StreamRead::begin_incremental() {
  const State last = read_state(stream_.state_json);
  const bool known = last.started && last.fingerprint == fingerprint() && !preview();
  if (known && !last.done) {
    state_ = last;
    return {};
  }
  state_.fingerprint = fingerprint();
  state_.place.phase = phases_of(shape_.relation).front();
  if (known && last.place.until) {
    state_.place.since = earlier(*last.place.until, options_.overlap);
  }
  // What changes while we read comes next time: a read ends, and its overlap reaches back from
  // here.
  std::optional<Bound>& until = state_.place.until;
  RONDOM_TRY(connection_.select(newest_cursor(shape_.relation, connection_),
                                [&](const std::vector<Cell>& cells) -> Status {
                                  until = bound_of(cells.front());
                                  return {};
                                }));
  if (!until && known) until = last.place.until;
  return {};
}

Status StreamRead::read_phases() {
  const std::vector<Phase> phases = phases_of(shape_.relation);
  auto phase = std::find(phases.begin(), phases.end(), state_.place.phase);
  if (phase == phases.end()) {
    return {Code::state, "The columns of " + stream_.name + " are not those of the last read."};
  }
  for (; phase != phases.end(); ++phase) {
    if (*phase != state_.place.phase) state_.place.after.clear();
    state_.place.phase = *phase;
    RONDOM_TRY(read_phase(*phase));
    if (preview() && pushed_ >= records_max_) return {};
  }
  return finish();
}

Status StreamRead::read_phase(Phase phase) {
  if (phase == Phase::changes && !state_.place.until) return {};  // no row has a cursor
  bool more = true;
  // Each page is behind the one before: the number of pages is bounded by that of rows.
  while (more) {
    Result<bool> page = read_page();
    if (!page.ok()) return page.error();
    more = *page && !(preview() && pushed_ >= records_max_);
    if (phase != Phase::keyless) RONDOM_TRY(checkpoint());
  }
  return {};
}

/// True when there are rows behind this page.
Result<bool> StreamRead::read_page() {
  const std::vector<OrderColumn> order = order_of(shape_.relation, state_.place.phase);
  auto limit = static_cast<std::uint64_t>(options_.page_rows);
  if (preview()) limit = std::min(limit, records_max_ - pushed_);
  // One row more tells whether there are more, and whether the border cuts through equals.
  const std::size_t rows = order.empty() ? 0 : static_cast<std::size_t>(limit + 1);
  const Statement statement = page(shape_.relation, state_.place, rows, connection_);
  std::vector<Bound> last = state_.place.after;
  std::uint64_t seen = 0;
  const Status status =
      connection_.select(statement, [&](const std::vector<Cell>& cells) -> Status {
        if (watch_.stopped()) return {Code::cancelled, "The read was stopped."};
        bool same = !order.empty() && last.size() == order.size();
        last.resize(order.size());
        for (std::size_t i = 0; i < order.size(); ++i) {
          const Cell& cell = cells[order[i].index];
          same = same && last[i].text == cell.text && last[i].kind == cell.kind;
          last[i].kind = cell.kind;
          last[i].text.assign(cell.text);
        }
        if (same) {
          return {Code::config, stream_.name +
                                    ": two rows have the same key; options: key must name "
                                    "every column that tells rows apart."};
        }
        if (++seen > limit && rows > 0) return {};
        state_.place.after = last;
        return push(cells);
      });
  if (!status.ok()) return status;
  return rows > 0 && seen > limit;
}

Status StreamRead::push(const std::vector<Cell>& cells) {
  json_.assign(1, '{');
  for (std::size_t i = 0; i < cells.size(); ++i) {
    if (i > 0) json_ += ',';
    json_ += names_[i];
    append_json(json_, cells[i]);
  }
  json_ += '}';
  ++pushed_;
  if (json_.size() > RONDOM_RECORD_BYTES_MAX) {
    return out_.unreadable("The row is larger than 8 MiB.", json_);
  }
  RecordFacts facts;
  if (cursor_ != StreamShape::no_column) facts.changed_at_us = changed_at_us(cells[cursor_]);
  if (shape_.deleted != StreamShape::no_column && marks_gone(cells[shape_.deleted])) {
    facts.operation = Operation::remove;
  }
  return out_.json(json_, facts);
}

Status StreamRead::checkpoint() {
  if (preview()) return {};
  return out_.checkpoint(stream_.name, to_json(state_));
}

Status StreamRead::finish() {
  if (preview()) return {};
  if (!options_.incremental()) RONDOM_TRY(out_.refresh_complete(stream_.name));
  state_.done = true;
  state_.place.after.clear();
  return checkpoint();
}

}  // namespace rondom::sql
