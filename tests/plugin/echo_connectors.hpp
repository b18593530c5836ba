// The well-behaved connectors of these tests: a source that makes records up and a destination that
// answers by what it is given.
#pragma once

#include <unistd.h>

#include <rondom/sdk.hpp>
#include <string>

namespace echo {

struct SourceConfig {
  std::int64_t records = 0;
  std::int64_t filler_bytes = 0;
  bool checkpoint_each = false;
  bool endless = false;
  bool sleep_first = false;
  bool services = false;
};

class EchoSource final : public rondom::Source {
 public:
  static constexpr std::uint64_t capabilities = RONDOM_CAP_STANDARD_STREAMS;
  static constexpr auto spec =
      rondom::Spec<SourceConfig>("echo", "Makes records up.")
          .title("Echo")
          .field("records", &SourceConfig::records, "How many.")
          .fallback(10)
          .range(0, 1'000'000)
          .field("filler_bytes", &SourceConfig::filler_bytes, "Size of a record's filler.")
          .field("checkpoint_each", &SourceConfig::checkpoint_each, "After every record.")
          .field("endless", &SourceConfig::endless, "Until cancelled.")
          .field("sleep_first", &SourceConfig::sleep_first, "An hour, before the first record.")
          .field("services", &SourceConfig::services, "check() uses the host's services.");

  EchoSource(SourceConfig config, rondom::Context& context)
      : config_(std::move(config)), context_(context) {}

  rondom::Status check() override {
    if (!config_.services) return {};
    auto secret = context_.secret_get("token");
    if (!secret.ok()) return secret.error();
    RONDOM_TRY(context_.secret_put("token", *secret + "+1"));
    auto state = context_.state_get("cursor");
    if (!state.ok()) return state.error();
    RONDOM_TRY(context_.state_put("cursor", *state + "+1"));
    context_.log(rondom::LogLevel::warning, "services used", {{"state", *state}});
    auto reply = context_.http({});
    if (reply.ok() || reply.error().code != rondom::Code::unsupported) {
      return {rondom::Code::internal, "http was expected to be unsupported"};
    }
    return context_.now_us() > 0 ? rondom::Status()
                                 : rondom::Status(rondom::Code::internal, "no clock");
  }

  rondom::Result<rondom::Catalog> discover_with_options(std::string_view options) override {
    rondom::Catalog catalog;
    catalog.stream("people")
        .key({"id"})
        .cursor("id")
        .field("id", rondom::FieldType::integer, "1")
        .field("name", rondom::FieldType::text)
        .schema(std::string(options));
    catalog.stream("changes").incremental_only();
    return catalog;
  }

  rondom::Status read(const rondom::ReadRequest& request, rondom::RecordWriter& out) override {
    if (config_.sleep_first) {
      context_.log(rondom::LogLevel::info, "going to sleep");
      RONDOM_TRY(context_.sleep_ms(3'600'000));
    }
    for (const rondom::ReadStream& stream : request.streams) {
      RONDOM_TRY(out.stream(stream.name));
      RONDOM_TRY(out.origin(stream.name + ".csv"));
      RONDOM_TRY(
          out.refresh_begin(stream.name, stream.generation.empty() ? "g1" : stream.generation));
      RONDOM_TRY(read_stream(stream, request.records_max, out));
      RONDOM_TRY(out.refresh_complete(stream.name));
    }
    return out.checkpoint("", "{\"all\":true}");
  }

 private:
  rondom::Status read_stream(const rondom::ReadStream& stream, std::uint64_t max,
                             rondom::RecordWriter& out) {
    const std::string filler(static_cast<std::size_t>(config_.filler_bytes), 'x');
    const int output = context_.standard_streams().output;
    for (std::int64_t i = 1; config_.endless || i <= config_.records; ++i) {
      if (max != 0 && static_cast<std::uint64_t>(i) > max) break;
      const auto position = static_cast<std::uint64_t>(i);
      if (i % 7 == 0) {
        RONDOM_TRY(out.unreadable("seven", "raw \"line\" " + std::to_string(i), position));
      } else {
        RONDOM_TRY(
            out.row()
                .integer("id", i)
                .text("name", "Zoë \"Q\"\n" + stream.name)
                .text("filler", filler)
                .begin_list("tags")
                .item("a")
                .item("b")
                .end_list()
                .operation(i % 5 == 0 ? rondom::Operation::remove : rondom::Operation::upsert)
                .position(position)
                .changed_at(i * 1'000'000)
                .done());
      }
      if (!config_.checkpoint_each) continue;
      RONDOM_TRY(out.checkpoint(stream.name, std::to_string(i)));
      if (output >= 0 && ::write(output, "p", 1) != 1) return {rondom::Code::internal, "no pipe"};
    }
    return {};
  }

  SourceConfig config_;
  rondom::Context& context_;
};

struct DestinationConfig {
  bool silent = false;
  bool fail = false;
};

class EchoDestination final : public rondom::Destination {
 public:
  static constexpr std::uint64_t capabilities =
      RONDOM_CAP_IDEMPOTENT_UPSERT | RONDOM_CAP_LOOK_UP | RONDOM_CAP_ADOPT;
  static constexpr std::uint32_t preferred_batch = 50;
  static constexpr auto spec =
      rondom::Spec<DestinationConfig>("echo", "Answers by what it is given.")
          .field("silent", &DestinationConfig::silent, "Give no results.")
          .field("fail", &DestinationConfig::fail, "Fail after half of the results.");

  EchoDestination(DestinationConfig config, rondom::Context& context)
      : config_(config), context_(context) {}

  rondom::Status write(const rondom::WriteBatch& batch, rondom::WriteResults& results) override {
    for (std::size_t i = 0; i < batch.records.size() && !config_.silent; ++i) {
      if (config_.fail && i >= batch.records.size() / 2) break;
      const rondom::WriteRecord& record = batch.records[i];
      if (record.json.find("reject") != std::string_view::npos) {
        results.rejected(i, "Refused because it says so.");
      } else if (record.json.find("retry") != std::string_view::npos) {
        results.retry(i, "Not now.");
      } else {
        results.accepted(i,
                         std::string(batch.session) + "/" + std::string(record.key) + "/" +
                             std::string(record.action) + "/" + std::string(record.operation_id),
                         !record.remote_id.empty());
      }
    }
    if (config_.fail) {
      return rondom::Failure{rondom::Code::rate_limited, "Too many requests.", 1'500};
    }
    return {};
  }
  rondom::Status flush(std::string_view session) override {
    return context_.state_put("flushed", session);
  }
  rondom::Status look_up(const rondom::WriteBatch& batch, rondom::WriteResults& results) override {
    if (!batch.records.empty()) results.accepted(0, "found");
    return {};
  }

 private:
  DestinationConfig config_;
  rondom::Context& context_;
};

}  // namespace echo
