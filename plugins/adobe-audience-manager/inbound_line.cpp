#include "inbound_line.h"

#include <algorithm>

#include "bounds.h"

namespace rondom::audience_manager {
namespace {

constexpr std::size_t sha256_digits = 64;
constexpr std::string_view hash_of_nothing =
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";

bool is_control(char c) {
  return static_cast<unsigned char>(c) < 0x20 || c == 0x7f;
}
bool is_hex(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
bool is_space_or_control(char c) {
  return c == ' ' || is_control(c);
}

/// An address inside the text, whatever stands around it. A name such as "@rondom" is none.
bool holds_email(std::string_view text) {
  for (std::size_t at = text.find('@'); at != std::string_view::npos; at = text.find('@', at + 1)) {
    if (at == 0 || is_space_or_control(text[at - 1])) continue;
    const std::string_view domain = text.substr(at + 1);
    const std::size_t dot = domain.find('.');
    const auto space = std::find_if(domain.begin(), domain.end(), is_space_or_control);
    if (dot != 0 && dot < static_cast<std::size_t>(space - domain.begin())) return true;
  }
  return false;
}

bool holds_percent_escape(std::string_view text) {
  for (std::size_t at = text.find('%'); at != std::string_view::npos; at = text.find('%', at + 1)) {
    if (at + 2 < text.size() && is_hex(text[at + 1]) && is_hex(text[at + 2])) return true;
  }
  return false;
}

std::string_view value_problem(std::string_view text) {
  if (std::any_of(text.begin(), text.end(), is_control)) {
    return "A value holds a tab, a line end or another control character; the format has no way to "
           "write it.";
  }
  if (text.find('"') != std::string_view::npos)
    return "A value holds a quote; the format has no way to write it.";
  if (text.find(',') != std::string_view::npos)
    return "A value holds a comma, which separates pairs; map it without.";
  if (holds_email(text)) {
    return "A value holds a clear e-mail address; Audience Manager forbids personal data in clear.";
  }
  return {};
}

}  // namespace

std::string_view user_id_problem(IdKind kind, std::string_view id) {
  if (id.empty()) return "There is no user_id.";
  if (id.find('@') != std::string_view::npos) {
    return "user_id is a clear e-mail address; Audience Manager forbids personal data in clear. "
           "Map "
           "it with | lower | hash.";
  }
  if (std::any_of(id.begin(), id.end(), is_space_or_control)) {
    return "user_id holds a space, a tab, a line end or another control character.";
  }
  if (kind == IdKind::email_sha256) {
    const bool lower_hex = std::all_of(id.begin(), id.end(), [](char c) {
      return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f');
    });
    if (id.size() != sha256_digits || !lower_hex) {
      return "user_id is not the SHA-256 of an e-mail address in 64 lower-case hexadecimal digits, "
             "as "
             "id: email_sha256 says.";
    }
    if (id == hash_of_nothing) return "user_id is the hash of an empty text.";
    return {};
  }
  if (id.size() > user_id_bytes_max) return "user_id is longer than 1024 bytes.";
  if (id.find_first_of("\",:") != std::string_view::npos)
    return "user_id holds a colon, a comma or a quote.";
  if (holds_percent_escape(id))
    return "user_id is URL-encoded; Audience Manager wants it as it is.";
  return {};
}

std::string_view key_problem(std::string_view key) {
  if (key.empty()) return "is empty";
  if (key.front() == '-') return "starts with a dash, which Audience Manager ignores";
  if (key == "d_sid" || key == "d_unsid")
    return "means membership, which the option trait says for all";
  if (std::any_of(key.begin(), key.end(), is_control) ||
      key.find_first_of("\",=") != std::string_view::npos) {
    return "holds a quote, a comma, an equals sign or a control character";
  }
  if (holds_email(key)) return "is a clear e-mail address";
  return {};
}

std::string_view append_pairs(std::string& line, std::string_view key, const Json& value) {
  if (value.is_null()) return {};
  if (value.is_object()) return "A value is an object; a pair holds one text or number.";
  if (value.is_list()) {
    for (const Json& item : value.items()) {
      if (item.is_list()) return "A value is a list of lists; a pair holds one text or number.";
      const std::string_view problem = append_pairs(line, key, item);
      if (!problem.empty()) return problem;
    }
    return {};
  }
  const std::string text = value.is_text() ? value.as_text() : value.to_text();
  if (text.empty()) return {};
  const std::string_view problem = value_problem(text);
  if (!problem.empty()) return problem;
  line += ",\"";
  line += key;
  line += "\"=\"";
  line += text;
  line += '"';
  return {};
}

void append_traits(std::string& line, bool member, std::span<const std::int64_t> traits) {
  bool first = true;
  for (const std::int64_t trait : traits) {
    if (!first) line += ',';
    first = false;
    line += member ? "d_sid=" : "d_unsid=";
    line += std::to_string(trait);
  }
}

}  // namespace rondom::audience_manager
