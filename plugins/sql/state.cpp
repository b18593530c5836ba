#include "state.h"

namespace rondom::sql {

namespace {

constexpr std::int64_t version = 1;

void write_bound(JsonWriter& out, const Bound& bound) {
  std::string text = bound.text;
  if (bound.kind == Kind::bytes) {
    text.clear();
    append_base64(text, bound.text);
  }
  out.begin_list().integer(static_cast<std::int64_t>(bound.kind)).text(text).end_list();
}

std::optional<Bound> read_bound(const Json* json) {
  if (json == nullptr || json->items().size() != 2) return std::nullopt;
  const std::int64_t kind = json->items()[0].as_integer();
  if (kind < 0 || kind > static_cast<std::int64_t>(Kind::list)) return std::nullopt;
  Bound bound{static_cast<Kind>(kind), json->items()[1].as_text()};
  if (bound.kind == Kind::bytes) bound.text = from_base64(bound.text);
  return bound;
}

}  // namespace

std::string to_json(const State& state) {
  std::string text;
  JsonWriter out(text);
  out.begin_object().name("version").integer(version).name("of").text(state.fingerprint);
  if (!state.generation.empty()) out.name("generation").text(state.generation);
  out.name("phase").integer(static_cast<std::int64_t>(state.place.phase));
  out.name("after").begin_list();
  for (const Bound& bound : state.place.after) write_bound(out, bound);
  out.end_list();
  if (state.place.since) write_bound(out.name("since"), *state.place.since);
  if (state.place.until) write_bound(out.name("until"), *state.place.until);
  out.name("done").boolean(state.done).end_object();
  return text;
}

State read_state(std::string_view text) {
  State state;
  const Result<Json> json = parse_json(text);
  if (text.empty() || !json.ok() || json->integer_or("version", 0) != version) return state;
  state.started = true;
  state.fingerprint = json->text_or("of", "");
  state.generation = json->text_or("generation", "");
  const std::int64_t phase = json->integer_or("phase", 0);
  if (phase < 0 || phase > static_cast<std::int64_t>(Phase::everything)) return {};
  state.place.phase = static_cast<Phase>(phase);
  if (const Json* after = json->find("after")) {
    for (const Json& item : after->items()) {
      const auto bound = read_bound(&item);
      if (!bound) return {};
      state.place.after.push_back(*bound);
    }
  }
  state.place.since = read_bound(json->find("since"));
  state.place.until = read_bound(json->find("until"));
  state.done = json->boolean_or("done", false);
  return state;
}

}  // namespace rondom::sql
