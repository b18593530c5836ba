// What is asked of Mautic's documents in several places. Pure functions.
#pragma once

#include <cstddef>
#include <rondom/sdk.hpp>
#include <string>
#include <string_view>

namespace rondom::mautic {

/// One entry of a list, or of an object by position: PHP writes both. nullptr when there is none.
const Json* position(const Json* list, std::size_t index);
/// Has the contact a do-not-contact entry for e-mail whose comment begins so?
bool has_entry(const Json& contact, std::string_view comment);
/// The e-mail among mapped or Mautic's fields, in lower case; may be empty.
std::string email_of(const Json& fields);
std::string email_of_contact(const Json& contact);

}  // namespace rondom::mautic
