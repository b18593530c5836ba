// FileSource: records from files and standard input. See README.md for its options.
#pragma once

#include <string>
#include <string_view>

#include "options.h"
#include "rondom/sdk.hpp"

namespace rondom::file {

struct Config {
  std::string path;
};

class FileSource final : public Source {
 public:
  static constexpr auto spec =
      Spec<Config>("file", "Reads CSV, JSON lines and JSON from files and standard input.")
          .title("Files")
          .field("path", &Config::path, "Folder that the paths of streams start in.")
          .fallback(".")
          .example("exports");
  static constexpr auto facts =
      Facts()
          .stream("<name>",
                  "Files that match: CSV, JSON lines, JSON; plain, gzip, zstd. mode: append reads "
                  "what was added, full tells what is gone.",
                  reads_changes | reads_deletions)
          .evidence("public data",
                    "Public people data sets of several kinds, every row accounted for.");
  static constexpr auto job_options = ReadText::spec;
  static constexpr std::uint64_t capabilities = RONDOM_CAP_FILESYSTEM | RONDOM_CAP_STANDARD_STREAMS;

  FileSource(Config config, Context& context) : config_(std::move(config)), context_(context) {}

  Status check() override;
  Result<Catalog> discover() override;
  Result<Catalog> discover_with_options(std::string_view options_json) override;
  Status read(const ReadRequest& request, RecordWriter& out) override;

 private:
  Config config_;
  Context& context_;
};

/// The folder exists and can be listed.
Status check_folder(const std::string& path);

/// Streams of the data files below `folder`: one a file, or `pattern` alone as one stream.
Result<Catalog> discover_files(const std::string& folder, std::string_view options_json,
                               const Context& context);

}  // namespace rondom::file
