#include <algorithm>
#include <array>
#include <charconv>
#include <span>

#include "pipeline/segment/segment.h"

namespace rondom::segment {
namespace {

/// Names beside those of the attributes: email, phone, country, identifier, identifiers.
constexpr std::size_t extra_members_max = 5;
/// As many as most records have; where there are more, they are counted first.
constexpr std::size_t few_cells = 24;

/// What a cell stands under at the top: its list, or the part of its name before the dot.
std::string_view top_name(const AttributeInfo& info) {
  return info.group.empty() ? info.name.substr(0, info.name.find('.')) : info.group;
}

/// Whether both stand under one name. Worked out once, as it is asked for each cell.
bool have_one_top(const AttributeInfo& a, const AttributeInfo& b) {
  static const std::vector<std::uint16_t> top_of = [] {
    std::vector<std::string_view> names;
    std::vector<std::uint16_t> numbers;
    for (const AttributeInfo& info : attributes()) {
      const auto known = std::find(names.begin(), names.end(), top_name(info));
      const auto number = static_cast<std::uint16_t>(known - names.begin());
      if (known == names.end()) names.push_back(top_name(info));
      if (info.id >= numbers.size()) numbers.resize(info.id + std::size_t{1});
      numbers[info.id] = number;
    }
    return numbers;
  }();
  return top_of[a.id] == top_of[b.id];
}

bool parse_money(std::string_view text, Value& money) {
  std::int64_t minor = 0;
  const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), minor);
  const std::string_view rest = text.substr(static_cast<std::size_t>(end - text.data()));
  if (problem != std::errc() || rest.size() != 4 || rest.front() != ' ') return false;
  money = Value::money(minor, rest.substr(1));
  return true;
}

Value typed(AttributeType type, std::string_view text) {
  Value value;
  switch (type) {
    case AttributeType::date: {
      PartialDate date;
      if (parse_partial_date(text, date)) return Value::date(date);
      break;
    }
    case AttributeType::time: {
      const Result<Timestamp> at = parse_time(text);
      if (at.ok()) return Value::time(*at);
      break;
    }
    case AttributeType::integer:
    case AttributeType::decimal:
      if (parse_number(text, value)) return value;
      break;
    case AttributeType::boolean:
      if (text == "true" || text == "false") return Value::boolean(text == "true");
      break;
    case AttributeType::money:
      if (parse_money(text, value)) return value;
      break;
    default: break;
  }
  return Value::text(text);
}

/// Names of the lists that records of an entity have, each once; they are there also when empty.
std::vector<std::string_view> lists_of(Entity entity) {
  std::vector<std::string_view> names;
  for (const AttributeInfo& info : attributes()) {
    if (info.group.empty() || !applies_to(info, entity)) continue;
    if (std::find(names.begin(), names.end(), info.group) == names.end()) {
      names.push_back(info.group);
    }
  }
  if (is_party(entity)) names.push_back("identifiers");
  return names;
}

/// Worked out once, as it is asked for each activity.
std::span<const std::string_view> kept_lists_of(Entity entity) {
  static const std::vector<std::vector<std::string_view>> kept = [] {
    std::vector<std::vector<std::string_view>> all(1);  // entities are numbered from one
    for (std::size_t i = 1; i <= entity_count; ++i) all.push_back(lists_of(Entity(i)));
    return all;
  }();
  return kept[std::size_t(entity)];
}

/// Builds one profile. The cells are in the order of the record: by attribute, name and group.
class ProfileBuilder {
 public:
  ProfileBuilder(std::string_view values, Entity entity, Arena& arena);
  Value build();

 private:
  using Cells = std::span<Cell>;
  struct Object {
    Member* members = nullptr;
    std::uint32_t count = 0;
    void add(std::string_view name, const Value& value) { members[count++] = {name, value}; }
    Value value() const { return Value::object(members, count); }
  };

  Object object(std::size_t members) { return {arena_.array<Member>(members), 0}; }
  void add_scalars(Cells cells);
  void add_list(Cells cells);
  void add_custom(Cells cells);
  void add_identifiers(Cells cells);
  void add_shortcuts();
  void add_empty_lists();
  Value elements(Cells cells);
  const Cell* first_contact(AttributeId value, AttributeId status) const;

  Entity entity_;
  Arena& arena_;
  std::array<Cell, few_cells> few_;
  Cells cells_;
  Object top_;
};

ProfileBuilder::ProfileBuilder(std::string_view values, Entity entity, Arena& arena)
    : entity_(entity), arena_(arena) {
  std::size_t count = 0;
  RecordReader reader(values);
  while (count < few_cells && reader.next(few_[count])) ++count;
  cells_ = {few_.data(), count};
  if (count == few_cells) {
    Cell cell;
    for (; reader.next(cell);) ++count;
    cells_ = {arena_.array<Cell>(count), count};
    std::size_t at = 0;
    for (reader = RecordReader(values); reader.next(cell);) new (&cells_[at++]) Cell(cell);
  }
  top_ = object(count + kept_lists_of(entity).size() + extra_members_max);
}

Value ProfileBuilder::build() {
  std::size_t first = 0;
  while (first < cells_.size()) {
    const AttributeInfo* info = attribute_by_id(cells_[first].attribute);
    std::size_t end = first + 1;
    if (info == nullptr) {  // written by a newer version
      first = end;
      continue;
    }
    while (end < cells_.size()) {
      const AttributeInfo* next = attribute_by_id(cells_[end].attribute);
      if (next == nullptr || !have_one_top(*next, *info)) break;
      ++end;
    }
    const Cells cells = cells_.subspan(first, end - first);
    if (info->id == attribute::custom) {
      add_custom(cells);
    } else if (info->id == attribute::identifier) {
      add_identifiers(cells);
    } else if (info->group.empty()) {
      add_scalars(cells);
    } else {
      add_list(cells);
    }
    first = end;
  }
  if (is_party(entity_)) add_shortcuts();
  add_empty_lists();
  return top_.value();
}

void ProfileBuilder::add_scalars(Cells cells) {
  const AttributeInfo* info = attribute_by_id(cells.front().attribute);
  const std::size_t dot = info->name.find('.');
  if (dot == std::string_view::npos) {
    top_.add(info->name, typed(info->type, cells.front().value));
    return;
  }
  Object parts = object(cells.size());
  AttributeId last = 0;
  for (const Cell& cell : cells) {
    if (cell.attribute == last) continue;
    last = cell.attribute;
    info = attribute_by_id(cell.attribute);
    parts.add(info->name.substr(dot + 1), typed(info->type, cell.value));
  }
  top_.add(info->name.substr(0, dot), parts.value());
}

void ProfileBuilder::add_list(Cells cells) {
  std::sort(cells.begin(), cells.end(), [](const Cell& a, const Cell& b) {
    return a.group != b.group ? a.group < b.group : a.attribute < b.attribute;
  });
  top_.add(attribute_by_id(cells.front().attribute)->group, elements(cells));
}

/// Cells sorted by group -> one object per group; tags are their plain texts.
Value ProfileBuilder::elements(Cells cells) {
  Value* items = arena_.array<Value>(cells.size());
  std::uint32_t count = 0;
  for (std::size_t first = 0; first < cells.size();) {
    std::size_t end = first + 1;
    while (end < cells.size() && cells[end].group == cells[first].group) ++end;
    if (cells[first].attribute == attribute::tag_value) {
      items[count++] = Value::text(cells[first].value);
    } else {
      Object element = object(end - first);
      for (std::size_t i = first; i < end; ++i) {
        const AttributeInfo* info = attribute_by_id(cells[i].attribute);
        element.add(info->member, typed(info->type, cells[i].value));
      }
      items[count++] = element.value();
    }
    first = end;
  }
  const bool is_timed = std::any_of(cells.begin(), cells.end(), [](const Cell& cell) {
    return cell.attribute == attribute::relation_valid_from ||
           cell.attribute == attribute::relation_valid_to;
  });
  return is_timed ? Value::timed_list(items, count) : Value::list(items, count);
}

void ProfileBuilder::add_custom(Cells cells) {
  Object names = object(cells.size());
  for (std::size_t first = 0; first < cells.size();) {
    std::size_t end = first + 1;
    while (end < cells.size() && cells[end].name == cells[first].name) ++end;
    Value* values = arena_.array<Value>(end - first);
    for (std::size_t i = first; i < end; ++i) values[i - first] = Value::text(cells[i].value);
    const auto count = static_cast<std::uint32_t>(end - first);
    names.add(cells[first].name, count == 1 ? values[0] : Value::list(values, count));
    first = end;
  }
  top_.add("custom", names.value());
}

void ProfileBuilder::add_identifiers(Cells cells) {
  Object firsts = object(cells.size());
  Value* items = arena_.array<Value>(cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    Object one = object(2);
    one.add("namespace", Value::text(cells[i].name));
    one.add("value", Value::text(cells[i].value));
    items[i] = one.value();
    if (i == 0 || cells[i].name != cells[i - 1].name) {
      firsts.add(cells[i].name, Value::text(cells[i].value));
    }
  }
  top_.add("identifiers", Value::list(items, static_cast<std::uint32_t>(cells.size())));
  top_.add("identifier", firsts.value());
}

/// The first usable value of a list of contact points: an invalid one only when there is no other.
const Cell* ProfileBuilder::first_contact(AttributeId value, AttributeId status) const {
  const Cell* first = nullptr;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    if (cells_[i].attribute != value) continue;
    // Lists are sorted by group by now: the rest of the element follows.
    bool invalid = false;
    for (std::size_t j = i + 1; j < cells_.size() && cells_[j].group == cells_[i].group; ++j) {
      if (cells_[j].attribute == status) invalid = cells_[j].value == "invalid";
      if (cells_[j].attribute >= status) break;
    }
    if (!invalid) return &cells_[i];
    if (first == nullptr) first = &cells_[i];
  }
  return first;
}

void ProfileBuilder::add_shortcuts() {
  const Cell* address_country = nullptr;
  bool has_country = false;
  for (const Cell& cell : cells_) {
    if (cell.attribute == attribute::address_country && address_country == nullptr) {
      address_country = &cell;
    }
    has_country = has_country || cell.attribute == attribute::country;
  }
  if (const Cell* email = first_contact(attribute::email_value, attribute::email_status)) {
    top_.add("email", Value::text(email->value));
  }
  if (const Cell* phone = first_contact(attribute::phone_value, attribute::phone_status)) {
    top_.add("phone", Value::text(phone->value));
  }
  if (address_country != nullptr && !has_country) {
    top_.add("country", Value::text(address_country->value));
  }
}

void ProfileBuilder::add_empty_lists() {
  const std::uint32_t count = top_.count;
  for (const std::string_view name : kept_lists_of(entity_)) {
    const bool is_there = std::any_of(top_.members, top_.members + count,
                                      [&](const Member& member) { return member.name == name; });
    if (!is_there) top_.add(name, Value::list(nullptr, 0));
  }
}

}  // namespace

Value profile_value(std::string_view values, Entity entity, Arena& arena) {
  return ProfileBuilder(values, entity, arena).build();
}

std::vector<std::string> profile_fields(Entity entity) {
  std::vector<std::string> names;
  for (const AttributeInfo& info : attributes()) {
    if (!applies_to(info, entity)) continue;
    names.emplace_back(top_name(info));
    if (info.group.empty()) names.emplace_back(info.name);  // "name.given"
  }
  if (is_party(entity)) {
    for (const char* name : {"email", "phone", "country", "identifiers"}) names.emplace_back(name);
  }
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

}  // namespace rondom::segment
