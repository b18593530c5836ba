// reports: each stream is a report that the job describes.
#pragma once

#include "report.h"

namespace rondom::ga4 {

class Reports final : public Source {
 public:
  static constexpr auto spec = connection("Reports of Google Analytics 4, day by day.");
  static constexpr auto job_options = report_options;

  Reports(Config config, Context& context) : api_(std::move(config), context) {}

  Status check() override;
  Result<Catalog> discover() override;
  Result<Catalog> discover_with_options(std::string_view options_json) override;
  Status read(const ReadRequest& request, RecordWriter& out) override;

 private:
  Api api_;
};

}  // namespace rondom::ga4
