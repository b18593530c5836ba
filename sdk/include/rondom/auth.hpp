// Auth: how requests to a system are signed. Declared in a Spec, applied by the host: it takes the
// named fields out of the configuration, so the plugin never holds a credential or a token.
//
//   .auth(rondom::basic("user", "password", "Account of the API."))
//   .auth(rondom::oauth2_client("/oauth/v2/token", "client_id", "client_secret", "API client."))
//
// Several calls are alternatives: the one whose fields the user gives is used, and all fields of
// exactly one must be given. Constant data, any thread; texts must be literals.
#pragma once

#include <array>
#include <cstddef>
#include <string_view>

namespace rondom {
inline namespace sdk_v1 {

struct Auth {
  std::string_view kind;
  std::string_view description;
  std::array<std::string_view, 4> fields{};  // names of text fields, in the order of the kind
  std::size_t field_count = 0;
  std::size_t secret_from = 0;  // the fields from this one on are secret
  std::string_view header = {};
  std::string_view prefix = {};
  std::string_view query = {};
  std::string_view token_url = {};
  std::string_view scope = {};
  std::string_view audience = {};
  std::string_view audience_field = {};
  std::string_view instance = {};
  std::string_view token_url_field = {};
  std::string_view user_parameter = {};
  std::string_view key_parameter = {};
  std::string_view token_member = {};
  unsigned token_lifetime_secs = 0;

  /// Of the kinds that ask for a token: the scopes to ask for, with spaces between.
  constexpr Auth with_scope(std::string_view text) const {
    Auth copy = *this;
    copy.scope = text;
    return copy;
  }
  /// Of the kinds that ask for a token: the text field of that name in the configuration may say
  /// another token address; declare the field as well.
  constexpr Auth with_token_url(std::string_view config_field) const {
    Auth copy = *this;
    copy.token_url_field = config_field;
    return copy;
  }
  /// Of oauth2_jwt: whom the assertion is for ("aud"), when that is not the token address. The text
  /// field of that name in the configuration says so, else `fallback`; declare the field as well.
  constexpr Auth with_audience(std::string_view config_field, std::string_view fallback) const {
    Auth copy = *this;
    copy.audience_field = config_field;
    copy.audience = fallback;
    return copy;
  }
  /// Of the kinds that ask for a token: the member of its reply that says which server bare paths
  /// go to from then on: an address, or a host alone. Its host must be declared like any other.
  constexpr Auth with_instance(std::string_view member) const {
    Auth copy = *this;
    copy.instance = member;
    return copy;
  }
};

/// "Authorization: Bearer <field>".
constexpr Auth bearer(std::string_view field, std::string_view description) {
  return {"bearer", description, {field}, 1, 0};
}
/// HTTP basic authentication (RFC 7617).
constexpr Auth basic(std::string_view user_field, std::string_view password_field,
                     std::string_view description) {
  return {"basic", description, {user_field, password_field}, 2, 1};
}
/// "<header>: <prefix><field>".
constexpr Auth api_key(std::string_view header, std::string_view field,
                       std::string_view description, std::string_view prefix = {}) {
  return {"api_key", description, {field}, 1, 0, header, prefix};
}
/// "?<parameter>=<field>" at every request.
constexpr Auth api_key_in_query(std::string_view parameter, std::string_view field,
                                std::string_view description) {
  return {"api_key_query", description, {field}, 1, 0, {}, {}, parameter};
}
/// "<parameter>=<field>" at the end of every body, for systems that take their key in a form.
/// Requests have a body of application/x-www-form-urlencoded then; any other is refused by the
/// host.
constexpr Auth api_key_in_form(std::string_view parameter, std::string_view field,
                               std::string_view description) {
  return {"api_key_form", description, {field}, 1, 0, {}, {}, parameter};
}
/// A form with a name and a key brings a token in a member of a JSON reply, which then stands in
/// "Authorization: Bearer"; no OAuth. token_url as of oauth2_client; "{field}" in it is the value
/// of a text field of the configuration. lifetime_secs: how long a token lasts; 0 = until it is
/// refused.
constexpr Auth token_login(std::string_view token_url, std::string_view user_parameter,
                           std::string_view user_field, std::string_view key_parameter,
                           std::string_view key_field, std::string_view token_member,
                           unsigned lifetime_secs, std::string_view description) {
  Auth auth{"token_login", description, {user_field, key_field}, 2, 1, {}, {}, {}, token_url};
  auth.user_parameter = user_parameter;
  auth.key_parameter = key_parameter;
  auth.token_member = token_member;
  auth.token_lifetime_secs = lifetime_secs;
  return auth;
}
/// OAuth 2 client credentials (RFC 6749, section 4.4). token_url is absolute, or a path at the base
/// address.
constexpr Auth oauth2_client(std::string_view token_url, std::string_view client_id_field,
                             std::string_view client_secret_field, std::string_view description) {
  return {"oauth2_client", description, {client_id_field, client_secret_field}, 2, 1, {}, {}, {},
          token_url};
}
/// OAuth 2 refresh token (RFC 6749, section 6). A rotated token is kept by the host, durably.
constexpr Auth oauth2_refresh(std::string_view token_url, std::string_view client_id_field,
                              std::string_view client_secret_field,
                              std::string_view refresh_token_field, std::string_view description) {
  return {"oauth2_refresh",
          description,
          {client_id_field, client_secret_field, refresh_token_field},
          3,
          1,
          {},
          {},
          {},
          token_url};
}
/// OAuth 2 JWT bearer grant signed with RS256 (RFC 7523). issuer: "iss"; subject: "sub"; the key is
/// PEM text; the audience is the token address unless with_audience() says otherwise.
constexpr Auth oauth2_jwt(std::string_view token_url, std::string_view issuer_field,
                          std::string_view subject_field, std::string_view private_key_field,
                          std::string_view description) {
  return {"oauth2_jwt", description, {issuer_field, subject_field, private_key_field}, 3, 2, {}, {},
          {},           token_url};
}
/// The same for an issuer that speaks for itself: the assertion names no subject.
constexpr Auth oauth2_jwt(std::string_view token_url, std::string_view issuer_field,
                          std::string_view private_key_field, std::string_view description) {
  return {"oauth2_jwt", description, {issuer_field, private_key_field}, 2, 1, {}, {},
          {},           token_url};
}

namespace detail {

inline constexpr std::size_t auths_max = 4;
inline constexpr std::size_t hosts_max = 8;

/// Where a connector may send requests, and how fast.
struct HttpUse {
  std::string_view base_url;
  std::string_view base_url_field;
  std::array<std::string_view, hosts_max> hosts{};
  std::size_t host_count = 0;
  std::array<std::string_view, hosts_max> host_fields{};
  std::size_t host_field_count = 0;
  double requests_per_second = 0;  // 0 = the host's default
  unsigned concurrent_requests = 0;

  constexpr bool any() const {
    return !base_url.empty() || !base_url_field.empty() || host_count + host_field_count > 0;
  }
};

}  // namespace detail

}  // namespace sdk_v1
}  // namespace rondom
