// Entries of a directory that speaks a protocol of its own over TCP: a connector that does not go
// through Rondom's HTTP opens its sockets itself, and waits with them.
//
// The protocol: "LIST\n" asks for everything; an entry is one line of JSON; "." alone ends the
// list.
#include <netdb.h>
#include <poll.h>
#include <unistd.h>

#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <rondom/sdk.hpp>
#include <string>

using namespace rondom;

namespace {

constexpr int wait_ms = 30'000;  // for a server that says nothing
constexpr int piece_ms = 200;    // how soon a stop is noticed
constexpr std::size_t line_bytes_max = 1u << 20;

struct Config {
  std::string host;
  std::int64_t port = 0;
};

/// A connection that is closed at the end.
class Connection {
 public:
  explicit Connection(Context& context) : context_(context) {}
  ~Connection() {
    if (socket_ >= 0) ::close(socket_);
  }
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  Status open(const Config& config) {
    addrinfo wanted{}, *found = nullptr;
    wanted.ai_socktype = SOCK_STREAM;
    const std::string port = std::to_string(config.port);
    if (::getaddrinfo(config.host.c_str(), port.c_str(), &wanted, &found) != 0) {
      return {Code::unavailable, "The name of the directory's host is not known."};
    }
    for (const addrinfo* at = found; at != nullptr && socket_ < 0; at = at->ai_next) {
      socket_ = ::socket(at->ai_family, at->ai_socktype | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
      if (socket_ < 0 || ::connect(socket_, at->ai_addr, at->ai_addrlen) == 0) continue;
      if (errno == EINPROGRESS && wait_for(POLLOUT).ok() && connected()) continue;
      ::close(socket_);
      socket_ = -1;
    }
    ::freeaddrinfo(found);
    if (socket_ >= 0) return {};
    return {Code::unavailable, "The directory does not answer."};
  }

  Status say(std::string_view text) {
    while (!text.empty()) {
      const ssize_t sent = ::send(socket_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent > 0) {
        text.remove_prefix(static_cast<std::size_t>(sent));
      } else if (sent < 0 && errno == EAGAIN) {
        RONDOM_TRY(wait_for(POLLOUT));
      } else if (errno != EINTR) {
        return {Code::transient, "The connection to the directory broke."};
      }
    }
    return {};
  }

  Result<std::string> line() {
    std::size_t end = 0;
    while ((end = kept_.find('\n')) == std::string::npos) {
      if (kept_.size() > line_bytes_max) return Failure{Code::data, "A line of more than 1 MiB."};
      RONDOM_TRY(wait_for(POLLIN));
      std::array<char, 16'384> piece;
      const ssize_t got = ::recv(socket_, piece.data(), piece.size(), 0);
      if (got > 0) {
        kept_.append(piece.data(), static_cast<std::size_t>(got));
      } else if (got == 0 || (errno != EAGAIN && errno != EINTR)) {
        return Failure{Code::transient, "The directory closed the connection within its list."};
      }
    }
    std::string line = kept_.substr(0, end);
    kept_.erase(0, end + 1);
    return line;
  }

 private:
  bool connected() const {
    int error = 0;
    socklen_t size = sizeof error;
    return ::getsockopt(socket_, SOL_SOCKET, SO_ERROR, &error, &size) == 0 && error == 0;
  }
  Status wait_for(short what) {
    for (int waited = 0; waited < wait_ms; waited += piece_ms) {
      if (context_.cancelled()) return {Code::cancelled, "Stopped while waiting."};
      pollfd descriptor{socket_, what, 0};
      if (::poll(&descriptor, 1, piece_ms) > 0) return {};
    }
    return {Code::transient, "The directory said nothing for 30 seconds."};
  }

  Context& context_;
  int socket_ = -1;
  std::string kept_;
};

class Directory final : public Source {
 public:
  static constexpr auto spec = Spec<Config>("directory", "Entries of a directory over TCP.")
                                   .field("host", &Config::host, "Its host.")
                                   .required()
                                   .field("port", &Config::port, "Its port.")
                                   .fallback(3'890)
                                   .range(1, 65'535);
  static constexpr auto facts = Facts().stream("entries", "All of them.", reads_deletions);
  static constexpr std::uint64_t capabilities = RONDOM_CAP_RAW_NETWORK;

  Directory(Config config, Context& context) : config_(std::move(config)), context_(context) {}

  Status check() override { return Connection(context_).open(config_); }

  Result<Catalog> discover() override {
    Catalog catalog;
    catalog.stream("entries").key({"id"}).field("id", FieldType::text);
    return catalog;
  }

  Status read(const ReadRequest& request, RecordWriter& out) override {
    for (const ReadStream& stream : request.streams) {
      if (stream.name != "entries")
        return {Code::config, "There is no stream " + stream.name + "."};
      RONDOM_TRY(out.stream(stream.name));
      RONDOM_TRY(list(stream, request.records_max, out));
    }
    return {};
  }

 private:
  /// The protocol cannot go on in the middle, so there is one checkpoint, at the end.
  Status list(const ReadStream& stream, std::uint64_t records_max, RecordWriter& out) {
    Connection connection(context_);
    RONDOM_TRY(connection.open(config_));
    RONDOM_TRY(connection.say("LIST\n"));
    const std::string generation = std::to_string(context_.now_us());
    if (records_max == 0) RONDOM_TRY(out.refresh_begin(stream.name, generation));
    for (std::uint64_t read = 0;; ++read) {
      if (records_max != 0 && read == records_max) return {};
      const Result<std::string> line = connection.line();
      if (!line.ok()) return line.error();
      if (*line == ".") break;
      const Result<Json> entry = parse_json(*line);
      if (entry.ok() && entry->is_object()) {
        RONDOM_TRY(out.json(*line));
      } else {
        RONDOM_TRY(out.unreadable("An entry that is no JSON object.", *line, read + 1));
      }
    }
    RONDOM_TRY(out.refresh_complete(stream.name));
    return out.checkpoint(stream.name, R"({"complete":true})");
  }

  Config config_;
  Context& context_;
};

}  // namespace

RONDOM_PLUGIN("directory", "1.0.0", rondom::source<Directory>())
