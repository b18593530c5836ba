// A model as YAML, read and written.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>

#include "base/base.h"
#include "pipeline/resolve/probabilistic/model.h"

namespace rondom::probabilistic {
namespace {

using config::Diagnostics;
using config::Node;

std::string text_of(const Node& map, std::string_view key) {
  const Node* found = map.find(key);
  return found != nullptr && found->is_scalar() ? found->text : std::string();
}

/// Reads the parts of one file; what is wrong is reported where it stands.
class Reader {
 public:
  explicit Reader(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}

  void only(const Node& map, std::initializer_list<std::string_view> keys) {
    for (const auto& [key, value] : map.members) {
      if (std::find(keys.begin(), keys.end(), key.text) == keys.end()) {
        diagnostics_.error(key.at, "a model has no key " + key.text + " here");
      }
    }
  }

  double number(const Node& map, std::string_view key, double least, double most, double fallback) {
    const Node* found = map.find(key);
    if (found == nullptr) return fallback;
    double value = 0;
    const char* end = found->text.data() + found->text.size();
    const auto [at, error] = std::from_chars(found->text.data(), end, value);
    if (!found->is_scalar() || error != std::errc() || at != end || !(value >= least) ||
        !(value <= most)) {
      diagnostics_.error(
          found->at, std::string(key) + " is a number from " + text(least) + " to " + text(most));
      return fallback;
    }
    return value;
  }

  const Node* list(const Node& map, std::string_view key) {
    const Node* found = map.find(key);
    if (found != nullptr && found->kind == Node::Kind::list) return found;
    diagnostics_.error(found != nullptr ? found->at : map.at, std::string(key) + " is a list");
    return nullptr;
  }

  void error(const Node& at, std::string message) { diagnostics_.error(at.at, std::move(message)); }

  static std::string text(double value) {
    char buffer[32];
    std::snprintf(buffer, sizeof buffer, "%.6g", value);
    return buffer;
  }

 private:
  Diagnostics& diagnostics_;
};

constexpr double smallest_probability = 1e-12;

void read_levels(const Node& node, Reader& reader, Comparison& comparison) {
  const auto names = level_names(comparison.kind);
  comparison.place.fill(0xFF);
  std::size_t last = 0;
  const Node* list = reader.list(node, "levels");
  if (list == nullptr) return;
  for (const Node& item : list->items) {
    reader.only(item, {"level", "m", "u", "household"});
    Level level;
    level.name = text_of(item, "level");
    const auto found = std::find(names.begin(), names.end(), level.name);
    const auto number = static_cast<std::size_t>(found - names.begin());
    if (found == names.end() || (number < last && !comparison.levels.empty())) {
      reader.error(item, comparison.name + " has no level " + level.name + " here; best first");
      return;
    }
    last = number + 1;
    level.m = reader.number(item, "m", smallest_probability, 1, 0.5);
    level.u = reader.number(item, "u", smallest_probability, 1, 0.5);
    level.household = reader.number(item, "household", smallest_probability, 1, level.u);
    comparison.place[number] = static_cast<std::uint8_t>(comparison.levels.size());
    comparison.levels.push_back(std::move(level));
  }
  if (comparison.levels.empty() || comparison.levels.back().name != "other") {
    reader.error(*list, "the last level of a comparison is other");
    return;
  }
  for (std::size_t i = names.size(); i-- > 0;) {
    if (comparison.place[i] == 0xFF) comparison.place[i] = comparison.place[i + 1];
  }
}

void read_frequencies(const Node& node, Reader& reader, Frequencies& frequencies) {
  reader.only(node, {"rest", "values"});
  frequencies.rest = reader.number(node, "rest", 0, 1, 0);
  if (node.find("values") == nullptr) return;
  const Node* list = reader.list(node, "values");
  if (list == nullptr) return;
  for (const Node& item : list->items) {
    reader.only(item, {"value", "share"});
    frequencies.listed[text_of(item, "value")] =
        reader.number(item, "share", smallest_probability, 1, 1);
  }
}

void read_comparison(const Node& node, Reader& reader, Model& model) {
  reader.only(node, {"of", "by_frequency", "levels", "frequencies"});
  Comparison comparison;
  comparison.name = text_of(node, "of");
  bool known = false;
  for (int i = 0; i < static_cast<int>(Kind::text); ++i) {
    if (kind_name(static_cast<Kind>(i)) != comparison.name) continue;
    comparison.kind = static_cast<Kind>(i);
    known = true;
  }
  constexpr std::string_view custom = "custom.";
  if (!known) {
    const bool is_custom = comparison.name.rfind(custom, 0) == 0;
    const AttributeInfo* info = attribute_by_name(model.entity, comparison.name);
    if (is_custom) {
      comparison.attribute = attribute::custom;
      comparison.custom = comparison.name.substr(custom.size());
    } else if (info != nullptr && info->group.empty()) {
      comparison.attribute = info->id;
    } else {
      reader.error(node, "there is no comparison and no attribute " + comparison.name);
      return;
    }
  }
  for (const Comparison& other : model.comparisons) {
    if (other.name == comparison.name) reader.error(node, comparison.name + " is compared twice");
  }
  comparison.by_frequency = text_of(node, "by_frequency") == "true";
  read_levels(node, reader, comparison);
  if (const Node* frequencies = node.find("frequencies")) {
    read_frequencies(*frequencies, reader, comparison.frequencies);
  }
  model.comparisons.push_back(std::move(comparison));
}

void read_blocking(const Node& node, Reader& reader, Model& model) {
  reader.only(node, {"by", "train"});
  BlockingRule rule;
  rule.train = text_of(node, "train") == "true";
  const Node* list = reader.list(node, "by");
  if (list == nullptr) return;
  for (const Node& item : list->items) {
    bool known = false;
    for (int i = 0; i <= static_cast<int>(Part::website); ++i) {
      if (part_name(static_cast<Part>(i)) != item.text) continue;
      rule.parts.push_back(static_cast<Part>(i));
      known = true;
    }
    if (!known) reader.error(item, "nothing can be blocked by " + item.text);
    rule.name += (rule.name.empty() ? "" : " + ") + item.text;
  }
  if (rule.parts.empty()) reader.error(node, "a blocking rule names at least one part");
  model.blocking.push_back(std::move(rule));
}

void append_text(std::string& out, std::string_view text) {
  out += '"';
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  out += '"';
}

void append_number(std::string& out, const char* before, double value) {
  out += before;
  out += Reader::text(value);
}

}  // namespace

Model parse_model(std::string_view yaml, std::string_view file, Diagnostics& diagnostics) {
  Model model;
  const Node root = config::parse_yaml(yaml, file, diagnostics);
  if (!diagnostics.empty()) return model;
  Reader reader(diagnostics);
  reader.only(root, {"model", "trained_on", "entity", "prior", "thresholds", "limits",
                     "comparisons", "blocking"});
  model.name = text_of(root, "model");
  model.trained_on = text_of(root, "trained_on");
  if (model.name.empty()) reader.error(root, "a model has a name");
  const auto entity = entity_from(text_of(root, "entity"));
  if (!entity.has_value() || !is_party(*entity)) {
    reader.error(root, "entity is person or organization");
    return model;
  }
  model.entity = *entity;
  static const Node nothing;
  const auto part = [&](std::string_view key) -> const Node& {
    const Node* found = root.find(key);
    if (found != nullptr) return *found;
    reader.error(root, "a model says its " + std::string(key));
    return nothing;
  };
  constexpr double many = 1e12;
  const Node& prior = part("prior");
  reader.only(prior, {"duplicates_per_record", "household_per_record", "records"});
  model.duplicates_per_record = reader.number(prior, "duplicates_per_record", 1e-6, 1e6, 1);
  model.household_per_record = reader.number(prior, "household_per_record", 0, 1e6, 0);
  model.records = static_cast<std::int64_t>(reader.number(prior, "records", 0, many, 0));
  const Node& thresholds = part("thresholds");
  reader.only(thresholds, {"merge_at", "review_at", "mean_at", "pair_floor", "pair_ceiling"});
  model.merge_at = reader.number(thresholds, "merge_at", 0.01, 0.999999, model.merge_at);
  model.review_at = reader.number(thresholds, "review_at", 0.01, 0.999999, model.review_at);
  model.mean_at = reader.number(thresholds, "mean_at", -50, 50, 0);
  model.pair_floor = reader.number(thresholds, "pair_floor", -50, 0, -6);
  model.pair_ceiling = reader.number(thresholds, "pair_ceiling", 0, 50, 10);
  if (model.review_at > model.merge_at) reader.error(thresholds, "review_at is above merge_at");
  const Node& limits = part("limits");
  reader.only(limits, {"block_records", "pairs_per_record"});
  model.block_records_max =
      static_cast<std::uint32_t>(reader.number(limits, "block_records", 2, 10'000, 200));
  model.pairs_per_record_max =
      static_cast<std::uint32_t>(reader.number(limits, "pairs_per_record", 1, 10'000, 100));
  if (const Node* list = reader.list(root, "comparisons")) {
    if (list->items.size() > comparisons_max) reader.error(*list, "more than 16 comparisons");
    for (const Node& item : list->items) read_comparison(item, reader, model);
  }
  if (const Node* list = reader.list(root, "blocking")) {
    if (list->items.size() > blocking_rules_max) reader.error(*list, "more than 32 blocking rules");
    for (const Node& item : list->items) read_blocking(item, reader, model);
  }
  return model;
}

std::string print_model(const Model& model) {
  std::string out = "model: " + model.name + "\n";
  if (!model.trained_on.empty()) {
    out += "trained_on: ";
    append_text(out, model.trained_on);
    out += "\n";
  }
  out += "entity: " + std::string(to_text(model.entity)) + "\n";
  append_number(out, "prior: { duplicates_per_record: ", model.duplicates_per_record);
  append_number(out, ", household_per_record: ", model.household_per_record);
  if (model.records > 0) out += ", records: " + std::to_string(model.records);
  append_number(out, " }\nthresholds: { merge_at: ", model.merge_at);
  append_number(out, ", review_at: ", model.review_at);
  append_number(out, ", mean_at: ", model.mean_at);
  append_number(out, ", pair_floor: ", model.pair_floor);
  append_number(out, ", pair_ceiling: ", model.pair_ceiling);
  out += " }\nlimits: { block_records: " + std::to_string(model.block_records_max) +
         ", pairs_per_record: " + std::to_string(model.pairs_per_record_max) + " }\n";
  out += "comparisons:\n";
  for (const Comparison& comparison : model.comparisons) {
    out += "  - of: " + comparison.name + "\n";
    if (comparison.by_frequency) out += "    by_frequency: true\n";
    out += "    levels:\n";
    for (const Level& level : comparison.levels) {
      out += "      - { level: " + level.name;
      append_number(out, ", m: ", level.m);
      append_number(out, ", u: ", level.u);
      append_number(out, ", household: ", level.household);
      out += " }\n";
    }
    const Frequencies& frequencies = comparison.frequencies;
    if (frequencies.rest <= 0 && frequencies.listed.empty()) continue;
    append_number(out, "    frequencies:\n      rest: ", frequencies.rest);
    out += "\n";
    if (!frequencies.listed.empty()) out += "      values:\n";
    for (const auto& [value, share] : frequencies.listed) {
      out += "        - { value: ";
      append_text(out, value);
      append_number(out, ", share: ", share);
      out += " }\n";
    }
  }
  out += "blocking:\n";
  for (const BlockingRule& rule : model.blocking) {
    out += "  - { by: [";
    for (std::size_t i = 0; i < rule.parts.size(); ++i) {
      out += (i > 0 ? ", " : "") + std::string(part_name(rule.parts[i]));
    }
    out += rule.train ? "], train: true }\n" : "] }\n";
  }
  return out;
}

}  // namespace rondom::probabilistic
