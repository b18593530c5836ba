// drift: the fields that the records of a stream hold, compared with those that earlier reads saw.
// Private to the engine.
//
// Told from the first records of a read, by their fields and those of objects inside them. That a
// field vanished can only be said where all objects of that place had the same fields: where some
// come without it, it is just not filled. A few records say that only when they are all that there
// are: a refresh that was read from its begin to its end.
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
inline constexpr std::int64_t vanished_whole_min = 5;   // the same of a whole refresh
inline constexpr std::size_t drift_fields_max = 2'000;  // a stream with more is not watched
inline constexpr std::size_t drift_inner_fields_max =
    500;                                   // with more inside objects, those are not
inline constexpr int drift_depth_max = 3;  // objects inside objects
inline constexpr std::size_t drift_name_bytes_max = 100;

enum class FieldType : std::uint8_t { unknown, text, number, boolean, list, object, mixed };

/// What the records of a stream were seen to hold.
struct Shape {
  /// The objects that stand at one place: the records themselves at "".
  struct Objects {
    std::int64_t count = 0;  // in the read that saw most, up to drift_records_max
    std::int64_t whole = 0;  // in the last refresh that was read whole; 0: there was none
    bool alike = true;       // all had the same fields
  };
  std::uint64_t options = 0;  // hash of the stream's options: others may ask for other fields
  bool says_empty = false;    // a field without a value was there all the same
  std::map<std::string, FieldType, std::less<>> fields;  // by path
  std::map<std::string, Objects, std::less<>> objects;
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
  /// All records that there are have been looked at.
  void saw_whole();
  bool saw_any() const { return records() > 0; }
  bool saw_enough() const { return records() >= drift_records_max; }
  /// Against what was known before; empty when nothing was.
  Drift drift() const;
  /// Would drift() tell of vanished fields if these were all records that there are?
  bool may_tell_of_vanished() const;
  /// What the next read is compared with.
  Shape shape() const;
  /// Of the records themselves.
  std::vector<std::string> names() const;

 private:
  void look_at(const Value& object, const std::string& place, int depth);
  void leave_inside();
  std::int64_t records() const;
  bool is_watched() const;
  bool vanished_can_be_told(std::string_view place) const;
  bool is_telling(const Shape::Objects& objects) const;
  void add_appeared(Drift& drift) const;
  Shape merged() const;

  std::optional<Shape> before_;
  Shape seen_;
  std::map<std::string, std::size_t, std::less<>> widths_;  // fields of each place
  std::size_t inner_fields_ = 0;
  bool looks_inside_ = true;
};

}  // namespace rondom::engine
