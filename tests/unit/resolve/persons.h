// Records of people for tests of the probabilistic layer, in a few words.
#pragma once

#include <deque>
#include <string>
#include <vector>

#include "pipeline/resolve/likeness.h"

namespace rondom::resolve::test {

struct Says {
  std::string given = {}, surname = {}, birth = {}, email = {}, phone = {}, street = {},
              number = {}, postcode = {}, locality = {}, prefix = {}, suffix = {}, partner = {},
              ssn = {}, full = {}, phone_status = {};
};

/// Owns the bytes that the candidates view. Names are "crm.people/1" and on, unless told.
class Persons {
 public:
  void add(const Says& says, std::string name = {}) {
    RecordBuilder builder;
    const auto text = [&](AttributeId id, const std::string& value, std::uint32_t group = 0,
                          std::string_view called = {}) {
      if (!value.empty()) builder.add({id, group, value, {}, Rule::none, called});
    };
    text(attribute::identifier, says.ssn, 1, "ssn");
    text(attribute::name_full, says.full);
    text(attribute::name_given, says.given);
    text(attribute::name_surname_prefix, says.prefix);
    text(attribute::name_surname, says.surname);
    text(attribute::name_partner_surname, says.partner);
    text(attribute::name_suffix, says.suffix);
    text(attribute::birth_date, says.birth);
    text(attribute::email_value, says.email, 1);
    text(attribute::phone_value, says.phone, 1);
    text(attribute::phone_status, says.phone_status, 1);
    text(attribute::address_street, says.street, 1);
    text(attribute::address_house_number, says.number, 1);
    text(attribute::address_postcode, says.postcode, 1);
    text(attribute::address_locality, says.locality, 1);
    const std::string& canonical = texts_.emplace_back(builder.bytes());
    if (name.empty()) name = "crm.people/" + std::to_string(candidates.size() + 1);
    const std::string& kept = texts_.emplace_back(std::move(name));
    candidates.push_back({static_cast<store::RecordId>(candidates.size() + 1), Entity::person, kept,
                          std::string_view(kept).substr(0, kept.find('/')), canonical});
  }

  std::vector<Candidate> candidates;

 private:
  std::deque<std::string> texts_;
};

inline config::Identity strong_ssn() {
  config::Identity identity;
  for (const char* space : {"ssn", "email", "phone"}) {
    config::IdentifierRule rule;
    rule.name_space = space;
    rule.strength = config::IdentifierClass::strong;
    rule.max_per_profile = 5;
    identity.identifiers.push_back(rule);
  }
  return identity;
}

inline probabilistic::Model shipped_person() {
  config::Diagnostics diagnostics;
  return probabilistic::parse_model(probabilistic::shipped_model("person-1"), "person-1",
                                    diagnostics);
}

}  // namespace rondom::resolve::test
