#include "net/http_session.h"

#include <algorithm>
#include <chrono>

#include "base/text.h"
#include "net/http_reply.h"

namespace rondom::net::serving {
namespace {

// Of requests that follow before the answer of the one before.
constexpr std::size_t pipelined_bytes_max = 32u << 10;
// Of what is still sent by somebody who was refused already.
constexpr std::size_t lingering_bytes_max = 4u << 20;

}  // namespace

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

}  // namespace rondom::net::serving
