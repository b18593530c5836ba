#include "store/bitmap.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rondom::store {
namespace {

constexpr std::size_t chunk_bytes = Bitmap::chunk_bits / 8;
constexpr std::size_t chunks_first = 2, chunks_per_scan = 64;

std::uint64_t word_at(std::string_view bits, std::size_t word) {
  std::uint64_t value = 0;
  std::memcpy(&value, bits.data() + word * 8, 8);
  return value;
}

std::int64_t count_bits(std::string_view bits) {
  std::int64_t members = 0;
  for (std::size_t word = 0; word < chunk_bytes / 8; ++word) {
    members += std::popcount(word_at(bits, word));
  }
  return members;
}

/// False when `ids` has reached its limit.
bool append_members(std::int64_t chunk, std::string_view bits, std::int64_t first,
                    std::size_t limit, std::vector<std::int64_t>& ids) {
  for (std::size_t word = 0; word < chunk_bytes / 8; ++word) {
    for (std::uint64_t rest = word_at(bits, word); rest != 0; rest &= rest - 1) {
      const std::int64_t id = chunk * Bitmap::chunk_bits + static_cast<std::int64_t>(word) * 64 +
                              std::countr_zero(rest);
      if (id < first) continue;
      ids.push_back(id);
      if (ids.size() == limit) return false;
    }
  }
  return true;
}

}  // namespace

Status Bitmap::load(std::span<const std::int64_t> ids) {
  Rows keys(1);
  std::int64_t last = -1;
  for (const std::int64_t id : ids) {
    const std::int64_t chunk = id / chunk_bits;
    if (chunk == last) continue;
    last = chunk;
    if (chunks_.try_emplace(chunk).second) keys.add({row_of(chunk)});
  }
  keys.sort_unique(1);
  return database_->fetch({&tables::bitmap}, keys, [&](std::size_t, std::span<const Cell> row) {
    Chunk& chunk = chunks_[row[0].integer() & 0xffff'ffff];
    chunk.bits = row[1].text();
    chunk.bits.resize(chunk_bytes);
  });
}

bool Bitmap::test(std::int64_t id) const {
  const auto found = chunks_.find(id / chunk_bits);
  if (found == chunks_.end() || found->second.bits.empty()) return false;
  const auto bit = static_cast<std::size_t>(id % chunk_bits);
  return (static_cast<unsigned char>(found->second.bits[bit / 8]) >> (bit % 8)) & 1;
}

void Bitmap::set(std::int64_t id) {
  Chunk& chunk = chunks_[id / chunk_bits];
  if (chunk.bits.empty()) chunk.bits.resize(chunk_bytes);
  const auto bit = static_cast<std::size_t>(id % chunk_bits);
  const char mask = static_cast<char>(1u << (bit % 8));
  char& byte = chunk.bits[bit / 8];
  if (byte & mask) return;
  byte = static_cast<char>(byte | mask);
  chunk.changed = true;
}

void Bitmap::clear(std::int64_t id) {
  if (!test(id)) return;
  Chunk& chunk = chunks_[id / chunk_bits];
  const auto bit = static_cast<std::size_t>(id % chunk_bits);
  char& byte = chunk.bits[bit / 8];
  byte = static_cast<char>(byte & ~static_cast<char>(1u << (bit % 8)));
  chunk.changed = true;
}

Status Bitmap::flush() {
  Rows kept(2), emptied(1);
  for (auto& [number, chunk] : chunks_) {
    if (!chunk.changed) continue;
    chunk.changed = false;
    const bool empty =
        std::all_of(chunk.bits.begin(), chunk.bits.end(), [](char byte) { return byte == 0; });
    if (empty)
      emptied.add({row_of(number)});
    else
      kept.add({row_of(number), std::string_view(chunk.bits)});
  }
  RONDOM_TRY(database_->erase(tables::bitmap, emptied));
  return database_->upsert(tables::bitmap, kept);
}

Status Bitmap::each_chunk(std::int64_t from,
                          const std::function<bool(std::int64_t, std::string_view)>& f) const {
  std::int64_t next = row_of(from);
  const std::int64_t end = row_of(0xffff'ffff);
  bool more = true;
  // Most sets have a chunk or none: what is asked for beyond a set's end is read for nothing.
  for (std::size_t asked = chunks_first; more; asked = std::min(2 * asked, chunks_per_scan)) {
    std::size_t rows = 0;
    const Scan scan{&tables::bitmap, nullptr, {}, {next - 1}, asked, 0, false};
    RONDOM_TRY(database_->scan(scan, [&](std::size_t, std::span<const Cell> row) {
      ++rows;
      if (!more) return;
      next = row[0].integer() + 1;
      if (row[0].integer() > end) {
        more = false;
        return;
      }
      const std::int64_t chunk = row[0].integer() & 0xffff'ffff;
      if (row[1].bytes().size() == chunk_bytes) {
        more = f(chunk, row[1].bytes());
        return;
      }
      std::string bits = row[1].text();
      bits.resize(chunk_bytes);
      more = f(chunk, bits);
    }));
    if (rows < asked) break;
  }
  return {};
}

Status Bitmap::each_chunk_without(
    std::int64_t other, std::int64_t from,
    const std::function<bool(std::int64_t, std::string_view)>& f) const {
  std::vector<std::pair<std::int64_t, std::string>> mine;
  Rows keys(1);
  RONDOM_TRY(each_chunk(from, [&](std::int64_t chunk, std::string_view bits) {
    mine.emplace_back(chunk, bits);
    return true;
  }));
  const Bitmap left_out(*database_, other);
  for (const auto& [chunk, bits] : mine) keys.add({left_out.row_of(chunk)});
  RONDOM_TRY(database_->fetch({&tables::bitmap}, keys, [&](std::size_t k, auto row) {
    const std::string_view theirs = row[1].bytes();
    std::string& bits = mine[k].second;
    for (std::size_t i = 0; i < std::min(bits.size(), theirs.size()); ++i) {
      bits[i] = static_cast<char>(bits[i] & ~theirs[i]);
    }
  }));
  for (const auto& [chunk, bits] : mine) {
    if (!f(chunk, bits)) break;
  }
  return {};
}

Result<std::int64_t> Bitmap::count() const {
  std::int64_t members = 0;
  RONDOM_TRY(each_chunk(0, [&](std::int64_t, std::string_view bits) {
    members += count_bits(bits);
    return true;
  }));
  return members;
}

Result<std::int64_t> Bitmap::count_without(std::int64_t other) const {
  std::int64_t members = 0;
  RONDOM_TRY(each_chunk_without(other, 0, [&](std::int64_t, std::string_view bits) {
    members += count_bits(bits);
    return true;
  }));
  return members;
}

Result<std::vector<std::int64_t>> Bitmap::members(std::int64_t after, std::size_t limit) const {
  std::vector<std::int64_t> ids;
  if (limit == 0) return ids;
  const std::int64_t first = std::max<std::int64_t>(after + 1, 0);
  RONDOM_TRY(each_chunk(first / chunk_bits, [&](std::int64_t chunk, std::string_view bits) {
    return append_members(chunk, bits, first, limit, ids);
  }));
  return ids;
}

Result<std::vector<std::int64_t>> Bitmap::members_without(std::int64_t other, std::int64_t after,
                                                          std::size_t limit) const {
  std::vector<std::int64_t> ids;
  if (limit == 0) return ids;
  const std::int64_t first = std::max<std::int64_t>(after + 1, 0);
  RONDOM_TRY(each_chunk_without(other, first / chunk_bits, [&](auto chunk, std::string_view bits) {
    return append_members(chunk, bits, first, limit, ids);
  }));
  return ids;
}

Status Bitmap::erase_all() {
  Rows keys(1);
  RONDOM_TRY(each_chunk(0, [&](std::int64_t chunk, std::string_view) {
    keys.add({row_of(chunk)});
    return true;
  }));
  chunks_.clear();
  return database_->erase(tables::bitmap, keys);
}

Status Bitmap::add_all(std::int64_t other) {
  std::vector<std::pair<std::int64_t, std::string>> added;
  Rows keys(1), rows(2);
  const Bitmap source(*database_, other);
  RONDOM_TRY(source.each_chunk(0, [&](std::int64_t chunk, std::string_view bits) {
    added.emplace_back(chunk, bits);
    keys.add({row_of(chunk)});
    return true;
  }));
  RONDOM_TRY(database_->fetch({&tables::bitmap}, keys, [&](std::size_t k, auto row) {
    const std::string_view mine = row[1].bytes();
    std::string& bits = added[k].second;
    for (std::size_t i = 0; i < std::min(bits.size(), mine.size()); ++i) {
      bits[i] = static_cast<char>(bits[i] | mine[i]);
    }
  }));
  for (const auto& [chunk, bits] : added) rows.add({row_of(chunk), std::string_view(bits)});
  chunks_.clear();
  return database_->upsert(tables::bitmap, rows);
}

Status Bitmap::add_intersection(std::int64_t a, std::int64_t b) {
  std::map<std::int64_t, std::string> both;
  const Bitmap left(*database_, a), right(*database_, b);
  RONDOM_TRY(left.each_chunk(0, [&](std::int64_t chunk, std::string_view bits) {
    both[chunk] = std::string(bits);
    return true;
  }));
  RONDOM_TRY(right.each_chunk(0, [&](std::int64_t chunk, std::string_view bits) {
    const auto found = both.find(chunk);
    if (found == both.end()) return true;
    for (std::size_t i = 0; i < chunk_bytes; ++i) found->second[i] &= bits[i];
    chunks_.try_emplace(chunk);
    chunks_[chunk].changed = true;
    return true;
  }));
  Rows keys(1);
  for (const auto& [number, chunk] : chunks_) keys.add({row_of(number)});
  RONDOM_TRY(database_->fetch({&tables::bitmap}, keys, [&](std::size_t, std::span<const Cell> row) {
    chunks_[row[0].integer() & 0xffff'ffff].bits = row[1].text();
  }));
  for (auto& [number, chunk] : chunks_) {
    chunk.bits.resize(chunk_bytes);
    const std::string& added = both[number];
    for (std::size_t i = 0; i < added.size(); ++i) chunk.bits[i] |= added[i];
  }
  return flush();
}

}  // namespace rondom::store
