// A destination that posts profiles in batches and does nothing else, for the rate of activation,
// and a source that reads pages, for the rate of reading by HTTP.
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

/// What a connector of the usual kind does: pages by next link, a record as it came, a checkpoint a
/// page.
class Pages final : public rondom::Source {
 public:
  static constexpr auto spec =
      rondom::Spec<EndpointConfig>("bench-http", "Pages of people, for measuring.")
          .base_url_field("url")
          .field("url", &EndpointConfig::url, "Address of the endpoint.")
          .required();

  Pages(const EndpointConfig& /*config*/, rondom::Context& context) : context_(context) {}

  rondom::Result<rondom::Catalog> discover() override {
    rondom::Catalog catalog;
    catalog.stream("people").key({"id"});
    return catalog;
  }

  rondom::Status read(const rondom::ReadRequest& request, rondom::RecordWriter& out) override {
    const rondom::ReadStream& stream = request.streams.front();
    const auto options = rondom::parse_json(stream.options_json);
    if (!options.ok()) return options.error();
    rondom::HttpRequest first = rondom::HttpRequest::get("/people");
    for (const char* name : {"of", "size", "wait"}) {
      first.query(name, std::to_string(options->integer_or(name, 0)));
    }
    first.query("from", "0");
    rondom::Pager pages = rondom::Pager::next_link(std::move(first), "/next");
    pages.items_at("/items");
    RONDOM_TRY(out.stream(stream.name));
    while (true) {
      auto page = pages.next(context_);
      if (!page.ok()) return page.error();
      if (!*page) break;
      for (const rondom::Json* item : (*page)->items()) RONDOM_TRY(out.json(item->to_text()));
      RONDOM_TRY(out.checkpoint(stream.name, R"({"next":")" + pages.position() + "\"}"));
    }
    return {};
  }

 private:
  rondom::Context& context_;
};

}  // namespace bench

RONDOM_PLUGIN("bench_http", "1.0.0", rondom::destination<bench::Endpoint>(),
              rondom::source<bench::Pages>())
