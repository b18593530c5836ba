#include "store/postgresql/wire.h"

namespace rondom::store::wire {
namespace {

void append_32(std::string& out, std::uint32_t number) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>((number >> shift) & 0xff);
}

void append_64(std::string& out, std::uint64_t number) {
  append_32(out, static_cast<std::uint32_t>(number >> 32));
  append_32(out, static_cast<std::uint32_t>(number));
}

std::string valid_text(std::string_view text) {
  std::string valid(text);
  const bool broken = !is_utf8(text);
  for (char& c : valid) {
    if (c == '\0' || (broken && static_cast<unsigned char>(c) >= 0x80)) c = '?';
  }
  return valid;
}

}  // namespace

std::uint32_t type_of(ColumnType type) {
  switch (type) {
    case ColumnType::integer: return 20;
    case ColumnType::blob: return 17;
    case ColumnType::text: return 25;
  }
  return 0;
}

std::uint32_t array_type_of(ColumnType type) {
  switch (type) {
    case ColumnType::integer: return 1016;
    case ColumnType::blob: return 1001;
    case ColumnType::text: return 1009;
  }
  return 0;
}

const char* type_name(ColumnType type) {
  switch (type) {
    case ColumnType::integer: return "bigint";
    case ColumnType::blob: return "bytea";
    case ColumnType::text: return "text";
  }
  return "";
}

void append_value(std::string& out, const Cell& cell, ColumnType type) {
  if (!cell.is_bytes()) {
    append_64(out, to_unsigned(cell.integer()));
  } else if (type == ColumnType::text) {
    out += valid_text(cell.bytes());
  } else {
    out += cell.bytes();
  }
}

std::string array_of(const Rows& rows, std::size_t column, std::size_t first, std::size_t last,
                     ColumnType type) {
  std::string out;
  bool has_null = false;
  for (std::size_t r = first; r < last && !has_null; ++r) has_null = rows[r][column].is_null();
  append_32(out, 1);
  append_32(out, has_null ? 1 : 0);
  append_32(out, type_of(type));
  append_32(out, static_cast<std::uint32_t>(last - first));
  append_32(out, 1);
  std::string value;
  for (std::size_t r = first; r < last; ++r) {
    const Cell& cell = rows[r][column];
    if (cell.is_null()) {
      append_32(out, 0xffff'ffff);
      continue;
    }
    value.clear();
    append_value(value, cell, type);
    append_32(out, static_cast<std::uint32_t>(value.size()));
    out += value;
  }
  return out;
}

std::int64_t read_integer(std::string_view bytes) {
  std::uint64_t number = 0;
  for (const char c : bytes) number = number << 8 | static_cast<unsigned char>(c);
  return to_signed(number);
}

Cell read_value(std::string_view bytes, ColumnType type) {
  if (type == ColumnType::integer) return read_integer(bytes);
  return bytes;
}

}  // namespace rondom::store::wire
