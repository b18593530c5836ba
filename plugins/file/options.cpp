#include "options.h"

#include <iterator>
#include <utility>

namespace rondom::file {

namespace {

Status wrong(std::string message) {
  return {Code::config, std::move(message)};
}

/// One ASCII character, or tab. Nothing when it is neither.
std::optional<char> character(std::string_view text) {
  if (text == "tab" || text == "\\t") return '\t';
  if (text.size() != 1 || static_cast<unsigned char>(text[0]) >= 0x80) return std::nullopt;
  if (text[0] == '\n' || text[0] == '\r' || text[0] == '\0') return std::nullopt;
  return text[0];
}

constexpr std::string_view format_names[] = {"auto", "csv", "jsonl", "json"};

/// A stream's name in a pattern stands for itself.
std::string escape_glob(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '*' || c == '?' || c == '[' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

}  // namespace

std::string_view to_text(Format format) {
  return format_names[static_cast<std::size_t>(format)];
}

std::optional<Format> format_from(std::string_view name) {
  for (std::size_t i = 0; i < std::size(format_names); ++i) {
    if (name == format_names[i]) return static_cast<Format>(i);
  }
  return std::nullopt;
}

Result<ReadOptions> parse_read_options(std::string_view stream, std::string_view json) {
  Result<ReadText> parsed = ReadText::spec.parse(json.empty() ? "{}" : json);
  if (!parsed.ok()) return parsed.error();
  const ReadText& text = *parsed;
  ReadOptions options;
  options.path = text.path;
  options.format = *format_from(text.format);
  options.encoding = encoding_from(text.encoding);
  options.header = text.header;
  options.columns = text.columns;
  options.null_values = text.null_values;
  options.accept_ragged = text.ragged == "accept";
  options.mode = text.mode == "append" ? Mode::append : Mode::full;
  options.newest_only = text.take == "newest";
  options.complete = text.complete;
  if (text.delimiter != "auto") {
    options.delimiter = character(text.delimiter);
    if (!options.delimiter) return wrong("\"delimiter\" must be auto, tab or one ASCII character.");
  }
  const std::optional<char> quote = character(text.quote);
  if (!quote && !text.quote.empty())
    return wrong("\"quote\" must be one ASCII character or empty.");
  options.quote = quote.value_or('\0');
  if (options.delimiter && *options.delimiter == options.quote) {
    return wrong("\"delimiter\" and \"quote\" are the same character.");
  }
  if (options.mode == Mode::append && options.newest_only) {
    return wrong("take: newest belongs to mode: full; in mode: append every file is followed.");
  }
  if (options.mode == Mode::append && options.format == Format::json) {
    return wrong("mode: append needs lines (csv or jsonl); a JSON array cannot grow at its end.");
  }
  if (options.path.empty()) {
    options.default_path = true;
    options.path = escape_glob(stream) + ".*";
  }
  return options;
}

Result<WriteOptions> parse_write_options(std::string_view stream, std::string_view json) {
  Result<WriteText> parsed = WriteText::spec.parse(json.empty() ? "{}" : json);
  if (!parsed.ok()) return parsed.error();
  const WriteText& text = *parsed;
  WriteOptions options;
  options.path = text.path;
  options.name = text.name.empty() ? std::string(stream) : text.name;
  options.format = text.format == "csv" ? Format::csv : Format::json_lines;
  options.compression = text.compression == "gzip"   ? Compression::gzip
                        : text.compression == "zstd" ? Compression::zstd
                                                     : Compression::none;
  options.snapshot = text.snapshot;
  if (options.snapshot && options.name.empty()) options.name = "snapshot";
  options.formulas = text.formulas == "keep" ? Formulas::keep : Formulas::escape;
  options.columns = text.columns;
  const std::optional<char> delimiter = character(text.delimiter);
  if (!delimiter || *delimiter == '"') {
    return wrong("\"delimiter\" must be tab or one ASCII character that is no quote.");
  }
  options.delimiter = *delimiter;
  const bool csv = options.format == Format::csv;
  const bool to_stdout = options.path == "-";
  if (options.snapshot && (csv || to_stdout)) {
    return wrong("snapshot: true needs format: jsonl and a folder.");
  }
  if (to_stdout && csv && options.columns.empty()) {
    return wrong("CSV on standard output needs columns:, as its header comes first.");
  }
  if (to_stdout && options.compression != Compression::none) {
    return wrong("Standard output is not compressed; leave compression: out.");
  }
  if (options.name.find('/') != std::string::npos) {
    return wrong("\"name\" must be a file name without a slash; the folder belongs to path.");
  }
  return options;
}

}  // namespace rondom::file
