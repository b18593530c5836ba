#include "pipeline/activate/settle.h"

#include <algorithm>

#include "pipeline/activate/decide.h"
#include "pipeline/activate/deliverer.h"
#include "pipeline/activate/held.h"

namespace rondom::activate {
namespace {

constexpr std::size_t rows_per_read = 10'000;

using store::DeliveryState;

class Settlement {
 public:
  Settlement(const Definition& definition, store::Store& store, plugin::Destination& destination,
             const Cancel& cancel, Counts& counts)
      : definition_(definition),
        store_(store),
        destination_(destination),
        cancel_(cancel),
        counts_(counts) {}

  Status settle_in_flight();
  Status look_up_all();

 private:
  Status look_up(std::vector<store::Delivery>& rows);
  Status describe(const std::vector<store::Delivery>& rows, std::vector<std::string>& json);
  void apply_result(store::Delivery row, const plugin::WriteResult& result, std::string_view json,
                    store::DeliveryBatch& batch);
  store::DeliveryBatch empty_batch() const;

  const Definition& definition_;
  store::Store& store_;
  plugin::Destination& destination_;
  const Cancel& cancel_;
  Counts& counts_;
};

store::DeliveryBatch Settlement::empty_batch() const {
  store::DeliveryBatch batch;
  batch.destination = definition_.name;
  batch.run = definition_.job->run;
  return batch;
}

Status Settlement::settle_in_flight() {
  RONDOM_TRY_ASSIGN(const auto flushed, store_.value(flushed_key(definition_)));
  store::ProfileId after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(auto rows, store_.deliveries_in(definition_.name, DeliveryState::in_flight,
                                                      after, rows_per_read));
    if (rows.empty()) return {};
    after = rows.back().profile;
    store::DeliveryBatch batch = empty_batch();
    for (store::Delivery& row : rows) {
      if (flushed && row.session == *flushed) {
        count_applied(row.action, false, counts_);
        acknowledge(std::move(row), batch);
      } else {
        row.state = DeliveryState::unknown;
        batch.upserts.push_back(std::move(row));
      }
    }
    RONDOM_TRY(store_.apply(batch));
  }
}

Status Settlement::look_up_all() {
  const std::size_t slice = records_per_batch(definition_, destination_.info());
  store::ProfileId after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(const auto rows,
                      store_.deliveries_in(definition_.name, DeliveryState::unknown, after, slice));
    if (rows.empty()) return {};
    after = rows.back().profile;
    std::vector<store::Delivery> sorted = rows;
    std::stable_sort(sorted.begin(), sorted.end(),
                     [](const auto& a, const auto& b) { return a.session < b.session; });
    for (auto first = sorted.begin(); first != sorted.end();) {
      const auto last = std::find_if(
          first, sorted.end(), [&](const auto& row) { return row.session != first->session; });
      if (cancel_.requested()) {
        return {ErrorCode::cancelled,
                "delivery was cancelled before unknown operations were "
                "looked up"};
      }
      std::vector<store::Delivery> group(first, last);
      RONDOM_TRY(look_up(group));
      first = last;
    }
  }
}

/// The field that the destination finds its record by, when it was told this very value before: a
/// look-up must tell it nothing new, whoever may be written to today.
Status Settlement::describe(const std::vector<store::Delivery>& rows,
                            std::vector<std::string>& json) {
  json.assign(rows.size(), "{}");
  if (definition_.target->match_on.empty()) return {};
  std::vector<store::ProfileId> ids;
  for (const store::Delivery& row : rows) ids.push_back(row.profile);
  std::sort(ids.begin(), ids.end());
  RONDOM_TRY_ASSIGN(const auto profiles, store_.profiles(ids));
  Arena arena;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto profile = std::lower_bound(
        profiles.begin(), profiles.end(), rows[i].profile,
        [](const store::Profile& one, store::ProfileId id) { return one.id < id; });
    if (profile == profiles.end() || profile->id != rows[i].profile) continue;
    arena.reset();
    json[i] = told_match(definition_, *profile, rows[i], arena);
  }
  return {};
}

Status Settlement::look_up(std::vector<store::Delivery>& rows) {
  std::vector<std::string> json;
  RONDOM_TRY(describe(rows, json));
  std::vector<plugin::WriteRecord> records;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    plugin::WriteRecord record;
    record.operation_id = rows[i].operation_id;
    record.operation =
        is_upsert(rows[i].action) ? plugin::Operation::upsert : plugin::Operation::remove;
    record.action = rows[i].action;
    record.key = rows[i].key;
    record.remote_id = rows[i].remote_id;
    record.json = json[i];
    records.push_back(record);
  }
  const plugin::WriteBatch batch{rows.front().session, definition_.stream,
                                 definition_.target->options_json, records};
  std::vector<plugin::WriteResult> results;
  Status looked = destination_.look_up(batch, results);
  store::DeliveryBatch after = empty_batch();
  for (const plugin::WriteResult& result : results) {
    if (result.index >= rows.size()) continue;
    apply_result(std::move(rows[result.index]), result, json[result.index], after);
  }
  RONDOM_TRY(store_.apply(after));
  return looked;
}

void Settlement::apply_result(store::Delivery row, const plugin::WriteResult& result,
                              std::string_view json, store::DeliveryBatch& batch) {
  switch (result.outcome) {
    case plugin::WriteOutcome::accepted:
      if (!result.remote_id.empty()) row.remote_id = result.remote_id;
      count_applied(row.action, result.adopted, counts_);
      acknowledge(std::move(row), batch);
      return;
    case plugin::WriteOutcome::retry:
      // Known not to be applied: the attempts that were cut off do not count against it.
      row.state = DeliveryState::retry;
      row.attempts = 0;
      row.next_at = no_time;
      batch.upserts.push_back(std::move(row));
      return;
    case plugin::WriteOutcome::rejected:
      ++counts_.rejected;
      refuse(definition_, std::move(row), json, result.message, batch);
      return;
    case plugin::WriteOutcome::unknown: return;
  }
}

}  // namespace

Status settle_unfinished(const Definition& definition, store::Store& store,
                         plugin::Destination& destination, const Cancel& cancel, Counts& counts) {
  Settlement settlement(definition, store, destination, cancel, counts);
  RONDOM_TRY(settlement.settle_in_flight());
  return destination.info().can_look_up ? settlement.look_up_all() : Status();
}

Result<std::int64_t> count_unknown(const Definition& definition, store::Store& store) {
  std::int64_t count = 0;
  store::ProfileId after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(const auto rows, store.deliveries_in(definition.name, DeliveryState::unknown,
                                                           after, rows_per_read));
    if (rows.empty()) return count;
    after = rows.back().profile;
    count += static_cast<std::int64_t>(rows.size());
  }
}

}  // namespace rondom::activate
