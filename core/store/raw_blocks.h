// RawBlocks: source records kept as compressed blocks. Private.
//
// A block holds the raw JSON of up to records_per_block records of one batch; a RawPlace names one
// of them. Block numbers are never given twice, so a place that outlives its block finds nothing.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "store/database.h"

namespace rondom::store {

struct RawPlace {
  std::int64_t block = 0;  // 0 = nothing kept
  std::int64_t index = 0;
  auto operator<=>(const RawPlace&) const = default;
};

/// Collects the raw records of one transaction. `next_block` is the first free block number.
class RawBlocks {
 public:
  RawBlocks(Database& database, std::int64_t next_block);
  ~RawBlocks();
  RawBlocks(const RawBlocks&) = delete;
  RawBlocks& operator=(const RawBlocks&) = delete;

  RawPlace append(std::string_view raw);
  /// One version less points to this place; known only before flush().
  void release(const RawPlace& place);
  Status flush();
  std::int64_t next_block() const { return next_block_; }

 private:
  struct Compressor;
  void close_block();

  Database& database_;
  std::int64_t next_block_;
  std::vector<std::uint32_t> sizes_;  // of the open block
  std::string bytes_;
  std::vector<std::pair<std::int64_t, std::string>> closed_;
  std::map<std::int64_t, std::int64_t> uses_;  // block -> change of its uses
  std::int64_t first_block_;
  std::unique_ptr<Compressor> compressor_;
};

/// The raw text at a place, from the stored bytes of its block.
Result<std::string> raw_at(std::string_view block, std::int64_t index);

}  // namespace rondom::store
