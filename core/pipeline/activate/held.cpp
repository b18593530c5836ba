#include "pipeline/activate/held.h"

#include <algorithm>

#include "pipeline/activate/fields.h"
#include "pipeline/activate/operation.h"

namespace rondom::activate {
namespace {

AttributeId contact_attribute(ContactKind kind) {
  if (kind == ContactKind::email) return attribute::email_value;
  return kind == ContactKind::phone ? attribute::phone_value : AttributeId{0};
}

}  // namespace

bool is_uncertain(const store::Delivery& row) {
  return row.state == store::DeliveryState::unknown ||
         row.state == store::DeliveryState::in_flight || row.state == store::DeliveryState::retry;
}

bool is_unsettled(const store::Delivery& row) {
  return row.state == store::DeliveryState::unknown || row.state == store::DeliveryState::in_flight;
}

bool may_be_held(const store::Delivery& row) {
  const bool removal_pending = !row.action.empty() && !is_upsert(row.action);
  return !row.fields.empty() || is_unsettled(row) || removal_pending;
}

std::uint64_t partings_hash(std::int64_t partings) {
  return partings == 0 ? 0 : Hasher().add(partings_field).add(std::uint64_t(partings)).value();
}

bool parted_since(const store::Delivery& row, std::int64_t partings) {
  std::vector<FieldHash> held;
  decode_fields(row.fields, held);
  return hash_of(held, partings_field) != partings_hash(partings);
}

std::string fields_with_doubts(const store::Delivery& row, std::string_view match_on) {
  std::vector<FieldHash> held, perhaps;
  decode_fields(row.fields, held);
  decode_fields(row.pending, perhaps);
  std::vector<FieldHash> marked;
  for (const FieldHash& field : held) {
    const bool sure = field.name == match_on || hash_of(perhaps, field.name) == field.hash;
    marked.push_back({field.name, sure ? field.hash : doubt_hash});
  }
  for (const FieldHash& field : perhaps) {
    if (hash_of(held, field.name) == 0) marked.push_back({field.name, doubt_hash});
  }
  std::sort(marked.begin(), marked.end(),
            [](const FieldHash& a, const FieldHash& b) { return a.name < b.name; });
  return encode_fields(marked);
}

Value profile_for(const Definition& definition, const store::Profile& profile,
                  std::string_view contact, Arena& arena) {
  const Job& job = *definition.job;
  const Value value = job.profile_value ? job.profile_value(profile, arena) : Value();
  return with_permitted(value, contact_namespace(definition.contact), contact, arena);
}

FieldMap::Input input_of(const Definition& definition, const Value& value, Arena& arena) {
  return {value,  definition.job->as_of,   definition.country, definition.time_zone,
          &arena, definition.job->cleaners};
}

std::string told_match(const Definition& definition, const store::Profile& profile,
                       const store::Delivery& row, Arena& arena) {
  const std::string& match_on = definition.target->match_on;
  if (match_on.empty()) return "{}";
  std::vector<FieldHash> held, pending;
  decode_fields(row.fields, held);
  decode_fields(row.pending, pending);
  const std::uint64_t told = hash_of(held, match_on);
  const std::uint64_t perhaps = hash_of(pending, match_on);
  // What it was told for certain comes first; the last word counts only while it may have arrived.
  const bool may_know = told == 0 || is_uncertain(row);
  const AttributeId attribute =
      definition.contact == ContactKind::phone ? attribute::phone_value : attribute::email_value;
  std::vector<std::string_view> contacts = {{}};
  for (const Cell& cell : read_cells(profile.values)) {
    if (cell.attribute == attribute) contacts.push_back(cell.value);
  }
  for (const std::uint64_t wanted : {told, may_know ? perhaps : 0}) {
    if (wanted == 0) continue;
    for (const std::string_view contact : contacts) {
      RenderedField field;
      const Value value = profile_for(definition, profile, contact, arena);
      const Status done =
          definition.map.render_one(match_on, input_of(definition, value, arena), field);
      if (!done.ok() || field.hash != wanted) continue;
      std::string json = "{";
      append_json_string(json, match_on);
      return json + ":" + std::string(field.json) + "}";
    }
  }
  return "{}";
}

bool knows_refused_contact(const Definition& definition, const store::Profile& profile,
                           const Permission& permission, const store::Delivery& row, Arena& arena) {
  const AttributeId wanted = contact_attribute(definition.contact);
  if (wanted == 0) return false;
  std::vector<FieldHash> held, perhaps;
  decode_fields(row.fields, held);
  if (is_uncertain(row)) decode_fields(row.pending, perhaps);
  const auto render = [&](std::string_view contact) {
    std::vector<RenderedField> fields;
    const Value value = profile_for(definition, profile, contact, arena);
    const Status done = definition.map.render(input_of(definition, value, arena), fields);
    return done.ok() ? fields : std::vector<RenderedField>();
  };
  // Of a create that may have arrived, one before it with another address may have as well.
  const bool may_be_any = held.empty() && is_uncertain(row);
  const std::vector<RenderedField> without = render({});
  for (const Cell& cell : read_cells(profile.values)) {
    if (cell.attribute != wanted) continue;
    const auto& permitted = permission.contacts;
    if (std::find(permitted.begin(), permitted.end(), cell.value) != permitted.end()) continue;
    for (const RenderedField& field : render(cell.value)) {
      const bool tells = std::none_of(without.begin(), without.end(), [&](const auto& other) {
        return other.name == field.name && other.hash == field.hash;
      });
      if (!tells || field.json.empty()) continue;
      const std::uint64_t there = hash_of(held, field.name);
      // In doubt it may be this one.
      if (may_be_any || there == field.hash || there == doubt_hash ||
          hash_of(perhaps, field.name) == field.hash) {
        return true;
      }
    }
  }
  return false;
}

}  // namespace rondom::activate
