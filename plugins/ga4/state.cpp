#include "state.h"

namespace rondom::ga4 {

std::string State::to_text() const {
  Json state = Json::object();
  state.set("report", Json::of(fingerprint)).set("asked_on", Json::of(text_of(asked_on)));
  if (next) state.set("next", Json::of(text_of(*next)));
  if (read_to) state.set("read_to", Json::of(text_of(*read_to)));
  if (!generation.empty()) state.set("generation", Json::of(generation));
  Json rows = Json::object();
  for (const auto& [day, ids] : known) {
    Json list = Json::list();
    for (const std::string& id : ids) list.push(Json::of(id));
    rows.set(text_of(day), std::move(list));
  }
  return state.set("known", std::move(rows)).to_text();
}

bool State::forget(Day first) {
  known.erase(known.begin(), known.lower_bound(first));
  std::size_t bytes = 0;
  bool too_many = false;
  for (auto day = known.rbegin(); day != known.rend(); ++day) {
    for (const std::string& id : day->second) bytes += id.size() + 3;
    if (bytes > known_bytes_max) {
      too_many = too_many || !day->second.empty();
      day->second.clear();
    }
  }
  return too_many;
}

Result<State> parse_state(std::string_view json) {
  State state;
  if (json.empty()) return state;
  const Failure unreadable{Code::state, "The saved place of the report cannot be read."};
  const Result<Json> saved = parse_json(json);
  if (!saved.ok()) return unreadable;
  state.fingerprint = saved->text_or("report", "");
  state.next = day_of(saved->text_or("next", ""));
  state.read_to = day_of(saved->text_or("read_to", ""));
  state.generation = saved->text_or("generation", "");
  const std::optional<Day> asked_on = day_of(saved->text_or("asked_on", ""));
  if (!asked_on || state.fresh()) return unreadable;
  state.asked_on = *asked_on;
  if (const Json* rows = saved->find("known")) {
    for (const auto& [text, ids] : rows->members()) {
      const std::optional<Day> day = day_of(text);
      if (!day) return unreadable;
      for (const Json& id : ids.items()) state.known[*day].insert(id.as_text());
    }
  }
  return state;
}

}  // namespace rondom::ga4
