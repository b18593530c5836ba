// Nothing secret is left in memory that was given back: the memory of this process is looked
// through.
#include <fcntl.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <cstring>
#include <fstream>
#include <functional>

#include "base/cleanse.h"
#include "fake_net.h"

using namespace rondom;
using namespace rondom::net;
using namespace rondom::net::test;

namespace {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr bool can_look =
    false;  // the memory that the sanitizer takes for itself is too large to read
#elif defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
constexpr bool can_look = false;
#else
constexpr bool can_look = true;
#endif
#else
constexpr bool can_look = true;
#endif

constexpr char veil = '\x55';

/// A text that stands nowhere as it is until somebody needs it.
class Hidden {
 public:
  explicit Hidden(unsigned seed) {
    for (char& c : veiled_) {
      seed = seed * 1'103'515'245u + 12'345u;
      c = static_cast<char>(static_cast<char>('a' + (seed >> 16) % 26) ^ veil);
    }
  }
  std::string plain() const {
    std::string text(veiled_.size(), '\0');
    for (std::size_t i = 0; i < text.size(); ++i) text[i] = static_cast<char>(veiled_[i] ^ veil);
    return text;
  }
  char first() const { return static_cast<char>(veiled_[0] ^ veil); }
  bool is_at(const char* at) const {
    for (std::size_t i = 0; i < veiled_.size(); ++i) {
      if ((at[i] ^ veil) != veiled_[i]) return false;
    }
    return true;
  }
  static constexpr std::size_t size = 40;

 private:
  std::array<char, size> veiled_{};
};

/// How often it stands in what this process can write, but for the stack.
std::size_t times_in_memory(const Hidden& secret) {
  static std::vector<char> piece(1 << 20);
  std::size_t times = 0;
  const int memory = ::open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    std::uint64_t begin = 0, end = 0;
    char mode[5] = {};
    std::sscanf(line.c_str(), "%lx-%lx %4s", &begin, &end, mode);
    if (mode[0] != 'r' || mode[1] != 'w' || line.find("[stack") != std::string::npos) continue;
    while (begin + Hidden::size <= end) {
      const std::size_t wanted = std::min<std::size_t>(piece.size(), end - begin);
      const ssize_t got = ::pread(memory, piece.data(), wanted, static_cast<off_t>(begin));
      if (got < static_cast<ssize_t>(Hidden::size)) break;
      const std::size_t last = static_cast<std::size_t>(got) - Hidden::size;
      const char* at = piece.data();
      const char* const end_at = at + last + 1;
      while ((at = static_cast<const char*>(
                  std::memchr(at, secret.first(), static_cast<std::size_t>(end_at - at))))) {
        times += secret.is_at(at) ? 1 : 0;
        if (++at == end_at) break;
      }
      begin += last + 1;
    }
  }
  ::close(memory);
  std::fill(piece.begin(), piece.end(), '\0');
  return times;
}

/// Answers with that token, keeps nothing, and reads what is sent.
class ForgetfulTransport final : public Transport {
 public:
  explicit ForgetfulTransport(const Hidden& token) : token_(token) {}
  Outcome exchange(const WireRequest& request, WireSink& sink, Interrupt&) override {
    if (request.body != nullptr) {
      char buffer[4'096];
      while (request.body->read(buffer).value() > 0) {
      }
      std::fill(std::begin(buffer), std::end(buffer), '\0');
    }
    std::string token = token_.plain();
    std::string reply;
    reply.reserve(256);
    reply.append(R"({"access_token":")").append(token).append(R"(","expires_in":3600})");
    cleanse(token);
    const bool wanted = sink.head(200, {}) && sink.body(reply);
    cleanse(reply);
    return {wanted ? Outcome::Kind::complete : Outcome::Kind::stopped, ""};
  }

 private:
  const Hidden& token_;
};

Credentials credentials_of(Credentials::Kind kind, const Hidden& secret) {
  Credentials credentials;
  credentials.kind = kind;
  credentials.user = "anna";
  credentials.secret = secret.plain();
  if (kind == Credentials::Kind::oauth2_refresh) credentials.refresh_token = secret.plain();
  credentials.header = "X-Key";
  credentials.query = "key";
  credentials.user_parameter = "login";
  credentials.key_parameter = "key";
  credentials.token_url = "https://api.example.com/token";
  return credentials;
}

void talk(HttpClient& client) {
  Interrupt interrupt;
  TextSink sink;
  Request request;
  request.method = "POST";
  request.url = "/people";
  request.headers = {{"Content-Type", "application/x-www-form-urlencoded"}};
  request.body = "name=Anna";
  BOOST_TEST(client.send(request, sink, interrupt).ok());
  cleanse(sink.text);
}

void check(Credentials::Kind kind) {
  BOOST_TEST_CONTEXT("kind " << static_cast<int>(kind)) {
    const Hidden secret(17 + static_cast<unsigned>(kind)), token(91 + static_cast<unsigned>(kind));
    ManualClock clock{noon};
    rondom::test::ClockSleeper sleeper{clock};
    NoChance chance;
    ForgetfulTransport transport(token);
    ClientPorts ports;
    ports.transport = &transport;
    ports.clock = &clock;
    ports.random = &chance;
    ports.sleeper = &sleeper;
    {
      ClientOptions options;
      options.base_url = "https://api.example.com";
      options.hosts.push_back({"api.example.com", 0});
      options.credentials = credentials_of(kind, secret);
      const bool uses_tokens = options.credentials.uses_tokens();
      HttpClient client(std::move(options), ports);
      talk(client);
      BOOST_TEST(times_in_memory(secret) > 0u);
      if (uses_tokens) BOOST_TEST(times_in_memory(token) > 0u);
    }
    BOOST_TEST(times_in_memory(secret) == 0u);
    BOOST_TEST(times_in_memory(token) == 0u);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(net_left_over)

BOOST_AUTO_TEST_CASE(a_client_leaves_no_secret_behind) {
  if (!can_look) return;
  using Kind = Credentials::Kind;
  for (const Kind kind :
       {Kind::bearer, Kind::basic, Kind::api_key, Kind::api_key_query, Kind::api_key_form,
        Kind::oauth2_client, Kind::oauth2_refresh, Kind::token_login}) {
    check(kind);
  }
}

BOOST_AUTO_TEST_CASE(nor_does_reading_a_configuration) {
  if (!can_look) return;
  const Hidden secret(5);
  {
    std::string config;
    config.reserve(256);
    std::string plain = secret.plain();
    config.append(R"({"token":")").append(plain).append(R"("})");
    cleanse(plain);
    const CleansedAtEnd cleansed(config);
    const auto declared = read_declaration(
        R"({"x-http":{"base_url":"https://api.example.com"},"x-auth":[{"kind":"bearer","fields":["token"]}],)"
        R"("properties":{"token":{"type":"string"}}})",
        config);
    BOOST_TEST_REQUIRE(declared.ok());
    BOOST_TEST(declared->plugin_config_json == "{}");
    BOOST_TEST(times_in_memory(secret) > 0u);
  }
  BOOST_TEST(times_in_memory(secret) == 0u);
}

BOOST_AUTO_TEST_SUITE_END()
