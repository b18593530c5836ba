#include "conformance/driver.h"

#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <utility>

#include "base/limits.h"
#include "conformance/child.h"
#include "conformance/sinks.h"
#include "plugin/abi.h"

namespace rondom::conformance {
namespace {

/// A copy that ends where readable memory ends.
const rondom_host* at_end_of_memory(const rondom_host& host) {
  const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
  void* memory =
      ::mmap(nullptr, 2 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) conclude({Outcome::failed, "", "two pages of memory", "none"});
  auto* bytes = static_cast<char*>(memory);
  ::mprotect(bytes + page, page, PROT_NONE);
  const std::size_t size = host.struct_size;
  std::memcpy(bytes + page - size, &host, size);
  return reinterpret_cast<const rondom_host*>(bytes + page - size);
}

const rondom_host* shaped(const rondom_host& full, HostShape shape) {
  rondom_host host = full;
  switch (shape) {
    case HostShape::today: return &full;
    case HostShape::bare:
      host.log = nullptr;
      host.secret_get = nullptr;
      host.secret_put = nullptr;
      host.state_get = nullptr;
      host.state_put = nullptr;
      host.metric = nullptr;
      host.extension = nullptr;
      return at_end_of_memory(host);
    case HostShape::tiny:
      host.struct_size = offsetof(rondom_host, http);
      return at_end_of_memory(host);
    case HostShape::later: {
      auto* later = new Long<rondom_host>(shape);
      const std::uint32_t size = later->value.struct_size;
      later->value = host;
      later->value.struct_size = size;
      later->value.abi_minor = host.abi_minor + 1;
      return &later->value;
    }
  }
  return &full;
}

}  // namespace

Opened::Opened(const Subject& subject, FakeHost& host, HostShape shape)
    : subject_(subject),
      host_(host),
      shape_(shape),
      table_(host),
      given_(shaped(*table_.abi(), shape)),
      notes_(std::make_shared<Notes>()) {}

Opened::~Opened() {
  close();
}

Answer Opened::open() {
  return open(subject_.declared.plugin_config_json);
}

Answer Opened::open(std::string_view config_json) {
  host_.begin();
  Answer answer = call(notes_, shape_, "open()", [&](rondom_error* error) {
    return subject_.table.open(given_, borrow(config_json), &instance_, error);
  });
  if (!answer.ok() && instance_ != nullptr) {
    notes_->add("open() failed and gave an instance all the same");
    instance_ = nullptr;
  }
  if (answer.ok() && instance_ == nullptr) {
    notes_->add("open() returned RONDOM_OK without an instance");
    answer.code = RONDOM_E_INTERNAL;
  }
  return answer;
}

void Opened::close() {
  if (instance_ == nullptr) return;
  call(notes_, shape_, "close()", [&](rondom_error*) -> rondom_code {
    subject_.table.close(std::exchange(instance_, nullptr));
    return RONDOM_OK;
  });
  host_.end();
}

Answer Opened::check() {
  if (subject_.table.check == nullptr) return {};
  return call(notes_, shape_, "check()",
              [&](rondom_error* error) { return subject_.table.check(instance_, error); });
}

Answer Opened::discover(std::string_view options_json, std::string& catalog) {
  if (subject_.table.discover == nullptr) return {RONDOM_E_UNSUPPORTED};
  auto* sink = new TextSink(notes_, shape_);
  Answer answer = call(notes_, shape_, "discover()", [&](rondom_error* error) {
    return subject_.table.discover(instance_, borrow(options_json), &sink->abi.value, error);
  });
  sink->guard.end();
  catalog = sink->text;
  return answer;
}

ReadSeen Opened::read(const ReadPlan& plan) {
  auto* sink = new ReadSink(notes_, shape_, plan, host_);
  Elements<rondom_read_stream> streams(shape_, plan.streams.size());
  for (std::size_t i = 0; i < plan.streams.size(); ++i) {
    const plugin::ReadStream& stream = plan.streams[i];
    streams.set(i, {borrow(stream.name), borrow(stream.options_json), borrow(stream.state_json),
                    borrow(stream.generation)});
  }
  Long<rondom_read_request> request(shape_);
  request.value.stream_count = static_cast<std::uint32_t>(plan.streams.size());
  request.value.streams = streams.data();
  request.value.stream_stride = streams.stride();
  request.value.records_max = plan.records_max;
  const Answer answer = call(notes_, shape_, "read()", [&](rondom_error* error) {
    return subject_.table.read(instance_, &request.value, &sink->abi.value, error);
  });
  sink->guard.end();
  ReadSeen seen = std::move(sink->seen);
  seen.answer = answer;
  return seen;
}

Written Opened::send(WriteSlot slot, const std::vector<Operation>& operations,
                     std::string_view session, bool silence_accepts) {
  auto* sink = new WriteSink(notes_, shape_, operations.size());
  Elements<rondom_write_record> records(shape_, operations.size());
  for (std::size_t i = 0; i < operations.size(); ++i) {
    const RecordFixture& record = operations[i].record;
    const bool upsert = record.action == "create" || record.action == "update";
    records.set(i, {borrow(operations[i].id), borrow(record.action), borrow(record.key),
                    borrow(record.remote_id), borrow(record.fields_json),
                    upsert ? RONDOM_OP_UPSERT : RONDOM_OP_DELETE, 0});
  }
  Long<rondom_write_batch> batch(shape_);
  batch.value.format = RONDOM_FORMAT_JSON;
  batch.value.session = borrow(session);
  batch.value.stream = borrow(subject_.fixture->stream);
  batch.value.options_json = borrow(subject_.fixture->options_json);
  batch.value.records = records.data();
  batch.value.record_stride = records.stride();
  batch.value.count = static_cast<std::uint32_t>(operations.size());
  const Answer answer = call(notes_, shape_, "write()", [&](rondom_error* error) {
    return slot(instance_, &batch.value, &sink->abi.value, error);
  });
  sink->guard.end();
  Written seen = std::move(sink->seen);
  seen.answer = answer;
  for (std::size_t i = 0; answer.ok() && silence_accepts && i < seen.outcomes.size(); ++i) {
    if (!sink->mentioned[i]) seen.outcomes[i] = RONDOM_OUTCOME_ACCEPTED;
  }
  return seen;
}

Written Opened::write(const std::vector<Operation>& operations, std::string_view session) {
  return send(subject_.table.write, operations, session, true);
}

Written Opened::look_up(const std::vector<Operation>& operations) {
  return send(subject_.table.look_up, operations, "session-1", false);
}

Answer Opened::flush(std::string_view session) {
  if (subject_.table.flush == nullptr) return {};
  return call(notes_, shape_, "flush()", [&](rondom_error* error) {
    return subject_.table.flush(instance_, borrow(session), error);
  });
}

std::vector<std::string> Opened::violations() const {
  const std::lock_guard lock(notes_->mutex);
  return notes_->violations;
}

std::string code_name(rondom_code code) {
  constexpr std::array<const char*, 12> names = {
      "OK",          "E_CONFIG",       "E_AUTH",
      "E_TRANSIENT", "E_RATE_LIMITED", "E_DATA",
      "E_STATE",     "E_UNSUPPORTED",  "E_CANCELLED",
      "E_INTERNAL",  "E_UNAVAILABLE",  "E_NOT_PERMITTED"};
  return code < names.size() ? names[code] : "code " + std::to_string(code);
}

std::string to_text(const Answer& answer) {
  if (answer.threw) return "an exception";
  return code_name(answer.code) + (answer.message.empty() ? "" : ": " + answer.message);
}

std::vector<Operation> operations_of(const Fixture& fixture) {
  std::vector<Operation> operations;
  for (const RecordFixture& record : fixture.records) {
    const std::string number = std::to_string(operations.size() + 1);
    operations.push_back({"operation-" + number, record});
  }
  return operations;
}

std::vector<plugin::ReadStream> streams_of(const Fixture& fixture) {
  std::vector<plugin::ReadStream> streams;
  for (const StreamFixture& stream : fixture.streams) {
    plugin::ReadStream one;
    one.name = stream.stream;
    one.options_json = stream.options_json;
    streams.push_back(std::move(one));
  }
  return streams;
}

std::vector<plugin::ReadStream> resumed(const Subject& subject, const std::vector<Pushed>& pushed,
                                        std::size_t count) {
  std::vector<plugin::ReadStream> streams = streams_of(*subject.fixture);
  for (plugin::ReadStream& stream : streams) {
    std::string generation;
    for (std::size_t i = 0; i < count; ++i) {
      const Pushed& one = pushed[i];
      if (one.stream != stream.name && !one.stream.empty()) continue;
      switch (one.kind) {
        case Pushed::Kind::record: break;
        case Pushed::Kind::refresh_begin: generation = one.text; break;
        case Pushed::Kind::refresh_complete: generation.clear(); break;
        case Pushed::Kind::checkpoint:
          stream.state_json = one.text;
          stream.generation = generation;
          break;
      }
    }
  }
  return streams;
}

ReadSeen read_from(const Subject& subject, std::vector<plugin::ReadStream> streams,
                   FakeHost& host) {
  Opened opened(subject, host);
  const Answer answer = opened.open();
  if (!answer.ok()) conclude(failed("that the fixture's configuration opens", to_text(answer)));
  ReadPlan plan;
  plan.streams = std::move(streams);
  ReadSeen seen = opened.read(plan);
  opened.close();
  return seen;
}

Baseline baseline(const Subject& subject) {
  FakeHost host(subject);
  Baseline result;
  result.seen = read_from(subject, streams_of(*subject.fixture), host);
  result.exchanges = host.exchanges();
  if (!result.seen.answer.ok()) {
    std::string seen = to_text(result.seen.answer);
    const std::vector<std::string> unanswered = host.unanswered();
    if (!unanswered.empty()) seen += " (the cassette has no answer to " + unanswered.front() + ")";
    conclude(failed("that the fixture is read to its end", seen));
  }
  return result;
}

Finding passed() {
  return {};
}

Finding skipped(std::string reason) {
  return {Outcome::skipped, std::move(reason), "", ""};
}

Finding failed(std::string expected, std::string seen) {
  return {Outcome::failed, "", std::move(expected), std::move(seen)};
}

}  // namespace rondom::conformance
