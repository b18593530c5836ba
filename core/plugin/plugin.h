// plugin: connectors as the rest of the core sees them.
//
// Source and Destination each have two implementations: in this process (tests, benchmarks) and in
// a plugin host process of their own. Nothing above this folder knows which. This is the only
// folder that sees the C ABI (sdk/include/rondom/plugin.h).
//
// Ownership: whoever calls open_* owns the returned handle; destroying it ends the plugin host.
// Threads: one handle, one call at a time, any thread; cancel() from any thread at any time.
// Failures: what the plugin reports comes back with its code; a plugin that throws, crashes, hangs,
// exits or talks nonsense comes back as ErrorCode::internal with one sentence that names it.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "net/exchange.h"
#include "net/interrupt.h"

namespace rondom::plugin {

enum class Kind : std::uint8_t { source = 1, destination = 2 };

/// Facts a connector declares; known from the manifest without running its code.
struct ConnectorInfo {
  Kind kind = Kind::source;
  std::string id;  // "file", "salesforce"
  std::string version;
  std::string title;
  std::string spec_json;  // JSON Schema of its configuration
  bool raw_network = false;
  bool filesystem = false;
  bool standard_streams = false;   // may be handed stdin or stdout (the file connector)
  bool idempotent_upsert = false;  // destination: sending an operation twice equals once
  bool can_look_up = false;        // destination: can say whether an operation was applied
  bool can_adopt = false;          // destination: can match records that are already there
  std::uint32_t preferred_batch = 1000;
  std::string library;   // absolute path of the plugin file
  std::string sha256;    // of that file, and of its presets if it has any, in hexadecimal
  bool foreign = false;  // not of the installation's own folder: a project has to name it
  std::string plugin_name;
  std::string plugin_version;
  std::string preset_directory;  // "<library without .so>.presets" beside it; empty = there is none
};

/// Every connector of every plugin in the configured directories, in order of (id, kind). Reads
/// manifests only. A broken plugin yields an entry in `problems`, never an error for the others.
struct Inventory {
  std::vector<ConnectorInfo> connectors;
  std::vector<std::string> problems;
  const ConnectorInfo* find(std::string_view id, Kind kind) const;
};
/// Connectors of directories that are not among `own`, the installation's, are foreign.
Inventory take_inventory(std::span<const std::string> directories,
                         std::span<const std::string> own = {});

struct CatalogField {
  std::string name;
  std::string type;     // text integer decimal boolean date time object list
  std::string example;  // masked when it may be personal
};
struct CatalogStream {
  std::string name;
  std::vector<std::string> key;  // field names of the primary key; may be empty
  std::string cursor;            // field that orders versions; may be empty
  bool full_refresh = true;      // only such a stream is tombstoned
  std::vector<CatalogField> fields;
  std::string schema_json;  // as the connector gave it
};
struct Catalog {
  std::vector<CatalogStream> streams;
};

enum class Operation : std::uint8_t { upsert = 1, remove = 2 };

/// One record as pushed by a source. Borrowed for the call.
struct SourceRecord {
  std::string_view json;     // one JSON object; for an unreadable record: the raw text, cut
  std::string_view problem;  // not empty: the connector could not read this record, and why
  Operation operation = Operation::upsert;
  std::uint64_t position = 0;  // line or row in `origin`, 1-based; 0 = unknown
  Timestamp changed_at = no_time;
};
struct SourceBatch {
  std::string_view stream;
  std::string_view origin;  // "crm.csv": where positions count; may be empty
  std::span<const SourceRecord> records;
};

/// Where read() pushes to. Each call blocks while the engine is behind; a failed Status stops the
/// read. Called from one thread at a time.
class ReadSink {
 public:
  virtual ~ReadSink() = default;
  virtual Status records(const SourceBatch& batch) = 0;
  /// Covers every record pushed before it. `stream` is empty when it covers all streams.
  virtual Status checkpoint(std::string_view stream, std::string_view state_json) = 0;
  virtual Status refresh_begin(std::string_view stream, std::string_view generation) = 0;
  virtual Status refresh_complete(std::string_view stream) = 0;
};

struct ReadStream {
  std::string name;
  std::string options_json = "{}";  // the job's `options:` for this stream
  std::string state_json;           // last checkpoint; empty = none
  std::string generation;           // of an unfinished refresh that is to be resumed; else empty
};
struct ReadRequest {
  std::vector<ReadStream> streams;
  std::uint64_t records_max = 0;  // preview: stop after this many per stream; 0 = no limit
};

class Source {
 public:
  virtual ~Source() = default;
  virtual const ConnectorInfo& info() const = 0;
  virtual Status check() = 0;
  virtual Result<Catalog> discover(std::string_view options_json) = 0;
  virtual Status read(const ReadRequest& request, ReadSink& sink) = 0;
  virtual void cancel() = 0;
};

/// One operation at a destination. Borrowed for the call.
struct WriteRecord {
  std::string_view operation_id;  // stable over retries and restarts
  Operation operation = Operation::upsert;
  std::string_view
      action;  // remove: "leave_segment" | "delete" | "unsubscribe"; upsert: "create" | "update"
  std::string_view key;        // the profile's stable id (text)
  std::string_view remote_id;  // what the destination called it before; may be empty
  std::string_view json;       // mapped fields; upsert: only those that changed for an update
};
struct WriteBatch {
  std::string_view session;       // stable id of this delivery session: names the output file
  std::string_view stream;        // the destination's object: from the job's options, may be empty
  std::string_view options_json;  // the job's `options:`
  std::span<const WriteRecord> records;
};

enum class WriteOutcome : std::uint8_t { accepted, rejected, retry, unknown };
struct WriteResult {
  std::uint32_t index = 0;  // into the batch
  WriteOutcome outcome = WriteOutcome::accepted;
  bool adopted = false;  // the record already existed there and was matched
  std::string remote_id;
  std::string message;
};

class Destination {
 public:
  virtual ~Destination() = default;
  virtual const ConnectorInfo& info() const = 0;
  virtual Status check() = 0;
  /// One result per record, in order of the batch. An error with unmentioned records leaves those
  /// `unknown`; a clean return leaves them `accepted`.
  virtual Status write(const WriteBatch& batch, std::vector<WriteResult>& results) = 0;
  /// Ok = everything written in this session is durable there.
  virtual Status flush(std::string_view session) = 0;
  /// For operations whose fate is unknown: accepted (was applied), retry (was not), unknown.
  virtual Status look_up(const WriteBatch& batch, std::vector<WriteResult>& results) = 0;
  virtual void cancel() = 0;
};

/// What the engine offers to plugins, and how a host process is run. With a host process the
/// callbacks run on the thread that is inside a call of the handle, http on threads of its own, up
/// to 16 at a time; in this process on whichever thread the plugin calls from. A missing callback
/// answers `unsupported`.
struct HostServices {
  std::function<void(std::string_view level, std::string_view message)> log;
  /// Takes what nobody may read out of a sentence of the plugin's: of its answers and of what it
  /// says of a record. Missing: as it is. `log` and `refused` see to that themselves.
  std::function<std::string(std::string_view sentence)> mask;
  /// Something the plugin was kept from, a sentence for each kind: "Connector "x" of plugin "y"
  /// tried to open a socket (socket) and was refused." May come from the destructor of the handle
  /// too.
  std::function<void(std::string_view sentence)> refused;
  /// Where the plugin was when it crashed, innermost first: "at acme.so+0x1234 (read_it+0x5)".
  std::function<void(std::string_view place)> trace;
  std::function<Result<std::string>(std::string_view name)> secret_get;
  std::function<Status(std::string_view name, std::string_view value)> secret_put;
  std::function<Result<std::string>(std::string_view key)> state_get;
  std::function<Status(std::string_view key, std::string_view value)> state_put;
  /// One exchange; ends soon after the interrupt.
  std::function<Status(const net::Request& request, net::ReplySink& sink,
                       net::Interrupt& interrupt)>
      http;
};
struct HostOptions {
  std::string host_program;               // rondom-plugin-host; empty = beside our own executable
  std::uint64_t credit_bytes = 8u << 20;  // window of records not yet taken by the engine
  std::int64_t hang_limit_ms = 120'000;   // no frame for this long while we wait = hung
  std::int64_t idle_limit_ms =
      3'600'000;  // nothing but sleep, log lines and questions = no progress
  std::uint64_t records_without_checkpoint_max = 100'000'000;
  std::uint64_t memory_bytes = 1u << 30;  // of one plugin host; 0 = no limit
  // FILESYSTEM connectors are held to these paths (Landlock). Both empty = every path this user may
  // use. Writable paths are readable too; what is not there when the host starts is not granted.
  std::vector<std::string> readable_paths;
  std::vector<std::string> writable_paths;
  std::string working_directory;  // relative paths in a configuration start here
  int stdin_descriptor = -1;      // handed to connectors with standard_streams
  int stdout_descriptor = -1;
  // For people who look for a mistake. A wrapper (gdb --args) gets our terminal, and no limits of
  // time and memory hold. With either the process can be traced and Landlock holds no paths; system
  // calls stay refused.
  std::vector<std::string> wrapper;
  bool core_dumps = false;  // they hold what the plugin knows, its secrets too
};

/// In a process of its own. `config_json` holds resolved secrets: it travels in one frame only.
Result<std::unique_ptr<Source>> open_source(const ConnectorInfo& info, std::string_view config_json,
                                            const HostServices& services,
                                            const HostOptions& options);
Result<std::unique_ptr<Destination>> open_destination(const ConnectorInfo& info,
                                                      std::string_view config_json,
                                                      const HostServices& services,
                                                      const HostOptions& options);

/// In this process: `entry` is the plugin's rondom_plugin_v1 function (tests, benchmarks).
using PluginEntry = const void* (*)();
Result<std::unique_ptr<Source>> open_source_in_process(PluginEntry entry,
                                                       std::string_view connector,
                                                       std::string_view config_json,
                                                       const HostServices& services);
Result<std::unique_ptr<Destination>> open_destination_in_process(PluginEntry entry,
                                                                 std::string_view connector,
                                                                 std::string_view config_json,
                                                                 const HostServices& services);

}  // namespace rondom::plugin
