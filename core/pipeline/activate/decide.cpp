#include "pipeline/activate/decide.h"

#include <algorithm>

#include "pipeline/activate/fields.h"
#include "pipeline/activate/held.h"

namespace rondom::activate {
namespace {

/// Text as it is, everything else as its JSON.
std::string plain_text(std::string_view json, Arena& arena) {
  JsonReader reader;
  const Result<Value> value = reader.parse(json, arena);
  return std::string(value.ok() && value->is_text() ? value->as_text() : json);
}

std::string_view refusal_action(const Definition& definition) {
  return definition.target->on_withdrawal == config::OnWithdrawal::remove ? action::remove
                                                                          : action::unsubscribe;
}

/// Empty: the destination keeps what it has.
std::string_view removal_for(const Definition& definition, const Permission& permission) {
  const bool delete_on_leave = definition.target->on_leave == config::OnLeave::remove;
  const std::string_view leave = delete_on_leave ? action::remove : action::leave_segment;
  if (permission.allowed) {
    return definition.target->on_leave == config::OnLeave::keep ? std::string_view() : leave;
  }
  switch (permission.why) {
    case Withholding::opted_out:
    case Withholding::no_consent:
    case Withholding::suppressed:
    case Withholding::minor: return refusal_action(definition);
    // Until it can be read: nothing that cannot be taken back.
    case Withholding::unreadable: return action::leave_segment;
    case Withholding::deceased: return delete_on_leave ? action::remove : action::unsubscribe;
    default: return leave;
  }
}

/// One profile's way through the rules.
class Decision {
 public:
  Decision(const Definition& definition, const Options& options, const Standing& standing,
           Arena& arena, PlannedBatch& batch)
      : definition_(definition),
        options_(options),
        standing_(standing),
        permission_(standing.permission),
        arena_(arena),
        batch_(batch) {}

  void take();

 private:
  void keep_inside();
  void keep_outside();
  bool withdraw_what_waits();
  bool take_back_contact();
  std::string_view removal() const;
  void withhold(std::string reason);
  void remove(std::string_view action);
  void close_row(std::string fields);
  Value profile(std::string_view contact) const;
  FieldMap::Input input(const Value& value) const;
  std::string json_of(const std::vector<RenderedField>& fields) const;
  bool compare(std::vector<RenderedField>& rendered);
  void add(std::string_view action, std::string json);
  bool is_waiting(const PlannedOperation& operation) const;
  store::Delivery fresh_row() const;

  const Definition& definition_;
  const Options& options_;
  const Standing& standing_;
  const Permission& permission_;
  Arena& arena_;
  PlannedBatch& batch_;
  std::string pending_;
  std::vector<RenderedField> changed_;
  bool refused_contact_ = false;  // what leaves takes back an address that somebody said no about
};

store::Delivery Decision::fresh_row() const {
  if (standing_.row != nullptr) return *standing_.row;
  store::Delivery row;
  row.profile = standing_.profile->id;
  return row;
}

Value Decision::profile(std::string_view contact) const {
  return profile_for(definition_, *standing_.profile, contact, arena_);
}

FieldMap::Input Decision::input(const Value& value) const {
  return input_of(definition_, value, arena_);
}

void Decision::take() {
  if (standing_.in_audience && permission_.allowed) {
    // Nothing at all is sent: neither the new person's data to the old one's contact nor a welcome.
    if (standing_.to_review)
      withhold(std::string(to_review_reason));
    else
      keep_inside();
    return;
  }
  // Neither sent nor taken out, as nobody can say which; a no is heard all the same.
  if (!standing_.is_computed && permission_.allowed) {
    withhold("the audience cannot be computed");
    return;
  }
  if (standing_.in_audience || !standing_.is_computed) {
    withhold(permission_.reason);
  } else {
    batch_.not_withheld.push_back(standing_.profile->id);
  }
  keep_outside();
}

void Decision::withhold(std::string reason) {
  ++batch_.counts.withheld[reason];
  batch_.withheld.push_back({standing_.profile->id, std::move(reason)});
}

/// Finds what differs per field from what is held, and what will be held after it was sent.
bool Decision::compare(std::vector<RenderedField>& rendered) {
  std::vector<FieldHash> held, perhaps;
  const bool uncertain = standing_.row != nullptr && is_uncertain(*standing_.row);
  if (standing_.row != nullptr) decode_fields(standing_.row->fields, held);
  if (uncertain) decode_fields(standing_.row->pending, perhaps);
  const auto is_held = [&](std::string_view name, std::uint64_t hash) {
    return hash_of(held, name) == hash && (!uncertain || hash_of(perhaps, name) == hash);
  };
  const bool options_changed = !is_held(options_field, definition_.options_hash);
  const std::uint64_t partings = partings_hash(standing_.partings);
  // What a record said that is no longer the person's is not kept, whoever may hold something
  // there.
  const bool parted = !is_held(partings_field, partings);
  std::vector<FieldHash> next = {{options_field, definition_.options_hash}};
  if (partings != 0) next.push_back({partings_field, partings});
  changed_.clear();
  for (RenderedField& field : rendered) {
    const std::uint64_t acknowledged = hash_of(held, field.name);
    const bool sure = !uncertain || hash_of(perhaps, field.name) == acknowledged;
    const std::uint64_t before = sure ? acknowledged : doubt_hash;
    if (field.json.empty()) {
      if (before == 0) continue;
      if (!definition_.target->clear_missing && !parted) {
        next.push_back({field.name, before});
        continue;
      }
      field.json = "null";
    } else {
      next.push_back({field.name, field.hash});
      if (!options_changed && is_held(field.name, field.hash)) continue;
    }
    changed_.push_back(field);
  }
  pending_ = encode_fields(next);
  return options_changed || !changed_.empty();
}

/// The changed fields and, for the destination to find its record, the match_on field.
std::string Decision::json_of(const std::vector<RenderedField>& rendered) const {
  std::string json = "{";
  const auto append = [&](const RenderedField& field) {
    if (json.size() > 1) json += ',';
    append_json_string(json, field.name);
    json += ':';
    json += field.json;
  };
  const std::string& match_on = definition_.target->match_on;
  bool matched = match_on.empty();
  for (const RenderedField& field : changed_) {
    append(field);
    matched = matched || field.name == match_on;
  }
  for (const RenderedField& field : rendered) {
    if (!matched && field.name == match_on && !field.json.empty()) append(field);
  }
  return json + "}";
}

void Decision::keep_inside() {
  const store::Delivery* row = standing_.row;
  if (row != nullptr && is_unsettled(*row) && !options_.resend_unknown) {
    batch_.not_withheld.push_back(standing_.profile->id);
    ++batch_.counts.unknown;
    return;
  }
  const std::string_view contact =
      permission_.contacts.empty() ? std::string_view() : permission_.contacts.front();
  std::vector<RenderedField> rendered;
  const Status done = definition_.map.render(input(profile(contact)), rendered);
  if (!done.ok()) {
    withhold("a field cannot be computed");
    return;
  }
  const std::string& match_on = definition_.target->match_on;
  const auto match =
      std::find_if(rendered.begin(), rendered.end(),
                   [&](const RenderedField& field) { return field.name == match_on; });
  if (match != rendered.end() && match->json.empty()) {
    withhold("no " + match_on);
    return;
  }
  batch_.not_withheld.push_back(standing_.profile->id);
  if (!compare(rendered)) {
    close_row(pending_);
    ++batch_.counts.unchanged;
    return;
  }
  const bool known_there = row != nullptr && (!row->fields.empty() || !row->remote_id.empty());
  add(known_there ? action::update : action::create, json_of(rendered));
}

/// What is held there may stay so: an operation that failed on the way is forgotten.
void Decision::close_row(std::string fields) {
  if (standing_.row == nullptr) return;
  const bool settled = standing_.row->state == store::DeliveryState::acknowledged;
  if (settled && standing_.row->fields == fields) return;
  store::Delivery row = *standing_.row;
  row.fields = std::move(fields);
  row.state = store::DeliveryState::acknowledged;
  row.pending.clear();
  row.action.clear();
  row.attempts = 0;
  row.next_at = no_time;
  batch_.rows.push_back(std::move(row));
}

std::string_view Decision::removal() const {
  return removal_for(definition_, permission_);
}

/// A create that waits for another attempt may have arrived all the same: connectors tell "not
/// applied" from "not heard" as well as they can, and after a crash nobody knows. A no must not
/// depend on it: it is said in any case, and where the connector cannot tell whom it is about, that
/// is a dead letter for somebody to see. Who merely left is taken out where they can be found.
bool Decision::withdraw_what_waits() {
  if (standing_.row->state != store::DeliveryState::retry) return false;
  const std::string_view action = removal();
  if (action.empty()) return false;
  const bool can_be_found =
      !standing_.row->remote_id.empty() ||
      told_match(definition_, *standing_.profile, *standing_.row, arena_) != "{}";
  if (permission_.allowed && !can_be_found) return false;
  remove(action);
  return true;
}

void Decision::keep_outside() {
  const store::Delivery* row = standing_.row;
  if (row == nullptr) return;
  if (take_back_contact()) return;
  if (!may_be_held(*row)) {
    if (withdraw_what_waits()) return;
    // A create that may have arrived, of somebody who is kept: a no that comes later must reach it.
    if (row->state == store::DeliveryState::retry && removal().empty()) return;
    if (row->state != store::DeliveryState::acknowledged) batch_.erased.push_back(row->profile);
    return;
  }
  const std::string_view action = removal();
  if (action.empty()) {
    const bool sure = row->state != store::DeliveryState::retry;
    if (!is_unsettled(*row)) {
      close_row(sure ? row->fields : fields_with_doubts(*row, definition_.target->match_on));
    }
    return;
  }
  remove(action);
}

/// Of somebody who may be reached and is outside the audience: an address that may not be used
/// leaves.
bool Decision::take_back_contact() {
  const store::Delivery& row = *standing_.row;
  const bool is_there = may_be_held(row) || row.state == store::DeliveryState::retry;
  if (!permission_.allowed || !is_there) return false;
  // What was on its way no longer says what it is about.
  const bool is_on_its_way = is_uncertain(row) && row.action == refusal_action(definition_);
  if (!is_on_its_way &&
      !knows_refused_contact(definition_, *standing_.profile, permission_, row, arena_)) {
    return false;
  }
  refused_contact_ = true;
  remove(refusal_action(definition_));
  return true;
}

void Decision::remove(std::string_view action) {
  if (is_unsettled(*standing_.row) && standing_.row->action == action && !options_.resend_unknown) {
    ++batch_.counts.unknown;
    return;
  }
  changed_.clear();
  // Of a create that never came through it is all that says by what the destination may know them.
  const bool is_marked = standing_.row->pending == gone_marker;
  pending_ = standing_.row->fields.empty() && !is_marked ? standing_.row->pending : std::string();
  add(action, told_match(definition_, *standing_.profile, *standing_.row, arena_));
}

/// The same operation was refused for good, or is to wait for its time.
bool Decision::is_waiting(const PlannedOperation& operation) const {
  if (operation.row.action != operation.action || operation.row.pending != operation.pending) {
    return false;
  }
  if (operation.row.state == store::DeliveryState::dead) return true;
  return operation.row.state == store::DeliveryState::retry &&
         operation.row.next_at > definition_.job->as_of;
}

void Decision::add(std::string_view action, std::string json) {
  PlannedOperation operation;
  operation.row = fresh_row();
  if (is_unsettled(operation.row) && !operation.row.fields.empty()) {
    operation.row.fields = fields_with_doubts(operation.row, definition_.target->match_on);
  }
  operation.row.key = to_text(standing_.profile->uid);
  operation.action = action;
  operation.json = std::move(json);
  operation.pending = std::move(pending_);
  operation.consent = is_upsert(action) ? permission_.decided_by : operation.row.consent;
  operation.exempt = !is_upsert(action) && (permission_.withdrawn || refused_contact_);
  if (is_waiting(operation)) {
    ++batch_.counts.unchanged;
    return;
  }
  if (options_.describe) {
    for (const RenderedField& field : changed_) {
      operation.fields.push_back({std::string(field.name), plain_text(field.json, arena_)});
    }
    if (!is_upsert(action)) {
      operation.why = refused_contact_                 ? "the address it has may not be used"
                      : permission_.allowed            ? "no longer in the audience"
                      : permission_.decided_by.empty() ? permission_.reason
                                                       : permission_.decided_by;
    }
  }
  batch_.operations.push_back(std::move(operation));
}

}  // namespace

void decide(const Definition& definition, const Options& options, const Standing& standing,
            Arena& arena, PlannedBatch& batch) {
  Decision(definition, options, standing, arena, batch).take();
}

void decide_gone(const Definition& definition, const Options& options, const Survivor& survivor,
                 const store::Delivery& row, Arena& arena, PlannedBatch& batch) {
  batch.not_withheld.push_back(row.profile);
  if (!may_be_held(row)) {
    batch.erased.push_back(row.profile);
    return;
  }
  const bool refuses = survivor.profile != nullptr && !survivor.permission.allowed;
  std::string_view action = definition.target->on_leave == config::OnLeave::remove
                                ? action::remove
                                : action::leave_segment;
  if (refuses) action = removal_for(definition, survivor.permission);
  const bool same_action = row.action == action;
  if (is_unsettled(row) && !is_upsert(row.action) && same_action && !options.resend_unknown) {
    ++batch.counts.unknown;
    return;
  }
  PlannedOperation operation;
  operation.row = row;
  operation.action = action;
  operation.json = refuses ? told_match(definition, *survivor.profile, row, arena) : "{}";
  operation.pending = gone_marker;
  operation.consent = row.consent;
  operation.exempt = refuses && survivor.permission.withdrawn;
  if (options.describe) {
    operation.why = refuses ? survivor.permission.decided_by.empty()
                                  ? survivor.permission.reason
                                  : survivor.permission.decided_by
                            : "merged into another profile, or without records now";
  }
  const bool same = same_action && row.pending == gone_marker;
  const bool refused = row.state == store::DeliveryState::dead && same;
  const bool early =
      row.state == store::DeliveryState::retry && same && row.next_at > definition.job->as_of;
  if (refused || early) return;
  batch.operations.push_back(std::move(operation));
}

}  // namespace rondom::activate
