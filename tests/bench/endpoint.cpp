// A batch HTTP endpoint on loopback that costs next to nothing: bench-endpoint
//
// Prints its address. Takes POST requests whose body is a JSON list with one record a line, counts
// the lines, and answers how many there were; GET says how many there were in all. GET
// /people?from=F&of=N&size=S&wait=MS waits, then answers a page of N made-up people from the F-th
// on, with the address of the next one. A thread a connection. Ends with standard input. For
// measuring only: it reads what bench programs send, and no more of HTTP.
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <strings.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>
#include <thread>

namespace {

constexpr std::size_t body_bytes_max = 64u << 20;
constexpr std::size_t read_bytes = 256u << 10;

std::atomic<std::uint64_t> records_in_all{0};

/// The number behind "Content-Length:", 0 when there is none.
std::size_t content_length(std::string_view head) {
  constexpr std::string_view name = "content-length:";
  for (std::size_t at = head.find("\r\n"); at != std::string_view::npos;
       at = head.find("\r\n", at + 2)) {
    const std::string_view line = head.substr(at + 2);
    if (line.size() > name.size() && ::strncasecmp(line.data(), name.data(), name.size()) == 0) {
      return std::strtoull(line.data() + name.size(), nullptr, 10);
    }
  }
  return 0;
}

bool send_all(int socket, std::string_view text) {
  while (!text.empty()) {
    const ssize_t sent = ::send(socket, text.data(), text.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    text.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

/// Reads until `pending` holds at least `bytes`, or its head when `bytes` is 0.
bool fill(int socket, std::string& pending, std::size_t bytes) {
  while (bytes == 0 ? pending.find("\r\n\r\n") == std::string::npos : pending.size() < bytes) {
    const std::size_t had = pending.size();
    pending.resize(had + read_bytes);
    const ssize_t got = ::recv(socket, pending.data() + had, read_bytes, 0);
    pending.resize(had + static_cast<std::size_t>(std::max<ssize_t>(got, 0)));
    if (got <= 0 || pending.size() > body_bytes_max) return false;
  }
  return true;
}

/// The number behind "name=" in an address, 0 when there is none.
std::uint64_t parameter(std::string_view address, const char* name) {
  const std::size_t at = address.find(name);
  return at == std::string_view::npos
             ? 0
             : std::strtoull(address.data() + at + std::string_view(name).size(), nullptr, 10);
}

/// What a real system takes to answer is not this machine's time, so the wait costs no processor. A
/// client that hangs up ends it.
void wait_as_a_system_does(int socket, std::string_view address) {
  pollfd client{socket, POLLRDHUP, 0};
  ::poll(&client, 1, static_cast<int>(parameter(address, "wait=")));
}

std::string page_of_people(std::string_view address) {
  const std::uint64_t from = parameter(address, "from="), of = parameter(address, "of=");
  const std::uint64_t size = parameter(address, "size="), wait = parameter(address, "wait=");
  const std::uint64_t end = std::min(of, from + size);
  std::string body = "{\"items\":[";
  for (std::uint64_t i = from; i < end; ++i) {
    const std::string number = std::to_string(i);
    body +=
        std::string(i == from ? "" : ",") + "{\"id\":\"" + number +
        R"(","updated_at":"2026-03-01T10:00:00Z","email":"anna.vandenberg)" + number +
        R"(@example.com","given_name":"Anna","surname_prefix":"van den","surname":"Berg",)"
        R"("phone":"+3161)" +
        std::to_string(1'000'000 + i % 9'000'000) +
        R"(","birth_date":"1980-05-12","street":"Dorpsstraat",)"
        R"("house_number":"12","postcode":"1012 AB","city":"Amsterdam","tags":["shop","newsletter"]})";
  }
  body += "]";
  if (end < of) {
    body += ",\"next\":\"/people?from=" + std::to_string(end) + "&of=" + std::to_string(of) +
            "&size=" + std::to_string(size) + "&wait=" + std::to_string(wait) + "\"";
  }
  return body + "}";
}

void serve(int socket) {
  std::string pending;
  while (fill(socket, pending, 0)) {
    const std::size_t head = pending.find("\r\n\r\n") + 4;
    const std::size_t body = content_length(std::string_view(pending).substr(0, head - 2));
    const bool continued = pending.find("100-continue") < head;
    if (continued && !send_all(socket, "HTTP/1.1 100 Continue\r\n\r\n")) break;
    if (!fill(socket, pending, head + body)) break;
    const std::string_view text = std::string_view(pending).substr(head, body);
    const auto count = static_cast<std::uint64_t>(std::count(text.begin(), text.end(), '\n'));
    const std::uint64_t total = records_in_all += count;
    const std::string_view line = std::string_view(pending).substr(0, pending.find("\r\n"));
    const bool people = line.starts_with("GET /people");
    if (people) wait_as_a_system_does(socket, line);
    const std::string said =
        people ? page_of_people(line)
               : "{\"records\":" + std::to_string(pending.starts_with("GET") ? total : count) + "}";
    const std::string reply =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
        std::to_string(said.size()) + "\r\n\r\n" + said;
    if (!send_all(socket, reply)) break;
    pending.erase(0, head + body);
  }
  ::close(socket);
}

}  // namespace

int main() {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  auto* generic = reinterpret_cast<sockaddr*>(&address);
  if (::bind(listener, generic, size) != 0 || ::listen(listener, SOMAXCONN) != 0 ||
      ::getsockname(listener, generic, &size) != 0) {
    std::perror("bench-endpoint");
    return 1;
  }
  std::printf("http://127.0.0.1:%d\n", ntohs(address.sin_port));
  std::fflush(stdout);
  std::thread([listener] {
    while (true) {
      const int socket = ::accept(listener, nullptr, nullptr);
      if (socket < 0) return;
      const int on = 1;
      ::setsockopt(socket, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
      std::thread(serve, socket).detach();
    }
  }).detach();
  while (std::getchar() != EOF) {
  }
  std::_Exit(0);
}
