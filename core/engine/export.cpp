#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <memory>
#include <queue>
#include <utility>

#include "engine/engine.h"
#include "engine/record_names.h"

namespace rondom::engine {

namespace {

constexpr std::size_t exported_per_page = 5'000;

// Sorts any number of lines bytewise: runs in memory, spilled to files, merged at the end. A line
// may hold anything but NUL (a quoted CSV field may hold a line break).
class LineSorter {
 public:
  LineSorter(std::string_view folder, std::size_t run_bytes)
      : folder_(folder), run_bytes_(run_bytes) {}
  ~LineSorter() {
    std::error_code ignored;
    for (const std::string& file : runs_) std::filesystem::remove(file, ignored);
  }
  LineSorter(const LineSorter&) = delete;
  LineSorter& operator=(const LineSorter&) = delete;

  Status add(std::string line) {
    bytes_ += line.size() + sizeof(std::string);
    lines_.push_back(std::move(line));
    return bytes_ > run_bytes_ ? spill() : Status();
  }

  Status give(const std::function<Status(std::string_view)>& line) {
    std::sort(lines_.begin(), lines_.end());
    if (runs_.empty()) {
      for (const std::string& one : lines_) RONDOM_TRY(line(one));
      return {};
    }
    RONDOM_TRY(spill());
    return merge_runs(line);
  }

 private:
  Status spill() {
    if (lines_.empty()) return {};
    std::sort(lines_.begin(), lines_.end());
    std::error_code failed;
    std::filesystem::create_directories(folder_, failed);
    const std::string file = folder_ + "/sort-" + std::to_string(runs_.size()) + ".tmp";
    runs_.push_back(file);
    std::ofstream out(file, std::ios::binary | std::ios::trunc);
    std::filesystem::permissions(
        file, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, failed);
    for (const std::string& one : lines_) out << one << '\0';
    out.flush();
    if (!out) return {ErrorCode::unavailable, "cannot write " + file};
    lines_.clear();
    bytes_ = 0;
    return {};
  }

  Status merge_runs(const std::function<Status(std::string_view)>& line) {
    struct Head {
      std::string line;
      std::size_t run = 0;
      bool operator>(const Head& other) const { return line > other.line; }
    };
    std::vector<std::unique_ptr<std::ifstream>> files;
    std::priority_queue<Head, std::vector<Head>, std::greater<>> heads;
    const auto advance = [&](std::size_t run) -> Status {
      Head head;
      head.run = run;
      if (std::getline(*files[run], head.line, '\0'))
        heads.push(std::move(head));
      else if (!files[run]->eof())
        return {ErrorCode::unavailable, "cannot read " + runs_[run]};
      return {};
    };
    for (std::size_t i = 0; i < runs_.size(); ++i) {
      files.push_back(std::make_unique<std::ifstream>(runs_[i], std::ios::binary));
      RONDOM_TRY(advance(i));
    }
    while (!heads.empty()) {
      const Head head = heads.top();
      heads.pop();
      RONDOM_TRY(line(head.line));
      RONDOM_TRY(advance(head.run));
    }
    return {};
  }

  std::string folder_;
  std::size_t run_bytes_;
  std::vector<std::string> lines_;
  std::vector<std::string> runs_;
  std::size_t bytes_ = 0;
};

// Calls f(profile, records of its members, its attributes) for every profile, page by page.
Status for_each_profile(store::Store& store, const ExportedAttributes& attributes,
                        const std::function<Status(const store::Profile&,
                                                   const std::vector<const store::StoredRecord*>&,
                                                   const std::string&)>& f) {
  store::ProfileId after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(const auto profiles, store.scan_profiles(after, exported_per_page));
    if (profiles.empty()) return {};
    std::vector<store::RecordId> ids;
    for (const store::Profile& profile : profiles) {
      ids.insert(ids.end(), profile.members.begin(), profile.members.end());
    }
    std::sort(ids.begin(), ids.end());
    RONDOM_TRY_ASSIGN(const auto records, store.records(ids));
    std::vector<std::string> derived(profiles.size());
    if (attributes) {
      RONDOM_TRY_ASSIGN(derived, attributes(profiles));
    }
    for (const store::Profile& profile : profiles) {
      std::vector<const store::StoredRecord*> members;
      for (const store::RecordId id : profile.members) {
        const auto at = std::lower_bound(records.begin(), records.end(), id,
                                         [](const store::StoredRecord& record,
                                            store::RecordId wanted) { return record.id < wanted; });
        if (at != records.end() && at->id == id) members.push_back(&*at);
      }
      RONDOM_TRY(f(profile, members, derived[std::size_t(&profile - profiles.data())]));
    }
    after = profiles.back().id;
  }
}

// RFC 4180: quoted only where needed.
void append_csv(std::string& out, std::string_view field) {
  if (field.find_first_of("\",\r\n") == std::string_view::npos) {
    out += field;
    return;
  }
  out += '"';
  for (const char c : field) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

}  // namespace

std::string export_line(const store::Profile& profile, const std::vector<std::string>& member_names,
                        std::string_view attributes_json) {
  std::string out = "{\"label\":";
  append_json_string(out, profile.label);
  out += ",\"entity\":";
  append_json_string(out, to_text(profile.entity));
  out += ",\"members\":[";
  for (std::size_t i = 0; i < member_names.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, member_names[i]);
  }
  out += "],\"values\":";
  append_record_json(out, profile.values);
  if (!attributes_json.empty()) out.append(",\"attributes\":").append(attributes_json);
  out += '}';
  return out;
}

Status export_profiles(store::Store& store, std::string_view temporary_folder,
                       const std::function<Status(std::string_view line)>& line,
                       std::size_t run_bytes, const ExportedAttributes& attributes) {
  RecordNames names;
  RONDOM_TRY(names.load(store));
  LineSorter sorter(temporary_folder, run_bytes);
  const auto add = [&](const auto& profile, const auto& members,
                       const std::string& derived) -> Status {
    std::vector<std::string> member_names;
    for (const store::StoredRecord* member : members) member_names.push_back(names.of(*member));
    std::sort(member_names.begin(), member_names.end());
    return sorter.add(export_line(profile, member_names, derived));
  };
  RONDOM_TRY(for_each_profile(store, attributes, add));
  return sorter.give(line);
}

Status export_members(store::Store& store, std::string_view temporary_folder,
                      const std::function<Status(std::string_view line)>& line,
                      std::size_t run_bytes) {
  RecordNames names;
  RONDOM_TRY(names.load(store));
  LineSorter sorter(temporary_folder, run_bytes);
  const auto add = [&](const auto& profile, const auto& members, const auto&) -> Status {
    for (const store::StoredRecord* member : members) {
      std::string row = to_text(profile.uid) + ",";
      append_csv(row, names.source_of(*member));
      row += ',';
      append_csv(row, names.stream_of(*member));
      row += ',';
      append_csv(row, member->key);
      RONDOM_TRY(sorter.add(std::move(row)));
    }
    return Status();
  };
  RONDOM_TRY(for_each_profile(store, {}, add));
  return sorter.give(line);
}

}  // namespace rondom::engine
