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

/// One number for all that stand under one name at the top. Worked out once, as it is asked for
/// each cell.
std::uint16_t top_of(AttributeId id) {
  static const std::vector<std::uint16_t> numbers = [] {
    std::vector<std::string_view> names;
    std::vector<std::uint16_t> of;
    for (const AttributeInfo& info : attributes()) {
      const auto known = std::find(names.begin(), names.end(), top_name(info));
      const auto number = static_cast<std::uint16_t>(known - names.begin());
      if (known == names.end()) names.push_back(top_name(info));
      if (info.id >= of.size()) of.resize(info.id + std::size_t{1});
      of[info.id] = number;
    }
    return of;
  }();
  return numbers[id];
}

/// A cell that says something, of an attribute that is known: a newer version may have written
/// others.
struct Told {
  Cell cell;
  const AttributeInfo* info = nullptr;
  std::uint16_t top = 0;
};

/// False at the end.
bool next_told(RecordReader& reader, Told& told) {
  while (reader.next(told.cell)) {
    if (told.cell.value.empty()) continue;
    told.info = attribute_by_id(told.cell.attribute);
    if (told.info == nullptr) continue;
    told.top = top_of(told.cell.attribute);
    return true;
  }
  return false;
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
  using Cells = std::span<Told>;
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
  std::array<Told, few_cells> few_;
  Cells cells_;
  Object top_;
};

ProfileBuilder::ProfileBuilder(std::string_view values, Entity entity, Arena& arena)
    : entity_(entity), arena_(arena) {
  std::size_t count = 0;
  RecordReader reader(values);
  while (count < few_cells && next_told(reader, few_[count])) ++count;
  cells_ = {few_.data(), count};
  if (count == few_cells) {
    Told told;
    for (; next_told(reader, told);) ++count;
    cells_ = {arena_.array<Told>(count), count};
    std::size_t at = 0;
    for (reader = RecordReader(values); next_told(reader, told);) new (&cells_[at++]) Told(told);
  }
  top_ = object(count + kept_lists_of(entity).size() + extra_members_max);
}

Value ProfileBuilder::build() {
  for (std::size_t first = 0; first < cells_.size();) {
    std::size_t end = first + 1;
    while (end < cells_.size() && cells_[end].top == cells_[first].top) ++end;
    const Cells cells = cells_.subspan(first, end - first);
    const AttributeInfo& info = *cells.front().info;
    if (info.id == attribute::custom) {
      add_custom(cells);
    } else if (info.id == attribute::identifier) {
      add_identifiers(cells);
    } else if (info.group.empty()) {
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
  const AttributeInfo& info = *cells.front().info;
  const std::size_t dot = info.name.find('.');
  if (dot == std::string_view::npos) {
    top_.add(info.name, typed(info.type, cells.front().cell.value));
    return;
  }
  Object parts = object(cells.size());
  AttributeId last = 0;
  for (const Told& told : cells) {
    if (told.cell.attribute == last) continue;
    last = told.cell.attribute;
    parts.add(told.info->name.substr(dot + 1), typed(told.info->type, told.cell.value));
  }
  top_.add(info.name.substr(0, dot), parts.value());
}

void ProfileBuilder::add_list(Cells cells) {
  const auto by_group = [](const Told& a, const Told& b) {
    return a.cell.group != b.cell.group ? a.cell.group < b.cell.group
                                        : a.cell.attribute < b.cell.attribute;
  };
  // A list of one is in this order already.
  if (!std::is_sorted(cells.begin(), cells.end(), by_group)) {
    std::sort(cells.begin(), cells.end(), by_group);
  }
  top_.add(cells.front().info->group, elements(cells));
}

/// Cells sorted by group -> one object per group; tags are their plain texts.
Value ProfileBuilder::elements(Cells cells) {
  Value* items = arena_.array<Value>(cells.size());
  std::uint32_t count = 0;
  bool is_timed = false;
  for (std::size_t first = 0; first < cells.size();) {
    const std::uint32_t group = cells[first].cell.group;
    std::size_t end = first + 1;
    while (end < cells.size() && cells[end].cell.group == group) ++end;
    if (cells[first].cell.attribute == attribute::tag_value) {
      items[count++] = Value::text(cells[first].cell.value);
    } else {
      Object element = object(end - first);
      for (const Told& told : cells.subspan(first, end - first)) {
        element.add(told.info->member, typed(told.info->type, told.cell.value));
        is_timed = is_timed || told.cell.attribute == attribute::relation_valid_from ||
                   told.cell.attribute == attribute::relation_valid_to;
      }
      items[count++] = element.value();
    }
    first = end;
  }
  return is_timed ? Value::timed_list(items, count) : Value::list(items, count);
}

void ProfileBuilder::add_custom(Cells cells) {
  Object names = object(cells.size());
  for (std::size_t first = 0; first < cells.size();) {
    std::size_t end = first + 1;
    const std::string_view name = cells[first].cell.name;
    while (end < cells.size() && cells[end].cell.name == name) ++end;
    Value* values = arena_.array<Value>(end - first);
    for (std::size_t i = first; i < end; ++i) values[i - first] = Value::text(cells[i].cell.value);
    const auto count = static_cast<std::uint32_t>(end - first);
    names.add(name, count == 1 ? values[0] : Value::list(values, count));
    first = end;
  }
  top_.add("custom", names.value());
}

void ProfileBuilder::add_identifiers(Cells cells) {
  Object firsts = object(cells.size());
  Value* items = arena_.array<Value>(cells.size());
  for (std::size_t i = 0; i < cells.size(); ++i) {
    const Cell& cell = cells[i].cell;
    Object one = object(2);
    one.add("namespace", Value::text(cell.name));
    one.add("value", Value::text(cell.value));
    items[i] = one.value();
    if (i == 0 || cell.name != cells[i - 1].cell.name)
      firsts.add(cell.name, Value::text(cell.value));
  }
  top_.add("identifiers", Value::list(items, static_cast<std::uint32_t>(cells.size())));
  top_.add("identifier", firsts.value());
}

/// The first usable value of a list of contact points: an invalid one only when there is no other.
const Cell* ProfileBuilder::first_contact(AttributeId value, AttributeId status) const {
  const Cell* first = nullptr;
  for (std::size_t i = 0; i < cells_.size(); ++i) {
    const Cell& cell = cells_[i].cell;
    if (cell.attribute != value) continue;
    // Lists are sorted by group by now: the rest of the element follows.
    bool invalid = false;
    for (std::size_t j = i + 1; j < cells_.size() && cells_[j].cell.group == cell.group; ++j) {
      const Cell& other = cells_[j].cell;
      if (other.attribute == status) invalid = other.value == "invalid";
      if (other.attribute >= status) break;
    }
    if (!invalid) return &cell;
    if (first == nullptr) first = &cell;
  }
  return first;
}

void ProfileBuilder::add_shortcuts() {
  const Cell* address_country = nullptr;
  bool has_country = false;
  for (const Told& told : cells_) {
    const Cell& cell = told.cell;
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
