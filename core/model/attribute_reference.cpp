#include "model/attribute_reference.h"

#include <array>

#include "model/attribute.h"

namespace rondom {

namespace {

const char* word_of(AttributeType type) {
  switch (type) {
    case AttributeType::text: return "text";
    case AttributeType::name: return "name";
    case AttributeType::date: return "date";
    case AttributeType::time: return "time";
    case AttributeType::integer: return "whole number";
    case AttributeType::decimal: return "number";
    case AttributeType::boolean: return "true or false";
    case AttributeType::money: return "money";
    case AttributeType::email: return "e-mail";
    case AttributeType::phone: return "phone";
    case AttributeType::country: return "country";
    case AttributeType::postcode: return "postcode";
    case AttributeType::language: return "language";
    case AttributeType::gender:
    case AttributeType::code: return "one of";
    case AttributeType::reference: return "reference";
  }
  return "";
}

struct Section {
  Entity entity;
  const char* title;
  const char* text;
};

constexpr std::array<Section, entity_count> sections{{
    {Entity::person, "person", "Somebody. Persons become profiles."},
    {Entity::organization, "organization", "A company or institution. It becomes a profile."},
    {Entity::event, "event", "Something a party did: a page view, an opened mail, a complaint."},
    {Entity::order, "order", "What a party bought."},
    {Entity::opportunity, "opportunity", "What a party may buy: a quote, a deal in the CRM."},
    {Entity::subscription, "subscription",
     "What a party pays for again and again, from `at` on: a contract, a membership."},
    {Entity::need, "need",
     "What a party needs or is interested in since `at`, as stated or as somebody noted it."},
    {Entity::survey_answer, "survey_answer",
     "One answer to one question of a survey: a score, words, or both."},
}};

std::string written_name(const AttributeInfo& info) {
  if (info.id == attribute::custom) return "custom.<name>";
  if (info.id == attribute::identifier) return "identifier.<namespace>";
  return std::string(info.name);
}

/// "tags.value" may also be written as `tag`.
std::string short_form(const AttributeInfo& info, Entity entity) {
  if (!is_party(entity)) return {};
  for (const std::string_view word : {"email", "phone", "tag"}) {
    if (short_form_of(word) == info.name) return " or `" + std::string(word) + "`";
  }
  return {};
}

/// Without it, <name> would be taken for HTML.
std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '<' || c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string type_cell(const AttributeInfo& info) {
  std::string out = word_of(info.type);
  const char* before = " ";
  for (const std::string_view word : info.codes) {
    out += before;
    out += "`" + std::string(word) + "`";
    before = ", ";
  }
  return out;
}

constexpr const char* introduction =
    "# Attributes\n\n"
    "What a record and a profile can say: the targets of a map, the names in merge.yaml, and the "
    "fields of audiences and destination maps. Made from the table that the program itself uses.\n"
    "\n"
    "The type decides how a value is cleaned; the raw text is kept beside what was cleaned. A name "
    "such as `emails.value` is a member of a list: map `emails` with `for_each`, or the short form "
    "for one value. Dates may be partial (`1980`, `1980-05`, `--05-12`); times are RFC 3339 with "
    "an offset, and without one they are local to the connection's time zone.\n";

}  // namespace

std::string attributes_reference() {
  std::string out = introduction;
  for (const Section& section : sections) {
    out += std::string("\n## ") + section.title + "\n\n" + section.text +
           "\n\n| attribute | type | |\n| --- | --- | --- |\n";
    for (const AttributeInfo& info : attributes()) {
      if (!applies_to(info, section.entity)) continue;
      out += "| `" + written_name(info) + "`" + short_form(info, section.entity) + " | " +
             type_cell(info) + " | " + escaped(info.description) + " |\n";
    }
  }
  return out;
}

}  // namespace rondom
