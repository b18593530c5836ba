// Every bound of the connector, with its unit in its name.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rondom::audience_manager {

// Inbound files. The optimal sizes are those of the vendor's pages on file names; the largest
// packed size is the smaller of the two that its pages name.
inline constexpr std::int64_t megabyte_bytes = 1'000'000;
inline constexpr std::int64_t plain_optimal_megabytes = 1'000;
inline constexpr std::int64_t packed_optimal_megabytes = 250;
inline constexpr std::int64_t plain_megabytes_max = 5'000;
inline constexpr std::int64_t packed_megabytes_max = 1'000;
inline constexpr std::size_t user_id_bytes_max = 1'024;
inline constexpr std::size_t line_bytes_max = 1u << 20;
inline constexpr std::size_t traits_max = 1'000;        // in one job
inline constexpr std::size_t seen_ids_max = 2'000'000;  // of one session, compared with each other
inline constexpr int seconds_tried_max = 60;            // for a file name nobody has

// Outbound files.
inline constexpr std::size_t folder_entries_max = 100'000;
inline constexpr std::size_t control_bytes_max = 8u << 20;
inline constexpr std::size_t block_bytes = 256u << 10;
inline constexpr std::uint64_t checkpoint_lines = 5'000;

}  // namespace rondom::audience_manager
