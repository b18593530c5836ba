#include "expression/expression.h"

#include "expression/evaluation.h"
#include "expression/function.h"
#include "expression/parser.h"
#include "expression/print.h"

namespace rondom::expression {

namespace {

/// Paths read from the record itself; inside where(), each() and their like `.` is an item.
class FieldUses {
 public:
  explicit FieldUses(const Ast& ast) : ast_(ast) {}

  void collect(NodeId id, bool in_item) {
    const Node& node = ast_.node(id);
    if (node.kind == Node::Kind::path && node.base != Node::Base::child) {
      add(node, in_item);
    }
    for (std::size_t i = 0; i < node.children.size(); ++i) {
      collect(node.children[i], in_item || is_per_item(node, i));
    }
  }

  std::vector<FieldUse> take() { return std::move(uses_); }

 private:
  static bool is_per_item(const Node& node, std::size_t argument) {
    if (node.kind != Node::Kind::call) return false;
    const std::string_view letters = node.function->arguments;
    const char letter = letters[std::min(argument, letters.size() - 1)];
    return letter == 'i' || letter == 'c';
  }

  void add(const Node& node, bool in_item) {
    const bool from_root = node.base == Node::Base::root;
    if (in_item && !from_root) return;
    FieldUse use;
    use.offset = node.offset;
    use.length = node.length;
    use.from_root = from_root;
    for (const Step& step : node.steps) {
      if (step.kind != Step::Kind::field) break;
      use.path.emplace_back(step.name);
    }
    if (!use.path.empty()) uses_.push_back(std::move(use));
  }

  const Ast& ast_;
  std::vector<FieldUse> uses_;
};

const std::vector<std::string> no_path;

}  // namespace

bool Expression::compile(std::string_view text, Expression& out, Problem& problem,
                         const Library* library) {
  auto ast = std::make_shared<Ast>();
  if (!parse(text, library, *ast, problem)) return false;
  out.ast_ = std::move(ast);
  return true;
}

Expression Expression::constant(std::string_view text) {
  auto ast = std::make_shared<Ast>();
  Node node;
  node.literal = Value::text(ast->texts.copy(text));
  node.type = StaticType::text;
  ast->nodes.push_back(std::move(node));
  Expression out;
  out.ast_ = std::move(ast);
  return out;
}

Result<Value> Expression::evaluate(const Scope& scope) const {
  if (ast_ == nullptr || scope.arena == nullptr) {
    return Error{ErrorCode::internal, "an expression was evaluated without text or arena"};
  }
  Evaluation evaluation(*ast_, scope);
  Value out;
  if (!evaluation.run(ast_->root, {scope.current, scope.root, scope.index}, out)) {
    return Error{ErrorCode::data, evaluation.error()};
  }
  return out;
}

const std::vector<std::string>& Expression::plain_path() const {
  return ast_ == nullptr ? no_path : ast_->plain_path;
}

std::vector<FieldUse> Expression::fields() const {
  if (ast_ == nullptr) return {};
  FieldUses uses(*ast_);
  uses.collect(ast_->root, false);
  return uses.take();
}

std::string Expression::print() const {
  return ast_ == nullptr ? std::string() : expression::print(*ast_);
}

std::string Expression::meaning() const {
  std::string out = print();
  if (ast_ == nullptr) return out;
  for (const Node& node : ast_->nodes) {
    const std::uint64_t table = node.prepared == nullptr ? 0 : node.prepared->fingerprint();
    if (table != 0) out += " of " + hex64(table);
  }
  return out;
}

bool Expression::gives_object() const {
  return ast_ != nullptr && ast_->node(ast_->root).type == StaticType::object;
}

bool Expression::reads_relations() const {
  return ast_ != nullptr && ast_->reads_relations;
}

bool Expression::depends_on_time() const {
  return ast_ != nullptr && ast_->depends_on_time;
}

bool looks_like_expression(std::string_view text) {
  return !text.empty() && (text.front() == '.' || text.front() == '$');
}

}  // namespace rondom::expression
