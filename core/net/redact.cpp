#include "net/redact.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/text.h"

namespace rondom::net {
namespace {

constexpr std::size_t secret_bytes_min = 4;  // shorter ones would take ordinary words apart
constexpr std::string_view hidden = "•••";

}  // namespace

std::string describe(std::string_view method, const Url& url) {
  const std::string port = url.has_default_port() ? "" : ":" + std::to_string(url.port);
  return std::string(method) + " " + url.host + port;
}

bool is_sensitive_header(std::string_view name) {
  const std::string lower = lower_ascii(name);
  for (const std::string_view part :
       {"authorization", "cookie", "token", "secret", "key", "password", "signature"}) {
    if (lower.find(part) != std::string::npos) return true;
  }
  return false;
}

Redactor::Redactor(const std::vector<std::string>& secrets) {
  for (const std::string& secret : secrets) {
    if (secret.size() < secret_bytes_min) continue;
    forms_.push_back(secret);
    forms_.push_back(percent_encoded(secret));
    forms_.push_back(base64(secret));
  }
  std::sort(forms_.begin(), forms_.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  forms_.erase(std::unique(forms_.begin(), forms_.end()), forms_.end());
}

std::string Redactor::operator()(std::string_view text) const {
  std::string out(text);
  for (const std::string& form : forms_) {
    for (std::size_t at = out.find(form); at != std::string::npos;
         at = out.find(form, at + hidden.size())) {
      out.replace(at, form.size(), hidden);
    }
  }
  return out;
}

std::string base64(std::string_view bytes) {
  std::string out((bytes.size() + 2) / 3 * 4 + 1, '\0');
  const int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                   reinterpret_cast<const unsigned char*>(bytes.data()),
                                   static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  return out;
}

std::string base64_url(std::string_view bytes) {
  std::string out = base64(bytes);
  while (!out.empty() && out.back() == '=') out.pop_back();
  std::replace(out.begin(), out.end(), '+', '-');
  std::replace(out.begin(), out.end(), '/', '_');
  return out;
}

}  // namespace rondom::net
