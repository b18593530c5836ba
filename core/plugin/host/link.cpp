#include "plugin/host/link.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <utility>

namespace rondom::plugin::host {
namespace {

constexpr std::size_t commands_waiting_max = 4;
constexpr std::size_t replies_waiting_max = 1'024;

}  // namespace

Frame Link::first_command() {
  FrameReader reader;
  while (!reader.ready()) {
    const std::span<char> room = reader.want();
    const ssize_t got = ::recv(socket_, room.data(), room.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) leave(0);
    if (!reader.commit(static_cast<std::size_t>(got)).ok()) leave(exit_protocol);
  }
  ++call_;
  return reader.take();
}

void Link::start() {
  reader_ = std::thread([this] { read(); });
}

void Link::leave(int code) {
  // Not exit(): handlers and destructors of a plugin in the middle of its work must not run.
  ::_exit(code);
}

void Link::read() {
  FrameReader reader;
  while (true) {
    const std::span<char> room = reader.want();
    const ssize_t got = ::recv(socket_, room.data(), room.size(), 0);
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) leave(0);  // the engine is gone
    if (!reader.commit(static_cast<std::size_t>(got)).ok()) leave(exit_protocol);
    if (reader.ready()) take(reader.take());
  }
}

void Link::take(Frame frame) {
  Decoder in(frame.payload());
  const std::lock_guard lock(mutex_);
  switch (frame.type) {
    case FrameType::cancel: {
      const std::uint64_t call = in.u64();
      cancelled_call_.store(std::max(cancelled_call_.load(), call));
      break;
    }
    case FrameType::credit: credit_ += static_cast<std::int64_t>(in.u64()); break;
    case FrameType::reply: {
      std::uint64_t id = 0;
      Result<std::string> answer{std::string()};
      if (!decode_reply(frame.payload(), id, answer)) leave(exit_protocol);
      if (replies_.size() >= replies_waiting_max) leave(exit_protocol);
      replies_.emplace(id, std::move(answer));
      break;
    }
    case FrameType::http_more:
    case FrameType::http_head:
    case FrameType::http_body:
    case FrameType::http_end:
      if (!put_in_mailbox(in.u64(), std::move(frame))) leave(exit_protocol);
      break;
    default:
      if (commands_.size() >= commands_waiting_max) leave(exit_protocol);
      commands_.push_back(std::move(frame));
  }
  changed_.notify_all();
}

Frame Link::next_command() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !commands_.empty(); });
  Frame frame = std::move(commands_.front());
  commands_.pop_front();
  if (frame.type != FrameType::close) ++call_;
  return frame;
}

void Link::send(Encoder& frame) {
  std::string_view bytes = frame.frame();
  const std::lock_guard lock(send_mutex_);
  while (!bytes.empty()) {
    const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) leave(0);
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
}

bool Link::send_with_credit(Encoder& frame) {
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return credit_ > 0 || cancelled(); });
    if (cancelled()) return false;
    credit_ -= static_cast<std::int64_t>(frame.size() - frame_header_bytes);
  }
  send(frame);
  return true;
}

Result<std::string> Link::ask(Service service, std::string_view name, std::string_view value) {
  std::uint64_t id = 0;
  {
    const std::lock_guard lock(mutex_);
    id = ++last_id_;
  }
  Encoder frame;
  encode_call(frame, {id, service, name, value});
  if (!frame.fits()) return Error{ErrorCode::failure, "That is more than the host can take."};
  send(frame);
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return replies_.count(id) != 0; });
  Result<std::string> answer = std::move(replies_.at(id));
  replies_.erase(id);
  return answer;
}

bool Link::sleep(std::uint64_t milliseconds, std::uint64_t alive_ms) {
  const std::uint64_t slice = std::max<std::uint64_t>(alive_ms, 1);
  Encoder alive;
  alive.begin(FrameType::alive);
  while (milliseconds > 0) {
    const std::uint64_t part = std::min(milliseconds, slice);
    {
      std::unique_lock lock(mutex_);
      if (changed_.wait_for(lock, std::chrono::milliseconds(part),
                            [this] { return cancelled(); })) {
        return false;
      }
    }
    milliseconds -= part;
    send(alive);
  }
  return !cancelled();
}

void Link::set_credit(std::uint64_t bytes) {
  const std::lock_guard lock(mutex_);
  credit_ += static_cast<std::int64_t>(bytes);
}

}  // namespace rondom::plugin::host
