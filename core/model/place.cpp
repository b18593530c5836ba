#include "model/place.h"

#include <string>
#include <vector>

#include "model/names.h"
#include "model/record.h"

namespace rondom {

namespace {

/// Letters and digits alone, as large letters: "1234 ab" and "1234AB" are one postcode.
std::string compact(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z')) out += c;
    if (c >= 'a' && c <= 'z') out += static_cast<char>(c - 'a' + 'A');
  }
  return out;
}

bool has_a_digit(std::string_view text) {
  return text.find_first_of("0123456789") != std::string_view::npos;
}

/// One address, as its cells come.
struct Door {
  std::uint32_t group = 0;
  std::string_view usage, street, number, suffix, unit, postcode, locality, country, status;

  std::string text() const {
    if (usage == "work" || status == "moved" || status == "invalid") return {};
    const std::string which =
        "|" + compact(number) + "|" + compact(suffix) + "|" + compact(unit) + "|";
    const std::string code = compact(postcode);
    if (!code.empty() && !number.empty()) return std::string(country) + "|" + code + which;
    const bool numbered = !number.empty() || has_a_digit(street);
    if (street.empty() || locality.empty() || !numbered) return {};
    return std::string(country) + "|" + fold_name(street) + which + fold_name(locality);
  }
};

}  // namespace

void for_each_place(std::string_view bytes, const std::function<void(std::string_view)>& f) {
  // The cells of one address come attribute by attribute, those of several addresses mixed.
  std::vector<Door> doors;
  RecordReader reader(bytes);
  Cell cell;
  while (reader.next(cell) && cell.attribute <= attribute::address_status) {
    if (cell.attribute < attribute::address_usage) continue;
    Door* door = nullptr;
    for (Door& one : doors) {
      if (one.group == cell.group) door = &one;
    }
    if (door == nullptr) {
      door = &doors.emplace_back();
      door->group = cell.group;
    }
    switch (cell.attribute) {
      case attribute::address_usage: door->usage = cell.value; break;
      case attribute::address_street: door->street = cell.value; break;
      case attribute::address_house_number: door->number = cell.value; break;
      case attribute::address_house_number_suffix: door->suffix = cell.value; break;
      case attribute::address_unit: door->unit = cell.value; break;
      case attribute::address_postcode: door->postcode = cell.value; break;
      case attribute::address_locality: door->locality = cell.value; break;
      case attribute::address_country: door->country = cell.value; break;
      case attribute::address_status: door->status = cell.value; break;
      default: break;
    }
  }
  for (const Door& door : doors) {
    if (const std::string text = door.text(); !text.empty()) f(text);
  }
}

}  // namespace rondom
