#include "net/tape_redactor.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace rondom::net {
namespace {

constexpr std::string_view hidden = "hidden";
constexpr std::array<std::string_view, 14> secret_names = {
    "access_token", "refresh_token", "id_token",  "client_secret", "client_assertion",
    "assertion",    "password",      "token",     "token_auth",    "api_key",
    "apikey",       "key",           "signature", "secret"};
/// How "@" may be written: as it is, percent-encoded, escaped in JSON.
constexpr std::array<std::string_view, 3> at_signs = {"@", "%40", "\\u0040"};

bool is_secret_name(std::string_view name) {
  const std::string lower = lower_ascii(name);
  return std::find(secret_names.begin(), secret_names.end(), lower) != secret_names.end();
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_local(char c) {
  return is_word(c) || c == '.' || c == '+' || c == '-' || c == '\'' ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_domain(char c) {
  return is_word(c) || c == '.' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

/// `"name" : "value"` → where the value is; npos when there is none behind `at`.
struct Found {
  std::size_t begin = std::string::npos, end = 0;
};

Found json_member(const std::string& text, std::size_t name_end) {
  std::size_t at = name_end;
  if (at >= text.size() || text[at] != '"') return {};
  at = text.find_first_not_of(" \t\r\n", at + 1);
  if (at == std::string::npos || text[at] != ':') return {};
  at = text.find_first_not_of(" \t\r\n", at + 1);
  if (at == std::string::npos || text[at] != '"') return {};
  Found found{at + 1, at + 1};
  while (found.end < text.size() && text[found.end] != '"') {
    found.end += text[found.end] == '\\' ? 2 : 1;
  }
  found.end = std::min(found.end, text.size());
  return found;
}

Found form_field(const std::string& text, std::size_t name_begin, std::size_t name_end) {
  const bool starts = name_begin == 0 || text[name_begin - 1] == '&' || text[name_begin - 1] == '?';
  if (!starts || name_end >= text.size() || text[name_end] != '=') return {};
  return {name_end + 1, std::min(text.find('&', name_end), text.size())};
}

/// Values of what is called like a secret, in JSON and in forms and queries.
void hide_named(std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    if (!is_word(text[at])) {
      ++at;
      continue;
    }
    std::size_t end = at;
    while (end < text.size() && is_word(text[end])) ++end;
    const std::string_view name = std::string_view(text).substr(at, end - at);
    Found found;
    if (is_secret_name(name)) {
      found = at > 0 && text[at - 1] == '"' ? json_member(text, end) : form_field(text, at, end);
    }
    if (found.begin != std::string::npos) {
      text.replace(found.begin, found.end - found.begin, hidden);
      end = found.begin + hidden.size();
    }
    at = end;
  }
}

bool is_for_examples(std::string_view domain) {
  for (const std::string_view reserved :
       {"example", "example.com", "example.net", "example.org", "test", "invalid"}) {
    if (domain == reserved) return true;
    if (domain.size() > reserved.size() && domain.ends_with(reserved) &&
        domain[domain.size() - reserved.size() - 1] == '.') {
      return true;
    }
  }
  return false;
}

}  // namespace

std::string TapeRedactor::stand_in_for(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto person = people_.emplace(address, people_.size() + 1).first;
  return "person-" + std::to_string(person->second);
}

std::string TapeRedactor::with_addresses_replaced(std::string_view text) {
  std::string out;
  std::size_t done = 0, at = 0;
  std::array<std::size_t, at_signs.size()> next{};  // looked for again only once it is passed
  for (std::size_t i = 0; i < next.size(); ++i) next.at(i) = text.find(at_signs.at(i));
  while (true) {
    std::size_t which = 0;
    for (std::size_t i = 0; i < next.size(); ++i) {
      if (next.at(i) != std::string_view::npos && next.at(i) < at) {
        next.at(i) = text.find(at_signs.at(i), at);
      }
      if (next.at(i) < next.at(which)) which = i;
    }
    const std::size_t sign = next.at(which);
    const std::string_view written = at_signs.at(which);
    if (sign == std::string_view::npos) break;
    std::size_t begin = sign, end = sign + written.size();
    while (begin > done && is_local(text[begin - 1])) --begin;
    while (end < text.size() && is_domain(text[end])) ++end;
    while (end > sign && text[end - 1] == '.') --end;
    at = std::max(end, sign + written.size());
    const std::string_view local = text.substr(begin, sign - begin);
    const std::string domain =
        end > sign + written.size()
            ? lower_ascii(text.substr(sign + written.size(), end - sign - written.size()))
            : std::string();
    if (local.empty() || domain.find('.') == std::string::npos || is_for_examples(domain)) continue;
    out += text.substr(done, begin - done);
    out += stand_in_for(lower_ascii(local) + "@" + domain);
    out += written;
    out += "example.com";
    done = end;
  }
  return out += text.substr(done);
}

std::string TapeRedactor::text(std::string_view text) {
  std::string out = known_(text);
  hide_named(out);
  return with_addresses_replaced(out);
}

std::vector<Header> TapeRedactor::headers(const std::vector<Header>& headers) {
  std::vector<Header> out;
  out.reserve(headers.size());
  for (const Header& header : headers) {
    out.push_back(
        {header.name, is_sensitive_header(header.name) ? std::string(hidden) : text(header.value)});
  }
  return out;
}

}  // namespace rondom::net
