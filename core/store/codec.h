// Byte encodings of the store's blobs: LEB128 integers and length-prefixed texts. Private.
//
// Readers never trust the bytes: a damaged blob reads as the part before the damage, ok() is false.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace rondom::store {

void append_varint(std::string& out, std::uint64_t number);
void append_sized(std::string& out, std::string_view bytes);

class BlobReader {
 public:
  explicit BlobReader(std::string_view bytes) : rest_(bytes) {}
  bool at_end() const { return rest_.empty() || !ok_; }
  bool ok() const { return ok_; }
  std::uint64_t varint();
  void skip_varints(std::int64_t count);
  std::string_view sized();
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

/// Sorted ids as differences.
void append_ids(std::string& out, std::span<const std::int64_t> sorted);
std::vector<std::int64_t> read_ids(std::string_view bytes);

/// The canonical records of one source record, as record_version keeps them.
void append_outputs(std::string& out, std::span<const Output> outputs);
/// Views into `bytes`.
std::vector<Output> read_outputs(std::string_view bytes);

bool same_outputs(std::span<const Output> a, std::span<const Output> b);

}  // namespace rondom::store
