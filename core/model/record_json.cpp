#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "model/record.h"
#include "model/value.h"

namespace rondom {

namespace {

/// Writes commas between what is put into one object or list.
class Separator {
 public:
  explicit Separator(std::string& out) : out_(out) {}
  void next() {
    if (!first_) out_ += ',';
    first_ = false;
  }
  void key(std::string_view name) {
    next();
    append_json_string(out_, name);
    out_ += ':';
  }

 private:
  std::string& out_;
  bool first_ = true;
};

bool append_money(std::string& out, std::string_view text) {
  std::int64_t minor = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), minor);
  const std::string_view currency(end, std::size_t(text.data() + text.size() - end));
  if (error != std::errc() || currency.size() != 4 || currency.front() != ' ') return false;
  out += R"({"amount":")";
  append_decimal(out, minor, currency_digits(currency.substr(1)));
  out += R"(","currency":)";
  append_json_string(out, currency.substr(1));
  out += '}';
  return true;
}

void append_value(std::string& out, AttributeType type, std::string_view text) {
  switch (type) {
    case AttributeType::integer:
    case AttributeType::decimal:
      if (!is_number_text(text)) break;
      out += text;
      return;
    case AttributeType::boolean:
      if (text != "true" && text != "false") break;
      out += text;
      return;
    case AttributeType::money:
      if (append_money(out, text)) return;
      break;
    default: break;
  }
  append_json_string(out, text);
}

using Cells = std::vector<Cell>;

/// One list attribute: its cells stand by attribute, its elements are wanted by group.
void append_list(std::string& out, Cells::iterator first, Cells::iterator last) {
  std::stable_sort(first, last, [](const Cell& a, const Cell& b) { return a.group < b.group; });
  out += '[';
  Separator elements(out);
  while (first != last) {
    elements.next();
    const std::uint32_t group = first->group;
    if (first->attribute == attribute::tag_value) {
      append_json_string(out, first->value);
      ++first;
      continue;
    }
    out += '{';
    Separator members(out);
    AttributeId written = 0;
    for (; first != last && first->group == group; ++first) {
      if (first->attribute == written) continue;
      written = first->attribute;
      const AttributeInfo* info = attribute_by_id(first->attribute);
      members.key(info->member);
      append_value(out, info->type, first->value);
    }
    out += '}';
  }
  out += ']';
}

/// Cells that belong under one key of the object: a list, a dotted name, or one scalar.
std::string_view key_of(const AttributeInfo& info) {
  return info.group.empty() ? info.name.substr(0, info.name.find('.')) : info.group;
}

void append_scalars(std::string& out, Cells::iterator first, Cells::iterator last) {
  const AttributeInfo* info = attribute_by_id(first->attribute);
  if (info->name.find('.') == std::string_view::npos) {
    append_value(out, info->type, first->value);
    return;
  }
  out += '{';
  Separator members(out);
  AttributeId written = 0;
  for (; first != last; ++first) {
    if (first->attribute == written) continue;
    written = first->attribute;
    info = attribute_by_id(first->attribute);
    members.key(info->name.substr(info->name.find('.') + 1));
    append_value(out, info->type, first->value);
  }
  out += '}';
}

void append_custom(std::string& out, Cells::const_iterator first, Cells::const_iterator last) {
  out += '{';
  Separator members(out);
  while (first != last) {
    const auto end =
        std::find_if(first, last, [&](const Cell& cell) { return cell.name != first->name; });
    members.key(first->name);
    const bool several = end - first > 1;
    if (several) out += '[';
    Separator values(out);
    for (; first != end; ++first) {
      values.next();
      append_json_string(out, first->value);
    }
    if (several) out += ']';
  }
  out += '}';
}

void append_identifiers(std::string& out, Cells::const_iterator first, Cells::const_iterator last) {
  out += '[';
  Separator elements(out);
  for (; first != last; ++first) {
    elements.next();
    out += R"({"namespace":)";
    append_json_string(out, first->name);
    out += R"(,"value":)";
    append_json_string(out, first->value);
    out += '}';
  }
  out += ']';
}

}  // namespace

void append_record_json(std::string& out, std::string_view bytes) {
  Cells cells = read_cells(bytes);
  std::erase_if(cells, [](const Cell& cell) { return attribute_by_id(cell.attribute) == nullptr; });
  const auto by_attribute = [](const Cell& a, const Cell& b) { return a.attribute < b.attribute; };
  if (!std::is_sorted(cells.begin(), cells.end(), by_attribute)) {
    std::stable_sort(cells.begin(), cells.end(), by_attribute);  // bytes no builder made
  }
  const auto first_above = [&](AttributeId id) {
    return std::find_if(cells.begin(), cells.end(),
                        [&](const Cell& cell) { return cell.attribute > id; });
  };
  const auto identifiers = first_above(attribute::custom);
  const auto others = first_above(attribute::identifier);
  out += '{';
  Separator members(out);
  for (auto first = others; first != cells.end();) {
    const AttributeInfo& info = *attribute_by_id(first->attribute);
    const auto last = std::find_if(first, cells.end(), [&](const Cell& cell) {
      return key_of(*attribute_by_id(cell.attribute)) != key_of(info);
    });
    members.key(key_of(info));
    info.group.empty() ? append_scalars(out, first, last) : append_list(out, first, last);
    first = last;
  }
  if (identifiers != cells.begin()) {
    members.key("custom");
    append_custom(out, cells.begin(), identifiers);
  }
  if (others != identifiers) {
    members.key("identifiers");
    append_identifiers(out, identifiers, others);
  }
  out += '}';
}

}  // namespace rondom
