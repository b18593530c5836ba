// Connectors that talk to a server through the host, for the tests of that: what they do is in
// their configuration, what they saw goes to the log.
#pragma once

#include <algorithm>
#include <rondom/sdk.hpp>
#include <string>

namespace web {

struct Config {
  std::string url;
  std::string path;
  std::string method;
  std::string header;
  std::int64_t upload_bytes = 0;
  bool download = false;
  bool idempotent = false;
  bool stop_early = false;
  bool repeat = false;
};

class WebSource final : public rondom::Source {
 public:
  static constexpr auto spec =
      rondom::Spec<Config>("web", "Asks a server.")
          .auth(rondom::bearer("token", "A token."))
          .auth(rondom::basic("user", "password", "An account."))
          .auth(rondom::oauth2_client("/token", "client_id", "client_secret", "A client."))
          .auth(rondom::oauth2_refresh("/token", "client_id", "client_secret", "refresh_token",
                                       "A user's consent."))
          .base_url_field("url")
          .field("url", &Config::url, "Address of the server.")
          .required()
          .field("path", &Config::path, "What to ask for.")
          .fallback("/people")
          .field("method", &Config::method, "How to ask.")
          .fallback("GET")
          .field("header", &Config::header, "A header to send.")
          .field("upload_bytes", &Config::upload_bytes, "Bytes of a streamed body.")
          .field("download", &Config::download, "Stream the reply.")
          .field("idempotent", &Config::idempotent, "May be repeated.")
          .field("stop_early", &Config::stop_early, "End the transfer at the first piece.")
          .field("repeat", &Config::repeat, "Say what the server says of a failure.");

  WebSource(Config config, rondom::Context& context)
      : config_(std::move(config)), context_(context) {}

  rondom::Status check() override {
    std::int64_t left = config_.upload_bytes;
    rondom::HttpRequest request = rondom::HttpRequest::of(config_.method, config_.path);
    if (!config_.header.empty()) request.header(config_.header, "x");
    if (config_.idempotent) request.may_repeat();
    if (config_.method == "POST" && left == 0) request.json(R"({"name":"Jan"})");
    if (left > 0) {
      request.read_body = [&left](char* into, std::size_t capacity) -> rondom::Result<std::size_t> {
        const auto size = std::min<std::int64_t>(left, static_cast<std::int64_t>(capacity));
        std::fill(into, into + size, 'u');
        left -= size;
        return static_cast<std::size_t>(size);
      };
    }
    return config_.download ? download(request) : fetch(request);
  }

  rondom::Result<rondom::Catalog> discover() override { return rondom::Catalog(); }

  /// One record a line of the reply.
  rondom::Status read(const rondom::ReadRequest& request, rondom::RecordWriter& out) override {
    RONDOM_TRY(out.stream(request.streams.front().name));
    if (config_.repeat) return repeat(request.streams.front().name, out);
    const auto reply = context_.fetch(rondom::HttpRequest::get(config_.path));
    if (!reply.ok()) return reply.error();
    const auto json = reply->json();
    if (!json.ok()) return json.error();
    for (const rondom::Json& item : json->items()) RONDOM_TRY(out.json(item.to_text()));
    return {};
  }

 private:
  rondom::Status repeat(std::string_view stream, rondom::RecordWriter& out) {
    const auto reply = context_.http(rondom::HttpRequest::get(config_.path));
    if (!reply.ok()) return reply.error();
    RONDOM_TRY(out.unreadable("The server said " + reply->body, ""));
    RONDOM_TRY(out.checkpoint(stream, "{}"));
    return rondom::Failure{rondom::Code::auth, "The server said " + reply->body};
  }
  rondom::Status fetch(const rondom::HttpRequest& request) {
    const auto reply = context_.fetch(request);
    if (!reply.ok()) return reply.error();
    context_.log(rondom::LogLevel::info, "got " + std::to_string(reply->status) + " with " +
                                             std::to_string(reply->body.size()) + " bytes");
    return {};
  }
  rondom::Status download(const rondom::HttpRequest& request) {
    std::uint64_t bytes = 0;
    const auto reply = context_.http_stream(request, [&](std::string_view piece) {
      if (bytes == 0) context_.log(rondom::LogLevel::info, "first piece");
      bytes += piece.size();
      if (config_.stop_early) return rondom::Status(rondom::Code::data, "Seen enough.");
      return rondom::Status();
    });
    if (!reply.ok()) return reply.error();
    context_.log(rondom::LogLevel::info, "got " + std::to_string(reply->status) + " with " +
                                             std::to_string(bytes) + " bytes");
    return {};
  }

  Config config_;
  rondom::Context& context_;
};

struct TargetConfig {
  std::string url;
};

/// Rejects each record with what the server says.
class WebDestination final : public rondom::Destination {
 public:
  static constexpr auto spec = rondom::Spec<TargetConfig>("web", "Tells a server.")
                                   .auth(rondom::bearer("token", "A token."))
                                   .base_url_field("url")
                                   .field("url", &TargetConfig::url, "Address of the server.")
                                   .required();

  WebDestination(TargetConfig, rondom::Context& context) : context_(context) {}

  rondom::Status write(const rondom::WriteBatch& batch, rondom::WriteResults& results) override {
    const auto reply = context_.http(rondom::HttpRequest::get("/people"));
    if (!reply.ok()) return reply.error();
    for (std::size_t i = 0; i < batch.records.size(); ++i) {
      results.rejected(i, "The server said " + reply->body);
    }
    return {};
  }

 private:
  rondom::Context& context_;
};

}  // namespace web
