// encoding: text that some program read in the wrong encoding. Pure functions, any thread.
#pragma once

#include <string_view>

#include "base/arena.h"

namespace rondom::normalize {

/// UTF-8 that was read as Windows-1252 or Latin-1, once or several times over ("MÃ¼ller", "â‚¬"),
/// as it was meant; in `arena`. The text itself unless that is certain: every character of a run
/// beyond ASCII must be a byte of one well-formed UTF-8 text, of plausible characters, and at least
/// one pair must be such that no language writes it. (Table: WHATWG Encoding Standard,
/// windows-1252.)
std::string_view repair_encoding(std::string_view text, Arena& arena);

/// Does the text hold what a wrong encoding leaves behind (U+FFFD, "Ã" before a sign) and cannot be
/// repaired for certain?
bool has_broken_encoding(std::string_view text);

}  // namespace rondom::normalize
