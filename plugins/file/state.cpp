#include "state.h"

#include <charconv>
#include <utility>

#include "file_list.h"
#include "rondom/json.hpp"

namespace rondom::file {

namespace {

std::uint64_t unsigned_member(const Json& json, std::string_view name) {
  const std::int64_t value = json.integer_or(name, 0);
  return value < 0 ? 0 : static_cast<std::uint64_t>(value);
}

std::uint64_t hex_member(const Json& json, std::string_view name) {
  const std::string text = json.text_or(name, "");
  std::uint64_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value, 16);
  return value;
}

void write_position(JsonWriter& out, const Position& at) {
  out.name("offset").integer(static_cast<std::int64_t>(at.offset));
  out.name("line").integer(static_cast<std::int64_t>(at.line));
  if (at.inside) out.name("inside").boolean(true);
}

Position read_position(const Json& json) {
  Position at;
  at.offset = unsigned_member(json, "offset");
  at.line = std::max<std::uint64_t>(unsigned_member(json, "line"), 1);
  at.inside = json.boolean_or("inside", false);
  return at;
}

std::optional<Detected> read_detected(const Json& json) {
  const auto format = format_from(json.text_or("format", ""));
  const auto encoding = encoding_from(json.text_or("encoding", ""));
  if (!format || !encoding) return std::nullopt;
  Detected detected{*format, *encoding, std::nullopt};
  const std::string delimiter = json.text_or("delimiter", "");
  if (delimiter.size() == 1) detected.delimiter = delimiter[0];
  return detected;
}

/// The state of that mode, or nothing.
std::optional<Json> parse_state(std::string_view text, std::string_view mode) {
  if (text.empty()) return std::nullopt;
  Result<Json> json = parse_json(text);
  if (!json.ok() || json->text_or("mode", "") != mode) return std::nullopt;
  return std::move(*json);
}

}  // namespace

std::string to_json(const FullState& state) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().name("mode").text("full").name("generation").text(state.generation);
  if (!state.file.empty()) {
    out.name("file").text(state.file);
    write_position(out, state.at);
  }
  out.name("done").boolean(state.done).end_object();
  return text;
}

std::string to_json(const AppendState& state) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().name("mode").text("append").name("files").begin_list();
  for (const FileState& file : state.files) {
    out.begin_object().name("name").text(file.name);
    out.name("inode").text(to_hex(file.inode));
    out.name("size").integer(static_cast<std::int64_t>(file.size));
    out.name("head_bytes").integer(static_cast<std::int64_t>(file.head_bytes));
    out.name("head").text(to_hex(file.head_hash));
    write_position(out, file.at);
    if (file.detected) {
      out.name("format").text(to_text(file.detected->format));
      out.name("encoding").text(to_text(file.detected->encoding));
      if (file.detected->delimiter) {
        out.name("delimiter").text(std::string_view(&*file.detected->delimiter, 1));
      }
    }
    out.end_object();
  }
  out.end_list().end_object();
  return text;
}

FullState read_full_state(std::string_view json) {
  FullState state;
  if (const auto parsed = parse_state(json, "full")) {
    state.generation = parsed->text_or("generation", "");
    state.file = parsed->text_or("file", "");
    state.at = read_position(*parsed);
    state.done = parsed->boolean_or("done", false);
  }
  return state;
}

AppendState read_append_state(std::string_view json) {
  AppendState state;
  const auto parsed = parse_state(json, "append");
  const Json* files = parsed ? parsed->find("files") : nullptr;
  if (files == nullptr) return state;
  for (const Json& item : files->items()) {
    FileState file;
    file.name = item.text_or("name", "");
    file.inode = hex_member(item, "inode");
    file.size = unsigned_member(item, "size");
    file.head_bytes = unsigned_member(item, "head_bytes");
    file.head_hash = hex_member(item, "head");
    file.at = read_position(item);
    file.detected = read_detected(item);
    if (!file.name.empty()) state.files.push_back(std::move(file));
  }
  return state;
}

}  // namespace rondom::file
