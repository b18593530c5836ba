#include "read_stream.h"

#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <utility>

namespace rondom::file {

namespace {

constexpr std::uint64_t cancel_check_records = 1'000;

std::string fingerprint_of(const std::vector<FoundFile>& files, const std::string& options_json) {
  std::uint64_t hash = hash_bytes(options_json);
  for (const FoundFile& file : files) {
    hash = hash_bytes(file.name, hash);
    hash = hash_bytes(
        "/" + std::to_string(file.size) + "/" + std::to_string(file.modified_ns) + "/", hash);
  }
  return to_hex(hash);
}

std::uint64_t count_of(const std::string& generation) {
  const std::size_t dot = generation.rfind('.');
  if (dot == std::string::npos) return 0;
  std::uint64_t count = 0;
  std::from_chars(generation.data() + dot + 1, generation.data() + generation.size(), count);
  return count;
}

bool belongs_to(const std::string& generation, const std::string& fingerprint) {
  return generation.starts_with(fingerprint + ".");
}

/// Hash of the first bytes of a file, without moving its read position.
std::uint64_t hash_head(int descriptor, std::uint64_t bytes) {
  std::string head(static_cast<std::size_t>(std::min<std::uint64_t>(bytes, head_bytes_max)), '\0');
  const ssize_t got = ::pread(descriptor, head.data(), head.size(), 0);
  head.resize(got < 0 ? 0 : static_cast<std::size_t>(got));
  return hash_bytes(head);
}

/// Where `file` was left: under its name, or under an earlier name when it was renamed (log
/// rotation).
FileState take_state(std::vector<FileState>& known, const FoundFile& file, int descriptor) {
  const auto fits = [&](const FileState& state) {
    return state.size <= file.size && hash_head(descriptor, state.head_bytes) == state.head_hash;
  };
  const auto take = [&](std::vector<FileState>::iterator at) {
    FileState state = std::move(*at);
    known.erase(at);
    return state;
  };
  const auto by_name = std::find_if(
      known.begin(), known.end(), [&](const FileState& state) { return state.name == file.name; });
  if (by_name != known.end() && fits(*by_name)) return take(by_name);
  const auto by_inode = std::find_if(known.begin(), known.end(), [&](const FileState& state) {
    return state.inode == file.inode && state.head_bytes > 0;
  });
  if (by_inode != known.end() && fits(*by_inode)) return take(by_inode);
  return {};
}

}  // namespace

StreamRead::StreamRead(const std::string& folder, const ReadStream& stream, ReadOptions options,
                       std::uint64_t records_max, const Context& context, RecordWriter& out)
    : folder_(folder),
      stream_(stream),
      options_(std::move(options)),
      records_max_(records_max),
      context_(context),
      out_(out) {}

Status StreamRead::run() {
  RONDOM_TRY(out_.stream(stream_.name));
  if (options_.path == "-") return read_standard_input();
  return options_.mode == Mode::full ? read_full() : read_append();
}

std::string StreamRead::next_generation(const std::string& fingerprint) const {
  const std::uint64_t last = std::max(count_of(full_.generation), count_of(stream_.generation));
  return fingerprint + "." + std::to_string(last + 1);
}

Result<std::vector<FoundFile>> StreamRead::find() {
  Result<std::vector<FoundFile>> found = find_files(folder_, options_.path);
  if (!found.ok()) return found;
  if (options_.default_path) {
    std::erase_if(*found, [](const FoundFile& file) {
      return !is_data_extension(name_parts(file.name).extension);
    });
    if (found->size() > 1) {
      return Failure{Code::config, "Both " + found->front().name + " and " + found->back().name +
                                       " could be the stream " + stream_.name +
                                       "; say path: in its options."};
    }
  }
  const bool may_be_none = options_.mode == Mode::append && !options_.default_path;
  if (found->empty() && !may_be_none) {
    return Failure{Code::unavailable, "No file matches " + options_.path +
                                          (folder_ == "." ? "" : " in " + folder_) + "."};
  }
  if (options_.newest_only && found->size() > 1) found->erase(found->begin(), found->end() - 1);
  return found;
}

Status StreamRead::checkpoint(const Position& at) {
  if (preview()) return {};
  if (appending_ != nullptr) {
    appending_->at = at;
    return out_.checkpoint(stream_.name, to_json(append_));
  }
  full_.at = at;
  return out_.checkpoint(stream_.name, to_json(full_));
}

Status StreamRead::fail_after_checkpoint(const Status& failure, const Position& at) {
  RONDOM_TRY(checkpoint(at));
  RONDOM_TRY(out_.flush());
  return failure.error();
}

Status StreamRead::push_records(Input& input, const std::string& origin) {
  RONDOM_TRY(out_.origin(origin));
  for (const std::string& warning : input.warnings()) context_.log(LogLevel::warning, warning);
  RecordReader& reader = input.reader();
  std::uint64_t last_offset = reader.position().offset;
  std::uint64_t since_checkpoint = 0;
  Record record;
  while (!preview_full()) {
    const Step step = reader.next(record);
    if (step == Step::failed) return fail_after_checkpoint(reader.failure(), reader.position());
    if (step == Step::end) break;
    if (record.problem.empty()) {
      RecordFacts facts;
      facts.position = record.line;
      RONDOM_TRY(out_.json(record.json, facts));
    } else {
      RONDOM_TRY(out_.unreadable(record.problem, record.json, record.line));
    }
    ++pushed_;
    ++since_checkpoint;
    if (since_checkpoint % cancel_check_records == 0 && context_.cancelled()) {
      return fail_after_checkpoint({Code::cancelled, "The read was stopped."}, reader.position());
    }
    const std::uint64_t offset = reader.position().offset;
    if (since_checkpoint >= checkpoint_records || offset - last_offset >= checkpoint_bytes) {
      RONDOM_TRY(checkpoint(reader.position()));
      since_checkpoint = 0;
      last_offset = offset;
    }
  }
  return checkpoint(reader.position());
}

/// Tells the host that we live although nothing is pushed, and hears whether to stop.
DescriptorBytes::OnWait StreamRead::on_wait() const {
  return [this]() -> Status {
    const Status slept = context_.sleep_ms(1);
    if (slept.ok() || slept.code() == Code::unsupported) return {};
    return slept.error();
  };
}

Status StreamRead::read_standard_input() {
  const int descriptor = context_.standard_streams().input;
  if (descriptor < 0) {
    return {Code::config,
            "Standard input was not given to this run; path: \"-\" needs a terminal "
            "or a pipe, not a schedule."};
  }
  full_ = read_full_state(stream_.state_json);
  full_ = {next_generation("stdin"), "stdin", {}, false};
  const bool refresh = options_.mode == Mode::full && !preview();
  if (refresh) RONDOM_TRY(out_.refresh_begin(stream_.name, full_.generation));
  ReadOptions options = options_;
  options.complete = true;  // a pipe that has ended does not grow
  Result<std::unique_ptr<Input>> input =
      Input::open(std::make_unique<DescriptorBytes>(descriptor, false, "Standard input", on_wait()),
                  "stdin", options);
  if (!input.ok()) return input.error();
  RONDOM_TRY(push_records(**input, "stdin"));
  return refresh ? finish_refresh() : Status();
}

Status StreamRead::finish_refresh() {
  RONDOM_TRY(out_.refresh_complete(stream_.name));
  full_.done = true;
  return out_.checkpoint(stream_.name, to_json(full_));
}

Status StreamRead::read_full() {
  Result<std::vector<FoundFile>> files = find();
  if (!files.ok()) return files.error();
  const std::string fingerprint = fingerprint_of(*files, stream_.options_json);
  full_ = read_full_state(stream_.state_json);
  const bool resumed = !full_.done && !full_.file.empty() &&
                       full_.generation == stream_.generation &&
                       belongs_to(full_.generation, fingerprint) && !preview();
  if (!resumed) full_ = {next_generation(fingerprint), "", {}, false};
  auto file = files->begin();
  if (resumed) {
    file = std::find_if(files->begin(), files->end(),
                        [&](const FoundFile& found) { return found.name == full_.file; });
  }
  if (!preview()) RONDOM_TRY(out_.refresh_begin(stream_.name, full_.generation));
  for (bool first = resumed; file != files->end() && !preview_full(); ++file, first = false) {
    RONDOM_TRY(read_full_file(*file, first));
  }
  return preview() ? Status() : finish_refresh();
}

Status StreamRead::read_full_file(const FoundFile& file, bool resumed) {
  Result<int> descriptor = open_file(file);
  if (!descriptor.ok()) return descriptor.error();
  auto bytes = std::make_unique<DescriptorBytes>(*descriptor, true, file.name, on_wait());
  const auto unchanged = [&]() -> Status {
    Result<FoundFile> now = examine(*descriptor, file);
    if (!now.ok()) return now.error();
    if (now->same_content_as(file)) return {};
    return {Code::transient,
            file.name + " was changed while it was read; the refresh begins anew next time."};
  };
  RONDOM_TRY(unchanged());
  Result<std::unique_ptr<Input>> input = Input::open(std::move(bytes), file.name, options_);
  if (!input.ok()) return input.error();
  if (resumed) {
    RONDOM_TRY((*input)->resume(full_.at));
  }
  full_.file = file.name;
  RONDOM_TRY(push_records(**input, file.name));
  return unchanged();
}

Status StreamRead::read_append() {
  Result<std::vector<FoundFile>> files = find();
  if (!files.ok()) return files.error();
  if (files->size() > append_files_max) {
    return {Code::config, options_.path + " matches " + std::to_string(files->size()) +
                              " files; at most " + std::to_string(append_files_max) +
                              " can be followed in mode: append."};
  }
  std::vector<FileState> known = read_append_state(stream_.state_json).files;
  // Places of all files are settled first, so that a checkpoint never forgets a file not reached
  // yet.
  for (const FoundFile& file : *files) {
    Result<int> descriptor = open_file(file);
    if (!descriptor.ok()) return descriptor.error();
    const bool named = std::any_of(known.begin(), known.end(),
                                   [&](const FileState& state) { return state.name == file.name; });
    FileState state = take_state(known, file, *descriptor);
    ::close(*descriptor);
    if (named && state.name.empty()) {
      context_.log(LogLevel::info, file.name +
                                       " is another file than last time; it is read from "
                                       "its start.");
    }
    state.name = file.name;
    append_.files.push_back(std::move(state));
  }
  for (std::size_t i = 0; i < files->size() && !preview_full(); ++i) {
    RONDOM_TRY(read_appended((*files)[i], append_.files[i], false));
  }
  appending_ = nullptr;
  return preview() ? Status() : out_.checkpoint(stream_.name, to_json(append_));
}

Status StreamRead::read_appended(const FoundFile& file, FileState& state, bool restarted) {
  // A last line that was left may have become a record by `complete`.
  const bool nothing_new =
      state.inode == file.inode && state.size == file.size && !options_.complete && !preview();
  if (nothing_new) return {};
  Result<int> descriptor = open_file(file);
  if (!descriptor.ok()) return descriptor.error();
  auto bytes = std::make_unique<DescriptorBytes>(*descriptor, true, file.name, on_wait());
  Result<FoundFile> now = examine(*descriptor, file);
  if (!now.ok()) return now.error();
  const std::uint64_t head_bytes = std::min<std::uint64_t>(now->size, head_bytes_max);
  const std::uint64_t head_hash = hash_head(*descriptor, head_bytes);

  // What was found out from a file without a whole line was a guess.
  const std::optional<Detected> detected =
      state.at.line > 1 ? state.detected : std::optional<Detected>();
  Result<std::unique_ptr<Input>> input =
      Input::open(std::move(bytes), file.name, options_, detected);
  if (!input.ok()) return input.error();
  const Status resumed = (*input)->resume(state.at);
  if (resumed.code() == Code::state && !restarted) {
    context_.log(LogLevel::warning, file.name +
                                        " is shorter than what was read of it; it is read "
                                        "from its start.");
    state = FileState();
    state.name = file.name;
    return read_appended(file, state, true);
  }
  if (!resumed.ok()) return resumed.error();
  state.inode = now->inode;
  state.head_bytes = head_bytes;
  state.head_hash = head_hash;
  state.detected = (*input)->detected();
  appending_ = &state;
  RONDOM_TRY(push_records(**input, file.name));
  state.size = now->size;
  return {};
}

}  // namespace rondom::file
