#include "destination.h"

#include <errno.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <functional>

#include "files.h"

namespace rondom::audience_manager {
namespace {

constexpr std::string_view id_field = "user_id";
constexpr std::int64_t android_ids = 20914;
constexpr std::int64_t ios_ids = 20915;
constexpr std::int64_t first_ten_digit_second = 1'000'000'000;
constexpr std::int64_t last_ten_digit_second = 9'999'999'999;
constexpr std::size_t session_name_bytes_max = 100;

Status check_folder(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_directory(path, error)) {
    return {Code::unavailable, "The folder " + path + " does not exist."};
  }
  if (::access(path.c_str(), W_OK | X_OK) != 0)
    return file_failure("The folder " + path, "written", errno);
  return {};
}

std::uint64_t hash_of(std::string_view id) {
  return std::hash<std::string_view>()(id);
}

Status check_options(const JobOptions& options) {
  const bool packed = options.compression == "gzip";
  if (options.data_source == android_ids || options.data_source == ios_ids) {
    return {Code::config,
            "\"data_source\" 20914 and 20915 mean device ids, which are not written."};
  }
  if (options.trait.empty()) return {Code::config, "\"trait\" names no trait."};
  if (options.trait.size() > traits_max) {
    return {Code::config, "\"trait\" names over " + std::to_string(traits_max) + " traits."};
  }
  std::vector<std::int64_t> sorted = options.trait;
  std::sort(sorted.begin(), sorted.end());
  if (sorted.front() < 1) return {Code::config, "\"trait\" must hold positive numbers."};
  if (std::adjacent_find(sorted.begin(), sorted.end()) != sorted.end())
    return {Code::config, "\"trait\" names a trait twice."};
  if (packed && options.split_megabytes > packed_megabytes_max) {
    return {Code::config, "\"split_megabytes\" is at most " + std::to_string(packed_megabytes_max) +
                              " with compression: gzip."};
  }
  return {};
}

std::string safe_name(std::string_view session) {
  std::string out;
  for (const char c : session.substr(0, session_name_bytes_max)) {
    const bool plain =
        (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-';
    out += plain ? c : '_';
  }
  return out;
}

/// Removes what an earlier process left of the same session; there may be more parts than now come.
void remove_leftovers(const std::string& folder, const std::string& start) {
  std::error_code error;
  std::filesystem::directory_iterator at(folder, error);
  std::vector<std::filesystem::path> left;
  for (; !error && at != std::filesystem::directory_iterator(); at.increment(error)) {
    if (at->path().filename().string().starts_with(start)) left.push_back(at->path());
  }
  for (const std::filesystem::path& path : left) std::filesystem::remove(path, error);
}

/// The keys of pairs are the job's: one that cannot be written stops it.
Status check_keys(const JobOptions& options, const Json& fields) {
  for (const auto& [name, value] : fields.members()) {
    if (name == id_field) continue;
    if (options.mode == "overwrite") {
      return {Code::config, "The map holds \"" + name +
                                "\": mode: overwrite replaces all that is known of a user, so it "
                                "takes traits alone. Use mode: sync for keys and values."};
    }
    if (const std::string_view problem = key_problem(name); !problem.empty()) {
      return {Code::config, "The field \"" + name + "\" of the map " + std::string(problem) + "."};
    }
  }
  return {};
}

}  // namespace

Status Inbound::check() {
  return check_folder(config_.path);
}

Result<Inbound::Output> Inbound::open(const WriteBatch& batch, std::size_t number) const {
  Result<JobOptions> options =
      job_options.parse(batch.options_json.empty() ? "{}" : batch.options_json);
  if (!options.ok()) return options.error();
  RONDOM_TRY(check_options(*options));
  std::error_code error;
  std::filesystem::create_directories(config_.path, error);
  if (error) return file_failure("The folder " + config_.path, "made", error.value());
  Output output;
  output.naming = {options->data_source, options->target, options->compression == "gzip"};
  output.kind = options->id == "crm_id" ? IdKind::crm_id : IdKind::email_sha256;
  const std::int64_t megabytes = options->split_megabytes != 0 ? options->split_megabytes
                                 : output.naming.packed        ? packed_optimal_megabytes
                                                               : plain_optimal_megabytes;
  output.split_bytes = static_cast<std::uint64_t>(megabytes * megabyte_bytes);
  const std::string hidden =
      "." + output.naming.stem() + "-" + safe_name(batch.session) + "-" + std::to_string(number);
  remove_leftovers(config_.path, hidden + ".");
  output.temporary = config_.path + "/" + hidden;
  output.members.overwrite = options->mode == "overwrite";
  output.options = std::move(*options);
  return output;
}

Status Inbound::add_line(Output& output, Series& series, std::string_view line) const {
  const bool full = !series.parts.empty() &&
                    series.parts.back()->stored_bytes() + line.size() > output.split_bytes;
  if (full) RONDOM_TRY(series.parts.back()->finish());
  if (full || series.parts.empty()) {
    Result<std::unique_ptr<Part>> part =
        Part::create(output.temporary + (series.overwrite ? ".overwrite." : ".sync.") +
                         (&series == &output.leavers ? "out." : "in.") +
                         std::to_string(series.parts.size() + 1) + ".tmp",
                     output.naming.packed);
    if (!part.ok()) return part.error();
    series.parts.push_back(std::move(*part));
  }
  return series.parts.back()->write(line);
}

/// Out of the traits. d_unsid means nothing in an overwrite file, so it goes into one for sync.
Status Inbound::leave(Output& output, std::string_view id, const One& one) {
  if (const std::string_view problem = user_id_problem(output.kind, id); !problem.empty()) {
    one.results.rejected(one.index, problem);
    return {};
  }
  const bool first =
      output.seen.size() >= seen_ids_max || output.seen.emplace(hash_of(id), false).second;
  if (!first) return {};  // somebody else has this id and is a member, or it is out already
  std::string line(id);
  line += '\t';
  append_traits(line, false, output.options.trait);
  line += '\n';
  Series& series = output.members.overwrite ? output.leavers : output.members;
  return add_line(output, series, line);
}

Status Inbound::upsert(Output& output, const One& one) {
  const Result<Json> fields = parse_json(one.record.json);
  if (!fields.ok()) return fields.error();
  RONDOM_TRY(check_keys(output.options, *fields));
  const Json* given = fields->find(id_field);
  const std::string before(one.record.remote_id);
  std::string id = before;  // an update brings only what changed
  if (given != nullptr) {
    id = given->is_integer() ? std::to_string(given->as_integer()) : given->as_text();
  }
  if (id.empty() && !before.empty()) {
    // Not accepted: later updates would leave user_id out and bring the old one back in.
    RONDOM_TRY(leave(output, before, one));
    one.results.rejected(one.index, "There is no user_id any more; the old one left the traits.");
    return {};
  }
  if (const std::string_view problem = user_id_problem(output.kind, id); !problem.empty()) {
    one.results.rejected(one.index, problem);
    return {};
  }
  std::string line = id + '\t';
  append_traits(line, true, output.options.trait);
  for (const auto& [name, value] : fields->members()) {
    if (name == id_field) continue;
    if (const std::string_view problem = append_pairs(line, name, value); !problem.empty()) {
      one.results.rejected(one.index, std::string(problem) + " Field: " + name + ".");
      return {};
    }
  }
  line += '\n';
  if (line.size() > line_bytes_max) {
    one.results.rejected(one.index, "The line would be larger than 1 MiB.");
    return {};
  }
  if (output.seen.size() < seen_ids_max) {
    const auto [seen, first] = output.seen.emplace(hash_of(id), true);
    if (!first && seen->second) {
      one.results.rejected(one.index, "Another profile of this delivery has the same user_id.");
      return {};
    }
    if (!first) {
      one.results.retry(one.index, "The same user_id left in this file; it goes into the next.");
      return {};
    }
  }
  if (!before.empty() && before != id) RONDOM_TRY(leave(output, before, one));
  RONDOM_TRY(add_line(output, output.members, line));
  one.results.accepted(one.index, id);
  return {};
}

Status Inbound::prepare(const WriteBatch& batch, Output*& output) {
  Session& session = sessions_[std::string(batch.session)];
  if (!session.failure.ok()) return session.failure.error();
  const std::string name(batch.options_json);
  auto found = session.outputs.find(name);
  if (found == session.outputs.end()) {
    Result<Output> opened = open(batch, session.outputs.size());
    if (!opened.ok()) return opened.error();
    found = session.outputs.emplace(name, std::move(*opened)).first;
  }
  output = &found->second;
  return {};
}

Status Inbound::write(const WriteBatch& batch, WriteResults& results) {
  Output* output = nullptr;
  Status status = prepare(batch, output);
  for (std::size_t i = 0; status.ok() && i < batch.records.size(); ++i) {
    const WriteRecord& record = batch.records[i];
    const One one{record, i, results};
    if (record.operation == Operation::upsert) {
      status = upsert(*output, one);
    } else if (!record.remote_id.empty()) {
      status = leave(*output, record.remote_id, one);
    }
  }
  if (status.ok()) return {};
  // Nothing of this session will get its name, so all of it is sent again.
  Session& session = sessions_[std::string(batch.session)];
  session.failure = Status(status.error());
  session.outputs.clear();
  for (std::size_t i = 0; i < batch.records.size(); ++i) results.retry(i, status.error().message);
  return status;
}

Status Inbound::publish(Output& output, Series& series) const {
  if (series.parts.empty()) return {};
  for (const std::unique_ptr<Part>& part : series.parts) RONDOM_TRY(part->finish());
  const Result<std::int64_t> last = last_second(config_.path, output.naming);
  if (!last.ok()) return last.error();
  std::int64_t second = std::max(context_.now_us() / 1'000'000, *last + 1);
  if (second < first_ten_digit_second || second > last_ten_digit_second) {
    return {Code::unavailable, "The clock, or a file in " + config_.path +
                                   ", has a time that is no Unix time of ten digits."};
  }
  const bool split = series.parts.size() > 1;
  for (std::size_t i = 0; i < series.parts.size(); ++i) {
    for (int tried = 0;; ++tried, ++second) {
      if (i == 0) RONDOM_TRY(remember_second(config_.path, output.naming, second));
      const std::string name = output.naming.name(second, series.overwrite, split ? i + 1 : 0);
      const Result<bool> done = series.parts[i]->publish(config_.path + "/" + name);
      if (!done.ok()) return done.error();
      if (*done) break;
      // Another job took the second in between; parts of one file cannot part.
      if (i > 0 || tried >= seconds_tried_max) {
        return {Code::transient, "The name " + name + " is taken by another job."};
      }
    }
  }
  return {};
}

Status Inbound::flush(std::string_view session_id) {
  const auto at = sessions_.find(session_id);
  if (at == sessions_.end()) return {};
  Session session = std::move(at->second);
  sessions_.erase(at);
  if (!session.failure.ok()) return session.failure.error();
  for (auto& [name, output] : session.outputs) {
    // Who is out comes first: nothing that fails later may keep them in.
    RONDOM_TRY(publish(output, output.leavers));
    RONDOM_TRY(publish(output, output.members));
  }
  return {};
}

Status Inbound::look_up(const WriteBatch& batch, WriteResults& results) {
  // Files get carried away, so what was published cannot be looked up; but it can be said again.
  sessions_.erase(std::string(batch.session));
  for (std::size_t i = 0; i < batch.records.size(); ++i) {
    results.retry(i, "Saying it again in another file changes nothing.");
  }
  return {};
}

}  // namespace rondom::audience_manager
