#include "conformance/symbols.h"

#include <elf.h>

#include <cstring>
#include <fstream>
#include <iterator>

namespace rondom::conformance {
namespace {

/// A T of the file, or false when the file ends before it.
template <typename T>
bool get(const std::string& file, std::size_t at, T& into) {
  if (at > file.size() || file.size() - at < sizeof into) return false;
  std::memcpy(&into, file.data() + at, sizeof into);
  return true;
}

std::string text_at(const std::string& file, std::size_t at) {
  if (at >= file.size()) return {};
  return std::string(file.c_str() + at, ::strnlen(file.data() + at, file.size() - at));
}

void add(const std::string& file, const Elf64_Shdr& symbols, const Elf64_Shdr& names,
         std::vector<Exported>& out) {
  for (std::size_t at = 0; at + sizeof(Elf64_Sym) <= symbols.sh_size; at += sizeof(Elf64_Sym)) {
    Elf64_Sym symbol{};
    if (!get(file, symbols.sh_offset + at, symbol)) return;
    const auto visibility = ELF64_ST_VISIBILITY(symbol.st_other);
    const auto binding = ELF64_ST_BIND(symbol.st_info);
    if (symbol.st_shndx == SHN_UNDEF || symbol.st_shndx == SHN_ABS || binding == STB_LOCAL ||
        visibility == STV_HIDDEN || visibility == STV_INTERNAL) {
      continue;
    }
    out.push_back({text_at(file, names.sh_offset + symbol.st_name), binding == STB_GNU_UNIQUE});
  }
}

}  // namespace

Result<std::vector<Exported>> exported_symbols(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{ErrorCode::usage, path + " cannot be read"};
  const std::string file{std::istreambuf_iterator<char>(in), {}};
  const Error broken{ErrorCode::data, path + " is no shared library of this machine"};
  Elf64_Ehdr head{};
  if (!get(file, 0, head) || std::memcmp(head.e_ident, ELFMAG, SELFMAG) != 0 ||
      head.e_ident[EI_CLASS] != ELFCLASS64 || head.e_type != ET_DYN) {
    return broken;
  }
  std::vector<Exported> out;
  for (std::size_t i = 0; i < head.e_shnum; ++i) {
    Elf64_Shdr section{};
    if (!get(file, head.e_shoff + i * sizeof section, section)) return broken;
    if (section.sh_type != SHT_DYNSYM) continue;
    Elf64_Shdr names{};
    if (!get(file, head.e_shoff + section.sh_link * sizeof names, names)) return broken;
    add(file, section, names, out);
  }
  return out;
}

}  // namespace rondom::conformance
