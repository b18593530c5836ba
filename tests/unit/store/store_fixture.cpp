#include "unit/store/store_fixture.h"

#include <cstdlib>
#include <filesystem>

#include "store/postgresql/postgresql_database.h"
#include "store/sqlite/sqlite_database.h"
#include "unit/store/private_postgresql.h"

namespace rondom::test {
namespace {

constexpr Timestamp start_of_test = 1'767'225'600'000'000;
constexpr std::size_t dumped_rows_max = 1'000'000;

}  // namespace

std::ostream& operator<<(std::ostream& out, Backend backend) {
  return out << (backend == Backend::sqlite ? "SQLite" : "PostgreSQL");
}

Project::Project(Backend backend) : backend_(backend) {
  if (backend == Backend::postgresql) {
    const PrivatePostgresql& server = PrivatePostgresql::instance();
    usable_ = server.missing().empty();
    if (!usable_) {
      BOOST_TEST_MESSAGE("skipped: " << server.missing());
    } else {
      clear();
    }
    return;
  }
  std::string pattern = (std::filesystem::temp_directory_path() / "rondom-test-XXXXXX").string();
  BOOST_REQUIRE(mkdtemp(pattern.data()));
  directory_ = pattern;
}

Project::~Project() {
  store_.reset();
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

void Project::clear() {
  close();
  if (backend_ == Backend::postgresql) {
    BOOST_REQUIRE(PrivatePostgresql::instance().execute("DROP SCHEMA IF EXISTS rondom CASCADE"));
    return;
  }
  for (const auto& entry : std::filesystem::directory_iterator(directory_)) {
    std::filesystem::remove(entry.path());
  }
}

store::Options Project::options(bool read_only) const {
  store::Options options;
  if (backend_ == Backend::sqlite)
    options.sqlite_file = file();
  else
    options.postgresql = PrivatePostgresql::instance().dsn();
  options.owner = "test engine 1";
  options.read_only = read_only;
  return options;
}

Result<std::unique_ptr<store::Store>> Project::open(bool read_only) const {
  return store::open(options(read_only), ManualClock(start_of_test));
}

store::Store& Project::store() {
  if (!store_) store_ = value_of(open());
  return *store_;
}

std::unique_ptr<store::Database> Project::database(bool read_only) const {
  if (backend_ == Backend::sqlite) return value_of(store::open_sqlite({file(), read_only}));
  return value_of(
      store::open_postgresql({PrivatePostgresql::instance().dsn(), "test database", read_only}));
}

std::string Project::dump() const {
  return test::dump(*database());
}

store::StreamId Project::stream() {
  return value_of(store().stream("crm", "Contact", "crm")).id;
}

std::string dump(store::Database& database) {
  std::string text;
  for (const store::Migration& migration : store::migrations()) {
    for (const store::Step& step : migration.steps) {
      if (step.kind != store::Step::Kind::create_table) continue;
      text += "== " + std::string(step.table->name) + "\n";
      require(database.scan({step.table, nullptr, {}, {}, dumped_rows_max, 0, false},
                            [&](std::size_t, std::span<const store::Cell> row) {
                              for (const store::Cell& cell : row) {
                                text += cell.is_null()    ? "null"
                                        : cell.is_bytes() ? sha256_hex(cell.bytes()).substr(0, 12)
                                                          : std::to_string(cell.integer());
                                text += ' ';
                              }
                              text += '\n';
                            }));
    }
  }
  return text;
}

std::string person(const std::string& name, const std::string& email) {
  RecordBuilder builder;
  if (!name.empty()) builder.add({attribute::name_full, 0, name, {}, Rule::none, {}});
  if (!email.empty()) builder.add({attribute::email_value, 1, email, {}, Rule::none, {}});
  return std::string(builder.bytes());
}

Batch::Batch(store::StreamId stream, std::string run) {
  batch_.stream = stream;
  batch_.job = "crm";
  batch_.run = std::move(run);
  batch_.map_fingerprint = 7;
}

Batch& Batch::row(store::RowKind kind, const std::string& key, Timestamp at,
                  const std::string& content) {
  store::Row row;
  row.kind = kind;
  row.key = keep(key);
  row.observed_at = at;
  row.raw = keep("{\"content\":\"" + content + "\"}");
  row.raw_hash = hash64(row.raw);
  row.origin = "contacts.jsonl";
  row.position = batch_.rows.size() + 1;
  batch_.rows.push_back(row);
  outputs_.emplace_back();
  return *this;
}

Batch& Batch::mapped(const std::string& key, Timestamp at, const std::string& content) {
  row(store::RowKind::mapped, key, at, content);
  return output(Entity::person, key, person(content));
}

Batch& Batch::refused(const std::string& key, const std::string& content) {
  row(store::RowKind::refused, key, no_time, content);
  batch_.rows.back().stage = "map";
  batch_.rows.back().reason = "birth_date is no date";
  return *this;
}

Batch& Batch::output(Entity entity, const std::string& key, const std::string& canonical,
                     std::uint64_t actor, Timestamp at) {
  store::Output made;
  made.entity = entity;
  made.key = keep(key);
  made.canonical = keep(canonical);
  made.actor = actor;
  made.at = at;
  outputs_.back().push_back(made);
  return *this;
}

Batch& Batch::generation(std::int64_t generation) {
  batch_.generation = generation;
  return *this;
}

Batch& Batch::map(std::uint64_t fingerprint) {
  batch_.map_fingerprint = fingerprint;
  return *this;
}

Batch& Batch::checkpoint(const std::string& scope, const std::string& state) {
  batch_.checkpoints.push_back({scope, state});
  return *this;
}

store::IngestBatch& Batch::get() {
  for (std::size_t i = 0; i < outputs_.size(); ++i) {
    store::Row& row = batch_.rows[i];
    (row.kind == store::RowKind::refused ? row.refusals : row.outputs) = outputs_[i];
  }
  return batch_;
}

store::StreamCounts apply(Project& project, Batch& batch) {
  const store::StreamCounts counts = value_of(project.store().apply(batch.get()));
  BOOST_TEST(counts.read == counts.created + counts.changed + counts.unchanged + counts.removed +
                                counts.stale + counts.filtered + counts.quarantined);
  return counts;
}

std::string to_text(const store::StreamCounts& counts) {
  std::string text;
  const auto add = [&](const char* name, std::int64_t count) {
    if (count != 0)
      text += (text.empty() ? "" : " ") + std::string(name) + ":" + std::to_string(count);
  };
  add("created", counts.created);
  add("changed", counts.changed);
  add("unchanged", counts.unchanged);
  add("removed", counts.removed);
  add("stale", counts.stale);
  add("filtered", counts.filtered);
  add("quarantined", counts.quarantined);
  return text;
}

std::string state_of(Project& project, const std::string& key) {
  const auto id = value_of(project.store().find_record(project.stream(), Entity::person, key));
  if (!id) return "unknown";
  const store::RecordId ids[] = {*id};
  const auto records = value_of(project.store().records(ids));
  BOOST_REQUIRE(records.size() == 1);
  if (!records[0].live) return "withdrawn";
  const std::string time =
      records[0].observed_at == no_time ? "" : std::to_string(records[0].observed_at);
  return std::string(first_value(records[0].canonical, attribute::name_full)) + "@" + time;
}

void verify(Project& project) {
  std::vector<std::string> problems;
  require(project.store().verify(problems));
  BOOST_TEST(problems.empty(), (problems.empty() ? "" : problems.front()));
}

}  // namespace rondom::test
