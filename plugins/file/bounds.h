// Every bound of the file connector, with its unit in its name.
#pragma once

#include <cstddef>
#include <cstdint>

#include "rondom/plugin.h"

namespace rondom::file {

inline constexpr std::size_t record_bytes_max = RONDOM_RECORD_BYTES_MAX;
inline constexpr std::size_t excerpt_bytes_max = RONDOM_EXCERPT_BYTES_MAX;
inline constexpr std::size_t block_bytes = 1u << 20;    // one read(2)
inline constexpr std::size_t sample_bytes = 64u << 10;  // what formats are guessed from
inline constexpr std::size_t columns_max = 20'000;      // of one CSV file
inline constexpr std::size_t files_max = 100'000;       // matched by one glob
inline constexpr std::size_t append_files_max = 4'000;  // each has its place in the checkpoint
inline constexpr std::size_t head_bytes_max = 4'096;    // hashed to recognise a file
inline constexpr std::uint64_t checkpoint_bytes = 2u << 20;
inline constexpr std::uint64_t checkpoint_records = 10'000;
inline constexpr int zstd_window_log_max = 27;  // 128 MiB of history

// Discovery.
inline constexpr std::size_t discover_files_max = 1'000;
inline constexpr std::size_t discover_records_max = 10'000;

// Destination.
inline constexpr std::size_t write_buffer_bytes = 1u << 20;
inline constexpr std::size_t parts_max = 100'000;         // files of one session
inline constexpr std::size_t sort_run_bytes = 32u << 20;  // sorted in memory at a time
inline constexpr std::size_t sort_runs_max = 64;          // merged in one go

}  // namespace rondom::file
