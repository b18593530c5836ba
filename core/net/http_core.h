// http_core: the HTTP server's listeners, whom they let in, and who does the work. Private to the
// server.
#pragma once

#include "net/http_wire.h"

#include <sys/types.h>

#include <atomic>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/steady_timer.hpp>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <thread>
#include <vector>

#include "base/bounded_queue.h"
#include "net/http_server.h"
#include "net/listening.h"
#include "net/peer_rates.h"

namespace rondom::net::serving {

class Session;

/// A listener that listens.
struct Ear {
  Ear(asio::io_context& io, HttpListener given, int socket, std::size_t peers_max)
      : options(std::move(given)),
        descriptor(io, socket),
        again(io),
        rates(options.requests_per_second, peers_max) {}
  HttpListener options;
  asio::posix::stream_descriptor descriptor;
  asio::steady_timer again;
  PeerRates rates;
  std::unique_ptr<asio::ssl::context> encryption;
  std::uint16_t port = 0;
  ino_t file = 0;  // of its path
  std::size_t connections = 0;
};

struct Counters {
  std::atomic<std::int64_t> connections{0}, accepted{0}, refused_full{0}, refused_rate{0},
      refused_bad{0}, shed{0};
};

struct Core {
  Core(HttpLimits given, const Clock& given_clock, HttpHandler given_handler)
      : limits(given),
        clock(given_clock),
        handler(std::move(given_handler)),
        work(given.waiting_requests_max + given.workers) {}

  // Of the loop's thread, but for what is said otherwise.
  asio::io_context io{1};
  const HttpLimits limits;
  const Clock& clock;
  const HttpHandler handler;
  std::vector<std::unique_ptr<Ear>> ears;
  std::set<std::shared_ptr<Session>> sessions;
  bool stopping = false;

  Counters counters;                         // any thread
  BoundedQueue<std::function<void()>> work;  // any thread
  std::atomic<std::size_t> waiting{0};       // in `work`
  std::mutex mutex;                          // guards what follows
  std::condition_variable everybody_left;
  bool empty = true;

  std::vector<std::thread> threads;
  bool stopped = false;
  std::optional<asio::executor_work_guard<asio::io_context::executor_type>> guard;

  Status open(const HttpListener& wanted);
  void accept_later(Ear& ear);
  void accept_some(Ear& ear);
  void welcome(Ear& ear, int socket, Peer peer);
  bool make_room(const Ear& ear);
  void forget(const std::shared_ptr<Session>& session, Ear& ear);
  void work_on();
};

}  // namespace rondom::net::serving
