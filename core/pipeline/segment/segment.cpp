#include "pipeline/segment/segment.h"

#include <algorithm>

#include "config/profile_schema.h"

namespace rondom::segment {
namespace {

/// Grows with every change of what the same lines say of the same profile.
constexpr int audience_version = 1;

using Kind = config::Condition::Kind;
using expression::StaticType;
using expression::word_of;

struct Line {
  Kind kind = Kind::expression;
  expression::Expression expression;
  std::vector<Line> children;
};

class Compiler {
 public:
  Compiler(const config::ProfileSchema& schema, const expression::Library* library,
           config::Diagnostics& diagnostics)
      : schema_(schema), library_(library), diagnostics_(diagnostics) {}

  Line compile(const config::Condition& condition) {
    Line line;
    line.kind = condition.kind;
    if (condition.kind == Kind::expression) {
      compile_expression(condition.expression, line.expression);
    } else {
      for (const config::Condition& child : condition.children) {
        line.children.push_back(compile(child));
      }
      if (line.children.empty()) diagnostics_.error(condition.at, "no lines here");
    }
    return line;
  }

 private:
  void compile_expression(const config::Expression& given, expression::Expression& out) {
    expression::Problem problem;
    if (!expression::Expression::compile(given.text, out, problem, library_)) {
      out = {};
      diagnostics_.error(config::location_in(given.at, given.text, problem.offset, problem.length),
                         problem.message, problem.hint);
      return;
    }
    bool sound = true;
    const auto report = [&](std::size_t offset, std::size_t length, const std::string& message,
                            const std::string& hint) {
      diagnostics_.error(config::location_in(given.at, given.text, offset, length), message, hint);
      sound = false;
    };
    const config::Shape shape = config::shape_of(given.text, library_, schema_, report);
    if (sound) check_answer(shape.type, given);
  }

  /// What can be known to be neither true nor false for anybody.
  void check_answer(StaticType type, const config::Expression& given) {
    if (type == StaticType::any || type == StaticType::null || type == StaticType::boolean) return;
    std::string hint = "compare it, as in (\xE2\x80\xA6) > 0";
    if (type == StaticType::list) hint = "write \xE2\x80\xA6 | exists for any at all";
    if (type != StaticType::list && type != StaticType::number && type != StaticType::money) {
      hint = "compare it, or write \xE2\x80\xA6 != null for any at all";
    }
    diagnostics_.error(config::location_in(given.at, given.text, 0, given.text.size()),
                       std::string("this gives ") + word_of(type) + ", neither true nor false",
                       std::move(hint));
  }

  const config::ProfileSchema& schema_;
  const expression::Library* library_;
  config::Diagnostics& diagnostics_;
};

using Printer = std::string (expression::Expression::*)() const;

std::string print(const Line& line, Printer printer) {
  if (line.kind == Kind::expression)
    return line.expression.present() ? (line.expression.*printer)() : "";
  std::string out = line.kind == Kind::any ? "any of (" : "all of (";
  if (line.kind == Kind::negation) out = "not (";
  for (std::size_t i = 0; i < line.children.size(); ++i) {
    if (i > 0) out += "; ";
    out += print(line.children[i], printer);
  }
  return out + ')';
}

bool depends_on_time(const Line& line) {
  if (line.kind == Kind::expression) {
    return line.expression.present() && line.expression.depends_on_time();
  }
  return std::any_of(line.children.begin(), line.children.end(),
                     [](const Line& child) { return depends_on_time(child); });
}

Result<bool> holds(const Line& line, const expression::Scope& scope) {
  if (line.kind == Kind::expression) {
    if (!line.expression.present()) return Error{ErrorCode::internal, "a line was not compiled"};
    RONDOM_TRY_ASSIGN(const Value value, line.expression.evaluate(scope));
    if (value.is_null()) return false;
    if (value.type() == ValueType::boolean) return value.as_boolean();
    return Error{ErrorCode::data,
                 std::string("gives ") + to_text(value.type()) + ", neither true nor false"};
  }
  const bool is_any = line.kind == Kind::any;
  bool outcome = !is_any;
  for (const Line& child : line.children) {
    RONDOM_TRY_ASSIGN(const bool held, holds(child, scope));
    if (held != is_any) continue;
    outcome = is_any;
    break;
  }
  return line.kind == Kind::negation ? !outcome : outcome;
}

}  // namespace

struct Audience::Inside {
  std::string name;
  std::vector<Line> lines;
  std::vector<std::string> printed;
  std::uint64_t fingerprint = 0;
  bool depends_on_time = false;
};

Audience::Audience(const config::Audience& audience, Entity entity, const config::Project& project,
                   config::Diagnostics& diagnostics)
    : inside_(std::make_unique<Inside>()) {
  inside_->name = audience.name;
  const config::ProfileSchema schema(project, entity, profile_fields(entity));
  Compiler compiler(schema, project.library.get(), diagnostics);
  Hasher hasher;
  hasher.add(static_cast<std::uint64_t>(audience_version)).add(to_text(entity));
  for (const config::Condition& condition : audience.all) {
    inside_->lines.push_back(compiler.compile(condition));
    const Line& line = inside_->lines.back();
    inside_->printed.push_back(print(line, &expression::Expression::print));
    hasher.add(print(line, &expression::Expression::meaning));
    if (segment::depends_on_time(line)) inside_->depends_on_time = true;
  }
  inside_->fingerprint = hasher.value();
}

Audience::~Audience() = default;
Audience::Audience(Audience&&) noexcept = default;

Stop Audience::stop_of(const Value& profile, Timestamp as_of, Arena& arena,
                       expression::Cleaners* cleaners, std::string_view time_zone) const {
  expression::Scope scope;
  scope.current = profile;
  scope.root = profile;
  scope.as_of = as_of;
  scope.arena = &arena;
  scope.cleaners = cleaners;
  scope.time_zone = time_zone;
  const Value* country = profile.is_object() ? profile.find("country") : nullptr;
  if (country != nullptr && country->is_text()) scope.country = country->as_text();
  for (std::size_t i = 0; i < inside_->lines.size(); ++i) {
    const Result<bool> held = holds(inside_->lines[i], scope);
    if (held.ok() && *held) continue;
    Stop stop{static_cast<int>(i), {}};
    if (!held.ok()) {
      stop.problem = "audience " + inside_->name + ", line " + std::to_string(i + 1) + ": " +
                     held.error().message;
    }
    return stop;
  }
  return {};
}

const std::vector<std::string>& Audience::lines() const {
  return inside_->printed;
}
std::uint64_t Audience::fingerprint() const {
  return inside_->fingerprint;
}
bool Audience::depends_on_time() const {
  return inside_->depends_on_time;
}

}  // namespace rondom::segment
