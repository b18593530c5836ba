// Results of bulk jobs and the values in them: rows written again read the same, and what is plain
// stays as it is.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <vector>

#include "csv.h"
#include "values.h"

namespace {

using namespace rondom::salesforce;
using Rows = std::vector<std::vector<std::string>>;

void require(bool holds) {
  if (!holds) std::abort();
}

bool read(std::string_view text, Rows& rows) {
  CsvReader reader(text);
  std::vector<std::string> cells;
  while (true) {
    const auto more = reader.next(cells);
    if (!more.ok()) return false;
    if (!*more) return true;
    rows.push_back(cells);
  }
}

std::string written(const Rows& rows) {
  std::string out;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      out += i == 0 ? "\"" : ",\"";
      for (const char c : row[i]) {
        if (c == '"') out += '"';
        out += c;
      }
      out += '"';
    }
    out += '\n';
  }
  return out;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Rows rows, again;
  if (read(text, rows)) {
    require(read(written(rows), again));
    require(rows == again);
  }
  if (const auto number = plain_number(text)) {
    require(plain_number(*number) == number);
    require(number->find_first_of("eE+") == std::string::npos);
  }
  if (const auto time = plain_time(text)) {
    require(plain_time(*time) == time);
    // A day that the month has not, and a leap second, come out as what they mean.
    if (const auto seconds = seconds_of(*time)) require(seconds_of(time_text(*seconds)) == seconds);
  }
  (void)seconds_of_http_date(text);
  return 0;
}
