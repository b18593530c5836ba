#include "email_state.h"

#include <algorithm>

namespace rondom::klaviyo {
namespace {

const Json* suppressions_of(const Json& attributes) {
  return json_at(attributes, "/subscriptions/email/marketing/suppression");
}

}  // namespace

std::optional<Suppression> suppressed_for(const Json& attributes,
                                          std::initializer_list<std::string_view> reasons) {
  std::optional<Suppression> found;
  std::int64_t last = 0;
  const Json* list = suppressions_of(attributes);
  if (list == nullptr) return found;
  for (const Json& one : list->items()) {
    const std::string reason = one.text_or("reason", ""), at = one.text_or("timestamp", "");
    const std::int64_t second = parse_rfc3339(at).value_or(0);
    if (std::find(reasons.begin(), reasons.end(), reason) == reasons.end()) continue;
    if (found && second <= last) continue;
    found = Suppression{reason, at};
    last = second;
  }
  return found;
}

std::int64_t last_suppressed(const Json& attributes) {
  std::int64_t last = 0;
  const Json* list = suppressions_of(attributes);
  if (list == nullptr) return last;
  for (const Json& one : list->items())
    last = std::max(last, parse_rfc3339(one.text_or("timestamp", "")).value_or(0));
  return last;
}

EmailState email_state(const Json& attributes, std::string_view list) {
  EmailState state;
  const Json* properties = attributes.find("properties");
  const std::string mark =
      properties == nullptr ? std::string() : properties->text_or(own_mark, "");
  const std::optional<std::int64_t> marked = parse_rfc3339(mark);
  state.marked = !mark.empty();
  bool ours = marked.has_value();
  // A time that cannot be read is theirs: rather one "no" too many.
  const auto said_no = [&](const std::string& at) {
    const std::optional<std::int64_t> second = parse_rfc3339(at);
    state.refused = true;
    ours = ours && second && *second >= *marked - clock_seconds_max &&
           *second <= *marked + own_seconds_max;
  };
  const Json* marketing = json_at(attributes, "/subscriptions/email/marketing");
  if (marketing == nullptr) return state;
  const std::string consent = marketing->text_or("consent", "");
  state.subscribed = consent == "SUBSCRIBED";
  state.given_by_us =
      state.subscribed && marketing->text_or("custom_method_detail", "") == own_source;
  if (consent == "UNSUBSCRIBED") {
    const std::string at = marketing->text_or("consent_timestamp", "");
    said_no(at.empty() ? marketing->text_or("last_updated", "") : at);
  }
  const Json* everywhere = suppressions_of(attributes);
  for (const Json& one : everywhere == nullptr ? std::vector<Json>() : everywhere->items()) {
    const std::string reason = one.text_or("reason", ""), at = one.text_or("timestamp", "");
    if (reason == "HARD_BOUNCE" || reason == "INVALID_EMAIL") {
      state.bounces = true;
    } else if (reason == "UNSUBSCRIBE") {
      said_no(at);
      state.unsubscribed = true;
    } else if (reason == "USER_SUPPRESSED") {
      said_no(at);
      state.suppressed = true;
    } else {  // a complaint, and whatever Klaviyo comes up with
      state.refused = true;
      ours = false;
    }
  }
  state.all_refused = state.refused;
  // We suppress nobody for one list: whoever did that, it was not us.
  const Json* of_lists = marketing->find("list_suppressions");
  for (const Json& one : of_lists == nullptr ? std::vector<Json>() : of_lists->items()) {
    if (!list.empty() && one.text_or("list_id", "") == list) state.list_refused = true;
  }
  state.refused = state.all_refused || state.list_refused;
  state.closed_by_us = state.all_refused && ours && !state.list_refused;
  return state;
}

}  // namespace rondom::klaviyo
