#include "engine/expected_value.h"

namespace rondom::engine {

namespace {

using config::Node;

std::string money_text(const Value& money) {
  std::string text;
  append_decimal(text, money.minor_units(), currency_digits(money.currency()));
  return text + " " + std::string(money.currency());
}

bool scalar_matches(const Node& expected, const Value& actual) {
  const std::string& text = expected.text;
  switch (actual.type()) {
    case ValueType::integer:
    case ValueType::decimal: {
      Value number;
      return parse_number(text, number) && same_value(number, actual);
    }
    case ValueType::time: {
      const auto at = parse_time(text);
      return at.ok() && *at == actual.as_time();
    }
    case ValueType::money: return text == money_text(actual);
    case ValueType::null:
    case ValueType::list:
    case ValueType::object: return false;
    default: {
      Arena arena;
      return actual.to_text(arena) == text;
    }
  }
}

// A path from `left` that is not taken yet to a free one on the right.
bool extend(std::size_t left, std::size_t right_count,
            const std::function<bool(std::size_t, std::size_t)>& fits, std::vector<bool>& visited,
            std::vector<int>& left_of) {
  for (std::size_t right = 0; right < right_count; ++right) {
    if (visited[right] || !fits(left, right)) continue;
    visited[right] = true;
    if (left_of[right] < 0 ||
        extend(static_cast<std::size_t>(left_of[right]), right_count, fits, visited, left_of)) {
      left_of[right] = static_cast<int>(left);
      return true;
    }
  }
  return false;
}

}  // namespace

std::vector<int> pair_up(std::size_t expected, std::size_t actual,
                         const std::function<bool(std::size_t, std::size_t)>& fits) {
  std::vector<int> left_of(actual, -1);
  for (std::size_t left = 0; left < expected; ++left) {
    std::vector<bool> visited(actual, false);
    extend(left, actual, fits, visited, left_of);
  }
  std::vector<int> partner(expected, -1);
  for (std::size_t right = 0; right < actual; ++right) {
    if (left_of[right] >= 0) partner[static_cast<std::size_t>(left_of[right])] = int(right);
  }
  return partner;
}

bool matches(const Node& expected, const Value& actual) {
  switch (expected.kind) {
    case Node::Kind::null:
      return actual.is_null() || ((actual.is_list() || actual.is_object()) && actual.size() == 0);
    case Node::Kind::scalar: return scalar_matches(expected, actual);
    case Node::Kind::list: {
      if (!actual.is_list() || actual.size() != expected.items.size()) return false;
      const auto partner =
          pair_up(expected.items.size(), actual.size(), [&](std::size_t i, std::size_t j) {
            return matches(expected.items[i], actual.item(static_cast<std::uint32_t>(j)));
          });
      for (const int one : partner) {
        if (one < 0) return false;
      }
      return true;
    }
    case Node::Kind::map:
      if (!actual.is_object()) return false;
      for (const auto& [name, value] : expected.members) {
        const Value* member = actual.find(name.text);
        if (!matches(value, member == nullptr ? Value() : *member)) return false;
      }
      return true;
  }
  return false;
}

std::string shown(const Node& expected) {
  std::string out;
  switch (expected.kind) {
    case Node::Kind::null: return "no value";
    case Node::Kind::scalar: return expected.text;
    case Node::Kind::list:
      for (const Node& item : expected.items) out += (out.empty() ? "" : ", ") + shown(item);
      return "[" + out + "]";
    case Node::Kind::map:
      for (const auto& [name, value] : expected.members) {
        out += (out.empty() ? "" : ", ") + name.text + ": " + shown(value);
      }
      return "{ " + out + " }";
  }
  return out;
}

std::string shown(const Value& actual) {
  std::string out;
  switch (actual.type()) {
    case ValueType::null: return "no value";
    case ValueType::money: return money_text(actual);
    case ValueType::list:
      for (std::uint32_t i = 0; i < actual.size(); ++i) {
        out += (out.empty() ? "" : ", ") + shown(actual.item(i));
      }
      return "[" + out + "]";
    case ValueType::object:
      for (std::uint32_t i = 0; i < actual.size(); ++i) {
        const Member& member = actual.member(i);
        out += (out.empty() ? "" : ", ") + std::string(member.name) + ": " + shown(member.value);
      }
      return "{ " + out + " }";
    default: {
      Arena arena;
      return std::string(actual.to_text(arena));
    }
  }
}

}  // namespace rondom::engine
