// Opening, locking, migrating, failing.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <functional>

#include "store/bitmap.h"
#include "store/sqlite/sqlite_database.h"
#include "store/table_store.h"
#include "support/joins.h"
#include "unit/store/store_fixture.h"

namespace rondom::test {

using store::RowKind;

namespace {

enum class Failure { returned, process_dies };

/// Fails at the n-th call that can fail, once.
class FailingDatabase final : public store::Database {
 public:
  FailingDatabase(std::unique_ptr<store::Database> inside, int* calls_left,
                  Failure failure = Failure::returned)
      : inside_(std::move(inside)), calls_left_(calls_left), failure_(failure) {}

  Status begin(store::Durability durability) override {
    return fails() ? failure() : inside_->begin(durability);
  }
  Status commit() override { return fails() ? failure() : inside_->commit(); }
  void rollback() override { inside_->rollback(); }
  Status insert(const store::Table& table, const store::Rows& rows) override {
    return fails() ? failure() : inside_->insert(table, rows);
  }
  Status upsert(const store::Table& table, const store::Rows& rows) override {
    return fails() ? failure() : inside_->upsert(table, rows);
  }
  Status erase(const store::Table& table, const store::Rows& keys) override {
    return fails() ? failure() : inside_->erase(table, keys);
  }
  Status erase_all(const store::Table& table) override {
    return fails() ? failure() : inside_->erase_all(table);
  }
  Status fetch(const store::Lookup& lookup, const store::Rows& keys,
               const store::RowSink& sink) override {
    return fails() ? failure() : inside_->fetch(lookup, keys, sink);
  }
  Status scan(const store::Scan& scan, const store::RowSink& sink) override {
    return fails() ? failure() : inside_->scan(scan, sink);
  }
  Result<std::int64_t> count(const store::Table& table,
                             std::span<const store::Cell> prefix) override {
    return inside_->count(table, prefix);
  }
  Result<bool> exists(const store::Table& table) override { return inside_->exists(table); }
  Status create(const store::Table& table) override { return inside_->create(table); }
  Status add_column(const store::Table& table, std::size_t column) override {
    return inside_->add_column(table, column);
  }
  Result<std::int64_t> bytes_of(const store::Table& table) override {
    return inside_->bytes_of(table);
  }
  Result<std::int64_t> free_bytes() override { return inside_->free_bytes(); }
  Status integrity(std::vector<std::string>& problems) override {
    return inside_->integrity(problems);
  }
  Result<std::unique_ptr<Database>> reader() const override { return inside_->reader(); }
  std::string name() const override { return inside_->name(); }

 private:
  bool fails() {
    const bool now = *calls_left_ >= 0 && (*calls_left_)-- == 0;
    if (now && failure_ == Failure::process_dies) kill(getpid(), SIGKILL);
    return now;
  }
  static Status failure() { return {ErrorCode::unavailable, "the disk is full"}; }

  std::unique_ptr<store::Database> inside_;
  int* calls_left_;
  Failure failure_;
};

constexpr store::Column old_columns[] = {{"id"}, {"name", store::ColumnType::blob}};
constexpr store::Column new_columns[] = {{"id"}, {"name", store::ColumnType::blob}, {"size"}};
constexpr store::Table old_table{"thing", old_columns, 1};
constexpr store::Table new_table{"thing", new_columns, 1};
constexpr store::Column other_columns[] = {{"a"}, {"b"}};
constexpr store::Table other_table{"other", other_columns, 2};
constexpr store::Step step_1[] = {{store::Step::Kind::create_table, &old_table, 0}};
constexpr store::Step step_2[] = {{store::Step::Kind::add_column, &new_table, 2},
                                  {store::Step::Kind::create_table, &other_table, 0}};
constexpr store::Migration versions_1[] = {{1, step_1}};
constexpr store::Migration versions_2[] = {{1, step_1}, {2, step_2}};

Batch& many_kinds(Batch& batch) {
  batch.mapped("1", 20, "Anna 2")
      .mapped("2", 10, "other Bram")
      .mapped("7", 10, "Gerda")
      .refused("3", "bad");
  batch.row(RowKind::removed, "4", 20, "gone").row(RowKind::filtered, "5", 20, "no");
  batch.row(RowKind::mapped, "6", 20, "x").output(Entity::order, "6/a", "order", 3, 4);
  return batch.checkpoint("", "2");
}

void fill(Project& project) {
  const auto stream = project.stream();
  Batch batch(stream);
  for (int i = 1; i <= 6; ++i) batch.mapped(std::to_string(i), 10, "person " + std::to_string(i));
  apply(project, batch.checkpoint("", "1"));
  value_of(project.store().index_postings(100, support::every_identifier));
  value_of(project.store().begin_refresh(stream, "t", false));
}

store::UnifyBatch some_unify() {
  store::UnifyBatch unify;
  unify.run = "run-u";
  unify.profiles.resize(1);
  unify.profiles[0].id = 5;
  unify.profiles[0].members = {1};
  unify.members = {{1, 5}, {2, 0}};
  unify.events = {{0, store::EventKind::created, 5, 0}};
  unify.aliases = {{Uid{{9}}, 5}};
  unify.generic = {{4, "email", "x", 1, 1}};
  unify.done = {1, 2};
  return unify;
}

store::DeliveryBatch some_deliveries() {
  store::DeliveryBatch batch;
  batch.destination = "mail/send";
  batch.upserts.resize(1);
  batch.upserts[0].profile = 5;
  batch.dead_letters.resize(1);
  batch.withheld = {{6, "no consent"}};
  batch.mark = 1;
  return batch;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(opening)

STORE_TEST(a_second_engine_is_told_who_holds_the_project) {
  project.store();
  const auto second = project.open();
  BOOST_REQUIRE(!second.ok());
  BOOST_TEST((second.error().code == ErrorCode::busy));
  BOOST_TEST(second.error().message == "the project is in use by test engine 1");
  BOOST_TEST(project.open(true).ok());
  project.close();
  BOOST_TEST(project.open().ok());
}

STORE_TEST(readers_see_what_is_committed_and_write_nothing) {
  const auto stream = project.stream();
  auto reader = value_of(project.store().open_reader());
  apply(project, Batch(stream).mapped("1", 10, "Anna"));
  BOOST_TEST(value_of(reader->find_record(stream, Entity::person, "1")).has_value());
  BOOST_TEST(value_of(reader->streams()).size() == 1u);
  BOOST_TEST(value_of(reader->last_record_id()) == 1);
  // A read of several rows is one moment, and the next one another.
  const std::vector<store::RecordId> ids{1, 2};
  BOOST_TEST(value_of(reader->contents(ids)).size() == 1u);
  apply(project, Batch(stream).mapped("3", 10, "Cato"));
  BOOST_TEST(value_of(reader->contents(ids)).size() == 2u);
  BOOST_TEST(!reader->put_value("a", "b").ok());
  BOOST_TEST(!reader->apply(Batch(stream).mapped("2", 10, "Bram").get()).ok());
}

BOOST_AUTO_TEST_CASE(reading_a_project_that_never_ran) {
  Project project(Backend::sqlite);
  const auto store = project.open(true);
  BOOST_REQUIRE(!store.ok());
  BOOST_TEST((store.error().code == ErrorCode::unavailable));
}

BOOST_AUTO_TEST_CASE(a_file_that_is_no_database) {
  Project project(Backend::sqlite);
  std::ofstream(project.file()) << std::string(10'000, 'x');
  const auto store = project.open();
  BOOST_REQUIRE(!store.ok());
  BOOST_TEST((store.error().code == ErrorCode::bad_state));
}

BOOST_AUTO_TEST_CASE(in_memory_for_tests) {
  store::Options options;
  options.sqlite_file = ":memory:";
  auto store = value_of(store::open(options, ManualClock(0)));
  const auto stream = value_of(store->stream("a", "b", "c"));
  BOOST_TEST(value_of(value_of(store->open_reader())->streams()).size() == 1u);
  BOOST_TEST(value_of(value_of(store::open(options, ManualClock(0)))->streams()).empty());
  BOOST_TEST(stream.id > 0);
}

STORE_TEST(an_older_schema_is_brought_up_to_date) {
  auto database = project.database(false);
  require(store::migrate(*database, versions_1, false, 1));
  store::Rows rows(2);
  rows.add({1, std::string_view("kept")});
  require(database->begin(store::Durability::process));
  require(database->insert(old_table, rows));
  require(database->commit());
  const Status reader = store::migrate(*database, versions_2, true, 2);
  BOOST_REQUIRE(!reader.ok());
  BOOST_TEST((reader.error().code == ErrorCode::bad_state));
  require(store::migrate(*database, versions_2, false, 2));
  require(store::migrate(*database, versions_2, false, 3));
  std::string text;
  require(database->scan({&new_table, nullptr, {}, {}, 10, 0, false}, [&](std::size_t, auto row) {
    text = row[1].text() + (row[2].is_null() ? " null" : " set");
  }));
  BOOST_TEST(text == "kept null");
  BOOST_TEST(value_of(database->count(other_table, {})) == 0);
  BOOST_TEST(value_of(database->count(store::tables::schema_version, {})) == 2);
}

/// As the program before this one left it.
void make_older(Project& project) {
  project.close();
  auto database = project.database(false);
  store::Rows newest(1);
  newest.add({store::schema_version()});
  require(database->begin(store::Durability::process));
  require(database->erase(store::tables::schema_version, newest));
  require(database->commit());
}

STORE_TEST(what_a_restore_cannot_move_aside_stays_where_it_was) {
  if (project.backend() == Backend::postgresql) return;
  apply(project, Batch(project.stream()).mapped("1", 10, "Anna"));
  const ManualClock clock(0);
  const std::string copy = project.file() + ".copy";
  require(store::backup(project.options(), copy, clock));
  project.close();
  std::ofstream(project.file() + "-sent.1") << "log";
  // A folder with something in it stops every user, as a full disk does.
  const std::string obstacle = project.file() + ".before-19700101T000000Z-sent.1";
  std::filesystem::create_directories(obstacle + "/x");
  const auto restored = store::restore(project.options(), copy, clock);
  BOOST_REQUIRE(!restored.ok());
  BOOST_TEST(restored.error().message.find("the store is as it was") != std::string::npos);
  BOOST_TEST(std::filesystem::exists(project.file()));
  BOOST_TEST(std::filesystem::exists(project.file() + "-sent.1"));
  BOOST_TEST(!std::filesystem::exists(project.file() + ".before-19700101T000000Z"));
  std::filesystem::remove_all(obstacle);
  std::filesystem::remove(project.file() + "-sent.1");
  BOOST_TEST(value_of(project.store().last_record_id()) == 1);
}

STORE_TEST(an_older_store_is_kept_as_it_was) {
  const auto stream = project.stream();
  apply(project, Batch(stream).mapped("1", 10, "Anna"));
  make_older(project);
  std::vector<store::Migrated> told;
  store::Options options = project.options();
  options.migrated = [&](const store::Migrated& one) { told.push_back(one); };
  const ManualClock clock(0);
  value_of(store::open(options, clock));
  value_of(store::open(options, clock));
  BOOST_REQUIRE(told.size() == 1);
  BOOST_TEST(told[0].from == store::schema_version() - 1);
  BOOST_TEST(told[0].to == store::schema_version());
  if (project.backend() == Backend::postgresql) {
    BOOST_TEST(told[0].copy.empty());
    return;
  }
  BOOST_TEST(told[0].copy == project.file() + ".schema-" + std::to_string(told[0].from));
  // The copy is what it was, and comes back.
  apply(project, Batch(stream).mapped("2", 10, "Bram"));
  project.close();
  value_of(store::restore(project.options(), told[0].copy, clock));
  value_of(store::open(options, clock));
  BOOST_TEST(told.size() == 2);
  BOOST_TEST(value_of(project.store().last_record_id()) == 1);
  store::Options copy = options;
  copy.sqlite_file = project.file() + ".looked-at";
  require(store::copy_to_file(project.options(), copy.sqlite_file));
  copy.is_copy = true;
  value_of(store::open(copy, clock));
  BOOST_TEST(told.size() == 2);
}

BOOST_AUTO_TEST_CASE(an_older_store_stays_as_it_is_where_the_disk_has_no_room) {
  Project project(Backend::sqlite);
  apply(project, Batch(project.stream()).mapped("1", 10, "Anna"));
  make_older(project);
  const ManualClock clock(0);
  store::Options options = project.options();
  const auto size = std::filesystem::file_size(project.file());
  options.free_bytes = [&](const std::string&) { return 2 * size - 1; };
  const auto refused = store::open(options, clock);
  BOOST_REQUIRE(!refused.ok());
  BOOST_TEST((refused.error().code == ErrorCode::unavailable));
  BOOST_TEST(!std::filesystem::exists(project.file() + ".schema-5"));
  BOOST_TEST((project.open(true).error().code == ErrorCode::bad_state));  // of the older schema
  options.free_bytes = [&](const std::string&) { return 4 * size; };
  value_of(store::open(options, clock));
}

STORE_TEST(a_version_that_asks_for_it_has_all_records_posted_anew) {
  Batch batch(project.stream());
  batch.row(RowKind::mapped, "1", 10, "x")
      .output(Entity::person, "1", person("Anna", "anna@example.com"));
  batch.row(RowKind::mapped, "2", 10, "y")
      .output(Entity::person, "2", person("Bram", "bram@example.com"));
  apply(project, batch);
  // One that has vanished is found by what it said, too.
  apply(project, Batch(project.stream()).row(RowKind::removed, "2", 20, ""));
  value_of(project.store().index_postings(100, support::every_identifier));
  project.close();
  auto database = project.database(false);
  std::vector<store::Migration> steps(store::migrations().begin(), store::migrations().end());
  steps.push_back({steps.back().version + 1, {}, true});
  require(store::migrate(*database, steps, false, 2));
  BOOST_TEST((value_of(store::Bitmap(*database, store::bitmap_set::unposted).members(-1, 10)) ==
              std::vector<store::RecordId>{1, 2}));
}

STORE_TEST(a_newer_schema_is_refused) {
  {
    project.store();
    project.close();
    auto database = project.database(false);
    store::Rows rows(2);
    rows.add({store::migrations().back().version + 1, 0});
    require(database->begin(store::Durability::process));
    require(database->insert(store::tables::schema_version, rows));
    require(database->commit());
  }
  const auto store = project.open();
  BOOST_REQUIRE(!store.ok());
  BOOST_TEST((store.error().code == ErrorCode::bad_state));
  BOOST_TEST(store.error().message.find("newer Rondom") != std::string::npos);
}

STORE_TEST(a_failure_anywhere_leaves_nothing_behind) {
  fill(project);
  project.close();
  const std::string before = project.dump();
  int calls_left = -1;
  const auto open_failing = [&] {
    auto inside = project.database(false);
    return value_of(store::TableStore::open(
        std::make_unique<FailingDatabase>(std::move(inside), &calls_left), nullptr, false));
  };
  const std::vector<std::function<Status(store::Store&)>> changes = {
      [](store::Store& store) {
        Batch batch(1, "run-9");
        return store.apply(many_kinds(batch.generation(1)).get()).status();
      },
      [](store::Store& store) { return store.apply(some_unify()); },
      [](store::Store& store) { return store.apply(some_deliveries()); },
      [](store::Store& store) { return store.end_refresh(1, "run-9").status(); },
  };
  for (const auto& change : changes) {
    auto store = open_failing();
    int failures = 0;
    constexpr int calls_max = 200;
    for (int nth = 0; nth < calls_max; ++nth) {
      calls_left = nth;
      if (change(*store).ok()) break;
      ++failures;
      calls_left = -1;
      BOOST_REQUIRE_MESSAGE(project.dump() == before, "after a failure of call " << nth);
    }
    BOOST_TEST(failures > 3);
    BOOST_TEST(failures < calls_max);
    BOOST_TEST(project.dump() != before);
    calls_left = -1;
    store.reset();
    project.clear();
    fill(project);
    project.close();
    BOOST_REQUIRE(project.dump() == before);
  }
}

BOOST_AUTO_TEST_CASE(a_killed_process_leaves_the_whole_batch_or_nothing) {
  Project project(Backend::sqlite);
  fill(project);
  project.close();
  const std::string before = project.dump();
  constexpr int calls_max = 200;
  int killed = 0;
  for (int nth = 0; nth < calls_max; ++nth) {
    const pid_t child = fork();
    BOOST_REQUIRE(child >= 0);
    if (child == 0) {
      int calls_left = -1;
      auto inside = store::open_sqlite({project.file(), false});
      auto store = store::TableStore::open(
          std::make_unique<FailingDatabase>(std::move(*inside), &calls_left, Failure::process_dies),
          nullptr, false);
      calls_left = nth;
      Batch batch(1, "run-9");
      _exit((*store)->apply(many_kinds(batch.generation(1)).get()).ok() ? 0 : 1);
    }
    int status = 0;
    BOOST_REQUIRE(waitpid(child, &status, 0) == child);
    if (WIFEXITED(status)) {
      BOOST_TEST(WEXITSTATUS(status) == 0);
      break;
    }
    ++killed;
    BOOST_REQUIRE_MESSAGE(project.dump() == before, "killed before call " << nth);
  }
  BOOST_TEST(killed > 10);
  BOOST_TEST(killed < calls_max);
  BOOST_TEST(project.dump() != before);
  std::vector<std::string> problems;
  require(project.store().verify(problems));
  BOOST_TEST(problems.empty());
}

STORE_TEST(reopening_after_every_step_changes_nothing) {
  const auto steps = [](Project& one, bool reopen) {
    const auto step = [&] {
      if (reopen) one.reopen();
    };
    fill(one);
    step();
    Batch first(1, "run-2");
    apply(one, many_kinds(first.generation(1)));
    step();
    Batch second(1, "run-2");
    apply(one, second.generation(1).mapped("1", 20, "contradicts").mapped("8", 1, "Hans"));
    step();
    value_of(one.store().index_postings(3, support::every_identifier));
    step();
    value_of(one.store().index_postings(300, support::every_identifier));
    require(one.store().apply(some_unify()));
    step();
    require(one.store().apply(some_deliveries()));
    step();
    value_of(one.store().end_refresh(1, "run-2"));
    one.close();
    return one.dump();
  };
  const std::string straight = steps(project, false);
  Project other(project.backend());
  BOOST_TEST((steps(other, true) == straight));
}

BOOST_AUTO_TEST_CASE(a_wrong_postgresql_address_shows_no_part_of_itself) {
  for (const char* dsn : {"password=tr0ub4dor my9secret", "postgresql://rondom:my9secret%zz@/x",
                          "postgresql://rondom:p@my9secret@/x", "host=/my9secret user=u"}) {
    store::Options options;
    options.postgresql = dsn;
    const auto opened = store::open(options, ManualClock(0));
    BOOST_REQUIRE(!opened.ok());
    BOOST_TEST(opened.error().message.find("my9secret") == std::string::npos);
    BOOST_TEST(opened.error().message.starts_with("PostgreSQL cannot be reached: "));
  }
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::test
