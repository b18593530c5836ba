#include "config/config.h"
#include "config/shape.h"

namespace rondom::config {
namespace {

const char* type_word(KeyType type) {
  switch (type) {
    case KeyType::text: return "text";
    case KeyType::expression: return "expression";
    case KeyType::integer: return "whole number";
    case KeyType::percent: return "percentage";
    case KeyType::boolean: return "true or false";
    case KeyType::choice: return "one of";
    case KeyType::list: return "list";
    case KeyType::map: return "map";
    case KeyType::any: return "anything";
  }
  return "";
}

std::string escaped(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '|') out += '\\';
    out += c;
  }
  return out;
}

std::string type_cell(const KeyInfo& info) {
  std::string out = type_word(info.type);
  const char* before = " ";
  for (const std::string& choice : choices_of(info.choices)) {
    if (choice.empty()) continue;
    out += before;
    out += '`' + choice + '`';
    before = ", ";
  }
  return out;
}

}  // namespace

std::string keys_reference() {
  std::string out =
      "# Project files: every key\n\n"
      "Made from the registry that the reader itself uses; `rondom validate` reports anything "
      "else. "
      "In paths, `*` is a name of your own and `[]` each item of a list. Below a map or list "
      "without keys of its own, the connector or the map decides.\n";
  std::string_view file;
  for (const KeyInfo& info : keys()) {
    if (info.file != file) {
      file = info.file;
      out += "\n## " + std::string(file) +
             "\n\n| key | type | required | |\n| --- | --- | --- | --- |\n";
    }
    out += "| `" + std::string(info.path) + "` | " + type_cell(info) + " | " +
           (info.required ? "yes" : "") + " | " + escaped(info.description) + " |\n";
  }
  return out;
}

}  // namespace rondom::config
