// RawBlocks: source records kept as compressed blocks. Private.
//
// A block holds the raw JSON of up to records_per_block records of one batch; a RawPlace names one
// of them. Block numbers are never given twice, so a place that outlives its block finds nothing.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"
#include "store/store.h"

namespace rondom::store {

struct RawPlace {
  std::int64_t block = 0;  // 0 = nothing kept
  std::int64_t index = 0;
  auto operator<=>(const RawPlace&) const = default;
};

/// Collects the raw records of one transaction. `next_block` is the first free block number;
/// `packed` are the blocks that came with the batch and live as long as this.
class RawBlocks {
 public:
  RawBlocks(Database& database, std::int64_t next_block, std::span<const std::string> packed = {});

  RawPlace append(std::string_view raw);
  /// One version more points to a record of the blocks that came with the batch.
  RawPlace use(RawPacker::Place place);
  /// One version less points to this place; known only before flush().
  void release(const RawPlace& place);
  Status flush();
  std::int64_t next_block() const { return next_block_; }

 private:
  Database& database_;
  const std::int64_t first_block_;
  const std::span<const std::string> packed_;  // numbers from first_block_ on
  std::int64_t next_block_;                    // of the blocks made here
  RawPacker packer_;
  std::map<std::int64_t, std::int64_t> uses_;  // block -> change of its uses
};

/// One block, unpacked once for all its records.
class OpenBlock {
 public:
  static Result<OpenBlock> open(std::string_view block);
  /// Lives as long as this.
  Result<std::string_view> at(std::int64_t index) const;

 private:
  std::string plain_;
  std::size_t begin_ = 0;          // of the first text in plain_
  std::vector<std::size_t> ends_;  // of the texts, from begin_
};

/// The raw text at a place, from the stored bytes of its block.
Result<std::string> raw_at(std::string_view block, std::int64_t index);

}  // namespace rondom::store
