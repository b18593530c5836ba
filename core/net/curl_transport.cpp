#include "net/curl_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <mutex>
#include <utility>
#include <vector>

#include "base/text.h"
#include "net/url.h"

namespace rondom::net {
namespace {

constexpr int poll_ms_max = 1'000;
constexpr long upload_buffer_bytes = 256 * 1024;
// An idle connection older than this is not used again: many servers close theirs after a minute,
// and a request that dies on a stale connection may have an unknown fate.
constexpr long kept_seconds_max = 30;

struct FreeList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};
using HeaderList = std::unique_ptr<curl_slist, FreeList>;

struct FreeEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};

void start_library() {
  static const CURLcode started = curl_global_init(CURL_GLOBAL_DEFAULT);
  (void)started;
}

/// One exchange while it runs; target of libcurl's callbacks.
class Run {
 public:
  Run(const WireRequest& request, WireSink& sink, Interrupt& interrupt, const Clock& clock)
      : request_(request), sink_(sink), interrupt_(interrupt), clock_(clock) {
    started_us_ = last_byte_us_ = window_us_ = clock.monotonic();
  }

  void apply(CURL* easy) {
    curl_easy_setopt(easy, CURLOPT_HEADERFUNCTION, &Run::on_header);
    curl_easy_setopt(easy, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, &Run::on_write);
    curl_easy_setopt(easy, CURLOPT_WRITEDATA, this);
    if (request_.body == nullptr) return;
    curl_easy_setopt(easy, CURLOPT_READFUNCTION, &Run::on_read);
    curl_easy_setopt(easy, CURLOPT_READDATA, this);
    curl_easy_setopt(easy, CURLOPT_SEEKFUNCTION, &Run::on_seek);
    curl_easy_setopt(easy, CURLOPT_SEEKDATA, this);
  }

  /// Why it has to end now, or nothing.
  bool overdue() {
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
  int poll_ms() const {
    const std::int64_t least = std::min(request_.limits.total_ms, request_.limits.stall_ms);
    return static_cast<int>(std::clamp<std::int64_t>(least, 1, poll_ms_max));
  }
  bool interrupted() {
    return interrupt_.requested() && end(Outcome::Kind::interrupted, "it was stopped");
  }

  Outcome outcome(CURL* easy, CURLcode code) {
    if (ended_) return ended(easy);
    if (code == CURLE_OK) {
      if (!head_given_) return {Outcome::Kind::lost, "the server answered without a status"};
      return {};
    }
    return of_error(easy, code);
  }
  Outcome ended(CURL* easy) {
    if (ended_->kind == Outcome::Kind::lost && !was_sent(easy)) {
      ended_->kind = Outcome::Kind::not_sent;
    }
    return *ended_;
  }
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

  Outcome of_error(CURL* easy, CURLcode code) const {
    switch (code) {
      case CURLE_PEER_FAILED_VERIFICATION:
      case CURLE_SSL_ISSUER_ERROR:
      case CURLE_SSL_PINNEDPUBKEYNOTMATCH:
        return {Outcome::Kind::untrusted, "the certificate of the server is not to be trusted"};
      case CURLE_SSL_CACERT_BADFILE:
        return {Outcome::Kind::untrusted, "the file of trusted certificates cannot be read"};
      case CURLE_SSL_CONNECT_ERROR:
        return {Outcome::Kind::not_sent, "no encrypted connection came about"};
      case CURLE_COULDNT_RESOLVE_HOST: return {Outcome::Kind::not_sent, "the host is not known"};
      case CURLE_COULDNT_RESOLVE_PROXY: return {Outcome::Kind::not_sent, "the proxy is not known"};
      case CURLE_COULDNT_CONNECT: return {Outcome::Kind::not_sent, "no connection came about"};
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
    auto& run = *static_cast<Run*>(self);
    return run.guarded([&] { return run.header({bytes, count}); }) ? count : 0;
  }
  static std::size_t on_write(char* bytes, std::size_t, std::size_t count, void* self) noexcept {
    auto& run = *static_cast<Run*>(self);
    return run.guarded([&] { return run.write({bytes, count}); }) ? count : 0;
  }
  static std::size_t on_read(char* into, std::size_t, std::size_t room, void* self) noexcept {
    auto& run = *static_cast<Run*>(self);
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
  // libcurl goes back when a kept connection died under the request. Whether the server had read it
  // by then is unknown, so only what may arrive twice goes on.
  static int on_seek(void* self, curl_off_t offset, int origin) noexcept {
    auto& run = *static_cast<Run*>(self);
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

  bool header(std::string_view line) {
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

  bool write(std::string_view bytes) {
    if (interrupted()) return false;
    body_bytes_ += static_cast<std::int64_t>(bytes.size());
    window_bytes_ += static_cast<std::int64_t>(bytes.size());
    if (body_bytes_ > request_.limits.body_bytes_max) {
      return !end(Outcome::Kind::too_large, "the reply is larger than allowed");
    }
    const bool wanted = outside([&] { return sink_.body(bytes); });
    return wanted || !end(Outcome::Kind::stopped, "the reply was not wanted");
  }

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

}  // namespace

/// A handle with the connections it keeps.
struct CurlTransport::Slot {
  std::unique_ptr<CURLM, FreeMulti> multi{curl_multi_init()};
  std::unique_ptr<CURL, FreeEasy> easy{curl_easy_init()};
};

struct CurlTransport::Inside {
  Inside(CurlOptions given, const Clock& given_clock)
      : options(std::move(given)), clock(given_clock) {}

  CurlOptions options;
  const Clock& clock;
  std::mutex mutex;
  std::vector<std::unique_ptr<Slot>> idle;

  std::unique_ptr<Slot> take() {
    const std::lock_guard lock(mutex);
    if (idle.empty()) return std::make_unique<Slot>();
    std::unique_ptr<Slot> slot = std::move(idle.back());
    idle.pop_back();
    return slot;
  }
  void give_back(std::unique_ptr<Slot> slot) {
    const std::lock_guard lock(mutex);
    if (idle.size() < options.kept_connections_max) idle.push_back(std::move(slot));
  }
  void set_up(CURL* easy, const WireRequest& request) const;
  void set_body(CURL* easy, const WireRequest& request) const;
  HeaderList headers(const WireRequest& request) const;
};

void CurlTransport::Inside::set_up(CURL* easy, const WireRequest& request) const {
  curl_easy_reset(easy);
  curl_easy_setopt(easy, CURLOPT_URL, request.url.c_str());
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
  curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "");
  curl_easy_setopt(easy, CURLOPT_SUPPRESS_CONNECT_HEADERS, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, 1L);
  curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, 2L);
  curl_easy_setopt(easy, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);
  curl_easy_setopt(easy, CURLOPT_MAXAGE_CONN, kept_seconds_max);
  curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(request.limits.connect_ms));
  curl_easy_setopt(easy, CURLOPT_USERAGENT, options.user_agent.c_str());
  if (!options.ca_file.empty()) {
    curl_easy_setopt(easy, CURLOPT_CAINFO, options.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_CAPATH, nullptr);
  }
  const Result<Url> url = parse_url(request.url);
  if (url.ok() && is_loopback(*url)) {
    curl_easy_setopt(easy, CURLOPT_PROXY, "");
  } else if (!options.proxy.empty()) {
    curl_easy_setopt(easy, CURLOPT_PROXY, options.proxy.c_str());
    curl_easy_setopt(easy, CURLOPT_NOPROXY, "");
  }
  set_body(easy, request);
}

void CurlTransport::Inside::set_body(CURL* easy, const WireRequest& request) const {
  if (request.body != nullptr) {
    curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy, CURLOPT_UPLOAD_BUFFERSIZE, upload_buffer_bytes);
    curl_easy_setopt(easy, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request.body->size()));
  } else if (request.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  }
  curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  // Without a body there is nothing to seek back in, so libcurl cannot be kept from sending it again.
  const bool nothing_to_hold_back = request.body == nullptr || request.body->size() == 0;
  if (!request.idempotent && nothing_to_hold_back) {
    curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
  }
}

HeaderList CurlTransport::Inside::headers(const WireRequest& request) const {
  HeaderList list;
  const auto add = [&list](const std::string& line) {
    curl_slist* longer = curl_slist_append(list.get(), line.c_str());
    if (longer == nullptr) return;
    (void)list.release();
    list.reset(longer);
  };
  for (const Header& header : request.headers) {
    // libcurl's spelling of a header without a value.
    add(header.value.empty() ? header.name + ";" : header.name + ": " + header.value);
  }
  add("Expect:");
  return list;
}

CurlTransport::CurlTransport(CurlOptions options, const Clock& clock) {
  start_library();
  inside_ = std::make_unique<Inside>(std::move(options), clock);
}

CurlTransport::~CurlTransport() = default;

Outcome CurlTransport::exchange(const WireRequest& request, WireSink& sink, Interrupt& interrupt) {
  std::unique_ptr<Slot> slot = inside_->take();
  CURL* easy = slot->easy.get();
  CURLM* multi = slot->multi.get();
  if (easy == nullptr || multi == nullptr) {
    return {Outcome::Kind::not_sent, "there is no memory for a connection"};
  }
  Run run(request, sink, interrupt, inside_->clock);
  inside_->set_up(easy, request);
  run.apply(easy);
  const HeaderList headers = inside_->headers(request);
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, headers.get());

  Outcome outcome{Outcome::Kind::not_sent, "the request could not be started"};
  if (curl_multi_add_handle(multi, easy) != CURLM_OK) return outcome;
  {
    const Interrupt::Waker waker(interrupt, [multi] { curl_multi_wakeup(multi); });
    while (true) {
      int running = 0;
      const CURLMcode performed = curl_multi_perform(multi, &running);
      int left = 0;
      const CURLMsg* message = curl_multi_info_read(multi, &left);
      if (message != nullptr && message->msg == CURLMSG_DONE) {
        outcome = run.outcome(easy, message->data.result);
        break;
      }
      if (performed != CURLM_OK || run.has_ended() || run.interrupted() || run.overdue()) {
        if (run.has_ended()) outcome = run.ended(easy);
        break;
      }
      curl_multi_poll(multi, nullptr, 0, run.poll_ms(), nullptr);
    }
  }
  curl_multi_remove_handle(multi, easy);
  inside_->give_back(std::move(slot));
  return outcome;
}

}  // namespace rondom::net
