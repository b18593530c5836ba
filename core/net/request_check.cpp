#include "net/request_check.h"

#include <algorithm>

#include "base/text.h"

namespace rondom::net {
namespace {

bool is_token_text(std::string_view name) {
  if (name.empty()) return false;
  for (const char c : name) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!letter && (c < '0' || c > '9') &&
        std::string_view("!#$%&'*+-.^_`|~").find(c) == std::string_view::npos) {
      return false;
    }
  }
  return true;
}

bool is_header_text(std::string_view value) {
  return std::all_of(value.begin(), value.end(), [](char c) {
    return c == '\t' || (static_cast<unsigned char>(c) >= ' ' && c != 0x7f);
  });
}

/// Headers that the transport writes itself.
bool is_of_transport(std::string_view name) {
  const std::string lower = lower_ascii(name);
  for (const std::string_view own :
       {"host", "content-length", "transfer-encoding", "connection", "keep-alive", "upgrade", "te",
        "trailer", "expect", "accept-encoding", "cookie"}) {
    if (lower == own) return true;
  }
  return lower.substr(0, 6) == "proxy-";
}

}  // namespace

Status check_request(const Request& request, const Authenticator& authenticator) {
  if (!is_token_text(request.method) || request.method.size() > method_bytes_max) {
    return {ErrorCode::internal, "A request has no usable method."};
  }
  if (request.headers.size() > request_headers_max) {
    return {ErrorCode::data, "A request has more than 100 headers."};
  }
  std::size_t bytes = 0;
  for (const Header& header : request.headers) {
    bytes += header.name.size() + header.value.size();
    if (!is_token_text(header.name) || !is_header_text(header.value)) {
      return {ErrorCode::data, "A request has a header with characters that none may have."};
    }
    if (is_of_transport(header.name) || authenticator.owns_header(header.name)) {
      return {ErrorCode::not_permitted,
              "The connector may not set header " + header.name + "; Rondom does."};
    }
  }
  if (bytes > request_header_bytes_max) {
    return {ErrorCode::data, "A request has more than 64 KiB of headers."};
  }
  return {};
}

}  // namespace rondom::net
