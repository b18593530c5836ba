#include "destination.h"

#include <errno.h>
#include <unistd.h>

#include <filesystem>
#include <utility>

#include "file_list.h"

namespace rondom::file {

Status FileDestination::check() {
  RONDOM_TRY(check_folder(config_.path));
  if (::access(config_.path.c_str(), W_OK) != 0) {
    return file_failure("The folder " + config_.path, "written", errno);
  }
  return {};
}

/// The folder that `path:` means, made when it is not there.
Result<std::string> FileDestination::folder_of(const WriteOptions& options) const {
  std::string folder = options.path;
  if (!folder.starts_with('/') && config_.path != ".") {
    folder = folder == "." ? config_.path : config_.path + "/" + folder;
  }
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return file_failure("The folder " + folder, "made", error.value());
  return folder;
}

Result<std::unique_ptr<Output>> FileDestination::open(const WriteBatch& batch) const {
  const Result<WriteOptions> options = parse_write_options(batch.stream, batch.options_json);
  if (!options.ok()) return options.error();
  if (options->path == "-") {
    const int descriptor = context_.standard_streams().output;
    if (descriptor < 0) {
      return Failure{Code::config,
                     "Standard output was not given to this run; path: \"-\" needs a "
                     "terminal or a pipe, not a schedule."};
    }
    return make_stream_output(descriptor, *options);
  }
  const Result<std::string> folder = folder_of(*options);
  if (!folder.ok()) return folder.error();
  if (options->snapshot) return make_snapshot_output(*folder, *options, batch.session, context_);
  return make_change_output(*folder, *options, batch.session);
}

Status FileDestination::write(const WriteBatch& batch, WriteResults& /*results*/) {
  Session& session = sessions_[std::string(batch.session)];
  if (!session.failure.ok()) return session.failure.error();
  std::string name(batch.stream);
  name += '\n';
  name += batch.options_json;
  std::unique_ptr<Output>& output = session.outputs[name];
  if (output == nullptr) {
    Result<std::unique_ptr<Output>> opened = open(batch);
    if (!opened.ok()) {
      session.outputs.erase(name);
      return opened.error();
    }
    output = std::move(*opened);
  }
  Status status = output->write(batch.records);
  if (status.ok()) return {};
  session.failure = Status(status.error());
  session.outputs.clear();
  return status;
}

Status FileDestination::flush(std::string_view session_id) {
  const auto at = sessions_.find(session_id);
  if (at == sessions_.end()) return {};
  Session session = std::move(at->second);
  sessions_.erase(at);
  if (!session.failure.ok()) return session.failure.error();
  for (auto& [name, output] : session.outputs) RONDOM_TRY(output->flush());
  std::erase_if(session.outputs, [](const auto& entry) { return !entry.second->lasting(); });
  if (!session.outputs.empty()) sessions_.emplace(session_id, std::move(session));
  return {};
}

Status FileDestination::look_up(const WriteBatch& batch, WriteResults& results) {
  const Result<WriteOptions> options = parse_write_options(batch.stream, batch.options_json);
  if (!options.ok()) return options.error();
  if (options->path == "-") {
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
      results.unknown(i, "What went to standard output cannot be looked up.");
    }
    return {};
  }
  // What this process has not published yet is either published now or gone.
  if (sessions_.find(batch.session) != sessions_.end()) {
    const Status flushed = flush(batch.session);
    if (!flushed.ok()) context_.log(LogLevel::warning, flushed.error().message);
  }
  const Result<std::string> folder = folder_of(*options);
  if (!folder.ok()) return folder.error();
  std::vector<bool> found(batch.records.size(), false);
  if (!options->snapshot) {
    Result<std::vector<bool>> scanned =
        find_operations(*folder, *options, batch.session, batch.records);
    if (!scanned.ok()) return scanned.error();
    found = std::move(*scanned);
  }
  for (std::size_t i = 0; i < found.size(); ++i) {
    if (found[i]) {
      results.accepted(i);
    } else {
      results.retry(i, options->snapshot ? "Applying it again to the snapshot changes nothing."
                                         : "It stands in no file of its session.");
    }
  }
  return {};
}

}  // namespace rondom::file
