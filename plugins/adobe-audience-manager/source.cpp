#include "source.h"

#include <memory>
#include <utility>

#include "bounds.h"
#include "files.h"
#include "line_reader.h"
#include "outbound_line.h"

namespace rondom::audience_manager {
namespace {

constexpr std::string_view memberships = "memberships";
constexpr std::string_view segments = "segments";

std::string_view separator_of(std::string_view name) {
  if (name == "tab") return "\t";
  return name == "two_spaces" ? "  " : " ";
}

}  // namespace

Status Outbound::check() {
  const Result<std::vector<std::string>> names = names_in(config_.path);
  return names.ok() ? Status() : Status(names.error());
}

Result<Catalog> Outbound::discover() {
  RONDOM_TRY(check());
  Catalog catalog;
  catalog.stream(std::string(memberships))
      .key({"user_id", "segment_id"})
      .field("user_id", FieldType::text)
      .field("segment_id", FieldType::text);
  catalog.stream(std::string(segments))
      .key({"user_id"})
      .field("user_id", FieldType::text)
      .field("segment_ids", FieldType::list);
  return catalog;
}

Outbound::State Outbound::parse_state(std::string_view json) {
  State state;
  const Result<Json> parsed = parse_json(json.empty() ? "{}" : json);
  if (!parsed.ok()) return state;
  state.transfer = parsed->text_or("transfer", "");
  state.at_ms = parsed->integer_or("at_ms", 0);
  state.full = parsed->boolean_or("full", false);
  state.done = parsed->boolean_or("done", false);
  state.file = parsed->text_or("file", "");
  state.generation = parsed->text_or("generation", "");
  state.offset = static_cast<std::uint64_t>(parsed->integer_or("offset", 0));
  state.lines = static_cast<std::uint64_t>(parsed->integer_or("lines", 0));
  return state;
}

std::string Outbound::to_json(const State& state) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().name("transfer").text(state.transfer).name("at_ms").integer(state.at_ms);
  out.name("full").boolean(state.full).name("done").boolean(state.done);
  if (!state.done) {
    out.name("file").text(state.file).name("generation").text(state.generation);
    out.name("offset").integer(static_cast<std::int64_t>(state.offset));
    out.name("lines").integer(static_cast<std::int64_t>(state.lines));
  }
  out.end_object();
  return text;
}

Status Outbound::read(const ReadRequest& request, RecordWriter& out) {
  for (const ReadStream& stream : request.streams) {
    RONDOM_TRY(read_stream(stream, request.records_max, out));
  }
  return {};
}

/// Every file is looked through before the first record of a transfer goes out.
Result<bool> Outbound::whole(Transfer& transfer, const Layout& layout) const {
  if (transfer.missing.empty()) {
    Result<std::string> problem = check_contents(config_.path, transfer, layout);
    if (!problem.ok()) return problem.error();
    transfer.missing = std::move(*problem);
  }
  if (transfer.missing.empty()) return true;
  context_.log(LogLevel::warning, "The transfer " + transfer.shown +
                                      " is not complete and is not read: " + transfer.missing +
                                      ".");
  return false;
}

Result<std::size_t> Outbound::first_of(std::vector<Transfer>& transfers, const Walk& walk) const {
  const State& state = walk.state;
  std::size_t first = 0;
  while (!state.transfer.empty() && first < transfers.size()) {
    const Transfer& one = transfers[first];
    const bool same = one.shown == state.transfer;
    const bool earlier = one.name.at_ms < state.at_ms ||
                         (one.name.at_ms == state.at_ms && one.name.full && !state.full);
    if (same ? !state.done : !earlier) break;
    ++first;
  }
  // A newer whole set makes everything before it history.
  for (std::size_t i = transfers.size(); i > first; --i) {
    if (!transfers[i - 1].name.full) continue;
    const Result<bool> usable = whole(transfers[i - 1], walk.layout);
    if (!usable.ok()) return usable.error();
    if (*usable) return i - 1;
  }
  return first;
}

Status Outbound::read_stream(const ReadStream& stream, std::uint64_t records_max,
                             RecordWriter& out) {
  if (stream.name != memberships && stream.name != segments) {
    return {Code::config,
            "There is no stream " + stream.name + "; there are memberships and segments."};
  }
  const Result<StreamOptions> options =
      job_options.parse(stream.options_json.empty() ? "{}" : stream.options_json);
  if (!options.ok()) return options.error();
  Walk walk{stream,
            out,
            {separator_of(options->separator), options->header},
            stream.name == segments,
            records_max,
            0,
            records_max == 0 ? parse_state(stream.state_json) : State()};
  Result<std::vector<Transfer>> transfers = find_transfers(config_.path, options->files);
  if (!transfers.ok()) return transfers.error();
  if (walk.per_user) {
    std::erase_if(*transfers, [](const Transfer& transfer) { return !transfer.name.full; });
  }
  RONDOM_TRY(out.stream(stream.name));
  const Result<std::size_t> first = first_of(*transfers, walk);
  if (!first.ok()) return first.error();
  for (std::size_t i = *first; i < transfers->size() && !walk.enough(); ++i) {
    Transfer& transfer = (*transfers)[i];
    const Result<bool> usable = whole(transfer, walk.layout);
    if (!usable.ok()) return usable.error();
    // What comes behind it would be applied out of order.
    if (!*usable) break;
    RONDOM_TRY(read_transfer(transfer, walk));
  }
  return {};
}

Status Outbound::read_transfer(const Transfer& transfer, Walk& walk) const {
  State& state = walk.state;
  const bool full = transfer.name.full;
  bool resumed =
      state.transfer == transfer.shown && !state.done && !walk.preview() &&
      (!full || (!state.generation.empty() && state.generation == walk.stream.generation));
  auto file = transfer.files.begin();
  while (resumed && file != transfer.files.end() && file->name != state.file) ++file;
  if (file == transfer.files.end()) {
    resumed = false;
    file = transfer.files.begin();
  }
  if (!resumed) {
    state = State();
    state.transfer = transfer.shown;
    state.at_ms = transfer.name.at_ms;
    state.full = full;
    // Read again, the same transfer must not pass for the refresh that was broken off.
    if (full) {
      state.generation = transfer.shown;
      if (walk.stream.generation == state.generation) state.generation += "+";
    }
  }
  const bool refresh = full && !walk.preview();
  if (refresh) RONDOM_TRY(walk.out.refresh_begin(walk.stream.name, state.generation));
  for (; file != transfer.files.end() && !walk.enough(); ++file, resumed = false) {
    RONDOM_TRY(read_file(*file, transfer, resumed, walk));
  }
  if (refresh) RONDOM_TRY(walk.out.refresh_complete(walk.stream.name));
  state.done = true;
  if (walk.preview()) return {};
  return walk.out.checkpoint(walk.stream.name, to_json(state));
}

Status Outbound::read_file(const ControlledFile& file, const Transfer& transfer, bool resumed,
                           Walk& walk) const {
  Result<std::unique_ptr<LineReader>> opened = LineReader::open(config_.path + "/" + file.name);
  if (!opened.ok()) return opened.error();
  LineReader& reader = **opened;
  if (resumed) RONDOM_TRY(reader.resume(walk.state.offset, walk.state.lines));
  walk.state.file = file.name;
  RONDOM_TRY(walk.out.origin(file.name));
  const auto checkpoint = [&]() -> Status {
    if (walk.preview()) return {};
    walk.state.offset = reader.offset();
    walk.state.lines = reader.lines();
    return walk.out.checkpoint(walk.stream.name, to_json(walk.state));
  };
  std::string_view text;
  while (!walk.enough()) {
    const Result<bool> more = reader.next(text);
    if (!more.ok()) return more.error();
    if (!*more) break;
    const bool header = walk.layout.header && reader.lines() == 1;
    if (reader.cut()) {
      RONDOM_TRY(walk.out.unreadable("The line is longer than 1 MiB.", text, reader.lines()));
    } else if (!header && !is_blank(text)) {
      RONDOM_TRY(push(text, reader.lines(), transfer.name, walk));
    }
    if (reader.lines() % checkpoint_lines != 0) continue;
    RONDOM_TRY(checkpoint());
    if (context_.cancelled()) return {Code::cancelled, "The read was stopped."};
  }
  return checkpoint();
}

/// Without the time a removal and what an earlier or later transfer adds would be of one order, and
/// the removal would win for good.
Status Outbound::push(std::string_view text, std::uint64_t line_number, const OutboundName& name,
                      Walk& walk) {
  OutboundLine line;
  const std::string_view problem = parse_outbound_line(text, walk.layout.separator, line);
  ++walk.pushed;
  if (!problem.empty()) return walk.out.unreadable(problem, text, line_number);
  const std::int64_t changed_at_us = name.at_ms * 1000;
  if (walk.per_user) {
    if (line.segments.empty()) return {};
    RowBuilder& row = walk.out.row().text("user_id", line.user).begin_list("segment_ids");
    for (const std::string_view segment : line.segments) row.item(segment);
    return row.end_list().changed_at(changed_at_us).position(line_number).done();
  }
  const auto add = [&](std::string_view segment, Operation operation) {
    return walk.out.row()
        .text("user_id", line.user)
        .text("segment_id", segment)
        .operation(operation)
        .changed_at(changed_at_us)
        .position(line_number)
        .done();
  };
  for (const std::string_view segment : line.segments) RONDOM_TRY(add(segment, Operation::upsert));
  if (name.full) return {};  // who is not in it is gone anyway
  for (const std::string_view segment : line.removed) RONDOM_TRY(add(segment, Operation::remove));
  return {};
}

}  // namespace rondom::audience_manager
