#include "model/attribute.h"

#include <algorithm>
#include <array>

#include "model/attribute_codes.h"

namespace rondom {

namespace {

constexpr std::uint8_t bit(Entity entity) {
  return std::uint8_t(1u << (unsigned(entity) - 1));
}

constexpr std::uint8_t person = bit(Entity::person);
constexpr std::uint8_t organization = bit(Entity::organization);
constexpr std::uint8_t party = person | organization;
constexpr std::uint8_t event = bit(Entity::event);
constexpr std::uint8_t order = bit(Entity::order);
constexpr std::uint8_t opportunity = bit(Entity::opportunity);
constexpr std::uint8_t subscription = bit(Entity::subscription);
constexpr std::uint8_t need = bit(Entity::need);
constexpr std::uint8_t survey_answer = bit(Entity::survey_answer);
constexpr std::uint8_t activity = event | order | opportunity | subscription | need | survey_answer;

constexpr AttributeInfo scalar(AttributeId id, std::string_view name, AttributeType type,
                               std::uint8_t entities, std::string_view description,
                               std::span<const std::string_view> code_words = {}) {
  return {id, name, type, "", "", entities, code_words, description};
}

/// An attribute of a list's elements; its name is "group.member".
constexpr AttributeInfo element(AttributeId id, std::string_view name, AttributeType type,
                                std::uint8_t entities, std::string_view description,
                                std::span<const std::string_view> code_words = {}) {
  const std::size_t dot = name.find('.');
  return {id,       name,       type,       name.substr(0, dot), name.substr(dot + 1),
          entities, code_words, description};
}

using enum AttributeType;

constexpr std::array table{
    scalar(attribute::custom, "custom", text, party | activity, "Anything else, as custom.<name>."),
    scalar(attribute::identifier, "identifier", text, party,
           "What else names the party, as identifier.<namespace>."),

    scalar(attribute::name_full, "name.full", name, person,
           "The whole name in one text, used where the parts are missing."),
    scalar(attribute::name_given, "name.given", name, person, "Given name or names."),
    scalar(attribute::name_initials, "name.initials", name, person, "Initials, as in J.P."),
    scalar(attribute::name_middle, "name.middle", name, person, "Middle name."),
    scalar(attribute::name_surname_prefix, "name.surname_prefix", name, person,
           "What stands before the surname and is not sorted on: van der, de, von."),
    scalar(attribute::name_surname, "name.surname", name, person, "Surname at birth or by choice."),
    scalar(attribute::name_partner_surname_prefix, "name.partner_surname_prefix", name, person,
           "What stands before the partner's surname."),
    scalar(attribute::name_partner_surname, "name.partner_surname", name, person,
           "Surname of the partner, where the person carries it."),
    scalar(attribute::name_title_before, "name.title_before", name, person,
           "Title before the name: dr., prof."),
    scalar(attribute::name_title_after, "name.title_after", name, person,
           "Title after the name: MSc, RA."),
    scalar(attribute::name_suffix, "name.suffix", name, person,
           "Generation: Jr, Sr, III. Keeps father and son apart."),
    scalar(attribute::name_nickname, "name.nickname", name, person,
           "What the person likes to be called."),

    scalar(attribute::birth_date, "birth_date", date, person,
           "Date of birth; year, month or day may be unknown."),
    scalar(attribute::death_status, "death.status", code, person,
           "Whether the person has died; anything but alive stops all mailings.", codes::death),
    scalar(attribute::death_date, "death.date", date, person, "Date of death."),
    scalar(attribute::gender, "gender", gender, person, "Gender as the person states it.",
           codes::gender),
    scalar(attribute::salutation_form, "salutation_form", text, person,
           "How to address the person in a letter."),
    scalar(attribute::language, "language", language, party,
           "Language to write in, BCP 47: nl, fr-BE."),
    scalar(attribute::country, "country", country, party,
           "Country of the party, when stated apart from addresses."),
    scalar(attribute::test_record, "test_record", boolean, party,
           "True for a record made to try things out; it is never sent anywhere."),
    scalar(attribute::occupation, "occupation", text, person, "Occupation or job title."),
    scalar(attribute::birth_place, "birth_place", text, person, "Place of birth."),

    scalar(attribute::organization_name, "name", text, organization, "Name the organization uses."),
    scalar(attribute::legal_form, "legal_form", text, organization, "Legal form: BV, GmbH, SA."),
    scalar(attribute::industry, "industry", text, organization,
           "Industry, as a NACE or SBI code or a word."),
    scalar(attribute::size_class, "size_class", text, organization,
           "Size, as a class of employees."),
    scalar(attribute::organization_status, "status", code, organization,
           "Whether the organization still exists.", codes::organization_status),
    scalar(attribute::website, "website", text, organization, "Address of the website."),

    element(attribute::email_value, "emails.value", email, party, "E-mail address."),
    element(attribute::email_usage, "emails.usage", code, party, "What the address is for.",
            codes::usage),
    element(attribute::email_status, "emails.status", code, party,
            "Whether mail arrives; invalid and bounced addresses get none.", codes::contact_status),
    element(attribute::email_verified_at, "emails.verified_at", time, party,
            "When the address was last confirmed."),
    element(attribute::email_kind, "emails.kind", code, party,
            "A mailbox of a role (info@) or for one day; filled in where known, else absent.",
            codes::mailbox_kind),
    element(attribute::phone_value, "phones.value", phone, party, "Phone number, E.164."),
    element(attribute::phone_usage, "phones.usage", code, party, "What the number is for.",
            codes::usage),
    element(attribute::phone_status, "phones.status", code, party, "Whether the number works.",
            codes::contact_status),
    element(attribute::phone_verified_at, "phones.verified_at", time, party,
            "When the number was last confirmed."),
    element(attribute::address_usage, "addresses.usage", code, party, "What the address is for.",
            codes::usage),
    element(attribute::address_street, "addresses.street", text, party,
            "Street; a house number in it is taken out."),
    element(attribute::address_house_number, "addresses.house_number", text, party,
            "House number without addition."),
    element(attribute::address_house_number_suffix, "addresses.house_number_suffix", text, party,
            "Addition to the house number: A, bis, 2-hoog."),
    element(attribute::address_unit, "addresses.unit", text, party,
            "Flat, floor or suite within the building."),
    element(attribute::address_postcode, "addresses.postcode", postcode, party, "Postcode."),
    element(attribute::address_locality, "addresses.locality", text, party, "City or village."),
    element(attribute::address_subdivision, "addresses.subdivision", text, party,
            "Province, state or county."),
    element(attribute::address_country, "addresses.country", country, party,
            "Country, ISO 3166-1 alpha-2."),
    element(attribute::address_status, "addresses.status", code, party,
            "Whether post arrives there.", codes::contact_status),
    element(attribute::address_full, "addresses.full", text, party,
            "The whole address in one text, used where the parts are missing."),

    element(attribute::consent_purpose, "consents.purpose", text, party,
            "A purpose declared in rondom.yaml."),
    element(attribute::consent_channel, "consents.channel", code, party,
            "Channel it is about; empty means the purpose's channel.", codes::channel),
    element(attribute::consent_contact, "consents.contact", text, party,
            "E-mail address or phone number it is about; empty means the party."),
    element(attribute::consent_status, "consents.status", code, party, "What was decided.",
            codes::consent_status),
    element(attribute::consent_at, "consents.at", time, party, "When it was decided."),
    element(attribute::consent_basis, "consents.basis", code, party, "Legal basis, GDPR article 6.",
            codes::legal_basis),
    element(attribute::consent_evidence, "consents.evidence", text, party,
            "What proves it: form, text version, network address."),
    element(attribute::consent_expires_at, "consents.expires_at", time, party,
            "Until when a yes counts, where it does not count for good."),
    element(attribute::consent_confirmed_at, "consents.confirmed_at", time, party,
            "When a yes was confirmed (double opt-in)."),

    element(attribute::relation_type, "relations.type", text, party,
            "employs, contact_of, subsidiary_of, site_of, same_household, …"),
    element(attribute::relation_to, "relations.to", reference, party,
            "Record of the other party; it may arrive later."),
    element(attribute::relation_role, "relations.role", text, party,
            "Role in the relation: decider, user, buyer."),
    element(attribute::relation_valid_from, "relations.valid_from", time, party,
            "From when it holds; empty = always."),
    element(attribute::relation_valid_to, "relations.valid_to", time, party,
            "From when it holds no longer; empty = for good. One that does not hold is in no "
            "expression."),
    element(attribute::tag_value, "tags.value", text, party, "A word from a vocabulary."),

    scalar(attribute::activity_type, "type", text, event,
           "Kind of event: page_view, mail_opened, complaint."),
    scalar(attribute::activity_at, "at", time, activity, "When it happened."),
    scalar(attribute::activity_party, "party", reference, activity,
           "Record of who did it; it may arrive later."),
    scalar(attribute::activity_actor, "actor", text, activity,
           "Identifier of who did it, as namespace:value, where no record is known."),
    scalar(attribute::activity_channel, "channel", text, event,
           "Where it happened: web, email, phone, shop."),
    scalar(attribute::activity_subject, "subject", text, event,
           "What it was about: a page, a product, a campaign."),
    scalar(attribute::order_status, "status", code, order, "How far the order is.",
           codes::order_status),
    scalar(attribute::order_total, "total", money, order, "Total including VAT."),
    scalar(attribute::order_number, "number", text, order,
           "Number that the customer was given for it. Orders of one customer with one number, "
           "seen by "
           "several streams within two days, are one order."),
    element(attribute::line_sku, "lines.sku", text, order, "Article number."),
    element(attribute::line_category, "lines.category", text, order,
            "Product category, from a vocabulary."),
    element(attribute::line_quantity, "lines.quantity", decimal, order, "How many."),
    element(attribute::line_unit_price, "lines.unit_price", money, order,
            "Price of one, including VAT."),
    element(attribute::line_name, "lines.name", text, order, "Name of the article."),

    scalar(attribute::opportunity_name, "name", text, opportunity, "What it is called."),
    scalar(attribute::opportunity_stage, "stage", code, opportunity,
           "Whether it is still open, or how it ended.", codes::opportunity_stage),
    scalar(attribute::opportunity_phase, "phase", text, opportunity,
           "How far it is, in the words of those who sell."),
    scalar(attribute::opportunity_amount, "amount", money, opportunity, "What it may bring."),
    scalar(attribute::opportunity_probability, "probability", decimal, opportunity,
           "How likely it is to be won, from 0 to 1."),
    scalar(attribute::opportunity_expected_close, "expected_close", date, opportunity,
           "When it is expected to be decided."),
    scalar(attribute::opportunity_closed_at, "closed_at", time, opportunity,
           "When it was won or lost."),
    scalar(attribute::opportunity_reason, "reason", text, opportunity, "Why it was won or lost."),
    scalar(
        attribute::opportunity_number, "number", text, opportunity,
        "Number that it has in every system: of the offer, or its id in the CRM. Opportunities of "
        "one customer with one number, seen by several streams within 90 days, are one."),

    scalar(attribute::subscription_product, "product", text, subscription,
           "What it is a subscription to."),
    scalar(attribute::subscription_status, "status", code, subscription, "How it stands.",
           codes::subscription_status),
    scalar(attribute::subscription_amount, "amount", money, subscription,
           "Price of one period, including VAT."),
    scalar(attribute::subscription_period, "period", code, subscription, "How often it is paid.",
           codes::period),
    scalar(attribute::subscription_renews_on, "renews_on", date, subscription,
           "First day of the next period, where it renews itself."),
    scalar(attribute::subscription_ended_at, "ended_at", time, subscription,
           "When it ended, or will end."),
    scalar(attribute::subscription_reason, "reason", text, subscription, "Why it was ended."),

    element(attribute::suppression_kind, "suppressions.kind", code, party,
            "Why nothing may be sent, whatever was agreed to.", codes::suppression_kind),
    element(attribute::suppression_channel, "suppressions.channel", code, party,
            "Channel that is closed; empty means every channel.", codes::channel),
    element(attribute::suppression_purpose, "suppressions.purpose", text, party,
            "Purpose that is closed; empty means every purpose."),
    element(attribute::suppression_contact, "suppressions.contact", text, party,
            "E-mail address or phone number that is closed, for whoever has it; empty means the "
            "party and everything they are reached at."),
    element(attribute::suppression_destination, "suppressions.destination", text, party,
            "Connection to which nothing goes; empty means every one."),
    element(attribute::suppression_begins_at, "suppressions.begins_at", time, party,
            "From when on; empty means always."),
    element(attribute::suppression_ends_at, "suppressions.ends_at", time, party,
            "Until when; empty means for good."),
    element(attribute::suppression_note, "suppressions.note", text, party,
            "Which list it stands on, or who decided."),

    element(attribute::preference_channel, "preferences.channel", code, party,
            "Channel that it is about, or that is preferred.", codes::channel),
    element(attribute::preference_topic, "preferences.topic", text, party,
            "What it is about: a newsletter, a subject."),
    element(attribute::preference_choice, "preferences.choice", code, party,
            "Whether it is wanted. It permits nothing: consents do.", codes::preference_choice),
    element(attribute::preference_frequency, "preferences.frequency", code, party,
            "How often at most.", codes::frequency),
    element(attribute::preference_language, "preferences.language", language, party,
            "Language to be written to in, BCP 47."),
    element(attribute::preference_at, "preferences.at", time, party, "When it was stated."),

    scalar(attribute::need_subject, "subject", text, need,
           "What is needed or of interest: a category, a product."),
    scalar(attribute::need_kind, "kind", code, need, "Whether it passes or stays.",
           codes::need_kind),
    scalar(attribute::need_strength, "strength", decimal, need, "How strong it is, from 0 to 1."),
    scalar(attribute::need_status, "status", code, need, "How it stands.", codes::need_status),
    scalar(attribute::need_fulfilled_at, "fulfilled_at", time, need, "When it was met."),
    scalar(attribute::need_evidence, "evidence", text, need,
           "What it was learned from: a talk, a form, a visit."),

    scalar(attribute::answer_survey, "survey", text, survey_answer, "Which survey."),
    scalar(attribute::answer_question, "question", text, survey_answer, "Which question of it."),
    scalar(attribute::answer_measure, "measure", code, survey_answer,
           "What the score measures, where it is one of the usual three.", codes::survey_measure),
    scalar(attribute::answer_score, "score", decimal, survey_answer, "The score that was given."),
    scalar(attribute::answer_scale_max, "scale_max", decimal, survey_answer,
           "The highest score that could be given."),
    scalar(attribute::answer_text, "text", text, survey_answer, "The answer in words."),
    scalar(attribute::answer_channel, "channel", text, survey_answer, "Where it was asked."),
};

constexpr std::size_t ids_max = 200;

/// Place in the table + 1 by id; 0 = no such attribute.
constexpr auto place_by_id = [] {
  std::array<std::uint8_t, ids_max> places{};
  for (std::size_t i = 0; i < table.size(); ++i) places[table[i].id] = std::uint8_t(i + 1);
  return places;
}();

constexpr bool ids_ascend() {
  for (std::size_t i = 1; i < table.size(); ++i) {
    if (table[i - 1].id >= table[i].id) return false;
  }
  return table.back().id < ids_max;
}
static_assert(ids_ascend());

constexpr std::array<std::string_view, entity_count> entity_words{
    "person",      "organization", "event", "order",
    "opportunity", "subscription", "need",  "survey_answer"};

constexpr std::array<ActivityList, activity_lists_count> lists{{
    {Entity::order, "orders", "order", "an order"},
    {Entity::event, "events", "event", "an event"},
    {Entity::opportunity, "opportunities", "opportunity", "an opportunity"},
    {Entity::subscription, "subscriptions", "subscription", "a subscription"},
    {Entity::need, "needs", "need", "a need"},
    {Entity::survey_answer, "survey_answers", "survey answer", "a survey answer"},
}};

constexpr std::string_view custom_prefix = "custom.";
constexpr std::string_view identifier_prefix = "identifier.";

bool has_name_after(std::string_view name, std::string_view prefix) {
  return name.size() > prefix.size() && name.substr(0, prefix.size()) == prefix;
}

}  // namespace

const char* to_text(Entity entity) {
  return entity_words[std::size_t(entity) - 1].data();
}

std::optional<Entity> entity_from(std::string_view name) {
  for (std::size_t i = 0; i < entity_words.size(); ++i) {
    if (entity_words[i] == name) return Entity(i + 1);
  }
  return std::nullopt;
}

std::span<const std::string_view> entity_names() {
  return entity_words;
}

const std::array<ActivityList, activity_lists_count>& activity_lists() {
  return lists;
}

std::size_t activity_list_named(std::string_view name) {
  const auto found = std::find_if(lists.begin(), lists.end(),
                                  [&](const ActivityList& one) { return one.name == name; });
  return static_cast<std::size_t>(found - lists.begin());
}

bool is_party(Entity entity) {
  return entity == Entity::person || entity == Entity::organization;
}

bool applies_to(const AttributeInfo& info, Entity entity) {
  return (info.entities & bit(entity)) != 0;
}

std::span<const AttributeInfo> attributes() {
  return table;
}

const AttributeInfo* attribute_by_id(AttributeId id) {
  if (id >= ids_max || place_by_id[id] == 0) return nullptr;
  return &table[place_by_id[id] - 1u];
}

const AttributeInfo* attribute_by_name(Entity entity, std::string_view name) {
  if (has_name_after(name, custom_prefix)) name = "custom";
  if (has_name_after(name, identifier_prefix)) name = "identifier";
  for (const AttributeInfo& info : table) {
    if (info.name == name && applies_to(info, entity)) return &info;
  }
  return nullptr;
}

std::vector<std::string> attribute_names(Entity entity) {
  std::vector<std::string> names;
  const auto add = [&](std::string_view name) {
    if (std::find(names.begin(), names.end(), name) == names.end()) names.emplace_back(name);
  };
  for (const AttributeInfo& info : table) {
    if (!applies_to(info, entity)) continue;
    if (info.id == attribute::custom || info.id == attribute::identifier) {
      add(std::string(info.name) + (info.id == attribute::custom ? ".<name>" : ".<namespace>"));
    } else {
      add(info.group.empty() ? info.name : info.group);
    }
  }
  if (is_party(entity)) {
    for (const std::string_view name : {"email", "phone", "tag"}) add(name);
  }
  return names;
}

std::string_view short_form_of(std::string_view name) {
  if (name == "email") return "emails.value";
  if (name == "phone") return "phones.value";
  if (name == "tag") return "tags.value";
  return {};
}

}  // namespace rondom
