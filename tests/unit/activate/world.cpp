#include "world.h"

#include <algorithm>

namespace rondom::activate::test {

std::string values_of(const Person& person) {
  RecordBuilder builder;
  const auto add = [&](AttributeId id, std::uint32_t group, std::string_view value) {
    if (!value.empty()) builder.add({id, group, value, {}, Rule::none, {}});
  };
  add(attribute::name_given, 0, person.given);
  add(attribute::death_status, 0, person.death);
  if (person.test_record) add(attribute::test_record, 0, "true");
  for (std::uint32_t i = 0; i < person.emails.size(); ++i) {
    add(attribute::email_value, i + 1, person.emails[i]);
    if (i < person.email_status.size()) add(attribute::email_status, i + 1, person.email_status[i]);
  }
  for (std::uint32_t i = 0; i < person.consents.size(); ++i) {
    const Consent& consent = person.consents[i];
    add(attribute::consent_purpose, i + 1, consent.purpose);
    add(attribute::consent_channel, i + 1, consent.channel);
    add(attribute::consent_contact, i + 1, consent.contact);
    add(attribute::consent_status, i + 1, consent.status);
    add(attribute::consent_at, i + 1, consent.at);
    add(attribute::consent_expires_at, i + 1, consent.expires_at);
    add(attribute::consent_confirmed_at, i + 1, consent.confirmed_at);
  }
  for (std::uint32_t i = 0; i < person.phones.size(); ++i) {
    add(attribute::phone_value, i + 1, person.phones[i]);
    if (i < person.phone_status.size()) add(attribute::phone_status, i + 1, person.phone_status[i]);
  }
  for (std::uint32_t i = 0; i < person.suppressions.size(); ++i) {
    const Suppressed& one = person.suppressions[i];
    add(attribute::suppression_kind, i + 1, one.kind);
    add(attribute::suppression_channel, i + 1, one.channel);
    add(attribute::suppression_purpose, i + 1, one.purpose);
    add(attribute::suppression_contact, i + 1, one.contact);
    add(attribute::suppression_destination, i + 1, one.destination);
    add(attribute::suppression_begins_at, i + 1, one.begins_at);
    add(attribute::suppression_ends_at, i + 1, one.ends_at);
  }
  for (std::uint32_t i = 0; i < person.countries.size(); ++i) {
    add(attribute::address_country, i + 1, person.countries[i]);
  }
  add(attribute::birth_date, 0, person.birth_date);
  for (const std::string& customer : person.customers) {
    builder.add({attribute::identifier, 0, customer, {}, Rule::none, "customer"});
  }
  if (!person.tier.empty()) {
    builder.add({attribute::custom, 0, person.tier, {}, Rule::none, "tier"});
  }
  return std::string(builder.bytes());
}

Value tiny_profile_value(std::string_view values, Entity, Arena& arena) {
  std::string_view given, tier;
  for (const Cell& cell : read_cells(values)) {
    if (cell.attribute == attribute::name_given) given = cell.value;
    if (cell.attribute == attribute::custom) tier = cell.value;
  }
  Member* members = arena.array<Member>(4);
  members[0] = {"given", given.empty() ? Value() : Value::text(given)};
  members[1] = {"tier", tier.empty() ? Value() : Value::text(tier)};
  members[2] = {"name", Value::object(members, 1)};
  members[3] = {"custom", Value::object(members + 1, 1)};
  return Value::object(members + 2, 2);
}

Person subscriber(std::string_view email, std::string_view given) {
  Person person;
  person.given = given;
  person.emails = {std::string(email)};
  person.consents = {{}};
  return person;
}

World::World() : as_of(*parse_time("2026-03-14T12:00:00Z")), name("newsletter@capture") {
  config::Purpose purpose;
  purpose.name = "news";
  purpose.channel = "email";
  purpose.legal_basis = "consent";
  project.purposes.push_back(purpose);
  config::Job made;
  made.name = "newsletter";
  made.connection = "vendor";
  made.destination.emplace();
  made.destination->purpose = "news";
  project.jobs.push_back(made);
  set_map("{ email: .permitted.email, first: .name.given, tier: .custom.tier }");
}

void World::set_map(std::string_view yaml) {
  config::Diagnostics diagnostics;
  target().map = config::parse_yaml(yaml, "jobs/newsletter.yaml", diagnostics);
}

std::string World::key(ProfileId id) const {
  return to_text(keyed_uid("test", std::to_string(id), 0));
}

void World::put(ProfileId id, const Person& person) {
  const bool is_new = !store.profile_rows.contains(id);
  Profile profile;
  profile.id = id;
  profile.uid = keyed_uid("test", std::to_string(id), 0);
  profile.values = values_of(person);
  profile.members = {id};
  store.profile_rows[id] = profile;
  StoredRecord record;
  record.id = id;
  record.profile = id;
  record.canonical = profile.values;
  store.record_rows[id] = record;
  store.add_event(is_new ? EventKind::created : EventKind::changed, id);
}

void World::retire(ProfileId id) {
  store.profile_rows.erase(id);
  store.record_rows.erase(id);
  store.add_event(EventKind::retired, id);
}

void World::merge(ProfileId from, ProfileId into) {
  store.profile_rows.erase(from);
  store.record_rows[from].profile = into;
  store.profile_rows[into].members.push_back(from);
  std::sort(store.profile_rows[into].members.begin(), store.profile_rows[into].members.end());
  store.add_event(EventKind::merged, from, into);
}

Job World::job() const {
  Job job;
  job.project = &project;
  job.job = &project.jobs.front();
  job.destination = name;
  job.profile_value = [](const store::Profile& profile, Arena& arena) {
    return tiny_profile_value(profile.values, profile.entity, arena);
  };
  if (!everybody) {
    job.in_audience = [](const Value& profile, Arena&) -> Result<bool> {
      const Value* tier = profile.find("custom")->find("tier");
      if (tier->is_text() && tier->as_text() == "gold, or silver") {
        return Error{ErrorCode::data, "audience gold, line 1: gives list"};
      }
      return !tier->is_null();
    };
  }
  job.run = "run-1";
  job.as_of = as_of;
  job.accepted_guard = accepted_guard;
  job.batch_records = batch_records;
  return job;
}

Status World::run(VendorDestination& destination) {
  counts = {};
  const Cancel cancel;
  return activate::run(job(), store, destination, cancel, counts, {});
}

Status World::run() {
  VendorDestination destination(vendor);
  return run(destination);
}

Counts World::planned() {
  const Result<Counts> result = activate::plan(job(), store, 100, changes, guard);
  return result.ok() ? *result : Counts{};
}

}  // namespace rondom::activate::test
