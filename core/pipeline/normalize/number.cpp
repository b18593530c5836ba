#include "pipeline/normalize/number.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "base/base.h"
#include "model/model.h"
#include "pipeline/normalize/text.h"

namespace rondom::normalize {
namespace {

constexpr const char* no_number = "is no number";
constexpr const char* ambiguous = "is a number that can be read in two ways";
constexpr std::size_t number_bytes_max = 40;

bool is_grouped(std::string_view whole, char group) {
  const auto first = whole.find(group);
  if (first == 0 || first == std::string_view::npos || first > 3) return false;
  std::string_view rest = whole.substr(first);
  if (!all_digits(whole.substr(0, first)) || rest.size() % 4 != 0) return false;
  for (; !rest.empty(); rest.remove_prefix(4)) {
    if (rest.front() != group || !all_digits(rest.substr(1, 3))) return false;
  }
  return true;
}

// "1.234,56" -> "1234.56". Sign apart. Empty out and a problem when it cannot be read.
const char* read_grouped(std::string_view text, std::string& out) {
  const auto mark = text.find_last_of(".,");
  const auto count = [&](char c) { return std::count(text.begin(), text.end(), c); };
  std::string_view whole = text;
  std::string_view fraction;
  if (mark != std::string_view::npos && count(text[mark]) == 1) {
    whole = text.substr(0, mark);
    fraction = text.substr(mark + 1);
    if (!all_digits(fraction)) return no_number;
  }
  if (all_digits(whole)) {
    const bool could_be_group = fraction.size() == 3 && whole.size() <= 3 && whole != "0";
    if (could_be_group && text[mark] == ',') return ambiguous;
    out = whole;
  } else {
    const auto group = whole.find_first_not_of("0123456789");
    if (group == std::string_view::npos ||
        std::string_view(".,' ").find(whole[group]) == std::string_view::npos) {
      return no_number;
    }
    if (!fraction.empty() && whole[group] == text[mark]) return no_number;
    if (!is_grouped(whole, whole[group])) return no_number;
    std::copy_if(whole.begin(), whole.end(), std::back_inserter(out), is_digit);
  }
  const auto zeros = out.find_first_not_of('0');
  out.erase(0, std::min(zeros, out.size() - 1));
  if (!fraction.empty()) out.append(1, '.').append(fraction);
  return nullptr;
}

const char* read_number(std::string_view text, Value& number) {
  if (parse_number(text, number)) return nullptr;
  if (is_number_text(text)) return "is a number with too many digits";
  if (text.empty() || text.size() > number_bytes_max) return no_number;
  std::string plain;
  constexpr std::string_view typed_minus = "\xE2\x88\x92";  // U+2212
  if (text.starts_with(typed_minus)) {
    plain = "-";
    text.remove_prefix(typed_minus.size());
  } else if (text.size() > 1 && text.back() == '-' && is_digit(text[text.size() - 2])) {
    plain = "-";  // as bookkeeping programs write it
    text.remove_suffix(1);
  } else if (text.front() == '-' || text.front() == '+') {
    if (text.front() == '-') plain = "-";
    text = trim_ascii(text.substr(1));
  }
  std::string digits;
  if (const char* wrong = read_grouped(text, digits)) return wrong;
  plain += digits;
  return parse_number(plain, number) ? nullptr : no_number;
}

Outcome outcome_of(std::string_view value, std::string_view text, Arena& arena) {
  if (value == text) return {text, Rule::none, nullptr};
  return {arena.copy(value), Rule::number_format, nullptr};
}

struct Sign {
  std::string_view sign;
  std::string_view currency;  // "$" is whose dollars the context says
};
constexpr auto signs = std::to_array<Sign>({{"€", "EUR"},
                                            {"£", "GBP"},
                                            {"zł", "PLN"},
                                            {"SFr.", "CHF"},
                                            {"Fr.", "CHF"},
                                            {"$", "$"},
                                            {"euros", "EUR"},
                                            {"euro", "EUR"},
                                            {"pounds", "GBP"},
                                            {"pond", "GBP"}});

bool is_currency_code(std::string_view text) {
  return text.size() == 3 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_dollar(std::string_view currency) {
  return currency.size() == 3 && currency[2] == 'D' && currency != "AED" && currency != "IQD";
}

bool ends_ignoring_case(std::string_view text, std::string_view end) {
  return text.size() > end.size() &&
         equals_ignoring_case(text.substr(text.size() - end.size()), end);
}

struct Amount {
  std::string_view text;
  bool has_currency = false;  // the text names it
};

// Takes "€" or "EUR" off either end of an amount.
Amount take_currency(std::string_view text, std::string_view& currency) {
  const auto found = [&](std::string_view code, std::string_view rest) {
    if (code != "$")
      currency = code;
    else if (!is_dollar(currency))
      currency = {};
    return Amount{trim_ascii(rest), true};
  };
  for (const auto& [sign, code] : signs) {
    if (text.size() <= sign.size()) continue;
    if (starts_with_ignoring_case(text, sign)) return found(code, text.substr(sign.size()));
    if (ends_ignoring_case(text, sign)) {
      return found(code, text.substr(0, text.size() - sign.size()));
    }
  }
  if (text.size() > 3 && is_currency_code(text.substr(0, 3)) && !is_ascii_letter(text[3])) {
    return found(text.substr(0, 3), text.substr(3));
  }
  if (text.size() > 3 && is_currency_code(text.substr(text.size() - 3)) &&
      !is_ascii_letter(text[text.size() - 4])) {
    return found(text.substr(text.size() - 3), text.substr(0, text.size() - 3));
  }
  return {text, false};
}

constexpr std::string_view minus_sign = "\xE2\x88\x92";  // U+2212

// "-5", "−5", "5-", "(5)": the amount without its sign.
std::string_view take_minus(std::string_view text, bool& negative) {
  const auto flip = [&](std::string_view rest) {
    negative = !negative;
    return trim_ascii(rest);
  };
  if (text.size() > 2 && text.front() == '(' && text.back() == ')') {
    return flip(text.substr(1, text.size() - 2));
  }
  if (text.starts_with('-')) return flip(text.substr(1));
  if (text.starts_with(minus_sign)) return flip(text.substr(minus_sign.size()));
  if (text.size() > 1 && text.back() == '-' && is_digit(text[text.size() - 2])) {
    return flip(text.substr(0, text.size() - 1));
  }
  return text;
}

// "12,-", "12.--", "12,–": no cents.
std::string_view without_empty_cents(std::string_view text) {
  for (const std::string_view end : {",-", ".-", ",--", ".--", ",–", ".–", ",—", ".—", ",="}) {
    if (text.size() > end.size() && text.ends_with(end) &&
        is_digit(text[text.size() - end.size() - 1])) {
      return text.substr(0, text.size() - end.size());
    }
  }
  return text;
}

// "1.234" and "1,234,567" of a currency that has no thousandths: the marks are of thousands.
bool is_thousands(std::string_view text) {
  const auto mark = text.find_first_of(".,");
  return mark != std::string_view::npos && is_grouped(text, text[mark]);
}

bool is_canonical_money(std::string_view text) {
  if (text.size() < 5 || text[text.size() - 4] != ' ') return false;
  if (!is_currency_code(text.substr(text.size() - 3))) return false;
  std::string_view digits = text.substr(0, text.size() - 4);
  if (digits.front() == '-') digits.remove_prefix(1);
  return all_digits(digits);
}

bool to_minor_units(const Value& amount, int digits, std::int64_t& minor) {
  std::int64_t coefficient = 0;
  int scale = 0;
  if (amount.type() == ValueType::integer) {
    coefficient = amount.as_integer();
  } else {
    coefficient = amount.coefficient();
    scale = amount.scale();
  }
  if (scale > digits) return false;
  for (; scale < digits; ++scale) {
    if (__builtin_mul_overflow(coefficient, std::int64_t{10}, &coefficient)) return false;
  }
  minor = coefficient;
  return true;
}

}  // namespace

Outcome clean_decimal(std::string_view text, Arena& arena) {
  Value number;
  if (const char* wrong = read_number(text, number)) return problem(wrong);
  return outcome_of(number.to_text(arena), text, arena);
}

Outcome clean_integer(std::string_view text, Arena& arena) {
  Value number;
  if (const char* wrong = read_number(text, number)) return problem(wrong);
  if (number.type() == ValueType::decimal) {
    if (number.scale() != 0) return problem("is no whole number");
    number = Value::integer(number.coefficient());
  }
  return outcome_of(number.to_text(arena), text, arena);
}

Outcome clean_money(std::string_view text, std::string_view currency, Arena& arena) {
  if (is_canonical_money(text)) return {text, Rule::none, nullptr};
  bool outer = false;
  bool inner = false;
  const Amount amount = take_currency(take_minus(text, outer), currency);
  const auto digits = without_empty_cents(take_minus(amount.text, inner));
  if (outer && inner) return problem(no_number);
  const bool negative = outer || inner;
  if (!is_currency_code(currency) && !amount.has_currency) {
    return problem("has no currency and none is known");
  }
  if (!is_currency_code(currency)) return problem("has a dollar sign, and no dollar is known");
  constexpr std::string_view quote = "’";  // of Switzerland
  std::string plain(digits);
  for (auto at = plain.find(quote); at != std::string::npos; at = plain.find(quote)) {
    plain.replace(at, quote.size(), "'");
  }
  const int decimals = currency_digits(currency);
  if (amount.has_currency && decimals < 3 && is_thousands(plain)) {
    plain.erase(std::remove_if(plain.begin(), plain.end(), [](char c) { return !is_digit(c); }),
                plain.end());
  }
  if (plain.empty() || !(is_digit(plain.front()) || plain.front() == '+')) {
    return problem(no_number);
  }
  Value number;
  if (const char* wrong = read_number(plain, number)) return problem(wrong);
  std::int64_t minor = 0;
  if (!to_minor_units(number, decimals, minor)) {
    return problem("has more decimals than its currency");
  }
  const std::string value = std::to_string(negative ? -minor : minor) + ' ' + std::string(currency);
  return outcome_of(value, text, arena);
}

Outcome clean_boolean(std::string_view text) {
  constexpr auto yes = std::to_array<std::string_view>(
      {"true", "1", "yes", "y", "ja", "j", "on", "waar", "wahr", "oui", "vrai"});
  constexpr auto no = std::to_array<std::string_view>(
      {"false", "0", "no", "n", "nee", "off", "onwaar", "nein", "falsch", "non", "faux"});
  const auto is_one_of = [&](const auto& words) {
    return std::any_of(words.begin(), words.end(),
                       [&](std::string_view word) { return equals_ignoring_case(word, text); });
  };
  std::string_view value;
  if (is_one_of(yes))
    value = "true";
  else if (is_one_of(no))
    value = "false";
  else
    return problem("is neither true nor false");
  return {value, rule_when_changed(value, text, Rule::code_word), nullptr};
}

}  // namespace rondom::normalize
