#include "input.h"

#include <utility>

#include "file_list.h"

namespace rondom::file {

namespace {

std::string_view trimmed(std::string_view text) {
  const std::size_t from = text.find_first_not_of(" \t\r\n");
  if (from == std::string_view::npos) return {};
  return text.substr(from, text.find_last_not_of(" \t\r\n") - from + 1);
}

bool is_json_extension(const std::string& extension) {
  return extension == "json" || extension == "jsonl" || extension == "ndjson";
}

}  // namespace

Format detect_format(const std::string& name, std::string_view sample) {
  const std::string extension = name_parts(name).extension;
  if (extension == "csv" || extension == "tsv") return Format::csv;
  if (extension == "jsonl" || extension == "ndjson") return Format::json_lines;
  const std::string_view start = trimmed(sample.substr(byte_order_mark(sample)));
  if (start.starts_with('[')) return Format::json;
  if (start.starts_with('{')) {
    const std::string_view line = trimmed(start.substr(0, start.find('\n')));
    return line.ends_with('}') ? Format::json_lines : Format::json;
  }
  return extension == "json" ? Format::json : Format::csv;
}

Result<std::unique_ptr<Input>> Input::open(std::unique_ptr<ByteSource> bytes,
                                           const std::string& name, const ReadOptions& options,
                                           const std::optional<Detected>& known) {
  auto input = std::unique_ptr<Input>(new Input());
  input->bytes_ = std::move(bytes);
  RONDOM_TRY(input->build(name, options, known));
  return input;
}

Status Input::build(const std::string& name, const ReadOptions& options,
                    const std::optional<Detected>& known) {
  raw_ = std::make_unique<PeekBytes>(*bytes_);
  const std::string_view head = raw_->peek(32);
  if (const std::string_view what = unreadable_container(head); !what.empty()) {
    return {Code::config, name + " is " + std::string(what) +
                              ", which is not read here; export it as CSV or JSON lines."};
  }
  const Compression compression = detect_compression(head);
  compressed_ = compression != Compression::none;
  if (compressed_) unpacked_ = decompress(compression, *raw_, name);
  sampled_ = std::make_unique<PeekBytes>(compressed_ ? *unpacked_ : *raw_);
  const std::string_view sample = sampled_->peek(sample_bytes);
  const bool cut = sample.size() == sample_bytes;
  if (sample.starts_with(std::string_view("\xFF\xFE\0\0", 4))) {
    return {Code::config, name + " is UTF-32, which is not read here; save it as UTF-8."};
  }

  const bool is_json = options.format == Format::json || options.format == Format::json_lines ||
                       is_json_extension(name_parts(name).extension) ||
                       detect_format("", sample) != Format::csv;
  detected_.encoding = options.encoding ? *options.encoding
                       : known          ? known->encoding
                                        : detect_encoding(sample, cut, is_json);
  std::string transcoded;
  std::string_view text = sample;
  if (detected_.encoding != Encoding::utf_8) {
    transcoded = transcode_text(detected_.encoding, sample);
    text = transcoded;
    text_ = transcode(detected_.encoding, *sampled_);
  }
  detected_.format = options.format;
  if (detected_.format == Format::automatic) {
    detected_.format = known ? known->format : detect_format(name, text);
  }
  detected_.delimiter = options.delimiter;
  if (!detected_.delimiter && known) detected_.delimiter = known->delimiter;
  if (!detected_.delimiter && name_parts(name).extension == "tsv") detected_.delimiter = '\t';

  window_ = std::make_unique<Window>(text_ ? *text_ : *sampled_);
  while (window_->size() < 3 && window_->more()) continue;
  const std::size_t mark = byte_order_mark(window_->view());
  window_->consume(mark);
  return build_reader(name, options, text.substr(byte_order_mark(text)), cut);
}

Status Input::build_reader(const std::string& name, const ReadOptions& options,
                           std::string_view sample, bool cut) {
  const bool last_line_counts = options.mode == Mode::full || compressed_ || options.complete;
  if (detected_.format == Format::json_lines) {
    reader_ = make_json_lines_reader(*window_, last_line_counts);
    return {};
  }
  if (detected_.format == Format::json) {
    if (options.mode == Mode::append) {
      return {Code::config, name + " is JSON that is no JSON lines; mode: append needs lines."};
    }
    reader_ = make_json_reader(*window_, name);
    return {};
  }
  CsvOptions csv;
  csv.dialect = detect_dialect(sample, cut, detected_.delimiter, options.quote);
  detected_.delimiter = csv.dialect.delimiter;
  csv.header = options.header;
  csv.columns = options.columns;
  csv.null_values = options.null_values;
  csv.accept_ragged = options.accept_ragged;
  csv.last_row_counts = last_line_counts;
  Result<std::unique_ptr<RecordReader>> made = make_csv_reader(*window_, csv, name, warnings_);
  if (!made.ok()) return made.error();
  reader_ = std::move(*made);
  return {};
}

Status Input::resume(const Position& at) {
  if (at.offset <= reader_->position().offset) return {};
  return reader_->resume(at);
}

}  // namespace rondom::file
