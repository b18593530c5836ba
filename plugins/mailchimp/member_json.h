// What is asked of Mailchimp's documents in several places. Pure functions.
#pragma once

#include <rondom/sdk.hpp>
#include <string>
#include <string_view>

namespace rondom::mailchimp {

/// The tag of members that we unsubscribed or archived: such a "no" is none of theirs, and it is
/// taken back when they are permitted again.
inline constexpr std::string_view own_mark = "rondom:closed";

/// What a member is called in addresses: its contact_id, which stays when the address changes; else
/// `otherwise`.
std::string name_of(const Json& member, const std::string& otherwise);
bool has_tag(const Json& member, std::string_view name);
/// Was it we who closed this member? A mark that outlived a later "no" of theirs does not count:
/// Mailchimp notes who unsubscribed.
bool closed_by_us(const Json& member);
/// Why Mailchimp refused, from a problem document or from an entry of a batch's errors: one
/// sentence without personal data.
std::string refusal(const Json& problem);

}  // namespace rondom::mailchimp
