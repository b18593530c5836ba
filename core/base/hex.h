// hex: bytes as lower-case hexadecimal digits, two each. Pure; any thread.
#pragma once

#include <string>
#include <string_view>

namespace rondom {

std::string to_hex(std::string_view bytes);
/// Of what to_hex() wrote; ends before the first that is no pair of its digits.
std::string from_hex(std::string_view text);

}  // namespace rondom
