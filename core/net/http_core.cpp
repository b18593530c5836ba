#include "net/http_core.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <chrono>

#include "net/http_session.h"

namespace rondom::net::serving {
namespace {

constexpr int accepts_at_once = 32;
constexpr std::int64_t no_descriptor_left_ms = 100;  // before accept is tried again

Result<std::unique_ptr<asio::ssl::context>> encryption_of(const HttpListener& listener) {
  auto context = std::make_unique<asio::ssl::context>(asio::ssl::context::tls_server);
  error_code failed;
  context->set_options(asio::ssl::context::no_tlsv1 | asio::ssl::context::no_tlsv1_1 |
                           asio::ssl::context::no_compression,
                       failed);
  const std::pair<const std::string*, const char*> files[] = {
      {&listener.certificate, "certificate"}, {&listener.key, "key"}};
  for (const auto& [file, what] : files) {
    if (file == &listener.key) {
      context->use_private_key_file(*file, asio::ssl::context::pem, failed);
    } else {
      context->use_certificate_chain_file(*file, failed);
    }
    if (failed) {
      return Error{ErrorCode::bad_config, "cannot use the " + std::string(what) + " in " + *file +
                                              ": " + failed.message()};
    }
  }
  return context;
}

}  // namespace

Status Core::open(const HttpListener& wanted) {
  std::unique_ptr<asio::ssl::context> encryption;
  if (!wanted.certificate.empty() || !wanted.key.empty()) {
    RONDOM_TRY_ASSIGN(encryption, encryption_of(wanted));
  }
  RONDOM_TRY_ASSIGN(const int socket, wanted.path.empty()
                                          ? listen_at_address(wanted.address, wanted.port)
                                          : listen_at_path(wanted.path, wanted.mode));
  auto ear = std::make_unique<Ear>(io, wanted, socket, limits.peers_max);
  ear->encryption = std::move(encryption);
  struct stat file {};
  if (wanted.path.empty()) {
    ear->port = port_of(socket);
  } else if (::lstat(wanted.path.c_str(), &file) == 0) {
    ear->file = file.st_ino;
  }
  ears.push_back(std::move(ear));
  return {};
}

void Core::accept_later(Ear& ear) {
  ear.descriptor.async_wait(asio::posix::descriptor_base::wait_read,
                            [this, &ear](error_code failed) {
                              if (!failed && !stopping) accept_some(ear);
                            });
}

void Core::accept_some(Ear& ear) {
  for (int i = 0; i < accepts_at_once; ++i) {
    Peer peer;
    const int socket = accept_from(ear.descriptor.native_handle(), peer);
    if (socket >= 0) {
      welcome(ear, socket, std::move(peer));
      continue;
    }
    if (errno == ECONNABORTED || errno == EINTR) continue;
    if (errno == EAGAIN) break;
    // No descriptor or memory is left: asked again at once, it would only burn time.
    ear.again.expires_after(std::chrono::milliseconds(no_descriptor_left_ms));
    ear.again.async_wait([this, &ear](error_code failed) {
      if (!failed && !stopping) accept_later(ear);
    });
    return;
  }
  accept_later(ear);
}

void Core::welcome(Ear& ear, int number, Peer peer) {
  ++counters.accepted;
  const asio::generic::stream_protocol protocol(peer.local ? AF_UNIX : AF_INET, 0);
  Socket socket(io, protocol, number);
  if (ear.connections >= limits.connections_max && !make_room(ear)) {
    ++counters.refused_full;
    if (ear.encryption == nullptr) {
      const ServedAnswer answer = problem(503, "too many connections", {{"Retry-After", "1"}});
      error_code ignored;
      socket.write_some(
          asio::buffer(answer_head(answer, http_date(clock.now()), Framing::length, false) +
                       answer.body),
          ignored);
    }
    return;
  }
  auto wire = ear.encryption == nullptr
                  ? std::make_unique<Wire>(std::move(socket))
                  : std::make_unique<EncryptedWire>(std::move(socket), io, *ear.encryption);
  const auto session = std::make_shared<Session>(*this, ear, std::move(wire), std::move(peer));
  sessions.insert(session);
  ++ear.connections;
  ++counters.connections;
  {
    const std::lock_guard lock(mutex);
    empty = false;
  }
  session->start();
}

/// The connection that was idle longest ends; where none is, the one whose request takes longest to
/// come, so that a few that send a byte now and then keep nobody out.
bool Core::make_room(const Ear& ear) {
  std::shared_ptr<Session> oldest;
  for (const std::shared_ptr<Session>& one : sessions) {
    if (&one->ear() != &ear || !one->asks_nothing_yet()) continue;
    const bool goes_first = oldest == nullptr || one->is_idle() > oldest->is_idle() ||
                            (one->is_idle() == oldest->is_idle() && one->since() < oldest->since());
    if (goes_first) oldest = one;
  }
  if (oldest == nullptr) return false;
  oldest->close();
  return true;
}

void Core::forget(const std::shared_ptr<Session>& session, Ear& ear) {
  sessions.erase(session);
  --ear.connections;
  --counters.connections;
  if (!sessions.empty()) return;
  {
    const std::lock_guard lock(mutex);
    empty = true;
  }
  everybody_left.notify_all();
}

void Core::work_on() {
  while (const auto task = work.take()) {
    --waiting;
    (*task)();
  }
}

}  // namespace rondom::net::serving
