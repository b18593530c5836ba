#include "net/redact.h"

#include <openssl/evp.h>

#include <algorithm>

#include "base/cleanse.h"
#include "base/text.h"

namespace rondom::net {
namespace {

constexpr std::size_t secret_bytes_min = 4;  // shorter ones would take ordinary words apart
constexpr std::size_t line_bytes_min = 8;
constexpr std::size_t learned_max = 64;
constexpr std::string_view hidden = "•••";

void longest_first(std::vector<std::string>& forms) {
  std::sort(forms.begin(), forms.end(), [](const std::string& a, const std::string& b) {
    return a.size() != b.size() ? a.size() > b.size() : a < b;
  });
  forms.erase(std::unique(forms.begin(), forms.end()), forms.end());
}

void hide(const std::vector<std::string>& forms, std::string& text) {
  for (const std::string& form : forms) {
    for (std::size_t at = text.find(form); at != std::string::npos;
         at = text.find(form, at + hidden.size())) {
      text.replace(at, form.size(), hidden);
    }
  }
}

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

Redactor::Redactor(std::vector<std::string> secrets) {
  for (const std::string& secret : secrets) add_forms(secret, forms_);
  longest_first(forms_);
  cleanse(secrets);
}

Redactor::~Redactor() {
  cleanse(forms_);
  cleanse(learned_);
  cleanse(learned_forms_);
}

void Redactor::learn(std::string_view secret) {
  const std::lock_guard lock(mutex_);
  if (secret.size() < line_bytes_min ||
      std::find(learned_.begin(), learned_.end(), secret) != learned_.end()) {
    return;
  }
  if (learned_.size() == learned_max) {
    cleanse(learned_.front());
    learned_.erase(learned_.begin());
  }
  learned_.emplace_back(secret);
  cleanse(learned_forms_);
  for (const std::string& known : learned_) add_forms(known, learned_forms_);
  longest_first(learned_forms_);
}

void Redactor::add_forms(std::string_view secret, std::vector<std::string>& forms) const {
  if (secret.size() < secret_bytes_min) return;
  forms.emplace_back(secret);
  forms.push_back(percent_encoded(secret));
  forms.push_back(base64(secret));
  std::string escaped;
  append_json_escaped(escaped, secret);
  if (escaped != secret) forms.push_back(escaped);
  cleanse(escaped);
  if (secret.find('\n') == std::string_view::npos) return;
  for (std::string_view left = secret; !left.empty();) {
    std::string_view line = left.substr(0, left.find('\n'));
    left.remove_prefix(std::min(line.size() + 1, left.size()));
    if (line.ends_with('\r')) line.remove_suffix(1);
    // "-----BEGIN PRIVATE KEY-----" is no secret.
    if (line.size() >= line_bytes_min && !line.starts_with("-----")) forms.emplace_back(line);
  }
}

std::string Redactor::operator()(std::string_view text) const {
  std::string out(text);
  hide(forms_, out);
  const std::lock_guard lock(mutex_);
  hide(learned_forms_, out);
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

std::optional<std::string> from_base64(std::string_view text) {
  std::string out(text.size() / 4 * 3, '\0');
  const int bytes = EVP_DecodeBlock(reinterpret_cast<unsigned char*>(out.data()),
                                    reinterpret_cast<const unsigned char*>(text.data()),
                                    static_cast<int>(text.size()));
  if (text.size() % 4 != 0 || bytes < 0) return std::nullopt;
  // The padding counts as zero bytes.
  const std::size_t padding = text.ends_with("==") ? 2 : text.ends_with('=') ? 1 : 0;
  out.resize(static_cast<std::size_t>(bytes) - padding);
  return out;
}

}  // namespace rondom::net
