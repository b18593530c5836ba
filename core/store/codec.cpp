#include "store/codec.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace rondom::store {

void append_varint(std::string& out, std::uint64_t number) {
  while (number >= 0x80) {
    out += static_cast<char>((number & 0x7f) | 0x80);
    number >>= 7;
  }
  out += static_cast<char>(number);
}

void append_sized(std::string& out, std::string_view bytes) {
  append_varint(out, bytes.size());
  out += bytes;
}

std::uint64_t BlobReader::varint() {
  std::uint64_t number = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (rest_.empty()) break;
    const auto byte = static_cast<unsigned char>(rest_.front());
    rest_.remove_prefix(1);
    number |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return number;
  }
  ok_ = false;
  return 0;
}

void BlobReader::skip_varints(std::int64_t count) {
  // Each ends in the one byte of its own whose first bit is clear; eight bytes are looked at
  // together.
  std::uint64_t eight = 0;
  while (count >= static_cast<std::int64_t>(sizeof eight) && rest_.size() >= sizeof eight) {
    std::memcpy(&eight, rest_.data(), sizeof eight);
    count -= std::popcount(~eight & 0x8080808080808080u);
    rest_.remove_prefix(sizeof eight);
  }
  for (; count > 0; rest_.remove_prefix(1)) {
    if (rest_.empty()) {
      ok_ = false;
      return;
    }
    if ((static_cast<unsigned char>(rest_.front()) & 0x80u) == 0) --count;
  }
}

std::string_view BlobReader::sized() {
  const std::uint64_t size = varint();
  if (!ok_ || size > rest_.size()) {
    ok_ = false;
    return {};
  }
  const std::string_view bytes = rest_.substr(0, size);
  rest_.remove_prefix(size);
  return bytes;
}

void append_ids(std::string& out, std::span<const std::int64_t> sorted) {
  std::int64_t last = 0;
  for (const std::int64_t id : sorted) {
    append_varint(out, static_cast<std::uint64_t>(id - last));
    last = id;
  }
}

std::vector<std::int64_t> read_ids(std::string_view bytes) {
  std::vector<std::int64_t> ids;
  BlobReader reader(bytes);
  std::int64_t last = 0;
  while (!reader.at_end()) {
    last += static_cast<std::int64_t>(reader.varint());
    if (reader.ok()) ids.push_back(last);
  }
  return ids;
}

void append_outputs(std::string& out, std::span<const Output> outputs) {
  for (const Output& output : outputs) {
    append_varint(out, static_cast<std::uint64_t>(output.entity));
    append_sized(out, output.key);
    append_sized(out, output.canonical);
    append_varint(out, output.actor);
    append_varint(out, static_cast<std::uint64_t>(output.at));
  }
}

std::vector<Output> read_outputs(std::string_view bytes) {
  std::vector<Output> outputs;
  BlobReader reader(bytes);
  while (!reader.at_end()) {
    Output output;
    output.entity = static_cast<Entity>(reader.varint());
    output.key = reader.sized();
    output.canonical = reader.sized();
    output.actor = reader.varint();
    output.at = static_cast<Timestamp>(reader.varint());
    if (reader.ok()) outputs.push_back(output);
  }
  return outputs;
}

bool same_outputs(std::span<const Output> a, std::span<const Output> b) {
  const auto find = [](std::span<const Output> in, const Output& output) {
    return std::find_if(in.begin(), in.end(), [&](const Output& other) {
      return other.entity == output.entity && other.key == output.key;
    });
  };
  if (a.size() != b.size()) return false;
  for (const Output& output : a) {
    const auto other = find(b, output);
    if (other == b.end() || other->canonical != output.canonical || other->actor != output.actor ||
        other->at != output.at) {
      return false;
    }
  }
  return true;
}

}  // namespace rondom::store
