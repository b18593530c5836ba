// ledger: an append-only destination without upsert, look-up or deletion, for kill tests.
//
// Every operation is one line that is on disk before it is acknowledged: "create KEY" twice in the
// file means that Rondom made a record twice. Configuration: `file`, the ledger.
#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "rondom/sdk.hpp"

namespace {

struct Config {
  std::string file;
};

class Ledger final : public rondom::Destination {
 public:
  static constexpr auto spec = rondom::Spec<Config>("ledger", "Appends every operation to a file.")
                                   .field("file", &Config::file, "The ledger.")
                                   .required();
  static constexpr auto facts = rondom::Facts()
                                    .action("create", "A line.")
                                    .action("update", "A line.")
                                    .action("leave_segment", "A line.")
                                    .action("unsubscribe", "A line.");
  static constexpr std::uint64_t capabilities = RONDOM_CAP_FILESYSTEM;

  explicit Ledger(Config config) : config_(std::move(config)) {}
  ~Ledger() override {
    if (descriptor_ >= 0) close(descriptor_);
  }

  rondom::Status write(const rondom::WriteBatch& batch, rondom::WriteResults& results) override {
    if (descriptor_ < 0) {
      descriptor_ = open(config_.file.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    }
    if (descriptor_ < 0) return {rondom::Code::config, "The ledger cannot be opened."};
    std::string lines;
    for (const rondom::WriteRecord& record : batch.records) {
      lines += std::string(record.action) + " " + std::string(record.key) + "\n";
    }
    if (::write(descriptor_, lines.data(), lines.size()) != static_cast<ssize_t>(lines.size())) {
      return {rondom::Code::transient, "The ledger is full."};
    }
    for (std::size_t i = 0; i < batch.records.size(); ++i) results.accepted(i);
    return {};
  }

 private:
  Config config_;
  int descriptor_ = -1;
};

}  // namespace

RONDOM_PLUGIN("ledger", "1.0.0", rondom::destination<Ledger>())
