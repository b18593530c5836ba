// capture: files instead of sending.
#pragma once

#include <memory>
#include <utility>
#include <vector>

#include "plugin/plugin.h"

namespace rondom::engine {

/// Writes what a job would have sent to files, through the file connector. The job's options are
/// for the system that it would have gone to, and stay behind. One thread at a time.
class Capture final : public plugin::Destination {
 public:
  explicit Capture(std::unique_ptr<plugin::Destination> files) : files_(std::move(files)) {}

  const plugin::ConnectorInfo& info() const override { return files_->info(); }
  Status check() override { return files_->check(); }
  Status write(const plugin::WriteBatch& batch, std::vector<plugin::WriteResult>& results) override;
  Status flush(std::string_view session) override { return files_->flush(session); }
  Status look_up(const plugin::WriteBatch& batch,
                 std::vector<plugin::WriteResult>& results) override;
  void cancel() override { files_->cancel(); }

 private:
  std::unique_ptr<plugin::Destination> files_;
};

}  // namespace rondom::engine
