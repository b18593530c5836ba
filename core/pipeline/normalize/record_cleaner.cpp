#include "pipeline/normalize/record_cleaner.h"

#include <algorithm>
#include <array>

#include "pipeline/normalize/address.h"
#include "pipeline/normalize/person_name.h"
#include "pipeline/normalize/postcode.h"
#include "pipeline/normalize/text.h"
#include "pipeline/normalize/words.h"

namespace rondom::normalize {
namespace {

constexpr std::string_view invalid_word = "invalid";

void change(Cell& cell, std::string_view value, Rule rule) {
  if (cell.value == value) return;
  if (cell.raw.data() == nullptr) cell.raw = cell.value;
  cell.value = value;
  cell.rule = rule == Rule::none ? Rule::trimmed : rule;
}

Cell* find_cell(std::vector<Cell>& cells, AttributeId id, std::uint32_t group) {
  for (Cell& cell : cells) {
    if (cell.attribute == id && cell.group == group) return &cell;
  }
  return nullptr;
}

// What makes an element of a list worth keeping: one of these cells.
bool carries_element(AttributeId id) {
  using namespace attribute;  // NOLINT(google-build-using-namespace): ids of the registry only
  switch (id) {
    case email_value:
    case phone_value:
    case consent_status:
    case relation_to:
    case tag_value:
    case address_street:
    case address_house_number:
    case address_house_number_suffix:
    case address_unit:
    case address_postcode:
    case address_locality:
    case address_subdivision:
    case address_country:
    case address_full:
    case line_sku:
    case line_category:
    case line_quantity:
    case line_unit_price:
    case line_name: return true;
    default: return false;
  }
}

bool is_carried(const std::vector<Cell>& cells, const Cell& member) {
  const AttributeInfo* list = attribute_by_id(member.attribute);
  return std::any_of(cells.begin(), cells.end(), [&](const Cell& cell) {
    if (cell.group != member.group || cell.value.empty() || !carries_element(cell.attribute)) {
      return false;
    }
    return attribute_by_id(cell.attribute)->group == list->group;
  });
}

std::string_view country_of_address(std::vector<Cell>& cells, std::uint32_t group,
                                    const Context& context) {
  const Cell* stated = find_cell(cells, attribute::address_country, group);
  return stated != nullptr && is_country_code(stated->value) ? stated->value : context.country;
}

void clean_names(std::vector<Cell>& cells, std::string_view country, Arena& arena) {
  PersonName name;
  for (const Cell& cell : cells) {
    if (PersonName::holds(cell.attribute) && !name.has(cell.attribute)) {
      name[cell.attribute] = {cell.value, cell.raw, cell.rule};
    }
  }
  clean_person_name(name, country, arena);
  std::array<bool, PersonName::count> written{};
  for (Cell& cell : cells) {
    if (!PersonName::holds(cell.attribute)) continue;
    const auto at = static_cast<std::size_t>(cell.attribute - PersonName::first);
    const NamePart& part = name[cell.attribute];
    if (written[at] || part.value.empty()) {
      cell.value = {};
      continue;
    }
    written[at] = true;
    cell.value = part.value;
    cell.raw = part.raw;
    cell.rule = part.rule;
  }
  for (std::size_t at = 0; at < PersonName::count; ++at) {
    const auto id = static_cast<AttributeId>(PersonName::first + at);
    if (written[at] || !name.has(id)) continue;
    cells.push_back({id, 0, name[id].value, name[id].raw, name[id].rule, {}});
  }
}

void add_part(std::vector<Cell>& cells, AttributeId id, std::uint32_t group, std::string_view value,
              const Cell& from) {
  if (value.empty() || find_cell(cells, id, group) != nullptr) return;
  const auto raw = from.raw.data() != nullptr ? from.raw : from.value;
  cells.push_back({id, group, value, raw, Rule::address_split, {}});
}

void split_number_cell(std::vector<Cell>& cells, std::size_t at) {
  const Cell number = cells[at];
  StreetLine line;
  if (find_cell(cells, attribute::address_house_number_suffix, number.group) != nullptr) return;
  if (!split_house_number(number.value, line)) return;
  add_part(cells, attribute::address_house_number_suffix, number.group, line.suffix, number);
  change(cells[at], line.house_number, Rule::address_split);
}

void split_street_cell(std::vector<Cell>& cells, std::size_t at, const Context& context) {
  const Cell street = cells[at];
  StreetLine line;
  if (find_cell(cells, attribute::address_house_number, street.group) != nullptr) return;
  if (!split_street(street.value, country_of_address(cells, street.group, context), line)) return;
  add_part(cells, attribute::address_house_number, street.group, line.house_number, street);
  add_part(cells, attribute::address_house_number_suffix, street.group, line.suffix, street);
  change(cells[at], line.street, Rule::address_split);
}

void split_addresses(std::vector<Cell>& cells, const Context& context) {
  const std::size_t count = cells.size();
  for (std::size_t at = 0; at < count; ++at) {
    if (cells[at].attribute == attribute::address_house_number) split_number_cell(cells, at);
    if (cells[at].attribute == attribute::address_street) split_street_cell(cells, at, context);
  }
}

}  // namespace

Status RecordCleaner::clean_cell(Cell& cell, const Context& context, Arena& arena) {
  const AttributeInfo* info = attribute_by_id(cell.attribute);
  if (info == nullptr) return {};
  has_name_ = has_name_ || PersonName::holds(cell.attribute);
  has_elements_ = has_elements_ || !info->group.empty();
  has_street_ = has_street_ || cell.attribute == attribute::address_street ||
                cell.attribute == attribute::address_house_number;
  const std::string_view text = tidy(cell.value, arena);
  if (cell.attribute == attribute::address_postcode && !says_nothing(text)) {
    has_postcode_ = true;  // waits for the country of its address
    change(cell, text, Rule::trimmed);
    return {};
  }
  const Outcome outcome = cleaner_.clean(*info, cell.name, text, context, arena);
  if (outcome.problem == nullptr) {
    if (outcome.value.empty())
      cell.value = {};
    else
      change(cell, outcome.value, outcome.rule);
    return {};
  }
  switch (info->type) {
    case AttributeType::email: invalid_.push_back({attribute::email_status, cell.group}); break;
    case AttributeType::phone: invalid_.push_back({attribute::phone_status, cell.group}); break;
    case AttributeType::gender: change(cell, "unknown", Rule::gender_word); return {};
    case AttributeType::country:
    case AttributeType::language: break;
    default: return refusal(*info, cell.name, outcome);
  }
  change(cell, text, Rule::trimmed);
  return {};
}

void RecordCleaner::clean_postcodes(const Context& context, std::vector<Cell>& cells,
                                    Arena& arena) {
  for (Cell& cell : cells) {
    if (cell.attribute != attribute::address_postcode || cell.value.empty()) continue;
    const auto country = country_of_address(cells, cell.group, context);
    const PostcodeReading reading = read_postcode(cell.value, country, arena);
    change(cell, reading.outcome.value, reading.outcome.rule);
    if (!reading.fits) invalid_.push_back({attribute::address_status, cell.group});
  }
}

void RecordCleaner::drop_empty(std::vector<Cell>& cells) {
  if (has_elements_) {
    for (Cell& cell : cells) {
      const AttributeInfo* info = attribute_by_id(cell.attribute);
      if (info == nullptr || info->group.empty() || carries_element(cell.attribute)) continue;
      if (!is_carried(cells, cell)) cell.value = {};
    }
  }
  cells.erase(std::remove_if(cells.begin(), cells.end(),
                             [](const Cell& cell) { return cell.value.empty(); }),
              cells.end());
}

void RecordCleaner::write_invalid(std::vector<Cell>& cells) {
  for (const Invalid& found : invalid_) {
    Cell* status = find_cell(cells, found.status, found.group);
    if (status == nullptr) {
      cells.push_back({found.status, found.group, invalid_word, {}, Rule::default_value, {}});
    } else {
      change(*status, invalid_word, Rule::default_value);
    }
  }
}

Status RecordCleaner::clean(Entity entity, const Context& context, RecordBuilder& record,
                            Arena& arena) {
  invalid_.clear();
  has_name_ = has_elements_ = has_postcode_ = has_street_ = false;
  std::vector<Cell>& cells = record.cells();
  for (Cell& cell : cells) RONDOM_TRY(clean_cell(cell, context, arena));
  if (has_postcode_) clean_postcodes(context, cells, arena);
  if (entity == Entity::person && has_name_) clean_names(cells, context.country, arena);
  if (has_street_) split_addresses(cells, context);
  drop_empty(cells);
  write_invalid(cells);
  return {};
}

}  // namespace rondom::normalize
