// api: one call of Matomo's Reporting API. One thread at a time.
//
// Source: developer documentation of Matomo 5, "Reporting API Reference"; what
// Live.getLastVisitsDetails does with its parameters: plugins/Live/Model.php of matomo-org/matomo.
#pragma once

#include <initializer_list>
#include <rondom/sdk.hpp>
#include <string>
#include <string_view>
#include <utility>

namespace rondom::matomo {

struct Config {
  std::string url;
};

class Api {
 public:
  Api(Config config, Context& context) : config_(std::move(config)), context_(&context) {}

  using Parameters = std::initializer_list<std::pair<std::string_view, std::string>>;
  /// The answer to a method such as "Live.getLastVisitsDetails". An error inside a
  /// 200 is a Failure like any other.
  Result<Json> call(std::string_view method, Parameters parameters);

 private:
  Config config_;
  Context* context_;
};

}  // namespace rondom::matomo
