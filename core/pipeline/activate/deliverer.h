// Deliverer: takes planned batches to the destination, so that a death at any instant loses and
// doubles nothing. Order of commits for one operation:
//   row in flight (committed) → write() → what was not accepted (committed) → flush() → session
//   named as flushed (committed) → rows acknowledged (committed).
// A session is what one flush() covers: at most flush_records_max operations, or the whole run for
// a destination that writes files (one file a session). Its number moves on only when its rows are
// acknowledged, so a restarted run goes on in the same session.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "pipeline/activate/definition.h"
#include "pipeline/activate/operation.h"

namespace rondom::activate {

inline constexpr std::size_t flush_records_max = 10'000;
inline constexpr std::int32_t attempts_max = 5;
/// Accepted rows kept in memory until their flush; above it they are read back from the store.
inline constexpr std::size_t accepted_rows_max = 50'000;

/// The row as it stands once its operation is known to be applied; erased: nothing is held and
/// nothing is to be remembered. Adds to `batch` what follows.
void acknowledge(store::Delivery row, store::DeliveryBatch& batch);
/// Counts an operation that was applied.
void count_applied(std::string_view action, bool adopted, Counts& counts);
/// A dead letter, and the row that keeps the refused content from being sent again unchanged.
void refuse(const Definition& definition, store::Delivery row, std::string_view json,
            std::string_view reason, store::DeliveryBatch& batch);

/// Operations given to the destination at a time: the job's number, else the connector's.
std::size_t records_per_batch(const Definition& definition, const plugin::ConnectorInfo& info);

/// Name of a session from its number.
std::string session_name(const Definition& definition, std::int64_t number);
/// Number of the session to go on with. Moves past one that was flushed for good.
Result<std::int64_t> current_session(const Definition& definition, store::Store& store);

/// Which profiles the store has as withheld, read in order of profile beside a full scan, so that
/// only what differs is written.
class WithheldReader {
 public:
  WithheldReader(const Definition& definition, store::Store& store)
      : definition_(definition), store_(store) {}
  /// Drops from `batch` what the store says already. Batches must come in rising order of profile.
  Status keep_changes(PlannedBatch& batch);

 private:
  Status read_up_to(store::ProfileId profile);

  const Definition& definition_;
  store::Store& store_;
  std::vector<store::Withheld> known_;
  store::ProfileId read_to_ = 0;
  bool at_end_ = false;
};

class Deliverer {
 public:
  /// Everything given must outlive it.
  Deliverer(const Definition& definition, store::Store& store, plugin::Destination& destination,
            const Cancel& cancel, Counts& counts,
            const std::function<void(const Counts&)>& progress)
      : definition_(definition),
        store_(store),
        destination_(destination),
        cancel_(cancel),
        counts_(counts),
        progress_(progress) {}

  Status open();
  Status take(PlannedBatch& batch);
  /// Flushes and acknowledges what was accepted.
  Status close();

 private:
  /// An operation on its way; its row stands in the batch that committed it as in flight.
  struct Sent {
    const PlannedOperation* operation = nullptr;
    std::size_t row = 0;
    bool in_doubt = false;  // an earlier attempt may have been applied
  };

  bool make_row(PlannedOperation& operation, store::Delivery& row, Sent& sent) const;
  Status deliver(const std::vector<Sent>& sent, store::DeliveryBatch& in_flight);
  Status write(const std::vector<Sent>& sent, const std::vector<store::Delivery>& rows,
               std::vector<plugin::WriteResult>& results);
  void settle(const Sent& sent, store::Delivery row, const plugin::WriteResult& result,
              store::DeliveryBatch& after);
  Status acknowledge_from_store();
  store::DeliveryBatch empty_batch() const;

  const Definition& definition_;
  store::Store& store_;
  plugin::Destination& destination_;
  const Cancel& cancel_;
  Counts& counts_;
  const std::function<void(const Counts&)>& progress_;
  std::int64_t session_number_ = 1;
  std::string session_;
  bool session_broken_ = false;  // its results could not be stored: the next run looks them up
  std::size_t written_ = 0;      // operations given to write() in this session
  std::vector<store::Delivery> accepted_;  // in this session, up to accepted_rows_max …
  bool accepted_overflow_ = false;         // … else they are read back from the store
};

}  // namespace rondom::activate
