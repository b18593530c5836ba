#include "unit/engine/world.h"

#include <unistd.h>

#include <algorithm>
#include <deque>
#include <filesystem>
#include <fstream>

#include "engine/record_names.h"

namespace rondom::engine::test {

namespace {

constexpr Timestamp start_of_test = 1'773'446'400'000'000;  // 2026-03-14

Files test_project() {
  return {{"rondom.yaml",
           "project: acme\n"
           "defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }\n"
           "connections:\n"
           "  crm: { connector: scripted }\n"
           "  shop: { connector: scripted }\n"
           "purposes:\n"
           "  news: { channel: email, legal_basis: consent }\n"},
          {"identity.yaml",
           "identifiers:\n"
           "  - { namespace: customer, class: unique }\n"
           "  - { namespace: email, class: strong, max_per_profile: 5 }\n"
           "  - { namespace: phone, class: strong, max_per_profile: 5 }\n"},
          {"jobs/crm.yaml",
           "job: crm\n"
           "source: crm\n"
           "streams:\n"
           "  - stream: Contact\n"
           "    entity: person\n"
           "    key: .id\n"
           "    cursor: .changed\n"
           "    when: .kind == null\n"
           "    map:\n"
           "      name.given: .given\n"
           "      name.surname: .surname\n"
           "      birth_date: .birth\n"
           "      email: .email\n"
           "      identifier.customer: .customer\n"
           "  - stream: Account\n"
           "    entity: organization\n"
           "    key: .id\n"
           "    map: { name: .name }\n"},
          {"jobs/shop.yaml",
           "job: shop\n"
           "source: shop\n"
           "streams:\n"
           "  - stream: customers\n"
           "    entity: person\n"
           "    key: .id\n"
           "    map: { email: .email }\n"}};
}

std::string connection_of(std::string_view stream) {
  return stream == "customers" ? "shop" : "crm";
}

std::string short_name(std::string name) {
  constexpr std::string_view usual = "crm.Contact/";
  return name.starts_with(usual) ? name.substr(usual.size()) : name;
}

}  // namespace

// ── FakeSource ─────────────────────────────────────────────────────────────────────────────────

FakeSource& FakeSource::records(std::string stream, std::vector<std::string> json) {
  return then([stream = std::move(stream), json = std::move(json)](plugin::ReadSink& sink) {
    std::vector<plugin::SourceRecord> records;
    for (const std::string& one : json) {
      plugin::SourceRecord record;
      record.json = one;
      record.position = records.size() + 1;
      records.push_back(record);
    }
    return sink.records({stream, "contacts.jsonl", records});
  });
}

FakeSource& FakeSource::removed(std::string stream, std::string json, Timestamp at) {
  return then([stream = std::move(stream), json = std::move(json), at](plugin::ReadSink& sink) {
    plugin::SourceRecord record;
    record.json = json;
    record.operation = plugin::Operation::remove;
    record.changed_at = at;
    return sink.records({stream, "contacts.jsonl", {&record, 1}});
  });
}

FakeSource& FakeSource::unreadable(std::string stream, std::string text, std::string problem) {
  return then([stream = std::move(stream), text = std::move(text),
               problem = std::move(problem)](plugin::ReadSink& sink) {
    plugin::SourceRecord record;
    record.json = text;
    record.problem = problem;
    record.position = 7;
    return sink.records({stream, "contacts.jsonl", {&record, 1}});
  });
}

FakeSource& FakeSource::checkpoint(std::string stream, std::string state) {
  return then([stream = std::move(stream), state = std::move(state)](plugin::ReadSink& sink) {
    return sink.checkpoint(stream, state);
  });
}

FakeSource& FakeSource::begin(std::string stream, std::string generation) {
  return then([stream = std::move(stream), generation = std::move(generation)](
                  plugin::ReadSink& sink) { return sink.refresh_begin(stream, generation); });
}

FakeSource& FakeSource::complete(std::string stream) {
  return then([stream = std::move(stream)](plugin::ReadSink& sink) {
    return sink.refresh_complete(stream);
  });
}

FakeSource& FakeSource::then(Step step) {
  script_.push_back(std::move(step));
  return *this;
}

FakeSource& FakeSource::fails(Error error) {
  return then([error = std::move(error)](plugin::ReadSink&) -> Status { return error; });
}

FakeSource& FakeSource::silent_until_cancelled() {
  return then([this](plugin::ReadSink&) -> Status {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return cancelled_; });
    return {ErrorCode::cancelled, "the source was told to stop"};
  });
}

Status FakeSource::read(const plugin::ReadRequest& request, plugin::ReadSink& sink) {
  request_ = request;
  for (const Step& step : script_) RONDOM_TRY(step(sink));
  return {};
}

void FakeSource::cancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  changed_.notify_all();
}

bool FakeSource::was_cancelled() const {
  const std::lock_guard lock(mutex_);
  return cancelled_;
}

const plugin::ReadStream& FakeSource::asked(std::string_view stream) const {
  for (const plugin::ReadStream& one : request_.streams) {
    if (one.name == stream) return one;
  }
  BOOST_FAIL("the source was not asked for " << stream);
  return request_.streams.front();
}

// ── World ──────────────────────────────────────────────────────────────────────────────────────

World::World(const Files& more) : clock(start_of_test) {
  std::string pattern = (std::filesystem::temp_directory_path() / "rondom-engine-XXXXXX").string();
  BOOST_REQUIRE(::mkdtemp(pattern.data()) != nullptr);
  folder_ = pattern;
  Files files = test_project();
  for (const auto& [name, text] : more) files[name] = text;
  for (const auto& [name, text] : files) {
    const std::filesystem::path file = std::filesystem::path(folder_) / name;
    std::filesystem::create_directories(file.parent_path());
    std::ofstream(file, std::ios::binary) << text;
  }
  load();
  std::filesystem::create_directories(folder_ + "/var");
  store::Options options;
  options.sqlite_file = folder_ + "/var/rondom.db";
  options.owner = "test";
  store_ = value_of(store::open(options, clock));
}

World::~World() {
  store_.reset();
  std::error_code ignored;
  std::filesystem::remove_all(folder_, ignored);
}

void World::load() {
  config::Diagnostics diagnostics;
  auto project = std::make_shared<config::Project>(config::load_project(folder_, "", diagnostics));
  BOOST_REQUIRE_MESSAGE(diagnostics.empty(), diagnostics.render(folder_));
  project_ = project;
  identity_ = std::make_unique<resolve::Rules>(project_->identity);
  merge_ = std::make_unique<merge::Rules>(*project_, diagnostics);
  BOOST_REQUIRE_MESSAGE(diagnostics.empty(), diagnostics.render(folder_));
}

void World::change(const std::string& file, const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(folder_) / file;
  std::filesystem::create_directories(path.parent_path());
  std::ofstream(path, std::ios::binary | std::ios::trunc) << text;
  load();
}

Surroundings World::surroundings() {
  Surroundings surroundings;
  surroundings.clock = &clock;
  surroundings.random = &random;
  surroundings.cancel = &cancel;
  return surroundings;
}

store::StreamId World::stream_id(std::string_view stream) {
  const std::string connection = connection_of(stream);
  return value_of(store_->stream(connection, stream, connection)).id;
}

std::string canonical(const Person& person) {
  RecordBuilder builder;
  const auto add = [&](AttributeId attribute, const std::string& value, std::uint32_t group,
                       std::string_view name = {}) {
    if (!value.empty()) builder.add({attribute, group, value, {}, Rule::none, name});
  };
  add(attribute::name_given, person.given, 0);
  add(attribute::name_surname, person.surname, 0);
  add(attribute::birth_date, person.birth, 0);
  add(attribute::identifier, person.customer, 0, "customer");
  std::uint32_t group = 0;
  for (const std::string& email : person.emails) add(attribute::email_value, email, ++group);
  group = 0;
  for (const std::string& phone : person.phones) add(attribute::phone_value, phone, ++group);
  return std::string(builder.bytes());
}

void World::put(const Person& person) {
  put(std::vector<Person>{person});
}

void World::put(const std::vector<Person>& people) {
  std::map<std::string, store::IngestBatch> batches;
  std::deque<std::string> texts;
  std::deque<store::Output> outputs;
  for (const Person& person : people) {
    store::IngestBatch& batch = batches[person.stream];
    store::Output& output = outputs.emplace_back();
    output.entity = Entity::person;
    output.key = person.key;
    output.canonical = texts.emplace_back(canonical(person));
    store::Row row;
    row.key = person.key;
    row.observed_at = person.at;
    row.raw = "{}";
    row.raw_hash = hash64(outputs.back().canonical, static_cast<std::uint64_t>(person.at));
    row.outputs = {&outputs.back(), 1};
    batch.rows.push_back(row);
  }
  for (auto& [stream, batch] : batches) {
    batch.stream = stream_id(stream);
    batch.job = connection_of(stream);
    batch.run = run;
    batch.map_fingerprint = 1;
    (void)value_of(store_->apply(batch));
  }
}

void World::remove(const Person& person) {
  store::IngestBatch batch;
  batch.stream = stream_id(person.stream);
  batch.job = connection_of(person.stream);
  batch.run = run;
  batch.map_fingerprint = 1;
  store::Row row;
  row.kind = store::RowKind::removed;
  row.key = person.key;
  row.observed_at = person.at;
  row.raw = "{}";
  row.raw_hash = hash64("removed", static_cast<std::uint64_t>(person.at));
  batch.rows.push_back(row);
  const store::StreamCounts counts = value_of(store_->apply(batch));
  BOOST_REQUIRE(counts.removed == 1);
}

void World::put_row(std::string_view stream, std::string_view key, Timestamp at,
                    const std::vector<store::Output>& outputs) {
  store::IngestBatch batch;
  batch.stream = stream_id(stream);
  batch.job = connection_of(stream);
  batch.run = run;
  batch.map_fingerprint = 1;
  store::Row row;
  row.key = key;
  row.observed_at = at;
  row.raw = "{}";
  row.raw_hash = hash64(key, static_cast<std::uint64_t>(at));
  row.outputs = outputs;
  batch.rows.push_back(row);
  (void)value_of(store_->apply(batch));
}

void World::with_crm(const RunOptions& options, const std::function<void(const IngestJob&)>& use) {
  const config::Job* job = project_->job("crm");
  config::Diagnostics diagnostics;
  const std::vector<StreamPlan> plans = compile_job(*project_, *job, {}, diagnostics);
  BOOST_REQUIRE_MESSAGE(diagnostics.empty(), diagnostics.render(folder_));
  const Surroundings around = surroundings();
  StageTimers timers;
  use({project_.get(), job, &plans, run, &options, &around, &timers});
}

IngestOutcome World::remap(store::Store* store) {
  IngestOutcome outcome;
  with_crm({}, [&](const IngestJob& job) {
    outcome.status =
        engine::remap(job, store != nullptr ? *store : *store_, outcome.report.remapped);
  });
  return outcome;
}

IngestOutcome World::ingest(FakeSource& source, const RunOptions& options, store::Store* store) {
  store::Store& used = store != nullptr ? *store : *store_;
  IngestOutcome outcome;
  with_crm(options, [&](const IngestJob& job) {
    outcome.status = note_new_streams(job, *store_);
    if (outcome.status.ok()) outcome.status = engine::ingest(job, source, used, outcome.report);
  });
  for (const StreamReport& stream : outcome.report.streams) {
    const store::StreamCounts& c = stream.counts;
    BOOST_TEST(c.read == c.created + c.changed + c.unchanged + c.removed + c.stale + c.filtered +
                             c.quarantined);
  }
  return outcome;
}

const StreamReport& IngestOutcome::stream(std::string_view name) const {
  for (const StreamReport& one : report.streams) {
    if (one.stream == name) return one;
  }
  BOOST_FAIL("nothing is reported of stream " << name);
  return report.streams.front();
}

UnifyJob World::unify_job() {
  UnifyJob job;
  job.project = project_.get();
  job.identity = identity_.get();
  job.merge = merge_.get();
  job.run = run;
  job.profile_key = "secret of the test project";
  job.cancel = &cancel;
  job.timers = &timers_;
  return job;
}

Status World::unify(const UnifyJob& job, UnifyReport& report, store::Store* store) {
  return engine::unify(job, store != nullptr ? *store : *store_, report);
}

UnifyReport World::unify(const UnifyLimits& limits) {
  UnifyJob job = unify_job();
  job.limits = limits;
  UnifyReport report;
  require(unify(job, report));
  for (const ProfileView& profile : profiles()) {
    labels_.emplace(profile.id, short_name(profile.label));
  }
  return report;
}

std::vector<ProfileView> World::profiles() {
  RecordNames names;
  require(names.load(*store_));
  std::vector<ProfileView> views;
  for (const store::Profile& profile : value_of(store_->scan_profiles(0, 1'000'000))) {
    ProfileView view;
    view.uid = rondom::to_text(profile.uid);
    view.id = profile.id;
    view.label = profile.label;
    for (const store::StoredRecord& record : value_of(store_->records(profile.members))) {
      view.members.push_back(names.of(record));
    }
    std::sort(view.members.begin(), view.members.end());
    views.push_back(std::move(view));
  }
  return views;
}

ProfileView World::profile_of(std::string_view record) {
  for (ProfileView& view : profiles()) {
    if (std::find(view.members.begin(), view.members.end(), record) != view.members.end()) {
      return std::move(view);
    }
  }
  return {};
}

std::string World::partition() {
  std::vector<std::string> groups;
  for (const ProfileView& view : profiles()) {
    std::string group;
    for (const std::string& member : view.members) {
      group += (group.empty() ? "" : "+") + short_name(member);
    }
    groups.push_back(std::move(group));
  }
  std::sort(groups.begin(), groups.end());
  std::string text;
  for (const std::string& group : groups) text += (text.empty() ? "" : " | ") + group;
  return text;
}

std::vector<std::string> World::exported() {
  std::vector<std::string> lines;
  require(export_profiles(*store_, folder_ + "/var/tmp", [&](std::string_view line) -> Status {
    lines.emplace_back(line);
    return {};
  }));
  return lines;
}

std::string World::found_by(const std::string& uid) {
  Uid parsed;
  BOOST_REQUIRE(parse_uid(uid, parsed));
  const auto id = value_of(store_->find_profile(parsed));
  if (!id.has_value()) return "none";
  for (const ProfileView& view : profiles()) {
    if (view.id == *id) return short_name(view.members.front());
  }
  return "a profile that does not exist";
}

std::vector<std::string> World::events(std::int64_t after) {
  static constexpr const char* words[] = {"", "created", "changed", "merged", "split", "retired"};
  std::vector<std::string> lines;
  for (const store::ProfileEvent& event : value_of(store_->events(after, 1'000'000))) {
    std::string line = words[static_cast<std::size_t>(event.kind)];
    line += " " + labels_[event.profile];
    if (event.kind == store::EventKind::merged) line += " -> " + labels_[event.other];
    if (event.kind == store::EventKind::split) line += " from " + labels_[event.other];
    lines.push_back(std::move(line));
  }
  return lines;
}

void World::verify() {
  std::vector<std::string> problems;
  require(store_->verify(problems));
  for (const std::string& problem : problems) BOOST_ERROR("the store says: " << problem);
}

std::string to_text(const store::StreamCounts& counts) {
  std::string text;
  const auto add = [&](const char* name, std::int64_t count) {
    if (count == 0) return;
    text += (text.empty() ? "" : " ") + std::string(name) + ":" + std::to_string(count);
  };
  add("created", counts.created);
  add("changed", counts.changed);
  add("unchanged", counts.unchanged);
  add("removed", counts.removed);
  add("stale", counts.stale);
  add("filtered", counts.filtered);
  add("quarantined", counts.quarantined);
  add("tombstoned", counts.tombstoned);
  return text;
}

}  // namespace rondom::engine::test
