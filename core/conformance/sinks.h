// sinks: where a plugin pushes to during a call, written down and checked. Private to the driver.
//
// A sink is made for one call and never taken away again, so that a plugin which uses it later is
// found by it and harms nobody. Any thread may push; two at a time are told.
#pragma once

#include <rondom/plugin.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "conformance/child.h"
#include "conformance/driver.h"
#include "plugin/abi.h"

namespace rondom::conformance {

using plugin::borrow;
using plugin::complete;
using plugin::view;

inline constexpr std::size_t catalog_bytes_max = 16u << 20;
inline constexpr std::size_t violations_max = 100;
// What a later version may have appended; no plugin of today may look at it.
inline constexpr std::size_t appended_bytes = 64;
inline constexpr int appended_byte = 0xEE;

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

/// What is seen of one instance; shared with sinks that outlive it.
struct Notes {
  std::mutex mutex;
  std::vector<std::string> violations;
  void add(std::string what) {
    const std::lock_guard lock(mutex);
    if (violations.size() < violations_max) violations.push_back(std::move(what));
  }
};

using NotesPointer = std::shared_ptr<Notes>;

/// Every sink: used during its call only, by one thread at a time.
class SinkGuard {
 public:
  SinkGuard(NotesPointer notes, const char* name) : notes_(std::move(notes)), name_(name) {}
  bool enter() {
    if (over_) notes_->add(std::string(name_) + " was used after the call that it was given to");
    if (inside_++ > 0) notes_->add(std::string(name_) + " was used by two threads at a time");
    return !over_;
  }
  void leave() { --inside_; }
  void end() { over_ = true; }
  void add(std::string what) { notes_->add(std::move(what)); }

 private:
  NotesPointer notes_;
  const char* name_;
  std::atomic<bool> over_{false};
  std::atomic<int> inside_{0};
};

struct ErrorSink {
  ErrorSink(NotesPointer notes, HostShape shape)
      : guard(std::move(notes), "rondom_error"), abi(shape) {
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
  SinkGuard guard;
  Long<rondom_error> abi;
  rondom_code code = RONDOM_OK;
  Answer answer;
};

/// Calls a slot and takes down how it ended.
template <typename Slot>
Answer call(const NotesPointer& notes, HostShape shape, const char* name, Slot slot) {
  auto* error = new ErrorSink(notes, shape);
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

struct TextSink {
  TextSink(NotesPointer notes, HostShape shape)
      : guard(std::move(notes), "rondom_text_out"), abi(shape) {
    abi.value.ctx = this;
    abi.value.append = &TextSink::append;
  }
  static void append(void* ctx, rondom_str text) noexcept {
    auto& self = *static_cast<TextSink*>(ctx);
    if (self.guard.enter() && self.text.size() < catalog_bytes_max) self.text += view(text);
    self.guard.leave();
  }
  SinkGuard guard;
  Long<rondom_text_out> abi;
  std::string text;
};

struct ReadSink {
  ReadSink(NotesPointer notes, HostShape shape, const ReadPlan& wanted, FakeHost& fake)
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
  SinkGuard guard;
  Long<rondom_read_out> abi;
  ReadPlan plan;
  FakeHost* host;
  rondom_code stopped = RONDOM_OK;
  ReadSeen seen;
};

struct WriteSink {
  WriteSink(NotesPointer notes, HostShape shape, std::size_t count)
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
  SinkGuard guard;
  Long<rondom_write_out> abi;
  std::vector<bool> mentioned;
  Written seen;
};

}  // namespace rondom::conformance
