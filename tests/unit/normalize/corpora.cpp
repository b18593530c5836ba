#include "corpora.h"

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <initializer_list>
#include <utility>

namespace rondom::corpora {
namespace {

std::vector<std::string> split_tabs(const std::string& line) {
  std::vector<std::string> cells;
  std::size_t start = 0;
  while (true) {
    const auto tab = line.find('\t', start);
    cells.push_back(line.substr(start, tab == std::string::npos ? tab : tab - start));
    if (tab == std::string::npos) return cells;
    start = tab + 1;
  }
}

// A table cannot hold a line break in a cell; it writes \n.
std::string with_breaks(const std::string& text) {
  std::string out;
  for (std::size_t at = 0; at < text.size(); ++at) {
    const bool escape = text.compare(at, 2, "\\n") == 0;
    out.push_back(escape ? '\n' : text[at]);
    at += escape ? 1 : 0;
  }
  return out;
}

using Given = std::initializer_list<std::pair<AttributeId, std::string_view>>;

std::string normalised_bytes(RecordBuilder& record, const normalize::Context& context,
                             const std::string& place) {
  static normalize::Normalizer normalizer;
  Arena arena;
  const Status status = normalizer.normalize(Entity::person, context, record, arena);
  BOOST_REQUIRE_MESSAGE(status.ok(), place << ": refused: " << status.error().message);
  return std::string(record.bytes());
}

Outcome outcome_of(const Row& row, Given given) {
  const normalize::Context context{row["context"], "", "EUR", ""};
  RecordBuilder record;
  for (const auto& [id, value] : given) {
    if (value.empty()) continue;
    const AttributeInfo* info = attribute_by_id(id);
    record.add({id, info->group.empty() ? 0u : 1u, value, {}, Rule::none, {}});
  }
  Outcome outcome;
  outcome.once = normalised_bytes(record, context, row.place);
  RecordBuilder again;
  for (const Cell& cell : read_cells(outcome.once)) again.add(cell);
  outcome.twice = normalised_bytes(again, context, row.place);
  return outcome;
}

}  // namespace

const std::string& Row::operator[](std::string_view column) const {
  const auto found = cells.find(column);
  BOOST_REQUIRE_MESSAGE(found != cells.end(), place << ": there is no column " << column);
  return found->second;
}

std::vector<Row> read_table(const std::string& name) {
  const std::string path = "tests/corpora/" + name;
  std::ifstream file(std::string(RONDOM_SOURCE_DIR) + "/" + path);
  BOOST_REQUIRE_MESSAGE(file.good(), path << " cannot be read");
  std::vector<Row> rows;
  std::string line;
  std::getline(file, line);
  const std::vector<std::string> header = split_tabs(line);
  for (int number = 2; std::getline(file, line); ++number) {
    Row row;
    row.place = path + ":" + std::to_string(number);
    const std::vector<std::string> cells = split_tabs(line);
    BOOST_REQUIRE_MESSAGE(cells.size() == header.size(), row.place << ": " << cells.size()
                                                                   << " cells, " << header.size()
                                                                   << " columns");
    for (std::size_t at = 0; at < cells.size(); ++at) row.cells[header[at]] = cells[at];
    rows.push_back(std::move(row));
  }
  return rows;
}

Outcome normalize_name(const Row& row) {
  const std::string raw = with_breaks(row["raw"]);
  if (row["form"] == "full") return outcome_of(row, {{attribute::name_full, raw}});
  BOOST_REQUIRE_MESSAGE(row["form"] == "parts", row.place << ": form is full or parts");
  constexpr std::string_view bar = " | ";
  const auto at = raw.find(bar);
  BOOST_REQUIRE_MESSAGE(at != std::string::npos, row.place << ": parts need ' | ' between them");
  return outcome_of(row,
                    {{attribute::name_given, std::string_view(raw).substr(0, at)},
                     {attribute::name_surname, std::string_view(raw).substr(at + bar.size())}});
}

Outcome normalize_address(const Row& row) {
  const std::string line = with_breaks(row["line"]);
  const bool whole = row["form"] == "whole";
  BOOST_REQUIRE_MESSAGE(whole || row["form"] == "street", row.place << ": form is street or whole");
  return outcome_of(row, {{whole ? attribute::address_full : attribute::address_street, line},
                          {attribute::address_postcode, row["in_postcode"]},
                          {attribute::address_locality, row["in_locality"]},
                          {attribute::address_country, row["in_country"]}});
}

std::string value_of(std::string_view bytes, AttributeId id) {
  for (const Cell& cell : read_cells(bytes)) {
    if (cell.attribute == id) return std::string(cell.value);
  }
  return {};
}

bool has_rule(std::string_view bytes, Rule rule) {
  for (const Cell& cell : read_cells(bytes)) {
    if (cell.rule == rule) return true;
  }
  return false;
}

}  // namespace rondom::corpora
