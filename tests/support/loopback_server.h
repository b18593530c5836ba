// LoopbackServer: an HTTP/1.1 server on 127.0.0.1 for tests, on a port that the system chooses. It
// does what its handler says, also what no server should. Ends with the object.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <list>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace rondom::test {

struct ServerRequest {
  std::string method;
  std::string target;
  std::map<std::string, std::string> headers;  // names in lower case
  std::string body;                            // its first MiB
  std::uint64_t body_bytes = 0;
  std::size_t connection = 0;  // counted from 1
};

class LoopbackServer {
 public:
  /// The client of one request.
  class Peer {
   public:
    explicit Peer(int socket) : socket_(socket) {}
    /// A whole reply with its length.
    bool reply(int status, const std::string& body,
               const std::vector<std::string>& header_lines = {});
    /// Bytes as they are; false when the client is gone.
    bool raw(const std::string& bytes);
    /// Ends the connection after this request.
    void close() { closed_ = true; }
    bool closed() const { return closed_; }
    /// Until the client is gone.
    void wait_for_end();

   private:
    int socket_;
    bool closed_ = false;
  };
  using Handler = std::function<void(const ServerRequest&, Peer&)>;

  explicit LoopbackServer(Handler handler);
  ~LoopbackServer();
  LoopbackServer(const LoopbackServer&) = delete;
  LoopbackServer& operator=(const LoopbackServer&) = delete;

  std::uint16_t port() const { return port_; }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port_); }
  /// Every request so far.
  std::vector<ServerRequest> requests() const;
  /// The same as "GET /path".
  std::vector<std::string> log() const;

 private:
  void accept_all();
  void serve(int socket, std::size_t number);
  bool read_request(int socket, std::string& pending, ServerRequest& request);

  Handler handler_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  mutable std::mutex mutex_;
  std::vector<ServerRequest> requests_;
  std::vector<int> sockets_;
  std::list<std::thread> threads_;
  std::thread acceptor_;
};

}  // namespace rondom::test
