// A source whose records cost nothing to make: one JSON text in which the id changes, of 364 bytes
// or, if small ones are wanted, of 105. Built twice: as a plugin, and linked into the benchmark
// (RONDOM_BENCH_LINKED_IN).
#include <rondom/sdk.hpp>
#include <string>

namespace bench {

struct RowsConfig {
  std::int64_t records = 0;
  bool small = false;
};

class Rows final : public rondom::Source {
 public:
  static constexpr auto spec = rondom::Spec<RowsConfig>("rows", "Makes equal records up.")
                                   .field("records", &RowsConfig::records, "How many.")
                                   .field("small", &RowsConfig::small, "Of 105 bytes.");

  Rows(RowsConfig config, rondom::Context&) : config_(config) {}

  rondom::Status check() override { return {}; }

  rondom::Result<rondom::Catalog> discover() override {
    rondom::Catalog catalog;
    catalog.stream("rows").key({"id"});
    return catalog;
  }

  rondom::Status read(const rondom::ReadRequest&, rondom::RecordWriter& out) override {
    std::string text =
        R"({"id":"a00000000","given_name":"Anna","surname_prefix":"van den","surname":"Berg",)"
        R"("email":"anna.vandenberg@example.com","phone":"+31612345678","birth_date":"1980-02-29",)"
        R"("street":"Kerkstraat","house_number":"12","postcode":"1234 AB","city":"Amsterdam",)"
        R"("updated_at":"2025-03-14T21:00:00Z",)"
        R"("notes":"imported by the nightly job, nothing to see here"})";
    if (config_.small) text = R"({"id":"a00000000","name":"Anna van den Berg","notes":""})";
    const std::size_t record_bytes = config_.small ? 105 : 364;
    text.insert(text.size() - 2, record_bytes - text.size(), '.');
    const std::size_t last_digit = text.find('"', 7) - 1;
    for (std::int64_t i = 1; i <= config_.records; ++i) {
      std::size_t at = last_digit;
      while (text[at] == '9') text[at--] = '0';
      ++text[at];
      RONDOM_TRY(out.json(text, {.position = static_cast<std::uint64_t>(i)}));
    }
    return {};
  }

 private:
  RowsConfig config_;
};

}  // namespace bench

#ifdef RONDOM_BENCH_LINKED_IN
RONDOM_PLUGIN_TABLE(rows_plugin_table, "rows", "1.0.0", rondom::source<bench::Rows>())
#else
RONDOM_PLUGIN("rows", "1.0.0", rondom::source<bench::Rows>())
#endif
