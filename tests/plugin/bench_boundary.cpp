// What the boundary costs: reads a million made-up records through a plugin host and in this
// process and prints nanoseconds a record. Not a test; build it optimised.
#include <chrono>
#include <cstdio>
#include <memory>

#include "fixture.h"

using namespace rondom;
using namespace rondom::plugin;
using namespace rondom::plugin::test;

namespace {

constexpr const char* config = R"({"records":1000000,"filler_bytes":200})";

class Counter final : public ReadSink {
 public:
  std::size_t count = 0;
  std::uint64_t bytes = 0;
  Status records(const SourceBatch& batch) override {
    for (const SourceRecord& record : batch.records) bytes += record.json.size();
    count += batch.records.size();
    return {};
  }
  Status checkpoint(std::string_view, std::string_view) override { return {}; }
  Status refresh_begin(std::string_view, std::string_view) override { return {}; }
  Status refresh_complete(std::string_view) override { return {}; }
};

void measure(const char* name, Result<std::unique_ptr<Source>> source) {
  if (!source.ok()) {
    std::printf("%s\n", source.error().message.c_str());
    return;
  }
  Counter counter;
  const auto start = std::chrono::steady_clock::now();
  const Status status = (*source)->read(request_for({"s"}), counter);
  const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - start;
  std::printf("%s: %s, %zu records, %.0f MB, %.0f ns a record\n", name,
              status.ok() ? "ok" : status.error().message.c_str(), counter.count,
              static_cast<double>(counter.bytes) / 1e6,
              taken.count() / static_cast<double>(counter.count == 0 ? 1 : counter.count));
}

}  // namespace

int main() {
  for (int round = 0; round < 3; ++round) {
    measure("in this process", open_source_in_process(echo_entry(), "echo", config, {}));
    measure("in a plugin host", open_source(echo(Kind::source), config, {}, host_options()));
  }
}
