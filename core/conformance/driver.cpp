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
#include "plugin/abi.h"

namespace rondom::conformance {
namespace {

constexpr std::size_t catalog_bytes_max = 16u << 20;
constexpr std::size_t violations_max = 100;
// What a later version may have appended; no plugin of today may look at it.
constexpr std::size_t appended_bytes = 64;
constexpr int appended_byte = 0xEE;

using plugin::borrow;
using plugin::complete;
using plugin::view;

/// An ABI struct followed by room that belongs to later versions.
template <typename T>
struct Long {
  T value{};
  std::array<unsigned char, appended_bytes> appended;
  explicit Long(HostShape shape) {
    appended.fill(appended_byte);
    value.struct_size = static_cast<std::uint32_t>(
        shape == HostShape::later ? sizeof(T) + appended_bytes : sizeof(T));
  }
};

/// Elements with room between them when the host is a later one.
template <typename T>
class Elements {
 public:
  Elements(HostShape shape, std::size_t count)
      : stride_(shape == HostShape::later ? sizeof(T) + appended_bytes : sizeof(T)),
        bytes_(std::max<std::size_t>(1, count) * stride_, static_cast<char>(appended_byte)) {}
  void set(std::size_t index, const T& value) {
    std::memcpy(bytes_.data() + index * stride_, &value, sizeof value);
  }
  const void* data() const { return bytes_.data(); }
  std::uint32_t stride() const { return static_cast<std::uint32_t>(stride_); }

 private:
  std::size_t stride_;
  std::vector<char> bytes_;
};

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

/// What is seen of one instance; shared with sinks that outlive it.
struct Opened::Notes {
  std::mutex mutex;
  std::vector<std::string> violations;
  void add(std::string what) {
    const std::lock_guard lock(mutex);
    if (violations.size() < violations_max) violations.push_back(std::move(what));
  }
};

namespace {

/// Every sink: used during its call only, by one thread at a time.
template <typename Notes>
class SinkGuard {
 public:
  SinkGuard(Notes notes, const char* name) : notes_(std::move(notes)), name_(name) {}
  bool enter() {
    if (over_) notes_->add(std::string(name_) + " was used after the call that it was given to");
    if (inside_++ > 0) notes_->add(std::string(name_) + " was used by two threads at a time");
    return !over_;
  }
  void leave() { --inside_; }
  void end() { over_ = true; }
  void add(std::string what) { notes_->add(std::move(what)); }

 private:
  Notes notes_;
  const char* name_;
  std::atomic<bool> over_{false};
  std::atomic<int> inside_{0};
};

template <typename Notes>
struct ErrorSink {
  ErrorSink(Notes notes, HostShape shape) : guard(std::move(notes), "rondom_error"), abi(shape) {
    abi.value.ctx = this;
    abi.value.set = &ErrorSink::set;
  }
  static void set(void* ctx, rondom_code code, std::uint64_t retry_after_ms, rondom_str message,
                  rondom_str detail) noexcept {
    auto& self = *static_cast<ErrorSink*>(ctx);
    if (self.guard.enter()) {
      self.code = code;
      self.answer.retry_after_ms = retry_after_ms;
      self.answer.message = view(message).substr(0, RONDOM_MESSAGE_BYTES_MAX);
      self.answer.detail = view(detail).substr(0, RONDOM_MESSAGE_BYTES_MAX);
    }
    self.guard.leave();
  }
  SinkGuard<Notes> guard;
  Long<rondom_error> abi;
  rondom_code code = RONDOM_OK;
  Answer answer;
};

/// Calls a slot and takes down how it ended.
template <typename Notes, typename Slot>
Answer call(const Notes& notes, HostShape shape, const char* name, Slot slot) {
  auto* error = new ErrorSink<Notes>(notes, shape);
  Answer answer;
  try {
    answer.code = slot(&error->abi.value);
  } catch (...) {
    answer.threw = true;
    answer.code = RONDOM_E_INTERNAL;
    notes->add(std::string("an exception came out of ") + name);
  }
  error->guard.end();
  answer.retry_after_ms = error->answer.retry_after_ms;
  answer.message = error->answer.message;
  answer.detail = error->answer.detail;
  if (!plugin::known_code(answer.code)) {
    notes->add(std::string(name) + " returned the unknown code " + std::to_string(answer.code));
  }
  return answer;
}

template <typename Notes>
struct TextSink {
  TextSink(Notes notes, HostShape shape) : guard(std::move(notes), "rondom_text_out"), abi(shape) {
    abi.value.ctx = this;
    abi.value.append = &TextSink::append;
  }
  static void append(void* ctx, rondom_str text) noexcept {
    auto& self = *static_cast<TextSink*>(ctx);
    if (self.guard.enter() && self.text.size() < catalog_bytes_max) self.text += view(text);
    self.guard.leave();
  }
  SinkGuard<Notes> guard;
  Long<rondom_text_out> abi;
  std::string text;
};

template <typename Notes>
struct ReadSink {
  ReadSink(Notes notes, HostShape shape, const ReadPlan& wanted, FakeHost& fake)
      : guard(std::move(notes), "rondom_read_out"), abi(shape), plan(wanted), host(&fake) {
    abi.value.ctx = this;
    abi.value.records = &ReadSink::on_records;
    abi.value.checkpoint = &ReadSink::on_checkpoint;
    abi.value.refresh_begin = &ReadSink::on_begin;
    abi.value.refresh_complete = &ReadSink::on_complete;
  }

  template <typename Take>
  static rondom_code run(void* ctx, Take take) noexcept {
    auto& self = *static_cast<ReadSink*>(ctx);
    rondom_code code = RONDOM_E_CANCELLED;
    if (self.guard.enter()) code = self.answer(take);
    self.guard.leave();
    return code;
  }
  template <typename Take>
  rondom_code answer(Take take) {
    if (stopped != RONDOM_OK) {
      if (++seen.calls_after_stop > calls_after_stop_max) {
        conclude({Outcome::failed, "", "no further push after a sink said stop",
                  "more than " + std::to_string(calls_after_stop_max)});
      }
      return stopped;
    }
    if (host->is_cancelled()) stopped = RONDOM_E_CANCELLED;
    if (seen.calls++ == plan.stop_at_push) stopped = plan.stop_code;
    if (stopped != RONDOM_OK) return stopped;
    take(*this);
    return RONDOM_OK;
  }
  void push(Pushed pushed) {
    pushed.requests = host->requests();
    if (plan.observe) plan.observe(pushed);
    seen.pushed.push_back(std::move(pushed));
  }

  static rondom_code on_records(void* ctx, const rondom_batch* batch) noexcept {
    return run(ctx, [batch](ReadSink& self) { self.take_batch(batch); });
  }
  static rondom_code on_checkpoint(void* ctx, rondom_str stream, rondom_str state) noexcept {
    return run(ctx, [=](ReadSink& self) {
      if (state.size > RONDOM_STATE_BYTES_MAX) {
        self.guard.add("a checkpoint was longer than RONDOM_STATE_BYTES_MAX");
        return;
      }
      self.push({Pushed::Kind::checkpoint, std::string(view(stream)), std::string(view(state))});
    });
  }
  static rondom_code on_begin(void* ctx, rondom_str stream, rondom_str generation) noexcept {
    return run(ctx, [=](ReadSink& self) {
      self.push(
          {Pushed::Kind::refresh_begin, std::string(view(stream)), std::string(view(generation))});
    });
  }
  static rondom_code on_complete(void* ctx, rondom_str stream) noexcept {
    return run(ctx, [=](ReadSink& self) {
      self.push({Pushed::Kind::refresh_complete, std::string(view(stream)), ""});
    });
  }

  void take_batch(const rondom_batch* theirs) {
    if (theirs == nullptr || theirs->struct_size < sizeof(std::uint32_t)) {
      return guard.add("a batch came without its struct_size");
    }
    const rondom_batch batch = complete(*theirs);
    if (batch.format != RONDOM_FORMAT_JSON) return guard.add("a batch has an unknown format");
    if (batch.stream.size == 0) guard.add("records were pushed without naming their stream");
    if (batch.count > RONDOM_BATCH_RECORDS_MAX) {
      return guard.add("a batch held more than RONDOM_BATCH_RECORDS_MAX records");
    }
    if (batch.count > 0 &&
        (batch.records == nullptr || batch.record_stride < sizeof(rondom_record))) {
      return guard.add("the records of a batch cannot be found");
    }
    std::uint64_t bytes = 0;
    for (std::uint32_t i = 0; i < batch.count; ++i) {
      rondom_record record{};
      std::memcpy(&record,
                  static_cast<const char*>(batch.records) + i * std::size_t{batch.record_stride},
                  sizeof record);
      bytes += record.json.size;
      take_record(batch, record);
    }
    if (bytes > RONDOM_BATCH_BYTES_MAX) guard.add("a batch was above RONDOM_BATCH_BYTES_MAX");
  }
  void take_record(const rondom_batch& batch, const rondom_record& record) {
    if (record.json.size > RONDOM_RECORD_BYTES_MAX) {
      return guard.add("a record was longer than RONDOM_RECORD_BYTES_MAX");
    }
    if (record.op != RONDOM_OP_UPSERT && record.op != RONDOM_OP_DELETE) {
      return guard.add("a record has an unknown operation");
    }
    Pushed pushed{Pushed::Kind::record, std::string(view(batch.stream)),
                  std::string(view(record.json))};
    pushed.op = record.op;
    pushed.unreadable = (record.flags & RONDOM_RECORD_UNREADABLE) != 0;
    pushed.problem = view(record.problem);
    push(std::move(pushed));
  }

  static constexpr std::size_t calls_after_stop_max = 1'000;
  SinkGuard<Notes> guard;
  Long<rondom_read_out> abi;
  ReadPlan plan;
  FakeHost* host;
  rondom_code stopped = RONDOM_OK;
  ReadSeen seen;
};

template <typename Notes>
struct WriteSink {
  WriteSink(Notes notes, HostShape shape, std::size_t count)
      : guard(std::move(notes), "rondom_write_out"), abi(shape), mentioned(count, false) {
    abi.value.ctx = this;
    abi.value.result = &WriteSink::on_result;
    seen.outcomes.resize(count, RONDOM_OUTCOME_UNKNOWN);
    seen.remote_ids.resize(count);
    seen.messages.resize(count);
  }
  static void on_result(void* ctx, const rondom_write_result* result) noexcept {
    auto& self = *static_cast<WriteSink*>(ctx);
    if (self.guard.enter()) self.take(result);
    self.guard.leave();
  }
  void take(const rondom_write_result* theirs) {
    if (theirs == nullptr) return guard.add("a result came without its struct");
    const rondom_write_result result = complete(*theirs);
    if (result.index >= mentioned.size()) {
      return guard.add("a result names record " + std::to_string(result.index) + " of a batch of " +
                       std::to_string(mentioned.size()));
    }
    if (result.outcome > RONDOM_OUTCOME_UNKNOWN) return guard.add("a result has no known outcome");
    mentioned[result.index] = true;
    seen.outcomes[result.index] = result.outcome;
    seen.remote_ids[result.index] = view(result.remote_id);
    seen.messages[result.index] = view(result.message);
  }
  SinkGuard<Notes> guard;
  Long<rondom_write_out> abi;
  std::vector<bool> mentioned;
  Written seen;
};

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
  auto* sink = new TextSink<std::shared_ptr<Notes>>(notes_, shape_);
  Answer answer = call(notes_, shape_, "discover()", [&](rondom_error* error) {
    return subject_.table.discover(instance_, borrow(options_json), &sink->abi.value, error);
  });
  sink->guard.end();
  catalog = sink->text;
  return answer;
}

ReadSeen Opened::read(const ReadPlan& plan) {
  auto* sink = new ReadSink<std::shared_ptr<Notes>>(notes_, shape_, plan, host_);
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
  auto* sink = new WriteSink<std::shared_ptr<Notes>>(notes_, shape_, operations.size());
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
