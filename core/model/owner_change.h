// Two people under one record id: a source overwrites the record of one with the data of another.
#pragma once

#include <string_view>

namespace rondom {

/// Does the new content of a person's record look like somebody else: two or more of surname, birth
/// date and e-mail differ? Missing is no difference, nor is a longer surname that holds the shorter
/// ("Bakker", "Bakker-Smit"), a more precise birth date, or one more e-mail address. Canonical
/// bytes; pure, any thread.
bool is_owner_change(std::string_view before, std::string_view after);

}  // namespace rondom
