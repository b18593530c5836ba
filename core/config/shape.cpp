#include "config/shape.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <limits>

#include "base/clock.h"
#include "model/attribute_codes.h"

namespace rondom::config {
namespace {

constexpr std::string_view conditions_path = "all[]";  // their reader checks what is below
constexpr std::string_view not_supported =
    "Not supported by this version.";  // their reader says so
constexpr std::size_t listed_keys_max = 24;

struct Schema {
  const KeyInfo* info = nullptr;
  std::map<std::string, Schema, std::less<>> keys;  // "*" for any name
  std::unique_ptr<Schema> item;
};

void insert(Schema& root, const KeyInfo& info) {
  Schema* at = &root;
  for (const std::string_view part : split(info.path, '.')) {
    std::string_view name = part;
    std::size_t lists = 0;
    while (name.ends_with("[]")) {
      name.remove_suffix(2);
      ++lists;
    }
    at = &at->keys[std::string(name)];
    for (; lists > 0; --lists) {
      if (!at->item) at->item = std::make_unique<Schema>();
      at = at->item.get();
    }
  }
  at->info = &info;
}

std::map<std::string, Schema, std::less<>> all_schemas() {
  std::map<std::string, Schema, std::less<>> schemas;
  for (const KeyInfo& info : keys()) insert(schemas[std::string(info.file)], info);
  return schemas;
}

const Schema& schema_of(std::string_view file) {
  static const std::map<std::string, Schema, std::less<>> schemas = all_schemas();
  return schemas.find(file)->second;
}

/// "streams[].key[]" -> "key": the word a person looks for.
std::string_view last_name(std::string_view path) {
  while (path.ends_with("[]")) path.remove_suffix(2);
  const std::size_t dot = path.rfind('.');
  return dot == std::string_view::npos ? path : path.substr(dot + 1);
}

std::string spoken(const KeyInfo& info, std::string_view name) {
  const std::string_view own = last_name(info.path);
  const std::string word(own == "*" ? name : own);
  if (info.path == "[]") return "each item of this file";
  return info.path.ends_with("[]") ? "each item of " + word : word;
}

const char* type_name(KeyType type) {
  switch (type) {
    case KeyType::text: return "text";
    case KeyType::expression: return "an expression";
    case KeyType::integer: return "a whole number above 0";
    case KeyType::percent: return "a percentage such as 2%";
    case KeyType::boolean: return "true or false";
    case KeyType::choice: return "one of a few words";
    case KeyType::list: return "a list";
    case KeyType::map: return "a map (key: value)";
    case KeyType::any: return "a value";
  }
  return "a value";
}

bool is_whole_number(const Node& node) {
  if (!node.is_scalar() || scalar_type(node) != ScalarType::integer) return false;
  std::int64_t number = 0;
  const char* end = node.text.data() + node.text.size();
  const auto read = std::from_chars(node.text.data(), end, number);
  return read.ec == std::errc() && read.ptr == end && number > 0 && number <= 1'000'000'000;
}

class Checker {
 public:
  explicit Checker(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void check_map(Node& node, const Schema& schema);
  void check_list(Node& node, const Schema& schema, const Node* key);

 private:
  /// `key`: what it stands under, if anything; an item has it from its list.
  void check(Node& node, const Schema& schema, const Node* key, bool is_item);
  void check_choice(const Node& node, const KeyInfo& info);
  bool fits(const Node& node, const Schema& schema) const;
  void wrong(const Node& node, const KeyInfo& info, const Node* key);
  void check_missing(const Node& node, const Schema& schema);

  Diagnostics& diagnostics_;
};

bool Checker::fits(const Node& node, const Schema& schema) const {
  switch (schema.info->type) {
    case KeyType::text: return node.is_scalar() && !node.text.empty();
    case KeyType::expression:
      return (node.is_scalar() && !node.text.empty()) ||
             (node.kind == Node::Kind::list && schema.item != nullptr && !node.items.empty());
    case KeyType::integer: return is_whole_number(node);
    case KeyType::percent: return node.is_scalar() && parse_percent(node.text).has_value();
    case KeyType::boolean: return node.is_scalar() && scalar_type(node) == ScalarType::boolean;
    case KeyType::choice: return node.is_scalar();
    case KeyType::list: return node.kind == Node::Kind::list;
    case KeyType::map: return node.kind == Node::Kind::map;
    case KeyType::any: return true;
  }
  return false;
}

void Checker::wrong(const Node& node, const KeyInfo& info, const Node* key) {
  const std::string name = spoken(info, key != nullptr ? key->text : "");
  if (node.kind == Node::Kind::null) {
    diagnostics_.error(node.at, name + " has no value",
                       std::string("it must be ") + type_name(info.type));
    return;
  }
  diagnostics_.error(node.at, name + " must be " + type_name(info.type));
}

void Checker::check_choice(const Node& node, const KeyInfo& info) {
  const std::vector<std::string> known = choices_of(info.choices);
  if (std::find(known.begin(), known.end(), node.text) != known.end()) return;
  const std::string name(last_name(info.path));
  if (name == "legal_basis" && codes::one_legal_basis(node.text) != node.text) return;
  if (info.path == "on_withdrawal" && node.text == "keep") {
    diagnostics_.error(node.at, "on_withdrawal: keep would mail people who said no",
                       "write unsubscribe or delete");
    return;
  }
  const auto nearest = did_you_mean(node.text, known);
  diagnostics_.error(
      node.at, name + " must be one of " + joined(known) + "; it is " + excerpt(node.text, 60),
      nearest ? "did you mean " + *nearest + "?" : "");
}

void Checker::check(Node& node, const Schema& schema, const Node* key, bool is_item) {
  const KeyInfo& info = *schema.info;
  if (info.path == conditions_path || info.description.ends_with(not_supported)) return;
  const bool empty_collection = node.kind == Node::Kind::null && !info.required &&
                                (info.type == KeyType::list || info.type == KeyType::map) &&
                                key != nullptr && !is_item;
  if (empty_collection) {
    if (info.type == KeyType::map) check_missing(node, schema);
    return;
  }
  if (!fits(node, schema)) {
    wrong(node, info, key);
    return;
  }
  if (info.type == KeyType::choice) check_choice(node, info);
  if (node.kind == Node::Kind::map && !schema.keys.empty()) check_map(node, schema);
  if (node.kind == Node::Kind::list) check_list(node, schema, key);
}

void Checker::check_list(Node& node, const Schema& schema, const Node* key) {
  if (!schema.item || schema.item->info == nullptr) return;
  for (Node& item : node.items) check(item, *schema.item, key, true);
}

void Checker::check_missing(const Node& node, const Schema& schema) {
  for (const auto& [name, child] : schema.keys) {
    if (child.info == nullptr || !child.info->required || name == "*") continue;
    if (node.find(name) != nullptr) continue;
    diagnostics_.error(node.at, "missing key " + name, std::string(child.info->description));
  }
}

void Checker::check_map(Node& node, const Schema& schema) {
  const auto any_name = schema.keys.find("*");
  std::vector<std::string> known;
  for (const auto& [name, child] : schema.keys) {
    if (name != "*") known.push_back(name);
  }
  for (auto& [key, value] : node.members) {
    auto found = schema.keys.find(key.text);
    if (found == schema.keys.end()) found = any_name;
    if (found == schema.keys.end()) {
      // Read as what was probably meant, so that nothing is reported that only follows from it.
      const std::string meant = report_unknown(key.at, "key", key.text, known, diagnostics_);
      if (!meant.empty() && node.find(meant) == nullptr) key.text = meant;
    } else {
      check(value, found->second, &key, false);
    }
  }
  check_missing(node, schema);
}

}  // namespace

void check_shape(Node& root, std::string_view registry_file, Diagnostics& diagnostics) {
  const Schema& schema = schema_of(registry_file);
  if (root.kind == Node::Kind::null) {
    if (schema.keys.count("") != 0) return;
    bool needs_keys = false;
    for (const auto& [name, child] : schema.keys) needs_keys |= child.info->required;
    if (needs_keys) diagnostics.error(root.at, "this file is empty");
    return;
  }
  if (const auto list = schema.keys.find(""); list != schema.keys.end()) {
    if (root.kind != Node::Kind::list) {
      diagnostics.error(root.at, "this file must hold a list, each item after \"- \"");
      return;
    }
    Checker(diagnostics).check_list(root, list->second, nullptr);
    return;
  }
  if (root.kind != Node::Kind::map) {
    diagnostics.error(root.at, "this file must hold a map (key: value)");
    return;
  }
  Checker(diagnostics).check_map(root, schema);
}

std::string report_unknown(const Location& at, std::string_view what, std::string_view word,
                           const std::vector<std::string>& known, Diagnostics& diagnostics) {
  const auto nearest = did_you_mean(word, known);
  std::string hint;
  if (nearest) {
    hint = "did you mean " + *nearest + "?";
  } else if (!known.empty()) {
    std::vector<std::string> listed = known;
    if (listed.size() > listed_keys_max) listed.resize(listed_keys_max);
    hint = "known here: " + joined(listed);
  }
  diagnostics.error(at, "unknown " + std::string(what) + " " + excerpt(word, 80), hint);
  return nearest.value_or("");
}

std::vector<std::string> choices_of(std::string_view choices) {
  std::vector<std::string> words;
  for (const std::string_view word : split(choices, '|')) words.emplace_back(word);
  return words;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ", ";
    out += word;
  }
  return out;
}

std::optional<double> parse_percent(std::string_view text) {
  if (!text.ends_with('%')) return std::nullopt;
  text.remove_suffix(1);
  const bool plain_digits = !text.empty() &&
                            text.find_first_not_of("0123456789.") == std::string_view::npos &&
                            text.front() != '.' && text.back() != '.';
  if (!plain_digits) return std::nullopt;
  double value = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || value > 100.0) {
    return std::nullopt;
  }
  return value;
}

std::optional<std::int64_t> parse_duration(std::string_view text) {
  constexpr std::string_view units = "smhdw";
  constexpr std::array<std::int64_t, units.size()> seconds = {1, 60, 3600, 86'400, 7 * 86'400};
  if (text.size() < 2) return std::nullopt;
  const std::size_t unit = units.find(text.back());
  if (unit == std::string_view::npos) return std::nullopt;
  text.remove_suffix(1);
  std::uint32_t count = 0;
  const auto read = std::from_chars(text.data(), text.data() + text.size(), count);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size() || count == 0) {
    return std::nullopt;
  }
  const std::int64_t whole = static_cast<std::int64_t>(count) * seconds[unit];
  constexpr std::int64_t seconds_max =
      std::numeric_limits<std::int64_t>::max() / microseconds_per_second;
  if (whole > seconds_max) return std::nullopt;
  return whole * microseconds_per_second;
}

}  // namespace rondom::config
