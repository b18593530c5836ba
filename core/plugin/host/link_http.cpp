// The plugin host's side of an HTTP exchange: it holds the plugin's callbacks, the engine the wire.
#include <algorithm>
#include <utility>

#include "plugin/host/link.h"

namespace rondom::plugin::host {
namespace {

// A window of the reply, its head, and what is said beside it.
constexpr std::size_t mailbox_bytes_max = 2 * http_window_bytes;

/// Sends the next piece of a request body, or that there will be none.
Status send_piece(Link& link, std::uint64_t id, Decoder& in, net::BodySource& body) {
  const bool rewind = in.u8() != 0;
  const std::size_t capacity = std::min<std::size_t>(in.u32(), http_piece_bytes_max);
  if (rewind) body.rewind();
  std::string piece(capacity, '\0');
  const Result<std::size_t> got = body.read(piece);
  piece.resize(got.ok() ? *got : 0);
  Encoder frame;
  frame.begin(FrameType::http_data).u64(id).u8(got.ok() ? 1 : 0).text(piece);
  link.send(frame);
  return got.status();
}

}  // namespace

bool Link::put_in_mailbox(std::uint64_t id, Frame frame) {
  const auto found = exchanges_.find(id);
  if (found == exchanges_.end()) return false;
  Mailbox& mailbox = found->second;
  mailbox.bytes += frame.size;
  if (mailbox.bytes > mailbox_bytes_max) return false;
  mailbox.frames.push_back(std::move(frame));
  return true;
}

Status Link::http(const net::Request& request, net::ReplySink& sink) {
  HttpBegin begin;
  begin.request = request;
  if (net::BodySource* body = request.stream; body != nullptr) {
    const std::int64_t size = body->size();
    begin.streams = size < 0 || static_cast<std::uint64_t>(size) > http_piece_bytes_max;
    begin.can_rewind = body->can_rewind();
    begin.body_size = size;
    if (!begin.streams) {
      begin.request.body.resize(static_cast<std::size_t>(size));
      RONDOM_TRY_ASSIGN(const std::size_t got, body->read(begin.request.body));
      begin.request.body.resize(got);
    }
  }
  {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return exchanges_.size() < http_exchanges_max || cancelled(); });
    if (cancelled()) return {ErrorCode::cancelled, "The request was stopped because the run was."};
    begin.id = ++last_id_;
    exchanges_.emplace(begin.id, Mailbox{});
  }
  Encoder frame;
  encode_http_begin(frame, begin);
  Status status;
  if (frame.fits()) {
    send(frame);
    status = converse(begin.id, request, sink);
  } else {
    status = Status(ErrorCode::data, "The request has too long an address or headers.");
  }
  const std::lock_guard lock(mutex_);
  exchanges_.erase(begin.id);
  changed_.notify_all();
  return status;
}

Status Link::converse(std::uint64_t id, const net::Request& request, net::ReplySink& sink) {
  Status stopped;
  while (true) {
    Frame frame;
    {
      std::unique_lock lock(mutex_);
      Mailbox& mailbox = exchanges_.at(id);
      changed_.wait(lock, [&] { return !mailbox.frames.empty(); });
      frame = std::move(mailbox.frames.front());
      mailbox.frames.pop_front();
      mailbox.bytes -= frame.size;
    }
    Decoder in(frame.payload());
    in.u64();
    if (frame.type == FrameType::http_end) {
      Status end;
      if (!decode_http_end(in, end)) leave(0);
      return stopped.ok() ? end : stopped;
    }
    // After a stop the rest is only taken off the line.
    if (!stopped.ok()) continue;
    switch (frame.type) {
      case FrameType::http_more:
        // The engine hears of a failure from the frame itself.
        if (request.stream != nullptr) stopped = send_piece(*this, id, in, *request.stream);
        continue;
      case FrameType::http_head: {
        std::uint32_t status = 0;
        std::vector<net::Header> headers;
        if (!decode_http_head(in, status, headers)) leave(0);
        stopped = sink.head(status, headers);
        break;
      }
      default: {
        const std::string_view bytes = in.text();
        stopped = sink.body(bytes);
        Encoder taken;
        if (stopped.ok()) send(taken.begin(FrameType::http_taken).u64(id).u64(bytes.size()));
      }
    }
    if (stopped.ok()) continue;
    Encoder abort;
    send(abort.begin(FrameType::http_abort).u64(id));
  }
}

}  // namespace rondom::plugin::host
