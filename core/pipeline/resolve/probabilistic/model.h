// model: what decides about likeness, as a versioned YAML file that people can read and compare.
//
// A Model lists comparisons with their levels (best first; m, u and household are the probabilities
// of a level for two records of one person, of two strangers, and of two people of one household),
// blocking rules, the prior and the thresholds. Values are immutable after reading; any thread.
// Probabilities become weights of a thousandth of a bit (Millibits), so that sums are exact
// whatever the order, and what `explain` shows adds up to what was decided.
#pragma once

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "config/config.h"
#include "model/model.h"

namespace rondom::probabilistic {

using Millibits = std::int32_t;

/// log2 of a ratio as Millibits.
Millibits millibits(double ratio);

/// What a comparison looks at. A pair in which either side is empty says nothing.
enum class Kind : std::uint8_t {
  given_name,
  surname,
  organization_name,
  birth_date,
  email,
  phone,
  identifier,
  address,   // number and street, when both have one
  postcode,  // when `address` cannot be compared
  locality,  // when neither of those can
  text,      // any attribute, written alike or not
};

/// The levels that a kind knows, best first. The last one is "other".
std::span<const std::string_view> level_names(Kind kind);
std::string_view kind_name(Kind kind);

struct Level {
  std::string name;
  double m = 0, u = 0, household = 0;
};

/// How often single values occur, so that a rare one weighs more than a common one.
struct Frequencies {
  double rest = 0;                       // of a value that is not listed; 0 = not known, u counts
  std::map<std::string, double> listed;  // folded value -> share of the records that have one
};

struct Comparison {
  Kind kind = Kind::text;
  AttributeId attribute = 0;  // text only
  std::string name;           // "given_name", "occupation"
  std::string custom;         // text of custom.<name> only
  std::vector<Level> levels;  // best first, "other" last
  bool by_frequency = false;  // the best level is weighed by the value's own frequency
  Frequencies frequencies;
  /// Kind's level number -> index into `levels`: a level that the model leaves out counts as the
  /// next worse one that it has.
  std::array<std::uint8_t, 8> place{};
};

/// What a blocking rule puts records together by.
enum class Part : std::uint8_t {
  given,
  surname,
  names,          // given name and surname in either order
  given_start_3,  // first letters
  given_start_2,
  surname_start_4,
  surname_start_2,
  birth_date,
  birth_year,
  email,
  email_local,
  phone_tail,
  identifier,
  street_number,
  postcode,
  locality,
  organization_name,
  organization_word,
  organization_start_5,
  website,
};
std::string_view part_name(Part part);

struct BlockingRule {
  std::string name;  // "surname + birth_date"
  std::vector<Part> parts;
  bool train = false;  // its pairs teach m; the fields of its parts are left out then
};

struct Model {
  std::string name;        // "person-1"
  std::string trained_on;  // "" = as shipped; else a short line about the records
  Entity entity = Entity::person;
  double duplicates_per_record = 1;  // expected other records of the same one
  double household_per_record = 0;   // expected records of others in the same household
  std::int64_t records = 0;          // for which the prior holds; 0 = however many there are
  double merge_at = 0.99, review_at = 0.90;
  /// A join needs this mean evidence over all pairs between two clusters, in bits; a single pair
  /// counts at least `pair_floor` and at most `pair_ceiling`.
  double mean_at = 0, pair_floor = 0, pair_ceiling = 0;
  std::uint32_t block_records_max = 0;
  std::uint32_t pairs_per_record_max = 0;  // of one rule, on average
  std::vector<Comparison> comparisons;
  std::vector<BlockingRule> blocking;
};

inline constexpr std::size_t comparisons_max = 16;
inline constexpr std::size_t blocking_rules_max = 32;

/// Problems go to `diagnostics`; use the model only when there are none. `file` is for messages.
Model parse_model(std::string_view yaml, std::string_view file, config::Diagnostics& diagnostics);
/// The canonical text: parse_model() of it gives the same model and the same text.
std::string print_model(const Model& model);
/// The first 16 hex digits of SHA-256 over print_model(): what a decision says it was made with.
std::string fingerprint(const Model& model);

/// The model that comes with the program, or nullptr: "person-1", "organization-1".
const char* shipped_model(std::string_view name);

}  // namespace rondom::probabilistic
