// A stand-in for a vendor, and the destination that talks to it. The Vendor outlives the process
// that dies; a Destination is made anew for each run and what it buffered is lost. One thread.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "plugin/plugin.h"

namespace rondom::activate::test {

/// What the vendor holds, and every request it took.
struct Vendor {
  struct Contact {
    std::string key;
    std::map<std::string, std::string> fields;  // JSON values
    bool subscribed = true;
    bool in_segment = true;
  };
  std::map<std::string, Contact> contacts;                // by remote id
  std::map<std::string, std::string> applied;             // operation id -> remote id
  std::vector<std::string> log;                           // "create key", "update key", …
  std::map<std::string, std::vector<std::string>> files;  // session -> lines, once flushed
  int next_id = 1;

  int count(std::string_view what) const {
    int found = 0;
    for (const std::string& line : log) found += line.starts_with(what);
    return found;
  }
  const Contact* by_key(std::string_view key) const {
    for (const auto& [id, contact] : contacts) {
      if (contact.key == key) return &contact;
    }
    return nullptr;
  }
};

/// {"a":1,"b":"x"} -> a: 1, b: "x". Flat objects without commas inside values.
std::map<std::string, std::string> flat_fields(std::string_view json);

class VendorDestination final : public plugin::Destination {
 public:
  explicit VendorDestination(Vendor& vendor) : vendor_(vendor) {
    info_.kind = plugin::Kind::destination;
    info_.id = "vendor";
  }

  plugin::ConnectorInfo info_;
  bool upserts_by_key = false;     // the vendor matches on the key: no duplicates
  int loses_answer_of_batch = -1;  // applied there, and the answer never arrives
  int fails_batch = -1;            // nothing applied, an error comes back
  plugin::WriteOutcome fails_with = plugin::WriteOutcome::unknown;  // of each record of that batch
  ErrorCode failure = ErrorCode::transient;                         // what write() returns then
  bool flush_fails = false;
  std::map<std::string, plugin::WriteOutcome> answers;  // by profile key, instead of accepting
  std::vector<std::vector<std::string>> batches;        // operation ids as they came
  std::vector<std::string> actions;                     // "create {json}"
  std::vector<std::string> looked_up;
  std::string last_session;
  int flushes = 0;

  const plugin::ConnectorInfo& info() const override { return info_; }
  Status check() override { return {}; }
  Status write(const plugin::WriteBatch& batch, std::vector<plugin::WriteResult>& results) override;
  Status flush(std::string_view session) override;
  Status look_up(const plugin::WriteBatch& batch,
                 std::vector<plugin::WriteResult>& results) override;
  void cancel() override {}

 private:
  std::string apply(const plugin::WriteRecord& record, bool& adopted);
  std::string find(const plugin::WriteRecord& record) const;

  Vendor& vendor_;
  std::map<std::string, std::vector<std::string>> open_files_;
};

}  // namespace rondom::activate::test
