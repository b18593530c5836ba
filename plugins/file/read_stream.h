// StreamRead: one stream of a read request, from finding its files to the last checkpoint.
//
// mode full: every file that matches belongs to one snapshot. Its generation is made of names,
// sizes and times of the files and of the options, so an interrupted refresh goes on where its
// checkpoint stands as long as none of them changed. mode append: each file is read from where it
// was left. One thread; lives for one call of read().
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "file_list.h"
#include "input.h"
#include "options.h"
#include "rondom/sdk.hpp"
#include "state.h"

namespace rondom::file {

class StreamRead {
 public:
  StreamRead(const std::string& folder, const ReadStream& stream, ReadOptions options,
             std::uint64_t records_max, const Context& context, RecordWriter& out);
  Status run();

 private:
  Status read_standard_input();
  Status read_full();
  Status read_append();
  Status read_full_file(const FoundFile& file, bool resumed);
  Status read_appended(const FoundFile& file, FileState& state, bool restarted);
  Status finish_refresh();

  DescriptorBytes::OnWait on_wait() const;
  Result<std::vector<FoundFile>> find();
  /// Pushes what `input` has; calls checkpoint() as it goes.
  Status push_records(Input& input, const std::string& origin);
  Status checkpoint(const Position& at);
  /// Keeps what came before a failure, then hands the failure on.
  Status fail_after_checkpoint(const Status& failure, const Position& at);
  std::string next_generation(const std::string& fingerprint) const;
  bool preview() const { return records_max_ != 0; }
  bool preview_full() const { return preview() && pushed_ >= records_max_; }

  const std::string& folder_;
  const ReadStream& stream_;
  const ReadOptions options_;
  const std::uint64_t records_max_;
  const Context& context_;
  RecordWriter& out_;

  FullState full_;
  AppendState append_;
  FileState* appending_ = nullptr;  // the file of append_ that is being read
  std::uint64_t pushed_ = 0;
};

}  // namespace rondom::file
