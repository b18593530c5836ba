// drift: the fields that the records of a stream hold, compared with those that earlier reads saw. Private to
// the engine.
//
// Told from the first records of a read, by their outermost fields. That a field vanished can only be said
// of a stream whose records all had the same fields: where some come without a field it is just not filled.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "model/model.h"

namespace rondom::engine {

inline constexpr std::int64_t drift_records_max = 1'000;  // of a read that are looked at
inline constexpr std::int64_t vanished_records_min =
    20;  // without a field, or as many as there were before
inline constexpr std::size_t drift_fields_max = 2'000;  // a stream with more is not watched
inline constexpr std::size_t drift_name_bytes_max = 100;

enum class FieldType : std::uint8_t { unknown, text, number, boolean, list, object, mixed };

/// What the records of a stream were seen to hold.
struct Shape {
  std::int64_t records = 0;   // of the read that it comes from, up to drift_records_max
  bool alike = true;          // all had the same fields
  std::uint64_t options = 0;  // hash of the stream's options: others may ask for other fields
  std::map<std::string, FieldType, std::less<>> fields;
};
std::string to_json(const Shape& shape);
/// Nothing: the text is none of ours.
std::optional<Shape> shape_from(std::string_view json);

/// One read of one stream. One thread.
class DriftWatch {
 public:
  DriftWatch() = default;
  explicit DriftWatch(Shape before) : before_(std::move(before)) {}

  /// The JSON of a record; one that is no object is passed over.
  void look_at(std::string_view json);
  bool saw_any() const { return seen_.records > 0; }
  bool saw_enough() const { return seen_.records >= drift_records_max; }
  /// Against what was known before; empty when nothing was.
  Drift drift() const;
  /// What the next read is compared with.
  Shape shape() const;
  std::vector<std::string> names() const;

 private:
  bool vanished_can_be_told() const;

  std::optional<Shape> before_;
  Shape seen_;
};

}  // namespace rondom::engine
