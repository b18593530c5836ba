// visitors: the profiles of visitors whom a job names, one look-up each.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "api.h"

namespace rondom::tealium {

/// Visitors of one stream: the API is not made for more.
inline constexpr std::size_t visitors_max = 10'000;

/// What a job may say in the `options` of a stream.
struct StreamOptions {
  std::int64_t attribute_id = 0;
  std::vector<std::string> values;
  bool names = true;
};

class Visitors final : public Source {
 public:
  static constexpr auto spec = connection("Visitors of Tealium's AudienceStream, by name.", 50);
  static constexpr auto job_options =
      Spec<StreamOptions>("tealium-stream", "Options of a stream of the tealium source.")
          .field("attribute_id", &StreamOptions::attribute_id,
                 "Number of the Visitor ID attribute that the values are of.")
          .required()
          .range(1, 1'000'000'000)
          .field("values", &StreamOptions::values, "Who is looked up: values of that attribute.")
          .required()
          .field("names", &StreamOptions::names,
                 "Attributes by their names in Tealium; false: by their numbers.")
          .fallback(true);
  static constexpr auto facts =
      Facts()
          .stream("visitors", "Visitors whom a job names, one look-up each.", reads_deletions)
          .evidence("API description",
                    "Requests hold against public OpenAPI descriptions of Tealium's API; known-bad "
                    "ones are refused first.");
  static constexpr std::array<std::string_view, 1> written_streams{"visitors"};

  Visitors(Config config, Context& context) : api_(std::move(config), context) {}

  Status check() override { return api_.check(); }
  Result<Catalog> discover() override;
  Status read(const ReadRequest& request, RecordWriter& out) override;

 private:
  Status read_one(const StreamOptions& options, const std::string& value, RecordWriter& out);

  Api api_;
};

}  // namespace rondom::tealium
