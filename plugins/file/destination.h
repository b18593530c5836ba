// FileDestination: changes of each delivery session as a file, or one file with the whole set. See
// README.md for its options.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "output.h"
#include "rondom/sdk.hpp"
#include "source.h"

namespace rondom::file {

class FileDestination final : public Destination {
 public:
  static constexpr auto spec =
      Spec<Config>("file", "Writes JSON lines and CSV to files and standard output.")
          .title("Files")
          .field("path", &Config::path, "Folder that the paths of jobs start in.")
          .fallback(".")
          .example("out");
  static constexpr auto facts =
      Facts()
          .action("create", "A line with the operation create in the file of the run.")
          .action("update", "A line with what changed.")
          .action("leave_segment", "A line that says so.")
          .action("unsubscribe", "A line that says so.")
          .action("delete", "A line that says so.");
  static constexpr auto job_options = WriteText::spec;
  static constexpr std::uint64_t capabilities =
      RONDOM_CAP_FILESYSTEM | RONDOM_CAP_STANDARD_STREAMS | RONDOM_CAP_LOOK_UP;

  FileDestination(Config config, Context& context)
      : config_(std::move(config)), context_(context) {}

  Status check() override;
  Status write(const WriteBatch& batch, WriteResults& results) override;
  Status flush(std::string_view session) override;
  Status look_up(const WriteBatch& batch, WriteResults& results) override;

 private:
  struct Session {
    std::map<std::string, std::unique_ptr<Output>> outputs;  // by stream and options
    Status failure;  // a write that failed; what was written before it is gone
  };

  Result<std::string> folder_of(const WriteOptions& options) const;
  Result<std::unique_ptr<Output>> open(const WriteBatch& batch) const;

  Config config_;
  Context& context_;
  std::map<std::string, Session, std::less<>> sessions_;
};

}  // namespace rondom::file
