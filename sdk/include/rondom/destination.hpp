// Destination: base class of what delivers profiles to a system.
//
// The SDK makes one object per configured destination and calls it from one thread at a time. The
// rule of silence: when write() returns ok, records without a result were accepted; when it fails,
// their fate is unknown and the host looks them up before it sends them again.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "context.hpp"
#include "record_writer.hpp"
#include "result.hpp"

namespace rondom {
inline namespace sdk_v1 {

/// One operation. Borrowed for the call.
struct WriteRecord {
  std::string_view operation_id;  // stable over retries and restarts: an idempotency key
  Operation operation = Operation::upsert;
  std::string_view action;  // upsert: create | update; remove: leave_segment | delete | unsubscribe
  std::string_view key;     // the profile's stable id
  std::string_view remote_id;  // what this system called it before; may be empty
  std::string_view json;       // mapped fields; of an update only those that changed
};

struct WriteBatch {
  std::string_view session;       // stable id of this delivery session
  std::string_view stream;        // the object to write; may be empty
  std::string_view options_json;  // the job's options, a JSON object
  std::vector<WriteRecord> records;
};

/// Results by index into the batch. Valid during the call.
class WriteResults {
 public:
  explicit WriteResults(const rondom_write_out& out) : out_(&out) {}

  void accepted(std::size_t index, std::string_view remote_id = {}, bool adopted = false) {
    send(index, RONDOM_OUTCOME_ACCEPTED, remote_id, {}, adopted ? RONDOM_RESULT_ADOPTED : 0u);
  }
  /// Refused for good, and why: one sentence without personal data.
  void rejected(std::size_t index, std::string_view message) {
    send(index, RONDOM_OUTCOME_REJECTED, {}, message, 0);
  }
  /// Certainly not applied: send it again.
  void retry(std::size_t index, std::string_view message) {
    send(index, RONDOM_OUTCOME_RETRY, {}, message, 0);
  }
  /// May have been applied.
  void unknown(std::size_t index, std::string_view message) {
    send(index, RONDOM_OUTCOME_UNKNOWN, {}, message, 0);
  }

 private:
  void send(std::size_t index, std::uint32_t outcome, std::string_view remote_id,
            std::string_view message, std::uint32_t flags) {
    rondom_write_result result{};
    result.struct_size = sizeof result;
    result.index = static_cast<std::uint32_t>(index);
    result.outcome = outcome;
    result.flags = flags;
    result.remote_id = detail::to_abi(remote_id);
    result.message = detail::to_abi(message);
    out_->result(out_->ctx, &result);
  }
  const rondom_write_out* out_;
};

class Destination {
 public:
  Destination() = default;
  Destination(const Destination&) = delete;
  Destination& operator=(const Destination&) = delete;
  virtual ~Destination() = default;

  /// Can we reach it with these credentials? Changes nothing there.
  virtual Status check() { return {}; }
  virtual Status write(const WriteBatch& batch, WriteResults& results) = 0;
  /// Ok = everything written in this session is durable there.
  virtual Status flush(std::string_view /*session*/) { return {}; }
  /// For operations whose fate is unknown: accepted (was applied), retry (was not), unknown.
  /// Declare RONDOM_CAP_LOOK_UP in `capabilities` to be asked.
  virtual Status look_up(const WriteBatch& /*batch*/, WriteResults& /*results*/) {
    return {Code::unsupported, "This destination cannot look up operations."};
  }
};

}  // namespace sdk_v1
}  // namespace rondom
