#include "net/local_client.h"

#include <curl/curl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cerrno>
#include <memory>
#include <utility>

namespace rondom::net {
namespace {

constexpr long connect_ms_max = 5'000;
constexpr int look_at_cancel_ms = 100;

struct LocalExchange {
  const std::function<bool(std::string_view)>* piece;
  std::string body;
  bool too_large = false, ended_by_caller = false;
  int socket = -1;  // libcurl's
};

std::size_t take_local_bytes(char* bytes, std::size_t size, std::size_t count, void* exchange) {
  auto& own = *static_cast<LocalExchange*>(exchange);
  const std::string_view got(bytes, size * count);
  if (*own.piece) {
    own.ended_by_caller = !(*own.piece)(got);
    return own.ended_by_caller ? 0 : got.size();
  }
  own.too_large = own.body.size() + got.size() > local_reply_bytes_max;
  if (own.too_large) return 0;
  own.body += got;
  return got.size();
}

int note_local_socket(void* exchange, curl_socket_t socket, curlsocktype) {
  static_cast<LocalExchange*>(exchange)->socket = socket;
  return CURL_SOCKOPT_OK;
}

/// Whether the socket may be used at all; libcurl does not tell why not.
bool is_forbidden(const std::string& path) {
  sockaddr_un address{};
  if (path.size() >= sizeof address.sun_path) return false;
  const int probe = ::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (probe < 0) return false;
  address.sun_family = AF_UNIX;
  path.copy(address.sun_path, path.size());
  const int failed =
      ::connect(probe, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0 ? 0
                                                                                         : errno;
  ::close(probe);
  return failed == EACCES || failed == EPERM;
}

Error local_failure(CURLcode code, const LocalRequest& request, const LocalExchange& exchange) {
  if (exchange.ended_by_caller) return {ErrorCode::cancelled, "the answer was not wanted any more"};
  if (exchange.too_large) return {ErrorCode::transient, "the answer is larger than 16 MB"};
  if (code == CURLE_COULDNT_CONNECT) {
    if (is_forbidden(request.socket)) {
      return {ErrorCode::not_permitted, "the socket " + request.socket + " is not for this user"};
    }
    return {ErrorCode::unavailable,
            "nobody listens at " + request.socket + "; is rondom serve running?"};
  }
  return {ErrorCode::transient,
          "the service at " + request.socket + " did not answer: " + curl_easy_strerror(code)};
}

CURLcode perform_local(CURL* easy, const LocalExchange& exchange, const Cancel* cancel) {
  if (cancel == nullptr) return curl_easy_perform(easy);
  const std::unique_ptr<CURLM, decltype(&curl_multi_cleanup)> multi(curl_multi_init(),
                                                                    &curl_multi_cleanup);
  if (multi == nullptr || curl_multi_add_handle(multi.get(), easy) != CURLM_OK) {
    return CURLE_FAILED_INIT;
  }
  CURLcode code = CURLE_FAILED_INIT;
  bool told = false;
  int running = 0;
  // Bounded by LocalRequest::timeout_ms.
  while (curl_multi_perform(multi.get(), &running) == CURLM_OK) {
    int left = 0;
    const CURLMsg* message = curl_multi_info_read(multi.get(), &left);
    if (message != nullptr && message->msg == CURLMSG_DONE) {
      code = message->data.result;
      break;
    }
    if (!told && cancel->requested()) {
      told = true;
      ::shutdown(exchange.socket, SHUT_WR);  // what comes is still read
    }
    curl_multi_poll(multi.get(), nullptr, 0, look_at_cancel_ms, nullptr);
  }
  curl_multi_remove_handle(multi.get(), easy);
  return code;
}

}  // namespace

Result<LocalReply> ask_local(const LocalRequest& request,
                             const std::function<bool(std::string_view)>& piece,
                             const Cancel* cancel) {
  const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> easy(curl_easy_init(),
                                                                 &curl_easy_cleanup);
  if (easy == nullptr) return Error{ErrorCode::internal, "libcurl gives no handle"};
  LocalExchange exchange{&piece, {}};
  curl_slist* header = curl_slist_append(nullptr, "Content-Type: application/json");
  header = curl_slist_append(header, "Expect:");
  const std::unique_ptr<curl_slist, decltype(&curl_slist_free_all)> headers(header,
                                                                            &curl_slist_free_all);
  const std::string url = "http://localhost" + request.path;
  curl_easy_setopt(easy.get(), CURLOPT_UNIX_SOCKET_PATH, request.socket.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_URL, url.c_str());
  curl_easy_setopt(easy.get(), CURLOPT_PROXY, "");
  curl_easy_setopt(easy.get(), CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy.get(), CURLOPT_CUSTOMREQUEST, request.method.c_str());
  if (request.method != "GET") {
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDS, request.body.c_str());
    curl_easy_setopt(easy.get(), CURLOPT_POSTFIELDSIZE_LARGE,
                     static_cast<curl_off_t>(request.body.size()));
    curl_easy_setopt(easy.get(), CURLOPT_HTTPHEADER, headers.get());
  }
  curl_easy_setopt(easy.get(), CURLOPT_CONNECTTIMEOUT_MS, connect_ms_max);
  curl_easy_setopt(easy.get(), CURLOPT_TIMEOUT_MS, static_cast<long>(request.timeout_ms));
  curl_easy_setopt(easy.get(), CURLOPT_SOCKOPTFUNCTION, &note_local_socket);
  curl_easy_setopt(easy.get(), CURLOPT_SOCKOPTDATA, &exchange);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEFUNCTION, &take_local_bytes);
  curl_easy_setopt(easy.get(), CURLOPT_WRITEDATA, &exchange);
  const CURLcode code = perform_local(easy.get(), exchange, cancel);
  if (code != CURLE_OK) return local_failure(code, request, exchange);
  long status = 0;
  curl_easy_getinfo(easy.get(), CURLINFO_RESPONSE_CODE, &status);
  return LocalReply{static_cast<int>(status), std::move(exchange.body)};
}

}  // namespace rondom::net
