#include "net/socket_client.h"

#include <curl/curl.h>
#include <openssl/evp.h>
#include <sys/socket.h>

#include <memory>

#include "net/listening.h"

namespace rondom::net {
namespace {

constexpr long socket_connect_ms = 5'000;
constexpr int look_at_cancel_ms = 100;

struct FreeSocketEasy {
  void operator()(CURL* handle) const { curl_easy_cleanup(handle); }
};
struct FreeSocketMulti {
  void operator()(CURLM* handle) const { curl_multi_cleanup(handle); }
};
struct FreeSocketList {
  void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

/// What arrives of one answer; target of libcurl's callback.
struct Arriving {
  CURL* easy;
  const SocketSink& sink;
  SocketAnswer answer;
  bool too_long = false;

  static std::size_t on_body(char* bytes, std::size_t, std::size_t count, void* self) noexcept {
    auto& to = *static_cast<Arriving*>(self);
    try {
      return to.take({bytes, count}) ? count : 0;
    } catch (...) {
      return 0;
    }
  }
  bool take(std::string_view bytes) {
    long status = 0;
    curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &status);
    if (sink && status == 200) return sink(bytes);
    too_long = answer.body.size() + bytes.size() > socket_answer_bytes_max;
    if (!too_long) answer.body += bytes;
    return !too_long;
  }
};

void end_sending(CURL* easy) {
  curl_socket_t number = CURL_SOCKET_BAD;
  if (curl_easy_getinfo(easy, CURLINFO_ACTIVESOCKET, &number) == CURLE_OK &&
      number != CURL_SOCKET_BAD) {
    ::shutdown(number, SHUT_WR);
  }
}

CURLcode perform(CURLM* multi, CURL* easy, const Cancel* cancel) {
  bool told = false;
  // Bounded by CURLOPT_TIMEOUT_MS.
  while (true) {
    int running = 0;
    if (curl_multi_perform(multi, &running) != CURLM_OK) return CURLE_FAILED_INIT;
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi, &left);
    if (message != nullptr && message->msg == CURLMSG_DONE) return message->data.result;
    if (!told && cancel != nullptr && cancel->requested()) {
      told = true;
      end_sending(easy);
    }
    curl_multi_poll(multi, nullptr, 0, look_at_cancel_ms, nullptr);
  }
}

}  // namespace

Result<SocketAnswer> ask_at_socket(const SocketRequest& request, const Cancel* cancel,
                                   const SocketSink& sink) {
  RONDOM_TRY(somebody_listens(request.socket));
  const std::unique_ptr<CURL, FreeSocketEasy> easy(curl_easy_init());
  const std::unique_ptr<CURLM, FreeSocketMulti> multi(curl_multi_init());
  if (easy == nullptr || multi == nullptr) {
    return Error{ErrorCode::unavailable, "there is no memory for a connection"};
  }
  CURL* handle = easy.get();
  Arriving arriving{handle, sink, {}, false};
  const std::string url = "http://localhost" + request.path;
  std::unique_ptr<curl_slist, FreeSocketList> headers(
      curl_slist_append(nullptr, "Content-Type: application/json"));
  headers.reset(curl_slist_append(headers.release(), "Expect:"));
  curl_easy_setopt(handle, CURLOPT_UNIX_SOCKET_PATH, request.socket.c_str());
  curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
  curl_easy_setopt(handle, CURLOPT_PROTOCOLS_STR, "http");
  curl_easy_setopt(handle, CURLOPT_PROXY, "");
  curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(handle, CURLOPT_NETRC, static_cast<long>(CURL_NETRC_IGNORED));
  curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT_MS, socket_connect_ms);
  curl_easy_setopt(handle, CURLOPT_TIMEOUT_MS, static_cast<long>(request.milliseconds_max));
  curl_easy_setopt(handle, CURLOPT_HTTPHEADER, headers.get());
  curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (!request.body.empty()) {
    curl_easy_setopt(handle, CURLOPT_POSTFIELDS, request.body.c_str());
    curl_easy_setopt(handle, CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
  }
  curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, &Arriving::on_body);
  curl_easy_setopt(handle, CURLOPT_WRITEDATA, &arriving);
  if (curl_multi_add_handle(multi.get(), handle) != CURLM_OK) {
    return Error{ErrorCode::unavailable, "the request could not be started"};
  }
  const CURLcode outcome = perform(multi.get(), handle, cancel);
  long status = 0;
  curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
  curl_multi_remove_handle(multi.get(), handle);
  if (arriving.too_long) return Error{ErrorCode::data, "the service's answer is too long"};
  if (outcome != CURLE_OK) {
    return Error{ErrorCode::unavailable,
                 "the connection to the service at " + request.socket + " broke"};
  }
  arriving.answer.status = static_cast<int>(status);
  return std::move(arriving.answer);
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out(text.size() / 4 * 3, '\0');
  const int bytes = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()));
  if (text.size() % 4 != 0 || bytes < 0) return std::nullopt;
  // The padding counts as zero bytes.
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(static_cast<std::size_t>(bytes) - padding);
  return out;
}

}  // namespace rondom::net
