// Options: what a job says about a stream, checked. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "csv.h"
#include "encoding.h"
#include "rondom/result.hpp"

namespace rondom::file {

enum class Format : std::uint8_t { automatic, csv, json_lines, json };
std::string_view to_text(Format format);
std::optional<Format> format_from(std::string_view name);

enum class Mode : std::uint8_t { full, append };

/// `options:` of one stream of a source job.
struct ReadOptions {
  std::string path;           // file, glob or "-"
  bool default_path = false;  // nobody said path: <stream>.* is looked for
  Format format = Format::automatic;
  std::optional<Encoding> encoding;
  std::optional<char> delimiter;
  char quote = '"';
  bool header = true;
  std::vector<std::string> columns;
  std::vector<std::string> null_values;
  bool accept_ragged = false;
  Mode mode = Mode::full;
  bool newest_only = false;  // of the files that match, read the last by name
  bool complete = false;     // append: a last line without its end is a record
};
Result<ReadOptions> parse_read_options(std::string_view stream, std::string_view json);

/// `options:` of a destination job.
struct WriteOptions {
  std::string path;  // folder, or "-" for standard output
  std::string name;  // first part of the file names; empty = the session alone
  Format format = Format::json_lines;
  Compression compression = Compression::none;
  bool snapshot = false;
  char delimiter = ',';
  Formulas formulas = Formulas::escape;
  std::vector<std::string> columns;
};
Result<WriteOptions> parse_write_options(std::string_view stream, std::string_view json);

}  // namespace rondom::file
