#include "state.h"

#include <array>

namespace rondom::salesforce {
namespace {

constexpr std::array<std::string_view, 4> stages = {"changes", "rows", "bulk", "whole"};

}  // namespace

std::string State::to_text() const {
  Json json = Json::object();
  json.set("stage", Json::of(std::string(stages[static_cast<std::size_t>(stage)])));
  const auto put = [&json](const char* name, const std::string& text) {
    if (!text.empty()) json.set(name, Json::of(text));
  };
  put("since", place.since);
  put("id", place.id);
  put("begun", begun);
  put("job", job);
  put("locator", locator);
  put("fields", fields);
  if (read_at != 0) json.set("read_at", Json::of(read_at));
  return json.to_text();
}

Result<State> parse_state(std::string_view text) {
  State state;
  if (text.empty()) return state;
  const Result<Json> json = parse_json(text);
  if (!json.ok() || !json->is_object()) {
    return Failure{Code::state, "The saved place is no JSON object."};
  }
  const std::string stage = json->text_or("stage", "changes");
  bool known = false;
  for (std::size_t i = 0; i < stages.size(); ++i) {
    if (stages[i] != stage) continue;
    state.stage = static_cast<State::Stage>(i);
    known = true;
  }
  if (!known) return Failure{Code::state, "The saved place is of a newer version."};
  state.place = {json->text_or("since", ""), json->text_or("id", "")};
  state.begun = json->text_or("begun", "");
  state.job = json->text_or("job", "");
  state.locator = json->text_or("locator", "");
  state.fields = json->text_or("fields", "");
  state.read_at = json->integer_or("read_at", 0);
  return state;
}

}  // namespace rondom::salesforce
