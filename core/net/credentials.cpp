#include "net/credentials.h"

#include <openssl/evp.h>

#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/text.h"
#include "net/pem.h"
#include "net/url.h"

namespace rondom::net {
namespace {

using Json = nlohmann::json;

constexpr std::int64_t assertion_seconds = 300;
constexpr std::size_t form_bytes = 16u << 10;
constexpr std::size_t token_bytes_max = 64u << 10;
constexpr std::size_t error_word_bytes_max = 60;

void add(std::string& form, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  std::string encoded = percent_encoded(value);
  const CleansedAtEnd cleansed(encoded);
  if (!form.empty()) form += '&';
  form.append(percent_encoded(name)).append("=").append(encoded);
}

Result<std::string> assertion_of(const Credentials& credentials, Timestamp now) {
  const std::int64_t seconds = now / microseconds_per_second;
  Json claims{{"iss", credentials.user},
              {"aud", credentials.audience.empty() ? credentials.token_url : credentials.audience},
              {"iat", seconds},
              {"exp", seconds + assertion_seconds}};
  if (!credentials.subject.empty()) claims["sub"] = credentials.subject;
  if (!credentials.scope.empty()) claims["scope"] = credentials.scope;
  return signed_jwt(claims.dump(), credentials.secret);
}

/// The vendor's word for what is wrong; only plain words, as the rest may hold anything.
std::string error_word(const Json& reply) {
  if (!reply.is_object()) return {};
  const auto found = reply.find("error");
  if (found == reply.end() || !found->is_string()) return {};
  const auto word = found->get<std::string>();
  const bool plain = !word.empty() && word.size() <= error_word_bytes_max &&
                     std::all_of(word.begin(), word.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
                     });
  return plain ? " (" + word + ")" : "";
}

/// A reply that held a token keeps none of its texts.
void cleanse_reply(Json& document) {
  if (document.is_string()) return cleanse(document.get_ref<std::string&>());
  if (!document.is_structured()) return;
  for (Json& part : document) cleanse_reply(part);
}

struct FreeDigest {
  void operator()(EVP_MD_CTX* digest) const { EVP_MD_CTX_free(digest); }
};

}  // namespace

std::string basic_text(const Credentials& credentials) {
  std::string plain = credentials.user + ":" + credentials.secret;
  const CleansedAtEnd cleansed(plain);
  return base64(plain);
}

std::vector<std::string> Credentials::secrets() const {
  std::vector<std::string> all{secret, refresh_token};
  if (kind == Kind::basic) all.push_back(basic_text(*this));
  return all;
}

Result<std::string> token_form(const Credentials& credentials, std::string_view refresh_token,
                               Timestamp now) {
  std::string form;
  form.reserve(form_bytes);  // growing would leave parts of it behind
  switch (credentials.kind) {
    case Credentials::Kind::oauth2_client:
      add(form, "grant_type", "client_credentials");
      add(form, "client_id", credentials.user);
      add(form, "client_secret", credentials.secret);
      add(form, "scope", credentials.scope);
      return form;
    case Credentials::Kind::oauth2_refresh:
      add(form, "grant_type", "refresh_token");
      add(form, "refresh_token", refresh_token);
      add(form, "client_id", credentials.user);
      add(form, "client_secret", credentials.secret);
      add(form, "scope", credentials.scope);
      return form;
    case Credentials::Kind::oauth2_jwt: {
      RONDOM_TRY_ASSIGN(std::string assertion, assertion_of(credentials, now));
      const CleansedAtEnd cleansed(assertion);
      add(form, "grant_type", "urn:ietf:params:oauth:grant-type:jwt-bearer");
      add(form, "assertion", assertion);
      return form;
    }
    case Credentials::Kind::token_login:
      add(form, credentials.user_parameter, credentials.user);
      add(form, credentials.key_parameter, credentials.secret);
      return form;
    default: return Error{ErrorCode::internal, "This kind of authentication has no tokens."};
  }
}

bool token_request_repeatable(const Credentials& credentials) {
  return credentials.kind != Credentials::Kind::oauth2_refresh;
}

Result<Token> read_token(std::uint32_t status, std::string_view body,
                         const Credentials& credentials) {
  Json reply = Json::parse(body, nullptr, false);
  const struct AtEnd {
    Json& reply;
    ~AtEnd() { cleanse_reply(reply); }
  } at_end{reply};
  if (status < 200 || status >= 300) {
    const ErrorCode code = status >= 500 || status == 408 ? ErrorCode::transient
                           : status == 429                ? ErrorCode::rate_limited
                                                          : ErrorCode::auth;
    return Error{code, std::string(code == ErrorCode::auth ? "Signing in was refused: the"
                                                           : "Signing in: the") +
                           " token address answered with status " + std::to_string(status) +
                           error_word(reply) + "."};
  }
  Token token;
  const auto text = [&](const std::string& member) {
    const auto found = reply.is_object() ? reply.find(member) : reply.end();
    return found != reply.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  token.access_token = text(credentials.token_member);
  const bool plain = std::all_of(token.access_token.begin(), token.access_token.end(),
                                 [](char c) { return c > ' ' && c < 0x7f; });
  if (token.access_token.empty() || token.access_token.size() > token_bytes_max || !plain) {
    return Error{ErrorCode::auth,
                 "The token address answered without a usable " + credentials.token_member + "."};
  }
  token.refresh_token = text("refresh_token");
  if (!credentials.instance.empty()) token.instance = text(credentials.instance);
  if (!token.instance.empty() && token.instance.find("://") == std::string::npos) {
    token.instance.insert(0, "https://");
  }
  token.expires_in_ms = credentials.lifetime_ms;
  const auto expires = reply.find("expires_in");
  if (expires != reply.end() && expires->is_number()) {
    token.expires_in_ms =
        static_cast<std::int64_t>(std::clamp(expires->get<double>(), 0.0, 1e9) * 1'000);
  }
  return token;
}

Result<std::string> signed_jwt(std::string_view claims_json, std::string_view private_key_pem) {
  const auto key = private_key(private_key_pem);
  if (key == nullptr || EVP_PKEY_get_base_id(key.get()) != EVP_PKEY_RSA) {
    return Error{ErrorCode::bad_config,
                 "The private key for signing is no RSA key in PEM form without a pass phrase."};
  }
  std::string text = base64_url(R"({"alg":"RS256","typ":"JWT"})") + "." + base64_url(claims_json);
  const std::unique_ptr<EVP_MD_CTX, FreeDigest> digest(EVP_MD_CTX_new());
  std::string signature(static_cast<std::size_t>(EVP_PKEY_get_size(key.get())), '\0');
  std::size_t size = signature.size();
  const auto* bytes = reinterpret_cast<const unsigned char*>(text.data());
  const bool good =
      EVP_DigestSignInit(digest.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
      EVP_DigestSign(digest.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes,
                     text.size()) == 1;
  if (!good) return Error{ErrorCode::bad_config, "The private key cannot sign."};
  signature.resize(size);
  return text + "." + base64_url(signature);
}

}  // namespace rondom::net
