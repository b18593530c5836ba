#include "plugin/symbols.h"

#include <elf.h>

#include <charconv>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <vector>

namespace rondom::plugin {
namespace {

constexpr std::uint64_t table_bytes_max = 64u << 20;
constexpr std::size_t name_bytes_max = 200;

class File {
 public:
  explicit File(const std::string& path) : in_(path, std::ios::binary) {}
  template <typename T>
  bool read(std::uint64_t at, std::vector<T>& into, std::uint64_t bytes) {
    if (bytes > table_bytes_max) return false;
    into.resize(static_cast<std::size_t>(bytes / sizeof(T)));
    in_.clear();
    in_.seekg(static_cast<std::streamoff>(at));
    in_.read(reinterpret_cast<char*>(into.data()),
             static_cast<std::streamsize>(into.size() * sizeof(T)));
    return static_cast<bool>(in_);
  }

 private:
  std::ifstream in_;
};

std::string hexadecimal(std::uint64_t value) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, value, 16).ptr;
  return "0x" + std::string(digits, end);
}

std::string name_in(File& file, const Elf64_Shdr& table, const std::vector<Elf64_Shdr>& sections,
                    std::uint64_t offset) {
  std::vector<Elf64_Sym> symbols;
  std::vector<char> names;
  if (table.sh_link >= sections.size() || !file.read(table.sh_offset, symbols, table.sh_size)) {
    return {};
  }
  const Elf64_Shdr& texts = sections[table.sh_link];
  if (!file.read(texts.sh_offset, names, texts.sh_size)) return {};
  names.push_back('\0');
  for (const Elf64_Sym& symbol : symbols) {
    const bool holds = ELF64_ST_TYPE(symbol.st_info) == STT_FUNC && offset >= symbol.st_value &&
                       offset - symbol.st_value < symbol.st_size;
    if (!holds || symbol.st_name >= names.size()) continue;
    return readable_symbol(names.data() + symbol.st_name) + "+" +
           hexadecimal(offset - symbol.st_value);
  }
  return {};
}

/// The next "4read" of a mangled name; empty when there is none. `left` is what comes after it.
std::string_view take_name(std::string_view& left) {
  std::size_t size = 0;
  const auto read = std::from_chars(left.data(), left.data() + left.size(), size);
  const auto digits = static_cast<std::size_t>(read.ptr - left.data());
  if (read.ec != std::errc() || size == 0 || size > left.size() - digits) return {};
  const std::string_view name = left.substr(digits, size);
  left.remove_prefix(digits + size);
  return name;
}

std::string printable(std::string_view name) {
  std::string text(name.substr(0, name_bytes_max));
  for (char& c : text) {
    if (c < 0x20 || c >= 0x7f) c = '?';
  }
  return text;
}

}  // namespace

std::string readable_symbol(std::string_view mangled) {
  std::string_view left = mangled;
  if (!left.starts_with("_Z")) return printable(mangled);
  left.remove_prefix(2);
  const bool nested = left.starts_with('N');
  if (nested || left.starts_with('L')) left.remove_prefix(1);
  while (nested && !left.empty() && std::string_view("rVKRO").find(left[0]) != std::string::npos) {
    left.remove_prefix(1);
  }
  std::string text, last;
  if (left.starts_with("St")) {
    left.remove_prefix(2);
    text = "std";
  }
  do {
    std::string_view name = take_name(left);
    if (name.empty()) break;
    if (name.starts_with("_GLOBAL__N_")) name = "(anonymous namespace)";
    last = name;
    text += (text.empty() ? "" : "::") + last;
  } while (nested && text.size() < name_bytes_max);
  if (last.empty()) return printable(mangled);
  if (nested && left.starts_with('C')) text += "::" + last;
  if (nested && left.starts_with('D')) text += "::~" + last;
  // What the arguments of a template are is for who knows the whole language of these names.
  if (left.starts_with('I')) text += "<>";
  return printable(text);
}

std::string symbol_at(const std::string& library, std::uint64_t offset) {
  File file(library);
  std::vector<Elf64_Ehdr> head;
  if (!file.read(0, head, sizeof(Elf64_Ehdr))) return {};
  if (std::memcmp(head[0].e_ident, ELFMAG, SELFMAG) != 0 ||
      head[0].e_ident[EI_CLASS] != ELFCLASS64 || head[0].e_shentsize != sizeof(Elf64_Shdr)) {
    return {};
  }
  std::vector<Elf64_Shdr> sections;
  if (!file.read(head[0].e_shoff, sections, head[0].e_shnum * sizeof(Elf64_Shdr))) return {};
  for (const std::uint32_t type : {SHT_SYMTAB, SHT_DYNSYM}) {
    for (const Elf64_Shdr& section : sections) {
      if (section.sh_type != type) continue;
      if (std::string name = name_in(file, section, sections, offset); !name.empty()) return name;
    }
  }
  return {};
}

std::string with_symbol(std::string_view line, const std::string& library) {
  const std::string start = "at " + std::filesystem::path(library).filename().string() + "+0x";
  std::string text(line);
  if (!line.starts_with(start)) return text;
  std::uint64_t offset = 0;
  const char* from = line.data() + start.size();
  const auto read = std::from_chars(from, line.data() + line.size(), offset, 16);
  if (read.ec != std::errc()) return text;
  const std::string name = symbol_at(library, offset);
  return name.empty() ? text : text.substr(0, text.find(' ', 3)) + " (" + name + ")";
}

}  // namespace rondom::plugin
