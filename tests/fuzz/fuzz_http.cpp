// Bytes from anybody who can connect: through the server as it is, at a real socket. Whatever
// comes, the answers are whole, of known statuses, and a request that is handled has the parts that
// handlers rely on.
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <cstring>
#include <string>

#include "net/http_server.h"

namespace {

using namespace rondom;
using namespace rondom::net;

void handle(const ServedRequest& request, HttpReply& reply) {
  if (request.method.empty() || request.path.find('?') != std::string::npos) std::abort();
  if (request.body.size() > HttpLimits{}.body_bytes_max) std::abort();
  (void)path_segments(request.path);
  (void)query_parameters(request.query);
  (void)may_be_rebound(host_name(request.header("host")).value_or(""), {});
  reply.send({});
}

const std::string& served() {
  static const std::string path = "/tmp/rondom-fuzz-http-" + std::to_string(::getpid());
  static SystemClock clock;
  static HttpServer server({.workers = 1}, clock, handle);
  static const bool listens = [] {
    HttpListener listener;
    listener.path = path;
    return server.listen({listener}).ok();
  }();
  if (!listens) std::abort();
  return path;
}

}  // namespace

// What one thread frees after another's answer looks like a leak after every input; tests/unit
// looks for those.
extern "C" const char* __asan_default_options() {
  return "detect_leaks=0";
}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  sockaddr_un to{};
  to.sun_family = AF_UNIX;
  served().copy(to.sun_path, sizeof to.sun_path - 1);
  const int client = ::socket(AF_UNIX, SOCK_STREAM, 0);
  if (::connect(client, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0) std::abort();
  (void)!::send(client, data, size, MSG_NOSIGNAL);
  ::shutdown(client, SHUT_WR);
  std::string answers;
  char piece[4096];
  for (ssize_t n; (n = ::recv(client, piece, sizeof piece, 0)) > 0;) {
    answers.append(piece, static_cast<std::size_t>(n));
  }
  ::close(client);
  if (!answers.empty() && !answers.starts_with("HTTP/1.1 ")) std::abort();
  for (const char* defect : {"HTTP/1.1 500", "Unknown"}) {
    if (answers.find(defect) != std::string::npos) std::abort();
  }
  return 0;
}
