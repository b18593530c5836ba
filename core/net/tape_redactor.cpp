#include "net/tape_redactor.h"

#include <algorithm>
#include <array>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "net/url.h"

namespace rondom::net {
namespace {

constexpr std::string_view hidden_on_tape = "hidden";
/// Lower case, without what people put between words.
constexpr std::array<std::string_view, 12> secret_names = {
    "accesstoken", "refreshtoken", "idtoken",   "authtoken", "clientsecret", "clientassertion",
    "assertion",   "password",     "tokenauth", "token",     "apikey",       "sessionid"};
/// In forms and queries only: in JSON these are words of every day.
constexpr std::array<std::string_view, 3> secret_field_names = {"key", "secret", "signature"};

bool is_secret_name(std::string_view name, bool in_form) {
  std::string lower = lower_ascii(name);
  std::erase_if(lower, [](char c) { return c == '_' || c == '-'; });
  const auto among = [&](const auto& names) {
    return std::find(names.begin(), names.end(), lower) != names.end();
  };
  return among(secret_names) || (in_form && among(secret_field_names));
}

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
}

bool is_local(char c) {
  constexpr std::string_view others = ".+-'!#$*/^`|~%";
  return is_word(c) || others.find(c) != std::string_view::npos ||
         static_cast<unsigned char>(c) >= 0x80;
}

bool is_domain(char c) {
  return is_word(c) || c == '.' || c == '-' || static_cast<unsigned char>(c) >= 0x80;
}

std::string percent_decoded(std::string_view text) {
  const auto digit = [](char c) {
    return c >= '0' && c <= '9'                     ? c - '0'
           : (c | 0x20) >= 'a' && (c | 0x20) <= 'f' ? (c | 0x20) - 'a' + 10
                                                    : -1;
  };
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool coded = text[at] == '%' && at + 2 < text.size() && digit(text[at + 1]) >= 0 &&
                       digit(text[at + 2]) >= 0;
    if (!coded) {
      out += text[at] == '+' ? ' ' : text[at];
      continue;
    }
    out += static_cast<char>(digit(text[at + 1]) * 16 + digit(text[at + 2]));
    at += 2;
  }
  return out;
}

bool looks_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && (text[first] == '{' || text[first] == '[');
}

/// "a=1&b=2", as a body of its own: one line without spaces.
bool looks_like_form(std::string_view text) {
  return text.find('=') != std::string_view::npos &&
         text.find_first_of(" \t\r\n\"<{") == std::string_view::npos;
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

/// Addresses in text that nothing is escaped in.
std::string TapeRedactor::plain(std::string_view given) {
  const std::string text = known_(given);
  std::string out;
  std::size_t done = 0;
  for (std::size_t sign = text.find('@'); sign != std::string::npos;
       sign = text.find('@', sign + 1)) {
    std::size_t begin = sign, end = sign + 1;
    while (begin > done && is_local(text[begin - 1])) --begin;
    while (end < text.size() && is_domain(text[end])) ++end;
    while (end > sign && text[end - 1] == '.') --end;
    const std::string domain = end > sign ? lower_ascii(text.substr(sign + 1, end - sign - 1)) : "";
    if (begin == sign || domain.find('.') == std::string::npos || is_for_examples(domain)) continue;
    out.append(text, done, begin - done);
    out +=
        people_.of(lower_ascii(text.substr(begin, sign - begin)) + "@" + domain) + "@example.com";
    done = end;
  }
  return out.append(text, done);
}

/// String by string, so that escapes hide nothing and nothing else changes: not even a digit.
std::string TapeRedactor::json(std::string_view text) {
  std::string out, name;
  std::size_t done = 0;
  for (std::size_t at = text.find('"'); at != std::string_view::npos; at = text.find('"', done)) {
    std::size_t end = at + 1;
    while (end < text.size() && text[end] != '"') end += text[end] == '\\' ? 2 : 1;
    if (end >= text.size()) break;  // never closed: the rest is plain text
    ++end;
    const std::string_view written = text.substr(at, end - at);
    const auto read = nlohmann::json::parse(written, nullptr, false);
    const std::string value = read.is_string() ? read.get<std::string>() : std::string(written);
    out += text.substr(done, at - done);
    done = end;
    const std::size_t next = text.find_first_not_of(" \t\r\n", end);
    const bool is_name = next != std::string_view::npos && text[next] == ':';
    const std::string shown =
        !is_name && is_secret_name(name, false) ? std::string(hidden_on_tape) : plain(value);
    name = is_name ? value : std::string();
    if (shown == value) {
      out += written;
    } else {
      out += nlohmann::json(shown).dump(-1, ' ', false, nlohmann::json::error_handler_t::replace);
    }
  }
  return out + plain(text.substr(done));
}

/// Pairs of a form or a query; what has no "=" is a value without a name.
std::string TapeRedactor::form(std::string_view text) {
  std::string out;
  while (true) {
    const std::string_view pair = text.substr(0, text.find('&'));
    const std::size_t equals = pair.find('=');
    const bool named = equals != std::string_view::npos;
    const std::string_view written = named ? pair.substr(equals + 1) : pair;
    const std::string value = percent_decoded(written);
    const bool secret = named && is_secret_name(percent_decoded(pair.substr(0, equals)), true);
    const std::string shown = secret ? std::string(hidden_on_tape) : plain(value);
    if (named) out += pair.substr(0, equals + 1);
    out += shown == value ? std::string(written) : percent_encoded(shown);
    if (pair.size() == text.size()) return out;
    out += '&';
    text.remove_prefix(pair.size() + 1);
  }
}

std::string TapeRedactor::url(std::string_view text) {
  const std::size_t question = text.find('?');
  std::string_view path = text.substr(0, question);
  std::string out;
  while (!path.empty()) {
    const std::string_view step = path.substr(0, path.find('/'));
    const std::string value = percent_decoded(step);
    const std::string shown = plain(value);
    out += shown == value ? std::string(step) : percent_encoded(shown);
    path.remove_prefix(step.size());
    if (path.empty()) break;
    out += '/';
    path.remove_prefix(1);
  }
  if (question == std::string_view::npos) return out;
  return out + "?" + form(text.substr(question + 1));
}

std::string TapeRedactor::body(std::string_view text) {
  if (looks_like_json(text)) return json(text);
  return looks_like_form(text) ? form(text) : plain(text);
}

std::vector<Header> TapeRedactor::headers(const std::vector<Header>& headers) {
  std::vector<Header> out;
  out.reserve(headers.size());
  for (const Header& header : headers) {
    const bool is_address = header.value.starts_with("http");
    out.push_back({header.name, is_sensitive_header(header.name) ? std::string(hidden_on_tape)
                                : is_address                     ? url(header.value)
                                                                 : plain(header.value)});
  }
  return out;
}

}  // namespace rondom::net
