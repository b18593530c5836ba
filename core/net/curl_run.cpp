#include "net/curl_run.h"

#include <cerrno>
#include <charconv>

#include "base/text.h"

namespace rondom::net {

bool CurlRun::overdue() {
  const std::int64_t now = clock_.monotonic();
  const std::int64_t worked_ms = (now - started_us_ - blocked_us_) / 1'000;
  if (worked_ms > request_.limits.total_ms) {
    return end(Outcome::Kind::lost, "it took longer than the time for a request");
  }
  if ((now - last_byte_us_) / 1'000 > request_.limits.stall_ms) {
    return end(Outcome::Kind::lost,
               "nothing came for " + std::to_string(request_.limits.stall_ms) + " ms");
  }
  if (status_ != 0 && (now - window_us_) / 1'000 > request_.limits.slow_window_ms) {
    if (window_bytes_ < request_.limits.slow_bytes_min) {
      return end(Outcome::Kind::lost, "the reply comes too slowly");
    }
    window_us_ = now;
    window_bytes_ = 0;
  }
  return false;
}

Outcome CurlRun::outcome(CURL* easy, CURLcode code) {
  if (ended_) return ended(easy);
  if (code == CURLE_OK) {
    if (!head_given_) return {Outcome::Kind::lost, "the server answered without a status"};
    return {};
  }
  return of_error(easy, code);
}

Outcome CurlRun::ended(CURL* easy) {
  if (ended_->kind == Outcome::Kind::lost && !was_sent(easy)) {
    ended_->kind = Outcome::Kind::not_sent;
  }
  return *ended_;
}

Outcome CurlRun::of_error(CURL* easy, CURLcode code) const {
  // What a proxy was asked for before it made the tunnel is nothing of the request.
  long tunnel = 0;
  curl_easy_getinfo(easy, CURLINFO_HTTP_CONNECTCODE, &tunnel);
  if (tunnel >= 300) {
    return {Outcome::Kind::not_sent,
            "the proxy refused the connection (status " + std::to_string(tunnel) + ")"};
  }
  switch (code) {
    case CURLE_PEER_FAILED_VERIFICATION:
    case CURLE_SSL_ISSUER_ERROR:
    case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
      return {Outcome::Kind::untrusted, "the certificate of the server is not to be trusted"};
    case CURLE_SSL_CACERT_BADFILE:
      return {Outcome::Kind::untrusted, "the file of trusted certificates cannot be read"};
    case CURLE_SSL_CONNECT_ERROR:
      return {Outcome::Kind::not_sent, "no encrypted connection came about"};
    case CURLE_COULDNT_RESOLVE_HOST:
      return {Outcome::Kind::not_sent, "the host is not known", true};
    case CURLE_COULDNT_RESOLVE_PROXY: return {Outcome::Kind::not_sent, "the proxy is not known"};
    case CURLE_COULDNT_CONNECT: return not_connected(easy);
    case CURLE_HTTP2:
    case CURLE_HTTP2_STREAM:
    case CURLE_PARTIAL_FILE:
      return {Outcome::Kind::lost, "the connection ended in the middle of the reply"};
    case CURLE_BAD_CONTENT_ENCODING:
      return {Outcome::Kind::lost, "the reply cannot be decompressed"};
    case CURLE_OPERATION_TIMEDOUT:
      return {was_sent(easy) ? Outcome::Kind::lost : Outcome::Kind::not_sent,
              "the connection took too long"};
    default:
      return {was_sent(easy) ? Outcome::Kind::lost : Outcome::Kind::not_sent,
              std::string("the connection failed (") + curl_easy_strerror(code) + ")"};
  }
}

Outcome CurlRun::not_connected(CURL* easy) {
  long number = 0;
  curl_easy_getinfo(easy, CURLINFO_OS_ERRNO, &number);
  switch (number) {
    case ECONNREFUSED: return {Outcome::Kind::not_sent, "connection refused", true};
    case ENETUNREACH:
    case EHOSTUNREACH: return {Outcome::Kind::not_sent, "the host cannot be reached"};
    default: return {Outcome::Kind::not_sent, "no connection came about"};
  }
}

std::size_t CurlRun::on_read(char* into, std::size_t, std::size_t room, void* self) noexcept {
  auto& run = *static_cast<CurlRun*>(self);
  std::size_t count = 0;
  const bool good = run.guarded([&] {
    const Result<std::size_t> got = run.outside([&] {
      return run.request_.body->read({into, room});
    });
    if (!got.ok()) return !run.end(Outcome::Kind::stopped, "the body could not be read");
    count = *got;
    run.window_bytes_ += static_cast<std::int64_t>(count);
    return true;
  });
  return good ? count : CURL_READFUNC_ABORT;
}

int CurlRun::on_seek(void* self, curl_off_t offset, int origin) noexcept {
  auto& run = *static_cast<CurlRun*>(self);
  if (offset != 0 || origin != SEEK_SET || !run.request_.idempotent ||
      !run.request_.body->can_rewind()) {
    return CURL_SEEKFUNC_FAIL;
  }
  return run.guarded([&] {
    run.request_.body->rewind();
    return true;
  })
             ? CURL_SEEKFUNC_OK
             : CURL_SEEKFUNC_FAIL;
}

bool CurlRun::header(std::string_view line) {
  last_byte_us_ = clock_.monotonic();
  header_bytes_ += line.size();
  if (header_bytes_ > request_.limits.header_bytes_max) {
    return !end(Outcome::Kind::too_large, "the reply has too many headers");
  }
  if (head_given_) return true;  // trailers
  line = trim_ascii(line);
  if (line.substr(0, 5) == "HTTP/") {
    headers_.clear();
    status_ = 0;
    const std::size_t space = line.find(' ');
    if (space != std::string_view::npos) {
      std::from_chars(line.data() + space + 1, line.data() + line.size(), status_);
    }
    return true;
  }
  if (line.empty()) {
    if (status_ < 200) return true;  // 100 Continue, 103 Early Hints
    head_given_ = true;
    forget_encoding();
    window_us_ = clock_.monotonic();
    window_bytes_ = 0;
    const bool wanted = outside(
        [&] { return sink_.head(static_cast<std::uint32_t>(status_), std::move(headers_)); });
    return wanted || !end(Outcome::Kind::stopped, "the reply was not wanted");
  }
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos) return true;
  headers_.push_back({std::string(trim_ascii(line.substr(0, colon))),
                      std::string(trim_ascii(line.substr(colon + 1)))});
  return true;
}

void CurlRun::forget_encoding() {
  if (header_value(headers_, "Content-Encoding").empty()) return;
  std::erase_if(headers_, [](const Header& header) {
    const std::string name = lower_ascii(header.name);
    return name == "content-encoding" || name == "content-length";
  });
}

bool CurlRun::write(std::string_view bytes) {
  if (interrupted()) return false;
  body_bytes_ += static_cast<std::int64_t>(bytes.size());
  window_bytes_ += static_cast<std::int64_t>(bytes.size());
  if (body_bytes_ > request_.limits.body_bytes_max) {
    return !end(Outcome::Kind::too_large, "the reply is larger than allowed");
  }
  const bool wanted = outside([&] { return sink_.body(bytes); });
  return wanted || !end(Outcome::Kind::stopped, "the reply was not wanted");
}

}  // namespace rondom::net
