// JsonMembers: the members of one JSON object as pieces of its text, without building a document.
//
// For text that is known to be valid (the engine's, or our own files); other text ends the walk
// with valid() false. Pieces borrow the text.
#pragma once

#include <string>
#include <string_view>

namespace rondom::file {

class JsonMembers {
 public:
  explicit JsonMembers(std::string_view object);
  /// False behind the last member, or where the text is no object.
  bool next();
  /// With quotes and escapes, as it stands.
  std::string_view name() const { return name_; }
  std::string_view value() const { return value_; }
  bool valid() const { return valid_; }

 private:
  void skip_space();
  std::string_view take_string();
  std::string_view take_value();
  bool stop(bool valid) {
    valid_ = valid;
    at_ = text_.size();
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::string_view name_;
  std::string_view value_;
  bool first_ = true;
  bool valid_ = true;
};

/// The text of a JSON string in quotes, escapes resolved; empty when it is none.
std::string unquote_json(std::string_view quoted);

}  // namespace rondom::file
