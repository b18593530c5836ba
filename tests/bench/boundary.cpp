// What the plugin boundary costs: bench-boundary [NANOSECONDS OF INGEST A RECORD]
//
// Reads a million records of 364 bytes three times from a source linked into this process and three
// times from the same source in a plugin host, in turns, into a sink that only touches every byte.
// Prints the best of each in nanoseconds a record. The two processes work at the same time, so what
// counts is the difference in processor time: as a part of parsing the same record with the
// engine's parser in this same run and, given the time of ingest, of that. Last, what it costs a
// plugin to make small records: the SDK's writer beside its encoding alone and beside a document of
// nlohmann.
#include <rondom/plugin.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <limits>
#include <memory>
#include <numeric>
#include <string>

#include "model/model.h"
#include "plugin/plugin.h"
#include "record_writer.h"

extern "C" const rondom_plugin* rows_plugin_table(void);

namespace {

using namespace rondom;
using Clock = std::chrono::steady_clock;

constexpr std::size_t records = 1'000'000;
constexpr int rounds = 3;
constexpr const char* large_records = R"({"records":1000000})";
constexpr const char* small_records = R"({"records":1000000,"small":true})";

/// Adds up every byte, and keeps one record to parse.
class Toucher final : public plugin::ReadSink {
 public:
  Status records(const plugin::SourceBatch& batch) override {
    for (const plugin::SourceRecord& record : batch.records) {
      sum = std::accumulate(record.json.begin(), record.json.end(), sum);
    }
    count += batch.records.size();
    if (sample.empty() && !batch.records.empty()) sample = batch.records.front().json;
    return {};
  }
  Status checkpoint(std::string_view, std::string_view) override { return {}; }
  Status refresh_begin(std::string_view, std::string_view) override { return {}; }
  Status refresh_complete(std::string_view) override { return {}; }

  std::uint64_t sum = 0;
  std::size_t count = 0;
  std::string sample;
};

double per_record(Clock::time_point start) {
  return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / records;
}

[[noreturn]] void give_up(const std::string& why) {
  std::fprintf(stderr, "bench-boundary: %s\n", why.c_str());
  std::exit(1);
}

struct Cost {
  double wall = std::numeric_limits<double>::max();
  double processor = std::numeric_limits<double>::max();  // of all processes
};

/// Nanoseconds of this process and of the hosts that have ended.
double processor_time() {
  double seconds = 0;
  for (const auto whose : {RUSAGE_SELF, RUSAGE_CHILDREN}) {
    rusage use{};
    getrusage(whose, &use);
    for (const timeval& part : {use.ru_utime, use.ru_stime}) {
      seconds += static_cast<double>(part.tv_sec) + static_cast<double>(part.tv_usec) / 1e6;
    }
  }
  return seconds * 1e9;
}

template <typename Open>
void measure(const Open& open, Toucher& sink, Cost& cost) {
  const double before = processor_time();
  {
    auto source = open();
    if (!source.ok()) give_up(source.error().message);
    plugin::ReadRequest request;
    request.streams.emplace_back().name = "rows";
    const auto start = Clock::now();
    const Status status = (*source)->read(request, sink);
    cost.wall = std::min(cost.wall, per_record(start));
    if (!status.ok()) give_up(status.error().message);
    if (sink.count != records) give_up("records are missing");
  }
  cost.processor = std::min(cost.processor, (processor_time() - before) / records);
}

auto linked_in(const char* config) {
  const auto entry = reinterpret_cast<plugin::PluginEntry>(&rows_plugin_table);
  return plugin::open_source_in_process(entry, "rows", config, {});
}

auto hosted(const char* config) {
  plugin::ConnectorInfo info;
  info.id = info.plugin_name = "rows";
  info.library = RONDOM_BENCH_PLUGIN;
  plugin::HostOptions options;
  options.host_program = RONDOM_HOST_PROGRAM;
  return plugin::open_source(info, config, {}, options);
}

double parse_time_of(const std::string& json) {
  JsonReader reader;
  Arena arena;
  const auto start = Clock::now();
  for (std::size_t i = 0; i < records; ++i) {
    arena.reset();
    if (!reader.parse(json, arena).ok()) give_up("the record is no JSON");
  }
  return per_record(start);
}

/// Measures and tells; the difference in processor time.
double compare(const char* config) {
  Cost near_cost, far_cost;
  double parsing = std::numeric_limits<double>::max();
  std::size_t record_bytes = 0;
  for (int round = 0; round < rounds; ++round) {
    Toucher near, far;
    measure([config] { return linked_in(config); }, near, near_cost);
    measure([config] { return hosted(config); }, far, far_cost);
    if (near.sum != far.sum) give_up("the two ways gave different bytes");
    record_bytes = far.sample.size();
    parsing = std::min(parsing, parse_time_of(far.sample));
  }
  const double difference = far_cost.processor - near_cost.processor;
  std::printf("boundary: %zu records of %zu bytes, best of %d rounds, ns a record\n", records,
              record_bytes, rounds);
  std::printf("                    elapsed  processor\n");
  std::printf("  in this process   %7.0f  %9.0f\n", near_cost.wall, near_cost.processor);
  std::printf("  in a plugin host  %7.0f  %9.0f\n", far_cost.wall, far_cost.processor);
  std::printf("  difference        %7.0f  %9.0f = %.2f of parsing one (%.0f)\n",
              far_cost.wall - near_cost.wall, difference, difference / parsing, parsing);
  return difference;
}

}  // namespace

int main(int argc, char** argv) {
  const double difference = compare(large_records);
  const double ingest = argc > 1 ? std::strtod(argv[1], nullptr) : 0;
  if (ingest > 0) std::printf("  = %.1f %% of ingest (%.0f)\n", 100 * difference / ingest, ingest);

  const double small_difference = compare(small_records);
  const bench::WriterCost writers = bench::measure_writers();
  const double beyond = std::max(0.0, writers.builder - writers.encoding) + small_difference;
  std::printf("record builder: small records of %zu bytes, ns a record of one core\n",
              writers.record_bytes);
  std::printf("  encoding alone    %7.0f\n", writers.encoding);
  std::printf("  out.row()…done()  %7.0f = %.1f million a second (at least 2)\n", writers.builder,
              1e3 / writers.builder);
  std::printf("  nlohmann document %7.0f = %.1f times that\n", writers.document,
              writers.document / writers.builder);
  std::printf("hand-over of such a record beyond encoding: %.0f ns (less than 100)\n", beyond);
  return 0;
}
