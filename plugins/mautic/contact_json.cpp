#include "contact_json.h"

#include "api.h"

namespace rondom::mautic {

const Json* position(const Json* list, std::size_t index) {
  if (list == nullptr) return nullptr;
  if (index < list->items().size()) return &list->items()[index];
  return list->find(std::to_string(index));
}

bool has_entry(const Json& contact, std::string_view comment) {
  const auto entries = entries_of(contact, "doNotContact");
  if (!entries.ok()) return false;
  for (const Json* entry : *entries) {
    if (entry->text_or("channel", "") == "email" &&
        entry->text_or("comments", "").starts_with(comment)) {
      return true;
    }
  }
  return false;
}

std::string email_of(const Json& fields) {
  return lower(fields.text_or("email", ""));
}

std::string email_of_contact(const Json& contact) {
  const Json* fields = contact.find("fields");
  const Json* all = fields == nullptr ? nullptr : fields->find("all");
  return all == nullptr ? std::string() : email_of(*all);
}

}  // namespace rondom::mautic
