#include "store/raw_blocks.h"

#include <zstd.h>

#include <cassert>
#include <utility>

#include "store/codec.h"

namespace rondom::store {
namespace {

constexpr std::size_t records_per_block = 256;
constexpr std::size_t block_bytes_max = 1u << 20;  // a larger record has a block of its own
constexpr std::size_t unpacked_bytes_max = block_bytes_max + limits::record_bytes_max + (1u << 16);
constexpr int compression_level = 1;

}  // namespace

struct RawPacker::Inside {
  std::unique_ptr<ZSTD_CCtx, decltype(&ZSTD_freeCCtx)> context{ZSTD_createCCtx(), &ZSTD_freeCCtx};
  std::vector<std::uint32_t> sizes;  // of the open block
  std::string bytes;
  std::string plain;
  std::vector<std::string> closed;
};

RawPacker::RawPacker() : inside_(std::make_unique<Inside>()) {}
RawPacker::~RawPacker() = default;

RawPacker::Place RawPacker::add(std::string_view raw) {
  Inside& in = *inside_;
  if (in.sizes.size() == records_per_block || in.bytes.size() > block_bytes_max) close_block();
  const Place place{static_cast<std::uint32_t>(in.closed.size() + 1),
                    static_cast<std::uint32_t>(in.sizes.size())};
  in.sizes.push_back(static_cast<std::uint32_t>(raw.size()));
  in.bytes += raw;
  return place;
}

std::vector<std::string> RawPacker::take() {
  close_block();
  return std::exchange(inside_->closed, {});
}

void RawPacker::close_block() {
  Inside& in = *inside_;
  if (in.sizes.empty()) return;
  in.plain.clear();
  append_varint(in.plain, in.sizes.size());
  for (const std::uint32_t size : in.sizes) append_varint(in.plain, size);
  in.plain += in.bytes;
  std::string packed(ZSTD_compressBound(in.plain.size()), '\0');
  const std::size_t size = ZSTD_compressCCtx(in.context.get(), packed.data(), packed.size(),
                                             in.plain.data(), in.plain.size(), compression_level);
  packed.resize(ZSTD_isError(size) ? 0 : size);
  packed.shrink_to_fit();  // it waits for its transaction
  in.closed.push_back(std::move(packed));
  in.sizes.clear();
  in.bytes.clear();
}

RawBlocks::RawBlocks(Database& database, std::int64_t next_block,
                     std::span<const std::string> packed)
    : database_(database),
      first_block_(next_block),
      packed_(packed),
      next_block_(next_block + static_cast<std::int64_t>(packed.size())) {}

RawPlace RawBlocks::append(std::string_view raw) {
  const RawPacker::Place place = packer_.add(raw);
  const std::int64_t block = next_block_ + place.block - 1;
  ++uses_[block];
  return {block, place.index};
}

RawPlace RawBlocks::use(RawPacker::Place place) {
  assert(place.block >= 1 && place.block <= packed_.size());
  const std::int64_t block = first_block_ + place.block - 1;
  ++uses_[block];
  return {block, place.index};
}

void RawBlocks::release(const RawPlace& place) {
  if (place.block != 0) --uses_[place.block];
}

Status RawBlocks::flush() {
  const std::vector<std::string> appended = packer_.take();
  Rows blocks(2), known(1), uses(2), unused(1);
  const auto add_blocks = [&](std::span<const std::string> made, std::int64_t block) -> Status {
    for (const std::string& bytes : made) {
      const auto used = uses_.find(block);
      if (used != uses_.end() && used->second > 0) {
        if (bytes.empty()) {
          return {ErrorCode::internal, "a block of raw records cannot be compressed"};
        }
        blocks.add({block, std::string_view(bytes)});
      }
      ++block;
    }
    return {};
  };
  RONDOM_TRY(add_blocks(packed_, first_block_));
  RONDOM_TRY(add_blocks(appended, next_block_));
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
  uses_.clear();
  next_block_ += static_cast<std::int64_t>(appended.size());
  return {};
}

Result<OpenBlock> OpenBlock::open(std::string_view block) {
  const Error damaged{ErrorCode::bad_state, "a block of raw records is damaged"};
  const unsigned long long size = ZSTD_getFrameContentSize(block.data(), block.size());
  if (size == ZSTD_CONTENTSIZE_ERROR || size == ZSTD_CONTENTSIZE_UNKNOWN ||
      size > unpacked_bytes_max) {
    return damaged;
  }
  OpenBlock opened;
  std::string& plain = opened.plain_;
  plain.resize(size);
  const std::size_t done = ZSTD_decompress(plain.data(), plain.size(), block.data(), block.size());
  if (ZSTD_isError(done) || done != size) return damaged;
  BlobReader reader(plain);
  const std::uint64_t records = reader.varint();
  if (!reader.ok() || records > records_per_block) return damaged;
  std::uint64_t total = 0;
  for (std::uint64_t i = 0; i < records; ++i) {
    const std::uint64_t one = reader.varint();
    if (!reader.ok() || one > plain.size() - total) return damaged;
    opened.ends_.push_back(total += one);
  }
  opened.begin_ = plain.size() - total;
  return opened;
}

Result<std::string_view> OpenBlock::at(std::int64_t index) const {
  if (index < 0 || static_cast<std::uint64_t>(index) >= ends_.size()) {
    return Error{ErrorCode::bad_state, "a block of raw records misses one"};
  }
  const auto n = static_cast<std::size_t>(index);
  const std::size_t from = n == 0 ? 0 : ends_[n - 1];
  return std::string_view(plain_).substr(begin_ + from, ends_[n] - from);
}

Result<std::string> raw_at(std::string_view block, std::int64_t index) {
  RONDOM_TRY_ASSIGN(const OpenBlock opened, OpenBlock::open(block));
  RONDOM_TRY_ASSIGN(const std::string_view text, opened.at(index));
  return std::string(text);
}

}  // namespace rondom::store
