#include "engine/fields_seen.h"

namespace rondom::engine {

namespace {

constexpr std::int64_t records_looked_at_max = 1'000;
constexpr std::size_t warnings_max = 5;

/// What helps on the spot; that a catalog may be old does not.
bool helps_here(std::string_view hint) {
  return hint.starts_with("did you mean") || hint.starts_with("a field is written with a dot");
}

std::string sentence(const config::Diagnostic& one, std::int64_t records) {
  std::string text = (one.at.file ? *one.at.file : std::string()) + ":" +
                     std::to_string(one.at.line) + ": " + one.message;
  if (one.message.find(" has no field ") != std::string::npos) {
    text += " in its first " + with_thousands(records) + (records == 1 ? " record" : " records");
  }
  if (helps_here(one.hint)) text += "; " + one.hint.substr(0, one.hint.find('\n'));
  return text;
}

}  // namespace

void FieldsSeen::look_at(std::string_view json) {
  if (records_ >= records_looked_at_max) return;
  JsonReader reader;
  Arena arena;
  const auto record = reader.parse(json, arena);
  if (!record.ok() || !record->is_object()) return;
  ++records_;
  for (std::uint32_t i = 0; i < record->size(); ++i) {
    const std::string_view name = record->member(i).name;
    if (names_.find(name) == names_.end()) names_.emplace(name);
  }
}

std::vector<std::string> FieldsSeen::warnings(const config::Project& project,
                                              const config::Job& job,
                                              const config::SourceStream& stream,
                                              const plugin::Inventory& inventory,
                                              bool with_preset) const {
  std::vector<std::string> said;
  if (names_.empty()) return said;
  config::Diagnostics unseen;
  check_fields_seen(project, job, stream, inventory, {names_.begin(), names_.end()}, unseen);
  for (const config::Diagnostic& one : unseen.errors()) said.push_back(sentence(one, records_));
  if (with_preset) {
    for (const config::Diagnostic& one : unseen.warnings()) said.push_back(sentence(one, records_));
  }
  if (said.size() > warnings_max) {
    const std::size_t more = said.size() - warnings_max;
    said.resize(warnings_max);
    said.push_back(stream.stream + ": " + std::to_string(more) + " more: rondom preview " +
                   job.name);
  }
  return said;
}

}  // namespace rondom::engine
