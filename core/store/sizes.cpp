// How much of the store is what, and from when. Shares and times come from rows taken evenly from
// all of it.
#include <algorithm>
#include <map>

#include "store/record_reader.h"
#include "store/table_store.h"

namespace rondom::store {
namespace {

constexpr std::int64_t places_looked_at = 100;
constexpr std::size_t rows_at_a_place = 100;
constexpr std::size_t keys_of_a_stream = 5'000;
constexpr std::size_t runs_max = 1'000'000;  // more than these are not known by their time
constexpr std::int64_t counted_row_bytes = 48;

struct Share {
  double rows = 0, bytes = 0;
};
/// Of records, by entity.
struct Shares {
  std::array<Share, entity_count + 1> of{};
  Share all;
  void add(Entity entity, std::int64_t bytes) {
    for (Share* share : {&of[static_cast<std::size_t>(entity)], &all}) {
      ++share->rows;
      share->bytes += static_cast<double>(bytes);
    }
  }
};

class Measure {
 public:
  Measure(Database& database, const Catalog& catalog) : database_(database), catalog_(catalog) {}

  Result<Sizes> sizes(std::int64_t newest) {
    RONDOM_TRY(read_runs());
    RONDOM_TRY(measure_records(newest));
    RONDOM_TRY(measure_versions());
    RONDOM_TRY(measure_entries());
    RONDOM_TRY(measure_rest());
    for (HistorySize& one : sizes_.history) {
      std::sort(one.at.begin(), one.at.end());
      sizes_.bytes += one.amount.bytes;
    }
    for (const auto& [name, amount] : sizes_.rest) sizes_.bytes += amount.bytes;
    RONDOM_TRY_ASSIGN(sizes_.free, database_.free_bytes());
    sizes_.bytes += sizes_.free;
    return std::move(sizes_);
  }

 private:
  HistorySize& of(History kind) { return sizes_.history[static_cast<std::size_t>(kind)]; }

  Result<Amount> whole(std::initializer_list<const Table*> tables) {
    Amount amount;
    bool is_first = true;
    for (const Table* table : tables) {
      RONDOM_TRY_ASSIGN(const std::int64_t bytes, database_.bytes_of(*table));
      amount.bytes += bytes;
      if (!is_first) continue;
      is_first = false;
      RONDOM_TRY_ASSIGN(amount.rows, database_.count(*table, {}));
    }
    return amount;
  }

  Status read_runs() {
    const Scan all{&tables::run, nullptr, {}, {}, runs_max, 3, false};
    return database_.scan(all, [&](std::size_t, auto row) {
      if (row[2].integer() == no_time) return;
      by_number_[row[0].integer()] = row[2].integer();
      by_id_[row[1].text()] = row[2].integer();
    });
  }
  void add_time(History kind, std::int64_t run) {
    if (const auto at = by_number_.find(run); at != by_number_.end())
      of(kind).at.push_back(at->second);
  }

  /// Rows of a table with one integer key in (after, last], evenly.
  Status sample(const Table& table, std::int64_t after, std::int64_t last, const RowSink& sink) {
    const std::int64_t step = std::max<std::int64_t>(static_cast<std::int64_t>(rows_at_a_place),
                                                     (last - after) / places_looked_at);
    for (std::int64_t from = after; from < last; from += step) {
      const Scan some{&table, nullptr, {}, {from}, rows_at_a_place, 0, false};
      RONDOM_TRY(database_.scan(some, [&](std::size_t key, auto row) {
        if (row[0].integer() <= std::min(last, from + step)) sink(key, row);
      }));
    }
    return {};
  }

  Status measure_records(std::int64_t newest) {
    const std::int64_t last = catalog_.next(Counter::record) - 1;
    Shares all, latest;
    const auto look = [&](std::int64_t after, Shares& shares, bool times) {
      return sample(tables::record, after, last, [&shares, times, this](std::size_t, auto row) {
        namespace column = tables::record_column;
        const auto entity = static_cast<Entity>(row[column::entity].integer());
        if (entity < Entity::person || static_cast<std::size_t>(entity) > entity_count) return;
        const std::string_view canonical = row[column::canonical].bytes();
        shares.add(entity,
                   counted_row_bytes + static_cast<std::int64_t>(canonical.size() +
                                                                 row[column::key].bytes().size()));
        const std::size_t kind = history_of(entity);
        if (!times || kind == history_count) return;
        const auto at = parse_time(first_value(canonical, attribute::activity_at));
        if (at.ok()) sizes_.history[kind].at.push_back(*at);
      });
    };
    RONDOM_TRY(look(0, all, true));
    if (newest > 0) RONDOM_TRY(look(std::max<std::int64_t>(0, last - newest), latest, false));
    RONDOM_TRY_ASSIGN(const Amount whole_of, whole({&tables::record, &tables::source_key,
                                                    &tables::output_key, &tables::activity}));
    const auto part = [&](Entity entity) {
      const Share& share = all.of[static_cast<std::size_t>(entity)];
      const double rows = all.all.rows > 0 ? share.rows / all.all.rows : 0;
      const double bytes = all.all.bytes > 0 ? share.bytes / all.all.bytes : 0;
      return Amount{static_cast<std::int64_t>(static_cast<double>(whole_of.rows) * rows + 0.5),
                    static_cast<std::int64_t>(static_cast<double>(whole_of.bytes) * bytes + 0.5)};
    };
    Amount rest = whole_of;
    for (const Entity entity : {Entity::order, Entity::event, Entity::survey_answer}) {
      HistorySize& size = sizes_.history[history_of(entity)];
      size.amount = part(entity);
      if (latest.all.rows > 0) {
        size.newest = latest.of[static_cast<std::size_t>(entity)].rows / latest.all.rows;
      }
      rest.rows -= size.amount.rows;
      rest.bytes -= size.amount.bytes;
    }
    sizes_.rest.emplace_back("people and what stands of them", rest);
    return {};
  }

  Status measure_versions() {
    RONDOM_TRY_ASSIGN(of(History::versions).amount, whole({&tables::record_version}));
    RONDOM_TRY_ASSIGN(of(History::raw).amount, whole({&tables::raw_block, &tables::raw_use}));
    for (const StreamInfo& info : catalog_.streams()) {
      // Keys are hashes: the first ones are like any others.
      const auto some = [&](const Table& table, std::size_t run_column, History kind) {
        const Scan scan{&table,         nullptr, {info.stream.id}, {}, keys_of_a_stream,
                        run_column + 1, false};
        return database_.scan(scan, [&, run_column, kind](std::size_t, auto row) {
          add_time(kind, row[run_column].integer());
        });
      };
      RONDOM_TRY(
          some(tables::record_version, tables::record_version_column::run, History::versions));
      RONDOM_TRY(some(tables::source_key, tables::source_key_column::run, History::raw));
    }
    return {};
  }

  Status measure_entries() {
    const auto by_id = [&](const Table& table, Counter counter, std::size_t run_column,
                           History kind) -> Status {
      RONDOM_TRY_ASSIGN(of(kind).amount, whole({&table}));
      return sample(table, 0, catalog_.next(counter) - 1, [&](std::size_t, auto row) {
        const auto at = by_id_.find(row[run_column].text());
        if (at != by_id_.end()) of(kind).at.push_back(at->second);
      });
    };
    RONDOM_TRY(by_id(tables::quarantine, Counter::quarantine, tables::quarantine_column::run,
                     History::quarantine));
    RONDOM_TRY(by_id(tables::dead_letter, Counter::dead_letter, 6, History::dead_letters));
    RONDOM_TRY_ASSIGN(of(History::changes).amount, whole({&tables::profile_event}));
    RONDOM_TRY(
        sample(tables::profile_event, 0, catalog_.next(Counter::event) - 1,
               [&](std::size_t, auto row) { add_time(History::changes, row[4].integer()); }));
    RONDOM_TRY_ASSIGN(of(History::runs).amount, whole({&tables::run}));
    for (const auto& [number, at] : by_number_) of(History::runs).at.push_back(at);
    return {};
  }

  Status measure_rest() {
    const auto add = [&](const char* name, std::initializer_list<const Table*> tables) -> Status {
      RONDOM_TRY_ASSIGN(const Amount amount, whole(tables));
      sizes_.rest.emplace_back(name, amount);
      return {};
    };
    RONDOM_TRY(add("profiles", {&tables::profile, &tables::member, &tables::profile_uid,
                                &tables::profile_alias, &tables::parting}));
    RONDOM_TRY(add("identifiers", {&tables::posting, &tables::posted, &tables::reference,
                                   &tables::generic_identifier}));
    RONDOM_TRY(add("likeness", {&tables::likely, &tables::block, &tables::compared_as,
                                &tables::alike, &tables::decision}));
    RONDOM_TRY(add("deliveries", {&tables::delivery, &tables::delivery_open, &tables::withheld,
                                  &tables::acknowledged_session, &tables::destination}));
    return add("work lists and small values",
               {&tables::bitmap, &tables::value, &tables::checkpoint, &tables::counter,
                &tables::stream, &tables::refresh, &tables::map_version, &tables::schema_version});
  }

  Database& database_;
  const Catalog& catalog_;
  std::map<std::int64_t, Timestamp> by_number_;
  std::map<std::string, Timestamp> by_id_;
  Sizes sizes_;
};

}  // namespace

Result<Sizes> TableStore::sizes(std::int64_t newest) {
  RONDOM_TRY(refresh_catalog());
  return Measure(*database_, catalog_).sizes(newest);
}

}  // namespace rondom::store
