#include "net/http_server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <chrono>
#include <utility>

#include "net/http_session.h"

namespace rondom::net {

namespace asio = boost::asio;
using serving::Core;
using serving::Counters;
using serving::error_code;
using serving::Session;

struct HttpServer::Inside final : Core {
  using Core::Core;
};

HttpServer::HttpServer(HttpLimits limits, const Clock& clock, HttpHandler handler)
    : inside_(std::make_unique<Inside>(limits, clock, std::move(handler))) {}

HttpServer::~HttpServer() {
  stop(0);
}

Status HttpServer::listen(const std::vector<HttpListener>& listeners) {
  Inside& in = *inside_;
  for (const HttpListener& listener : listeners) {
    if (Status opened = in.open(listener); !opened.ok()) {
      stop(0);
      return opened;
    }
  }
  in.guard.emplace(asio::make_work_guard(in.io));
  for (const auto& ear : in.ears) in.accept_later(*ear);
  in.threads.emplace_back([&in] { in.io.run(); });
  for (std::size_t i = 0; i < in.limits.workers; ++i) {
    in.threads.emplace_back([&in] { in.work_on(); });
  }
  return {};
}

std::uint16_t HttpServer::port(std::size_t listener) const {
  return inside_->ears.at(listener)->port;
}

void HttpServer::stop(std::int64_t grace_ms) {
  Inside& in = *inside_;
  if (std::exchange(in.stopped, true)) return;
  // Whoever comes now finds nobody, and may start the next service.
  for (const auto& ear : in.ears) {
    struct stat file {};
    const std::string& path = ear->options.path;
    if (!path.empty() && ::lstat(path.c_str(), &file) == 0 && file.st_ino == ear->file) {
      ::unlink(path.c_str());
    }
  }
  if (in.threads.empty()) return;
  asio::post(in.io, [&in] {
    in.stopping = true;
    for (const auto& ear : in.ears) {
      error_code ignored;
      ear->again.cancel();
      ear->descriptor.close(ignored);
    }
    const auto now = in.sessions;  // closing changes it
    for (const std::shared_ptr<Session>& session : now) {
      if (session->is_idle()) session->close();
    }
  });
  {
    std::unique_lock lock(in.mutex);
    in.everybody_left.wait_for(lock, std::chrono::milliseconds(grace_ms), [&] { return in.empty; });
  }
  asio::post(in.io, [&in] {
    const auto now = in.sessions;
    for (const std::shared_ptr<Session>& session : now) session->close();
  });
  in.work.finish();
  for (std::size_t i = 1; i < in.threads.size(); ++i) in.threads[i].join();
  in.guard.reset();
  in.threads.front().join();
  in.threads.clear();
}

HttpStatistics HttpServer::statistics() const {
  const Counters& counters = inside_->counters;
  return {counters.connections,  counters.accepted,    counters.refused_full,
          counters.refused_rate, counters.refused_bad, counters.shed};
}

}  // namespace rondom::net
