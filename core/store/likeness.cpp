// The index of likeness: blocks, whom each record is like, and what was compared.
//
// Blocks stand some hundred members a row, in buckets of neighbouring keys, because most have one
// member and a first sync makes tens of millions. The first byte of a key is its rule, the others
// are a hash: a bucket is the rule and so many bits of the hash that rows come out about equally
// long.
#include <algorithm>
#include <bit>

#include "store/bitmap.h"
#include "store/codec.h"
#include "store/record_reader.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

constexpr std::string_view description_key = "likeness/description";
constexpr std::string_view bucket_bits_key = "likeness/bucket_bits";
constexpr std::size_t members_per_bucket = 128;
constexpr std::size_t rules_usual = 16;
constexpr int bucket_bits_max = 40;
constexpr std::uint32_t hash_bits = 56;
constexpr std::size_t buckets_per_scan = 1'000;
constexpr std::size_t bytes_per_transaction = 16u << 20;

std::int64_t bucket_of(std::uint64_t key, std::uint32_t bits) {
  return static_cast<std::int64_t>(key >> (hash_bits - bits));
}

/// A block as it stands in its bucket: key as difference, size with a mark in its last bit when
/// members follow, and those as differences.
struct PackedBlock {
  std::uint64_t key = 0;
  std::int64_t size = 0;
  std::string_view members;
};

std::string packed_members(const Block& block) {
  std::string bytes;
  append_ids(bytes, block.members);
  return bytes;
}

std::uint64_t first_key(std::int64_t bucket, std::uint32_t bits) {
  return static_cast<std::uint64_t>(bucket) << (hash_bits - bits);
}

void append_block(std::string& out, std::uint64_t& last_key, const PackedBlock& block) {
  append_varint(out, block.key - last_key);
  last_key = block.key;
  append_varint(out,
                static_cast<std::uint64_t>(block.size) << 1 | (block.members.empty() ? 0u : 1u));
  out += block.members;
}

/// Calls f(PackedBlock) for each one, by key; views into `bytes`. Damage ends it.
template <typename F>
void for_each_block(std::int64_t bucket, std::uint32_t bits, std::string_view bytes, F&& f) {
  BlobReader reader(bytes);
  PackedBlock block;
  block.key = first_key(bucket, bits);
  while (!reader.at_end()) {
    block.key += reader.varint();
    const std::uint64_t size = reader.varint();
    block.size = static_cast<std::int64_t>(size >> 1);
    const std::string_view before = reader.rest();
    if ((size & 1u) != 0) reader.skip_varints(block.size);
    block.members = before.substr(0, before.size() - reader.rest().size());
    if (reader.ok()) f(block);
  }
}

Block unpacked(const PackedBlock& packed) {
  return {packed.key, packed.size, read_ids(packed.members)};
}

std::uint64_t zigzag(std::int32_t number) {
  return static_cast<std::uint32_t>(number) << 1 ^ static_cast<std::uint32_t>(number >> 31);
}
std::int32_t unzigzag(std::uint64_t number) {
  const auto bits = static_cast<std::uint32_t>(number);
  return static_cast<std::int32_t>(bits >> 1 ^ (~(bits & 1u) + 1u));
}

std::string likely_bytes(const Likely& likely) {
  std::string bytes;
  RecordId last = 0;
  for (const auto& [other, bits] : likely.others) {
    append_varint(bytes, static_cast<std::uint64_t>(other - last));
    append_varint(bytes, zigzag(bits));
    last = other;
  }
  return bytes;
}

Likely read_likely(RecordId record, std::string_view bytes) {
  Likely likely;
  likely.record = record;
  BlobReader reader(bytes);
  RecordId other = 0;
  while (!reader.at_end()) {
    other += static_cast<RecordId>(reader.varint());
    const std::int32_t bits = unzigzag(reader.varint());
    if (reader.ok()) likely.others.emplace_back(other, bits);
  }
  return likely;
}

}  // namespace

Result<std::optional<std::string>> TableStore::likeness_description() {
  return value(description_key);
}

Result<std::uint32_t> TableStore::bucket_bits() {
  RONDOM_TRY_ASSIGN(const auto text, value(bucket_bits_key));
  const std::string encoded = text.value_or("");
  BlobReader reader(encoded);
  const std::uint64_t bits = reader.varint();
  if (!reader.ok() || bits > bucket_bits_max) {
    return Error{ErrorCode::internal, database_->name() + " has no index of likeness"};
  }
  return static_cast<std::uint32_t>(bits);
}

Status TableStore::begin_likeness(std::int64_t about) {
  const auto buckets = static_cast<std::uint64_t>(std::max<std::int64_t>(0, about)) /
                       (members_per_bucket * rules_usual);
  const int bits = std::min(bucket_bits_max, static_cast<int>(std::bit_width(buckets)));
  return transact(Durability::process, [&]() -> Status {
    Rows keys(1), rows(2);
    keys.add({description_key});
    RONDOM_TRY(database_->erase(tables::value, keys));
    std::string encoded;
    append_varint(encoded, static_cast<std::uint64_t>(bits));
    rows.add({bucket_bits_key, std::string_view(encoded)});
    RONDOM_TRY(database_->upsert(tables::value, rows));
    for (const Table* table : {&tables::block, &tables::likely, &tables::compared_as}) {
      RONDOM_TRY(database_->erase_all(*table));
    }
    RONDOM_TRY(Bitmap(*database_, bitmap_set::compared).erase_all());
    return Bitmap(*database_, bitmap_set::differs).erase_all();
  });
}

Status TableStore::write_blocks(const std::function<bool(Block&)>& next) {
  RONDOM_TRY_ASSIGN(const std::uint32_t bits, bucket_bits());
  Block block;
  bool more = next(block);
  while (more) {
    std::vector<std::pair<std::int64_t, std::string>> rows;
    std::size_t bytes = 0;
    while (more && bytes < bytes_per_transaction) {
      const std::int64_t bucket = bucket_of(block.key, bits);
      auto& [number, text] = rows.emplace_back(bucket, std::string());
      std::uint64_t last = first_key(bucket, bits);
      for (; more && bucket_of(block.key, bits) == bucket; more = next(block)) {
        append_block(text, last, {block.key, block.size, packed_members(block)});
      }
      bytes += text.size();
    }
    RONDOM_TRY(transact(Durability::process, [&]() -> Status {
      Rows written(2);
      for (const auto& [number, text] : rows) written.add({number, std::string_view(text)});
      return database_->insert(tables::block, written);
    }));
  }
  return {};
}

Status TableStore::write_likely(std::span<const Likely> likely) {
  return transact(Durability::process, [&]() -> Status {
    Rows rows(2);
    for (const Likely& one : likely) rows.add({one.record, arena_.copy(likely_bytes(one))});
    return database_->insert(tables::likely, rows);
  });
}

Status TableStore::finish_likeness(std::string_view description) {
  return transact(Durability::process, [&]() -> Status {
    RONDOM_TRY(Bitmap(*database_, bitmap_set::compared)
                   .add_intersection(bitmap_set::live, bitmap_set::party));
    Rows rows(2);
    rows.add({description_key, description});
    return database_->upsert(tables::value, rows);
  });
}

Result<std::vector<Block>> TableStore::blocks(std::span<const std::uint64_t> keys) {
  RONDOM_TRY_ASSIGN(const std::uint32_t bits, bucket_bits());
  std::vector<std::int64_t> buckets;
  for (const std::uint64_t key : keys) {
    const std::int64_t bucket = bucket_of(key, bits);
    if (buckets.empty() || buckets.back() != bucket) buckets.push_back(bucket);
  }
  std::vector<Block> found;
  const auto take = [&](std::size_t, std::span<const Cell> row) {
    for_each_block(row[0].integer(), bits, row[1].bytes(), [&](const PackedBlock& block) {
      if (std::binary_search(keys.begin(), keys.end(), block.key)) found.push_back(unpacked(block));
    });
  };
  RONDOM_TRY(database_->fetch({&tables::block}, one_column(buckets), take));
  return found;
}

Status TableStore::scan_blocks(std::uint64_t first, std::int64_t smallest, std::int64_t largest,
                               const std::function<void(Block&)>& each) {
  RONDOM_TRY_ASSIGN(const std::uint32_t bits, bucket_bits());
  const std::int64_t last = bucket_of(first | ((std::uint64_t{1} << hash_bits) - 1), bits);
  std::int64_t after = bucket_of(first, bits) - 1;
  for (std::size_t rows = buckets_per_scan; rows == buckets_per_scan && after < last;) {
    rows = 0;
    const Scan scan{&tables::block, nullptr, {}, {Cell(after)}, buckets_per_scan, 0, false};
    RONDOM_TRY(database_->scan(scan, [&](std::size_t, auto row) {
      ++rows;
      after = row[0].integer();
      if (after > last) return;
      for_each_block(after, bits, row[1].bytes(), [&](const PackedBlock& packed) {
        if (packed.size < smallest || packed.size > largest) return;
        Block block = unpacked(packed);
        each(block);
      });
    }));
  }
  return {};
}

Result<std::vector<Likely>> TableStore::likely(std::span<const RecordId> records) {
  std::vector<Likely> found;
  RONDOM_TRY(database_->fetch({&tables::likely}, one_column(records), [&](std::size_t, auto row) {
    found.push_back(read_likely(row[0].integer(), row[1].bytes()));
  }));
  return found;
}

Result<std::vector<ComparedRecord>> TableStore::compared(std::span<const RecordId> records) {
  Bitmap compared(*database_, bitmap_set::compared);
  RONDOM_TRY(compared.load(records));
  std::vector<ComparedRecord> found;
  for (const RecordId record : records) {
    if (compared.test(record)) found.push_back({record, false, {}});
  }
  std::vector<RecordId> ids;
  for (const ComparedRecord& record : found) ids.push_back(record.id);
  RONDOM_TRY(
      database_->fetch({&tables::compared_as}, one_column(ids), [&](std::size_t k, auto row) {
        found[k].changed = true;
        found[k].canonical = row[1].text();
      }));
  return found;
}

Status TableStore::change_blocks(std::span<const Block> blocks) {
  RONDOM_TRY_ASSIGN(const std::uint32_t bits, bucket_bits());
  std::vector<std::int64_t> numbers;
  for (const Block& block : blocks) {
    const std::int64_t bucket = bucket_of(block.key, bits);
    if (numbers.empty() || numbers.back() != bucket) numbers.push_back(bucket);
  }
  std::vector<std::string_view> before(numbers.size());
  RONDOM_TRY(database_->fetch({&tables::block}, one_column(numbers), [&](std::size_t k, auto row) {
    before[k] = arena_.copy(row[1].bytes());
  }));
  Rows written(2), erased(1);
  auto change = blocks.begin();
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    std::string now;
    std::uint64_t last = first_key(numbers[i], bits);
    const auto changes_until = [&](std::uint64_t key) {  // and of that key itself
      bool replaced = false;
      for (; change != blocks.end() && change->key <= key; ++change) {
        replaced = change->key == key;
        if (change->size == 0) continue;
        append_block(now, last, {change->key, change->size, packed_members(*change)});
      }
      return replaced;
    };
    for_each_block(numbers[i], bits, before[i], [&](const PackedBlock& block) {
      if (!changes_until(block.key)) append_block(now, last, block);
    });
    changes_until(first_key(numbers[i] + 1, bits) - 1);
    if (now.empty()) {
      erased.add({numbers[i]});
    } else {
      written.add({numbers[i], arena_.copy(now)});
    }
  }
  RONDOM_TRY(database_->erase(tables::block, erased));
  return database_->upsert(tables::block, written);
}

Status TableStore::apply(const LikenessChange& change) {
  RONDOM_TRY_ASSIGN(const std::vector<Alike> before, alike(change.around));
  return transact(Durability::process, [&]() -> Status {
    RONDOM_TRY(change_blocks(change.blocks));
    Rows likely(2), unlike(1), settled(1), description(2);
    for (const Likely& one : change.likely) {
      if (one.others.empty()) {
        unlike.add({one.record});
      } else {
        likely.add({one.record, arena_.copy(likely_bytes(one))});
      }
    }
    RONDOM_TRY(database_->erase(tables::likely, unlike));
    RONDOM_TRY(database_->upsert(tables::likely, likely));
    Bitmap compared(*database_, bitmap_set::compared), differs(*database_, bitmap_set::differs);
    for (const std::vector<RecordId>* ids : {&change.compared, &change.no_longer}) {
      for (Bitmap* set : {&compared, &differs}) RONDOM_TRY(set->load(*ids));
      for (const RecordId id : *ids) {
        settled.add({id});
        differs.clear(id);
        if (ids == &change.compared) {
          compared.set(id);
        } else {
          compared.clear(id);
        }
      }
    }
    for (Bitmap* set : {&compared, &differs}) RONDOM_TRY(set->flush());
    settled.sort_unique(1);
    RONDOM_TRY(database_->erase(tables::compared_as, settled));
    RONDOM_TRY(change_alike(before, change.alike));
    description.add({description_key, std::string_view(change.description)});
    return database_->upsert(tables::value, description);
  });
}

}  // namespace rondom::store
