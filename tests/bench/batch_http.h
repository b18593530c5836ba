// What bench-post and the plugin bench_http send: the same bytes, so that their rates compare.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace bench {

/// Records of one request.
inline constexpr std::size_t records_per_request = 500;

/// One record more of a JSON list that holds one a line; end_list() ends it.
inline void append_record(std::string& list, std::string_view key, std::string_view fields_json) {
  list += list.empty() ? "[" : ",";
  list += R"({"id":")";
  list += key;
  list += R"(","attributes":)";
  list += fields_json;
  list += "}\n";
}
inline void end_list(std::string& list) {
  list += list.empty() ? "[]" : "]";
}

}  // namespace bench
