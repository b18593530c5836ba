// A project in a folder of its own with its store, and a source that plays a script. What the tests
// of the engine share. One thread, but for FakeSource::cancel().
#pragma once

#include <boost/test/unit_test.hpp>
#include <condition_variable>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "engine/engine.h"
#include "engine/ingest.h"
#include "engine/plans.h"
#include "engine/remap.h"
#include "engine/unify.h"

namespace rondom::engine::test {

template <typename T>
T value_of(Result<T> result) {
  BOOST_REQUIRE_MESSAGE(result.ok(), result.error().message);
  return std::move(*result);
}
inline void require(const Status& status) {
  BOOST_REQUIRE_MESSAGE(status.ok(), (status.ok() ? "" : status.error().message));
}

/// Random bytes that are the same in every run of the tests.
class CountingRandom final : public Random {
 public:
  void fill(std::span<std::uint8_t> bytes) override {
    for (std::uint8_t& byte : bytes) byte = next_++;
  }

 private:
  std::uint8_t next_ = 1;
};

/// Pushes what the script says, on the thread that calls read().
class FakeSource final : public plugin::Source {
 public:
  using Step = std::function<Status(plugin::ReadSink&)>;

  /// One batch of records, positions 1, 2, ….
  FakeSource& records(std::string stream, std::vector<std::string> json);
  FakeSource& removed(std::string stream, std::string json, Timestamp at);
  FakeSource& unreadable(std::string stream, std::string text, std::string problem);
  FakeSource& checkpoint(std::string stream, std::string state);
  FakeSource& begin(std::string stream, std::string generation);
  FakeSource& complete(std::string stream);
  FakeSource& then(Step step);
  FakeSource& fails(Error error);
  /// The source has nothing to say until cancel() is called, and ends then.
  FakeSource& silent_until_cancelled();

  const plugin::ConnectorInfo& info() const override { return info_; }
  Status check() override { return {}; }
  Result<plugin::Catalog> discover(std::string_view) override { return plugin::Catalog{}; }
  Status read(const plugin::ReadRequest& request, plugin::ReadSink& sink) override;
  void cancel() override;

  bool was_cancelled() const;
  /// What read() was asked for the stream.
  const plugin::ReadStream& asked(std::string_view stream) const;

 private:
  plugin::ConnectorInfo info_;
  plugin::ReadRequest request_;
  std::vector<Step> script_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool cancelled_ = false;
};

using Files = std::map<std::string, std::string>;

/// Clean values of one person record, as they stand after map and normalize.
struct Person {
  std::string key;
  std::string given = {}, surname = {}, birth = {};
  std::vector<std::string> emails = {}, phones = {};
  std::string customer = {};  // the unique identifier of the test project
  Timestamp at = 1;
  std::string stream = "Contact";  // of connection crm; or "customers" of connection shop
  bool operator==(const Person&) const = default;
};

struct ProfileView {
  std::string uid;
  store::ProfileId id = 0;
  std::string label;
  std::vector<std::string> members;  // record names, sorted
};

struct IngestOutcome {
  Status status;
  JobReport report;
  const StreamReport& stream(std::string_view name) const;
};

class World {
 public:
  /// A file of `more` replaces that of the test project.
  explicit World(const Files& more = {});
  ~World();
  World(const World&) = delete;
  World& operator=(const World&) = delete;

  /// Writes a file and reads the project again.
  void change(const std::string& file, const std::string& text);
  const config::Project& project() const { return *project_; }
  std::shared_ptr<const config::Project> shared_project() const { return project_; }
  const std::string& folder() const { return folder_; }
  store::Store& store() { return *store_; }
  Surroundings surroundings();

  /// Writes one record straight into the store, as ingest would.
  void put(const Person& person);
  void put(const std::vector<Person>& people);
  void remove(const Person& person);
  /// A row that made several canonical records, each (entity, key, canonical).
  void put_row(std::string_view stream, std::string_view key, Timestamp at,
               const std::vector<store::Output>& outputs);

  /// Through `store` in place of the world's own, when given.
  IngestOutcome ingest(FakeSource& source, const RunOptions& options = {},
                       store::Store* store = nullptr);
  IngestOutcome remap(store::Store* store = nullptr);
  UnifyJob unify_job();
  UnifyReport unify(const UnifyLimits& limits = {});
  Status unify(const UnifyJob& job, UnifyReport& report, store::Store* store = nullptr);

  std::vector<ProfileView> profiles();
  /// The profile that holds this record now, by record name.
  ProfileView profile_of(std::string_view record);
  /// "a+b | c": members of each profile without "crm.Contact/", in order of their names.
  std::string partition();
  /// Profiles as `export` writes them.
  std::vector<std::string> exported();
  /// Record name of the smallest member of the profile that a uid leads to, or "none".
  std::string found_by(const std::string& uid);
  /// Events after `seq` as "merged b -> a", by the labels under which unify() first left the
  /// profiles.
  std::vector<std::string> events(std::int64_t after = 0);
  /// Fails the test when the store does not hold together.
  void verify();

  ManualClock clock;
  CountingRandom random;
  Cancel cancel;
  std::string run = "run-1";

 private:
  void load();
  void with_crm(const RunOptions& options, const std::function<void(const IngestJob&)>& use);
  store::StreamId stream_id(std::string_view stream);

  std::string folder_;
  std::shared_ptr<const config::Project> project_;
  std::unique_ptr<resolve::Rules> identity_;
  std::unique_ptr<merge::Rules> merge_;
  std::unique_ptr<store::Store> store_;
  StageTimers timers_;
  std::map<store::ProfileId, std::string> labels_;  // of all profiles ever, the first ones
};

std::string canonical(const Person& person);
std::string to_text(const store::StreamCounts& counts);

}  // namespace rondom::engine::test
