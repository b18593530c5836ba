#include "base/whole_file.h"

#include <fstream>

namespace rondom {
namespace {

constexpr std::size_t chunk_bytes = 64u << 10;

}  // namespace

Result<std::string> whole_file(const std::string& path, std::size_t bytes_max) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return Error{ErrorCode::unavailable, path + " cannot be read"};
  std::string bytes;
  while (in && bytes.size() <= bytes_max) {
    const std::size_t before = bytes.size();
    bytes.resize(before + chunk_bytes);
    in.read(bytes.data() + before, static_cast<std::streamsize>(chunk_bytes));
    bytes.resize(before + static_cast<std::size_t>(in.gcount()));
  }
  if (in.bad()) return Error{ErrorCode::unavailable, path + " cannot be read"};
  if (bytes.size() > bytes_max) {
    return Error{ErrorCode::data,
                 path + " holds more than " + std::to_string(bytes_max) + " bytes"};
  }
  return bytes;
}

}  // namespace rondom
