// The connection to a Mautic, which both connectors of the plugin share.
#pragma once

#include <rondom/sdk.hpp>
#include <string>
#include <string_view>

namespace rondom::mautic {

struct Config {
  std::string url;
};

constexpr auto connection(std::string_view description) {
  return Spec<Config>("mautic", description)
      .title("Mautic")
      .auth(basic("user", "password", "An account with API permissions (basic authentication)."))
      .auth(oauth2_client("/oauth/v2/token", "client_id", "client_secret",
                          "API credentials with the client credentials grant (OAuth 2)."))
      .base_url_field("url")
      .field("url", &Config::url, "Address of the Mautic, such as https://mautic.example.")
      .required();
}

}  // namespace rondom::mautic
