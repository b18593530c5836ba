#include "store/bitmap.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <deque>

namespace rondom::store {
namespace {

constexpr std::size_t chunk_bytes = Bitmap::chunk_bits / 8;
constexpr std::size_t chunks_first = 2, chunks_per_scan = 64;
constexpr std::int64_t places_max = 1'024;  // of a chunk that is stored as places

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

/// The bits of a chunk as they are stored. Where few are set, as in a set that records enter and
/// leave again, a row is their places, two bytes each: a row of half a page that comes and goes
/// would have the database even out its pages each time.
std::string bits_of(std::string_view stored) {
  if (stored.size() == chunk_bytes) return std::string(stored);
  std::string bits(chunk_bytes, '\0');
  for (std::size_t i = 0; i + 1 < stored.size(); i += 2) {
    const auto low = static_cast<unsigned char>(stored[i]);
    const auto high = static_cast<unsigned char>(stored[i + 1]);
    const std::size_t place = (std::size_t{high} << 8 | low) % Bitmap::chunk_bits;
    bits[place / 8] = static_cast<char>(bits[place / 8] | static_cast<char>(1u << (place % 8)));
  }
  return bits;
}

std::string stored_of(std::string_view bits) {
  if (count_bits(bits) > places_max) return std::string(bits);
  std::string stored;
  for (std::size_t word = 0; word < chunk_bytes / 8; ++word) {
    for (std::uint64_t rest = word_at(bits, word); rest != 0; rest &= rest - 1) {
      const std::size_t place = word * 64 + static_cast<std::size_t>(std::countr_zero(rest));
      stored += static_cast<char>(place & 0xff);
      stored += static_cast<char>(place >> 8);
    }
  }
  return stored;
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
    chunks_[row[0].integer() & 0xffff'ffff].bits = bits_of(row[1].bytes());
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
  std::deque<std::string> stored;
  for (auto& [number, chunk] : chunks_) {
    if (!chunk.changed) continue;
    chunk.changed = false;
    const std::string& bytes = stored.emplace_back(stored_of(chunk.bits));
    if (bytes.empty())
      emptied.add({row_of(number)});
    else
      kept.add({row_of(number), std::string_view(bytes)});
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
      more = f(chunk, bits_of(row[1].bytes()));
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
    const std::string theirs = bits_of(row[1].bytes());
    std::string& bits = mine[k].second;
    for (std::size_t i = 0; i < chunk_bytes; ++i) {
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
    const std::string mine = bits_of(row[1].bytes());
    std::string& bits = added[k].second;
    for (std::size_t i = 0; i < chunk_bytes; ++i) {
      bits[i] = static_cast<char>(bits[i] | mine[i]);
    }
  }));
  for (auto& [chunk, bits] : added) {
    bits = stored_of(bits);
    rows.add({row_of(chunk), std::string_view(bits)});
  }
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
    chunks_[row[0].integer() & 0xffff'ffff].bits = bits_of(row[1].bytes());
  }));
  for (auto& [number, chunk] : chunks_) {
    chunk.bits.resize(chunk_bytes);
    const std::string& added = both[number];
    for (std::size_t i = 0; i < added.size(); ++i) chunk.bits[i] |= added[i];
  }
  return flush();
}

}  // namespace rondom::store
