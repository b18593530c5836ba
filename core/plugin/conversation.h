// Conversation: the engine's end of one plugin host.
//
// A thread of its own reads ahead, up to the credit window, so that the plugin works while the
// engine does. Owns the process, the thread and the queue between them. One caller at a time uses
// command() and next(); cancel() may come from any thread. Callbacks of HostServices run on the
// caller's thread, except http (http_desk.h).
//
// Whatever goes wrong with the process (death, silence, bytes that are no frames) is found here,
// ends it, and is told as one sentence by this and every later call.
#pragma once

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "plugin/frames.h"
#include "plugin/http_desk.h"
#include "plugin/plugin.h"
#include "plugin/process.h"

namespace rondom::plugin {

class Conversation {
 public:
  static Result<std::unique_ptr<Conversation>> start(const ConnectorInfo& info,
                                                     std::string_view config_json,
                                                     const HostServices& services,
                                                     const HostOptions& options);
  ~Conversation();
  Conversation(const Conversation&) = delete;
  Conversation& operator=(const Conversation&) = delete;

  const std::string& subject() const { return subject_; }

  /// Sends a command; `what` ("read()") names it in sentences.
  Status command(const char* what, Encoder& frame);
  /// The next frame of the running command that is not a matter of this class. The memory of the
  /// frame before it is used again.
  Result<const Frame*> next();
  /// Waits for the end of a command that pushes nothing.
  Result<Done> finish();
  /// Reads a `done` frame.
  Result<Done> done_of(const Frame& frame);
  /// A sentence of the plugin's, without what nobody may read.
  std::string masked(std::string_view sentence) const;
  /// Asks the running command to stop; next() waits for that a bounded time only.
  void stop_command();
  /// The engine took a frame that costs credit.
  Status give_credit(std::size_t bytes);
  /// It did what it may not: ends it and returns the sentence, with the code for a plugin's defect.
  Error stop_for(const std::string& what);
  /// The host broke the protocol: ends it and returns the sentence.
  Error broken(const std::string& how);

  void cancel();
  bool cancelled() const { return cancelled_.load(); }
  Status cancelled_status() const;

 private:
  using SteadyTime = std::chrono::steady_clock::time_point;
  struct Item {
    enum class Kind { frame, line, end } kind = Kind::end;
    Frame frame;
    std::string text;  // of a line; of an end: what was wrong with the bytes, or empty
  };

  Conversation(ConnectorInfo info, HostServices services, const HostOptions& options,
               std::unique_ptr<Process> process);
  Status open(std::string_view config_json, const HostOptions& options);
  Status send(std::string_view bytes, std::int64_t patience_ms);
  Status fail(ErrorCode code, std::string message);
  Result<Item> wait();
  SteadyTime deadline(SteadyTime waiting_since) const;
  void note_life();
  Status give_up();
  bool without_progress() const;
  void take_notes();
  void take_note(std::string_view note);
  Error with_notes(Error error);
  Status describe_end(const Item& end);
  void answer(const Frame& frame);
  void log_frame(const Frame& frame);
  void log_line(std::string_view level, std::string_view text);

  // On the reading thread.
  void read_ahead();
  bool read_socket(FrameReader& reader, std::string& problem);
  void read_log();
  void put_log_lines(bool at_end);
  void put(Item item);
  bool put_frame(Frame frame, std::string& problem);

  ConnectorInfo info_;
  HostServices services_;
  std::string subject_;
  std::int64_t hang_limit_ms_;
  std::int64_t idle_limit_ms_;
  std::uint64_t credit_bytes_;
  std::uint64_t memory_bytes_;
  std::unique_ptr<Process> process_;

  // Of the caller.
  std::string what_ = "open()";
  std::uint64_t call_ = 0;
  std::uint64_t credit_owed_ = 0;
  Frame current_;
  Status failed_;
  Encoder small_;
  std::string unfinished_note_;
  std::size_t refused_count_ = 0;
  std::size_t trace_count_ = 0;
  bool at_memory_limit_ = false;

  std::mutex send_mutex_;
  std::atomic<bool> cancelled_{false};
  std::string log_pending_;  // of the reading thread: an unfinished line

  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable arrived_;
  std::deque<Item> items_;
  std::vector<Frame> spent_;
  std::size_t queued_bytes_ = 0;
  std::size_t output_lines_ = 0;
  std::size_t log_lines_ = 0;  // of this call
  std::size_t log_bytes_ = 0;
  std::size_t lines_dropped_ = 0;
  SteadyTime last_life_;
  SteadyTime last_progress_;
  bool stopping_ = false;
  SteadyTime stopping_since_;

  HttpDesk http_;
  std::thread reader_;
};

}  // namespace rondom::plugin
