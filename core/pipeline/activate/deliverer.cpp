#include "pipeline/activate/deliverer.h"

#include <algorithm>

#include "pipeline/activate/planner.h"

namespace rondom::activate {
namespace {

constexpr std::size_t rows_per_read = 10'000;
constexpr std::int64_t first_retry_seconds = 60;

/// Doubles with each attempt: 1, 2, 4, 8 minutes.
Timestamp next_attempt(Timestamp as_of, std::int32_t attempts) {
  const std::int64_t seconds = first_retry_seconds << std::clamp(attempts - 1, 0, 10);
  return as_of + seconds * microseconds_per_second;
}

/// Says nothing against any single record: credentials, the network, limits, or the job's own
/// options.
bool concerns_everybody(const Status& written) {
  if (written.ok()) return false;
  switch (written.error().code) {
    case ErrorCode::auth:
    case ErrorCode::transient:
    case ErrorCode::rate_limited:
    case ErrorCode::unavailable:
    case ErrorCode::not_permitted:
    case ErrorCode::bad_config:
    case ErrorCode::cancelled: return true;
    default: return false;
  }
}

/// A connection may be lost every time because of what is sent: who is in it must not be tried for
/// ever, before everybody else.
bool may_be_due_to_records(const Status& written) {
  return !written.ok() && (written.error().code == ErrorCode::unavailable ||
                           written.error().code == ErrorCode::transient);
}

bool is_empty(const store::DeliveryBatch& batch) {
  return batch.upserts.empty() && batch.erased.empty() && batch.dead_letters.empty() &&
         batch.withheld.empty() && batch.no_longer_withheld.empty() && !batch.mark;
}

bool is_same_operation(const PlannedOperation& operation) {
  const bool open = operation.row.state == store::DeliveryState::retry ||
                    operation.row.state == store::DeliveryState::unknown;
  return open && operation.row.action == operation.action &&
         operation.row.pending == operation.pending && !operation.row.operation_id.empty();
}

/// Equal for the same change of the same profile within a session, different for the next time the
/// same change is made.
std::string operation_id(const store::Delivery& row) {
  std::string id;
  for (const std::uint64_t seed : {1u, 2u}) {
    Hasher hasher(seed);
    hasher.add(row.session).add(row.key).add(row.action).add(row.fields).add(row.pending);
    hasher.add(static_cast<std::uint64_t>(row.profile));
    id += hex64(hasher.value());
  }
  return id;
}

}  // namespace

std::size_t records_per_batch(const Definition& definition, const plugin::ConnectorInfo& info) {
  std::size_t wanted = definition.job->batch_records;
  if (wanted == 0) wanted = info.filesystem ? limits::batch_records_max : info.preferred_batch;
  return std::clamp<std::size_t>(wanted, 1, limits::batch_records_max);
}

store::DeliveryBatch Deliverer::empty_batch() const {
  store::DeliveryBatch batch;
  batch.destination = definition_.name;
  batch.run = definition_.job->run;
  return batch;
}

Status Deliverer::open() {
  RONDOM_TRY_ASSIGN(session_number_, current_session(definition_, store_));
  session_ = session_name(definition_, session_number_);
  return {};
}

/// Takes the operation's row over. False: tried often enough with its fate still unknown; it stays
/// parked.
bool Deliverer::make_row(PlannedOperation& operation, store::Delivery& row, Sent& sent) const {
  const bool again = is_same_operation(operation);
  const bool in_doubt = operation.row.state == store::DeliveryState::unknown;
  if (again && in_doubt && operation.row.attempts >= attempts_max) return false;
  sent.operation = &operation;
  sent.in_doubt = in_doubt;
  row = std::move(operation.row);
  row.attempts = again ? row.attempts + 1 : 1;
  row.action = operation.action;
  row.pending = std::move(operation.pending);
  row.consent = std::move(operation.consent);
  row.mapping_fingerprint = definition_.map_fingerprint;
  row.state = store::DeliveryState::in_flight;
  row.session = session_;
  row.next_at = no_time;
  if (!again) row.operation_id = operation_id(row);
  return true;
}

Status Deliverer::take(PlannedBatch& batch) {
  counts_.unchanged += batch.counts.unchanged;
  for (const auto& [reason, number] : batch.counts.withheld) counts_.withheld[reason] += number;
  store::DeliveryBatch leading = empty_batch();
  leading.upserts = std::move(batch.rows);
  leading.erased = std::move(batch.erased);
  leading.withheld = std::move(batch.withheld);
  leading.no_longer_withheld = std::move(batch.not_withheld);
  const std::size_t slice = records_per_batch(definition_, destination_.info());
  std::vector<Sent> sent;
  for (std::size_t at = 0; at < batch.operations.size(); at += slice) {
    if (cancel_.requested()) {
      return {ErrorCode::cancelled, "delivery was cancelled between two batches"};
    }
    sent.clear();
    store::DeliveryBatch in_flight = std::move(leading);  // with the first slice, else empty
    leading = empty_batch();
    const std::size_t end = std::min(at + slice, batch.operations.size());
    for (std::size_t i = at; i < end; ++i) {
      Sent one;
      store::Delivery row;
      if (!make_row(batch.operations[i], row, one)) continue;
      one.row = in_flight.upserts.size();
      in_flight.upserts.push_back(std::move(row));
      sent.push_back(one);
    }
    if (sent.empty()) {
      leading = std::move(in_flight);
    } else {
      RONDOM_TRY(deliver(sent, in_flight));
    }
  }
  return is_empty(leading) ? Status() : store_.apply(leading);
}

Status Deliverer::deliver(const std::vector<Sent>& sent, store::DeliveryBatch& in_flight) {
  RONDOM_TRY(store_.apply(in_flight));
  written_ += sent.size();
  std::vector<plugin::WriteResult> results;
  const Status written = write(sent, in_flight.upserts, results);
  store::DeliveryBatch after = empty_batch();
  const bool concerns_all = concerns_everybody(written);
  const bool is_certain = concerns_all && !may_be_due_to_records(written);
  for (std::size_t i = 0; i < sent.size(); ++i) {
    store::Delivery row = std::move(in_flight.upserts[sent[i].row]);
    const bool waits = results[i].outcome == plugin::WriteOutcome::retry;
    const bool is_open = results[i].outcome == plugin::WriteOutcome::unknown;
    if ((waits && concerns_all) || (is_open && is_certain)) --row.attempts;
    settle(sent[i], std::move(row), results[i], after);
  }
  if (!is_empty(after)) {
    const Status told = store_.apply(after);
    // What was refused is still in flight: naming this session as flushed would acknowledge it.
    if (!told.ok()) session_broken_ = true;
    RONDOM_TRY(told);
  }
  if (progress_) progress_(counts_);
  RONDOM_TRY(written);
  const bool one_file = destination_.info().filesystem;
  return !one_file && written_ >= flush_records_max ? close() : Status();
}

/// One result for each record, whatever the destination left out.
Status Deliverer::write(const std::vector<Sent>& sent, const std::vector<store::Delivery>& rows,
                        std::vector<plugin::WriteResult>& results) {
  std::vector<plugin::WriteRecord> records;
  records.reserve(sent.size());
  for (const Sent& one : sent) {
    const store::Delivery& row = rows[one.row];
    plugin::WriteRecord record;
    record.operation_id = row.operation_id;
    record.operation =
        is_upsert(row.action) ? plugin::Operation::upsert : plugin::Operation::remove;
    record.action = row.action;
    record.key = row.key;
    record.remote_id = row.remote_id;
    record.json = one.operation->json;
    records.push_back(record);
  }
  const plugin::WriteBatch batch{session_, definition_.stream, definition_.target->options_json,
                                 records};
  std::vector<plugin::WriteResult> given;
  Status written = destination_.write(batch, given);
  results.assign(sent.size(), {});
  for (std::size_t i = 0; i < results.size(); ++i) {
    results[i].outcome =
        written.ok() ? plugin::WriteOutcome::accepted : plugin::WriteOutcome::unknown;
    if (!written.ok()) results[i].message = written.error().message;
  }
  for (plugin::WriteResult& result : given) {
    if (result.index < results.size()) results[result.index] = std::move(result);
  }
  return written;
}

void Deliverer::settle(const Sent& sent, store::Delivery row, const plugin::WriteResult& result,
                       store::DeliveryBatch& after) {
  switch (result.outcome) {
    case plugin::WriteOutcome::accepted:
      count_applied(row.action, result.adopted, counts_);
      if (!result.remote_id.empty() && result.remote_id != row.remote_id) {
        row.remote_id = result.remote_id;
        after.upserts.push_back(row);
      }
      if (!accepted_overflow_) accepted_.push_back(std::move(row));
      if (accepted_.size() > accepted_rows_max) {
        accepted_overflow_ = true;
        accepted_.clear();
      }
      return;
    case plugin::WriteOutcome::rejected:
      ++counts_.rejected;
      refuse(definition_, std::move(row), sent.operation->json, result.message, after);
      return;
    case plugin::WriteOutcome::retry:
      // An earlier attempt of unknown fate may have been applied: this answer is about the last
      // one.
      if (sent.in_doubt) break;
      if (row.attempts >= attempts_max) {
        ++counts_.rejected;
        refuse(definition_, std::move(row), sent.operation->json,
               "given up after " + std::to_string(attempts_max) + " attempts: " + result.message,
               after);
        return;
      }
      ++counts_.retried;
      row.state = store::DeliveryState::retry;
      row.next_at =
          row.attempts == 0 ? no_time : next_attempt(definition_.job->as_of, row.attempts);
      after.upserts.push_back(std::move(row));
      return;
    case plugin::WriteOutcome::unknown: break;
  }
  row.state = store::DeliveryState::unknown;
  after.upserts.push_back(std::move(row));
}

Status Deliverer::acknowledge_from_store() {
  RONDOM_TRY(store_.acknowledge_upserts(definition_.name, session_));
  store::ProfileId after = 0;
  while (true) {
    RONDOM_TRY_ASSIGN(auto rows,
                      store_.deliveries_in(definition_.name, store::DeliveryState::in_flight, after,
                                           rows_per_read));
    if (rows.empty()) return {};
    after = rows.back().profile;
    store::DeliveryBatch batch = empty_batch();
    for (store::Delivery& row : rows) {
      if (row.session == session_) acknowledge(std::move(row), batch);
    }
    if (!is_empty(batch)) RONDOM_TRY(store_.apply(batch));
  }
}

Status Deliverer::close() {
  if (written_ == 0 || session_broken_) return {};
  RONDOM_TRY(destination_.flush(session_));
  RONDOM_TRY(store_.put_value(flushed_key(definition_), session_));
  if (accepted_overflow_) {
    RONDOM_TRY(acknowledge_from_store());
  } else {
    store::DeliveryBatch batch = empty_batch();
    for (store::Delivery& row : accepted_) acknowledge(std::move(row), batch);
    if (!is_empty(batch)) RONDOM_TRY(store_.apply(batch));
  }
  accepted_.clear();
  accepted_overflow_ = false;
  written_ = 0;
  ++session_number_;
  RONDOM_TRY(store_.put_value(session_key(definition_), std::to_string(session_number_)));
  session_ = session_name(definition_, session_number_);
  return {};
}

}  // namespace rondom::activate
