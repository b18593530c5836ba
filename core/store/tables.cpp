#include "store/tables.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "store/database.h"

namespace rondom::store {
namespace {

constexpr Step create(const Table& table) {
  return {Step::Kind::create_table, &table, 0};
}

constexpr Step version_1[] = {
    create(tables::value),         create(tables::counter),
    create(tables::bitmap),        create(tables::run),
    create(tables::stream),        create(tables::map_version),
    create(tables::source_key),    create(tables::record),
    create(tables::output_key),    create(tables::record_version),
    create(tables::raw_block),     create(tables::raw_use),
    create(tables::checkpoint),    create(tables::refresh),
    create(tables::quarantine),    create(tables::activity),
    create(tables::posting),       create(tables::posted),
    create(tables::member),        create(tables::profile),
    create(tables::profile_uid),   create(tables::profile_alias),
    create(tables::profile_event), create(tables::generic_identifier),
    create(tables::destination),   create(tables::delivery),
    create(tables::delivery_open), create(tables::withheld),
    create(tables::dead_letter),   create(tables::acknowledged_session),
};

constexpr Step version_2[] = {create(tables::reference)};

constexpr Step version_3[] = {create(tables::alike), create(tables::decision)};

constexpr Step version_4[] = {create(tables::parting)};

constexpr Step version_5[] = {create(tables::block), create(tables::likely),
                              create(tables::compared_as)};

// 6: chunks of bitmaps with few members are stored as places, which an older program cannot read.
// 7: records that were withdrawn are found by the contact points of whoever they say has died.
constexpr Migration all_migrations[] = {{1, version_1},       {2, version_2}, {3, version_3},
                                        {4, version_4, true}, {5, version_5}, {6, {}},
                                        {7, {}, true}};

std::string quoted(std::string_view name) {
  std::string text = "\"";
  text += name;
  return text += '"';
}

std::size_t key_position(const Index* index, std::size_t n) {
  return index ? index->columns[n] : n;
}

}  // namespace

std::span<const Migration> migrations() {
  return all_migrations;
}

std::string column_list(const Table& table, std::size_t count, std::string_view prefix) {
  std::string text;
  const std::size_t columns = count == 0 ? table.columns.size() : count;
  for (std::size_t i = 0; i < columns; ++i) {
    if (i > 0) text += ',';
    text += prefix;
    text += quoted(table.columns[i].name);
  }
  return text;
}

std::string key_column(const Table& table, const Index* index, std::size_t n) {
  return quoted(table.columns[key_position(index, n)].name);
}

std::size_t key_column_count(const Table& table, const Index* index) {
  return index ? index->count : table.key_columns;
}

ColumnType key_column_type(const Table& table, const Index* index, std::size_t n) {
  return table.columns[key_position(index, n)].type;
}

void Rows::sort_unique(std::size_t key_columns) {
  const auto key_less = [&](std::size_t a, std::size_t b) {
    const auto left = (*this)[a].first(key_columns);
    const auto right = (*this)[b].first(key_columns);
    return std::lexicographical_compare(left.begin(), left.end(), right.begin(), right.end());
  };
  bool ordered = true;
  for (std::size_t i = 1; i < size() && ordered; ++i) ordered = key_less(i - 1, i);
  if (ordered) return;
  std::vector<std::size_t> order(size());
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(), key_less);
  std::vector<Cell> sorted;
  sorted.reserve(cells_.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const bool replaced = i + 1 < order.size() && !key_less(order[i], order[i + 1]);
    if (replaced) continue;
    const auto row = (*this)[order[i]];
    sorted.insert(sorted.end(), row.begin(), row.end());
  }
  cells_ = std::move(sorted);
}

}  // namespace rondom::store
