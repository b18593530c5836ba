// collect: people as events of Tealium Collect, and out of the Customer Data Hub.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "api.h"
#include "event.h"

namespace rondom::tealium {

/// Events of one request, and its bytes: Tealium's limit, and one of our own.
inline constexpr std::size_t batch_max = 10, request_bytes_max = 1u << 20;

class Collect final : public Destination {
 public:
  // 100 events a second are allowed; a request of ten counts as ten.
  static constexpr auto spec =
      connection("Events to a profile of Tealium's Customer Data Hub.", 10);
  static constexpr auto job_options =
      Spec<JobOptions>("tealium", "Options of a job that delivers to Tealium.")
          .field("event", &JobOptions::event, "Name of the event that carries a person's fields.")
          .fallback("rondom_profile")
          .field("leave_event", &JobOptions::leave_event, "Name of the event of who left.")
          .fallback("rondom_left")
          .field("withdraw_event", &JobOptions::withdraw_event,
                 "Name of the event of who may not be written to any more.")
          .fallback("rondom_withdrawn")
          .field("environment", &JobOptions::environment, "Tealium's environment.")
          .choices("dev", "qa", "prod")
          .field("datasource", &JobOptions::datasource, "Key of the data source.")
          .field("visitor_attribute", &JobOptions::visitor_attribute,
                 "The mapped field that feeds a Visitor ID attribute. Empty: rondom_id does.")
          .field("visitor_attribute_id", &JobOptions::visitor_attribute_id,
                 "Number of that Visitor ID attribute, for deleting and looking up.")
          .range(0, 1'000'000'000)
          .field("operation_attribute", &JobOptions::operation_attribute,
                 "The visitor attribute that keeps rondom_operation, for looking up.")
          .field("unknown", &JobOptions::unknown,
                 "What becomes of an event that may have arrived, when a look-up does not show it.")
          .fallback("park")
          .choices("park", "resend");
  static constexpr auto facts =
      Facts()
          .action("create", "An event with the person's fields; ten a request.")
          .action("update", "An event with the fields that changed.")
          .action("leave_segment", "An event of its own name.")
          .action("unsubscribe", "An event of its own name; Tealium's connectors do the rest.")
          .action("delete", "The visitor is erased by the privacy API, in days.")
          .evidence("API description",
                    "Requests hold against public OpenAPI descriptions of Tealium's API; known-bad "
                    "ones are refused first.");
  /// Tealium takes the same event twice, so an upsert is never simply repeated.
  static constexpr std::uint64_t capabilities = RONDOM_CAP_LOOK_UP;
  static constexpr std::uint32_t preferred_batch = 200;

  Collect(Config config, Context& context) : api_(std::move(config), context) {}

  Status check() override { return api_.check(); }
  Status write(const WriteBatch& batch, WriteResults& results) override;
  Status look_up(const WriteBatch& batch, WriteResults& results) override;

 private:
  struct Entry {
    std::size_t index = 0;  // in the batch
    Json event;
    std::string visitor;  // value of the Visitor ID attribute
  };

  Status prepare(const WriteBatch& batch);
  Status send(std::span<const Entry> entries, WriteResults& results);
  Status send_once(std::span<const Entry> entries, WriteResults& results);
  Status erase(const WriteRecord& record, std::size_t index, WriteResults& results);
  Status look_for(const WriteRecord& record, std::size_t index, WriteResults& results);

  Api api_;
  JobOptions options_;
};

}  // namespace rondom::tealium
