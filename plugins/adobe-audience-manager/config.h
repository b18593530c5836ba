// The configuration that both directions share.
#pragma once

#include <string>
#include <string_view>

#include "rondom/spec.hpp"

namespace rondom::audience_manager {

struct Config {
  std::string path;
};

constexpr auto connection(std::string_view description) {
  return Spec<Config>("adobe-audience-manager", description)
      .title("Adobe Audience Manager (files)")
      .field("path", &Config::path,
             "Folder that a synchroniser of yours carries to or from Audience Manager.")
      .required()
      .example("aam/inbound");
}

}  // namespace rondom::audience_manager
