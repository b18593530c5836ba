// Records for tests of resolve: what a candidate says, in a few words.
#pragma once

#include <deque>
#include <string>
#include <utility>
#include <vector>

#include "pipeline/resolve/resolve.h"

namespace rondom::resolve::test {

struct Said {
  std::string name;  // source.stream/key
  std::string given, surname, birth, suffix;
  std::vector<std::pair<std::string, std::string>> identifiers;  // namespace, value
  Entity entity = Entity::person;
  std::string full = {};
  Rule full_rule = Rule::none;  // what normalising said of it
};

/// Owns the bytes that the candidates view.
class People {
 public:
  void add(const Said& one) {
    RecordBuilder builder;
    const auto text = [&](AttributeId id, const std::string& value) {
      if (!value.empty()) builder.add({id, 0, value, {}, Rule::none, {}});
    };
    if (one.entity == Entity::organization) {
      text(attribute::organization_name, one.surname);
    } else {
      if (!one.full.empty()) {
        builder.add({attribute::name_full, 0, one.full, {}, one.full_rule, {}});
      }
      text(attribute::name_given, one.given);
      text(attribute::name_surname, one.surname);
      text(attribute::birth_date, one.birth);
      text(attribute::name_suffix, one.suffix);
    }
    std::uint32_t group = 0;
    for (const auto& [space, value] : one.identifiers) {
      ++group;
      if (space == "email") {
        builder.add({attribute::email_value, group, value, {}, Rule::none, {}});
      } else if (space == "phone") {
        builder.add({attribute::phone_value, group, value, {}, Rule::none, {}});
      } else {
        builder.add({attribute::identifier, group, value, {}, Rule::none, space});
      }
    }
    const std::string_view bytes = builder.bytes();
    const std::string& canonical = texts_.emplace_back(bytes);
    const std::string& name = texts_.emplace_back(one.name);
    const std::string_view stream = std::string_view(name).substr(0, name.find('/'));
    candidates.push_back(
        {static_cast<store::RecordId>(candidates.size() + 1), one.entity, name, stream, canonical});
    said.push_back(one);
  }

  std::vector<Candidate> candidates;
  std::vector<Said> said;

 private:
  std::deque<std::string> texts_;
};

inline config::Identity usual_identity() {
  using config::IdentifierClass;
  config::Identity identity;
  const auto rule = [&](const char* space, IdentifierClass strength, std::uint32_t limit,
                        std::vector<std::string> blocked = {}) {
    config::IdentifierRule made;
    made.name_space = space;
    made.strength = strength;
    made.max_per_profile = limit;
    made.blocked = std::move(blocked);
    identity.identifiers.push_back(made);
  };
  rule("customer_login", IdentifierClass::unique, 0, {"0"});
  rule("kvk", IdentifierClass::unique, 0);
  rule("email", IdentifierClass::strong, 3, {"info@*", "noreply@*"});
  rule("phone", IdentifierClass::strong, 0);
  rule("visitor", IdentifierClass::weak, 4);
  identity.one_record_per_profile = {"shop.customers"};
  return identity;
}

}  // namespace rondom::resolve::test
