// reports: each stream is a report that the job describes.
#pragma once

#include "report.h"

namespace rondom::ga4 {

class Reports final : public Source {
 public:
  static constexpr auto spec = connection("Reports of Google Analytics 4, day by day.");
  static constexpr auto job_options = report_options;
  static constexpr auto facts =
      Facts()
          .stream("activity",
                  "Any report that a job describes, under any name: a row a day, person and what "
                  "else the report is divided by.",
                  reads_changes | reads_deletions)
          .evidence(
              "API description",
              "Requests hold against Google's own description of the Data API; known-bad ones "
              "are refused first.");

  Reports(Config config, Context& context) : api_(std::move(config), context) {}

  Status check() override;
  Result<Catalog> discover() override;
  Result<Catalog> discover_with_options(std::string_view options_json) override;
  Status read(const ReadRequest& request, RecordWriter& out) override;

 private:
  Api api_;
};

}  // namespace rondom::ga4
