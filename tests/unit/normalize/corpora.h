// corpora: the tables of tests/corpora, read and normalised row by row.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pipeline/normalize/normalize.h"

namespace rondom::corpora {

/// One line of a table; cells by the name of their column.
struct Row {
  std::string place;  // "tests/corpora/names/nl.tsv:12"
  std::map<std::string, std::string, std::less<>> cells;
  const std::string& operator[](std::string_view column) const;
};

/// All rows of tests/corpora/`name`. Stops the test when the file is missing or a line has another
/// number of cells than the header.
std::vector<Row> read_table(const std::string& name);

/// A record of one row, normalised; the bytes of normalising it once, and once more.
struct Outcome {
  std::string once;
  std::string twice;
};
/// Cells of a name: one text ("full"), or given name and surname around " | " ("parts").
Outcome normalize_name(const Row& row);
/// Cells of one address: a street line with postcode, locality and country, or a whole address.
Outcome normalize_address(const Row& row);

/// Value of the first cell of an attribute; empty = none.
std::string value_of(std::string_view bytes, AttributeId id);
/// Does any cell of the record carry the rule?
bool has_rule(std::string_view bytes, Rule rule);

}  // namespace rondom::corpora
