// http_session: one connection of the HTTP server, and what a handler answers on it. Private to the
// server.
#pragma once

#include "net/http_core.h"

#include <array>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <deque>
#include <string>

namespace rondom::net::serving {

namespace http = boost::beast::http;

constexpr std::size_t read_piece_bytes = 16u << 10;

/// One connection and the request on it. Of the loop's thread, but for what is said otherwise.
class Session final : public std::enable_shared_from_this<Session> {
 public:
  using Server = Core;
  enum class Phase : std::uint8_t { handshaking, reading, answering, lingering, closed };

  Session(Server& server, Ear& ear, std::unique_ptr<Wire> wire, Peer peer)
      : server_(server),
        ear_(ear),
        wire_(std::move(wire)),
        peer_(std::move(peer)),
        timer_(server.io),
        since_(server.clock.monotonic()) {}

  void start();
  void close();
  /// The next answer, or part of one. `last`: it is complete with that.
  void give(std::string bytes, bool last);
  void end_after_this() { keep_alive_ = false; }
  bool is_idle() const { return phase_ == Phase::reading && !begun_; }
  /// Nothing was asked yet that would be lost.
  bool asks_nothing_yet() const { return phase_ == Phase::reading || phase_ == Phase::handshaking; }
  const Ear& ear() const { return ear_; }
  std::int64_t since() const { return since_; }
  asio::io_context& io() { return server_.io; }
  Server& server() { return server_; }

  // any thread
  bool gone() const { return gone_; }
  bool peer_closed() const { return peer_closed_; }
  /// Waits for room for so many more bytes; false: nobody reads them.
  bool reserve(std::size_t bytes);

 private:
  void next_request();
  void want_bytes();
  void arrived(error_code failed, std::size_t bytes);
  void parse();
  bool check_head();
  bool check_host(std::string& host);
  void dispatch();
  void turn_away(const ServedAnswer& answer);
  void refuse(int status, std::string_view why, std::vector<Header> headers = {});
  void write_some();
  void written(error_code failed, std::size_t bytes);
  void answered();
  void linger();
  void deadline(std::int64_t milliseconds);
  void no_deadline();
  void too_late();
  void lose();
  std::string peer_name() const;

  Server& server_;
  Ear& ear_;
  std::unique_ptr<Wire> wire_;
  const Peer peer_;
  asio::steady_timer timer_;
  std::uint64_t timer_number_ = 0;
  std::int64_t since_;

  Phase phase_ = Phase::handshaking;
  bool reading_ = false;  // a read is under way
  std::array<char, read_piece_bytes> piece_;
  std::string in_;
  std::optional<http::request_parser<http::string_body>> parser_;
  bool begun_ = false;  // a byte of the request is here
  bool head_checked_ = false;
  std::string host_, target_;
  bool keep_alive_ = true;
  std::size_t requests_ = 0;
  std::size_t discarded_ = 0;

  std::deque<std::string> out_;
  std::size_t out_at_ = 0;        // of the first
  std::size_t piece_unsent_ = 0;  // of what has to arrive by the deadline
  bool writing_ = false;
  bool complete_ = false;

  std::atomic<bool> gone_{false}, peer_closed_{false};
  std::mutex flow_mutex_;  // guards what follows
  std::condition_variable flow_;
  std::size_t unsent_ = 0;
};

}  // namespace rondom::net::serving
