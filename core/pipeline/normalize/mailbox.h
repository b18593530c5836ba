// mailbox: whose mailbox an e-mail address is, as far as the address tells. Pure functions over
// constant tables, any thread. All take a canonical address.
#pragma once

#include <string_view>

namespace rondom::normalize {

/// "info@", "sales@", "boekhouding@", with or without "+…": a mailbox of a role, not of a person.
bool is_role_mailbox(std::string_view email);

/// A mailbox that anybody can open for an hour: the domains of the services that are met most, each
/// also on the public list github.com/disposable-email-domains/disposable-email-domains (CC0), and
/// their subdomains. Not complete, and never a reason to lose somebody.
bool is_disposable_mailbox(std::string_view email);

/// A code of emails.kind: "disposable", "role", or empty.
std::string_view mailbox_kind(std::string_view email);

}  // namespace rondom::normalize
