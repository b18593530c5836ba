// http_reply: what a handler of the HTTP server answers with. Private to the server.
#pragma once

#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "net/http_session.h"

namespace rondom::net::serving {

/// What a handler answers with. Of the worker's thread.
class Reply final : public HttpReply {
 public:
  Reply(std::shared_ptr<Session> session, bool keep_alive, bool head_only, bool can_chunk)
      : session_(std::move(session)),
        keep_alive_(keep_alive),
        head_only_(head_only),
        can_chunk_(can_chunk) {}

  void send(ServedAnswer answer) override {
    if (state_ != State::open) return;
    state_ = State::ended;
    std::string bytes = answer_head(answer, date(), Framing::length, keep_alive_);
    if (!head_only_) bytes += answer.body;
    post(std::move(bytes), true);
  }
  void begin(ServedAnswer head) override {
    if (state_ != State::open) return;
    state_ = State::begun;
    if (!can_chunk_) keep_alive_ = false;
    post(answer_head(head, date(), can_chunk_ ? Framing::chunked : Framing::until_closed,
                     keep_alive_),
         false);
  }
  bool write(std::string_view piece) override {
    if (state_ != State::begun || session_->gone()) return false;
    if (head_only_ || piece.empty()) return true;
    std::string bytes;
    if (can_chunk_) {
      char size[32];
      std::snprintf(size, sizeof size, "%zx\r\n", piece.size());
      bytes.append(size).append(piece).append("\r\n");
    } else {
      bytes = piece;
    }
    if (!session_->reserve(bytes.size())) return false;
    post(std::move(bytes), false);
    return true;
  }
  void end() override {
    if (state_ != State::begun) return;
    state_ = State::ended;
    post(can_chunk_ && !head_only_ ? "0\r\n\r\n" : "", true);
  }
  bool gone() const override { return session_->gone(); }
  bool peer_closed() const override { return session_->peer_closed(); }

  /// The handler has returned, or thrown.
  void finish() {
    if (state_ == State::open) send(problem(500, "nothing answered this"));
    // An answer that stops half-way must not look complete.
    if (state_ == State::begun) asio::post(session_->io(), [one = session_] { one->close(); });
  }

 private:
  enum class State : std::uint8_t { open, begun, ended };
  std::string date() const { return http_date(session_->server().clock.now()); }
  void post(std::string bytes, bool last) {
    asio::post(session_->io(), [one = session_, bytes = std::move(bytes), last,
                                ends = last && !keep_alive_]() mutable {
      if (ends) one->end_after_this();
      one->give(std::move(bytes), last);
    });
  }

  std::shared_ptr<Session> session_;
  bool keep_alive_, head_only_, can_chunk_;
  State state_ = State::open;
};

}  // namespace rondom::net::serving
