#include "pipeline/normalize/cleaner.h"

#include <algorithm>
#include <string>

#include "model/attribute_codes.h"
#include "pipeline/normalize/date.h"
#include "pipeline/normalize/email.h"
#include "pipeline/normalize/number.h"
#include "pipeline/normalize/postcode.h"
#include "pipeline/normalize/text.h"
#include "pipeline/normalize/words.h"

namespace rondom::normalize {
namespace {

// Registration numbers are written with spaces, dots and hyphens at will.
bool is_registration(std::string_view name_space) {
  return name_space == "kvk" || name_space == "vat" || name_space == "lei" || name_space == "iban";
}

/// By its name, however it is capitalised.
template <typename Named>
Outcome one_of(std::string_view text, const std::vector<Named>& all, const char* else_it) {
  const auto exact =
      std::find_if(all.begin(), all.end(), [&](const Named& one) { return one.name == text; });
  if (exact != all.end()) return {text, Rule::none, nullptr};
  const std::string folded = lower_ascii(text);
  const auto alike = std::find_if(
      all.begin(), all.end(), [&](const Named& one) { return lower_ascii(one.name) == folded; });
  if (alike == all.end()) return problem(else_it);
  return {alike->name, Rule::code_word, nullptr};
}

}  // namespace

Outcome Cleaner::identifier(std::string_view name_space, std::string_view text,
                            const Context& context, Arena& arena) {
  if (is_registration(name_space)) {
    // Tidy once more: a mark that stood after a space may now belong to a letter.
    const auto value = tidy(upper(without(text, " .-", arena), arena), arena);
    if (says_nothing(value)) return {};
    return {value, rule_when_changed(value, text, Rule::code_word), nullptr};
  }
  Outcome outcome{text, Rule::none, nullptr};
  if (name_space == "email") outcome = clean_email(text, arena);
  if (name_space == "phone") outcome = phones_.clean(text, context.country, arena);
  return outcome.problem == nullptr ? outcome : Outcome{text, Rule::none, nullptr};
}

// What cannot be read stays as it is: a withdrawal must not get lost over a spelling.
Outcome Cleaner::contact(std::string_view text, const Context& context, Arena& arena) {
  const bool email = text.find('@') != std::string_view::npos;
  return identifier(email ? "email" : "phone", text, context, arena);
}

Outcome Cleaner::actor(std::string_view text, const Context& context, Arena& arena) {
  const auto colon = text.find(':');
  if (colon == std::string_view::npos) return {text, Rule::none, nullptr};
  const auto value = text.substr(colon + 1);
  const Outcome inner = identifier(text.substr(0, colon), value, context, arena);
  if (inner.value == value) return {text, Rule::none, nullptr};
  return {concatenate({text.substr(0, colon + 1), inner.value}, arena), inner.rule, nullptr};
}

Outcome Cleaner::by_type(const AttributeInfo& attribute, std::string_view text,
                         const Context& context, Arena& arena) {
  switch (attribute.type) {
    case AttributeType::text:
    case AttributeType::name:
    case AttributeType::reference: return {text, Rule::none, nullptr};
    case AttributeType::date:
      return clean_date(text, context.country, context.time_zone,
                        attribute.id == attribute::birth_date, zones_, arena);
    case AttributeType::time:
      return clean_time(text, context.country, context.time_zone, zones_, arena);
    case AttributeType::integer: return clean_integer(text, arena);
    case AttributeType::decimal: return clean_decimal(text, arena);
    case AttributeType::boolean: return clean_boolean(text);
    case AttributeType::money: return clean_money(text, context.currency, arena);
    case AttributeType::email: return clean_email(text, arena);
    case AttributeType::phone: return phones_.clean(text, context.country, arena);
    case AttributeType::country: return clean_country(text, arena);
    case AttributeType::postcode: return read_postcode(text, context.country, arena).outcome;
    case AttributeType::language: return clean_language(text, arena);
    case AttributeType::gender: return clean_gender(text);
    case AttributeType::code: return clean_code(text, attribute.codes);
  }
  return {text, Rule::none, nullptr};
}

Outcome Cleaner::clean(const AttributeInfo& attribute, std::string_view name, std::string_view text,
                       const Context& context, Arena& arena) {
  if (says_nothing(text)) return {};
  switch (attribute.id) {
    case attribute::identifier: return identifier(name, text, context, arena);
    case attribute::consent_contact:
    case attribute::suppression_contact: return contact(text, context, arena);
    case attribute::activity_actor: return actor(text, context, arena);
    case attribute::consent_basis: {
      const std::string_view one = codes::one_legal_basis(text);
      Outcome outcome = clean_code(one, attribute.codes);
      if (one != text && outcome.problem == nullptr) outcome.rule = Rule::code_word;
      return outcome;
    }
    case attribute::consent_purpose:
    case attribute::suppression_purpose:
      if (context.project == nullptr || context.project->purposes.empty()) break;
      return one_of(text, context.project->purposes, "is no purpose of rondom.yaml");
    case attribute::suppression_destination:
      if (context.project == nullptr) break;
      return one_of(text, context.project->connections, "is no connection of rondom.yaml");
    default: break;
  }
  return by_type(attribute, text, context, arena);
}

Error refusal(const AttributeInfo& attribute, std::string_view name, const Outcome& outcome) {
  std::string message(attribute.name);
  if (!name.empty()) message.append(".").append(name);
  if (attribute.type != AttributeType::code) {
    return {ErrorCode::data, message.append(" ").append(outcome.problem)};
  }
  message += " is none of ";
  for (std::size_t at = 0; at < attribute.codes.size(); ++at) {
    if (at != 0) message += ", ";
    message += attribute.codes[at];
  }
  return {ErrorCode::data, std::move(message)};
}

}  // namespace rondom::normalize
