// MD5 (RFC 1321): Mailchimp's address of a member is the MD5 of its e-mail. No protection of any
// kind.
#pragma once

#include <string>
#include <string_view>

namespace rondom::mailchimp {

/// 32 hex digits. Any thread.
std::string md5(std::string_view text);

}  // namespace rondom::mailchimp
