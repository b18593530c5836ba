#include "pipeline/activate/definition.h"

#include "config/suppressions.h"
#include "expression/cleaners.h"

namespace rondom::activate {
namespace {

std::uint64_t fingerprint_of(const Definition& definition) {
  Hasher hasher;
  hasher.add(definition.map_fingerprint).add(definition.job->audience_fingerprint);
  hasher.add(definition.options_hash).add(definition.target->match_on);
  hasher.add(definition.target->entity).add(definition.target->audience);
  hasher.add(std::uint64_t{definition.target->clear_missing});
  hasher.add(static_cast<std::uint64_t>(definition.target->on_leave));
  hasher.add(static_cast<std::uint64_t>(definition.target->on_withdrawal));
  hasher.add(definition.country).add(definition.time_zone);
  if (definition.job->cleaners != nullptr) hasher.add(definition.job->cleaners->version());
  if (definition.purpose != nullptr) {
    hasher.add(definition.purpose->name).add(definition.purpose->channel);
    hasher.add(definition.purpose->legal_basis);
    hasher.add(std::uint64_t{definition.purpose->double_opt_in});
    hasher.add(static_cast<std::uint64_t>(definition.purpose->expires_after));
    hasher.add(std::uint64_t{definition.purpose->birth_date_required});
    for (const auto& [country, age] : definition.purpose->minimum_age) {
      hasher.add(country).add(static_cast<std::uint64_t>(age));
    }
    if (!definition.purpose->minimum_age.empty()) hasher.add(definition.purpose->country);
    if (definition.purpose->suppressions) {
      hasher.add(definition.purpose->suppressions->fingerprint());
    }
  }
  return hasher.value();
}

std::string value_key(std::string_view destination, const char* what) {
  return "activate/" + std::string(destination) + "/" + what;
}

/// The options' `stream` or `object`, when there is one.
std::string stream_in(std::string_view options_json) {
  Arena arena;
  JsonReader reader;
  const Result<Value> options = reader.parse(options_json, arena);
  if (!options.ok() || !options->is_object()) return {};
  for (const std::string_view name : {"stream", "object"}) {
    const Value* found = options->find(name);
    if (found != nullptr && found->is_text()) return std::string(found->as_text());
  }
  return {};
}

}  // namespace

Result<Definition> make_definition(const Job& job) {
  if (job.job == nullptr || job.project == nullptr || !job.job->destination) {
    return Error{ErrorCode::bad_config, "this job has no destination"};
  }
  const config::DestinationJob& target = *job.job->destination;
  config::Diagnostics diagnostics;
  Definition definition;
  definition.job = &job;
  definition.target = &target;
  definition.purpose = job.project->purpose(target.purpose);
  definition.map = FieldMap(target.map, nullptr, diagnostics, job.project->library.get());
  if (!diagnostics.empty()) {
    return Error{ErrorCode::bad_config,
                 "job " + job.job->name + ": " + diagnostics.errors().front().message};
  }
  const std::optional<Entity> entity = entity_from(target.entity);
  if (!entity || !is_party(*entity)) {
    return Error{ErrorCode::bad_config, "job " + job.job->name + ": entity takes a party"};
  }
  definition.entity = *entity;
  if (definition.purpose != nullptr) {
    definition.contact = contact_kind(definition.purpose->channel);
  }
  definition.name =
      job.destination.empty() ? destination_name(*job.job, job.project->deliver) : job.destination;
  const config::Connection* connection = job.project->connection(job.job->connection);
  const config::Defaults& defaults =
      connection != nullptr ? connection->defaults : job.project->defaults;
  definition.country = defaults.country;
  definition.time_zone = defaults.time_zone;
  definition.stream = stream_in(target.options_json);
  definition.options_hash = hash64(target.options_json);
  definition.map_fingerprint = definition.map.fingerprint();
  definition.depends_on_time = job.depends_on_time || definition.map.depends_on_time();
  definition.fingerprint = fingerprint_of(definition);
  return definition;
}

std::string definition_key(const Definition& definition) {
  return value_key(definition.name, "definition");
}
std::string session_key(const Definition& definition) {
  return value_key(definition.name, "session");
}
std::string changes_at_key(const Definition& definition) {
  return value_key(definition.name, "changes_at");
}
std::string flushed_key(const Definition& definition) {
  return value_key(definition.name, "flushed");
}

std::vector<std::string> value_keys(std::string_view destination) {
  std::vector<std::string> keys;
  for (const char* what : {"definition", "session", "changes_at", "flushed"}) {
    keys.push_back(value_key(destination, what));
  }
  keys.push_back(store::lost_key(destination));
  return keys;
}

std::string destination_name(const config::Job& job, config::Delivery mode) {
  return destination_name(std::string_view(job.name), mode);
}

std::string destination_name(std::string_view job, config::Delivery mode) {
  return std::string(job) + (mode == config::Delivery::capture ? "@capture" : "");
}

}  // namespace rondom::activate
