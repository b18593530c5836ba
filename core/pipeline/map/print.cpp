#include "pipeline/map/plan.h"

namespace rondom::map {
namespace {

/// Grows with every change of what the same plan makes of the same record.
constexpr int mapping_version = 1;

void print(std::string& out, std::string_view label, std::string_view text) {
  out += label;
  out += '=';
  append_json_string(out, text);
  out += ' ';
}

void print(std::string& out, std::string_view label, const Operand& operand) {
  switch (operand.kind) {
    case Operand::Kind::none: return;
    case Operand::Kind::constant: print(out, label, "'" + operand.constant); return;
    case Operand::Kind::path:
    case Operand::Kind::expression: print(out, label, operand.expression.meaning()); return;
  }
}

void print(std::string& out, std::string_view label, const std::vector<Operand>& operands) {
  out += label;
  out += "=[";
  for (const Operand& operand : operands) print(out, "part", operand);
  out += "] ";
}

void print(std::string& out, const Producer& producer) {
  print(out, "when", producer.when);
  print(out, "value", producer.operand);
  if (producer.words) {
    print(out, "from", producer.words->from);
    for (const auto& [word, operand] : producer.words->entries) {
      print(out, "word", word);
      print(out, "gives", operand);
    }
    print(out, "else", producer.words->otherwise);
  }
  if (producer.reference) {
    print(out, "to", producer.reference->prefix);
    print(out, "key", producer.reference->key);
  }
  if (producer.required) out += "required ";
}

void print(std::string& out, const CellPlan& cell) {
  out += "cell " + std::to_string(cell.attribute) + ' ';
  print(out, "name", cell.name);
  print(out, "prefix", cell.value_prefix);
  print(out, cell.producer);
  out += '\n';
}

void print(std::string& out, const ElementPlan& element) {
  out += "element ";
  print(out, "when", element.when);
  print(out, "for_each", element.for_each);
  out += "{\n";
  for (const ElementPlan& inner : element.inner) print(out, inner);
  for (const CellPlan& cell : element.cells) print(out, cell);
  out += "}\n";
}

void print(std::string& out, const RecordPlan& record) {
  out += "record ";
  print(out, "entity", to_text(record.entity));
  print(out, "when", record.when);
  print(out, "for_each", record.for_each);
  print(out, "key", record.key);
  out += "{\n";
  for (const CellPlan& cell : record.scalars) print(out, cell);
  for (const ListPlan& list : record.lists) {
    print(out, "list", list.group);
    out += '\n';
    for (const ElementPlan& element : list.elements) print(out, element);
  }
  out += "}\n";
}

/// `label="begin…` as `label="now…`. Inside of any other text a quote stands behind a backslash.
void replace_beginnings(std::string& text, std::string_view label, const std::string& begin,
                        const std::string& now) {
  const std::string from = std::string(label) + "=\"" + begin;
  const std::string to = std::string(label) + "=\"" + now;
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos; at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

/// As it stands between quotes.
std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out.substr(1, out.size() - 2);
}

}  // namespace

std::string print(const Plan& plan, std::string_view source, std::string_view name) {
  std::string out = print(plan);
  const auto begin_of_names = [](std::string_view of) {
    const std::string names = record_name(of, {}, {});
    return quoted(names.substr(0, names.size() - 1));
  };
  replace_beginnings(out, "\nsource", quoted(source) + '"', quoted(name) + '"');
  replace_beginnings(out, "to", begin_of_names(source), begin_of_names(name));
  return out;
}

std::string print(const Plan& plan) {
  std::string out = "mapping " + std::to_string(mapping_version) + '\n';
  print(out, "source", plan.source);
  print(out, "stream", plan.stream);
  print(out, "country", plan.defaults.country);
  print(out, "language", plan.defaults.language);
  print(out, "currency", plan.defaults.currency);
  print(out, "time_zone", plan.defaults.time_zone);
  out += '\n';
  print(out, "key", plan.key);
  print(out, "when", plan.when);
  print(out, plan.cursor_is_default ? "catalog_cursor" : "cursor", plan.cursor);
  print(out, "country", plan.country);
  out += '\n';
  for (const std::string& name : plan.names) print(out, "name", name);
  for (const RecordPlan& record : plan.records) print(out, record);
  return out;
}

}  // namespace rondom::map
