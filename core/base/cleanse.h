// cleanse: secrets do not stay in memory that is given back. Any thread, each text by one at a
// time.
#pragma once

#include <string>
#include <vector>

namespace rondom {

/// Overwrites all that a text has room for, and empties it. Copies made of it elsewhere are not
/// known here.
void cleanse(std::string& text);
/// All of them, and none is left.
void cleanse(std::vector<std::string>& texts);
/// What is written there, up to its end; for texts that a C library made.
void cleanse(char* text);

/// Does so at the end of its life.
class CleansedAtEnd {
 public:
  explicit CleansedAtEnd(std::string& text) : text_(text) {}
  ~CleansedAtEnd() { cleanse(text_); }
  CleansedAtEnd(const CleansedAtEnd&) = delete;
  CleansedAtEnd& operator=(const CleansedAtEnd&) = delete;

 private:
  std::string& text_;
};

}  // namespace rondom
