// tally: a source that writes down how far it has pushed, for tests of what is read twice.
//
// Makes up `records` records of `record_bytes` bytes, a checkpoint after every thousandth, and
// appends "START" with the number it begins at and "PUSHED" with the number it has come to, which
// is on disk before that thousand is pushed.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <string>

#include "rondom/sdk.hpp"

namespace {

constexpr std::int64_t step = 1'000;

struct Config {
  std::string file;
  std::int64_t records = 0;
  std::int64_t record_bytes = 0;
};

class Tally final : public rondom::Source {
 public:
  static constexpr auto spec =
      rondom::Spec<Config>("tally", "Makes records up and writes down how many it pushed.")
          .field("file", &Config::file, "Where it writes that down.")
          .required()
          .field("records", &Config::records, "How many records.")
          .required()
          .field("record_bytes", &Config::record_bytes, "Bytes a record.")
          .required();
  static constexpr std::uint64_t capabilities = RONDOM_CAP_FILESYSTEM;

  explicit Tally(Config config) : config_(std::move(config)) {}
  ~Tally() override {
    if (descriptor_ >= 0) close(descriptor_);
  }

  rondom::Result<rondom::Catalog> discover() override {
    rondom::Catalog catalog;
    catalog.stream("rows").key({"id"});
    return catalog;
  }

  rondom::Status read(const rondom::ReadRequest& request, rondom::RecordWriter& out) override {
    descriptor_ = open(config_.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (descriptor_ < 0) return {rondom::Code::config, "The tally cannot be opened."};
    const std::string& state = request.streams.front().state_json;
    std::int64_t at = state.empty() ? 0 : std::stoll(state.substr(state.find(':') + 1));
    RONDOM_TRY(note("START", at));
    const std::string padding(static_cast<std::size_t>(config_.record_bytes), '.');
    while (at < config_.records) {
      const std::int64_t end = std::min(at + step, config_.records);
      RONDOM_TRY(note("PUSHED", end));
      for (; at < end; ++at) {
        RONDOM_TRY(out.row().integer("id", at).text("padding", padding).done());
      }
      RONDOM_TRY(out.checkpoint("rows", "{\"next\":" + std::to_string(at) + "}"));
    }
    return {};
  }

 private:
  rondom::Status note(const char* what, std::int64_t number) const {
    const std::string line = std::string(what) + " " + std::to_string(number) + "\n";
    const bool written =
        ::write(descriptor_, line.data(), line.size()) == static_cast<ssize_t>(line.size());
    if (!written) return {rondom::Code::transient, "The tally is full."};
    return {};
  }

  Config config_;
  int descriptor_ = -1;
};

}  // namespace

RONDOM_PLUGIN("tally", "1.0.0", rondom::source<Tally>())
