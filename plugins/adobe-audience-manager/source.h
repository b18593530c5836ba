// source: who is in which segments of Audience Manager, from its outbound batch files.
//
// memberships: one row a user and segment. A full transfer is the whole set, an incremental one
// brings who came and who went. segments: one row a user with all segments, from full transfers
// alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "config.h"
#include "rondom/sdk.hpp"
#include "transfers.h"

namespace rondom::audience_manager {

struct StreamOptions {
  std::string files, separator;
  bool header = false;
};

class Outbound final : public Source {
 public:
  static constexpr auto spec = connection("Reads outbound batch files of Audience Manager.");
  static constexpr auto job_options =
      Spec<StreamOptions>("adobe-audience-manager", "Options of a stream of outbound files.")
          .field(
              "files", &StreamOptions::files,
              "What the file names start with; needed where the folder has several destinations.")
          .example("s3_1234_")
          .field("separator", &StreamOptions::separator,
                 "What stands between user, segments and removed segments.")
          .fallback("space")
          .choices("space", "two_spaces", "tab")
          .field("header", &StreamOptions::header, "The first line of each file is a header.")
          .fallback(false);
  static constexpr auto facts =
      Facts()
          .stream("memberships", "A row a user and segment, from full and incremental transfers.",
                  reads_changes | reads_deletions)
          .stream("segments", "A row a user with all segments, from full transfers.",
                  reads_deletions);
  static constexpr std::uint64_t capabilities = RONDOM_CAP_FILESYSTEM;

  Outbound(Config config, Context& context) : config_(std::move(config)), context_(context) {}

  Status check() override;
  Result<Catalog> discover() override;
  Status read(const ReadRequest& request, RecordWriter& out) override;

 private:
  /// Where a stream is; what its checkpoint holds.
  struct State {
    std::string transfer;  // empty = nothing was read yet
    std::int64_t at_ms = 0;
    bool full = false, done = false;
    std::string file, generation;
    std::uint64_t offset = 0, lines = 0;  // behind the last line read of `file`
  };
  /// A stream while it is read.
  struct Walk {
    const ReadStream& stream;
    RecordWriter& out;
    Layout layout;
    bool per_user = false;
    std::uint64_t records_max = 0, pushed = 0;
    State state;

    bool preview() const { return records_max != 0; }
    bool enough() const { return preview() && pushed >= records_max; }
  };

  static State parse_state(std::string_view json);
  static std::string to_json(const State& state);
  Status read_stream(const ReadStream& stream, std::uint64_t records_max, RecordWriter& out);
  Result<bool> whole(Transfer& transfer, const Layout& layout) const;
  /// Index of the transfer to go on with, after which older ones do not matter.
  Result<std::size_t> first_of(std::vector<Transfer>& transfers, const Walk& walk) const;
  Status read_transfer(const Transfer& transfer, Walk& walk) const;
  Status read_file(const ControlledFile& file, const Transfer& transfer, bool resumed,
                   Walk& walk) const;
  static Status push(std::string_view text, std::uint64_t line_number, const OutboundName& name,
                     Walk& walk);

  Config config_;
  Context& context_;
};

}  // namespace rondom::audience_manager
