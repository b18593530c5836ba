// Options: what a job says about a stream, checked. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "csv.h"
#include "encoding.h"
#include "rondom/spec.hpp"

namespace rondom::file {

enum class Format : std::uint8_t { automatic, csv, json_lines, json };
std::string_view to_text(Format format);
std::optional<Format> format_from(std::string_view name);

enum class Mode : std::uint8_t { full, append };

/// The options of a source stream as they are written.
struct ReadText {
  std::string path, format, encoding, delimiter, quote, ragged, mode, take;
  bool header = true;
  bool complete = false;
  std::vector<std::string> columns, null_values;

  static constexpr auto spec =
      Spec<ReadText>("file-stream", "Options of a stream of the file source.")
          .field("path", &ReadText::path,
                 "File, pattern (* ? [a-z]) or \"-\" for standard input; default <stream>.*")
          .field("format", &ReadText::format, "auto goes by extension, then by content.")
          .fallback("auto")
          .choices("auto", "csv", "jsonl", "json")
          .field("encoding", &ReadText::encoding, "auto goes by byte order mark, then by content.")
          .fallback("auto")
          .choices("auto", "utf-8", "windows-1252", "iso-8859-1", "utf-16le", "utf-16be")
          .field("delimiter", &ReadText::delimiter, "CSV: auto, tab or one character.")
          .fallback("auto")
          .field("quote", &ReadText::quote, "CSV: one character; empty = no quoting.")
          .fallback("\"")
          .field("header", &ReadText::header, "CSV: the first row names the columns.")
          .fallback(true)
          .field("columns", &ReadText::columns, "CSV: names used instead of the header's.")
          .field("null_values", &ReadText::null_values, "CSV: texts that mean no value.")
          .field("ragged", &ReadText::ragged, "CSV: what to do with rows that are too short.")
          .fallback("refuse")
          .choices("refuse", "accept")
          .field("mode", &ReadText::mode,
                 "full: the files are the whole set; append: lines are added to files.")
          .fallback("full")
          .choices("full", "append")
          .field("take", &ReadText::take, "newest: of the files that match, the last by name.")
          .fallback("all")
          .choices("all", "newest")
          .field("complete", &ReadText::complete,
                 "append: a last line without its line end is a record.")
          .fallback(false);
};

/// The options of a destination job as they are written.
struct WriteText {
  std::string path, name, stream, format, compression, delimiter, formulas;
  bool snapshot = false;
  std::vector<std::string> columns;

  static constexpr auto spec =
      Spec<WriteText>("file-output", "Options of a job of the file destination.")
          .field("path", &WriteText::path, "Folder, or \"-\" for standard output.")
          .fallback(".")
          .field("name", &WriteText::name,
                 "First part of the file names; default: the stream, if any.")
          .field("stream", &WriteText::stream, "The object's name.")
          .field("format", &WriteText::format, "Format of the files.")
          .fallback("jsonl")
          .choices("jsonl", "csv")
          .field("compression", &WriteText::compression, "Adds .gz or .zst to the names.")
          .fallback("none")
          .choices("none", "gzip", "zstd")
          .field("snapshot", &WriteText::snapshot,
                 "One file that always holds the whole current set.")
          .fallback(false)
          .field("delimiter", &WriteText::delimiter, "CSV: tab or one character.")
          .fallback(",")
          .field("formulas", &WriteText::formulas,
                 "CSV: escape puts an apostrophe before what a spreadsheet would run.")
          .fallback("escape")
          .choices("escape", "keep")
          .field("columns", &WriteText::columns, "CSV: the fields, in order.");
};

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
