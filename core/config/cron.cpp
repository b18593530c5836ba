#include "config/cron.h"

#include <array>
#include <charconv>
#include <optional>
#include <vector>

namespace rondom::config {
namespace {

constexpr std::size_t cron_bytes_max = 400;

struct Field {
  const char* name;
  int from, to;
  std::string_view words;  // three letters each, the first stands for `from`
};
constexpr std::array<Field, 5> fields = {{{"minute", 0, 59, ""},
                                          {"hour", 0, 23, ""},
                                          {"day of the month", 1, 31, ""},
                                          {"month", 1, 12, "janfebmaraprmayjunjulaugsepoctnovdec"},
                                          {"day of the week", 0, 7, "sunmontuewedthufrisat"}}};

struct Piece {
  std::string_view text;
  std::size_t offset = 0;
};

std::vector<Piece> pieces_of(Piece whole, std::string_view separators) {
  std::vector<Piece> pieces;
  std::size_t start = 0;
  for (std::size_t i = 0; i <= whole.text.size(); ++i) {
    if (i < whole.text.size() && separators.find(whole.text[i]) == std::string_view::npos) continue;
    pieces.push_back({whole.text.substr(start, i - start), whole.offset + start});
    start = i + 1;
  }
  return pieces;
}

std::vector<Piece> words_of(std::string_view text) {
  std::vector<Piece> words = pieces_of({text, 0}, " \t");
  std::erase_if(words, [](const Piece& word) { return word.text.empty(); });
  return words;
}

std::string limits_of(const Field& field) {
  return std::string(field.name) + " goes from " + std::to_string(field.from) + " to " +
         std::to_string(field.to);
}

class Reader {
 public:
  Reader(const Field& field, CronProblem& problem) : field_(field), problem_(problem) {}

  bool read(Piece word, std::uint64_t& set) {
    for (const Piece& item : pieces_of(word, ",")) {
      if (!read_item(item, set)) return false;
    }
    return true;
  }

 private:
  bool fail(Piece at, std::string message, std::string hint = {}) {
    problem_ = {at.offset, std::max<std::size_t>(at.text.size(), 1), std::move(message),
                std::move(hint)};
    return false;
  }

  std::optional<int> number(std::string_view text) const {
    int value = 0;
    const char* const end = text.data() + text.size();
    const auto read = std::from_chars(text.data(), end, value);
    if (text.empty() || read.ec != std::errc() || read.ptr != end) return std::nullopt;
    return value;
  }

  bool value(Piece at, int& value) {
    constexpr std::size_t letters = 3;
    if (at.text.empty()) return fail(at, std::string("a ") + field_.name + " is missing here");
    if (const std::size_t found = field_.words.find(lower_ascii(at.text));
        at.text.size() == letters && found != std::string_view::npos && found % letters == 0) {
      value = field_.from + static_cast<int>(found / letters);
      return true;
    }
    const std::optional<int> read = number(at.text);
    if (!read) {
      return fail(at, std::string(at.text) + " is no " + field_.name,
                  field_.words.empty() ? limits_of(field_)
                                       : limits_of(field_) + ", or a name such as " +
                                             std::string(field_.words.substr(letters, letters)));
    }
    value = *read;
    if (value < field_.from || value > field_.to) {
      return fail(at, std::string(at.text) + " is no " + field_.name, limits_of(field_));
    }
    return true;
  }

  bool read_item(Piece item, std::uint64_t& set) {
    const std::size_t slash = item.text.find('/');
    const Piece range{item.text.substr(0, slash), item.offset};
    int first = field_.from;
    int last = field_.to == 7 ? 6 : field_.to;
    const std::size_t dash = range.text.find('-');
    const bool one_value = range.text != "*" && dash == std::string_view::npos;
    if (range.text != "*") {
      if (!value({range.text.substr(0, dash), range.offset}, first)) return false;
      last = first;
      if (!one_value && !value({range.text.substr(dash + 1), range.offset + dash + 1}, last)) {
        return false;
      }
      if (last < first) {
        return fail(range, std::string(range.text) + " runs backwards",
                    "write two ranges: a-b,c-d");
      }
    }
    int step = 1;
    if (slash != std::string_view::npos) {
      const Piece after{item.text.substr(slash + 1), item.offset + slash + 1};
      const std::optional<int> read = number(after.text);
      if (!read || *read < 1 || *read > field_.to) {
        return fail(after, "a step is a number from 1 to " + std::to_string(field_.to));
      }
      if (one_value) {
        return fail(item, "a step needs a range",
                    std::string(range.text) + "-" + std::to_string(field_.to) + "/" +
                        std::string(after.text));
      }
      step = *read;
    }
    for (int at = first; at <= last; at += step) set |= std::uint64_t{1} << at;
    return true;
  }

  const Field& field_;
  CronProblem& problem_;
};

/// Is there any day that such a schedule meets?
bool has_days(const Cron& cron) {
  if (cron.either_day) return true;
  constexpr int leap_year = 2028;
  for (int month = 1; month <= 12; ++month) {
    if ((cron.months >> month & 1) == 0) continue;
    for (int day = 1; day <= days_in_month(leap_year, month); ++day) {
      if ((cron.days >> day & 1) != 0) return true;
    }
  }
  return false;
}

}  // namespace

bool parse_cron(std::string_view text, Cron& cron, CronProblem& problem) {
  const std::vector<Piece> words = words_of(text);
  if (text.size() > cron_bytes_max || words.size() != fields.size()) {
    const std::string hint =
        words.size() == fields.size() + 1
            ? "minute, hour, day of the month, month, day of the week; there is "
              "no field for seconds"
            : "minute, hour, day of the month, month, day of the week";
    problem = {0, std::max<std::size_t>(text.size(), 1),
               "cron must hold five fields, such as \"0 6 * * *\"", hint};
    return false;
  }
  std::array<std::uint64_t, fields.size()> sets{};
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (!Reader(fields[i], problem).read(words[i], sets[i])) return false;
  }
  constexpr std::uint64_t seventh = 1U << 7;
  if ((sets[4] & seventh) != 0) sets[4] = (sets[4] & ~seventh) | 1;  // Sunday has two numbers
  cron.minutes = sets[0];
  cron.hours = static_cast<std::uint32_t>(sets[1]);
  cron.days = static_cast<std::uint32_t>(sets[2]);
  cron.months = static_cast<std::uint32_t>(sets[3]);
  cron.weekdays = static_cast<std::uint32_t>(sets[4]);
  cron.either_day = words[2].text.front() != '*' && words[4].text.front() != '*';
  if (has_days(cron)) return true;
  problem = {words[2].offset, words[3].offset + words[3].text.size() - words[2].offset,
             "no month named here has such a day, so it never runs", ""};
  return false;
}

}  // namespace rondom::config
