#include "net/curl_transport.h"

#include <curl/curl.h>

#include <algorithm>
#include <mutex>
#include <utility>
#include <vector>

#include "base/cleanse.h"
#include "net/curl_run.h"
#include "net/url.h"

namespace rondom::net {
namespace {

constexpr long upload_buffer_bytes = 256 * 1024;
// An idle connection older than this is not used again: many servers close theirs after a minute,
// and a request that dies on a stale connection may have an unknown fate.
constexpr long kept_seconds_max = 30;

struct FreeList {
  void operator()(curl_slist* list) const {
    for (curl_slist* one = list; one != nullptr; one = one->next) cleanse(one->data);
    curl_slist_free_all(list);
  }
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
  // Without a body there is nothing to seek back in, so libcurl cannot be kept from sending it
  // again.
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
    std::string line = header.value.empty() ? header.name + ";" : header.name + ": " + header.value;
    const CleansedAtEnd cleansed(line);
    add(line);
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
  CurlRun run(request, sink, interrupt, inside_->clock);
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
