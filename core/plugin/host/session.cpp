#include "plugin/host/session.h"

#include <unistd.h>

#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "plugin/abi.h"
#include "plugin/frames.h"
#include "plugin/host/link.h"
#include "plugin/host/sandbox.h"
#include "plugin/host/witness.h"
#include "plugin/instance.h"
#include "plugin/loader.h"
#include "plugin/process.h"

namespace rondom::plugin::host {
namespace {

/// Services of the engine, asked through the link.
class LinkServices final : public ServiceBackend {
 public:
  LinkServices(Link& link, const OpenRequest& request)
      : link_(link),
        alive_ms_(request.alive_ms),
        has_streams_(request.has_input || request.has_output) {
    streams_.struct_size = sizeof streams_;
    streams_.input_descriptor = request.has_input ? host_input_descriptor : -1;
    streams_.output_descriptor = request.has_output ? host_output_descriptor : -1;
  }

  void log(std::string_view level, std::string_view message) override {
    Encoder frame;
    link_.send(frame.begin(FrameType::log).text(level).text(message));
  }
  Result<std::string> call(Service service, std::string_view name,
                           std::string_view value) override {
    return link_.ask(service, name, value);
  }
  Status http(const net::Request& request, net::ReplySink& sink) override {
    return link_.http(request, sink);
  }
  std::int64_t now_us() override { return clock_.now(); }
  Status sleep_ms(std::uint64_t milliseconds) override {
    if (link_.sleep(milliseconds, alive_ms_)) return {};
    return {ErrorCode::cancelled, "Stopped while waiting."};
  }
  bool cancelled() override { return link_.cancelled(); }
  const rondom_ext_streams* standard_streams() override {
    return has_streams_ ? &streams_ : nullptr;
  }

 private:
  Link& link_;
  std::uint64_t alive_ms_;
  bool has_streams_;
  rondom_ext_streams streams_{};
  SystemClock clock_;
};

/// What a read pushes, as frames.
class LinkSink final : public ReadSink {
 public:
  explicit LinkSink(Link& link) : link_(link) {}

  Status records(const SourceBatch& batch) override {
    encode_records(frame_, batch);
    return push();
  }
  Status checkpoint(std::string_view stream, std::string_view state_json) override {
    frame_.begin(FrameType::checkpoint).text(stream).text(state_json);
    return push();
  }
  Status refresh_begin(std::string_view stream, std::string_view generation) override {
    frame_.begin(FrameType::refresh_begin).text(stream).text(generation);
    return push();
  }
  Status refresh_complete(std::string_view stream) override {
    frame_.begin(FrameType::refresh_complete).text(stream);
    return push();
  }

 private:
  Status push() {
    if (link_.send_with_credit(frame_)) return {};
    return {ErrorCode::cancelled, "The read was stopped."};
  }
  Link& link_;
  Encoder frame_;
};

class Session {
 public:
  explicit Session(Link& link) : link_(link), sink_(link) {}

  /// False when the engine's first frame is none of ours.
  bool open(const Frame& frame) {
    OpenRequest request;
    if (frame.type != FrameType::open || !decode_open(frame.payload(), request)) return false;
    const Status status = open_connector(request);
    encode_done(frame_, status, {});
    link_.send(frame_);
    return true;
  }

  /// False at the end.
  bool serve(const Frame& frame) {
    if (frame.type == FrameType::close || instance_ == nullptr) return false;
    std::string text;
    Status status;
    switch (frame.type) {
      case FrameType::check: status = instance_->check(); break;
      case FrameType::discover: status = discover(frame, text); break;
      case FrameType::read: status = read(frame); break;
      case FrameType::write:
      case FrameType::look_up: status = write(frame); break;
      case FrameType::flush: {
        Decoder in(frame.payload());
        status = instance_->flush(in.text());
        break;
      }
      default: return false;
    }
    if (!status.ok()) witness::note_memory();
    encode_done(frame_, status, text);
    link_.send(frame_);
    return true;
  }

  void close() { instance_.reset(); }

 private:
  Status open_connector(const OpenRequest& request) {
    link_.set_credit(request.credit_bytes);
    if (!request.working_directory.empty() && ::chdir(request.working_directory.c_str()) != 0) {
      return {ErrorCode::unavailable, "The working directory of the run cannot be entered."};
    }
    if (!request.has_input) ::close(host_input_descriptor);
    if (!request.has_output) ::close(host_output_descriptor);
    witness::install(host_notes_descriptor, request.memory_bytes);
    const Result<const rondom_plugin*> loaded = load_confined(request);
    link_.start();
    RONDOM_TRY_ASSIGN(const rondom_plugin* plugin, loaded);
    auto services = std::make_unique<LinkServices>(link_, request);
    const rondom_connector* table = find_connector(*plugin, request.kind, request.connector);
    if (table == nullptr) {
      return {ErrorCode::internal, "Plugin file " + request.library + " has no connector \"" +
                                       request.connector + "\" any more."};
    }
    RONDOM_TRY_ASSIGN(instance_, Instance::open(*table, info_of(*plugin, request),
                                                request.config_json, std::move(services)));
    return {};
  }

  static Result<const rondom_plugin*> load_confined(const OpenRequest& request) {
    const Grants grants = grants_of(request);
    RONDOM_TRY(before_load(grants));
    RONDOM_TRY_ASSIGN(const rondom_plugin* plugin, load_plugin(request.library));
    RONDOM_TRY(after_load(grants));
    return plugin;
  }

  static Grants grants_of(const OpenRequest& request) {
    Grants grants;
    grants.raw_network = request.raw_network;
    grants.filesystem = request.filesystem;
    grants.readable_paths = request.readable_paths;
    grants.writable_paths = request.writable_paths;
    grants.library = request.library;
    grants.memory_bytes = request.memory_bytes;
    grants.debugged = request.debugged;
    return grants;
  }

  static ConnectorInfo info_of(const rondom_plugin& plugin, const OpenRequest& request) {
    for (ConnectorInfo& info : describe(plugin, request.library)) {
      if (info.kind == request.kind && info.id == request.connector) return std::move(info);
    }
    return {};
  }

  Status discover(const Frame& frame, std::string& text) {
    Decoder in(frame.payload());
    RONDOM_TRY_ASSIGN(text, instance_->discover(in.text()));
    return {};
  }

  Status read(const Frame& frame) {
    ReadRequest request;
    if (!decode_read(frame.payload(), request)) return bad_frame();
    return instance_->read(request, sink_);
  }

  Status write(const Frame& frame) {
    WriteBatch batch;
    std::vector<WriteRecord> records;
    if (!decode_write(frame.payload(), batch, records)) return bad_frame();
    results_.clear();
    Status status = frame.type == FrameType::write ? instance_->write(batch, results_)
                                                   : instance_->look_up(batch, results_);
    for (std::size_t at = 0; at < results_.size();) {
      at = encode_results(frame_, results_, at);
      link_.send(frame_);
    }
    return status;
  }

  static Status bad_frame() {
    return {ErrorCode::internal, "The plugin host was given a frame it cannot read."};
  }

  Link& link_;
  LinkSink sink_;
  Encoder frame_;
  std::unique_ptr<Instance> instance_;
  std::vector<WriteResult> results_;
};

}  // namespace

int serve(int socket) {
  Link link(socket);
  Session session(link);
  if (!session.open(link.first_command())) ::_exit(exit_protocol);
  while (session.serve(link.next_command())) {
  }
  session.close();
  // Not a return: the reading thread still runs, and a plugin's exit handlers must not.
  ::_exit(0);
}

}  // namespace rondom::plugin::host
