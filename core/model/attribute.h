// The canonical attributes: what a canonical record can say (DESIGN §6), as one table.
//
// The table is the one registry: mapping targets, merge rules, audience fields, `discover` help and
// the reference page all read it. Constant data, any thread. Ids are stored in canonical records:
// append at the end of an entity's block, never renumber.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace rondom {

enum class Entity : std::uint8_t {
  person = 1,
  organization = 2,
  event = 3,
  order = 4,
  opportunity = 5,
  subscription = 6,
  need = 7,
  survey_answer = 8
};
inline constexpr std::size_t entity_count = 8;

const char* to_text(Entity entity);
std::optional<Entity> entity_from(std::string_view name);
/// All of them, in the order of their numbers.
std::span<const std::string_view> entity_names();
/// Persons and organizations become profiles; all else is an activity, which hangs on an actor
/// identifier.
bool is_party(Entity entity);

/// What a profile has of activities of one kind: a list beside its fields, which expressions read
/// by name.
struct ActivityList {
  Entity entity;
  std::string_view name;          // "orders"
  std::string_view one;           // "order"
  std::string_view with_article;  // "an order"
};
inline constexpr std::size_t activity_lists_count = 6;
/// Orders come first; a place in it is the number of the list.
const std::array<ActivityList, activity_lists_count>& activity_lists();
/// The number of the list of this name, or activity_lists_count.
std::size_t activity_list_named(std::string_view name);

enum class AttributeType : std::uint8_t {
  text,
  name,  // person-name part, cleaned by normalize
  date,  // may be partial
  time,
  integer,
  decimal,
  boolean,
  money,
  email,
  phone,
  country,
  postcode,
  language,
  gender,
  code,       // one of a fixed set (AttributeInfo::codes)
  reference,  // source.stream/key of another record
};

using AttributeId = std::uint16_t;

struct AttributeInfo {
  AttributeId id;
  std::string_view name;  // "name.given", "birth_date", "emails.value", "lines.sku"
  AttributeType type;
  std::string_view group;   // "" for a scalar, else the list it belongs to: "emails", "lines", …
  std::string_view member;  // name inside the group: "value", "usage"; "" for a scalar
  std::uint8_t entities;    // bit set, 1 << (entity - 1)
  std::span<const std::string_view> codes;  // AttributeType::code only
  std::string_view description;
};

bool applies_to(const AttributeInfo& info, Entity entity);

/// All attributes, by id.
std::span<const AttributeInfo> attributes();
const AttributeInfo* attribute_by_id(AttributeId id);
const AttributeInfo* attribute_by_name(Entity entity, std::string_view name);
/// Names that a map of this entity may use, for "did you mean" and the reference.
std::vector<std::string> attribute_names(Entity entity);
/// Singular short form -> list attribute: "email" is emails.value, "phone" phones.value, "tag"
/// tags.value.
std::string_view short_form_of(std::string_view name);

// Ids that code names. Two attributes carry a name beside their value: `custom` (custom.<name>) and
// `identifier` (identifier.<namespace>); the name travels in the cell.
namespace attribute {
inline constexpr AttributeId custom = 1;
inline constexpr AttributeId identifier = 2;

inline constexpr AttributeId name_full = 10;
inline constexpr AttributeId name_given = 11;
inline constexpr AttributeId name_initials = 12;
inline constexpr AttributeId name_middle = 13;
inline constexpr AttributeId name_surname_prefix = 14;
inline constexpr AttributeId name_surname = 15;
inline constexpr AttributeId name_partner_surname_prefix = 16;
inline constexpr AttributeId name_partner_surname = 17;
inline constexpr AttributeId name_title_before = 18;
inline constexpr AttributeId name_title_after = 19;
inline constexpr AttributeId name_suffix = 20;
inline constexpr AttributeId name_nickname = 21;
inline constexpr AttributeId birth_date = 30;
inline constexpr AttributeId death_status = 31;  // alive | presumed | confirmed
inline constexpr AttributeId death_date = 32;
inline constexpr AttributeId gender = 33;  // female male nonbinary other undisclosed unknown
inline constexpr AttributeId salutation_form = 34;
inline constexpr AttributeId language = 35;
inline constexpr AttributeId country =
    36;  // country of the party, when stated apart from addresses
inline constexpr AttributeId test_record = 37;
inline constexpr AttributeId occupation = 38;
inline constexpr AttributeId birth_place = 39;

inline constexpr AttributeId organization_name = 50;  // "name" of an organization
inline constexpr AttributeId legal_form = 51;
inline constexpr AttributeId industry = 52;
inline constexpr AttributeId size_class = 53;
inline constexpr AttributeId organization_status = 54;  // active | bankrupt | dissolved
inline constexpr AttributeId website = 55;

inline constexpr AttributeId email_value = 70;
inline constexpr AttributeId email_usage = 71;
inline constexpr AttributeId email_status = 72;
inline constexpr AttributeId email_verified_at = 73;
inline constexpr AttributeId email_kind =
    74;  // role | disposable; absent = a person's, as far as known
inline constexpr AttributeId phone_value = 75;
inline constexpr AttributeId phone_usage = 76;
inline constexpr AttributeId phone_status = 77;
inline constexpr AttributeId phone_verified_at = 78;
inline constexpr AttributeId address_usage = 80;
inline constexpr AttributeId address_street = 81;
inline constexpr AttributeId address_house_number = 82;
inline constexpr AttributeId address_house_number_suffix = 83;
inline constexpr AttributeId address_unit = 84;
inline constexpr AttributeId address_postcode = 85;
inline constexpr AttributeId address_locality = 86;
inline constexpr AttributeId address_subdivision = 87;
inline constexpr AttributeId address_country = 88;
inline constexpr AttributeId address_status = 89;
inline constexpr AttributeId address_full = 90;

inline constexpr AttributeId consent_purpose = 100;
inline constexpr AttributeId consent_channel = 101;
inline constexpr AttributeId consent_contact =
    102;  // the address or number it is about; "" = the party
inline constexpr AttributeId consent_status =
    103;  // granted | pending | denied | withdrawn | expired
inline constexpr AttributeId consent_at = 104;
inline constexpr AttributeId consent_basis = 105;
inline constexpr AttributeId consent_evidence = 106;
inline constexpr AttributeId consent_expires_at = 107;
inline constexpr AttributeId consent_confirmed_at = 108;

inline constexpr AttributeId relation_type = 110;
inline constexpr AttributeId relation_to = 111;
inline constexpr AttributeId relation_role = 112;
inline constexpr AttributeId relation_valid_from = 113;
inline constexpr AttributeId relation_valid_to = 114;
inline constexpr AttributeId tag_value = 115;

inline constexpr AttributeId activity_type = 120;  // events: page_view, mail_opened, …
inline constexpr AttributeId activity_at = 121;
inline constexpr AttributeId activity_party = 122;  // reference, or …
inline constexpr AttributeId activity_actor = 123;  // … identifier "namespace:value" of who did it
inline constexpr AttributeId activity_channel = 124;
inline constexpr AttributeId activity_subject = 125;
inline constexpr AttributeId order_status = 130;  // open | paid | shipped | refunded | cancelled
inline constexpr AttributeId order_total = 131;
inline constexpr AttributeId order_number = 132;
inline constexpr AttributeId line_sku = 135;
inline constexpr AttributeId line_category = 136;
inline constexpr AttributeId line_quantity = 137;
inline constexpr AttributeId line_unit_price = 138;
inline constexpr AttributeId line_name = 139;
inline constexpr AttributeId opportunity_name = 140;
inline constexpr AttributeId opportunity_stage = 141;  // open | won | lost
inline constexpr AttributeId opportunity_phase = 142;
inline constexpr AttributeId opportunity_amount = 143;
inline constexpr AttributeId opportunity_probability = 144;
inline constexpr AttributeId opportunity_expected_close = 145;
inline constexpr AttributeId opportunity_closed_at = 146;
inline constexpr AttributeId opportunity_reason = 147;
inline constexpr AttributeId opportunity_number = 148;
inline constexpr AttributeId subscription_product = 150;
inline constexpr AttributeId subscription_status = 151;  // trial | active | paused | ended
inline constexpr AttributeId subscription_amount = 152;
inline constexpr AttributeId subscription_period = 153;  // week | month | quarter | year
inline constexpr AttributeId subscription_renews_on = 154;
inline constexpr AttributeId subscription_ended_at = 155;
inline constexpr AttributeId subscription_reason = 156;

inline constexpr AttributeId suppression_kind = 160;
inline constexpr AttributeId suppression_channel = 161;
inline constexpr AttributeId suppression_purpose = 162;
inline constexpr AttributeId suppression_contact = 163;  // "" = the party
inline constexpr AttributeId suppression_destination = 164;
inline constexpr AttributeId suppression_begins_at = 165;
inline constexpr AttributeId suppression_ends_at = 166;
inline constexpr AttributeId suppression_note = 167;
inline constexpr AttributeId preference_channel = 170;
inline constexpr AttributeId preference_topic = 171;
inline constexpr AttributeId preference_choice = 172;     // wanted | unwanted
inline constexpr AttributeId preference_frequency = 173;  // daily … never
inline constexpr AttributeId preference_language = 174;
inline constexpr AttributeId preference_at = 175;
inline constexpr AttributeId need_subject = 180;
inline constexpr AttributeId need_kind = 181;  // temporary | lasting
inline constexpr AttributeId need_strength = 182;
inline constexpr AttributeId need_status = 183;  // open | fulfilled | dropped
inline constexpr AttributeId need_fulfilled_at = 184;
inline constexpr AttributeId need_evidence = 185;
inline constexpr AttributeId answer_survey = 190;
inline constexpr AttributeId answer_question = 191;
inline constexpr AttributeId answer_measure = 192;  // nps | csat | ces
inline constexpr AttributeId answer_score = 193;
inline constexpr AttributeId answer_scale_max = 194;
inline constexpr AttributeId answer_text = 195;
inline constexpr AttributeId answer_channel = 196;
}  // namespace attribute

}  // namespace rondom
