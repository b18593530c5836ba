// Every bound of the program that is not private to one file, with its unit in its name.
#pragma once

#include <cstddef>
#include <cstdint>

namespace rondom::limits {

// Records crossing the plugin boundary (also stated in sdk/include/rondom/plugin.h).
inline constexpr std::size_t record_bytes_max = 8u << 20;
inline constexpr std::size_t batch_bytes_max = 64u << 20;
inline constexpr std::size_t batch_records_max = 10'000;

// JSON of one record.
inline constexpr std::size_t json_depth_max = 128;
inline constexpr std::size_t json_nodes_max = 1u << 20;

// One canonical record and one profile.
inline constexpr std::size_t cells_per_record_max = 10'000;
inline constexpr std::size_t outputs_per_source_record_max = 1'000;
inline constexpr std::size_t key_bytes_max = 1'024;

// Expressions.
inline constexpr std::size_t expression_bytes_max = 4'096;
inline constexpr std::size_t expression_depth_max = 64;
inline constexpr std::size_t expression_output_bytes_max = 1u << 20;

// Configuration files.
inline constexpr std::size_t config_file_bytes_max = 8u << 20;
inline constexpr std::size_t config_depth_max = 64;
inline constexpr std::size_t diagnostics_max = 200;
inline constexpr std::size_t attributes_max = 5'000;     // of one project, after expand
inline constexpr std::size_t attribute_rules_max = 100;  // of one attribute's table

// Identity.
inline constexpr std::size_t people_per_identifier_max = 25;  // more: generic, joins nobody
// A generic identifier stays so until as few people as a household has carry it, so that one on the
// edge does not join and part people with every record.
inline constexpr std::size_t people_per_identifier_again = 5;
inline constexpr std::size_t records_per_component_max = 50'000;  // more: cut and reported

// Quarantine keeps this much of a record that cannot be read.
inline constexpr std::size_t quarantine_excerpt_bytes_max = 4'096;

}  // namespace rondom::limits
