#include "model/json.h"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "base/limits.h"
#include "model/unique_names.h"

namespace rondom {

namespace {

namespace ondemand = simdjson::ondemand;

bool is_blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

std::string_view without_blanks(std::string_view text) {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

const char* reason_of(simdjson::error_code error) {
  switch (error) {
    case simdjson::UTF8_ERROR: return "the text is not UTF-8";
    case simdjson::UNESCAPED_CHARS: return "a control character stands in a text";
    case simdjson::UNCLOSED_STRING: return "a text has no closing quote";
    case simdjson::STRING_ERROR: return "a text holds a wrong escape";
    case simdjson::INCOMPLETE_ARRAY_OR_OBJECT: return "a list or object has no end";
    case simdjson::TRAILING_CONTENT: return "something follows the value";
    case simdjson::MEMALLOC: return "no memory";
    default: return "unexpected character";
  }
}

}  // namespace

/// Buffers that live on between records, and the state of the record in hand.
struct JsonReader::Inside {
  Result<Value> parse(std::string_view json, Arena& into);

 private:
  bool convert(ondemand::value source, Value& out, std::size_t depth);
  bool convert_list(ondemand::array source, Value& out, std::size_t depth);
  bool convert_object(ondemand::object source, Value& out, std::size_t depth);
  bool convert_number(std::string_view token, Value& out);
  bool read_text(ondemand::raw_json_string raw, std::string_view& out);
  bool count_node();
  bool fail(std::string problem);
  bool fail(simdjson::error_code error);
  Error refusal(std::string_view json);

  ondemand::parser parser_;
  std::vector<char> padded_;
  std::vector<Value> items_;     // of the lists that are open
  std::vector<Member> members_;  // of the objects that are open
  UniqueNames unique_names_;
  Arena* arena_ = nullptr;
  std::uint8_t* text_at_ = nullptr;  // where the next text goes
  std::size_t nodes_ = 0;
  std::string problem_;
  const char* problem_at_ = nullptr;
  ondemand::document* document_ = nullptr;
};

bool JsonReader::Inside::fail(std::string problem) {
  problem_ = std::move(problem);
  const char* at = nullptr;
  if (document_->current_location().get(at) == simdjson::SUCCESS) problem_at_ = at;
  return false;
}

bool JsonReader::Inside::fail(simdjson::error_code error) {
  return fail(reason_of(error));
}

bool JsonReader::Inside::count_node() {
  if (++nodes_ <= limits::json_nodes_max) return true;
  return fail("more than " + std::to_string(limits::json_nodes_max) + " values");
}

bool JsonReader::Inside::read_text(ondemand::raw_json_string raw, std::string_view& out) {
  return parser_.unescape(raw, text_at_).get(out) == simdjson::SUCCESS ||
         fail(simdjson::STRING_ERROR);
}

bool JsonReader::Inside::convert_number(std::string_view token, Value& out) {
  token = without_blanks(token);
  if (parse_number(token, out)) return true;
  return is_number_text(token) ? fail("number with more digits than 64 bits hold")
                               : fail("unexpected word or number");
}

bool JsonReader::Inside::convert(ondemand::value source, Value& out, std::size_t depth) {
  ondemand::json_type type{};
  if (auto error = source.type().get(type)) return fail(error);
  if (!count_node()) return false;
  switch (type) {
    case ondemand::json_type::string: {
      ondemand::raw_json_string raw;
      if (auto error = source.get_raw_json_string().get(raw)) return fail(error);
      std::string_view text;
      if (!read_text(raw, text)) return false;
      out = Value::text(text);
      return true;
    }
    case ondemand::json_type::number: return convert_number(source.raw_json_token(), out);
    case ondemand::json_type::boolean: {
      bool flag = false;
      if (source.get_bool().get(flag)) return fail("unexpected word");
      out = Value::boolean(flag);
      return true;
    }
    case ondemand::json_type::null: {
      bool null = false;
      if (source.is_null().get(null) || !null) return fail("unexpected word");
      out = Value();
      return true;
    }
    case ondemand::json_type::array: {
      ondemand::array list;
      if (auto error = source.get_array().get(list)) return fail(error);
      return convert_list(list, out, depth + 1);
    }
    case ondemand::json_type::object: {
      ondemand::object object;
      if (auto error = source.get_object().get(object)) return fail(error);
      return convert_object(object, out, depth + 1);
    }
  }
  return fail("unexpected character");
}

bool JsonReader::Inside::convert_list(ondemand::array source, Value& out, std::size_t depth) {
  if (depth > limits::json_depth_max) {
    return fail("nested deeper than " + std::to_string(limits::json_depth_max));
  }
  const std::size_t first = items_.size();
  for (auto element : source) {
    ondemand::value inner;
    if (auto error = element.get(inner)) return fail(error);
    Value item;
    if (!convert(inner, item, depth)) return false;
    items_.push_back(item);
  }
  const std::size_t count = items_.size() - first;
  Value* kept = arena_->array<Value>(count);
  std::copy_n(items_.data() + first, count, kept);
  items_.resize(first);
  out = Value::list(kept, std::uint32_t(count));
  return true;
}

bool JsonReader::Inside::convert_object(ondemand::object source, Value& out, std::size_t depth) {
  if (depth > limits::json_depth_max) {
    return fail("nested deeper than " + std::to_string(limits::json_depth_max));
  }
  const std::size_t first = members_.size();
  for (auto element : source) {
    ondemand::field field;
    if (auto error = std::move(element).get(field)) return fail(error);
    Member member;
    if (!read_text(field.key(), member.name) || !convert(field.value(), member.value, depth)) {
      return false;
    }
    members_.push_back(member);
  }
  const std::size_t count = members_.size() - first;
  const Member* twice = unique_names_.first_repeated({members_.data() + first, count});
  if (twice != nullptr) {
    return fail("member \"" + std::string(twice->name.substr(0, 64)) + "\" stands twice");
  }
  Member* kept = arena_->array<Member>(count);
  std::copy_n(members_.data() + first, count, kept);
  members_.resize(first);
  out = Value::object(kept, std::uint32_t(count));
  return true;
}

Error JsonReader::Inside::refusal(std::string_view json) {
  std::string message = "not usable as JSON";
  if (problem_at_ >= padded_.data() && problem_at_ < padded_.data() + json.size() + 1) {
    message += " near byte " + std::to_string(problem_at_ - padded_.data());
  }
  return Error{ErrorCode::data, message + ": " + problem_};
}

Result<Value> JsonReader::Inside::parse(std::string_view json, Arena& into) {
  json = without_blanks(json);
  if (json.empty()) return Error{ErrorCode::data, "not usable as JSON: it is empty"};
  if (json.size() > limits::record_bytes_max) {
    return Error{ErrorCode::data, "not usable as JSON: more than " +
                                      std::to_string(limits::record_bytes_max) + " bytes"};
  }
  // A lone scalar is read as a list of one: On-Demand treats scalars at the root apart.
  const bool lone = json.front() != '{' && json.front() != '[';
  const std::size_t length = json.size() + (lone ? 2 : 0);
  if (padded_.size() < length + simdjson::SIMDJSON_PADDING) {
    padded_.resize(std::max(length + simdjson::SIMDJSON_PADDING, 2 * padded_.size()));
  }
  std::memcpy(padded_.data() + (lone ? 1 : 0), json.data(), json.size());
  if (lone) {
    padded_[0] = '[';
    padded_[length - 1] = ']';
  }
  std::memset(padded_.data() + length, ' ', simdjson::SIMDJSON_PADDING);

  arena_ = &into;
  items_.clear();
  members_.clear();
  nodes_ = 0;
  problem_.clear();
  problem_at_ = nullptr;
  // No text is longer unescaped than escaped, so one piece holds all texts of the record.
  auto* const texts =
      static_cast<std::uint8_t*>(into.allocate(length + simdjson::SIMDJSON_PADDING, 1));
  text_at_ = texts;

  ondemand::document document;
  document_ = &document;
  Value out;
  const auto read_all = [&] {
    if (auto error = parser_.iterate(padded_.data(), length, padded_.size()).get(document)) {
      problem_ = reason_of(error);
      return false;
    }
    if (padded_[0] == '{') {
      ondemand::object object;
      if (auto error = document.get_object().get(object)) return fail(error);
      if (!count_node() || !convert_object(object, out, 1)) return false;
    } else {
      ondemand::array list;
      if (auto error = document.get_array().get(list)) return fail(error);
      if (!convert_list(list, out, lone ? 0 : 1)) return false;
    }
    return document.current_location().error() == simdjson::OUT_OF_BOUNDS ||
           fail(simdjson::TRAILING_CONTENT);
  };
  if (!read_all()) return refusal(json);
  if (std::memchr(texts, 0, std::size_t(text_at_ - texts)) != nullptr) {
    return Error{ErrorCode::data, "not usable as JSON: a text holds a NUL character"};
  }
  if (!lone) return out;
  if (out.size() != 1)
    return Error{ErrorCode::data, "not usable as JSON: something follows the value"};
  return Value(out.item(0));
}

JsonReader::JsonReader() : inside_(std::make_unique<Inside>()) {}
JsonReader::~JsonReader() = default;
JsonReader::JsonReader(JsonReader&&) noexcept = default;
JsonReader& JsonReader::operator=(JsonReader&&) noexcept = default;

Result<Value> JsonReader::parse(std::string_view json, Arena& arena) {
  return inside_->parse(json, arena);
}

}  // namespace rondom
