// visits: what visitors did on a site, a record a visit.
#pragma once

#include <map>
#include <optional>
#include <vector>

#include "api.h"

namespace rondom::matomo {

/// What a job may say in the `options` of a stream.
struct StreamOptions {
  std::vector<std::int64_t> sites;
  std::int64_t days = 0, overlap_hours = 0, page = 0;
  std::string segment;
};

class Visits final : public Source {
 public:
  static constexpr auto spec =
      Spec<Config>("matomo", "Visits of a Matomo, with actions, goals and orders.")
          .title("Matomo")
          .base_url_field("url")
          .field("url", &Config::url, "Address of the Matomo, such as https://matomo.example.")
          .required()
          // In the body: addresses end up in logs, and a token may be made that is valid in a body
          // only.
          .auth(api_key_in_form("token_auth", "token",
                                "A token_auth of a user who may view the sites."));
  static constexpr auto facts =
      Facts()
          .stream("visits", "A record a visit, with its actions, goals and orders.", reads_changes)
          .evidence("vendor's samples", "The outputs that Matomo's own tests expect are read.");
  static constexpr auto job_options =
      Spec<StreamOptions>("matomo-stream", "Options of a stream of the matomo source.")
          .field("sites", &StreamOptions::sites, "Ids of the sites to read.")
          .required()
          .field("days", &StreamOptions::days, "How far back the first run reads.")
          .fallback(30)
          .range(1, 3'650)
          .field("overlap_hours", &StreamOptions::overlap_hours,
                 "How far each run looks back: visits that were tracked late, such as from logs.")
          .fallback(24)
          .range(0, 720)
          .field("page", &StreamOptions::page, "Visits a request.")
          .fallback(200)
          .range(10, 1'000)
          .field("segment", &StreamOptions::segment, "Only visits of this segment of Matomo.");

  Visits(Config config, Context& context) : api_(std::move(config), context), context_(context) {}

  Status check() override;
  Result<Catalog> discover() override;
  Status read(const ReadRequest& request, RecordWriter& out) override;

 private:
  /// One stream on its way.
  struct Walk {
    const ReadStream& stream;
    RecordWriter& out;
    StreamOptions options;
    std::uint64_t records_max = 0, read = 0;
    std::map<std::string, std::int64_t> places;  // second up to which a site was read
    std::map<std::string, std::int64_t> told;    // visits of the last seconds that went out already
  };
  struct Page {
    std::string site, day;
    std::int64_t after = 0;  // last action after this second
    std::uint64_t offset = 0;
  };

  Status read_site(Walk& walk, const std::string& site);
  Status read_day(Walk& walk, Page page);
  Result<std::vector<Json>> ask(const Walk& walk, const Page& page);
  Status tell(Walk& walk, const std::vector<Json>& visits);
  Status note_place(Walk& walk, const std::string& site, std::int64_t second);

  Api api_;
  Context& context_;
};

}  // namespace rondom::matomo
