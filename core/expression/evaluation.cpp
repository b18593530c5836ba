#include "expression/evaluation.h"

#include <algorithm>

#include "expression/function.h"
#include "model/validity.h"

namespace rondom::expression {

namespace {

constexpr std::size_t made_bytes_max = 16 * limits::expression_output_bytes_max;
constexpr std::size_t steps_max = 20'000'000;

bool is_moment(const Value& value) {
  return value.type() == ValueType::date || value.type() == ValueType::time;
}

bool is_container(const Value& value) {
  return value.is_list() || value.is_object();
}

bool is_literal_null(const Node& node) {
  return node.kind == Node::Kind::literal && node.literal.is_null();
}

bool holds(Operator op, int order) {
  switch (op) {
    case Operator::equal: return order == 0;
    case Operator::not_equal: return order != 0;
    case Operator::less: return order < 0;
    case Operator::less_equal: return order <= 0;
    case Operator::greater: return order > 0;
    case Operator::greater_equal: return order >= 0;
  }
  return false;
}

bool is_ordering(Operator op) {
  return op != Operator::equal && op != Operator::not_equal;
}

/// Types between which an unknown order means "not so" and not "a mistake".
bool same_family(const Value& a, const Value& b) {
  const bool money = a.type() == ValueType::money && b.type() == ValueType::money;
  return money || (is_moment(a) && is_moment(b)) || a.type() == b.type();
}

/// Text beside a date or time is read as one; what is none stays text.
void read_moments(Value& a, Value& b) {
  if (a.is_text() && is_moment(b))
    moment_of_text(a.as_text(), a);
  else if (b.is_text() && is_moment(a))
    moment_of_text(b.as_text(), b);
}

bool equal_leniently(Value a, Value b) {
  int order = 1;
  read_moments(a, b);
  return compare(a, b, order) && order == 0;
}

bool step_matches(const Step& step, const Value& item) {
  if (!item.is_object()) return false;
  const Value* member = item.find(step.name);
  return member != nullptr && equal_leniently(*member, step.literal);
}

/// Follows the steps of a path from one value; at a spread, every item goes its own way.
class PathWalk {
 public:
  PathWalk(Evaluation& evaluation, const std::vector<Step>& steps)
      : evaluation_(evaluation), steps_(steps), found_(evaluation) {}

  bool run(Value value, Value& out) {
    if (!walk(value, 0)) return false;
    out = spread_ ? found_.list() : single_;
    return true;
  }

 private:
  bool walk(Value value, std::size_t from) {
    for (std::size_t i = from; i < steps_.size(); ++i) {
      if (!evaluation_.step()) return false;
      const Step& each = steps_[i];
      switch (each.kind) {
        case Step::Kind::field:
          if (!field(each, value)) return false;
          break;
        case Step::Kind::index:
          value = value.is_list() && each.index < value.size() ? value.item(each.index) : Value();
          break;
        case Step::Kind::filter: filter(each, value); break;
        case Step::Kind::spread: return spread(value, i + 1);
      }
    }
    if (!spread_) {
      single_ = value;
      return true;
    }
    return value.is_null() || found_.add(value);
  }

  bool field(const Step& step, Value& value) {
    if (value.is_list()) {
      return evaluation_.fail("a list has no field \"" + std::string(step.name) +
                              "\"; [] takes every item, [0] the first");
    }
    const Value* member = value.is_object() ? value.find(step.name) : nullptr;
    value = member == nullptr ? Value() : *member;
    return !value.is_timed_list() || evaluation_.keep_what_holds(value);
  }

  static void filter(const Step& step, Value& value) {
    if (value.is_list()) {
      for (std::uint32_t i = 0; i < value.size(); ++i) {
        if (!step_matches(step, value.item(i))) continue;
        value = Value(value.item(i));
        return;
      }
      value = Value();
    } else if (!step_matches(step, value)) {
      value = Value();
    }
  }

  bool spread(const Value& value, std::size_t from) {
    spread_ = true;
    if (value.is_null()) return true;
    if (!value.is_list()) return walk(value, from);
    for (std::uint32_t i = 0; i < value.size(); ++i) {
      if (!walk(value.item(i), from)) return false;
    }
    return true;
  }

  Evaluation& evaluation_;
  const std::vector<Step>& steps_;
  ListMaker found_;
  Value single_;
  bool spread_ = false;
};

}  // namespace

bool moment_of_text(std::string_view text, Value& out) {
  PartialDate date;
  if (parse_partial_date(text, date)) {
    out = Value::date(date);
    return true;
  }
  if (text.size() < 20) return false;  // shorter than 2026-03-14T21:04:05Z
  const Result<Timestamp> time = parse_time(text);
  if (!time) return false;
  out = Value::time(*time);
  return true;
}

bool ListMaker::add(const Value& value) {
  if (count_ == room_) {
    const std::uint32_t room = room_ == 0 ? 8 : room_ * 2;
    Value* items = evaluation_.make_items(room);
    if (items == nullptr) return false;
    std::copy_n(items_, count_, items);
    items_ = items;
    room_ = room;
  }
  items_[count_++] = value;
  return true;
}

bool Evaluation::keep_what_holds(Value& list) {
  if (scope_.as_of == no_time) return true;
  const auto moment = [&](const Value& item, std::string_view name) {
    const Value* at = item.is_object() ? item.find(name) : nullptr;
    Timestamp instant = no_time;
    if (at == nullptr || !instant_of(*at, instant)) return no_time;
    changes_at(instant);
    return instant;
  };
  ListMaker kept(*this);
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    if (!step()) return false;
    const Timestamp from = moment(list.item(i), "valid_from");
    const Timestamp to = moment(list.item(i), "valid_to");
    if (holds_at(from, to, scope_.as_of) != Holds::now) continue;
    if (!kept.add(list.item(i))) return false;
  }
  list = kept.list();
  return true;
}

bool Evaluation::fail(std::string message) {
  error_ = std::move(message);
  return false;
}

bool Evaluation::reserve(std::size_t bytes) {
  made_bytes_ += bytes;
  return made_bytes_ <= made_bytes_max || fail("the expression makes too much data");
}

bool Evaluation::step(std::size_t steps) {
  steps_ += steps;
  return steps_ <= steps_max || fail("the expression has too much to do on this record");
}

bool Evaluation::make_text(std::string_view text, Value& out) {
  if (text.size() > limits::expression_output_bytes_max) {
    return fail("the expression makes a text of more than " +
                std::to_string(limits::expression_output_bytes_max) + " bytes");
  }
  if (!reserve(text.size())) return false;
  out = Value::text(scope_.arena->copy(text));
  return true;
}

Value* Evaluation::make_items(std::size_t count) {
  if (!reserve(count * sizeof(Value))) return nullptr;
  return scope_.arena->array<Value>(count);
}

bool Evaluation::run(NodeId id, const Frame& frame, Value& out) {
  if (!step()) return false;
  const Node& node = ast_.node(id);
  switch (node.kind) {
    case Node::Kind::literal: out = node.literal; return true;
    case Node::Kind::current: out = frame.current; return true;
    case Node::Kind::root: out = frame.root; return true;
    case Node::Kind::item_index:
      out = frame.index < 0 ? Value() : Value::integer(frame.index);
      return true;
    case Node::Kind::list: return run_list(node, frame, out);
    case Node::Kind::path: return run_path(node, frame, out);
    case Node::Kind::all_of:
    case Node::Kind::any_of: return run_logic(node, frame, out);
    case Node::Kind::negation: return run_negation(node, frame, out);
    case Node::Kind::comparison: return run_comparison(node, frame, out);
    case Node::Kind::membership: return run_membership(node, frame, out);
    case Node::Kind::call: return run_call(node, frame, out);
    case Node::Kind::slot:
      if (scope_.slots == nullptr) return fail("a slot without a plan");
      if (!scope_.slots[node.slot].error.empty()) {
        return fail(std::string(scope_.slots[node.slot].error));
      }
      out = scope_.slots[node.slot].value;
      return true;
  }
  return fail("unknown kind of expression");
}

bool Evaluation::run_list(const Node& node, const Frame& frame, Value& out) {
  Value* items = make_items(node.children.size());
  if (items == nullptr) return false;
  for (std::size_t i = 0; i < node.children.size(); ++i) {
    if (!run(node.children[i], frame, items[i])) return false;
  }
  out = Value::list(items, std::uint32_t(node.children.size()));
  return true;
}

bool Evaluation::run_path(const Node& node, const Frame& frame, Value& out) {
  Value base = frame.current;
  if (node.base == Node::Base::root) base = frame.root;
  if (node.base == Node::Base::child && !run(node.children[0], frame, base)) return false;
  return PathWalk(*this, node.steps).run(base, out);
}

bool Evaluation::truth(const Value& value, const char* of, bool& out) {
  if (value.is_null()) {
    out = false;
    return true;
  }
  if (value.type() != ValueType::boolean) {
    return fail(std::string("`") + of + "` needs true or false, and this is of type " +
                rondom::to_text(value.type()));
  }
  out = value.as_boolean();
  return true;
}

bool Evaluation::run_logic(const Node& node, const Frame& frame, Value& out) {
  const bool all = node.kind == Node::Kind::all_of;
  for (const NodeId child : node.children) {
    Value value;
    bool flag = false;
    if (!run(child, frame, value) || !truth(value, all ? "and" : "or", flag)) return false;
    if (flag != all) {
      out = Value::boolean(!all);
      return true;
    }
  }
  out = Value::boolean(all);
  return true;
}

bool Evaluation::run_negation(const Node& node, const Frame& frame, Value& out) {
  Value value;
  bool flag = false;
  if (!run(node.children[0], frame, value) || !truth(value, "not", flag)) return false;
  out = Value::boolean(!flag);
  return true;
}

bool Evaluation::run_comparison(const Node& node, const Frame& frame, Value& out) {
  Value a;
  Value b;
  if (!run(node.children[0], frame, a) || !run(node.children[1], frame, b)) return false;
  const Operator op = node.op;
  if (a.is_null() || b.is_null()) {
    const bool asks = is_literal_null(ast_.node(node.children[0])) ||
                      is_literal_null(ast_.node(node.children[1]));
    const bool both = a.is_null() && b.is_null();
    out =
        Value::boolean(asks && (op == Operator::equal ? both : op == Operator::not_equal && !both));
    return true;
  }
  if (is_container(a) || is_container(b)) {
    if (a.type() != b.type() || is_ordering(op)) {
      return fail(std::string("`") + to_text(op) + "` does not compare " +
                  rondom::to_text(a.type()) + " with " + rondom::to_text(b.type()));
    }
    out = Value::boolean(same_value(a, b) == (op == Operator::equal));
    return true;
  }
  int order = 1;
  read_moments(a, b);
  if (compare(a, b, order)) {
    out = Value::boolean(holds(op, order));
    return true;
  }
  if (is_ordering(op) && !same_family(a, b)) {
    return fail(std::string("`") + to_text(op) + "` does not compare " + rondom::to_text(a.type()) +
                " with " + rondom::to_text(b.type()));
  }
  out = Value::boolean(op == Operator::not_equal);
  return true;
}

bool Evaluation::run_membership(const Node& node, const Frame& frame, Value& out) {
  Value value;
  Value list;
  if (!run(node.children[0], frame, value) || !run(node.children[1], frame, list)) return false;
  out = Value::boolean(false);
  if (list.is_null() || value.is_null()) return true;
  if (!list.is_list()) return fail("`in` needs a list on its right");
  if (value.is_list()) return fail("`in` needs one value on its left, and this is a list");
  for (std::uint32_t i = 0; i < list.size(); ++i) {
    if (!step()) return false;
    if (!equal_leniently(value, list.item(i))) continue;
    out = Value::boolean(true);
    return true;
  }
  return true;
}

bool Evaluation::run_call(const Node& node, const Frame& frame, Value& out) {
  Call call(*this, node, frame);
  return node.function->evaluate(call, out);
}

}  // namespace rondom::expression
