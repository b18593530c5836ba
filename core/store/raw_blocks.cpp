#include "store/raw_blocks.h"

#include <zstd.h>

#include "store/codec.h"

namespace rondom::store {
namespace {

constexpr std::size_t records_per_block = 256;
constexpr std::size_t block_bytes_max = 1u << 20;  // a larger record has a block of its own
constexpr std::size_t unpacked_bytes_max = block_bytes_max + limits::record_bytes_max + (1u << 16);
constexpr int compression_level = 1;

}  // namespace

struct RawBlocks::Compressor {
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), &ZSTD_freeCCtx};
};

RawBlocks::RawBlocks(Database& database, std::int64_t next_block)
    : database_(database),
      next_block_(next_block),
      first_block_(next_block),
      compressor_(std::make_unique<Compressor>()) {}

RawBlocks::~RawBlocks() = default;

RawPlace RawBlocks::append(std::string_view raw) {
  if (sizes_.size() == records_per_block || bytes_.size() > block_bytes_max) close_block();
  const RawPlace place{next_block_, static_cast<std::int64_t>(sizes_.size())};
  sizes_.push_back(static_cast<std::uint32_t>(raw.size()));
  bytes_ += raw;
  ++uses_[next_block_];
  return place;
}

void RawBlocks::release(const RawPlace& place) {
  if (place.block != 0) --uses_[place.block];
}

void RawBlocks::close_block() {
  if (sizes_.empty()) return;
  std::string plain;
  append_varint(plain, sizes_.size());
  for (const std::uint32_t size : sizes_) append_varint(plain, size);
  plain += bytes_;
  std::string packed(ZSTD_compressBound(plain.size()), '\0');
  const std::size_t size =
      ZSTD_compressCCtx(compressor_->context.get(), packed.data(), packed.size(), plain.data(),
                        plain.size(), compression_level);
  packed.resize(ZSTD_isError(size) ? 0 : size);
  closed_.emplace_back(next_block_++, std::move(packed));
  sizes_.clear();
  bytes_.clear();
}

Status RawBlocks::flush() {
  close_block();
  Rows blocks(2), known(1), uses(2), unused(1);
  for (const auto& [block, bytes] : closed_) {
    if (bytes.empty()) return {ErrorCode::internal, "a block of raw records cannot be compressed"};
    if (uses_[block] > 0) blocks.add({block, std::string_view(bytes)});
  }
  for (const auto& [block, change] : uses_) {
    if (block < first_block_ && change != 0)
      known.add({block});
    else if (block >= first_block_ && change > 0)
      uses.add({block, change});
  }
  RONDOM_TRY(
      database_.fetch({&tables::raw_use}, known, [&](std::size_t, std::span<const Cell> row) {
        const std::int64_t left = row[1].integer() + uses_[row[0].integer()];
        if (left > 0)
          uses.add({row[0], left});
        else
          unused.add({row[0]});
      }));
  uses.sort_unique(1);
  RONDOM_TRY(database_.insert(tables::raw_block, blocks));
  RONDOM_TRY(database_.upsert(tables::raw_use, uses));
  RONDOM_TRY(database_.erase(tables::raw_use, unused));
  RONDOM_TRY(database_.erase(tables::raw_block, unused));
  closed_.clear();
  uses_.clear();
  first_block_ = next_block_;
  return {};
}

Result<std::string> raw_at(std::string_view block, std::int64_t index) {
  const Error damaged{ErrorCode::bad_state, "a block of raw records is damaged"};
  const unsigned long long size = ZSTD_getFrameContentSize(block.data(), block.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN ||
      size > unpacked_bytes_max) {
    return damaged;
  }
  std::string plain(size, '\0');
  const std::size_t done = ZSTD_decompress(plain.data(), plain.size(), block.data(), block.size());
  if (ZSTD_isError(done) || done != size) return damaged;
  BlobReader reader(plain);
  const std::uint64_t records = reader.varint();
  if (!reader.ok() || records > records_per_block || index < 0 ||
      static_cast<std::uint64_t>(index) >= records) {
    return damaged;
  }
  std::uint64_t before = 0, wanted = 0, total = 0;
  for (std::uint64_t i = 0; i < records; ++i) {
    const std::uint64_t one = reader.varint();
    if (i < static_cast<std::uint64_t>(index)) before += one;
    if (i == static_cast<std::uint64_t>(index)) wanted = one;
    total += one;
  }
  if (!reader.ok() || total > plain.size()) return damaged;
  return plain.substr(plain.size() - total + before, wanted);
}

}  // namespace rondom::store
