#include "expression/parser.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/text.h"
#include "expression/checker.h"
#include "expression/function.h"
#include "expression/lexer.h"

namespace rondom::expression {

namespace {

constexpr NodeId no_node = NodeId(-1);

bool is_keyword(std::string_view word) {
  return word == "and" || word == "or" || word == "not" || word == "in" || word == "true" ||
         word == "false" || word == "null";
}

class Parser {
 public:
  Parser(std::string_view text, const std::vector<Token>& tokens, const Library* library, Ast& ast,
         Problem& problem)
      : text_(text), tokens_(tokens), library_(library), ast_(ast), problem_(problem) {}

  bool run() {
    if (tokens_.front().kind == Token::Kind::end) {
      fail(tokens_.front(), "the expression is empty");
      return false;
    }
    ast_.root = pipe();
    if (ast_.root == no_node) return false;
    if (token().kind != Token::Kind::end) {
      unexpected();
      return false;
    }
    return true;
  }

 private:
  /// Counts how deep the parser itself has gone; the tree has its own measure (Node::depth).
  struct Descent {
    explicit Descent(std::size_t& depth_) : depth(depth_) { ++depth; }
    Descent(const Descent&) = delete;
    Descent& operator=(const Descent&) = delete;
    ~Descent() { --depth; }
    std::size_t& depth;
  };

  const Token& token() const { return tokens_[at_]; }
  const Token& take() { return tokens_[at_++]; }
  /// Is this word the rest of a field's name with a space in it?
  bool after_field() const { return at_ > 0 && tokens_[at_ - 1].kind == Token::Kind::field; }
  const Token& previous() const { return tokens_[at_ - 1]; }

  bool is_symbol(std::string_view symbol) const {
    return token().kind == Token::Kind::symbol && token().text == symbol;
  }
  bool is_word(std::string_view word) const {
    return token().kind == Token::Kind::word && token().text == word;
  }
  bool take_symbol(std::string_view symbol) {
    if (!is_symbol(symbol)) return false;
    ++at_;
    return true;
  }

  NodeId fail(const Token& at, std::string message, std::string hint = {}) {
    problem_ = {at.offset, std::max<std::size_t>(at.length, 1), std::move(message),
                std::move(hint)};
    return no_node;
  }

  /// "100 EUR"
  bool is_currency_behind_number(const Token& at) const {
    constexpr std::size_t letters = 3;
    const auto is_capital = [](char c) { return c >= 'A' && c <= 'Z'; };
    return at_ > 0 && previous().kind == Token::Kind::literal && previous().literal.is_number() &&
           at.kind == Token::Kind::word && at.text.size() == letters &&
           std::all_of(at.text.begin(), at.text.end(), is_capital);
  }

  NodeId unexpected() {
    const Token& at = token();
    if (at.kind == Token::Kind::end) {
      return fail(at, "the expression ends too early");
    }
    std::string hint;
    if (is_currency_behind_number(at)) {
      hint = "money compares with a plain number, by its amount";
    } else if (at.kind == Token::Kind::word && !is_keyword(at.text)) {
      hint = after_field()
                 ? "a name with a space is written .\"" + std::string(previous().text) + " " +
                       std::string(at.text) + "\""
                 : "a field is written ." + std::string(at.text) + ", a text in double quotes";
    } else if (at.kind == Token::Kind::field) {
      hint = "there is an operator missing before the field";
    }
    return fail(
        at,
        "unexpected " + (at.kind == Token::Kind::literal ? std::string("value")
                                                         : "\"" + std::string(at.text) + "\""),
        std::move(hint));
  }

  bool expect(std::string_view symbol) {
    if (take_symbol(symbol)) return true;
    if (token().kind == Token::Kind::end) {
      fail(token(), "a \"" + std::string(symbol) + "\" is missing at the end");
    } else {
      unexpected();
      if (problem_.hint.empty()) problem_.hint = "expected \"" + std::string(symbol) + "\" here";
    }
    return false;
  }

  /// Checks a finished node and puts it into the tree. `first` and the token before the current
  /// one bound its text.
  NodeId add(Node node, std::size_t first) {
    const Token& last = tokens_[at_ - 1];
    node.offset = tokens_[first].offset;
    node.length = last.offset + last.length - node.offset;
    for (const NodeId child : node.children) {
      node.depth = std::max<std::uint16_t>(node.depth, std::uint16_t(ast_.node(child).depth + 1));
    }
    if (node.depth > limits::expression_depth_max) return too_deep(first);
    if (!check(ast_, library_, node, problem_)) return no_node;
    ast_.nodes.push_back(std::move(node));
    return NodeId(ast_.nodes.size() - 1);
  }

  NodeId too_deep(std::size_t first) {
    return fail(tokens_[first],
                "nested deeper than " + std::to_string(limits::expression_depth_max));
  }

  NodeId pipe() {
    const Descent descent(depth_);
    if (depth_ > limits::expression_depth_max) return too_deep(at_);
    const std::size_t first = at_;
    NodeId left = any_of();
    while (left != no_node && take_symbol("|")) {
      if (token().kind != Token::Kind::word || is_keyword(token().text)) {
        return fail(token(), "a function must follow |", hint_after_pipe(left));
      }
      left = call(left, first);
    }
    if (left != no_node && is_piped(left) && at_operator()) {
      unexpected();
      problem_.hint = hint_after_piped(left);
      return no_node;
    }
    return left;
  }

  bool is_piped(NodeId id) const { return ast_.node(id).piped; }

  bool at_operator() const {
    static constexpr std::array<std::string_view, 6> comparisons{"==", "!=", "<", "<=", ">", ">="};
    if (is_word("in") || is_word("and") || is_word("or")) return true;
    return token().kind == Token::Kind::symbol &&
           std::find(comparisons.begin(), comparisons.end(), token().text) != comparisons.end();
  }

  std::string text_of(const Node& node) const {
    return std::string(text_.substr(node.offset, node.length));
  }

  /// Where `.b` stands after a pipe: how a field of what is piped is written.
  std::string hint_after_pipe(NodeId left) const {
    if (token().kind != Token::Kind::field) return "such as | lower";
    const std::string field(text_.substr(token().offset, token().length));
    const Node& node = ast_.node(left);
    if (node.kind == Node::Kind::path) return "write " + text_of(node) + field;
    const std::string in_parentheses = "(" + text_of(node) + ")" + field;
    if (node.piped && node.function->info.name == "first") {
      const Node& list = ast_.node(node.children[0]);
      if (list.kind == Node::Kind::path) {
        return "write " + text_of(list) + "[0]" + field + " or " + in_parentheses;
      }
    }
    return "write " + in_parentheses;
  }

  /// Where an operator stands after a pipe: which parentheses were meant.
  std::string hint_after_piped(NodeId piped) const {
    const Node* source = &ast_.node(piped);
    while (source->piped) source = &ast_.node(source->children[0]);
    const bool plain = source->kind == Node::Kind::path || source->kind == Node::Kind::call ||
                       source->kind == Node::Kind::current || source->kind == Node::Kind::root;
    const Token& next = tokens_[at_ + 1];
    std::string out = plain ? "(" + text_of(ast_.node(piped)) + ") " : "(… | …) ";
    out += std::string(token().text) + " ";
    out += next.kind == Token::Kind::literal ? std::string(text_.substr(next.offset, next.length))
                                             : std::string("…");
    return "| binds last: write " + out;
  }

  NodeId any_of() { return chain("or", Node::Kind::any_of, &Parser::all_of); }
  NodeId all_of() { return chain("and", Node::Kind::all_of, &Parser::negation); }

  NodeId chain(std::string_view word, Node::Kind kind, NodeId (Parser::*operand)()) {
    const std::size_t first = at_;
    Node node;
    node.kind = kind;
    do {
      const NodeId child = (this->*operand)();
      if (child == no_node) return no_node;
      node.children.push_back(child);
    } while (is_word(word) && ++at_ != 0);
    if (node.children.size() == 1) return node.children[0];
    return add(std::move(node), first);
  }

  NodeId negation() {
    if (!is_word("not")) return comparison();
    const Descent descent(depth_);
    if (depth_ > limits::expression_depth_max) return too_deep(at_);
    const std::size_t first = at_++;
    const NodeId child = negation();
    if (child == no_node) return no_node;
    Node node;
    node.kind = Node::Kind::negation;
    node.children = {child};
    return add(std::move(node), first);
  }

  bool take_operator(Operator& op) {
    for (const Operator each : {Operator::equal, Operator::not_equal, Operator::less_equal,
                                Operator::greater_equal, Operator::less, Operator::greater}) {
      if (!take_symbol(to_text(each))) continue;
      op = each;
      return true;
    }
    return false;
  }

  NodeId comparison() {
    const std::size_t first = at_;
    const NodeId left = path();
    if (left == no_node) return no_node;
    Node node;
    node.kind = Node::Kind::comparison;
    if (is_word("in")) {
      ++at_;
      node.kind = Node::Kind::membership;
    } else if (!take_operator(node.op)) {
      return left;
    }
    const NodeId right = path();
    if (right == no_node) return no_node;
    node.children = {left, right};
    const NodeId done = add(std::move(node), first);
    const std::size_t next = at_;
    Operator ignored{};
    if (done != no_node && (is_word("in") || take_operator(ignored))) {
      return fail(tokens_[next], "one comparison follows another",
                  "join them with and, or put one in parentheses");
    }
    return done;
  }

  NodeId path() {
    const std::size_t first = at_;
    Node node;
    node.kind = Node::Kind::path;
    const Token::Kind kind = token().kind;
    if (kind == Token::Kind::dot || kind == Token::Kind::root) {
      node.base = kind == Token::Kind::dot ? Node::Base::current : Node::Base::root;
      ++at_;
    } else if (kind == Token::Kind::field) {
      if (!step(node)) return no_node;
    } else {
      const NodeId base = primary();
      if (base == no_node) return no_node;
      if (!at_step()) return base;
      adopt_base(base, node);
    }
    while (at_step()) {
      if (!step(node)) return no_node;
    }
    if (node.steps.empty()) {
      node.kind = node.base == Node::Base::root ? Node::Kind::root : Node::Kind::current;
    }
    return add(std::move(node), first);
  }

  /// `(.a).b` is `.a.b`: one way to say one thing.
  void adopt_base(NodeId base, Node& node) {
    const Node& under = ast_.node(base);
    if (under.kind == Node::Kind::path) {
      node.base = under.base;
      node.children = under.children;
      node.steps = under.steps;
    } else if (under.kind == Node::Kind::current || under.kind == Node::Kind::root) {
      node.base = under.kind == Node::Kind::root ? Node::Base::root : Node::Base::current;
    } else {
      node.base = Node::Base::child;
      node.children = {base};
    }
  }

  /// A field after a space is no step: an operator is missing there.
  bool at_step() const {
    if (token().kind != Token::Kind::field) return is_symbol("[");
    return at_ == 0 || tokens_[at_ - 1].offset + tokens_[at_ - 1].length == token().offset;
  }

  bool step(Node& node) {
    Step step;
    if (token().kind == Token::Kind::field) {
      step.name = ast_.texts.copy(take().text);
      node.steps.push_back(step);
      return true;
    }
    ++at_;
    if (is_symbol("]")) {
      step.kind = Step::Kind::spread;
    } else if (token().kind == Token::Kind::literal &&
               token().literal.type() == ValueType::integer) {
      const std::int64_t index = token().literal.as_integer();
      if (index < 0 || index > std::int64_t(limits::json_nodes_max)) {
        fail(token(), "a place in a list is counted from 0");
        return false;
      }
      step.kind = Step::Kind::index;
      step.index = std::uint32_t(index);
      ++at_;
    } else if (!filter(step)) {
      return false;
    }
    node.steps.push_back(step);
    return expect("]");
  }

  bool filter(Step& step) {
    step.kind = Step::Kind::filter;
    const bool named = token().kind == Token::Kind::word || token().kind == Token::Kind::field;
    if (!named) {
      fail(token(), "[] takes a place or a field to look for",
           R"([0], [] for every item, [key == "x"] for the first that fits)");
      return false;
    }
    step.name = ast_.texts.copy(take().text);
    if (!expect("==")) return false;
    return filter_literal(step);
  }

  bool filter_literal(Step& step) {
    if (token().kind == Token::Kind::literal) {
      step.literal = take().literal;
    } else if (is_word("true") || is_word("false")) {
      step.literal = Value::boolean(take().text == "true");
    } else {
      fail(token(), "[field == …] compares with a text, a number, true or false",
           "use where() for more");
      return false;
    }
    return true;
  }

  NodeId primary() {
    const std::size_t first = at_;
    Node node;
    switch (token().kind) {
      case Token::Kind::literal: node.literal = take().literal; return add(std::move(node), first);
      case Token::Kind::item_index:
        node.kind = Node::Kind::item_index;
        ++at_;
        return add(std::move(node), first);
      case Token::Kind::word: return word();
      default: break;
    }
    if (take_symbol("(")) {
      const NodeId inner = pipe();
      return inner != no_node && expect(")") ? inner : no_node;
    }
    if (take_symbol("[")) return list(first);
    return unexpected();
  }

  NodeId word() {
    const std::size_t first = at_;
    Node node;
    if (is_word("true") || is_word("false")) {
      node.literal = Value::boolean(take().text == "true");
      return add(std::move(node), first);
    }
    if (is_word("null")) {
      ++at_;
      return add(std::move(node), first);
    }
    const Token& next = tokens_[at_ + 1];
    const bool opens = next.kind == Token::Kind::symbol && next.text == "(";
    if (is_keyword(token().text) || !opens) return unexpected();
    return call(no_node, first);
  }

  NodeId list(std::size_t first) {
    Node node;
    node.kind = Node::Kind::list;
    if (!parts("]", node.children)) return no_node;
    const bool literal = std::all_of(node.children.begin(), node.children.end(), [&](NodeId id) {
      return ast_.node(id).kind == Node::Kind::literal;
    });
    if (literal) {
      auto* items = ast_.texts.array<Value>(node.children.size());
      for (std::size_t i = 0; i < node.children.size(); ++i) {
        items[i] = ast_.node(node.children[i]).literal;
      }
      node.kind = Node::Kind::literal;
      node.literal = Value::list(items, std::uint32_t(node.children.size()));
      // Lists within lists fold too, so the depth that printing and comparing meet is kept here.
      for (const NodeId child : node.children) {
        node.depth = std::max<std::uint16_t>(node.depth, std::uint16_t(ast_.node(child).depth + 1));
      }
      node.children.clear();
    }
    return add(std::move(node), first);
  }

  /// Expressions separated by commas, up to and with the closing symbol.
  bool parts(std::string_view closing, std::vector<NodeId>& children) {
    if (take_symbol(closing)) return true;
    do {
      const NodeId child = pipe();
      if (child == no_node) return false;
      children.push_back(child);
    } while (take_symbol(","));
    return expect(closing);
  }

  /// At a function's name. `piped` stands first among its arguments when there is one.
  NodeId call(NodeId piped, std::size_t first) {
    const Token& name = take();
    Node node;
    node.kind = Node::Kind::call;
    node.function = find_function(name.text);
    if (node.function == nullptr) return unknown_function(name);
    node.piped = piped != no_node;
    if (node.piped) node.children.push_back(piped);
    if (take_symbol("(") && !parts(")", node.children)) return no_node;
    return add(std::move(node), first);
  }

  /// What other languages call it.
  static std::optional<std::string> called_elsewhere(std::string_view name) {
    static constexpr OtherName words[] = {{"lowercase", "lower"},    {"downcase", "lower"},
                                          {"tolower", "lower"},      {"uppercase", "upper"},
                                          {"upcase", "upper"},       {"toupper", "upper"},
                                          {"strip", "trim"},         {"coalesce", "default"},
                                          {"ifnull", "default"},     {"length", "count"},
                                          {"size", "count"},         {"substring", "match"},
                                          {"startswith", "match"},   {"endswith", "match"},
                                          {"matches", "match"},      {"regex", "match"},
                                          {"like", "match"},         {"filter", "where"},
                                          {"map", "each"},           {"any", "exists"},
                                          {"some", "exists"},        {"average", "avg"},
                                          {"mean", "avg"},           {"total", "sum"},
                                          {"newest", "latest"},      {"earliest", "oldest"},
                                          {"includes", "contains"},  {"has", "contains"},
                                          {"mode", "most_frequent"}, {"now", "days_since"},
                                          {"today", "days_since"},   {"datediff", "days_since"},
                                          {"inlast", "within"},      {"int", "number"},
                                          {"float", "number"},       {"tonumber", "number"}};
    const std::string_view ours = called_here(name, words);
    if (!ours.empty()) return std::string(ours);
    return std::nullopt;
  }

  NodeId unknown_function(const Token& name) {
    std::vector<std::string> known;
    for (const Function& function : all_functions()) known.emplace_back(function.info.name);
    auto near = did_you_mean(name.text, known);
    if (!near) near = called_elsewhere(name.text);
    return fail(name, "there is no function " + std::string(name.text),
                near ? "did you mean " + *near + "?"
                     : std::string("docs/reference/expressions.md has them all"));
  }

  std::string_view text_;
  const std::vector<Token>& tokens_;
  const Library* library_;
  Ast& ast_;
  Problem& problem_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
};

void note_facts(Ast& ast) {
  const Node& root = ast.node(ast.root);
  const auto is_field = [](const Step& step) { return step.kind == Step::Kind::field; };
  if (root.kind == Node::Kind::path && root.base == Node::Base::current &&
      std::all_of(root.steps.begin(), root.steps.end(), is_field)) {
    for (const Step& step : root.steps) ast.plain_path.emplace_back(step.name);
  }
  for (const Node& node : ast.nodes) {
    if (node.kind == Node::Kind::call && node.function->looks_at_clock) {
      ast.depends_on_time = true;
    }
    ast.reads_relations = ast.reads_relations ||
                          std::any_of(node.steps.begin(), node.steps.end(), [](const Step& step) {
                            return step.kind == Step::Kind::field && step.name == "relations";
                          });
  }
}

}  // namespace

bool parse(std::string_view text, const Library* library, Ast& ast, Problem& problem) {
  if (text.size() > limits::expression_bytes_max) {
    problem = {0, 1, "longer than " + std::to_string(limits::expression_bytes_max) + " bytes", ""};
    return false;
  }
  if (!is_utf8(text)) {
    problem = {0, 1, "the expression is not UTF-8", ""};
    return false;
  }
  std::vector<Token> tokens;
  if (!tokenize(text, ast.texts, tokens, problem)) return false;
  if (!Parser(text, tokens, library, ast, problem).run()) return false;
  note_facts(ast);
  return true;
}

}  // namespace rondom::expression
