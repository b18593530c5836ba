// A destination that posts profiles in batches and does nothing else, for the rate of activation.
#include "batch_http.h"

#include <rondom/sdk.hpp>

namespace bench {

struct EndpointConfig {
  std::string url;
};

class Endpoint final : public rondom::Destination {
 public:
  static constexpr auto spec =
      rondom::Spec<EndpointConfig>("bench-http", "Profiles to a batch endpoint, for measuring.")
          .base_url_field("url")
          .field("url", &EndpointConfig::url, "Address of the endpoint.")
          .required();
  static constexpr std::uint64_t capabilities = RONDOM_CAP_IDEMPOTENT_UPSERT;
  static constexpr std::uint32_t preferred_batch = records_per_request;

  Endpoint(const EndpointConfig& /*config*/, rondom::Context& context) : context_(context) {}

  rondom::Status write(const rondom::WriteBatch& batch, rondom::WriteResults& results) override {
    std::string list;
    for (const rondom::WriteRecord& record : batch.records) {
      append_record(list, record.key, record.json);
    }
    end_list(list);
    rondom::HttpRequest request = rondom::HttpRequest::post("/batch");
    request.json(std::move(list)).may_repeat();
    const auto reply = context_.fetch(request);
    if (!reply.ok()) return reply.error();
    const auto said = reply->json();
    if (!said.ok()) return said.error();
    // A count that does not match leaves the fate of all of them open.
    if (said->integer_or("records", -1) != static_cast<std::int64_t>(batch.records.size())) {
      for (std::size_t i = 0; i < batch.records.size(); ++i) results.unknown(i, "not counted");
    }
    return {};
  }

 private:
  rondom::Context& context_;
};

}  // namespace bench

RONDOM_PLUGIN("bench_http", "1.0.0", rondom::destination<bench::Endpoint>())
