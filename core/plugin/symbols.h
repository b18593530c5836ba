// symbols: names for the places of a crash, from the symbol table of a library's file. Reads files
// only; a file that is no ELF file of this machine's word size has no names. Any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace rondom::plugin {

/// "acme::Contacts::read" of "_ZN4acme8Contacts4readEv": the names alone, cut to what a line takes.
/// A library's names are its own to choose: one that means a text of gibibytes in the whole
/// language of such names costs no more here than its bytes. What is not understood stays as it is.
std::string readable_symbol(std::string_view mangled);

/// "acme::Contacts::read+0x1c" for an offset from where the library is loaded; empty when not
/// known.
std::string symbol_at(const std::string& library, std::uint64_t offset);

/// A line "at MODULE+0xOFFSET" of a trace, with the name behind it when MODULE is the library's
/// file.
std::string with_symbol(std::string_view line, const std::string& library);

}  // namespace rondom::plugin
