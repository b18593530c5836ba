// File list: which files a path or pattern means, and how a file is recognised again.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "rondom/result.hpp"

namespace rondom::file {

struct FoundFile {
  std::string name;  // as below the base folder, for people and states
  std::string path;  // to open it
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::uint64_t size = 0;
  std::int64_t modified_ns = 0;

  bool same_content_as(const FoundFile& other) const {
    return size == other.size && modified_ns == other.modified_ns && inode == other.inode &&
           device == other.device;
  }
};

/// Is there a `*`, `?` or `[` in it that is not escaped?
bool is_pattern(std::string_view path);

/// The regular files that `path` (a name, or a pattern as the shell knows it) means, in byte order
/// of their names. A plain name that does not exist is an error; a pattern may match nothing.
/// Entries that cannot be examined are errors, because leaving one out of a full refresh would
/// delete its records; folders and hidden files are passed over by patterns.
Result<std::vector<FoundFile>> find_files(const std::string& base, const std::string& path);

/// Facts of an open descriptor, under the name that `file` has.
Result<FoundFile> examine(int descriptor, const FoundFile& file);

/// Opens for reading; never waits for a pipe, never follows a loop of links.
Result<int> open_file(const FoundFile& file);

/// A sentence for errno after something failed for `name`.
Failure file_failure(const std::string& name, const char* what, int error);

/// FNV-1a, 64 bits. `seed`: an earlier hash to go on from.
inline constexpr std::uint64_t hash_seed = 0xcbf29ce484222325ull;
std::uint64_t hash_bytes(std::string_view bytes, std::uint64_t seed = hash_seed);
std::string to_hex(std::uint64_t value);

/// "contacts" of "exports/contacts.csv.gz" and its extension "csv", compression left out.
struct NameParts {
  std::string stem;
  std::string extension;
};
NameParts name_parts(std::string_view path);
/// csv tsv txt jsonl ndjson json
bool is_data_extension(std::string_view extension);

}  // namespace rondom::file
