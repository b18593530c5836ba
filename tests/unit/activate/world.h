// A project with one newsletter job, its people and its store. One thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "memory_store.h"
#include "pipeline/activate/activate.h"
#include "vendor.h"

namespace rondom::activate::test {

struct Consent {
  std::string status = "granted";
  std::string at = "2026-01-01T00:00:00Z";
  std::string contact = {};
  std::string purpose = "news";
  std::string channel = {};
  std::string expires_at = {}, confirmed_at = {};
};

struct Suppressed {
  std::string kind = "manual";
  std::string purpose = {}, channel = {}, contact = {}, destination = {};
  std::string begins_at = {}, ends_at = {};
};

/// Merged values of one person.
struct Person {
  std::string given = "Sanne";
  std::vector<std::string> emails = {};
  std::vector<Consent> consents = {};
  std::string tier = {};
  std::string death = {};
  bool test_record = false;
  std::vector<std::string> email_status = {};  // beside emails
  std::vector<std::string> phones = {}, phone_status = {};
  std::vector<Suppressed> suppressions = {};
  std::vector<std::string> countries = {};  // of addresses
  std::string birth_date = {};
  std::vector<std::string> customers = {};  // identifier.customer
};

std::string values_of(const Person& person);
/// { name: { given }, custom: { tier } }
Value tiny_profile_value(std::string_view values, Entity entity, Arena& arena);
/// A person who said yes at one address.
Person subscriber(std::string_view email, std::string_view given = "Sanne");

struct World {
  World();

  MemoryStore store;
  Vendor vendor;
  config::Project project;
  Timestamp as_of;
  bool everybody = true;  // else: whoever has a tier is in the audience
  std::size_t batch_records = 1000;
  std::optional<std::string> accepted_guard;

  config::DestinationJob& target() { return *project.jobs.front().destination; }
  void set_map(std::string_view yaml);
  /// Writes the profile with one record of its own, and the event that says so.
  void put(ProfileId id, const Person& person);
  void retire(ProfileId id);
  void merge(ProfileId from, ProfileId into);

  Job job() const;
  Status run(VendorDestination& destination);
  /// As run(), by a connector that is new every time.
  Status run();
  Counts planned();

  Counts counts;
  std::vector<PlannedChange> changes;
  std::optional<Guard> guard;
  std::string name;  // of the destination in the store

  const Delivery* row(ProfileId id) {
    const auto& rows = store.at(name).deliveries;
    const auto found = rows.find(id);
    return found == rows.end() ? nullptr : &found->second;
  }
  std::string key(ProfileId id) const;
};

}  // namespace rondom::activate::test
