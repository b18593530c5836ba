// What the store's tests share: an empty project on either backend, and batches made from short
// lines.
#pragma once

#include <boost/test/data/monomorphic.hpp>
#include <boost/test/data/test_case.hpp>
#include <boost/test/unit_test.hpp>
#include <deque>
#include <memory>
#include <ostream>
#include <string>
#include <vector>

#include "store/database.h"
#include "store/store.h"

namespace rondom::test {

enum class Backend { sqlite, postgresql };
std::ostream& operator<<(std::ostream& out, Backend backend);
inline const Backend backends[] = {Backend::sqlite, Backend::postgresql};

/// Runs the body once for each backend; `project` is empty at its start.
#define STORE_TEST(name)                                                                  \
  static void name(rondom::test::Project& project);                                       \
  BOOST_DATA_TEST_CASE(name##_on, boost::unit_test::data::make(rondom::test::backends)) { \
    rondom::test::Project project(sample);                                                \
    if (project.usable()) name(project);                                                  \
  }                                                                                       \
  static void name(rondom::test::Project& project)

/// An empty project that is removed at the end.
class Project {
 public:
  explicit Project(Backend backend);
  ~Project();
  Project(const Project&) = delete;
  Project& operator=(const Project&) = delete;

  bool usable() const { return usable_; }
  Backend backend() const { return backend_; }
  store::Options options(bool read_only = false) const;
  /// The opened store; opens it at the first call.
  store::Store& store();
  void close() { store_.reset(); }
  /// Closes the store and removes everything in it.
  void clear();
  void reopen() {
    close();
    store();
  }
  Result<std::unique_ptr<store::Store>> open(bool read_only = false) const;
  /// The database without the store's logic; close() the store first to write.
  std::unique_ptr<store::Database> database(bool read_only = true) const;
  /// Every row of every table as text, in key order.
  std::string dump() const;
  std::string file() const { return directory_ + "/store.db"; }
  /// Stream "crm.Contact" of job "crm".
  store::StreamId stream();

 private:
  Backend backend_;
  bool usable_ = true;
  std::string directory_;
  std::unique_ptr<store::Store> store_;
};

std::string dump(store::Database& database);

/// Canonical bytes of a person with this name and e-mail address (either may be empty).
std::string person(const std::string& name, const std::string& email = "");

/// Builds an IngestBatch and owns what its rows view.
class Batch {
 public:
  Batch(store::StreamId stream, std::string run = "run-1");
  Batch& row(store::RowKind kind, const std::string& key, Timestamp at, const std::string& content);
  /// A mapped row with one person; raw content and canonical follow `content`.
  Batch& mapped(const std::string& key, Timestamp at, const std::string& content);
  Batch& refused(const std::string& key, const std::string& content);
  /// Adds an output to the last row; to a refused one, what it says no to.
  Batch& output(Entity entity, const std::string& key, const std::string& canonical,
                std::uint64_t actor = 0, Timestamp at = no_time);
  Batch& generation(std::int64_t generation);
  Batch& map(std::uint64_t fingerprint);
  Batch& checkpoint(const std::string& scope, const std::string& state);
  store::IngestBatch& get();

 private:
  std::string_view keep(const std::string& text) { return texts_.emplace_back(text); }

  store::IngestBatch batch_;
  std::deque<std::string> texts_;
  std::deque<std::vector<store::Output>> outputs_;
};

/// The store agrees with itself; a problem is a test failure.
void verify(Project& project);
/// Applies it; a failure is a test failure.
store::StreamCounts apply(Project& project, Batch& batch);
std::string to_text(const store::StreamCounts& counts);
/// "name@time", "withdrawn" or "unknown" of the person with this key.
std::string state_of(Project& project, const std::string& key);

template <typename T>
T value_of(Result<T> result) {
  BOOST_REQUIRE_MESSAGE(result.ok(), result.error().message);
  return std::move(*result);
}
inline void require(const Status& status) {
  BOOST_REQUIRE_MESSAGE(status.ok(), (status.ok() ? "" : status.error().message));
}

}  // namespace rondom::test
