#include "plugin/instance.h"

#include <algorithm>
#include <limits>
#include <utility>

#include "base/limits.h"
#include "base/text.h"
#include "plugin/abi.h"

namespace rondom::plugin {
namespace {

constexpr std::size_t catalog_bytes_max = 16u << 20;

/// Collects what a failing call says about itself.
class ErrorCatcher {
 public:
  ErrorCatcher() {
    abi_.struct_size = sizeof abi_;
    abi_.ctx = this;
    abi_.set = &ErrorCatcher::set;
  }
  rondom_error* abi() { return &abi_; }

  /// The Status of a call that returned `code`.
  Status status(rondom_code code, const std::string& subject, const char* what) && {
    if (code == RONDOM_OK) return {};
    if (!known_code(code)) {
      return {ErrorCode::internal, subject + " returned the unknown code " + std::to_string(code) +
                                       " from " + what + "."};
    }
    error_.code = error_code_of(code);
    if (error_.message.empty()) {
      error_.message = subject + " failed in " + what + " without giving a reason.";
    } else if (error_.code == ErrorCode::internal) {
      error_.message = subject + " failed in " + what + ": " + error_.message;
    }
    return std::move(error_);
  }

 private:
  static void set(void* ctx, rondom_code, std::uint64_t retry_after_ms, rondom_str message,
                  rondom_str detail) noexcept {
    try {
      Error& error = static_cast<ErrorCatcher*>(ctx)->error_;
      error.retry_after_ms = static_cast<long>(
          std::min<std::uint64_t>(retry_after_ms, std::numeric_limits<std::int32_t>::max()));
      error.message = excerpt(view(message), message_bytes_max);
      error.detail = excerpt(view(detail), message_bytes_max);
    } catch (...) {  // out of memory: the code has to do
    }
  }
  rondom_error abi_{};
  Error error_;
};

/// Calls a slot. Exceptions have no business at this border; one that comes all the same ends here.
template <typename Slot>
rondom_code call(ErrorCatcher& error, Slot slot) {
  try {
    return slot();
  } catch (...) {
    constexpr std::string_view message = "an exception came through the plugin interface.";
    error.abi()->set(error.abi()->ctx, RONDOM_E_INTERNAL, 0, borrow(message), borrow({}));
    return RONDOM_E_INTERNAL;
  }
}

/// The host side of read(): checks what is pushed and hands it to a ReadSink.
class ReadOut {
 public:
  ReadOut(ReadSink& sink, ServiceBackend& services) : sink_(sink), services_(services) {
    abi_.struct_size = sizeof abi_;
    abi_.ctx = this;
    abi_.records = &ReadOut::on_records;
    abi_.checkpoint = &ReadOut::on_checkpoint;
    abi_.refresh_begin = &ReadOut::on_refresh_begin;
    abi_.refresh_complete = &ReadOut::on_refresh_complete;
  }
  rondom_read_out* abi() { return &abi_; }

  /// What the plugin did against the rules, or empty.
  const std::string& violation() const { return violation_; }
  const Status& stopped() const { return stopped_; }

 private:
  template <typename Push>
  static rondom_code run(void* ctx, Push push) noexcept {
    auto& self = *static_cast<ReadOut*>(ctx);
    try {
      if (!self.violation_.empty()) return RONDOM_E_INTERNAL;
      if (self.stopped_.ok() && self.services_.cancelled()) {
        self.stopped_ = Status(ErrorCode::cancelled, "The read was cancelled.");
      }
      if (self.stopped_.ok()) {
        Status status = push(self);
        if (!self.violation_.empty()) return RONDOM_E_INTERNAL;
        if (status.ok()) return RONDOM_OK;
        self.stopped_ = std::move(status);
      }
      return abi_code_of(self.stopped_.error().code);
    } catch (...) {
      self.violation_ = "ended in an exception of the engine.";
      return RONDOM_E_INTERNAL;
    }
  }

  static rondom_code on_records(void* ctx, const rondom_batch* batch) noexcept {
    return run(ctx, [batch](ReadOut& self) { return self.take_batch(batch); });
  }
  static rondom_code on_checkpoint(void* ctx, rondom_str stream, rondom_str state) noexcept {
    return run(ctx, [=](ReadOut& self) -> Status {
      if (!self.sane_name(stream) || !self.sane_state(state)) return {};
      return self.sink_.checkpoint(view(stream), view(state));
    });
  }
  static rondom_code on_refresh_begin(void* ctx, rondom_str stream,
                                      rondom_str generation) noexcept {
    return run(ctx, [=](ReadOut& self) -> Status {
      if (!self.sane_name(stream) || !self.sane_name(generation)) return {};
      return self.sink_.refresh_begin(view(stream), view(generation));
    });
  }
  static rondom_code on_refresh_complete(void* ctx, rondom_str stream) noexcept {
    return run(ctx, [=](ReadOut& self) -> Status {
      if (!self.sane_name(stream)) return {};
      return self.sink_.refresh_complete(view(stream));
    });
  }

  bool violate(std::string what) {
    violation_ = std::move(what);
    return false;
  }
  bool sane_name(rondom_str name) {
    if (name.size <= message_bytes_max && (name.size == 0 || name.data != nullptr)) return true;
    return violate("used a name that is too long.");
  }
  bool sane_state(rondom_str state) {
    if (state.size <= RONDOM_STATE_BYTES_MAX && (state.size == 0 || state.data != nullptr)) {
      return true;
    }
    return violate("pushed a checkpoint above the limit of 1 MiB.");
  }

  Status take_batch(const rondom_batch* theirs) {
    if (theirs == nullptr || theirs->struct_size < sizeof(std::uint32_t)) {
      violate("pushed a batch without a size.");
      return {};
    }
    const rondom_batch batch = complete(*theirs);
    if (!sane_batch(batch) || !collect(batch)) return {};
    if (batch.count == 0) return {};
    return sink_.records({view(batch.stream), view(batch.origin), records_});
  }

  bool sane_batch(const rondom_batch& batch) {
    if (batch.format != RONDOM_FORMAT_JSON) return violate("pushed a batch in an unknown format.");
    if (!sane_name(batch.stream) || !sane_name(batch.origin)) return false;
    if (batch.stream.size == 0) return violate("pushed records without naming their stream.");
    if (batch.count > limits::batch_records_max) {
      return violate("pushed a batch of " + std::to_string(batch.count) +
                     " records, above the limit of " + std::to_string(limits::batch_records_max) +
                     ".");
    }
    if (batch.count > 0 &&
        (batch.records == nullptr || batch.record_stride < sizeof(rondom_record))) {
      return violate("pushed a batch whose records cannot be found.");
    }
    return true;
  }

  bool collect(const rondom_batch& batch) {
    records_.resize(batch.count);
    std::uint64_t bytes = 0;
    const auto* at = static_cast<const char*>(batch.records);
    for (SourceRecord& record : records_) {
      const auto& theirs = *reinterpret_cast<const rondom_record*>(at);
      at += batch.record_stride;
      if (theirs.json.size > limits::record_bytes_max || theirs.problem.size > message_bytes_max ||
          (theirs.json.size > 0 && theirs.json.data == nullptr)) {
        return violate("pushed a record above the limit of 8 MiB.");
      }
      if (theirs.op != RONDOM_OP_UPSERT && theirs.op != RONDOM_OP_DELETE) {
        return violate("pushed a record with an unknown operation.");
      }
      bytes += theirs.json.size + theirs.problem.size;
      record.json = view(theirs.json);
      record.problem = {};
      if ((theirs.flags & RONDOM_RECORD_UNREADABLE) != 0) take_unreadable(theirs, record);
      record.operation = static_cast<Operation>(theirs.op);
      record.position = theirs.position;
      record.changed_at = theirs.changed_at_us;
    }
    if (bytes > limits::batch_bytes_max)
      return violate("pushed a batch above the limit of 64 MiB.");
    return true;
  }

  static void take_unreadable(const rondom_record& theirs, SourceRecord& record) {
    record.json = record.json.substr(0, limits::quarantine_excerpt_bytes_max);
    record.problem = view(theirs.problem);
    if (record.problem.empty()) record.problem = "The connector could not read this record.";
  }

  ReadSink& sink_;
  ServiceBackend& services_;
  rondom_read_out abi_{};
  std::vector<SourceRecord> records_;
  std::string violation_;
  Status stopped_;
};

/// The host side of write() and look_up(): one result per record.
class WriteOut {
 public:
  WriteOut(std::vector<WriteResult>& results, std::size_t count) : results_(results) {
    abi_.struct_size = sizeof abi_;
    abi_.ctx = this;
    abi_.result = &WriteOut::on_result;
    results.assign(count, {});
    mentioned_.assign(count, false);
    for (std::size_t i = 0; i < count; ++i) results[i].index = static_cast<std::uint32_t>(i);
  }
  rondom_write_out* abi() { return &abi_; }
  const std::string& violation() const { return violation_; }

  void settle_unmentioned(WriteOutcome outcome) {
    for (std::size_t i = 0; i < results_.size(); ++i) {
      if (!mentioned_[i]) results_[i].outcome = outcome;
    }
  }

 private:
  static void on_result(void* ctx, const rondom_write_result* result) noexcept {
    auto& self = *static_cast<WriteOut*>(ctx);
    try {
      self.take(result);
    } catch (...) {
      self.violation_ = "gave a result that could not be kept.";
    }
  }
  void take(const rondom_write_result* theirs) {
    if (theirs == nullptr) return;
    const rondom_write_result result = complete(*theirs);
    if (result.index >= results_.size()) {
      violation_ = "gave a result for record " + std::to_string(result.index) + " of a batch of " +
                   std::to_string(results_.size()) + ".";
      return;
    }
    if (result.outcome > RONDOM_OUTCOME_UNKNOWN || result.remote_id.size > message_bytes_max) {
      violation_ = "gave a result that makes no sense.";
      return;
    }
    WriteResult& ours = results_[result.index];
    ours.outcome = static_cast<WriteOutcome>(result.outcome);
    ours.adopted = (result.flags & RONDOM_RESULT_ADOPTED) != 0;
    ours.remote_id = view(result.remote_id);
    ours.message = excerpt(view(result.message), message_bytes_max);
    mentioned_[result.index] = true;
  }

  rondom_write_out abi_{};
  std::vector<WriteResult>& results_;
  std::vector<bool> mentioned_;
  std::string violation_;
};

struct CatalogText {
  std::string text;
  bool too_large = false;
  static void append(void* ctx, rondom_str piece) noexcept {
    auto& self = *static_cast<CatalogText*>(ctx);
    if (self.too_large || piece.size > catalog_bytes_max - self.text.size()) {
      self.too_large = true;
      return;
    }
    try {
      self.text += view(piece);
    } catch (...) {
      self.too_large = true;
    }
  }
};

Status check_batch_size(const WriteBatch& batch) {
  std::uint64_t bytes = 0;
  for (const WriteRecord& record : batch.records) {
    bytes += record.operation_id.size() + record.action.size() + record.key.size() +
             record.remote_id.size() + record.json.size();
  }
  if (batch.records.size() <= limits::batch_records_max && bytes <= limits::batch_bytes_max) {
    return {};
  }
  return {ErrorCode::failure, "A batch is larger than a plugin may be given."};
}

}  // namespace

Instance::Instance(const rondom_connector& table, ConnectorInfo info,
                   std::unique_ptr<ServiceBackend> services)
    : table_(complete(table)),
      info_(std::move(info)),
      subject_(subject_of(info_)),
      services_(std::move(services)),
      host_(*services_) {}

Instance::~Instance() {
  if (instance_ != nullptr) table_.close(instance_);
}

Result<std::unique_ptr<Instance>> Instance::open(const rondom_connector& table, ConnectorInfo info,
                                                 std::string_view config_json,
                                                 std::unique_ptr<ServiceBackend> services) {
  std::unique_ptr<Instance> made(new Instance(table, std::move(info), std::move(services)));
  ErrorCatcher error;
  const rondom_code code = call(error, [&] {
    return made->table_.open(made->host_.abi(), borrow(config_json), &made->instance_, error.abi());
  });
  RONDOM_TRY(std::move(error).status(code, made->subject_, "open()"));
  if (made->instance_ == nullptr) {
    return Error{ErrorCode::internal, made->subject_ + " opened without giving an instance."};
  }
  return made;
}

Status Instance::unsupported(const char* what) const {
  return {ErrorCode::unsupported, subject_ + " has no " + what + "."};
}

Status Instance::check() {
  if (table_.check == nullptr) return {};
  ErrorCatcher error;
  const rondom_code code = call(error, [&] { return table_.check(instance_, error.abi()); });
  return std::move(error).status(code, subject_, "check()");
}

Result<std::string> Instance::discover(std::string_view options_json) {
  if (table_.discover == nullptr) return unsupported("discover()");
  CatalogText catalog;
  rondom_text_out out{};
  out.struct_size = sizeof out;
  out.ctx = &catalog;
  out.append = &CatalogText::append;
  ErrorCatcher error;
  const rondom_code code = call(
      error, [&] { return table_.discover(instance_, borrow(options_json), &out, error.abi()); });
  RONDOM_TRY(std::move(error).status(code, subject_, "discover()"));
  if (catalog.too_large) {
    return Error{ErrorCode::internal, subject_ + " gave a catalog above the limit of 16 MiB."};
  }
  return std::move(catalog.text);
}

Status Instance::read(const ReadRequest& request, ReadSink& sink) {
  if (table_.read == nullptr) return unsupported("read()");
  std::vector<rondom_read_stream> streams;
  for (const ReadStream& stream : request.streams) {
    streams.push_back({borrow(stream.name), borrow(stream.options_json), borrow(stream.state_json),
                       borrow(stream.generation)});
  }
  rondom_read_request abi{};
  abi.struct_size = sizeof abi;
  abi.stream_count = static_cast<std::uint32_t>(streams.size());
  abi.streams = streams.data();
  abi.stream_stride = sizeof(rondom_read_stream);
  abi.records_max = request.records_max;
  ReadOut out(sink, *services_);
  ErrorCatcher error;
  const rondom_code code =
      call(error, [&] { return table_.read(instance_, &abi, out.abi(), error.abi()); });
  if (!out.violation().empty()) {
    return {ErrorCode::internal, subject_ + " " + out.violation()};
  }
  if (!out.stopped().ok()) return out.stopped();
  return std::move(error).status(code, subject_, "read()");
}

Status Instance::send(WriteSlot slot, const char* what, Silence silence, const WriteBatch& batch,
                      std::vector<WriteResult>& results) {
  WriteOut out(results, batch.records.size());
  out.settle_unmentioned(WriteOutcome::unknown);
  if (slot == nullptr) return unsupported(what);
  RONDOM_TRY(check_batch_size(batch));
  std::vector<rondom_write_record> records;
  records.reserve(batch.records.size());
  for (const WriteRecord& record : batch.records) {
    records.push_back({borrow(record.operation_id), borrow(record.action), borrow(record.key),
                       borrow(record.remote_id), borrow(record.json),
                       static_cast<std::uint32_t>(record.operation), 0});
  }
  rondom_write_batch abi{};
  abi.struct_size = sizeof abi;
  abi.format = RONDOM_FORMAT_JSON;
  abi.session = borrow(batch.session);
  abi.stream = borrow(batch.stream);
  abi.options_json = borrow(batch.options_json);
  abi.records = records.data();
  abi.record_stride = sizeof(rondom_write_record);
  abi.count = static_cast<std::uint32_t>(records.size());
  ErrorCatcher error;
  const rondom_code code =
      call(error, [&] { return slot(instance_, &abi, out.abi(), error.abi()); });
  const bool clean = code == RONDOM_OK && out.violation().empty();
  if (clean && silence == Silence::accepts) out.settle_unmentioned(WriteOutcome::accepted);
  if (!out.violation().empty()) return {ErrorCode::internal, subject_ + " " + out.violation()};
  return std::move(error).status(code, subject_, what);
}

Status Instance::write(const WriteBatch& batch, std::vector<WriteResult>& results) {
  return send(table_.write, "write()", Silence::accepts, batch, results);
}

Status Instance::look_up(const WriteBatch& batch, std::vector<WriteResult>& results) {
  return send(table_.look_up, "look_up()", Silence::says_nothing, batch, results);
}

Status Instance::flush(std::string_view session) {
  if (table_.flush == nullptr) return {};
  ErrorCatcher error;
  const rondom_code code =
      call(error, [&] { return table_.flush(instance_, borrow(session), error.abi()); });
  return std::move(error).status(code, subject_, "flush()");
}

}  // namespace rondom::plugin
