// curl_run: one exchange while it runs in libcurl: its callbacks, its limits, what became of it.
// Private to the transport. On the thread of the exchange.
#pragma once

#include <curl/curl.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "net/transport.h"

namespace rondom::net {

inline constexpr int poll_ms_max = 1'000;

/// One exchange while it runs; target of libcurl's callbacks.
class CurlRun {
 public:
  CurlRun(const WireRequest& request, WireSink& sink, Interrupt& interrupt, const Clock& clock)
      : request_(request), sink_(sink), interrupt_(interrupt), clock_(clock) {
    started_us_ = last_byte_us_ = window_us_ = clock.monotonic();
  }

  void apply(CURL* easy) {
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &CurlRun::on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &CurlRun::on_write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    if (request_.body == nullptr) return;
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &CurlRun::on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, this);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, &CurlRun::on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, this);
  }

  /// Ends it when a limit of time is passed; true when it did.
  bool overdue();
  int poll_ms() const {
    const std::int64_t least = std::min(request_.limits.total_ms, request_.limits.stall_ms);
    return static_cast<int>(std::clamp<std::int64_t>(least, 1, poll_ms_max));
  }
  bool interrupted() {
    return interrupt_.requested() && end(Outcome::Kind::interrupted, "it was stopped");
  }

  /// What became of it, after libcurl said `code`.
  Outcome outcome(CURL* easy, CURLcode code);
  /// What became of it when this side ended it. Only when has_ended().
  Outcome ended(CURL* easy);
  bool has_ended() const { return ended_ != nullptr; }

 private:
  bool end(Outcome::Kind kind, std::string what) {
    if (ended_ == nullptr) ended_ = std::make_unique<Outcome>(Outcome{kind, std::move(what)});
    return true;
  }

  static bool was_sent(CURL* easy) {
    long bytes = 0;
    curl_easy_getinfo(easy, CURLINFO_REQUEST_SIZE, &bytes);
    return bytes > 0;
  }

  Outcome of_error(CURL* easy, CURLcode code) const;
  static Outcome not_connected(CURL* easy);

  /// Time inside the caller's code does not count.
  template <typename Work>
  auto outside(Work work) {
    const std::int64_t from = clock_.monotonic();
    auto result = work();
    const std::int64_t now = clock_.monotonic();
    blocked_us_ += now - from;
    window_us_ += now - from;
    last_byte_us_ = now;
    return result;
  }

  // libcurl's callbacks. None throws: what the caller's code throws ends the exchange.
  template <typename Work>
  bool guarded(Work work) noexcept {
    try {
      return work();
    } catch (...) {
      return !end(Outcome::Kind::stopped, "an exception ended the transfer");
    }
  }

  static std::size_t on_header(char* bytes, std::size_t, std::size_t count, void* self) noexcept {
    auto& run = *static_cast<CurlRun*>(self);
    return run.guarded([&] { return run.header({bytes, count}); }) ? count : 0;
  }
  static std::size_t on_write(char* bytes, std::size_t, std::size_t count, void* self) noexcept {
    auto& run = *static_cast<CurlRun*>(self);
    return run.guarded([&] { return run.write({bytes, count}); }) ? count : 0;
  }
  static std::size_t on_read(char* into, std::size_t size, std::size_t room, void* self) noexcept;
  // libcurl goes back when a kept connection died under the request. Whether the server had read it
  // by then is unknown, so only what may arrive twice goes on.
  static int on_seek(void* self, curl_off_t offset, int origin) noexcept;

  bool header(std::string_view line);
  /// The body comes decompressed, so what the headers say of its coding and length is no longer so.
  void forget_encoding();
  bool write(std::string_view bytes);

  const WireRequest& request_;
  WireSink& sink_;
  Interrupt& interrupt_;
  const Clock& clock_;
  std::unique_ptr<Outcome> ended_;
  std::vector<Header> headers_;
  int status_ = 0;
  bool head_given_ = false;
  std::size_t header_bytes_ = 0;
  std::int64_t body_bytes_ = 0;
  std::int64_t started_us_ = 0;
  std::int64_t blocked_us_ = 0;
  std::int64_t last_byte_us_ = 0;
  std::int64_t window_us_ = 0;
  std::int64_t window_bytes_ = 0;
};

}  // namespace rondom::net
