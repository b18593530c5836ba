#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

#include <unordered_map>
#include <utility>

#include "byte_sink.h"
#include "file_list.h"
#include "input.h"
#include "json_members.h"
#include "lines.h"
#include "output.h"

namespace rondom::file {

namespace {

constexpr std::size_t name_bytes_max = 100;

std::string safe_name(std::string_view text) {
  std::string out;
  for (const char c : text.substr(0, name_bytes_max)) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                       c == '-' || c == '_' || c == '.' || static_cast<unsigned char>(c) >= 0x80;
    out += plain ? c : '_';
  }
  if (out.empty() || out[0] == '.') out.insert(0, "_");
  return out;
}

std::string base_name(const WriteOptions& options, std::string_view session) {
  // The engine names sessions after their job.
  if (options.name.empty()) return safe_name(session);
  return safe_name(options.name) + "-" + safe_name(session);
}

std::string extension(const WriteOptions& options) {
  return (options.format == Format::csv ? ".csv" : ".jsonl") +
         std::string(extension_of(options.compression));
}

bool exists(const std::string& path) {
  struct stat status {};
  return ::lstat(path.c_str(), &status) == 0;
}

Result<std::size_t> first_free_part(const std::string& folder, const WriteOptions& options,
                                    std::string_view session) {
  for (std::size_t part = 1; part <= parts_max; ++part) {
    if (!exists(change_path(folder, options, session, part))) return part;
  }
  return Failure{Code::unavailable, "The session has too many files in " + folder + "."};
}

/// How existing output is read back.
ReadOptions reading_options(const WriteOptions& options) {
  ReadOptions reading;
  reading.format = options.format;
  reading.encoding = Encoding::utf_8;
  reading.delimiter = options.delimiter;
  return reading;
}

/// A temporary file and what packs into it.
struct Target {
  std::unique_ptr<TemporaryFile> file;
  std::unique_ptr<ByteSink> packed;
  ByteSink& sink() { return packed != nullptr ? *packed : *file; }
};

class ChangeOutput final : public Output {
 public:
  ChangeOutput(std::string folder, const WriteOptions& options, std::string_view session,
               std::size_t part)
      : folder_(std::move(folder)),
        options_(options),
        session_(session),
        part_(part),
        columns_(options.columns) {}

  Status write(const std::vector<WriteRecord>& records) override {
    if (target_.file == nullptr) RONDOM_TRY(open());
    std::string text;
    for (const WriteRecord& record : records) {
      line_.clear();
      RONDOM_TRY(append_change_line(line_, record));
      if (csv()) RONDOM_TRY(columns_.add(line_));
      if (csv() && !collects_columns()) {
        columns_.append_row(text, line_, options_.delimiter, options_.formulas);
      } else {
        text += line_;
      }
    }
    return target_.sink().write(text);
  }

  Status flush() override {
    if (target_.file == nullptr) return {};
    if (collects_columns()) RONDOM_TRY(convert());
    RONDOM_TRY(target_.sink().finish());
    RONDOM_TRY(target_.file->publish(change_path(folder_, options_, session_, part_)));
    target_ = {};
    return {};
  }

 private:
  bool csv() const { return options_.format == Format::csv; }
  /// The header comes first, so the lines wait as JSON until all names are known.
  bool collects_columns() const { return csv() && options_.columns.empty(); }

  Status create(const char* purpose, Compression compression) {
    auto file = TemporaryFile::create(hidden_path(folder_, options_, session_, purpose));
    if (!file.ok()) return file.error();
    target_.file = std::move(*file);
    target_.packed = compress_into(compression, *target_.file);
    return {};
  }

  Status open() {
    if (collects_columns()) return create(".lines", Compression::none);
    RONDOM_TRY(create(".tmp", options_.compression));
    if (!csv()) return {};
    std::string header;
    columns_.append_header(header, options_.delimiter);
    return target_.sink().write(header);
  }

  Status convert() {
    Target lines = std::move(target_);
    target_ = {};
    RONDOM_TRY(lines.file->flush());
    RONDOM_TRY(create(".tmp", options_.compression));
    DescriptorBytes bytes(lines.file->descriptor(), false, lines.file->path());
    bytes.seek(0);
    Window window(bytes);
    const auto reader = make_json_lines_reader(window, true);
    std::string text;
    columns_.append_header(text, options_.delimiter);
    Record record;
    Step step = Step::end;
    while ((step = reader->next(record)) == Step::record) {
      columns_.append_row(text, record.json, options_.delimiter, options_.formulas);
      if (text.size() < write_buffer_bytes) continue;
      RONDOM_TRY(target_.sink().write(text));
      text.clear();
    }
    if (step == Step::failed) return reader->failure().error();
    return target_.sink().write(text);
  }

  const std::string folder_;
  const WriteOptions options_;
  const std::string session_;
  const std::size_t part_;
  Columns columns_;
  Target target_;
  std::string line_;
};

class StreamOutput final : public Output {
 public:
  StreamOutput(int descriptor, const WriteOptions& options)
      : descriptor_(descriptor), options_(options), columns_(options.columns) {}

  Status write(const std::vector<WriteRecord>& records) override {
    const bool csv = options_.format == Format::csv;
    std::string text;
    if (csv && !header_written_) columns_.append_header(text, options_.delimiter);
    for (const WriteRecord& record : records) {
      line_.clear();
      RONDOM_TRY(append_change_line(line_, record));
      if (csv) {
        RONDOM_TRY(columns_.add(line_));
        columns_.append_row(text, line_, options_.delimiter, options_.formulas);
      } else {
        text += line_;
      }
    }
    header_written_ = true;
    return write_all(descriptor_, text, "Standard output");
  }
  Status flush() override { return {}; }
  bool lasting() const override { return true; }

 private:
  const int descriptor_;
  const WriteOptions options_;
  Columns columns_;
  bool header_written_ = false;
  std::string line_;
};

/// Marks what of `wanted` stands in one file.
Status scan_part(const std::string& path, const WriteOptions& options,
                 const std::unordered_map<std::string, std::size_t>& wanted,
                 std::vector<bool>& found) {
  FoundFile file;
  file.name = file.path = path;
  Result<int> descriptor = open_file(file);
  if (!descriptor.ok()) return descriptor.error();
  Result<std::unique_ptr<Input>> input = Input::open(
      std::make_unique<DescriptorBytes>(*descriptor, true, path), path, reading_options(options));
  if (!input.ok()) return input.error();
  Record record;
  Step step = Step::end;
  while ((step = (*input)->reader().next(record)) == Step::record) {
    JsonMembers members(record.json);
    if (!record.problem.empty() || !members.next() || members.name() != "\"operation_id\"")
      continue;
    const auto at = wanted.find(unquote_json(members.value()));
    if (at != wanted.end()) found[at->second] = true;
  }
  return step == Step::failed ? Status((*input)->reader().failure().error()) : Status();
}

}  // namespace

std::string change_path(const std::string& folder, const WriteOptions& options,
                        std::string_view session, std::size_t part) {
  std::string path = folder + "/" + base_name(options, session);
  if (part > 1) path += "-" + std::to_string(part);
  return path + extension(options);
}

std::string hidden_path(const std::string& folder, const WriteOptions& options,
                        std::string_view session, std::string_view purpose) {
  return folder + "/." + base_name(options, session) + std::string(purpose);
}

std::string snapshot_path(const std::string& folder, const WriteOptions& options) {
  return folder + "/" + safe_name(options.name) + extension(options);
}

Result<std::unique_ptr<Output>> make_change_output(const std::string& folder,
                                                   const WriteOptions& options,
                                                   std::string_view session) {
  const Result<std::size_t> part = first_free_part(folder, options, session);
  if (!part.ok()) return part.error();
  return std::unique_ptr<Output>(std::make_unique<ChangeOutput>(folder, options, session, *part));
}

std::unique_ptr<Output> make_stream_output(int descriptor, const WriteOptions& options) {
  return std::make_unique<StreamOutput>(descriptor, options);
}

Result<std::vector<bool>> find_operations(const std::string& folder, const WriteOptions& options,
                                          std::string_view session,
                                          const std::vector<WriteRecord>& records) {
  std::unordered_map<std::string, std::size_t> wanted;
  for (std::size_t i = 0; i < records.size(); ++i) {
    wanted.emplace(records[i].operation_id, i);
  }
  std::vector<bool> found(records.size(), false);
  for (std::size_t part = 1; part <= parts_max; ++part) {
    const std::string path = change_path(folder, options, session, part);
    if (!exists(path)) break;
    RONDOM_TRY(scan_part(path, options, wanted, found));
  }
  // What never got its name was not delivered.
  ::unlink(hidden_path(folder, options, session, ".tmp").c_str());
  ::unlink(hidden_path(folder, options, session, ".lines").c_str());
  return found;
}

}  // namespace rondom::file
