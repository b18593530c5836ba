// FakeHost: the host of a connector in memory, for tests of the SDK. Answers requests from a
// script.
#pragma once

#include <functional>
#include <rondom/sdk.hpp>
#include <string>
#include <vector>

namespace rondom::test {

class FakeHost {
 public:
  using Answer = std::function<Result<HttpReply>(const HttpRequest&)>;

  explicit FakeHost(Answer answer) : answer_(std::move(answer)) {
    abi_.struct_size = sizeof abi_;
    abi_.ctx = this;
    abi_.http = &FakeHost::http;
    abi_.cancelled = [](void* ctx) { return static_cast<FakeHost*>(ctx)->cancelled ? 1u : 0u; };
  }
  const rondom_host* abi() const { return &abi_; }

  std::vector<HttpRequest> requests;
  bool cancelled = false;

  static HttpReply reply(std::string body, std::vector<HttpHeader> headers = {},
                         std::uint32_t status = 200) {
    return {status, std::move(headers), std::move(body)};
  }

 private:
  static rondom_code http(void* ctx, const rondom_http_request* asked,
                          const rondom_http_reply* reply, rondom_error* error) {
    auto& self = *static_cast<FakeHost*>(ctx);
    HttpRequest request = HttpRequest::of(std::string(detail::from_abi(asked->method)),
                                          std::string(detail::from_abi(asked->url)));
    request.body = detail::from_abi(asked->body);
    self.requests.push_back(request);
    const Result<HttpReply> made = self.answer_(request);
    if (!made.ok()) {
      error->set(error->ctx, static_cast<rondom_code>(made.error().code), 0,
                 detail::to_abi(made.error().message), {});
      return static_cast<rondom_code>(made.error().code);
    }
    std::vector<rondom_field> headers;
    for (const HttpHeader& header : made->headers)
      headers.push_back({detail::to_abi(header.name), detail::to_abi(header.value)});
    reply->head(reply->ctx, made->status, headers.data(),
                static_cast<std::uint32_t>(headers.size()));
    return reply->body(reply->ctx, detail::to_abi(made->body));
  }

  rondom_host abi_{};
  Answer answer_;
};

}  // namespace rondom::test
