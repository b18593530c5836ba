#include "model/refusals.h"

#include <map>

#include "model/model.h"
#include "model/person_names.h"

namespace rondom {

namespace {

struct Contact {
  std::string_view name_space, value;
};

Contact contact_of(std::string_view value) {
  return {value.find('@') != std::string_view::npos ? "email" : "phone", value};
}

bool tells_who_it_is(std::string_view bytes) {
  const NameParts parts = name_parts(bytes);
  return !parts.given.empty() || !parts.initials.empty() || !whole_name(parts).empty() ||
         full_date(parts.birth) != 0;
}

}  // namespace

std::vector<Refusal> refusals_of(std::string_view bytes) {
  std::vector<Contact> contacts;
  std::map<std::uint32_t, Refusal> consents, suppressions;
  bool has_died = false;
  RecordReader reader(bytes);
  Cell cell;
  while (reader.next(cell)) {
    switch (cell.attribute) {
      case attribute::email_value: contacts.push_back({"email", cell.value}); break;
      case attribute::phone_value: contacts.push_back({"phone", cell.value}); break;
      case attribute::consent_purpose: consents[cell.group].purpose = cell.value; break;
      case attribute::consent_channel: consents[cell.group].channel = cell.value; break;
      case attribute::consent_contact: consents[cell.group].contact = cell.value; break;
      case attribute::consent_status: consents[cell.group].status = cell.value; break;
      case attribute::consent_at: consents[cell.group].at = cell.value; break;
      case attribute::suppression_kind: suppressions[cell.group].kind = cell.value; break;
      case attribute::suppression_channel: suppressions[cell.group].channel = cell.value; break;
      case attribute::suppression_purpose: suppressions[cell.group].purpose = cell.value; break;
      case attribute::suppression_contact: suppressions[cell.group].contact = cell.value; break;
      case attribute::suppression_destination:
        suppressions[cell.group].destination = cell.value;
        break;
      case attribute::suppression_begins_at: suppressions[cell.group].at = cell.value; break;
      case attribute::suppression_ends_at: suppressions[cell.group].ends_at = cell.value; break;
      case attribute::death_status:
        has_died = cell.value == "presumed" || cell.value == "confirmed";
        break;
      default: break;
    }
  }
  std::vector<Refusal> refusals;
  const auto add = [&](const Refusal& one) {
    std::vector<Contact> about = contacts;
    if (!one.contact.empty()) about = {contact_of(one.contact)};
    for (const Contact& contact : about) {
      Refusal& refusal = refusals.emplace_back(one);
      refusal.name_space = contact.name_space;
      refusal.contact = contact.value;
      refusal.about_party = one.contact.empty();
    }
  };
  for (const auto& [group, consent] : consents) {
    const bool refuses = consent.status == "withdrawn" || consent.status == "denied" ||
                         consent.status == unreadable_consent;
    if (refuses) add(consent);
  }
  for (auto& [group, suppression] : suppressions) {
    suppression.status = suppressed_status;
    add(suppression);
  }
  if (has_died && tells_who_it_is(bytes)) {
    Refusal death;
    death.status = deceased_status;
    add(death);
  }
  return refusals;
}

}  // namespace rondom
