#include "cli/activity_text.h"

#include <algorithm>

#include "engine/expected_value.h"
#include "pipeline/segment/segment.h"

namespace rondom::cli {

void add_word(std::string& out, const std::string& word) {
  if (word.empty()) return;
  out += (out.empty() ? "" : " · ") + word;
}

namespace {

constexpr std::size_t lines_named_max = 5;

/// Members of a record's value as text.
class Fields {
 public:
  Fields(std::string_view canonical, Entity entity)
      : value_(segment::profile_value(canonical, entity, arena_)) {}
  const Value* find(std::string_view name) const {
    const Value* found = value_.find(name);
    return found == nullptr || found->is_null() ? nullptr : found;
  }
  std::string text(std::string_view name) const {
    const Value* found = find(name);
    return found == nullptr ? std::string() : engine::shown(*found);
  }
  Timestamp at() const {
    const Value* found = find("at");
    return found != nullptr && found->type() == ValueType::time ? found->as_time() : no_time;
  }

 private:
  Arena arena_;
  Value value_;
};

std::string custom_words(const Fields& fields) {
  const Value* custom = fields.find("custom");
  if (custom == nullptr || !custom->is_object()) return {};
  std::string out;
  for (std::uint32_t i = 0; i < custom->size(); ++i) {
    const Member& member = custom->member(i);
    add_word(out, std::string(member.name) + " " + engine::shown(member.value));
  }
  return out;
}

std::string lines_words(const Fields& fields) {
  const Value* lines = fields.find("lines");
  if (lines == nullptr || !lines->is_list()) return {};
  std::string out;
  for (std::uint32_t i = 0; i < lines->size(); ++i) {
    if (i == lines_named_max) {
      add_word(out, "and " + std::to_string(lines->size() - i) + " more");
      break;
    }
    const auto member = [&](const char* name) {
      const Value* value = lines->item(i).find(name);
      return value == nullptr || value->is_null() ? std::string() : engine::shown(*value);
    };
    std::string what = member("name");
    for (const char* other : {"sku", "category"}) {
      if (what.empty()) what = member(other);
    }
    const std::string quantity = member("quantity");
    add_word(out, quantity.empty() || quantity == "1" ? what : quantity + " × " + what);
  }
  return out;
}

ActivityWords order_words(const Fields& fields) {
  ActivityWords words{fields.at(), "order", "Order", {}};
  const std::string number = fields.text("number"), status = fields.text("status");
  if (!number.empty()) words.what += " " + number;
  add_word(words.what, fields.text("total"));
  add_word(words.what, status);
  words.detail = lines_words(fields);
  add_word(words.detail, custom_words(fields));
  return words;
}

std::string capitalized(std::string word) {
  if (!word.empty() && word.front() >= 'a' && word.front() <= 'z') {
    word.front() = static_cast<char>(word.front() - 'a' + 'A');
  }
  return word;
}

ActivityWords event_words(const Fields& fields) {
  ActivityWords words{fields.at(), fields.text("type"), {}, {}};
  if (words.type.empty()) words.type = "event";
  words.what = words.type;
  std::replace(words.what.begin(), words.what.end(), '_', ' ');
  words.what = capitalized(std::move(words.what));
  add_word(words.what, fields.text("subject"));
  words.detail = fields.text("channel");
  add_word(words.detail, custom_words(fields));
  return words;
}

ActivityWords opportunity_words(const Fields& fields) {
  ActivityWords words{fields.at(), "opportunity", "Opportunity", {}};
  const std::string number = fields.text("number");
  if (!number.empty()) words.what += " " + number;
  for (const char* name : {"name", "amount", "stage"}) add_word(words.what, fields.text(name));
  add_word(words.detail, fields.text("phase"));
  const std::string expected = fields.text("expected_close");
  if (!expected.empty()) add_word(words.detail, "expected " + expected);
  add_word(words.detail, fields.text("reason"));
  add_word(words.detail, custom_words(fields));
  return words;
}

ActivityWords subscription_words(const Fields& fields) {
  ActivityWords words{fields.at(), "subscription", "Subscription", {}};
  add_word(words.what, fields.text("product"));
  const std::string period = fields.text("period");
  add_word(words.what, fields.text("amount") + (period.empty() ? "" : " a " + period));
  add_word(words.what, fields.text("status"));
  for (const char* name : {"renews_on", "ended_at"}) {
    const std::string when = fields.text(name);
    if (!when.empty()) add_word(words.detail, (*name == 'r' ? "renews on " : "ended ") + when);
  }
  add_word(words.detail, fields.text("reason"));
  add_word(words.detail, custom_words(fields));
  return words;
}

ActivityWords need_words(const Fields& fields) {
  ActivityWords words{fields.at(), "need", "Need", {}};
  for (const char* name : {"subject", "status"}) add_word(words.what, fields.text(name));
  for (const char* name : {"kind", "evidence"}) add_word(words.detail, fields.text(name));
  const std::string strength = fields.text("strength"), met = fields.text("fulfilled_at");
  if (!strength.empty()) add_word(words.detail, "strength " + strength);
  if (!met.empty()) add_word(words.detail, "met " + met);
  add_word(words.detail, custom_words(fields));
  return words;
}

ActivityWords survey_answer_words(const Fields& fields) {
  ActivityWords words{fields.at(), "survey_answer", "Survey answer", {}};
  const std::string score = fields.text("score"), most = fields.text("scale_max");
  add_word(words.what, fields.text("survey"));
  add_word(words.what, fields.text("measure"));
  add_word(words.what, most.empty() ? score : score + " of " + most);
  for (const char* name : {"question", "text", "channel"}) {
    add_word(words.detail, fields.text(name));
  }
  add_word(words.detail, custom_words(fields));
  return words;
}

}  // namespace

ActivityWords words_of(Entity entity, const engine::Activity& activity) {
  const Fields fields(activity.canonical, entity);
  switch (entity) {
    case Entity::order: return order_words(fields);
    case Entity::opportunity: return opportunity_words(fields);
    case Entity::subscription: return subscription_words(fields);
    case Entity::need: return need_words(fields);
    case Entity::survey_answer: return survey_answer_words(fields);
    default: return event_words(fields);
  }
}

}  // namespace rondom::cli
