#include "pipeline/normalize/address_cells.h"

#include <string>

#include "base/base.h"
#include "pipeline/normalize/address.h"
#include "pipeline/normalize/cells.h"
#include "pipeline/normalize/text.h"
#include "pipeline/normalize/words.h"

namespace rondom::normalize {
namespace {

using namespace attribute;  // NOLINT(google-build-using-namespace): ids of the registry only

// A cell that said nothing makes room.
void add_part(std::vector<Cell>& cells, AttributeId id, std::string_view value, const Cell& from) {
  if (value.empty()) return;
  const auto raw = from.raw.data() != nullptr ? from.raw : from.value;
  const Cell part{id, from.group, value, raw, Rule::address_split, {}};
  Cell* there = find_cell(cells, id, from.group);
  if (there == nullptr) {
    cells.push_back(part);
  } else if (there->value.empty()) {
    *there = part;
  }
}

bool has(std::vector<Cell>& cells, AttributeId id, std::uint32_t group) {
  const Cell* cell = find_cell(cells, id, group);
  return cell != nullptr && !cell->value.empty();
}

bool is_other(std::vector<Cell>& cells, AttributeId id, std::uint32_t group,
              std::string_view value) {
  return !value.empty() && has(cells, id, group) && find_cell(cells, id, group)->value != value;
}

// Two sources of one part: which is right is not ours to say.
bool is_taken(std::vector<Cell>& cells, std::uint32_t group, const StreetLine& line) {
  return (!line.suffix.empty() && has(cells, address_house_number_suffix, group)) ||
         (!line.unit.empty() && has(cells, address_unit, group));
}

void split_number_cell(std::vector<Cell>& cells, std::size_t at, std::string_view country,
                       Arena& arena) {
  const Cell number = cells[at];
  StreetLine line;
  if (all_digits(number.value)) return;
  if (has(cells, address_house_number_suffix, number.group)) return;
  switch (split_house_number(number.value, country_of_address(cells, number.group, country), line,
                             arena)) {
    case AddressSplit::nothing: return;
    case AddressSplit::uncertain: cells[at].rule = Rule::uncertain; return;
    case AddressSplit::split: break;
  }
  if (!line.unit.empty() && has(cells, address_unit, number.group)) return;
  add_part(cells, address_house_number_suffix, line.suffix, number);
  add_part(cells, address_unit, line.unit, number);
  change(cells[at], line.house_number, Rule::address_split);
}

void split_street_cell(std::vector<Cell>& cells, std::size_t at, std::string_view country,
                       Arena& arena) {
  const Cell street = cells[at];
  StreetLine line;
  if (has(cells, address_house_number, street.group)) return;
  switch (
      split_street(street.value, country_of_address(cells, street.group, country), line, arena)) {
    case AddressSplit::nothing: return;
    case AddressSplit::uncertain: cells[at].rule = Rule::uncertain; return;
    case AddressSplit::split: break;
  }
  if (is_taken(cells, street.group, line)) {
    cells[at].rule = Rule::uncertain;
    return;
  }
  add_part(cells, address_house_number, line.house_number, street);
  add_part(cells, address_house_number_suffix, line.suffix, street);
  add_part(cells, address_unit, line.unit, street);
  change(cells[at], line.street, Rule::address_split);
}

void split_whole_cell(std::vector<Cell>& cells, std::size_t at, std::string_view country,
                      Arena& arena) {
  const Cell whole = cells[at];
  for (const AttributeId id :
       {address_street, address_house_number, address_postcode, address_locality}) {
    if (has(cells, id, whole.group)) return;
  }
  WholeAddress parts;
  if (!split_whole_address(whole.value, country_of_address(cells, whole.group, country), parts,
                           arena)) {
    cells[at].rule = Rule::uncertain;
    return;
  }
  const auto named =
      parts.country.empty() ? std::string_view() : clean_country(parts.country, arena).value;
  if (is_taken(cells, whole.group, parts.street) ||
      is_other(cells, address_country, whole.group, named)) {
    cells[at].rule = Rule::uncertain;
    return;
  }
  add_part(cells, address_street, parts.street.street, whole);
  add_part(cells, address_house_number, parts.street.house_number, whole);
  add_part(cells, address_house_number_suffix, parts.street.suffix, whole);
  add_part(cells, address_unit, parts.street.unit, whole);
  add_part(cells, address_postcode, parts.postcode, whole);
  add_part(cells, address_locality, parts.locality, whole);
  add_part(cells, address_country, named, whole);
}

}  // namespace

bool is_address_line(AttributeId id) {
  return id == address_street || id == address_house_number || id == address_full;
}

std::string_view country_of_address(std::vector<Cell>& cells, std::uint32_t group,
                                    std::string_view country) {
  const Cell* stated = find_cell(cells, address_country, group);
  return stated != nullptr && is_country_code(stated->value) ? stated->value : country;
}

void split_addresses(std::vector<Cell>& cells, std::string_view country, Arena& arena) {
  const std::size_t count = cells.size();
  for (std::size_t at = 0; at < count; ++at) {
    if (cells[at].value.empty()) continue;
    if (cells[at].attribute == address_house_number) split_number_cell(cells, at, country, arena);
    if (cells[at].attribute == address_street) split_street_cell(cells, at, country, arena);
    if (cells[at].attribute == address_full) split_whole_cell(cells, at, country, arena);
  }
}

std::string_view lines_to_commas(std::string_view text, Arena& arena) {
  const auto first = text.find_first_of("\r\n");
  if (first == std::string_view::npos) return text;
  std::string out;
  bool pending = false;
  for (const char c : text) {
    if (c == '\r' || c == '\n') {
      pending = !trim_ascii(out).empty();
      continue;
    }
    if (pending && c == ' ') continue;
    if (pending) {
      while (!out.empty() && (out.back() == ' ' || out.back() == ',')) out.pop_back();
      out += ", ";
    }
    pending = false;
    out.push_back(c);
  }
  return arena.copy(out);
}

}  // namespace rondom::normalize
