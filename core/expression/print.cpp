#include "expression/print.h"

#include <array>

#include "expression/function.h"
#include "expression/lexer.h"

namespace rondom::expression {

namespace {

/// How tightly a node binds; an operand that binds looser than its place asks gets parentheses.
enum Binding : int { pipe, any_of, all_of, negation, comparison, path };

Binding binding_of(const Node& node) {
  switch (node.kind) {
    case Node::Kind::any_of: return any_of;
    case Node::Kind::all_of: return all_of;
    case Node::Kind::negation: return negation;
    case Node::Kind::comparison:
    case Node::Kind::membership: return comparison;
    case Node::Kind::call: return node.piped ? pipe : path;
    default: return path;
  }
}

void append_text(std::string& out, std::string_view text) {
  static constexpr std::string_view digits = "0123456789abcdef";
  out += '"';
  for (const char c : text) {
    switch (c) {
      case '"': out += "\\\""; break;
      case '\\': out += "\\\\"; break;
      case '\n': out += "\\n"; break;
      case '\r': out += "\\r"; break;
      case '\t': out += "\\t"; break;
      default:
        if (std::uint8_t(c) >= 0x20) {
          out += c;
        } else {
          out += "\\u00";
          out += digits[std::uint8_t(c) >> 4];
          out += digits[std::uint8_t(c) & 15];
        }
    }
  }
  out += '"';
}

void append_literal(std::string& out, const Value& value) {
  if (value.is_text()) {
    append_text(out, value.as_text());
  } else if (value.is_list()) {
    out += '[';
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      if (i != 0) out += ", ";
      append_literal(out, value.item(i));
    }
    out += ']';
  } else if (value.is_null()) {
    out += "null";
  } else {
    Arena arena(64);
    out += value.to_text(arena);
    // A decimal without digits after the point would come back as an integer.
    if (value.type() == ValueType::decimal && value.scale() == 0) out += ".0";
  }
}

class Printer {
 public:
  Printer(const Ast& ast, std::string& out) : ast_(ast), out_(out) {}

  void node(NodeId id, Binding place) {
    const Node& node = ast_.node(id);
    const bool parentheses = binding_of(node) < place;
    if (parentheses) out_ += '(';
    bare(node);
    if (parentheses) out_ += ')';
  }

 private:
  void bare(const Node& node) {
    switch (node.kind) {
      case Node::Kind::literal: append_literal(out_, node.literal); break;
      case Node::Kind::list:
        out_ += '[';
        parts(node, 0);
        out_ += ']';
        break;
      case Node::Kind::current: out_ += '.'; break;
      case Node::Kind::root: out_ += '$'; break;
      case Node::Kind::item_index: out_ += "$index"; break;
      case Node::Kind::path: whole_path(node); break;
      case Node::Kind::all_of: chain(node, " and ", negation); break;
      case Node::Kind::any_of: chain(node, " or ", all_of); break;
      case Node::Kind::negation:
        out_ += "not ";
        this->node(node.children[0], negation);
        break;
      case Node::Kind::comparison: binary(node, to_text(node.op)); break;
      case Node::Kind::membership: binary(node, "in"); break;
      case Node::Kind::call: call(node); break;
      case Node::Kind::slot: out_ += "slot " + std::to_string(node.slot); break;
    }
  }

  void parts(const Node& node, std::size_t first) {
    for (std::size_t i = first; i < node.children.size(); ++i) {
      if (i != first) out_ += ", ";
      this->node(node.children[i], pipe);
    }
  }

  void chain(const Node& node, const char* word, Binding place) {
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      if (i != 0) out_ += word;
      this->node(node.children[i], place);
    }
  }

  void binary(const Node& node, const char* sign) {
    this->node(node.children[0], path);
    out_ += ' ';
    out_ += sign;
    out_ += ' ';
    this->node(node.children[1], path);
  }

  void call(const Node& node) {
    if (node.piped) {
      this->node(node.children[0], pipe);
      out_ += " | ";
    }
    out_ += node.function->info.name;
    const std::size_t first = node.piped ? 1 : 0;
    if (node.piped && node.children.size() == 1) return;
    out_ += '(';
    parts(node, first);
    out_ += ')';
  }

  void whole_path(const Node& node) {
    if (node.base == Node::Base::child) {
      // "1.a" would read as a number.
      const Node& base = ast_.node(node.children[0]);
      const bool literal = base.kind == Node::Kind::literal;
      if (literal) out_ += '(';
      this->node(node.children[0], literal ? pipe : path);
      if (literal) out_ += ')';
    } else if (node.base == Node::Base::root) {
      out_ += '$';
    } else if (node.steps[0].kind != Step::Kind::field) {
      out_ += '.';
    }
    for (const Step& each : node.steps) step(each);
  }

  void step(const Step& step) {
    switch (step.kind) {
      case Step::Kind::field:
        out_ += '.';
        name(step.name);
        break;
      case Step::Kind::index: out_ += '[' + std::to_string(step.index) + ']'; break;
      case Step::Kind::spread: out_ += "[]"; break;
      case Step::Kind::filter:
        out_ += '[';
        if (!is_plain_name(step.name)) out_ += '.';
        name(step.name);
        out_ += " == ";
        append_literal(out_, step.literal);
        out_ += ']';
        break;
    }
  }

  void name(std::string_view text) {
    if (is_plain_name(text)) {
      out_ += text;
    } else {
      append_text(out_, text);
    }
  }

  const Ast& ast_;
  std::string& out_;
};

}  // namespace

std::string print(const Ast& ast, NodeId id) {
  std::string out;
  Printer(ast, out).node(id, pipe);
  return out;
}

std::string print(const Ast& ast) {
  return print(ast, ast.root);
}

}  // namespace rondom::expression
