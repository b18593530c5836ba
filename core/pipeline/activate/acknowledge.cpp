#include <algorithm>
#include <cstdio>
#include <iterator>

#include "pipeline/activate/deliverer.h"

namespace rondom::activate {
namespace {

constexpr std::size_t withheld_per_read = 10'000;

}  // namespace

void acknowledge(store::Delivery row, store::DeliveryBatch& batch) {
  const bool gone = row.pending == gone_marker;
  const bool upsert = is_upsert(row.action);
  if (row.action == action::remove || (!upsert && (gone || row.remote_id.empty()))) {
    batch.erased.push_back(row.profile);
    return;
  }
  row.fields = upsert ? std::move(row.pending) : std::string();
  row.pending.clear();
  row.action.clear();
  row.state = store::DeliveryState::acknowledged;
  row.attempts = 0;
  row.next_at = no_time;
  batch.upserts.push_back(std::move(row));
}

void count_applied(std::string_view action, bool adopted, Counts& counts) {
  if (action == action::create) {
    ++(adopted ? counts.adopted : counts.created);
  } else if (action == action::update) {
    ++counts.updated;
  } else {
    ++counts.removed;
  }
}

void refuse(const Definition& definition, store::Delivery row, std::string_view json,
            std::string_view reason, store::DeliveryBatch& batch) {
  store::DeadLetter letter;
  letter.destination = definition.name;
  letter.profile = row.profile;
  letter.operation_id = row.operation_id;
  letter.action = row.action;
  letter.reason = reason.empty() ? "the destination gave no reason" : std::string(reason);
  letter.run = definition.job->run;
  letter.json = json;
  batch.dead_letters.push_back(std::move(letter));
  row.state = store::DeliveryState::dead;
  row.next_at = no_time;
  batch.upserts.push_back(std::move(row));
}

std::string session_name(const Definition& definition, std::int64_t number) {
  std::string name;
  for (const char c : definition.job->job->name) {
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                       c == '-' || c == '_';
    name += plain ? c : '_';
  }
  char digits[24];
  std::snprintf(digits, sizeof digits, "-%06lld", static_cast<long long>(number));
  return name + digits;
}

Result<std::int64_t> current_session(const Definition& definition, store::Store& store) {
  RONDOM_TRY_ASSIGN(const auto stored, store.value(session_key(definition)));
  RONDOM_TRY_ASSIGN(const auto flushed, store.value(flushed_key(definition)));
  std::int64_t number = 1;
  if (stored) {
    Value parsed;
    if (!parse_number(*stored, parsed) || parsed.type() != ValueType::integer) {
      return Error{ErrorCode::bad_state,
                   "the saved session number of " + definition.name + " cannot be read"};
    }
    number = parsed.as_integer();
  }
  if (flushed && *flushed == session_name(definition, number)) {
    ++number;
    RONDOM_TRY(store.put_value(session_key(definition), std::to_string(number)));
  }
  return number;
}

Status WithheldReader::read_up_to(store::ProfileId profile) {
  while (!at_end_ && read_to_ < profile) {
    RONDOM_TRY_ASSIGN(auto more, store_.withheld(definition_.name, read_to_, withheld_per_read));
    at_end_ = more.empty();
    if (at_end_) break;
    read_to_ = more.back().profile;
    known_.insert(known_.end(), std::make_move_iterator(more.begin()),
                  std::make_move_iterator(more.end()));
  }
  return {};
}

Status WithheldReader::keep_changes(PlannedBatch& batch) {
  store::ProfileId last = 0;
  if (!batch.withheld.empty()) last = batch.withheld.back().profile;
  if (!batch.not_withheld.empty()) last = std::max(last, batch.not_withheld.back());
  RONDOM_TRY(read_up_to(last));
  const auto find = [&](store::ProfileId profile) {
    const auto found = std::lower_bound(
        known_.begin(), known_.end(), profile,
        [](const store::Withheld& one, store::ProfileId id) { return one.profile < id; });
    return found != known_.end() && found->profile == profile ? &*found : nullptr;
  };
  std::erase_if(batch.withheld, [&](const store::Withheld& one) {
    const store::Withheld* known = find(one.profile);
    return known != nullptr && known->reason == one.reason;
  });
  std::erase_if(batch.not_withheld,
                [&](store::ProfileId profile) { return find(profile) == nullptr; });
  std::erase_if(known_, [&](const store::Withheld& one) { return one.profile <= last; });
  return {};
}

}  // namespace rondom::activate
