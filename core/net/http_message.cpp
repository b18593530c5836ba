#include "net/http_message.h"

#include <arpa/inet.h>

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "base/text.h"

namespace rondom::net {
namespace {

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

bool is_address(const std::string& host) {
  unsigned char bytes[sizeof(in6_addr)];
  return ::inet_pton(AF_INET, host.c_str(), bytes) == 1 ||
         ::inet_pton(AF_INET6, host.c_str(), bytes) == 1;
}

bool is_port(std::string_view text) {
  return text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_host_character(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || c == '-' || c == '.' || c == '_';
}

}  // namespace

std::string_view ServedRequest::header(std::string_view name) const {
  for (const Header& one : headers) {
    if (one.name.size() == name.size() && starts_with_ignoring_case(one.name, name)) {
      return one.value;
    }
  }
  return {};
}

std::string_view reason_phrase(int status) {
  static constexpr std::pair<int, std::string_view> phrases[] = {
      {200, "OK"},
      {202, "Accepted"},
      {204, "No Content"},
      {400, "Bad Request"},
      {401, "Unauthorized"},
      {403, "Forbidden"},
      {404, "Not Found"},
      {405, "Method Not Allowed"},
      {408, "Request Timeout"},
      {409, "Conflict"},
      {413, "Content Too Large"},
      {415, "Unsupported Media Type"},
      {417, "Expectation Failed"},
      {421, "Misdirected Request"},
      {422, "Unprocessable Content"},
      {429, "Too Many Requests"},
      {431, "Request Header Fields Too Large"},
      {500, "Internal Server Error"},
      {501, "Not Implemented"},
      {503, "Service Unavailable"},
      {504, "Gateway Timeout"},
      {505, "HTTP Version Not Supported"},
  };
  for (const auto& [number, phrase] : phrases) {
    if (number == status) return phrase;
  }
  return "Unknown";
}

ServedAnswer problem(int status, std::string_view detail, std::vector<Header> headers) {
  ServedAnswer answer;
  answer.status = status;
  answer.content_type = "application/problem+json";
  answer.body = "{\"type\":\"about:blank\",\"title\":";
  append_json_string(answer.body, reason_phrase(status));
  answer.body += ",\"status\":" + std::to_string(status) + ",\"detail\":";
  append_json_string(answer.body, detail);
  answer.body += "}\n";
  answer.headers = std::move(headers);
  return answer;
}

std::string answer_head(const ServedAnswer& answer, std::string_view date, Framing framing,
                        bool keep_alive) {
  std::string out = "HTTP/1.1 " + std::to_string(answer.status) + " ";
  out.append(reason_phrase(answer.status)).append("\r\nDate: ").append(date);
  if (!answer.content_type.empty()) out += "\r\nContent-Type: " + answer.content_type;
  if (framing == Framing::chunked) out += "\r\nTransfer-Encoding: chunked";
  if (framing == Framing::length && answer.status != 204) {
    out += "\r\nContent-Length: " + std::to_string(answer.body.size());
  }
  for (const Header& header : answer.headers) out += "\r\n" + header.name + ": " + header.value;
  // What is told here is nobody else's, and no page's either.
  out += "\r\nCache-Control: no-store\r\nX-Content-Type-Options: nosniff";
  out += keep_alive ? "\r\n\r\n" : "\r\nConnection: close\r\n\r\n";
  return out;
}

std::string http_date(std::int64_t at) {
  static constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr const char* months[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                           "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t seconds = static_cast<std::time_t>(at / 1'000'000);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[64];
  std::snprintf(text, sizeof text, "%s, %02d %s %04d %02d:%02d:%02d GMT", days[parts.tm_wday % 7],
                parts.tm_mday, months[parts.tm_mon % 12], parts.tm_year + 1900, parts.tm_hour,
                parts.tm_min, parts.tm_sec);
  return text;
}

std::optional<std::string> percent_decode(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == '%') {
      if (i + 2 >= text.size()) return std::nullopt;
      const int high = hex_value(text[i + 1]), low = hex_value(text[i + 2]);
      if (high < 0 || low < 0) return std::nullopt;
      c = static_cast<char>(high * 16 + low);
      i += 2;
    }
    if (c == '\0') return std::nullopt;
    out += c;
  }
  return out;
}

std::optional<std::vector<std::string>> path_segments(std::string_view path) {
  if (path.empty() || path.front() != '/') return std::nullopt;
  std::vector<std::string> out;
  for (const std::string_view segment : split(path.substr(1), '/')) {
    std::optional<std::string> decoded = percent_decode(segment);
    if (!decoded.has_value()) return std::nullopt;
    out.push_back(std::move(*decoded));
  }
  return out;
}

std::optional<std::vector<std::pair<std::string, std::string>>> query_parameters(
    std::string_view query) {
  std::vector<std::pair<std::string, std::string>> out;
  if (query.empty()) return out;
  for (const std::string_view part : split(query, '&')) {
    if (part.empty()) continue;
    std::string text(part);
    std::replace(text.begin(), text.end(), '+', ' ');
    const std::size_t equals = text.find('=');
    const std::string_view whole = text;
    auto name = percent_decode(whole.substr(0, equals));
    auto value =
        percent_decode(equals == std::string::npos ? std::string_view() : whole.substr(equals + 1));
    if (!name.has_value() || !value.has_value()) return std::nullopt;
    out.emplace_back(std::move(*name), std::move(*value));
  }
  return out;
}

std::optional<std::string> host_name(std::string_view authority) {
  std::string text = lower_ascii(authority);
  if (text.starts_with('[')) {
    const std::size_t end = text.find(']');
    if (end == std::string::npos) return std::nullopt;
    const std::string_view rest = std::string_view(text).substr(end + 1);
    if (!rest.empty() && (rest.front() != ':' || !is_port(rest.substr(1)))) return std::nullopt;
    text = text.substr(1, end - 1);
    return is_address(text) ? std::optional(text) : std::nullopt;
  }
  if (const std::size_t colon = text.find(':'); colon != std::string::npos) {
    if (!is_port(std::string_view(text).substr(colon + 1))) return std::nullopt;
    text.resize(colon);
  }
  if (text.empty() || !std::all_of(text.begin(), text.end(), is_host_character)) {
    return std::nullopt;
  }
  return text;
}

bool may_be_rebound(std::string_view host, const std::vector<std::string>& own) {
  const std::string name(host);
  return name != "localhost" && !is_address(name) &&
         std::find(own.begin(), own.end(), name) == own.end();
}

}  // namespace rondom::net
