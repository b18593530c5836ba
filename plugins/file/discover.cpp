#include <dirent.h>
#include <errno.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "file_list.h"
#include "input.h"
#include "source.h"

namespace rondom::file {

namespace {

bool digits_at(std::string_view text, std::size_t from, std::size_t count) {
  if (from + count > text.size()) return false;
  return std::all_of(text.begin() + static_cast<std::ptrdiff_t>(from),
                     text.begin() + static_cast<std::ptrdiff_t>(from + count),
                     [](char c) { return c >= '0' && c <= '9'; });
}

bool is_date(std::string_view text) {
  return text.size() == 10 && digits_at(text, 0, 4) && text[4] == '-' && digits_at(text, 5, 2) &&
         text[7] == '-' && digits_at(text, 8, 2);
}

/// A text that is all of one type; leading zeros and a plus sign make numbers text (postcodes,
/// phones).
FieldType type_of(std::string_view text) {
  if (text == "true" || text == "false") return FieldType::boolean;
  if (is_date(text)) return FieldType::date;
  if (text.size() >= 16 && is_date(text.substr(0, 10)) && (text[10] == 'T' || text[10] == ' ') &&
      digits_at(text, 11, 2) && text[13] == ':' && digits_at(text, 14, 2)) {
    return FieldType::time;
  }
  const std::string_view number = text.substr(text.starts_with('-') ? 1 : 0);
  const std::size_t point = number.find('.');
  const std::string_view whole = number.substr(0, point);
  if (whole.empty() || whole.size() > 18 || !digits_at(whole, 0, whole.size()) ||
      (whole.size() > 1 && whole[0] == '0')) {
    return FieldType::text;
  }
  if (point == std::string_view::npos) return FieldType::integer;
  const std::string_view part = number.substr(point + 1);
  return !part.empty() && digits_at(part, 0, part.size()) ? FieldType::decimal : FieldType::text;
}

FieldType type_of(const Json& value) {
  switch (value.type()) {
    case JsonType::boolean: return FieldType::boolean;
    case JsonType::integer: return FieldType::integer;
    case JsonType::decimal: return FieldType::decimal;
    case JsonType::list: return FieldType::list;
    case JsonType::object: return FieldType::object;
    default: return type_of(value.as_text());
  }
}

FieldType common_type(FieldType a, FieldType b) {
  if (a == b) return a;
  const auto number = [](FieldType type) {
    return type == FieldType::integer || type == FieldType::decimal;
  };
  const auto moment = [](FieldType type) {
    return type == FieldType::date || type == FieldType::time;
  };
  if (number(a) && number(b)) return FieldType::decimal;
  if (moment(a) && moment(b)) return FieldType::time;
  return FieldType::text;
}

/// The first character and dots; of an e-mail address the domain stays.
std::string mask(std::string_view text) {
  const std::size_t first =
      text.empty() ? 0 : std::max<std::size_t>(detail::utf8_length(text, 0), 1);
  const std::size_t at = text.find('@');
  std::string out(text.substr(0, first));
  out += "••";
  if (at != std::string_view::npos && at > 0 && text.size() < 100) out += text.substr(at);
  return out;
}

std::string example_of(const Json& value, FieldType type) {
  if (value.is_list() || value.is_object() || value.is_null()) return {};
  if (type == FieldType::boolean) return value.is_text() ? value.as_text() : value.to_text();
  return mask(value.is_text() ? value.as_text() : value.to_text());
}

/// What is known of the fields of one stream after some records.
class Profile {
 public:
  void add(const Json& record) {
    ++records_;
    for (const Json::Member& member : record.members()) {
      const Json& value = member.second;
      Column* column = find(member.first);
      if (column == nullptr) continue;
      if (value.is_null() || (value.is_text() && value.as_text().empty())) continue;
      const FieldType type = type_of(value);
      column->type = column->filled == 0 ? type : common_type(column->type, type);
      if (column->filled++ == 0) column->example = value;
      if (column->may_be_key) {
        column->values.insert(hash_bytes(value.is_text() ? value.as_text() : value.to_text()));
      }
    }
  }

  /// A field that may be empty in every record.
  void add_name(const std::string& name) { find(name); }

  void describe(CatalogStream& stream) const {
    for (const auto& [name, column] : columns_) {
      stream.field(name, column.type, example_of(column.example, column.type));
    }
    if (const std::string* key = guess_key()) stream.key({*key});
  }

 private:
  struct Column {
    FieldType type = FieldType::text;
    std::size_t filled = 0;
    Json example;
    bool may_be_key = false;
    std::unordered_set<std::uint64_t> values;
  };

  Column* find(const std::string& name) {
    const auto known = index_.find(name);
    if (known != index_.end()) return &columns_[known->second].second;
    if (columns_.size() == columns_max) return nullptr;
    index_.emplace(name, columns_.size());
    Column& column = columns_.emplace_back(name, Column()).second;
    column.may_be_key = sounds_like_key(name);
    return &column;
  }

  static bool sounds_like_key(const std::string& name) {
    std::string lower = name;
    for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    for (const std::string_view known : {"id", "uuid", "key", "number", "nummer", "code"}) {
      if (lower == known) return true;
    }
    return lower.ends_with("_id") || lower.ends_with("-id") || lower.ends_with(" id") ||
           lower.ends_with("_key") || lower.ends_with("nummer") || name.ends_with("Id") ||
           name.ends_with("ID");
  }

  /// A column that is named like a key, always filled, and never twice the same.
  const std::string* guess_key() const {
    for (const auto& [name, column] : columns_) {
      if (column.may_be_key && column.filled == records_ && column.values.size() == records_) {
        return &name;
      }
    }
    return nullptr;
  }

  std::vector<std::pair<std::string, Column>> columns_;  // in the file's order
  std::unordered_map<std::string, std::size_t> index_;
  std::size_t records_ = 0;
};

Status sample_file(const FoundFile& file, const ReadOptions& options, Profile& profile) {
  Result<int> descriptor = open_file(file);
  if (!descriptor.ok()) return descriptor.error();
  Result<std::unique_ptr<Input>> input = Input::open(
      std::make_unique<DescriptorBytes>(*descriptor, true, file.name), file.name, options);
  if (!input.ok()) return input.error();
  for (const std::string& name : (*input)->reader().columns()) profile.add_name(name);
  Record record;
  for (std::size_t i = 0; i < discover_records_max; ++i) {
    const Step step = (*input)->reader().next(record);
    if (step == Step::failed) return (*input)->reader().failure().error();
    if (step == Step::end) break;
    if (!record.problem.empty()) continue;
    const Result<Json> json = parse_json(record.json);
    if (json.ok()) profile.add(*json);
  }
  return {};
}

struct FoundStream {
  std::string name;
  FoundFile file;
};

Result<std::vector<FoundStream>> list_streams(const std::string& folder) {
  Result<std::vector<FoundFile>> files = find_files(folder, "*");
  if (!files.ok()) return files.error();
  std::vector<FoundStream> streams;
  std::map<std::string, std::size_t> stems;
  for (const FoundFile& file : *files) {
    const NameParts parts = name_parts(file.name);
    if (!is_data_extension(parts.extension)) continue;
    ++stems[parts.stem];
    streams.push_back({parts.stem, file});
  }
  // Two files of one name need their extensions to be told apart.
  for (FoundStream& stream : streams) {
    if (stems[stream.name] > 1) stream.name = stream.file.name;
  }
  if (streams.size() > discover_files_max) {
    return Failure{Code::config, "The folder " + folder + " holds more than " +
                                     std::to_string(discover_files_max) + " data files."};
  }
  return streams;
}

void describe_file(const FoundStream& found, const ReadOptions& options, const Context& context,
                   Catalog& catalog) {
  Profile profile;
  const Status status = sample_file(found.file, options, profile);
  // One file that cannot be read does not hide the others.
  if (!status.ok()) context.log(LogLevel::warning, status.error().message);
  CatalogStream& entry = catalog.stream(found.name);
  if (options.mode == Mode::append) entry.incremental_only();
  profile.describe(entry);
}

/// One stream of a job: the last file by name speaks for all that match.
Status discover_stream(const std::string& folder, const std::string& name,
                       const ReadOptions& options, const Context& context, Catalog& catalog) {
  if (options.path == "-") return {};
  Result<std::vector<FoundFile>> files = find_files(folder, options.path);
  if (!files.ok()) return files.error();
  if (options.default_path) {
    std::erase_if(*files, [](const FoundFile& file) {
      return !is_data_extension(name_parts(file.name).extension);
    });
  }
  if (!files->empty()) describe_file({name, files->back()}, options, context, catalog);
  return {};
}

/// Every data file of the folder, or what `path:` means as one stream.
Status discover_folder(const std::string& folder, std::string_view options_json,
                       const Context& context, Catalog& catalog) {
  const Result<ReadOptions> options = parse_read_options("*", options_json);
  if (!options.ok()) return options.error();
  if (!options->default_path) {
    const std::string name = name_parts(options->path).stem;
    return discover_stream(folder, name, *options, context, catalog);
  }
  const Result<std::vector<FoundStream>> streams = list_streams(folder);
  if (!streams.ok()) return streams.error();
  for (const FoundStream& stream : *streams) describe_file(stream, *options, context, catalog);
  return {};
}

}  // namespace

Status check_folder(const std::string& path) {
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(::opendir(path.c_str()), &::closedir);
  if (folder != nullptr) return {};
  if (errno == ENOTDIR) return {Code::config, path + " is not a folder."};
  return file_failure("The folder " + path, "opened", errno);
}

Result<Catalog> discover_files(const std::string& folder, std::string_view options_json,
                               const Context& context) {
  Catalog catalog;
  const Result<Json> wanted = parse_json(options_json.empty() ? "{}" : options_json);
  const Json* streams = wanted.ok() ? wanted->find("streams") : nullptr;
  if (streams == nullptr) {
    RONDOM_TRY(discover_folder(folder, options_json, context, catalog));
    return catalog;
  }
  // The streams of one job, each with its own options.
  for (const Json& item : streams->items()) {
    const Json* given = item.find("options");
    const std::string name = item.text_or("stream", "");
    const Result<ReadOptions> options =
        parse_read_options(name, given == nullptr ? "{}" : given->to_text());
    if (!options.ok()) return options.error();
    RONDOM_TRY(discover_stream(folder, name, *options, context, catalog));
  }
  return catalog;
}

}  // namespace rondom::file
