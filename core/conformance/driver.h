// driver: the slots of one connector, called over the C interface itself, with everything the
// plugin does in return written down and nothing of it trusted.
//
// An Opened borrows its subject and host. Its sinks live as long as the process: a plugin that uses
// one after the call is found by it.
#pragma once

#include <rondom/plugin.h>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/conformance.h"
#include "conformance/fake_host.h"
#include "conformance/subject.h"

namespace rondom::conformance {

/// How a slot ended.
struct Answer {
  rondom_code code = RONDOM_OK;
  bool threw = false;  // an exception came through
  std::uint64_t retry_after_ms = 0;
  std::string message = {};
  std::string detail = {};
  bool ok() const { return code == RONDOM_OK && !threw; }
};
/// "E_AUTH: The token was refused."
std::string to_text(const Answer& answer);
std::string code_name(rondom_code code);

/// One thing that a source pushed.
struct Pushed {
  enum class Kind : std::uint8_t { record, checkpoint, refresh_begin, refresh_complete };
  Kind kind = Kind::record;
  std::string stream;
  std::string text;  // JSON of a record or checkpoint; name of a refresh
  std::uint32_t op = RONDOM_OP_UPSERT;
  bool unreadable = false;
  std::string problem = {};
  std::size_t requests = 0;  // that were made before it
};

struct ReadPlan {
  std::vector<plugin::ReadStream> streams;
  std::uint64_t records_max = 0;
  std::size_t stop_at_push = ~std::size_t{0};  // the call that is answered with stop_code
  rondom_code stop_code = RONDOM_OK;
  std::function<void(const Pushed&)> observe;
};
struct ReadSeen {
  Answer answer;
  std::vector<Pushed> pushed;
  std::size_t calls = 0;  // of the sinks
  std::size_t calls_after_stop = 0;
};

struct Written {
  Answer answer;
  std::vector<std::uint32_t> outcomes;  // as Rondom would take them
  std::vector<std::string> remote_ids;
  std::vector<std::string> messages;
};

/// One operation for write().
struct Operation {
  std::string id;
  RecordFixture record;
};
/// Of the records of a fixture, with ids that are the same each time.
std::vector<Operation> operations_of(const Fixture& fixture);

/// The host that a plugin may meet: today's, one whose optional services are missing, one that has
/// nothing but log, and one of a later minor version, whose structs and strides are longer.
enum class HostShape : std::uint8_t { today, bare, tiny, later };

struct Notes;  // sinks.h

class Opened {
 public:
  Opened(const Subject& subject, FakeHost& host, HostShape shape = HostShape::today);
  ~Opened();
  Opened(const Opened&) = delete;
  Opened& operator=(const Opened&) = delete;

  Answer open();  // with the fixture's configuration
  Answer open(std::string_view config_json);
  void close();
  bool is_open() const { return instance_ != nullptr; }

  Answer check();
  Answer discover(std::string_view options_json, std::string& catalog);
  ReadSeen read(const ReadPlan& plan);
  Written write(const std::vector<Operation>& operations, std::string_view session = "session-1");
  Written look_up(const std::vector<Operation>& operations);
  Answer flush(std::string_view session = "session-1");

  /// What the plugin did against the rules of the interface, in sentences.
  std::vector<std::string> violations() const;

 private:
  using WriteSlot = decltype(rondom_connector::write);
  Written send(WriteSlot slot, const std::vector<Operation>& operations, std::string_view session,
               bool silence_accepts);

  const Subject& subject_;
  FakeHost& host_;
  HostShape shape_;
  plugin::HostTable table_;
  const rondom_host* given_ = nullptr;
  rondom_instance* instance_ = nullptr;
  std::shared_ptr<Notes> notes_;
};

/// Reads everything from nothing, with today's host; ends the check when that is not possible.
struct Baseline {
  ReadSeen seen;
  std::vector<Exchange> exchanges;
};
Baseline baseline(const Subject& subject);
/// The same, from the checkpoints given, with a script and another start of the clock.
ReadSeen read_from(const Subject& subject, std::vector<plugin::ReadStream> streams, FakeHost& host);

/// Where the streams would go on after the first `count` things pushed.
std::vector<plugin::ReadStream> resumed(const Subject& subject, const std::vector<Pushed>& pushed,
                                        std::size_t count);

Finding passed();
Finding skipped(std::string reason);
Finding failed(std::string expected, std::string seen);

}  // namespace rondom::conformance
