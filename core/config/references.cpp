#include "config/references.h"

#include <algorithm>

namespace rondom::config {
namespace {

constexpr std::size_t name_bytes_max = 64;
constexpr std::size_t filled_bytes_max = 64u << 10;

struct Reference {
  std::string_view kind;  // "var", "secret" or what was written instead
  std::string_view name;
  std::size_t start = 0;
  std::size_t end = 0;  // after the brace
};

/// The next ${kind:name} at or after `from`. A "${" that is never closed reaches to the end.
std::optional<Reference> next_reference(std::string_view text, std::size_t from) {
  const std::size_t start = text.find("${", from);
  if (start == std::string_view::npos) return std::nullopt;
  const std::size_t close = text.find('}', start);
  Reference found;
  found.start = start;
  found.end = close == std::string_view::npos ? text.size() : close + 1;
  if (close == std::string_view::npos) return found;
  const std::string_view inside = text.substr(start + 2, close - start - 2);
  const std::size_t colon = inside.find(':');
  if (colon == std::string_view::npos) return found;
  found.kind = inside.substr(0, colon);
  found.name = inside.substr(colon + 1);
  return found;
}

class Filler {
 public:
  Filler(const Variables& variables, SecretsAllowed secrets, Diagnostics& diagnostics)
      : variables_(variables), secrets_(secrets), diagnostics_(diagnostics) {}

  void fill(Node& node) {
    if (node.is_scalar()) fill_scalar(node);
    for (Node& item : node.items) fill(item);
    for (auto& [key, value] : node.members) {
      if (key.text.find("${") != std::string::npos) {
        diagnostics_.error(key.at, "references are not read in keys");
      }
      fill(value);
    }
  }

 private:
  void fill_scalar(Node& node);
  const Node* variable(const Reference& reference, const Location& at);
  void check_secret(const Reference& reference, const Location& at);

  const Variables& variables_;
  SecretsAllowed secrets_;
  Diagnostics& diagnostics_;
};

const Node* Filler::variable(const Reference& reference, const Location& at) {
  const auto found = variables_.find(reference.name);
  if (found != variables_.end()) return &found->second;
  std::vector<std::string> known;
  for (const auto& [name, value] : variables_) known.push_back(name);
  const auto nearest = did_you_mean(reference.name, known);
  diagnostics_.error(at, "no var " + excerpt(reference.name, 80) + " in vars",
                     nearest ? "did you mean ${var:" + *nearest + "}?"
                             : "declare it under vars: in rondom.yaml or env/NAME.yaml");
  return nullptr;
}

void Filler::check_secret(const Reference& reference, const Location& at) {
  if (secrets_ == SecretsAllowed::no) {
    diagnostics_.error(at, "a secret may stand only in a connection's config and in store");
  } else if (!is_plain_name(reference.name)) {
    diagnostics_.error(at, "a secret's name holds letters, digits, _ and - only");
  }
}

void Filler::fill_scalar(Node& node) {
  if (node.text.find("${") == std::string::npos) return;
  const std::string text = node.text;
  std::string out;
  std::size_t done = 0;
  while (const auto reference = next_reference(text, done)) {
    out.append(text, done, reference->start - done);
    done = reference->end;
    const Location at =
        location_in(node.at, text, reference->start, reference->end - reference->start);
    if (reference->kind == "var") {
      const Node* value = variable(*reference, at);
      const bool whole = reference->start == 0 && reference->end == text.size();
      if (value != nullptr && whole && !node.quoted) {
        node.text = value->text;
        node.quoted = value->quoted;
        return;
      }
      if (value != nullptr) out += value->text;
    } else if (reference->kind == "secret") {
      check_secret(*reference, at);
      out.append(text, reference->start, reference->end - reference->start);
    } else {
      diagnostics_.error(at, "not a reference: only ${var:NAME} and ${secret:NAME} exist");
      return;
    }
    if (out.size() > filled_bytes_max) {
      diagnostics_.error(node.at, "longer than 64 kB once its vars are filled in");
      return;
    }
  }
  out.append(text, done);
  node.text = std::move(out);
  node.quoted = true;
}

void add_variables(const Node* vars, Variables& variables, Diagnostics& diagnostics) {
  if (vars == nullptr) return;
  for (const auto& [name, value] : vars->members) {
    if (!is_plain_name(name.text)) {
      diagnostics.error(name.at, "a var's name holds letters, digits, _ and - only");
    } else if (value.is_scalar() && value.text.find("${") != std::string::npos) {
      diagnostics.error(value.at, "a var cannot refer to another var or to a secret",
                        "put the ${…} where the var is used");
      variables[name.text] = Node();
    } else {
      variables[name.text] = value;
    }
  }
}

}  // namespace

Variables read_variables(const Node* base, const Node* environment, Diagnostics& diagnostics) {
  Variables variables;
  add_variables(base, variables, diagnostics);
  add_variables(environment, variables, diagnostics);
  return variables;
}

void fill_variables(Node& node, const Variables& variables, SecretsAllowed secrets,
                    Diagnostics& diagnostics) {
  Filler(variables, secrets, diagnostics).fill(node);
}

bool is_job_name(std::string_view name) {
  return is_plain_name(name);
}

void refuse_references(const Node& node, Diagnostics& diagnostics) {
  if (node.is_scalar()) {
    const auto reference = next_reference(node.text, 0);
    if (reference && (reference->kind == "var" || reference->kind == "secret")) {
      diagnostics.error(
          location_in(node.at, node.text, reference->start, reference->end - reference->start),
          "${" + std::string(reference->kind) + ":…} is not read here",
          "vars work in rondom.yaml, env/*.yaml and the options of jobs");
    }
  }
  for (const Node& item : node.items) refuse_references(item, diagnostics);
  for (const auto& [key, value] : node.members) refuse_references(value, diagnostics);
}

bool is_plain_name(std::string_view name) {
  if (name.empty() || name.size() > name_bytes_max) return false;
  const auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); };
  return is_letter(name.front()) && std::all_of(name.begin(), name.end(), [&](char c) {
           return is_letter(c) || (c >= '0' && c <= '9') || c == '_' || c == '-';
         });
}

}  // namespace rondom::config
