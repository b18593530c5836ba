#include <errno.h>
#include <sys/stat.h>

#include <algorithm>
#include <utility>
#include <vector>

#include "byte_sink.h"
#include "file_list.h"
#include "input.h"
#include "json_members.h"
#include "output.h"
#include "sorted_changes.h"

namespace rondom::file {

namespace {

constexpr std::string_view key_name = "\"key\"";

/// Lines of the snapshot that is there, in order of key.
class PreviousSnapshot {
 public:
  /// A file that does not exist is an empty snapshot.
  Status open(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) {
      return errno == ENOENT ? Status() : Status(file_failure(path, "opened", errno));
    }
    path_ = path;
    FoundFile file;
    file.name = file.path = path;
    Result<int> descriptor = open_file(file);
    if (!descriptor.ok()) return descriptor.error();
    ReadOptions options;
    options.format = Format::json_lines;
    options.encoding = Encoding::utf_8;
    auto bytes = std::make_unique<DescriptorBytes>(*descriptor, true, path);
    Result<std::unique_ptr<Input>> input = Input::open(std::move(bytes), path, options);
    if (!input.ok()) return input.error();
    input_ = std::move(*input);
    return advance();
  }

  bool at_end() const { return input_ == nullptr; }
  const std::string& key() const { return key_; }
  std::string_view line() const { return record_.json; }

  Status advance() {
    const Step step = input_->reader().next(record_);
    if (step == Step::failed) return input_->reader().failure().error();
    if (step == Step::end) {
      input_.reset();
      return {};
    }
    JsonMembers members(record_.json);
    const bool readable = record_.problem.empty() && members.next() && members.name() == key_name;
    std::string key = readable ? unquote_json(members.value()) : std::string();
    if (!readable || (!first_ && key <= key_)) {
      return {Code::state, path_ + ", line " + std::to_string(record_.line) +
                               ", was not written by this connector; move the file away and "
                               "deliver everything again."};
    }
    first_ = false;
    key_ = std::move(key);
    return {};
  }

 private:
  std::string path_;
  std::unique_ptr<Input> input_;
  Record record_;
  std::string key_;
  bool first_ = true;
};

/// The fields of one key while its changes are applied; null takes a field away.
class Fields {
 public:
  void clear() { fields_.clear(); }
  void set_all(std::string_view object) {
    // Names are unique within an object: only what was there before has to be searched.
    const std::size_t before = fields_.size();
    for (JsonMembers members(object); members.next();) {
      if (members.name() != key_name) set(before, members.name(), members.value());
    }
    std::erase_if(fields_, [](const auto& field) { return field.second == "null"; });
  }
  void append_line(std::string& out, const std::string& key) const {
    out += "{\"key\":";
    append_json_string(out, key);
    for (const auto& [name, value] : fields_) {
      out += ',';
      out += name;
      out += ':';
      out += value;
    }
    out += "}\n";
  }

 private:
  void set(std::size_t before, std::string_view name, std::string_view json) {
    std::string value(json);
    std::erase_if(value, [](char c) { return c == '\n' || c == '\r'; });
    const auto end = fields_.begin() + static_cast<std::ptrdiff_t>(before);
    const auto field =
        std::find_if(fields_.begin(), end, [&](const auto& known) { return known.first == name; });
    if (field != end) {
      field->second = std::move(value);
    } else {
      fields_.emplace_back(name, std::move(value));
    }
  }

  std::vector<std::pair<std::string, std::string>> fields_;  // name and value as JSON text
};

class SnapshotOutput final : public Output {
 public:
  SnapshotOutput(const std::string& folder, const WriteOptions& options, std::string_view session,
                 const Context& context)
      : path_(snapshot_path(folder, options)),
        hidden_(hidden_path(folder, options, session, ".tmp")),
        compression_(options.compression),
        context_(context),
        changes_(hidden_path(folder, options, session, ".sort")) {}

  Status write(const std::vector<WriteRecord>& records) override {
    for (const WriteRecord& record : records) {
      Change change;
      change.key = record.key;
      change.kind = record.operation == Operation::remove ? Change::Kind::remove
                    : record.action == "create"           ? Change::Kind::create
                                                          : Change::Kind::update;
      if (change.kind != Change::Kind::remove) change.fields = record.json;
      if (record.json.find(key_name) != std::string_view::npos) {
        RONDOM_TRY(check_names(record.json));
      }
      RONDOM_TRY(changes_.add(std::move(change)));
    }
    return {};
  }

  Status flush() override {
    RONDOM_TRY(changes_.finish());
    PreviousSnapshot previous;
    RONDOM_TRY(previous.open(path_));
    auto file = TemporaryFile::create(hidden_);
    if (!file.ok()) return file.error();
    const auto packed = compress_into(compression_, **file);
    ByteSink& sink = packed != nullptr ? *packed : **file;
    RONDOM_TRY(merge(previous, sink));
    RONDOM_TRY(sink.finish());
    RONDOM_TRY((*file)->publish(path_));
    if (orphans_ > 0) {
      context_.log(LogLevel::warning,
                   std::to_string(orphans_) + " updates are for keys that " + path_ +
                       " does not hold; only their changed fields are in it now.");
    }
    return {};
  }

 private:
  static Status check_names(std::string_view json) {
    for (JsonMembers members(json); members.next();) {
      if (members.name() == key_name) {
        return {Code::config,
                "The map has a field named key, which the file destination writes "
                "itself; rename it."};
      }
    }
    return {};
  }

  Status merge(PreviousSnapshot& previous, ByteSink& sink) {
    Change change;
    bool has_change = changes_.next(change);
    std::string line;
    while (has_change || !previous.at_end()) {
      line.clear();
      if (!has_change || (!previous.at_end() && previous.key() < change.key)) {
        line = previous.line();
        line += '\n';
        RONDOM_TRY(previous.advance());
      } else {
        RONDOM_TRY(apply(previous, change, has_change, line));
      }
      RONDOM_TRY(sink.write(line));
    }
    return changes_.failure().ok() ? Status() : Status(changes_.failure().error());
  }

  /// All changes of one key; `line` stays empty when nothing is left of it.
  Status apply(PreviousSnapshot& previous, Change& change, bool& has_change, std::string& line) {
    const std::string key = change.key;
    Fields fields;
    bool present = !previous.at_end() && previous.key() == key;
    if (present) {
      fields.set_all(previous.line());
      RONDOM_TRY(previous.advance());
    }
    for (; has_change && change.key == key; has_change = changes_.next(change)) {
      if (change.kind != Change::Kind::update) fields.clear();
      if (change.kind == Change::Kind::update && !present) ++orphans_;
      present = change.kind != Change::Kind::remove;
      if (present) fields.set_all(change.fields);
    }
    if (present) fields.append_line(line, key);
    return {};
  }

  const std::string path_;
  const std::string hidden_;
  const Compression compression_;
  const Context& context_;
  SortedChanges changes_;
  std::uint64_t orphans_ = 0;
};

}  // namespace

std::unique_ptr<Output> make_snapshot_output(const std::string& folder, const WriteOptions& options,
                                             std::string_view session, const Context& context) {
  return std::make_unique<SnapshotOutput>(folder, options, session, context);
}

}  // namespace rondom::file
