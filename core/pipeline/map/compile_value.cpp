#include <algorithm>

#include "model/attribute_codes.h"
#include "pipeline/map/compiler.h"

namespace rondom::map {
namespace {

std::vector<std::string> streams_of(const config::Project& project, std::string_view connection) {
  std::vector<std::string> names;
  for (const config::Job& job : project.jobs) {
    if (job.connection != connection || !job.source) continue;
    for (const config::SourceStream& stream : job.source->streams) names.push_back(stream.stream);
  }
  return names;
}

bool holds(const std::vector<std::string>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

std::string joined(std::span<const std::string_view> words) {
  std::string text;
  for (const std::string_view word : words) {
    if (!text.empty()) text += ", ";
    text += word;
  }
  return text;
}

}  // namespace

bool Compiler::flag(const config::Node& node, std::string_view key) {
  const config::Node* found = node.find(key);
  if (found == nullptr) return false;
  if (found->is_scalar() && !found->quoted && (found->text == "true" || found->text == "false")) {
    return found->text == "true";
  }
  error(found->at, std::string(key) + " takes true or false");
  return false;
}

/// A word of a fixed set is checked now, so that a slip does not wait for its first record.
void Compiler::check_constant(const config::Node& node, const AttributeInfo& info,
                              const Place& place) {
  if (!info.codes.empty()) {
    const std::string_view word = info.id == attribute::consent_basis
                                      ? codes::one_legal_basis(node.text)
                                      : std::string_view(node.text);
    if (std::find(info.codes.begin(), info.codes.end(), word) != info.codes.end()) return;
    const std::vector<std::string> codes(info.codes.begin(), info.codes.end());
    std::string hint = meant(node.text, codes);
    if (hint.empty()) hint = "one of " + joined(info.codes);
    error(node.at, std::string(info.name) + " cannot be " + node.text, std::move(hint));
  } else if ((info.id == attribute::consent_purpose || info.id == attribute::suppression_purpose) &&
             !place.from_preset && !project_.purposes.empty() &&
             project_.purpose(node.text) == nullptr) {
    std::vector<std::string> purposes;
    for (const config::Purpose& purpose : project_.purposes) purposes.push_back(purpose.name);
    error(node.at, "no purpose " + node.text + " in rondom.yaml", meant(node.text, purposes));
  } else if (info.id == attribute::suppression_destination && !place.from_preset &&
             project_.connection(node.text) == nullptr) {
    std::vector<std::string> connections;
    for (const config::Connection& one : project_.connections) connections.push_back(one.name);
    error(node.at, "no connection " + node.text + " in rondom.yaml", meant(node.text, connections));
  }
}

/// What a record says is held against the names that there are: another name there is another
/// outcome.
void Compiler::note_names(const AttributeInfo& info) {
  std::vector<std::string> names;
  if (info.id == attribute::consent_purpose || info.id == attribute::suppression_purpose) {
    for (const config::Purpose& purpose : project_.purposes) names.push_back(purpose.name);
  } else if (info.id == attribute::suppression_destination) {
    for (const config::Connection& one : project_.connections) names.push_back(one.name);
  }
  for (std::string& name : names) {
    if (std::find(plan_->names.begin(), plan_->names.end(), name) == plan_->names.end()) {
      plan_->names.push_back(std::move(name));
    }
  }
}

/// `email: email` is a constant and fills every record with the word: hardly what anybody means.
void Compiler::check_forgotten_dot(const config::Node& node, const AttributeInfo& info) {
  const bool has_digit =
      std::any_of(node.text.begin(), node.text.end(), [](char c) { return c >= '0' && c <= '9'; });
  std::string is_no;
  switch (info.type) {
    case AttributeType::email:
      if (node.text.find('@') == std::string::npos) is_no = "no e-mail address";
      break;
    case AttributeType::phone:
      if (!has_digit) is_no = "no phone number";
      break;
    case AttributeType::date:
    case AttributeType::time:
      if (!has_digit) is_no = "no date";
      break;
    case AttributeType::integer:
    case AttributeType::decimal:
    case AttributeType::money:
      if (!has_digit) is_no = "no number";
      break;
    default: break;
  }
  const bool is_word = info.codes.empty() && info.member.empty() && !node.quoted;
  if (is_no.empty() && is_word &&
      std::find(fields_.names.begin(), fields_.names.end(), node.text) != fields_.names.end()) {
    is_no = "one word for every record, and the source has a field of that name";
  }
  if (is_no.empty()) return;
  error(node.at,
        std::string(info.name) + " is the constant " + excerpt(node.text, 40) + ": " + is_no,
        "a field is written with a dot: ." + excerpt(node.text, 40) +
            "; a constant that is meant: { const: " + excerpt(node.text, 40) + " }");
}

void Compiler::check_one_value(const config::Node& node, const AttributeInfo& info,
                               const Operand& operand) {
  if (operand.kind != Operand::Kind::expression || !operand.expression.gives_object()) return;
  error(node.at, std::string(info.name) + " takes one value, and this gives an object",
        "name one of its fields: { value: (" + node.text + ").FIELD }");
}

Producer Compiler::value(const config::Node& node, const AttributeInfo& info, const Place& where) {
  Producer producer;
  Place place = where;
  place.is_evidence = info.id != attribute::identifier;
  if (node.kind == config::Node::Kind::map) {
    value_of_map(node, info, place, producer);
  } else if (node.kind == config::Node::Kind::list) {
    error(node.at, std::string(info.name) + " takes one value, not a list");
  } else if (node.kind == config::Node::Kind::null) {
    error(node.at, std::string(info.name) + " has no value");
  } else if (info.type == AttributeType::reference) {
    error(node.at, std::string(info.name) + " is a reference to another record",
          "write { to: STREAM, key: .FIELD }");
  } else {
    producer.operand = map_value(node, place);
    check_one_value(node, info, producer.operand);
    if (producer.operand.kind == Operand::Kind::constant) {
      check_constant(node, info, place);
      check_forgotten_dot(node, info);
    } else {
      note_names(info);
    }
  }
  return producer;
}

void Compiler::value_of_map(const config::Node& node, const AttributeInfo& info, const Place& place,
                            Producer& producer) {
  const bool all_known = refuse_others(
      node, {"when", "value", "const", "from", "values", "else", "to", "key", "required"},
      "a value");
  if (!all_known) return;
  Place no_evidence = place;
  no_evidence.is_evidence = false;
  if (const auto* when = node.find("when")) producer.when = expression(*when, no_evidence);
  producer.required = flag(node, "required");

  const config::Node* computed = node.find("value");
  const config::Node* constant = node.find("const");
  const config::Node* from = node.find("from");
  const config::Node* to = node.find("to");
  const int ways = (computed ? 1 : 0) + (constant ? 1 : 0) + (from ? 1 : 0) + (to ? 1 : 0);
  if (ways != 1) {
    error(node.at, std::string(info.name) + " takes exactly one of value, const, from and to");
    return;
  }
  if (!from && (node.find("values") || node.find("else"))) {
    error(node.at, "values and else belong to from");
  }
  if (!to && node.find("key")) error(node.find("key")->at, "key belongs to to");

  const bool is_reference = info.type == AttributeType::reference;
  if (is_reference != (to != nullptr)) {
    error(node.at,
          is_reference ? std::string(info.name) + " is a reference to another record"
                       : std::string(info.name) + " is no reference: to does not belong here",
          is_reference ? "write { to: STREAM, key: .FIELD }" : "");
  } else if (to) {
    producer.reference = reference(*to, node.find("key"), no_evidence);
  } else if (computed) {
    producer.operand = expression(*computed, place);
    check_one_value(*computed, info, producer.operand);
    note_names(info);
  } else if (from) {
    compile_words(node, info, place, producer);
  } else if (!constant->is_scalar()) {
    error(constant->at, "const takes one value");
  } else {
    producer.operand.kind = Operand::Kind::constant;
    producer.operand.constant = constant->text;
    check_constant(*constant, info, place);
  }
}

void Compiler::compile_words(const config::Node& node, const AttributeInfo& info,
                             const Place& place, Producer& producer) {
  auto words = std::make_unique<Words>();
  words->from = expression(*node.find("from"), place);
  const config::Node* values = node.find("values");
  if (values == nullptr || values->kind != config::Node::Kind::map || values->members.empty()) {
    error(values ? values->at : node.at, "from needs values: the source's words and ours",
          "values: { Dhr.: male, Mevr.: female }");
    return;
  }
  const auto one = [&](const config::Node& given) {
    Operand operand = map_value(given, place);
    if (operand.kind == Operand::Kind::constant) check_constant(given, info, place);
    if (operand.kind != Operand::Kind::constant) note_names(info);
    return operand;
  };
  for (const auto& [word, gives] : values->members)
    words->entries.emplace_back(word.text, one(gives));
  std::sort(words->entries.begin(), words->entries.end(),
            [](const auto& a, const auto& b) { return a.first < b.first; });
  if (const auto* otherwise = node.find("else")) words->otherwise = one(*otherwise);
  producer.words = std::move(words);
}

std::unique_ptr<Reference> Compiler::reference(const config::Node& to, const config::Node* key,
                                               const Place& place) {
  auto made = std::make_unique<Reference>();
  if (!find_stream(to, place, made->prefix)) return nullptr;
  if (key == nullptr) {
    error(to.at, "to needs key: which record of " + to.text);
    return nullptr;
  }
  made->key = key_parts(*key, place);
  return made;
}

bool Compiler::find_stream(const config::Node& to, const Place& place, std::string& prefix) {
  if (!to.is_scalar() || to.text.empty()) {
    error(to.at, "to takes the name of a stream");
    return false;
  }
  const std::vector<std::string> ours = streams_of(project_, job_.connection);
  if (holds(ours, to.text) || to.text == stream_.stream) {
    prefix = record_name(job_.connection, to.text, "");
    return true;
  }
  const std::size_t dot = to.text.find('.');
  const std::string source = to.text.substr(0, dot);
  if (dot != std::string::npos && project_.connection(source) != nullptr) {
    const std::string stream = to.text.substr(dot + 1);
    const std::vector<std::string> theirs = streams_of(project_, source);
    prefix = record_name(source, stream, "");
    if (place.from_preset || holds(theirs, stream)) return true;
    error(to.at, "no job reads " + stream + " of " + source, meant(stream, theirs));
    return false;
  }
  prefix = record_name(job_.connection, to.text, "");
  if (place.from_preset)
    return true;  // a preset may point at a stream that this project leaves out
  error(to.at, "no job reads " + to.text + " of " + job_.connection, meant(to.text, ours));
  return false;
}

}  // namespace rondom::map
