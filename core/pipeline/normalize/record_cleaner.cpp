#include "pipeline/normalize/record_cleaner.h"

#include <algorithm>
#include <array>

#include "pipeline/normalize/address_cells.h"
#include "pipeline/normalize/cells.h"
#include "pipeline/normalize/mailbox.h"
#include "pipeline/normalize/name_kind.h"
#include "pipeline/normalize/person_name.h"
#include "pipeline/normalize/postcode.h"
#include "pipeline/normalize/text.h"
#include "pipeline/normalize/words.h"

namespace rondom::normalize {
namespace {

constexpr std::string_view invalid_word = "invalid";

// What makes an element of a list worth keeping: one of these cells.
bool carries_element(AttributeId id) {
  using namespace attribute;  // NOLINT(google-build-using-namespace): ids of the registry only
  switch (id) {
    case email_value:
    case phone_value:
    case consent_status:
    case suppression_kind:
    case preference_channel:
    case preference_topic:
    case preference_choice:
    case preference_frequency:
    case preference_language:
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

bool is_test(const PersonName& name) {
  const auto& surname = name[attribute::name_surname].value;
  const auto& given = name[attribute::name_given].value;
  if (surname.empty() && given.empty()) return names_test({}, name[attribute::name_full].value);
  if (!name[attribute::name_surname_prefix].value.empty()) return false;
  return names_test(given, surname.empty() ? name[attribute::name_full].value : surname);
}

// What the source says about it counts for more.
void mark_test(std::vector<Cell>& cells) {
  if (find_cell(cells, attribute::test_record, 0) != nullptr) return;
  cells.push_back({attribute::test_record, 0, "true", {}, Rule::test_pattern, {}});
}

void clean_names(std::vector<Cell>& cells, std::string_view country, Arena& arena) {
  PersonName name;
  for (const Cell& cell : cells) {
    if (PersonName::holds(cell.attribute) && !name.has(cell.attribute)) {
      name[cell.attribute] = {cell.value, cell.raw, cell.rule};
    }
  }
  clean_person_name(name, country, arena);
  if (is_test(name)) mark_test(cells);
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

}  // namespace

// The lines of an address are its parts.
TidyText RecordCleaner::read_text(const Cell& cell, Arena& arena) {
  if (cell.attribute == attribute::address_full || cell.attribute == attribute::address_street) {
    return tidy_text(lines_to_commas(cell.value, arena), arena);
  }
  return tidy_text(cell.value, arena);
}

Status RecordCleaner::clean_cell(Cell& cell, const Context& context, Arena& arena) {
  const AttributeInfo* info = attribute_by_id(cell.attribute);
  if (info == nullptr) return {};
  has_name_ = has_name_ || PersonName::holds(cell.attribute);
  has_elements_ = has_elements_ || !info->group.empty();
  has_address_ = has_address_ || is_address_line(cell.attribute);
  const TidyText tidied = read_text(cell, arena);
  const std::string_view text = tidied.text;
  const Rule text_rule =
      tidied.encoding == Encoding::repaired ? Rule::encoding_repaired : Rule::trimmed;
  if (cell.attribute == attribute::address_postcode && !says_nothing(text)) {
    has_postcode_ = true;  // waits for the country of its address
    change(cell, text, text_rule);
    return {};
  }
  const Outcome outcome = cleaner_.clean(*info, cell.name, text, context, arena);
  if (outcome.problem == nullptr) {
    if (outcome.value.empty()) {
      cell.value = {};
      return {};
    }
    change(cell, outcome.value, outcome.rule == Rule::none ? text_rule : outcome.rule);
    const bool plain = cell.rule == Rule::none || cell.rule == Rule::trimmed;
    if (tidied.encoding == Encoding::broken && plain) cell.rule = Rule::uncertain;
    if (cell.attribute == attribute::email_value) {
      const auto kind = mailbox_kind(cell.value);
      if (!kind.empty()) kinds_.push_back({kind, cell.group});
    }
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
  change(cell, text, text_rule);
  return {};
}

void RecordCleaner::clean_postcodes(const Context& context, std::vector<Cell>& cells,
                                    Arena& arena) {
  for (Cell& cell : cells) {
    if (cell.attribute != attribute::address_postcode || cell.value.empty()) continue;
    const auto country = country_of_address(cells, cell.group, context.country);
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

// A kind that the source states stays.
void RecordCleaner::write_kinds(std::vector<Cell>& cells) {
  for (const Kind& kind : kinds_) {
    if (find_cell(cells, attribute::email_kind, kind.group) != nullptr) continue;
    cells.push_back({attribute::email_kind, kind.group, kind.word, {}, Rule::mailbox_list, {}});
  }
}

Status RecordCleaner::clean(Entity entity, const Context& context, RecordBuilder& record,
                            Arena& arena) {
  invalid_.clear();
  kinds_.clear();
  places_.clear();
  has_name_ = has_elements_ = has_postcode_ = has_address_ = false;
  std::vector<Cell>& cells = record.cells();
  for (Cell& cell : cells) {
    places_.add(cell);
    RONDOM_TRY(clean_cell(cell, context, arena));
  }
  if (places_.may_repeat()) keep_first_values(cells);
  if (has_postcode_) clean_postcodes(context, cells, arena);
  if (entity == Entity::person && has_name_) clean_names(cells, context.country, arena);
  if (has_address_) split_addresses(cells, context.country, arena);
  drop_empty(cells);
  write_invalid(cells);
  write_kinds(cells);
  return {};
}

}  // namespace rondom::normalize
