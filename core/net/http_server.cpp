// The one file that sees Boost.Beast and Asio: it takes twelve seconds and half a gigabyte to compile.
#if !defined(__clang__)
// GCC 12 takes a member that Asio's sockets fill in later for one that is read before.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
// ThreadSanitizer does not see the fences around Asio's handlers; what is handed over there is under a lock as well.
#pragma GCC diagnostic ignored "-Wtsan"
#endif

#include "net/http_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/string_body.hpp>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <thread>

#include "base/bounded_queue.h"
#include "base/text.h"
#include "net/listening.h"
#include "net/peer_rates.h"

namespace rondom::net {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
using boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;
using Moved = std::function<void(error_code, std::size_t)>;

constexpr std::size_t read_piece_bytes = 16u << 10;
// Of requests that follow before the answer of the one before.
constexpr std::size_t pipelined_bytes_max = 32u << 10;
// Of what is still sent by somebody who was refused already.
constexpr std::size_t lingering_bytes_max = 4u << 20;
constexpr int accepts_at_once = 32;
constexpr std::int64_t no_descriptor_left_ms = 100;  // before accept is tried again

/// A connection, encrypted or not: bytes go in and out.
class Wire {
 public:
  explicit Wire(Socket socket) : socket_(std::move(socket)) {}
  virtual ~Wire() = default;
  virtual void handshake(Moved done) {
    asio::post(socket_.get_executor(), [done = std::move(done)] { done({}, 0); });
  }
  virtual void read(asio::mutable_buffer into, Moved done) {
    socket_.async_read_some(into, std::move(done));
  }
  virtual void write(asio::const_buffer from, Moved done) {
    socket_.async_write_some(from, std::move(done));
  }
  virtual void end_sending(Moved done) {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    asio::post(socket_.get_executor(), [done = std::move(done)] { done({}, 0); });
  }
  virtual Socket& socket() { return socket_; }
  void close() {
    error_code ignored;
    socket().close(ignored);
  }

 private:
  Socket socket_;
};

class EncryptedWire final : public Wire {
 public:
  EncryptedWire(Socket socket, asio::io_context& io, asio::ssl::context& context)
      : Wire(Socket(io)), stream_(std::move(socket), context) {}
  void handshake(Moved done) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [done = std::move(done)](error_code failed) { done(failed, 0); });
  }
  void read(asio::mutable_buffer into, Moved done) override {
    stream_.async_read_some(into, std::move(done));
  }
  void write(asio::const_buffer from, Moved done) override {
    stream_.async_write_some(from, std::move(done));
  }
  void end_sending(Moved done) override {
    stream_.async_shutdown([done = std::move(done)](error_code failed) { done(failed, 0); });
  }
  Socket& socket() override { return stream_.next_layer(); }

 private:
  asio::ssl::stream<Socket> stream_;
};

class Session;

/// A listener that listens.
struct Ear {
  Ear(asio::io_context& io, HttpListener given, int socket, std::size_t peers_max)
      : options(std::move(given)),
        descriptor(io, socket),
        again(io),
        rates(options.requests_per_second, peers_max) {}
  HttpListener options;
  asio::posix::stream_descriptor descriptor;
  asio::steady_timer again;
  PeerRates rates;
  std::unique_ptr<asio::ssl::context> encryption;
  std::uint16_t port = 0;
  ino_t file = 0;  // of its path
  std::size_t connections = 0;
};

struct Counters {
  std::atomic<std::int64_t> connections{0}, accepted{0}, refused_full{0}, refused_rate{0},
      refused_bad{0}, shed{0};
};

struct Core {
  Core(HttpLimits given, const Clock& given_clock, HttpHandler given_handler)
      : limits(given),
        clock(given_clock),
        handler(std::move(given_handler)),
        work(given.waiting_requests_max + given.workers) {}

  // Of the loop's thread, but for what is said otherwise.
  asio::io_context io{1};
  const HttpLimits limits;
  const Clock& clock;
  const HttpHandler handler;
  std::vector<std::unique_ptr<Ear>> ears;
  std::set<std::shared_ptr<Session>> sessions;
  bool stopping = false;

  Counters counters;                         // any thread
  BoundedQueue<std::function<void()>> work;  // any thread
  std::atomic<std::size_t> waiting{0};       // in `work`
  std::mutex mutex;                          // guards what follows
  std::condition_variable everybody_left;
  bool empty = true;

  std::vector<std::thread> threads;
  bool stopped = false;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> guard;

  Status open(const HttpListener& wanted);
  void accept_later(Ear& ear);
  void accept_some(Ear& ear);
  void welcome(Ear& ear, int socket, Peer peer);
  bool make_room(const Ear& ear);
  void forget(const std::shared_ptr<Session>& session, Ear& ear);
  void work_on();
};

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

void Session::start() {
  deadline(server_.limits.header_ms);
  wire_->handshake([self = shared_from_this()](error_code failed, std::size_t) {
    if (self->phase_ == Phase::closed) return;
    if (failed) return self->close();
    self->next_request();
  });
}

void Session::next_request() {
  phase_ = Phase::reading;
  since_ = server_.clock.monotonic();
  parser_.emplace();
  parser_->header_limit(static_cast<std::uint32_t>(server_.limits.header_bytes_max));
  parser_->body_limit(server_.limits.body_bytes_max);
  parser_->eager(true);
  begun_ = head_checked_ = false;
  deadline(requests_ == 0 ? server_.limits.header_ms : server_.limits.idle_ms);
  parse();
}

void Session::want_bytes() {
  if (reading_ || phase_ == Phase::closed) return;
  reading_ = true;
  wire_->read(asio::buffer(piece_), [self = shared_from_this()](error_code failed, std::size_t n) {
    self->arrived(failed, n);
  });
}

void Session::arrived(error_code failed, std::size_t bytes) {
  reading_ = false;
  if (phase_ == Phase::closed) return;
  if (failed) {
    peer_closed_ = true;
    if (phase_ != Phase::answering) return close();
    const bool ended = failed == asio::error::eof || failed == asio::ssl::error::stream_truncated;
    if (!ended) lose();
    return;
  }
  if (phase_ == Phase::lingering) {
    discarded_ += bytes;
    return discarded_ > lingering_bytes_max ? close() : want_bytes();
  }
  in_.append(piece_.data(), bytes);
  if (phase_ == Phase::reading) return parse();
  if (in_.size() < pipelined_bytes_max) want_bytes();
}

void Session::parse() {
  while (!in_.empty()) {
    if (!begun_) {
      begun_ = true;
      deadline(server_.limits.header_ms);
    }
    error_code failed;
    const std::size_t taken = parser_->put(asio::buffer(in_), failed);
    in_.erase(0, taken);
    if (parser_->is_header_done() && !head_checked_) {
      head_checked_ = true;
      if (!check_head()) return;
      deadline(server_.limits.body_ms);
    }
    if (failed == http::error::header_limit) {
      return refuse(431, "the headers have more than " +
                             std::to_string(server_.limits.header_bytes_max) + " bytes");
    }
    if (failed == http::error::body_limit) {
      return refuse(413, "the body has more than " + std::to_string(server_.limits.body_bytes_max) +
                             " bytes");
    }
    if (failed == http::error::bad_version) return refuse(505, "this speaks HTTP/1.1");
    if (failed && failed != http::error::need_more) {
      return refuse(400, "this is no proper HTTP/1.1 request");
    }
    if (parser_->is_done()) return dispatch();
    // The parser keeps what it cannot use yet with us: it must not grow without end.
    if (taken == 0 || failed) {
      if (in_.size() > server_.limits.header_bytes_max + read_piece_bytes) {
        return refuse(400, "this is no proper HTTP/1.1 request");
      }
      break;
    }
  }
  want_bytes();
}

/// What two servers could understand differently, or what we do not do.
bool Session::check_head() {
  const auto& head = parser_->get();
  const std::size_t lengths = head.count(http::field::content_length);
  const std::size_t encodings = head.count(http::field::transfer_encoding);
  const bool is_old = head.version() == 10;
  if (!is_old && head.version() != 11) return refuse(505, "this speaks HTTP/1.1"), false;
  if (lengths + encodings > 1 ||
      head[http::field::content_length].find(',') != boost::beast::string_view::npos ||
      (encodings > 0 && is_old)) {
    return refuse(400, "the length of the body is said twice"), false;
  }
  if (encodings > 0 && !boost::beast::iequals(head[http::field::transfer_encoding], "chunked")) {
    return refuse(501, "the only transfer encoding here is chunked"), false;
  }
  if (!check_host(host_)) return false;
  const auto expected = head[http::field::expect];
  if (expected.empty()) return true;
  if (!boost::beast::iequals(expected, "100-continue")) {
    return refuse(417, "the only expectation here is 100-continue"), false;
  }
  if (!is_old && !parser_->is_done()) {
    out_.emplace_back("HTTP/1.1 100 Continue\r\n\r\n");
    write_some();
  }
  return true;
}

bool Session::check_host(std::string& host) {
  const auto& head = parser_->get();
  const std::size_t hosts = head.count(http::field::host);
  const bool is_old = head.version() == 10;
  const auto sent = head[http::field::host];
  std::string authority(sent.data(), sent.size());
  target_.assign(head.target().data(), head.target().size());
  // RFC 9112, 3.2.2: a whole address stands above Host.
  const bool is_whole = target_.starts_with("http://") || target_.starts_with("https://");
  if (is_whole) {
    const std::size_t begin = target_.find("//") + 2;
    const std::size_t path = std::min(target_.find_first_of("/?", begin), target_.size());
    authority = target_.substr(begin, path - begin);
    target_ = target_.substr(path);
    if (target_.empty() || target_.front() != '/') target_.insert(0, "/");
  }
  if (hosts > 1 || (hosts == 0 && !is_old)) {
    return refuse(400, "a request names one host"), false;
  }
  host.clear();
  if (authority.empty() && (is_old || peer_.local)) return true;
  const auto name = host_name(authority);
  // Over a Unix socket there is no name: whatever stands there does not matter.
  if (peer_.local) {
    host = name.value_or("");
    return true;
  }
  if (!name.has_value()) return refuse(400, "the host is no name and no address"), false;
  if (may_be_rebound(*name, ear_.options.names)) {
    return refuse(421, "this is not the host of that name"), false;
  }
  host = *name;
  return true;
}

void Session::dispatch() {
  since_ = server_.clock.monotonic();
  ++requests_;
  no_deadline();
  phase_ = Phase::answering;
  complete_ = false;
  keep_alive_ = parser_->keep_alive() && !server_.stopping;
  if (!ear_.rates.take(peer_name(), server_.clock.monotonic())) {
    ++server_.counters.refused_rate;
    const ServedAnswer answer = problem(429, "too many requests", {{"Retry-After", "1"}});
    return turn_away(answer);
  }
  if (server_.waiting.load() >= server_.limits.waiting_requests_max) {
    ++server_.counters.refused_full;
    const ServedAnswer answer = problem(503, "too much to do", {{"Retry-After", "1"}});
    return turn_away(answer);
  }
  auto message = parser_->release();
  ServedRequest request;
  const auto method = message.method_string();
  request.method.assign(method.data(), method.size());
  const std::size_t mark = target_.find('?');
  request.path = target_.substr(0, mark);
  if (mark != std::string::npos) request.query = target_.substr(mark + 1);
  request.host = host_;
  for (const auto& field : message) {
    const auto name = field.name_string(), value = field.value();
    request.headers.push_back({{name.data(), name.size()}, {value.data(), value.size()}});
  }
  request.body = std::move(message.body());
  request.peer = peer_;
  const bool can_chunk = message.version() == 11;
  ++server_.waiting;
  server_.work.put([self = shared_from_this(), request = std::move(request),
                    keep_alive = keep_alive_, can_chunk] {
    Reply reply(self, keep_alive, request.method == "HEAD", can_chunk);
    try {
      self->server_.handler(request, reply);
    } catch (const std::exception&) {
      // A defect of ours; what it says could hold anybody's data. finish() answers.
    }
    reply.finish();
  });
  want_bytes();
}

/// The connection goes on, so a client that asked for the head alone must not get more.
void Session::turn_away(const ServedAnswer& answer) {
  const bool head_only = parser_->get().method() == http::verb::head;
  give(answer_head(answer, http_date(server_.clock.now()), Framing::length, keep_alive_) +
           (head_only ? std::string() : answer.body),
       true);
}

void Session::refuse(int status, std::string_view why, std::vector<Header> headers) {
  ++server_.counters.refused_bad;
  phase_ = Phase::answering;
  keep_alive_ = false;
  const ServedAnswer answer = problem(status, why, std::move(headers));
  give(answer_head(answer, http_date(server_.clock.now()), Framing::length, false) + answer.body,
       true);
}

void Session::give(std::string bytes, bool last) {
  if (phase_ == Phase::closed) return;
  if (!bytes.empty()) out_.push_back(std::move(bytes));
  complete_ = complete_ || last;
  write_some();
}

void Session::write_some() {
  if (writing_ || phase_ == Phase::closed) return;
  while (!out_.empty() && out_at_ == out_.front().size()) {
    out_.pop_front();
    out_at_ = 0;
  }
  if (out_.empty()) {
    if (phase_ == Phase::answering) no_deadline();
    if (complete_) answered();
    return;
  }
  if (piece_unsent_ == 0) {
    piece_unsent_ = std::min(write_piece_bytes, out_.front().size() - out_at_);
    deadline(server_.limits.write_ms);
  }
  writing_ = true;
  wire_->write(
      asio::buffer(out_.front().data() + out_at_, piece_unsent_),
      [self = shared_from_this()](error_code failed, std::size_t n) { self->written(failed, n); });
}

void Session::written(error_code failed, std::size_t bytes) {
  writing_ = false;
  if (phase_ == Phase::closed) return;
  if (failed) return close();
  out_at_ += bytes;
  piece_unsent_ -= bytes;
  {
    const std::lock_guard lock(flow_mutex_);
    unsent_ -= std::min(unsent_, bytes);
  }
  flow_.notify_all();
  write_some();
}

bool Session::reserve(std::size_t bytes) {
  std::unique_lock lock(flow_mutex_);
  flow_.wait(lock, [&] { return gone_ || unsent_ < server_.limits.unsent_bytes_max; });
  unsent_ += bytes;
  return !gone_;
}

void Session::answered() {
  complete_ = false;
  {
    const std::lock_guard lock(flow_mutex_);
    unsent_ = 0;
  }
  if (!keep_alive_ || server_.stopping || (peer_closed_ && in_.empty())) return linger();
  next_request();
}

/// Closing at once would throw away what the other side has not read yet, when it still sends.
void Session::linger() {
  if (peer_closed_) return close();
  phase_ = Phase::lingering;
  deadline(server_.limits.linger_ms);
  wire_->end_sending([self = shared_from_this()](error_code failed, std::size_t) {
    if (failed) return self->close();
    self->want_bytes();
  });
}

void Session::deadline(std::int64_t milliseconds) {
  const std::uint64_t number = ++timer_number_;
  timer_.expires_after(std::chrono::milliseconds(milliseconds));
  timer_.async_wait([self = shared_from_this(), number](error_code failed) {
    if (!failed && number == self->timer_number_) self->too_late();
  });
}

void Session::no_deadline() {
  ++timer_number_;
  timer_.cancel();
}

void Session::too_late() {
  if (phase_ == Phase::closed) return;
  const bool sends_slowly = phase_ == Phase::reading && begun_ && !writing_;
  if (sends_slowly || writing_) ++server_.counters.shed;
  if (sends_slowly) return refuse(408, "the request took too long to arrive");
  close();
}

void Session::lose() {
  {
    const std::lock_guard lock(flow_mutex_);
    gone_ = true;
  }
  flow_.notify_all();
}

void Session::close() {
  if (phase_ == Phase::closed) return;
  phase_ = Phase::closed;
  no_deadline();
  wire_->close();
  lose();
  server_.forget(shared_from_this(), ear_);
}

std::string Session::peer_name() const {
  return peer_.local ? "user " + std::to_string(peer_.user) : peer_.address;
}

Result<std::unique_ptr<asio::ssl::context>> encryption_of(const HttpListener& listener) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  error_code failed;
  context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1 |
                           asio::ssl::context::no_compression,
                       failed);
  const std::pair<const std::string*, const char*> files[] = {
      {&listener.certificate, "certificate"}, {&listener.key, "key"}};
  for (const auto& [file, what] : files) {
    if (file == &listener.key) {
      context->use_private_key_file(*file, asio::ssl::context::pem, failed);
    } else {
      context->use_certificate_chain_file(*file, failed);
    }
    if (failed) {
      return Error{ErrorCode::bad_config, "cannot use the " + std::string(what) + " in " + *file +
                                              ": " + failed.message()};
    }
  }
  return context;
}

Status Core::open(const HttpListener& wanted) {
  std::unique_ptr<asio::ssl::context> encryption;
  if (!wanted.certificate.empty() || !wanted.key.empty()) {
    RONDOM_TRY_ASSIGN(encryption, encryption_of(wanted));
  }
  RONDOM_TRY_ASSIGN(const int socket, wanted.path.empty()
                                          ? listen_at_address(wanted.address, wanted.port)
                                          : listen_at_path(wanted.path, wanted.mode));
  auto ear = std::make_unique<Ear>(io, wanted, socket, limits.peers_max);
  ear->encryption = std::move(encryption);
  struct stat file {};
  if (wanted.path.empty()) {
    ear->port = port_of(socket);
  } else if (::lstat(wanted.path.c_str(), &file) == 0) {
    ear->file = file.st_ino;
  }
  ears.push_back(std::move(ear));
  return {};
}

void Core::accept_later(Ear& ear) {
  ear.descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                            [this, &ear](error_code failed) {
                              if (!failed && !stopping) accept_some(ear);
                            });
}

void Core::accept_some(Ear& ear) {
  for (int i = 0; i < accepts_at_once; ++i) {
    Peer peer;
    const int socket = accept_from(ear.descriptor.native_handle(), peer);
    if (socket >= 0) {
      welcome(ear, socket, std::move(peer));
      continue;
    }
    if (errno == ECONNABORTED || errno == EINTR) continue;
    if (errno == EAGAIN) break;
    // No descriptor or memory is left: asked again at once, it would only burn time.
    ear.again.expires_after(std::chrono::milliseconds(no_descriptor_left_ms));
    ear.again.async_wait([this, &ear](error_code failed) {
      if (!failed && !stopping) accept_later(ear);
    });
    return;
  }
  accept_later(ear);
}

void Core::welcome(Ear& ear, int number, Peer peer) {
  ++counters.accepted;
  const asio::generic::stream_protocol protocol(peer.local ? AF_UNIX : AF_INET, 0);
  Socket socket(io, protocol, number);
  if (ear.connections >= limits.connections_max && !make_room(ear)) {
    ++counters.refused_full;
    if (ear.encryption == nullptr) {
      const ServedAnswer answer = problem(503, "too many connections", {{"Retry-After", "1"}});
      error_code ignored;
      socket.write_some(
          asio::buffer(answer_head(answer, http_date(clock.now()), Framing::length, false) +
                       answer.body),
          ignored);
    }
    return;
  }
  auto wire = ear.encryption == nullptr
                  ? std::make_unique<Wire>(std::move(socket))
                  : std::make_unique<EncryptedWire>(std::move(socket), io, *ear.encryption);
  const auto session = std::make_shared<Session>(*this, ear, std::move(wire), std::move(peer));
  sessions.insert(session);
  ++ear.connections;
  ++counters.connections;
  {
    const std::lock_guard lock(mutex);
    empty = false;
  }
  session->start();
}

/// The connection that was idle longest ends; where none is, the one whose request takes longest to come, so
/// that a few that send a byte now and then keep nobody out.
bool Core::make_room(const Ear& ear) {
  std::shared_ptr<Session> oldest;
  for (const std::shared_ptr<Session>& one : sessions) {
    if (&one->ear() != &ear || !one->asks_nothing_yet()) continue;
    const bool goes_first = oldest == nullptr || one->is_idle() > oldest->is_idle() ||
                            (one->is_idle() == oldest->is_idle() && one->since() < oldest->since());
    if (goes_first) oldest = one;
  }
  if (oldest == nullptr) return false;
  oldest->close();
  return true;
}

void Core::forget(const std::shared_ptr<Session>& session, Ear& ear) {
  sessions.erase(session);
  --ear.connections;
  --counters.connections;
  if (!sessions.empty()) return;
  {
    const std::lock_guard lock(mutex);
    empty = true;
  }
  everybody_left.notify_all();
}

void Core::work_on() {
  while (const auto task = work.take()) {
    --waiting;
    (*task)();
  }
}

}  // namespace

struct HttpServer::Inside final : Core {
  using Core::Core;
};

HttpServer::HttpServer(HttpLimits limits, const Clock& clock, HttpHandler handler)
    : inside_(std::make_unique<Inside>(limits, clock, std::move(handler))) {}

HttpServer::~HttpServer() {
  stop(0);
}

Status HttpServer::listen(const std::vector<HttpListener>& listeners) {
  Inside& in = *inside_;
  for (const HttpListener& listener : listeners) {
    if (Status opened = in.open(listener); !opened.ok()) {
      stop(0);
      return opened;
    }
  }
  in.guard.emplace(asio::make_work_guard(in.io));
  for (const auto& ear : in.ears) in.accept_later(*ear);
  in.threads.emplace_back([&in] { in.io.run(); });
  for (std::size_t i = 0; i < in.limits.workers; ++i) {
    in.threads.emplace_back([&in] { in.work_on(); });
  }
  return {};
}

std::uint16_t HttpServer::port(std::size_t listener) const {
  return inside_->ears.at(listener)->port;
}

void HttpServer::stop(std::int64_t grace_ms) {
  Inside& in = *inside_;
  if (std::exchange(in.stopped, true)) return;
  // Whoever comes now finds nobody, and may start the next service.
  for (const auto& ear : in.ears) {
    struct stat file {};
    const std::string& path = ear->options.path;
    if (!path.empty() && ::lstat(path.c_str(), &file) == 0 && file.st_ino == ear->file) {
      ::unlink(path.c_str());
    }
  }
  if (in.threads.empty()) return;
  asio::post(in.io, [&in] {
    in.stopping = true;
    for (const auto& ear : in.ears) {
      error_code ignored;
      ear->again.cancel();
      ear->descriptor.close(ignored);
    }
    const auto now = in.sessions;  // closing changes it
    for (const std::shared_ptr<Session>& session : now) {
      if (session->is_idle()) session->close();
    }
  });
  {
    std::unique_lock lock(in.mutex);
    in.everybody_left.wait_for(lock, std::chrono::milliseconds(grace_ms), [&] { return in.empty; });
  }
  asio::post(in.io, [&in] {
    const auto now = in.sessions;
    for (const std::shared_ptr<Session>& session : now) session->close();
  });
  in.work.finish();
  for (std::size_t i = 1; i < in.threads.size(); ++i) in.threads[i].join();
  in.guard.reset();
  in.threads.front().join();
  in.threads.clear();
}

HttpStatistics HttpServer::statistics() const {
  const Counters& counters = inside_->counters;
  return {counters.connections,  counters.accepted,    counters.refused_full,
          counters.refused_rate, counters.refused_bad, counters.shed};
}

}  // namespace rondom::net
