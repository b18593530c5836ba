// http_wire: a connection of the HTTP server, encrypted or not. Private to it: only its own files
// see Asio, which takes long and half a gigabyte to compile.
#pragma once

#if !defined(__clang__)
// GCC 12 takes a member that Asio's sockets fill in later for one that is read before.
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
// ThreadSanitizer does not see the fences around Asio's handlers; what is handed over there is
// under a lock as well.
#pragma GCC diagnostic ignored "-Wtsan"
#endif

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/ssl/context.hpp>
#include <boost/asio/ssl/stream.hpp>
#include <functional>
#include <utility>

namespace rondom::net::serving {

namespace asio = boost::asio;
using boost::system::error_code;
using Socket = asio::generic::stream_protocol::socket;
using Moved = std::function<void(error_code, std::size_t)>;

/// A connection, encrypted or not: bytes go in and out.
class Wire {
 public:
  explicit Wire(Socket socket) : socket_(std::move(socket)) {}
  virtual ~Wire() = default;
  virtual void handshake(Moved done) {
    asio::post(socket_.get_executor(), [done = std::move(done)] { done({}, 0); });
  }
  virtual void read(asio::mutable_buffer into, Moved done) {
    socket_.async_read_some(into, std::move(done));
  }
  virtual void write(asio::const_buffer from, Moved done) {
    socket_.async_write_some(from, std::move(done));
  }
  virtual void end_sending(Moved done) {
    error_code ignored;
    socket_.shutdown(Socket::shutdown_send, ignored);
    asio::post(socket_.get_executor(), [done = std::move(done)] { done({}, 0); });
  }
  virtual Socket& socket() { return socket_; }
  void close() {
    error_code ignored;
    socket().close(ignored);
  }

 private:
  Socket socket_;
};

class EncryptedWire final : public Wire {
 public:
  EncryptedWire(Socket socket, asio::io_context& io, asio::ssl::context& context)
      : Wire(Socket(io)), stream_(std::move(socket), context) {}
  void handshake(Moved done) override {
    stream_.async_handshake(asio::ssl::stream_base::server,
                            [done = std::move(done)](error_code failed) { done(failed, 0); });
  }
  void read(asio::mutable_buffer into, Moved done) override {
    stream_.async_read_some(into, std::move(done));
  }
  void write(asio::const_buffer from, Moved done) override {
    stream_.async_write_some(from, std::move(done));
  }
  void end_sending(Moved done) override {
    stream_.async_shutdown([done = std::move(done)](error_code failed) { done(failed, 0); });
  }
  Socket& socket() override { return stream_.next_layer(); }

 private:
  asio::ssl::stream<Socket> stream_;
};

}  // namespace rondom::net::serving
