#include "net/tape_transport.h"

#include <array>
#include <nlohmann/json.hpp>
#include <utility>

#include "base/text.h"

namespace rondom::net {
namespace {

constexpr std::size_t piece_bytes = 64u << 10;

void keep(std::string& into, std::string_view bytes, bool& left_out) {
  left_out = left_out || into.size() + bytes.size() > taped_body_bytes_max;
  if (left_out) {
    into.clear();
  } else {
    into += bytes;
  }
}

/// A request's body on its way to the wire, and what it was.
class TapedBody final : public BodySource {
 public:
  TapedBody(BodySource& inner, Taped& taped) : inner_(inner), taped_(taped) {}
  Result<std::size_t> read(std::span<char> into) override {
    Result<std::size_t> got = inner_.read(into);
    if (got.ok()) keep(taped_.body, {into.data(), *got}, taped_.body_left_out);
    return got;
  }
  bool can_rewind() const override { return inner_.can_rewind(); }
  void rewind() override {
    taped_.body.clear();
    inner_.rewind();
  }
  std::int64_t size() const override { return inner_.size(); }

 private:
  BodySource& inner_;
  Taped& taped_;
};

class TapedReply final : public WireSink {
 public:
  TapedReply(WireSink& inner, Taped& taped) : inner_(inner), taped_(taped) {}
  bool head(std::uint32_t status, std::vector<Header> headers) override {
    taped_.status = status;
    taped_.reply_headers = headers;
    return inner_.head(status, std::move(headers));
  }
  bool body(std::string_view bytes) override {
    keep(taped_.reply, bytes, taped_.body_left_out);
    return inner_.body(bytes);
  }

 private:
  WireSink& inner_;
  Taped& taped_;
};

}  // namespace

RecordingTransport::RecordingTransport(Transport& inner, std::shared_ptr<CassetteWriter> cassette,
                                       std::string connection, const Credentials& credentials,
                                       TapeLog log)
    : inner_(inner),
      token_url_(credentials.token_url),
      token_member_(credentials.token_member),
      cassette_(std::move(cassette)),
      connection_(std::move(connection)),
      redactor_(credentials.secrets(), cassette_->people()),
      log_(std::move(log)) {}

Outcome RecordingTransport::exchange(const WireRequest& request, WireSink& sink,
                                     Interrupt& interrupt) {
  Taped taped;
  WireRequest sent = request;
  std::optional<TapedBody> body;
  if (request.body != nullptr) {
    body.emplace(*request.body, taped);
    sent.body = &*body;
  }
  TapedReply reply(sink, taped);
  Outcome outcome = inner_.exchange(sent, reply, interrupt);
  learn(request, taped);
  taped.connection = connection_;
  taped.method = request.method;
  taped.url = redactor_.url(request.url);
  taped.headers = redactor_.headers(request.headers);
  taped.body = redactor_.body(taped.body);
  taped.outcome = {outcome.kind, redactor_.plain(outcome.what)};
  taped.reply_headers = redactor_.headers(taped.reply_headers);
  taped.reply = redactor_.body(taped.reply);
  // The exchange is done, whatever becomes of its record.
  const Status recorded = cassette_->append(taped);
  if (!recorded.ok() && log_) log_("error", "not recorded: " + recorded.error().message);
  return outcome;
}

/// Tokens that the system gave, which it may repeat anywhere: those of a reply of the token
/// address, and what requests are signed with.
void RecordingTransport::learn(const WireRequest& request, const Taped& taped) {
  for (const Header& header : request.headers) {
    if (lower_ascii(header.name) != "authorization") continue;
    const std::size_t scheme = header.value.find(' ');
    redactor_.learn(
        std::string_view(header.value).substr(scheme == std::string::npos ? 0 : scheme + 1));
  }
  if (token_url_.empty() || request.url != token_url_) return;
  const auto reply = nlohmann::json::parse(taped.reply, nullptr, false);
  if (!reply.is_object()) return;
  for (const std::string_view name :
       {std::string_view("access_token"), std::string_view("refresh_token"),
        std::string_view("id_token"), std::string_view(token_member_)}) {
    const auto member = reply.find(name);
    if (member != reply.end() && member->is_string()) {
      redactor_.learn(member->get_ref<const std::string&>());
    }
  }
}

PlayingTransport::PlayingTransport(std::shared_ptr<CassetteReader> cassette, std::string connection,
                                   const std::vector<std::string>& secrets)
    : cassette_(std::move(cassette)),
      connection_(std::move(connection)),
      redactor_(secrets, cassette_->people()) {}

Outcome PlayingTransport::exchange(const WireRequest& request, WireSink& sink,
                                   Interrupt& interrupt) {
  Taped asked;
  asked.connection = connection_;
  asked.method = request.method;
  asked.url = redactor_.url(request.url);
  if (request.body != nullptr) {
    std::array<char, piece_bytes> piece{};
    while (true) {
      const Result<std::size_t> got = request.body->read(piece);
      if (!got.ok()) return {Outcome::Kind::stopped, "the body could not be read"};
      if (*got == 0) break;
      keep(asked.body, {piece.data(), *got}, asked.body_left_out);
    }
    asked.body = redactor_.body(asked.body);
  }
  if (interrupt.requested()) return {Outcome::Kind::interrupted, "it was stopped"};
  const std::optional<Taped> played = cassette_->take(asked);
  if (!played.has_value()) {
    return {Outcome::Kind::unanswerable, "the cassette has no answer to this request"};
  }
  if (played->body_left_out) {
    return {Outcome::Kind::unanswerable, "the cassette holds this answer without its large body"};
  }
  const bool heard = played->status == 0 || (sink.head(played->status, played->reply_headers) &&
                                             (played->reply.empty() || sink.body(played->reply)));
  return heard ? played->outcome : Outcome{Outcome::Kind::stopped, ""};
}

}  // namespace rondom::net
