#include "pipeline/normalize/email.h"

#include <unicode/bytestream.h>
#include <unicode/uidna.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <string>

#include "base/base.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr std::size_t local_bytes_max = 64;
constexpr std::size_t domain_bytes_max = 253;
constexpr std::size_t label_bytes_max = 63;
constexpr const char* no_email = "is no e-mail address";

// Mailto links, "Name <address>" and what is left behind by copying from running text.
std::string_view bare_address(std::string_view text) {
  if (text.size() > 2 && text.back() == '>') {
    const auto open = text.rfind('<');
    if (open != std::string_view::npos) text = text.substr(open + 1, text.size() - open - 2);
  }
  if (starts_with_ignoring_case(text, "mailto:")) {
    text.remove_prefix(7);
    text = text.substr(0, text.find('?'));
  }
  text = trim_ascii(text);
  while (!text.empty() && (text.back() == '.' || text.back() == ',' || text.back() == ';')) {
    text.remove_suffix(1);
  }
  return text;
}

bool is_atom_char(char c) {
  if (is_digit(c) || is_ascii_letter(c) || static_cast<unsigned char>(c) >= 0x80) return true;
  return std::string_view("!#$%&'*+-/=?^_`{|}~").find(c) != std::string_view::npos;
}

bool is_dot_atom(std::string_view local) {
  char previous = '.';
  for (const char c : local) {
    if (c == '.' ? previous == '.' : !is_atom_char(c)) return false;
    previous = c;
  }
  return previous != '.';
}

bool is_quoted_string(std::string_view local) {
  if (local.size() < 3 || local.front() != '"' || local.back() != '"') return false;
  const auto inside = local.substr(1, local.size() - 2);
  for (std::size_t at = 0; at < inside.size(); ++at) {
    const auto byte = static_cast<unsigned char>(inside[at]);
    if (byte < ' ' || byte == 0x7F || byte == '"') return false;
    if (byte == '\\' && ++at == inside.size()) return false;
  }
  return true;
}

bool is_label(std::string_view label) {
  if (label.empty() || label.size() > label_bytes_max) return false;
  if (label.front() == '-' || label.back() == '-') return false;
  return std::all_of(label.begin(), label.end(),
                     [](char c) { return is_digit(c) || is_ascii_letter(c) || c == '-'; });
}

bool is_domain(std::string_view domain) {
  if (domain.size() > domain_bytes_max) return false;
  std::size_t labels = 0;
  std::string_view last;
  while (true) {
    const auto dot = domain.find('.');
    last = domain.substr(0, dot);
    if (!is_label(last)) return false;
    ++labels;
    if (dot == std::string_view::npos) break;
    domain.remove_prefix(dot + 1);
  }
  return labels >= 2 && last.size() >= 2 && !all_digits(last);
}

// Empty when the name cannot be an internationalised domain.
std::string_view domain_to_ascii(std::string_view domain, Arena& arena) {
  UErrorCode error = U_ZERO_ERROR;
  static const UIDNA* const idna =
      uidna_openUTS46(UIDNA_CHECK_BIDI | UIDNA_CHECK_CONTEXTJ | UIDNA_USE_STD3_RULES |
                          UIDNA_NONTRANSITIONAL_TO_ASCII,
                      &error);
  if (idna == nullptr) return {};
  std::array<char, domain_bytes_max + 2> out{};
  UIDNAInfo info = UIDNA_INFO_INITIALIZER;
  error = U_ZERO_ERROR;
  const int32_t size =
      uidna_nameToASCII_UTF8(idna, domain.data(), static_cast<int32_t>(domain.size()), out.data(),
                             static_cast<int32_t>(out.size()), &info, &error);
  if (U_FAILURE(error) || info.errors != 0 || size <= 0) return {};
  return arena.copy({out.data(), static_cast<std::size_t>(size)});
}

bool is_utf8_text(std::string_view text) {
  return is_ascii_text(text) || is_utf8(text);
}

}  // namespace

Outcome clean_email(std::string_view text, Arena& arena) {
  const std::string_view address = bare_address(text);
  const auto at = address.rfind('@');
  if (at == std::string_view::npos || at == 0 || at + 1 == address.size()) return problem(no_email);
  std::string_view local = address.substr(0, at);
  std::string_view domain = address.substr(at + 1);
  if (local.size() > local_bytes_max || !(is_dot_atom(local) || is_quoted_string(local))) {
    return problem(no_email);
  }
  if (is_ascii_text(address)) {
    if (!is_domain(domain)) return problem(no_email);
    const auto value = lower(address, arena);
    return {value, rule_when_changed(value, text, Rule::email)};
  }
  if (!is_utf8_text(address)) return problem(no_email);
  if (!is_ascii_text(domain)) domain = domain_to_ascii(domain, arena);
  if (!is_domain(domain)) return problem(no_email);
  const auto value = concatenate({lower_unicode(local, arena), "@", lower(domain, arena)}, arena);
  return {value, rule_when_changed(value, text, Rule::email)};
}

}  // namespace rondom::normalize
