// Output: what one delivery session writes under one name.
//
// Nothing of a session is visible before flush(): lines go to a hidden temporary file in the same
// folder, which flush() makes durable and gives its name. An Output that goes away unflushed leaves
// nothing behind. One thread.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "options.h"
#include "rondom/sdk.hpp"

namespace rondom::file {

class Output {
 public:
  virtual ~Output() = default;
  /// After a failure the output cannot be used any more.
  virtual Status write(const std::vector<WriteRecord>& records) = 0;
  virtual Status flush() = 0;
  /// Goes on behind a flush (standard output has one header), where others are made anew.
  virtual bool lasting() const { return false; }
};

/// One file a session with its changes; a session that goes on after a flush gets another part.
Result<std::unique_ptr<Output>> make_change_output(const std::string& folder,
                                                   const WriteOptions& options,
                                                   std::string_view session);

/// One file that always holds the whole set, sorted by key. flush() merges the session's changes
/// in; memory is bounded by sort_run_bytes, the rest waits in nameless files.
std::unique_ptr<Output> make_snapshot_output(const std::string& folder, const WriteOptions& options,
                                             std::string_view session, const Context& context);

/// Lines straight to a descriptor.
std::unique_ptr<Output> make_stream_output(int descriptor, const WriteOptions& options);

/// Which of the operations stand in the published files of `session`: one flag a record.
Result<std::vector<bool>> find_operations(const std::string& folder, const WriteOptions& options,
                                          std::string_view session,
                                          const std::vector<WriteRecord>& records);

/// "newsletter-2026.jsonl.gz" in `folder`. part 1 has no number.
std::string change_path(const std::string& folder, const WriteOptions& options,
                        std::string_view session, std::size_t part);
std::string snapshot_path(const std::string& folder, const WriteOptions& options);
/// A hidden file of that session in the same folder; `purpose` is its end, such as ".tmp".
std::string hidden_path(const std::string& folder, const WriteOptions& options,
                        std::string_view session, std::string_view purpose);

}  // namespace rondom::file
