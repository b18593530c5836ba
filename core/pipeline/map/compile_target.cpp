#include <algorithm>

#include "pipeline/map/compiler.h"

namespace rondom::map {
namespace {

constexpr std::string_view custom_prefix = "custom.";
constexpr std::string_view identifier_prefix = "identifier.";
constexpr std::string_view actor_prefix = "actor.";

const AttributeInfo* member_of(Entity entity, std::string_view group, std::string_view member) {
  for (const AttributeInfo& info : attributes()) {
    if (info.group == group && info.member == member && applies_to(info, entity)) return &info;
  }
  return nullptr;
}

const AttributeInfo* reference_of(Entity entity, std::string_view group) {
  for (const AttributeInfo& info : attributes()) {
    const bool fits = info.group == group && info.type == AttributeType::reference;
    if (fits && applies_to(info, entity)) return &info;
  }
  return nullptr;
}

/// What an element of this list cannot do without.
std::vector<AttributeId> needed_in(Entity entity, std::string_view group) {
  if (const auto* info = member_of(entity, group, "value")) return {info->id};
  if (const auto* info = member_of(entity, group, "purpose")) {
    if (info->id == attribute::consent_purpose) {
      return {attribute::consent_purpose, attribute::consent_status};
    }
  }
  if (const auto* info = member_of(entity, group, "kind")) {
    if (info->id == attribute::suppression_kind) return {info->id};
  }
  if (const auto* info = reference_of(entity, group)) {
    if (info->id == attribute::relation_to) {
      return {attribute::relation_type, attribute::relation_to};
    }
  }
  return {};
}

bool is_plain_name(std::string_view name) {
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
  };
  return !name.empty() && std::all_of(name.begin(), name.end(), fits);
}

std::vector<std::string> member_names(Entity entity, std::string_view group) {
  std::vector<std::string> names;
  for (const AttributeInfo& info : attributes()) {
    if (info.group == group && applies_to(info, entity)) names.emplace_back(info.member);
  }
  return names;
}

/// What a field is called in many systems, and is called otherwise here; empty when it is none of
/// them.
std::string_view usual_name_of(std::string_view name) {
  static constexpr OtherName names[] = {{"telephone", "phone"},
                                        {"tel", "phone"},
                                        {"mobile", "phone"},
                                        {"telephonenumber", "phone"},
                                        {"mail", "email"},
                                        {"emailaddress", "email"},
                                        {"firstname", "name.given"},
                                        {"givenname", "name.given"},
                                        {"namefirst", "name.given"},
                                        {"lastname", "name.surname"},
                                        {"surname", "name.surname"},
                                        {"familyname", "name.surname"},
                                        {"namelast", "name.surname"},
                                        {"namefamily", "name.surname"},
                                        {"fullname", "name.full"},
                                        {"name", "name.full"},
                                        {"birthday", "birth_date"},
                                        {"dateofbirth", "birth_date"},
                                        {"dob", "birth_date"},
                                        {"sex", "gender"},
                                        {"jobtitle", "occupation"},
                                        {"address", "addresses"},
                                        {"street", "addresses"},
                                        {"city", "addresses"},
                                        {"zip", "addresses"},
                                        {"zipcode", "addresses"},
                                        {"postalcode", "addresses"},
                                        {"postcode", "addresses"}};
  return called_here(name, names);
}

/// The same of what an element of a list says.
std::string_view usual_member_of(std::string_view name) {
  static constexpr OtherName names[] = {
      {"city", "locality"},       {"town", "locality"},
      {"place", "locality"},      {"zip", "postcode"},
      {"zipcode", "postcode"},    {"postalcode", "postcode"},
      {"number", "house_number"}, {"streetnumber", "house_number"},
      {"state", "subdivision"},   {"province", "subdivision"},
      {"region", "subdivision"},  {"address", "full"},
      {"type", "usage"},          {"email", "value"},
      {"phone", "value"},         {"name", "value"}};
  return called_here(name, names);
}

CellPlan cell_of(const AttributeInfo& info) {
  CellPlan cell;
  cell.attribute = info.id;
  cell.target = std::string(info.name);
  cell.weak = info.member == "usage" || info.member == "status";
  cell.money = info.type == AttributeType::money;
  return cell;
}

/// The nearest name, or else all that there are.
std::string member_meant(Entity entity, std::string_view group, std::string_view name) {
  const std::vector<std::string> members = member_names(entity, group);
  const std::string_view usual = usual_member_of(name);
  const bool is_there = std::find(members.begin(), members.end(), usual) != members.end();
  if (!usual.empty() && is_there) return "did you mean " + std::string(usual) + "?";
  std::vector<std::string> keys = members;
  for (const char* key : {"when", "for_each", "required"}) keys.emplace_back(key);
  const std::string near = meant(name, keys);
  return near.empty() ? "it has " + join(members, ", ") : near;
}

}  // namespace

std::string_view list_of(Entity entity, std::string_view name) {
  for (const AttributeInfo& info : attributes()) {
    if (!info.group.empty() && info.group == name && applies_to(info, entity)) return info.group;
  }
  const std::string_view full = short_form_of(name);
  if (full.empty() || full == name) return {};
  const AttributeInfo* info = attribute_by_name(entity, full);
  return info == nullptr ? std::string_view() : info->group;
}

void Compiler::collect(Entity entity, const config::Node& map, bool from_preset,
                       std::vector<MapEntry>& entries) {
  if (map.kind == config::Node::Kind::null) return;
  if (map.kind != config::Node::Kind::map) {
    error(map.at, "map takes names and values: name.given: .first_name");
    return;
  }
  for (const auto& [name, value] : map.members) {
    const std::string_view list = list_of(entity, name.text);
    MapEntry entry;
    entry.key = list.empty() ? name.text : std::string(list);
    entry.short_form = !list.empty() && list != name.text;
    entry.name = &name;
    entry.value = &value;
    entry.from_preset = from_preset;
    const auto same = std::find_if(entries.begin(), entries.end(),
                                   [&](const MapEntry& e) { return e.key == entry.key; });
    if (same == entries.end()) {
      entries.push_back(std::move(entry));
    } else {
      error(name.at, same->name->text + " and " + name.text + " fill the same: keep one");
    }
  }
}

std::vector<MapEntry> Compiler::lay_over(Entity entity, const config::Node* preset,
                                         const config::Node* map) {
  std::vector<MapEntry> entries;
  std::vector<MapEntry> changes;
  if (preset != nullptr) collect(entity, *preset, true, entries);
  if (map != nullptr) collect(entity, *map, false, changes);
  for (MapEntry& change : changes) {
    const auto replaced = std::find_if(entries.begin(), entries.end(),
                                       [&](const MapEntry& e) { return e.key == change.key; });
    const bool removes = change.value->kind == config::Node::Kind::null;
    if (replaced == entries.end() && removes) {
      std::vector<std::string> names;
      for (const MapEntry& entry : entries) names.push_back(entry.key);
      error(change.name->at, "nothing to remove: the preset does not fill " + change.name->text,
            meant(change.name->text, names));
    } else if (removes) {
      entries.erase(replaced);
    } else if (replaced == entries.end()) {
      entries.push_back(std::move(change));
    } else {
      *replaced = std::move(change);
    }
  }
  return entries;
}

void Compiler::compile_targets(const std::vector<MapEntry>& entries, Place place,
                               RecordPlan& record) {
  for (const MapEntry& entry : entries) {
    place.from_preset = entry.from_preset;
    place.target = entry.key;
    if (list_of(place.entity, entry.key).empty()) {
      compile_scalar(entry, place, record);
    } else {
      compile_list(entry, place, record);
    }
  }
  // Their order decides nothing, so it must not change the fingerprint. Actors keep theirs: the
  // first that is known counts.
  std::stable_sort(record.scalars.begin(), record.scalars.end(),
                   [](const CellPlan& a, const CellPlan& b) {
                     if (a.attribute != b.attribute) return a.attribute < b.attribute;
                     return a.attribute != attribute::activity_actor && a.name < b.name;
                   });
  std::sort(record.lists.begin(), record.lists.end(),
            [](const ListPlan& a, const ListPlan& b) { return a.group < b.group; });
}

bool Compiler::find_scalar(const MapEntry& entry, const Place& place, CellPlan& cell,
                           const AttributeInfo*& info) {
  const std::string& key = entry.key;
  const auto named = [&](AttributeId id, std::string_view prefix) {
    info = attribute_by_id(id);
    if (info == nullptr || !applies_to(*info, place.entity)) {
      unknown_target(entry, place);
      return false;
    }
    cell = cell_of(*info);
    cell.target = key;
    if (is_plain_name(std::string_view(key).substr(prefix.size()))) return true;
    error(entry.name->at,
          "the name after " + std::string(prefix) + " takes letters, digits, _ and - only");
    return false;
  };
  if (key.starts_with(custom_prefix)) {
    if (!named(attribute::custom, custom_prefix)) return false;
    cell.name = key.substr(custom_prefix.size());
    return true;
  }
  if (key.starts_with(identifier_prefix)) {
    if (!named(attribute::identifier, identifier_prefix)) return false;
    cell.name = key.substr(identifier_prefix.size());
    return true;
  }
  if (key.starts_with(actor_prefix)) {
    if (!named(attribute::activity_actor, actor_prefix)) return false;
    cell.value_prefix = key.substr(actor_prefix.size()) + ':';
    return true;
  }
  info = attribute_by_name(place.entity, key);
  if (info == nullptr || info->id == attribute::custom || info->id == attribute::identifier) {
    unknown_target(entry, place);
    return false;
  }
  if (!info->group.empty()) {
    const std::string group(info->group);
    error(entry.name->at, group + " is a list",
          "write " + group + ": [{ " + std::string(info->member) + ": \xE2\x80\xA6 }]");
    return false;
  }
  cell = cell_of(*info);
  return true;
}

void Compiler::unknown_target(const MapEntry& entry, const Place& place) {
  const std::string& key = entry.key;
  std::string hint;
  const bool is_map = entry.value->kind == config::Node::Kind::map;
  if (is_map && !entry.value->members.empty()) {
    const std::string flat = key + '.' + entry.value->members.front().first.text;
    const bool is_open = key == "custom" || key == "identifier";
    if (is_open || attribute_by_name(place.entity, flat) != nullptr) {
      hint = "write the parts flat: " + flat + ": \xE2\x80\xA6";
    }
  } else if (key == "custom" || key == "identifier") {
    hint = "write " + key + ".NAME: \xE2\x80\xA6";
  }
  if (key.starts_with(identifier_prefix) && !is_party(place.entity)) {
    hint = "write actor." + key.substr(identifier_prefix.size()) + ": who did it";
  }
  const std::string_view ours = usual_name_of(key);
  if (hint.empty() && !ours.empty() &&
      (attribute_by_name(place.entity, ours) != nullptr || !list_of(place.entity, ours).empty())) {
    hint = "did you mean " + std::string(ours) + "?";
  }
  if (hint.empty()) hint = meant(key, attribute_names(place.entity));
  error(entry.name->at, std::string(to_text(place.entity)) + " has no attribute " + key,
        std::move(hint));
}

void Compiler::compile_scalar(const MapEntry& entry, const Place& place, RecordPlan& record) {
  CellPlan cell;
  const AttributeInfo* info = nullptr;
  if (!find_scalar(entry, place, cell, info)) return;
  if (entry.value->find("for_each") != nullptr) {
    error(entry.value->at, cell.target + " is one value: for_each belongs to lists");
    return;
  }
  cell.producer = value(*entry.value, *info, place);
  record.scalars.push_back(std::move(cell));
}

void Compiler::compile_list(const MapEntry& entry, const Place& place, RecordPlan& record) {
  ListPlan list;
  list.group = entry.key;
  list.needed = needed_in(place.entity, list.group);
  list.is_consents = list.group == "consents";
  list.is_suppressions = list.group == "suppressions";
  if (entry.short_form) {
    const AttributeInfo* info = attribute_by_name(place.entity, short_form_of(entry.name->text));
    ElementPlan element;
    element.cells.push_back(cell_of(*info));
    element.cells.back().producer = value(*entry.value, *info, place);
    list.elements.push_back(std::move(element));
  } else {
    compile_elements(*entry.value, place, list, list.elements);
  }
  record.lists.push_back(std::move(list));
}

void Compiler::compile_elements(const config::Node& node, const Place& place, ListPlan& list,
                                std::vector<ElementPlan>& elements) {
  if (node.kind == config::Node::Kind::list) {
    for (const config::Node& item : node.items) compile_element(item, place, list, elements);
    if (node.items.empty()) error(node.at, list.group + " has no elements", "~ removes a preset's");
  } else {
    compile_element(node, place, list, elements);
  }
}

void Compiler::compile_element(const config::Node& node, const Place& place, ListPlan& list,
                               std::vector<ElementPlan>& elements) {
  if (node.kind != config::Node::Kind::map) {
    const std::vector<std::string> names = member_names(place.entity, list.group);
    error(node.at, list.group + " is a list of elements",
          "write " + list.group + ": [{ " + (names.empty() ? "" : names.front()) +
              ": \xE2\x80\xA6 }], or for_each and map");
    return;
  }
  ElementPlan element;
  if (const auto* when = node.find("when")) element.when = expression(*when, place);
  const config::Node* for_each = node.find("for_each");
  if (for_each == nullptr) {
    const bool all_known = compile_element_fields(node, place, list, element);
    if (flag(node, "required")) require_needed(list, element);
    element.every_purpose = list.is_consents && is_refusal_of_everything(element);
    if (all_known) check_needed(node, list, element);
  } else {
    const bool all_known = refuse_others(node, {"when", "for_each", "map"}, "for_each");
    Place items = place;
    items.is_evidence = true;  // whatever its items become
    element.for_each = expression(*for_each, items);
    const config::Node* map = node.find("map");
    Place inside = place;
    inside.inside_item = true;
    if (map != nullptr) {
      compile_elements(*map, inside, list, element.inner);
    } else if (all_known) {
      error(for_each->at, "for_each needs map: what becomes of each item");
    }
  }
  elements.push_back(std::move(element));
}

bool Compiler::compile_element_fields(const config::Node& node, const Place& place,
                                      const ListPlan& list, ElementPlan& element) {
  const AttributeInfo* referring = reference_of(place.entity, list.group);
  bool all_known = true;
  for (const auto& [name, given] : node.members) {
    if (name.text == "when" || name.text == "required") continue;
    if (referring != nullptr && name.text == "key") {
      if (node.find(referring->member) == nullptr) error(name.at, "key belongs to to");
      continue;
    }
    const AttributeInfo* info = member_of(place.entity, list.group, name.text);
    if (info == nullptr) {
      all_known = false;
      error(name.at, "an element of " + list.group + " has no " + name.text,
            member_meant(place.entity, list.group, name.text));
      continue;
    }
    CellPlan cell = cell_of(*info);
    if (info == referring && given.is_scalar()) {
      cell.producer.reference = reference(given, node.find("key"), place);
    } else {
      cell.producer = value(given, *info, place);
    }
    element.cells.push_back(std::move(cell));
  }
  return all_known;
}

// Vendors know one "do not contact me" where we know purposes.
bool Compiler::is_refusal_of_everything(const ElementPlan& element) {
  bool refuses = false;
  for (const CellPlan& cell : element.cells) {
    if (cell.attribute == attribute::consent_purpose) return false;
    const Operand& said = cell.producer.operand;
    refuses = refuses || (cell.attribute == attribute::consent_status &&
                          said.kind == Operand::Kind::constant &&
                          (said.constant == "withdrawn" || said.constant == "denied"));
  }
  return refuses;
}

void Compiler::check_needed(const config::Node& node, const ListPlan& list,
                            const ElementPlan& element) {
  for (const AttributeId needed : list.needed) {
    if (element.every_purpose && needed == attribute::consent_purpose) continue;
    const bool given = std::any_of(element.cells.begin(), element.cells.end(),
                                   [&](const CellPlan& cell) { return cell.attribute == needed; });
    if (given) continue;
    error(node.at,
          "an element of " + list.group + " needs " + std::string(attribute_by_id(needed)->member));
  }
  if (list.needed.empty() && element.cells.empty()) {
    error(node.at, "an element of " + list.group + " fills nothing");
  }
}

void Compiler::require_needed(const ListPlan& list, ElementPlan& element) {
  for (CellPlan& cell : element.cells) {
    const bool is_needed =
        std::find(list.needed.begin(), list.needed.end(), cell.attribute) != list.needed.end();
    if (is_needed || (list.needed.empty() && !cell.weak)) cell.producer.required = true;
  }
}

}  // namespace rondom::map
