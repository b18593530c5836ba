// JSON text of one record -> Value tree. The one hot parser: simdjson inside, no document object
// outside.
//
// A JsonReader is reused by one worker for all its records (one thread at a time). Values point
// into the arena given to parse(); the input text may go away afterwards. Refuses with a reason:
// syntax errors, invalid UTF-8, duplicate member names in one object, nesting above
// limits::json_depth_max, integers outside 64 bits, NUL in text, more than limits::json_nodes_max
// values.
#pragma once

#include <memory>
#include <string_view>

#include "base/arena.h"
#include "base/result.h"
#include "model/value.h"

namespace rondom {

class JsonReader {
 public:
  JsonReader();
  ~JsonReader();
  JsonReader(JsonReader&&) noexcept;
  JsonReader& operator=(JsonReader&&) noexcept;

  /// ErrorCode::data with "where and why" on bad input.
  Result<Value> parse(std::string_view json, Arena& arena);

 private:
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace rondom
