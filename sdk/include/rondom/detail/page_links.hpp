// Addresses and places of next pages, as systems write them. Pure functions of paging.hpp.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "../http.hpp"

namespace rondom {
inline namespace sdk_v1 {
namespace detail {

/// A cursor: text or number; empty for everything else.
inline std::string place_text(const Json* value) {
  if (value == nullptr) return {};
  return value->is_integer() ? std::to_string(value->as_integer()) : value->as_text();
}

/// One parameter of a link ("; rel=next"); moves `at` behind it. False at the end of the link.
inline bool link_parameter(std::string_view text, std::size_t& at, std::string& name,
                           std::string& value) {
  const auto skip = [&] {
    while (at < text.size() && (text[at] == ' ' || text[at] == '\t')) ++at;
  };
  skip();
  if (at >= text.size() || text[at] != ';') return false;
  ++at;
  skip();
  name.clear();
  value.clear();
  while (at < text.size() && std::string_view("=;, \t").find(text[at]) == std::string_view::npos)
    name += text[at++];
  skip();
  if (at >= text.size() || text[at] != '=') return true;
  ++at;
  skip();
  if (at < text.size() && text[at] == '"') {
    for (++at; at < text.size() && text[at] != '"'; ++at) {
      if (text[at] == '\\' && at + 1 < text.size()) ++at;
      value += text[at];
    }
    ++at;
  } else {
    while (at < text.size() && std::string_view(";, \t").find(text[at]) == std::string_view::npos)
      value += text[at++];
  }
  return true;
}

/// Is `wanted` one of the words of a rel?
inline bool has_relation(std::string_view words, std::string_view wanted) {
  while (!words.empty()) {
    const std::size_t end = words.find(' ');
    if (same_name(words.substr(0, end), wanted)) return true;
    words = end == std::string_view::npos ? std::string_view() : words.substr(end + 1);
  }
  return false;
}

/// The target of the first link with that relation in the headers Link; empty when there is none.
inline std::string linked_address(const std::vector<HttpHeader>& headers,
                                  std::string_view relation) {
  for (const HttpHeader& header : headers) {
    if (!same_name(header.name, "Link")) continue;
    const std::string_view text = header.value;
    std::size_t at = text.find('<');
    while (at != std::string_view::npos) {
      const std::size_t end = text.find('>', at);
      if (end == std::string_view::npos) break;
      const std::string_view target = text.substr(at + 1, end - at - 1);
      at = end + 1;
      std::string name, value;
      bool first = true, found = false;
      while (link_parameter(text, at, name, value)) {
        if (!same_name(name, "rel")) continue;
        if (first) found = has_relation(value, relation);  // further ones are to be ignored
        first = false;
      }
      if (found) return std::string(target);
      at = text.find('<', at);
    }
  }
  return {};
}

/// "https://host:port" of an absolute address, in lower case; empty for a path.
inline std::string origin_of(std::string_view address) {
  const std::size_t scheme = address.find("://");
  if (scheme == std::string_view::npos || address.find_first_of("/?#") < scheme) return {};
  std::string origin(address.substr(0, address.find_first_of("/?#", scheme + 3)));
  for (char& c : origin) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return origin;
}

/// What a link on the page at `asked` leads to. `origin` is that of the first absolute address.
inline Result<std::string> next_address(const std::string& asked, std::string_view link,
                                        std::string& origin) {
  if (origin.empty()) origin = origin_of(asked);
  for (const char c : link) {
    if (static_cast<unsigned char>(c) <= ' ' || c == '\\') {
      return Failure{Code::data, "The address of the next page is none."};
    }
  }
  const std::string linked = origin_of(link);
  if (origin.empty()) origin = linked;
  if (linked != (linked.empty() ? linked : origin) || link.substr(0, 2) == "//") {
    return Failure{Code::not_permitted, "The address of the next page is at another host."};
  }
  if (!linked.empty()) return std::string(link);
  if (link[0] == '/') return origin_of(asked) + std::string(link);
  const std::string path = asked.substr(0, asked.find_first_of("?#"));
  if (link[0] == '?') return path + std::string(link);
  const std::size_t root = origin_of(asked).size();
  const std::size_t folder = path.find_last_of('/');
  if (folder == std::string::npos || folder < root) return path + "/" + std::string(link);
  return path.substr(0, folder + 1) + std::string(link);
}

}  // namespace detail
}  // namespace sdk_v1
}  // namespace rondom
