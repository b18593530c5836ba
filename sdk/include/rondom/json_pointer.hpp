// json_at: a value in a document by its JSON Pointer (RFC 6901): "/paging/next/after". Pure.
#pragma once

#include <charconv>
#include <string>
#include <string_view>

#include "json.hpp"

namespace rondom {
inline namespace sdk_v1 {

/// The value at a JSON Pointer, or nullptr. "" is the document itself.
inline const Json* json_at(const Json& document, std::string_view pointer) {
  const Json* at = &document;
  while (!pointer.empty() && at != nullptr) {
    const std::size_t end = pointer.find('/', 1);
    std::string name;
    for (const char c : pointer.substr(1, end == std::string_view::npos ? end : end - 1)) {
      const bool escaped = !name.empty() && name.back() == '~';
      if (escaped) name.pop_back();
      name += escaped ? (c == '1' ? '/' : '~') : c;
    }
    std::size_t index = 0;
    const auto read = std::from_chars(name.data(), name.data() + name.size(), index);
    if (at->is_list()) {
      const bool number = read.ec == std::errc() && read.ptr == name.data() + name.size();
      at = number && index < at->items().size() ? &at->items()[index] : nullptr;
    } else {
      at = at->find(name);
    }
    pointer = end == std::string_view::npos ? std::string_view() : pointer.substr(end);
  }
  return at;
}

}  // namespace sdk_v1
}  // namespace rondom
