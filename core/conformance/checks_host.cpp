// The plugin in the real plugin host, with its sandbox: does it need more than it declares?
#include <algorithm>
#include <utility>

#include "conformance/checks.h"
#include "conformance/child.h"
#include "conformance/driver.h"
#include "conformance/measure.h"

namespace rondom::conformance {
namespace {

constexpr std::int64_t hang_limit_ms = 10'000;

class Collect final : public plugin::ReadSink {
 public:
  Status records(const plugin::SourceBatch& batch) override {
    for (const plugin::SourceRecord& record : batch.records) {
      Pushed pushed{Pushed::Kind::record, std::string(batch.stream), std::string(record.json)};
      pushed.op = static_cast<std::uint32_t>(record.operation);
      pushed_.push_back(std::move(pushed));
    }
    return {};
  }
  Status checkpoint(std::string_view /*stream*/, std::string_view /*state*/) override { return {}; }
  Status refresh_begin(std::string_view /*stream*/, std::string_view /*name*/) override {
    return {};
  }
  Status refresh_complete(std::string_view /*stream*/) override { return {}; }
  std::vector<Pushed> pushed_;
};

plugin::HostServices services_of(FakeHost& host) {
  plugin::HostServices services;
  services.log = [&host](std::string_view level, std::string_view message) {
    host.log(level, message);
  };
  services.http = [&host](const net::Request& request, net::ReplySink& sink, net::Interrupt&) {
    return host.http(request, sink);
  };
  return services;
}

const char* expectation =
    "the same in the plugin host, where only declared files and sockets can be had";

/// The plugin host's clock is the real one: a plugin that asks for "the last two days" asks for
/// others.
bool asked_something_else(const std::vector<Exchange>& wanted, const std::vector<Exchange>& asked) {
  if (asked.size() > wanted.size()) return true;
  return !std::equal(asked.begin(), asked.end(), wanted.begin(),
                     [](const Exchange& x, const Exchange& y) {
                       return x.method == y.method && x.url == y.url && x.body == y.body;
                     });
}

Finding judge(const Status& status) {
  if (status.ok()) return passed();
  return failed(expectation, status.error().message);
}

Finding hosted_read(const Subject& subject, FakeHost& host, const plugin::HostOptions& options) {
  const Baseline base = baseline(subject);
  auto source = plugin::open_source(subject.info, subject.declared.plugin_config_json,
                                    services_of(host), options);
  if (!source.ok()) return failed(expectation, source.error().message);
  Collect sink;
  const Status read = (*source)->read({streams_of(*subject.fixture), 0}, sink);
  if (asked_something_else(base.exchanges, host.exchanges())) {
    return read.ok() || read.error().code != ErrorCode::internal ? passed() : judge(read);
  }
  if (!read.ok()) return judge(read);
  const auto lost = missing(base.seen.pushed, sink.pushed_);
  if (!lost.empty()) return failed(expectation, number(lost.size(), "record") + " did not come");
  return passed();
}

Finding hosted_write(const Subject& subject, FakeHost& host, const plugin::HostOptions& options) {
  const Fixture& fixture = *subject.fixture;
  auto destination = plugin::open_destination(subject.info, subject.declared.plugin_config_json,
                                              services_of(host), options);
  if (!destination.ok()) return failed(expectation, destination.error().message);
  const std::vector<Operation> operations = operations_of(fixture);
  std::vector<plugin::WriteRecord> records;
  for (const Operation& operation : operations) {
    const RecordFixture& record = operation.record;
    const bool upsert = record.action == "create" || record.action == "update";
    records.push_back({operation.id, upsert ? plugin::Operation::upsert : plugin::Operation::remove,
                       record.action, record.key, record.remote_id, record.fields_json});
  }
  std::vector<plugin::WriteResult> results;
  const Status written =
      (*destination)->write({"session-1", fixture.stream, fixture.options_json, records}, results);
  if (!written.ok() && fixture.rejects.empty()) return failed(expectation, written.error().message);
  for (const plugin::WriteResult& result : results) {
    const bool refused = std::find(fixture.rejects.begin(), fixture.rejects.end(), result.index) !=
                         fixture.rejects.end();
    const bool accepted = result.outcome == plugin::WriteOutcome::accepted;
    if (accepted == refused) {
      return failed(expectation, "another result for record " + std::to_string(result.index));
    }
  }
  const Status flushed = (*destination)->flush("session-1");
  return flushed.ok() ? passed() : failed(expectation, flushed.error().message);
}

}  // namespace

Finding check_plugin_host(const Subject& subject) {
  FakeHost host(subject);
  plugin::HostOptions options;
  options.host_program = subject.host_program;
  options.hang_limit_ms = hang_limit_ms;
  options.working_directory = subject.folder;
  return subject.info.kind == plugin::Kind::source ? hosted_read(subject, host, options)
                                                   : hosted_write(subject, host, options);
}

}  // namespace rondom::conformance
