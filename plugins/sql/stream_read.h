// StreamRead: one stream, from the place of its last checkpoint to its end.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "relation.h"
#include "state.h"
#include "watch.h"

namespace rondom::sql {

class StreamRead {
 public:
  /// Everything is borrowed for run().
  StreamRead(const ReadStream& stream, const Options& options, StreamShape shape,
             std::uint64_t records_max, Connection& connection, const Watch& watch,
             RecordWriter& out);

  Status run();

 private:
  bool preview() const { return records_max_ > 0; }
  std::string fingerprint() const;
  Status begin_full();
  Status begin_incremental();
  Status read_phases();
  Status read_phase(Phase phase);
  Result<bool> read_page();
  Status push(const std::vector<Cell>& cells);
  Status checkpoint();
  Status finish();

  const ReadStream& stream_;
  const Options& options_;
  StreamShape shape_;
  std::uint64_t records_max_;
  Connection& connection_;
  const Watch& watch_;
  RecordWriter& out_;
  State state_;
  std::size_t cursor_ = StreamShape::no_column;
  std::vector<std::string> names_;  // of the columns, as JSON with the colon
  std::string json_;                // of the row under way
  std::uint64_t pushed_ = 0;
};

}  // namespace rondom::sql
