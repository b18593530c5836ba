#include "model/refusals.h"

#include <map>

#include "model/model.h"

namespace rondom {

namespace {

struct Contact {
  std::string_view name_space, value;
};

Contact contact_of(std::string_view value) {
  return {value.find('@') != std::string_view::npos ? "email" : "phone", value};
}

}  // namespace

std::vector<Refusal> refusals_of(std::string_view bytes) {
  std::vector<Contact> contacts;
  std::map<std::uint32_t, Refusal> consents;
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
      default: break;
    }
  }
  std::vector<Refusal> refusals;
  for (const auto& [group, consent] : consents) {
    if (consent.status != "withdrawn" && consent.status != "denied" &&
        consent.status != unreadable_consent) {
      continue;
    }
    std::vector<Contact> about = contacts;
    if (!consent.contact.empty()) about = {contact_of(consent.contact)};
    for (const Contact& contact : about) {
      Refusal& refusal = refusals.emplace_back(consent);
      refusal.name_space = contact.name_space;
      refusal.contact = contact.value;
      refusal.about_party = consent.contact.empty();
    }
  }
  return refusals;
}

}  // namespace rondom
