// credentials: what a connection signs its requests with, and the token requests of OAuth 2.
// Pure functions; nothing here talks to anybody. What is secret is overwritten at the end of its
// life.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/cleanse.h"
#include "base/clock.h"
#include "base/result.h"
#include "net/redact.h"

namespace rondom::net {

struct Credentials {
  enum class Kind : std::uint8_t {
    none,
    bearer,          // secret
    basic,           // user, secret
    api_key,         // header, prefix, secret
    api_key_query,   // query, secret
    api_key_form,    // query = the form's field, secret
    oauth2_client,   // user = client id, secret
    oauth2_refresh,  // user = client id, secret, refresh_token
    oauth2_jwt,      // user = issuer, subject, secret = private key (PEM)
    token_login,     // user, secret, user_parameter, key_parameter, token_member
  };
  Kind kind = Kind::none;
  std::string user;
  std::string secret;
  std::string subject;
  std::string refresh_token;
  std::string header;
  std::string prefix;
  std::string query;
  std::string token_url;  // absolute
  std::string scope;
  std::string audience;  // of a JWT; empty = the token address
  std::string instance;  // member of the token reply that says where bare paths go; empty = none
  std::string user_parameter, key_parameter;  // of a login form
  std::string token_member = "access_token";  // of the token reply
  std::int64_t lifetime_ms = 0;               // of a token whose reply does not say; 0 = not known

  ~Credentials() {
    cleanse(secret);
    cleanse(refresh_token);
  }
  bool uses_tokens() const { return kind >= Kind::oauth2_client; }
  /// Every text that must not be shown.
  std::vector<std::string> secrets() const;
};

struct Token {
  ~Token() {
    cleanse(access_token);
    cleanse(refresh_token);
  }
  std::string access_token;
  std::string refresh_token;       // empty = the old one stays
  std::int64_t expires_in_ms = 0;  // 0 = not said
  std::string instance;            // address that bare paths go to; empty = the base address
};

/// "user:secret" as basic authentication sends it.
std::string basic_text(const Credentials& credentials);

/// Body of the token request, application/x-www-form-urlencoded (RFC 6749 sections 4.4.2 and 6; RFC
/// 7523 section 2.1). `now` dates a JWT. Fails with bad_config when the private key is none.
Result<std::string> token_form(const Credentials& credentials, std::string_view refresh_token,
                               Timestamp now);
/// May a token request be sent twice? Not when it uses up the refresh token.
bool token_request_repeatable(const Credentials& credentials);
/// RFC 6749 sections 5.1 and 5.2, or the members that the credentials name. A refusal is
/// ErrorCode::auth with the vendor's error word.
Result<Token> read_token(std::uint32_t status, std::string_view body,
                         const Credentials& credentials = {});

/// A JWT signed with RS256 (RFC 7515, RFC 7518 section 3.3).
Result<std::string> signed_jwt(std::string_view claims_json, std::string_view private_key_pem);

}  // namespace rondom::net
