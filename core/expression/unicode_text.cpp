#include "expression/unicode_text.h"

#include <unicode/locid.h>
#include <unicode/regex.h>
#include <unicode/unistr.h>

#include "base/text.h"

namespace rondom::expression {

namespace {

// In ICU's units of work, about a millisecond each: a record must not hold up a run.
constexpr std::int32_t match_time_max = 50;
constexpr std::int32_t match_stack_bytes_max = 1 << 20;

bool is_ascii(std::string_view text) {
  for (const char c : text) {
    if (std::uint8_t(c) >= 0x80) return false;
  }
  return true;
}

icu::UnicodeString wide(std::string_view text) {
  return icu::UnicodeString::fromUTF8({text.data(), std::int32_t(text.size())});
}

std::string narrow(const icu::UnicodeString& text) {
  std::string out;
  text.toUTF8String(out);
  return out;
}

class IcuPattern final : public Pattern {
 public:
  explicit IcuPattern(std::unique_ptr<icu::RegexPattern> pattern) : pattern_(std::move(pattern)) {}

  Outcome search(std::string_view text, std::string& found) const override {
    const icu::UnicodeString input = wide(text);
    UErrorCode status = U_ZERO_ERROR;
    const std::unique_ptr<icu::RegexMatcher> matcher(pattern_->matcher(input, status));
    if (U_FAILURE(status)) return Outcome::too_slow;
    matcher->setTimeLimit(match_time_max, status);
    matcher->setStackLimit(match_stack_bytes_max, status);
    const bool matched = matcher->find(status);
    if (U_FAILURE(status)) return Outcome::too_slow;
    if (!matched) return Outcome::none;
    const std::int32_t group = matcher->groupCount() > 0 ? 1 : 0;
    if (matcher->start(group, status) < 0) return Outcome::none;
    found = narrow(matcher->group(group, status));
    return U_FAILURE(status) ? Outcome::too_slow : Outcome::found;
  }

 private:
  std::unique_ptr<icu::RegexPattern> pattern_;
};

}  // namespace

std::string to_lower(std::string_view text) {
  if (is_ascii(text)) return lower_ascii(text);
  return narrow(wide(text).toLower(icu::Locale::getRoot()));
}

std::string to_upper(std::string_view text) {
  if (!is_ascii(text)) return narrow(wide(text).toUpper(icu::Locale::getRoot()));
  std::string out(text);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = char(c - 'a' + 'A');
  }
  return out;
}

std::shared_ptr<const Pattern> compile_pattern(std::string_view text, std::string& problem) {
  UErrorCode status = U_ZERO_ERROR;
  UParseError where{};
  std::unique_ptr<icu::RegexPattern> pattern(
      icu::RegexPattern::compile(wide(text), 0, where, status));
  if (U_FAILURE(status) || pattern == nullptr) {
    problem = "this is no regular expression (at character " + std::to_string(where.offset) + ")";
    return nullptr;
  }
  return std::make_shared<IcuPattern>(std::move(pattern));
}

}  // namespace rondom::expression
