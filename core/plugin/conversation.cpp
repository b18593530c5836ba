#include "plugin/conversation.h"

#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "base/text.h"
#include "plugin/abi.h"
#include "plugin/services.h"
#include "plugin/symbols.h"

namespace rondom::plugin {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::int64_t stop_patience_ms_max = 10'000;
constexpr std::int64_t close_patience_ms_max = 5'000;
constexpr std::int64_t exit_patience_ms = 2'000;
constexpr std::int64_t cancel_send_ms = 1'000;
constexpr std::size_t output_lines_max = 1'000;
// Of one call: what a plugin logs by its own word, which may be a line for each of many files.
constexpr std::size_t log_lines_max = 10'000;
constexpr std::size_t log_bytes_max = 4u << 20;
constexpr std::size_t refused_max = 64;
constexpr std::size_t note_bytes_max = 400;
constexpr std::size_t trace_places_max = 32;
constexpr std::int64_t debugged_limit_ms = 24 * 3'600'000;
constexpr std::size_t line_bytes_max = 4'096;
constexpr std::size_t spent_frames_max = 8;
constexpr std::uint64_t credit_bytes_min = 64 * 1024;

int timeout_of(std::int64_t ms) {
  return static_cast<int>(std::clamp<std::int64_t>(ms, 0, 1 << 30));
}

}  // namespace

Result<std::unique_ptr<Conversation>> Conversation::start(const ConnectorInfo& info,
                                                          std::string_view config_json,
                                                          const HostServices& services,
                                                          const HostOptions& options) {
  ProcessOptions process;
  process.program = options.host_program.empty() ? default_host_program() : options.host_program;
  process.label = info.id;
  process.wrapper = options.wrapper;
  if (info.standard_streams) {
    process.stdin_descriptor = options.stdin_descriptor;
    process.stdout_descriptor = options.stdout_descriptor;
  }
  RONDOM_TRY_ASSIGN(std::unique_ptr<Process> started, Process::start(process));
  std::unique_ptr<Conversation> talk(new Conversation(info, services, options, std::move(started)));
  RONDOM_TRY(talk->open(config_json, options));
  return talk;
}

Conversation::Conversation(ConnectorInfo info, HostServices services, const HostOptions& options,
                           std::unique_ptr<Process> process)
    : info_(std::move(info)),
      services_(std::move(services)),
      subject_(subject_of(info_)),
      hang_limit_ms_(options.wrapper.empty() ? std::max<std::int64_t>(options.hang_limit_ms, 1)
                                             : debugged_limit_ms),
      idle_limit_ms_(options.wrapper.empty() ? std::max<std::int64_t>(options.idle_limit_ms, 1)
                                             : debugged_limit_ms),
      credit_bytes_(std::max(options.credit_bytes, credit_bytes_min)),
      memory_bytes_(options.wrapper.empty() ? options.memory_bytes : 0),
      process_(std::move(process)),
      last_life_(steady_clock::now()),
      last_progress_(last_life_),
      http_(
          services_.http, [this](Encoder& frame) { return send(frame.frame(), hang_limit_ms_); },
          [this] { note_life(); }),
      reader_([this] { read_ahead(); }) {}

Conversation::~Conversation() {
  http_.close();
  if (failed_.ok()) {
    small_.begin(FrameType::close);
    if (send(small_.frame(), cancel_send_ms).ok()) {
      process_->reap(timeout_of(std::min(hang_limit_ms_, close_patience_ms_max)));
    }
  }
  process_->reap(0);
  take_notes();
  // The other end is gone, so the reading thread finds the end of its bytes.
  ::shutdown(process_->socket(), SHUT_RDWR);
  reader_.join();
  // What it printed may be read after the answer to its last command.
  for (const Item& item : items_) {
    if (item.kind == Item::Kind::line) log_line("warning", item.text);
  }
}

Status Conversation::open(std::string_view config_json, const HostOptions& options) {
  OpenRequest request;
  request.kind = info_.kind;
  request.connector = info_.id;
  request.library = info_.library;
  request.config_json = config_json;
  request.working_directory = options.working_directory;
  request.readable_paths = options.readable_paths;
  request.writable_paths = options.writable_paths;
  request.raw_network = info_.raw_network;
  request.filesystem = info_.filesystem;
  request.has_input = info_.standard_streams && options.stdin_descriptor >= 0;
  request.has_output = info_.standard_streams && options.stdout_descriptor >= 0;
  request.credit_bytes = credit_bytes_;
  request.alive_ms =
      static_cast<std::uint64_t>(std::clamp<std::int64_t>(hang_limit_ms_ / 4, 1, 1'000));
  request.memory_bytes = memory_bytes_;
  request.debugged = !options.wrapper.empty() || options.core_dumps;
  Encoder frame;
  encode_open(frame, request);
  RONDOM_TRY(command("open()", frame));
  RONDOM_TRY_ASSIGN(const Done done, finish());
  return done.status;
}

// ---- the caller's side --------------------------------------------------------------------------

Status Conversation::command(const char* what, Encoder& frame) {
  if (!failed_.ok()) return failed_;
  if (cancelled()) return cancelled_status();
  if (!frame.fits()) {
    return {ErrorCode::failure, subject_ + " cannot be given that much in one " + what + "."};
  }
  {
    const std::lock_guard lock(mutex_);
    what_ = what;
    ++call_;
    stopping_ = cancelled_.load();
    stopping_since_ = steady_clock::now();
  }
  return send(frame.frame(), hang_limit_ms_);
}

Result<const Frame*> Conversation::next() {
  if (!failed_.ok()) return failed_;
  {
    const std::lock_guard lock(mutex_);
    last_progress_ = steady_clock::now();
  }
  while (true) {
    if (current_.capacity > 0) {
      const std::lock_guard lock(mutex_);
      if (spent_.size() < spent_frames_max) spent_.push_back(std::move(current_));
      current_ = {};
    }
    RONDOM_TRY_ASSIGN(Item item, wait());
    if (item.kind == Item::Kind::line) {
      log_line("warning", item.text);
      continue;
    }
    if (item.kind == Item::Kind::end) return describe_end(item);
    current_ = std::move(item.frame);
    if (current_.type == FrameType::log)
      log_frame(current_);
    else if (current_.type == FrameType::call)
      answer(current_);
    else
      return &current_;
    if (!failed_.ok()) return failed_;
    if (without_progress()) return give_up();
  }
}

Result<Done> Conversation::finish() {
  RONDOM_TRY_ASSIGN(const Frame* frame, next());
  return done_of(*frame);
}

Result<Done> Conversation::done_of(const Frame& frame) {
  Done done;
  if (frame.type != FrameType::done || !decode_done(frame.payload(), done)) {
    return broken("answered with something that makes no sense");
  }
  take_notes();
  if (done.status.ok()) return done;
  // Such as an exception's text: it may name people, so it is for who asks to see more.
  const std::string& detail = done.status.error().detail;
  if (!detail.empty()) log_line("debug", detail);
  Error error = done.status.error();
  error.message = masked(error.message);
  error.detail = masked(error.detail);
  done.status = with_notes(std::move(error));
  return done;
}

std::string Conversation::masked(std::string_view sentence) const {
  return services_.mask ? services_.mask(sentence) : std::string(sentence);
}

Result<Conversation::Item> Conversation::wait() {
  const SteadyTime since = steady_clock::now();
  std::unique_lock lock(mutex_);
  while (items_.empty()) {
    const SteadyTime until = deadline(since);
    if (steady_clock::now() >= until) {
      lock.unlock();
      return give_up();
    }
    arrived_.wait_until(lock, until);
  }
  // A plugin that was told to stop and only talks on is not waited for either.
  const Item& first = items_.front();
  if (stopping_ && first.kind == Item::Kind::frame && first.frame.type != FrameType::done &&
      steady_clock::now() >= deadline(since)) {
    lock.unlock();
    return give_up();
  }
  if (lines_dropped_ > 0) {
    const std::string told = std::to_string(std::exchange(lines_dropped_, 0));
    return Item{Item::Kind::line, {}, told + " more lines were dropped."};
  }
  Item item = std::move(items_.front());
  items_.pop_front();
  if (item.kind == Item::Kind::frame) queued_bytes_ -= item.frame.size;
  return item;
}

Conversation::SteadyTime Conversation::deadline(SteadyTime waiting_since) const {
  if (stopping_) {
    return stopping_since_ + milliseconds(std::min(hang_limit_ms_, stop_patience_ms_max));
  }
  // The plugin waits for us.
  if (http_.works()) return steady_clock::now() + milliseconds(hang_limit_ms_);
  return std::min(std::max(waiting_since, last_life_) + milliseconds(hang_limit_ms_),
                  last_progress_ + milliseconds(idle_limit_ms_));
}

bool Conversation::without_progress() const {
  const std::lock_guard lock(mutex_);
  return !http_.works() && steady_clock::now() >= last_progress_ + milliseconds(idle_limit_ms_);
}

void Conversation::note_life() {
  const std::lock_guard lock(mutex_);
  last_life_ = last_progress_ = steady_clock::now();
}

Status Conversation::give_up() {
  const bool only_waits = without_progress();
  process_->kill();
  process_->reap(0);
  if (stopping_) {
    return fail(cancelled() ? ErrorCode::cancelled : ErrorCode::internal,
                subject_ + " did not stop " + what_ + " when asked and was ended.");
  }
  if (only_waits) {
    return fail(ErrorCode::internal, subject_ + " made no progress in " + what_ + " for " +
                                         std::to_string(idle_limit_ms_) + " ms and was ended.");
  }
  return fail(ErrorCode::internal, subject_ + " gave no sign of life in " + what_ + " for " +
                                       std::to_string(hang_limit_ms_) + " ms and was ended.");
}

Status Conversation::describe_end(const Item& end) {
  if (!end.text.empty()) return broken(end.text);
  const std::string ending = process_->reap(timeout_of(exit_patience_ms));
  return fail(ErrorCode::internal, subject_ + " " + ending + " in " + what_ + ".");
}

Error Conversation::broken(const std::string& how) {
  process_->kill();
  process_->reap(0);
  return fail(ErrorCode::internal, subject_ + " " + how + " in " + what_ + " and was ended.")
      .error();
}

Error Conversation::stop_for(const std::string& what) {
  process_->kill();
  process_->reap(0);
  return fail(ErrorCode::internal, subject_ + " " + what + " and was ended.").error();
}

Status Conversation::fail(ErrorCode code, std::string message) {
  take_notes();
  failed_ = Status(with_notes({code, std::move(message)}));
  return failed_;
}

// ---- what the host noted ------------------------------------------------------------------------

void Conversation::take_notes() {
  unfinished_note_ += process_->take_notes();
  std::size_t from = 0;
  for (std::size_t end = 0; (end = unfinished_note_.find('\n', from)) != std::string::npos;
       from = end + 1) {
    take_note(std::string_view(unfinished_note_).substr(from, end - from));
  }
  unfinished_note_.erase(0, from);
  if (unfinished_note_.size() > note_bytes_max) unfinished_note_.clear();
  bool noisy = false, talkative = false;
  {
    const std::lock_guard lock(mutex_);
    noisy = output_lines_ > output_lines_max;
    if (noisy) output_lines_ = 0;
    talkative = log_lines_ > log_lines_max || log_bytes_ > log_bytes_max;
    log_lines_ = log_bytes_ = 0;
  }
  if (talkative) {
    take_note("refused fill the log (more than " + std::to_string(log_lines_max) + " lines or " +
              std::to_string(log_bytes_max >> 20) + " MiB in one call)");
  }
  if (noisy) {
    take_note("refused fill its output (more than " + std::to_string(output_lines_max) + " lines)");
  }
}

void Conversation::take_note(std::string_view note) {
  // The plugin can write what it likes on that pipe.
  std::string text(note.substr(0, note_bytes_max));
  for (char& c : text) {
    if (c < 0x20 || c >= 0x7f) c = '?';
  }
  constexpr std::string_view refused = "refused ", at = "at ";
  if (text.starts_with(refused)) {
    if (++refused_count_ > refused_max || !services_.refused) return;
    services_.refused(subject_ + " tried to " + text.substr(refused.size()) + " and was refused.");
  } else if (text.starts_with(at)) {
    if (++trace_count_ > trace_places_max || !services_.trace) return;
    services_.trace(with_symbol(text, info_.library));
  } else if (text == "memory") {
    at_memory_limit_ = true;
  }
}

Error Conversation::with_notes(Error error) {
  if (at_memory_limit_) {
    error.message += " It had reached the memory limit of " + std::to_string(memory_bytes_ >> 20) +
                     " MiB (plugin_limits.memory_mb).";
  }
  return error;
}

Status Conversation::cancelled_status() const {
  return {ErrorCode::cancelled, subject_ + " was stopped because the run was."};
}

void Conversation::stop_command() {
  {
    const std::lock_guard lock(mutex_);
    if (stopping_) return;
    stopping_ = true;
    stopping_since_ = steady_clock::now();
  }
  http_.interrupt();
  small_.begin(FrameType::cancel).u64(call_);
  // A host that cannot be told is found by the deadline of the stop.
  (void)send(small_.frame(), cancel_send_ms).ok();
}

void Conversation::cancel() {
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_.exchange(true)) return;
    if (!stopping_) {
      stopping_ = true;
      stopping_since_ = steady_clock::now();
    }
    arrived_.notify_all();
  }
  http_.close();
  Encoder frame;
  frame.begin(FrameType::cancel).u64(every_call);
  (void)send(frame.frame(), cancel_send_ms).ok();
}

Status Conversation::give_credit(std::size_t bytes) {
  credit_owed_ += bytes;
  // Given back in portions: one small frame for several batches.
  if (credit_owed_ < credit_bytes_ / 4) return {};
  small_.begin(FrameType::credit).u64(credit_owed_);
  credit_owed_ = 0;
  return send(small_.frame(), hang_limit_ms_);
}

void Conversation::answer(const Frame& frame) {
  Call call;
  if (!decode_call(frame.payload(), call)) {
    (void)broken("asked for something that makes no sense");
    return;
  }
  encode_reply(small_, call.id, call_service(services_, call.service, call.name, call.value));
  (void)send(small_.frame(), hang_limit_ms_).ok();
}

void Conversation::log_frame(const Frame& frame) {
  Decoder in(frame.payload());
  const std::string_view level = in.text();
  const std::string_view text = in.text();
  if (in.finished()) log_line(level, text);
}

void Conversation::log_line(std::string_view level, std::string_view text) {
  if (services_.log) services_.log(level, "plugin " + info_.plugin_name + ": " + std::string(text));
}

Status Conversation::send(std::string_view bytes, std::int64_t patience_ms) {
  const std::lock_guard lock(send_mutex_);
  while (!bytes.empty()) {
    const ssize_t sent =
        ::send(process_->socket(), bytes.data(), bytes.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (sent > 0) {
      bytes.remove_prefix(static_cast<std::size_t>(sent));
      continue;
    }
    if (sent < 0 && errno == EINTR) continue;
    // A host that is gone is described by whoever waits for its answer.
    if (sent < 0 && errno != EAGAIN) return {};
    pollfd room{process_->socket(), POLLOUT, 0};
    if (::poll(&room, 1, timeout_of(patience_ms)) == 0) {
      return {ErrorCode::internal, subject_ + " takes nothing any more."};
    }
  }
  return {};
}

// ---- the reading thread -------------------------------------------------------------------------

void Conversation::read_ahead() {
  FrameReader reader;
  std::string problem;
  bool open = true;
  while (open) {
    pollfd waited[2] = {{process_->socket(), POLLIN, 0}, {process_->log(), POLLIN, 0}};
    if (::poll(waited, 2, -1) < 0 && errno != EINTR) break;
    if ((waited[1].revents & POLLIN) != 0) read_log();
    if (waited[0].revents != 0) open = read_socket(reader, problem);
    // A closed pipe would wake poll() for ever; the socket closes with it.
    if ((waited[1].revents & POLLHUP) != 0 && (waited[1].revents & POLLIN) == 0) {
      pollfd last{process_->socket(), POLLIN, 0};
      while (open) {
        if (::poll(&last, 1, -1) < 0 && errno != EINTR) break;
        open = read_socket(reader, problem);
      }
    }
  }
  read_log();
  put_log_lines(true);
  put({Item::Kind::end, {}, std::move(problem)});
}

bool Conversation::read_socket(FrameReader& reader, std::string& problem) {
  while (true) {
    if (!reader.has_spare()) {
      const std::lock_guard lock(mutex_);
      if (!spent_.empty()) {
        reader.reuse(std::move(spent_.back()));
        spent_.pop_back();
      }
    }
    const std::span<char> room = reader.want();
    const ssize_t got = ::recv(process_->socket(), room.data(), room.size(), MSG_DONTWAIT);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0 && errno == EAGAIN) return true;
    if (got <= 0) return false;
    {
      const std::lock_guard lock(mutex_);
      last_life_ = steady_clock::now();
    }
    if (const Status good = reader.commit(static_cast<std::size_t>(got)); !good.ok()) {
      problem = "sent bytes that are no frames";
      return false;
    }
    if (reader.ready() && !put_frame(reader.take(), problem)) return false;
  }
}

bool Conversation::put_frame(Frame frame, std::string& problem) {
  if (frame.type == FrameType::alive) return true;
  if (static_cast<std::uint8_t>(frame.type) < static_cast<std::uint8_t>(FrameType::done)) {
    problem = "sent a frame that only the engine may send";
    return false;
  }
  if (frame.type >= FrameType::http_begin && frame.type <= FrameType::http_abort) {
    if (http_.take(frame)) return true;
    problem = "asked for an HTTP exchange that makes no sense";
    return false;
  }
  const std::lock_guard lock(mutex_);
  const bool is_log = frame.type == FrameType::log;
  if (is_log) {
    log_bytes_ += frame.size;
    if (++log_lines_ > log_lines_max || log_bytes_ > log_bytes_max) return true;
  }
  if (is_log && queued_bytes_ > credit_bytes_) {
    ++lines_dropped_;
    return true;
  }
  queued_bytes_ += frame.size;
  if (queued_bytes_ > credit_bytes_ + 2 * frame_bytes_max) {
    problem = "sent more than its credit allows";
    return false;
  }
  items_.push_back({Item::Kind::frame, std::move(frame), {}});
  arrived_.notify_one();
  return true;
}

void Conversation::put(Item item) {
  const std::lock_guard lock(mutex_);
  if (item.kind == Item::Kind::line && ++output_lines_ > output_lines_max) return;
  items_.push_back(std::move(item));
  arrived_.notify_one();
}

void Conversation::read_log() {
  char buffer[4096];
  while (true) {
    const ssize_t got = ::read(process_->log(), buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return;
    log_pending_.append(buffer, static_cast<std::size_t>(got));
    put_log_lines(false);
  }
}

void Conversation::put_log_lines(bool at_end) {
  std::size_t from = 0;
  while (from < log_pending_.size()) {
    std::size_t end = log_pending_.find('\n', from);
    const bool whole = end != std::string::npos;
    if (!whole && !at_end && log_pending_.size() - from < line_bytes_max) break;
    if (!whole) end = log_pending_.size();
    const std::string_view line(log_pending_.data() + from, end - from);
    if (!line.empty()) put({Item::Kind::line, {}, excerpt(line, line_bytes_max)});
    from = std::min(end + 1, log_pending_.size());
  }
  log_pending_.erase(0, from);
}

}  // namespace rondom::plugin
