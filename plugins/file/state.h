// State: what a checkpoint of this connector holds, as JSON and back. Plain data.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "input.h"
#include "record_reader.h"

namespace rondom::file {

/// Mode full: how far one refresh has come.
struct FullState {
  std::string generation;  // "<fingerprint of the files>.<count>"
  std::string file;        // the last file of which records were read
  Position at;
  bool done = false;  // the refresh was completed
};

/// Mode append: how far each file has been read.
struct FileState {
  std::string name;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;        // in bytes of the file, when it was last read
  std::uint64_t head_bytes = 0;  // of the file, that head_hash covers
  std::uint64_t head_hash = 0;
  Position at;
  std::optional<Detected> detected;
};
struct AppendState {
  std::vector<FileState> files;
};

std::string to_json(const FullState& state);
std::string to_json(const AppendState& state);

/// A text of another mode or version gives an empty state: reading starts anew.
FullState read_full_state(std::string_view json);
AppendState read_append_state(std::string_view json);

}  // namespace rondom::file
