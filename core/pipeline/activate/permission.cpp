#include "pipeline/activate/permission.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "model/refusals.h"

namespace rondom::activate {
namespace {

/// In order of restriction.
enum class Said : std::uint8_t { granted, expired, unreadable, denied, withdrawn };

std::optional<Said> said_from(std::string_view status) {
  if (status == "granted") return Said::granted;
  if (status == "expired") return Said::expired;
  if (status == unreadable_consent) return Said::unreadable;
  if (status == "denied") return Said::denied;
  if (status == "withdrawn") return Said::withdrawn;
  return std::nullopt;
}

const char* word(Said said) {
  switch (said) {
    case Said::granted: return "granted";
    case Said::expired: return "expired";
    case Said::unreadable: return unreadable_consent.data();
    case Said::denied: return "denied";
    case Said::withdrawn: break;
  }
  return "withdrawn";
}

struct Statement {
  Said said = Said::granted;
  Timestamp at = no_time;
  std::string_view contact;  // empty: the party

  /// A "no" without a time may be younger than anything.
  Timestamp rank() const {
    const bool open_end = at == no_time && said != Said::granted;
    return open_end ? std::numeric_limits<Timestamp>::max() : at;
  }
  bool outranks(const Statement& other) const {
    if (rank() != other.rank()) return rank() > other.rank();
    return said > other.said;
  }
};

struct ContactPoint {
  std::string_view value;
  std::string_view status;
  std::string_view verified_at;
  std::uint32_t group = 0;
};

struct Facts {
  std::vector<ContactPoint> contacts;
  std::vector<Statement> statements;
  bool deceased = false;
  bool test_record = false;
};

struct ContactAttributes {
  AttributeId value, status, verified_at;
};

constexpr ContactAttributes email_attributes = {attribute::email_value, attribute::email_status,
                                                attribute::email_verified_at};
constexpr ContactAttributes phone_attributes = {attribute::phone_value, attribute::phone_status,
                                                attribute::phone_verified_at};

/// One element of a list attribute, made when first met. Groups come in rising order per attribute.
template <typename Element>
Element& element_of(std::vector<std::pair<std::uint32_t, Element>>& elements, std::uint32_t group) {
  const auto at = std::lower_bound(elements.begin(), elements.end(), group,
                                   [](const auto& one, std::uint32_t g) { return one.first < g; });
  if (at != elements.end() && at->first == group) return at->second;
  return elements.insert(at, {group, Element{}})->second;
}

struct ConsentCells {
  std::string_view purpose, channel, contact, status, at;
};

std::optional<Statement> statement_for(const ConsentCells& cells, const config::Purpose& purpose) {
  const std::optional<Said> said = said_from(cells.status);
  if (!said) return std::nullopt;
  const bool every_purpose = cells.purpose.empty() && *said != Said::granted;
  if (cells.purpose != purpose.name && !every_purpose) return std::nullopt;
  if (!cells.channel.empty() && cells.channel != purpose.channel) return std::nullopt;
  Statement statement;
  statement.said = *said;
  statement.contact = cells.contact;
  if (!cells.at.empty()) {
    const Result<Timestamp> at = parse_time(cells.at);
    if (at.ok()) statement.at = *at;
  }
  return statement;
}

void read_consent(const Cell& cell, std::vector<std::pair<std::uint32_t, ConsentCells>>& consents) {
  switch (cell.attribute) {
    case attribute::consent_purpose: element_of(consents, cell.group).purpose = cell.value; break;
    case attribute::consent_channel: element_of(consents, cell.group).channel = cell.value; break;
    case attribute::consent_contact: element_of(consents, cell.group).contact = cell.value; break;
    case attribute::consent_status: element_of(consents, cell.group).status = cell.value; break;
    case attribute::consent_at: element_of(consents, cell.group).at = cell.value; break;
    default: break;
  }
}

void read_contact(const Cell& cell, ContactKind kind,
                  std::vector<std::pair<std::uint32_t, ContactPoint>>& contacts) {
  if (kind == ContactKind::address) {
    if (cell.attribute == attribute::address_status) {
      element_of(contacts, cell.group).status = cell.value;
    } else if (cell.attribute >= attribute::address_street &&
               cell.attribute <= attribute::address_full) {
      element_of(contacts, cell.group).value = cell.value;
    }
    return;
  }
  const ContactAttributes& ids = kind == ContactKind::email ? email_attributes : phone_attributes;
  if (cell.attribute == ids.value) element_of(contacts, cell.group).value = cell.value;
  if (cell.attribute == ids.status) element_of(contacts, cell.group).status = cell.value;
  if (cell.attribute == ids.verified_at) element_of(contacts, cell.group).verified_at = cell.value;
}

Facts read_facts(std::string_view values, const config::Purpose& purpose) {
  Facts facts;
  const ContactKind kind = contact_kind(purpose.channel);
  std::vector<std::pair<std::uint32_t, ContactPoint>> contacts;
  std::vector<std::pair<std::uint32_t, ConsentCells>> consents;
  RecordReader reader(values);
  Cell cell;
  while (reader.next(cell)) {
    if (cell.attribute == attribute::death_status) {
      facts.deceased = cell.value == "presumed" || cell.value == "confirmed";
    } else if (cell.attribute == attribute::test_record) {
      facts.test_record = cell.value == "true";
    } else if (cell.attribute >= attribute::consent_purpose &&
               cell.attribute <= attribute::consent_at) {
      read_consent(cell, consents);
    } else if (kind != ContactKind::none && cell.attribute >= attribute::email_value &&
               cell.attribute <= attribute::address_full) {
      read_contact(cell, kind, contacts);
    }
  }
  for (auto& [group, contact] : contacts) {
    contact.group = group;
    if (!contact.value.empty()) facts.contacts.push_back(contact);
  }
  for (const auto& [group, consent] : consents) {
    if (auto statement = statement_for(consent, purpose)) facts.statements.push_back(*statement);
  }
  return facts;
}

/// Domain and, as every mail system in use does, the part before the @ regardless of case.
bool same_contact(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a == b || lower_ascii(a) == lower_ascii(b));
}

bool is_working(const ContactPoint& contact) {
  return contact.status != "bounced" && contact.status != "invalid" &&
         contact.status != "blocked" && contact.status != "moved";
}

/// A "no" of tomorrow is a "no" of somebody whose clock is wrong; a "yes" or an end of one is not.
bool begins_when_dated(Said said) {
  return said == Said::granted || said == Said::expired;
}

bool counts_at(const Statement& statement, Timestamp as_of) {
  return !begins_when_dated(statement.said) || as_of == no_time || statement.at == no_time ||
         statement.at <= as_of;
}

void keep_best(std::optional<Statement>& best, const Statement& one) {
  if (!best || one.outranks(*best)) best = one;
}

bool overrules(const std::optional<Statement>& grant, const Statement& refusal) {
  return grant && grant->outranks(refusal);
}

/// The statement that decides for a contact point (empty: for the party as a whole). Who took this very
/// contact point back did not give it again by a "yes" in general. One that could not be read may take back any
/// "yes", but adds nothing to a "no".
std::optional<Statement> deciding(const std::vector<Statement>& statements,
                                  std::string_view contact, Timestamp as_of, bool by_consent) {
  std::optional<Statement> grant, named_grant, refusal, named_refusal, unreadable;
  for (const Statement& one : statements) {
    if (!counts_at(one, as_of)) continue;
    if (!one.contact.empty() && !same_contact(one.contact, contact)) continue;
    const bool named = !one.contact.empty();
    switch (one.said) {
      case Said::granted:
        keep_best(grant, one);
        if (named) keep_best(named_grant, one);
        break;
      case Said::expired:
        if (by_consent) keep_best(refusal, one);
        break;
      case Said::unreadable: keep_best(unreadable, one); break;
      case Said::denied:
      case Said::withdrawn: keep_best(named ? named_refusal : refusal, one); break;
    }
  }
  std::optional<Statement> standing;
  if (refusal && !overrules(grant, *refusal)) standing = refusal;
  if (named_refusal && !overrules(named_grant, *named_refusal)) keep_best(standing, *named_refusal);
  if (standing) return standing;
  return unreadable ? unreadable : grant;
}

/// What somebody else said no to, about this very contact point, when nobody said yes to it since.
std::optional<Statement> closed_elsewhere(const std::vector<Statement>& own,
                                          std::span<const ContactStatement> elsewhere,
                                          std::string_view contact, Timestamp as_of) {
  std::optional<Statement> refusal, party_refusal, unreadable, grant, any_grant;
  for (const ContactStatement& one : elsewhere) {
    const std::optional<Said> said = said_from(one.status);
    if (!said || *said == Said::expired || !same_contact(one.contact, contact)) continue;
    const Statement statement{*said, one.at, one.contact};
    if (!counts_at(statement, as_of)) continue;
    if (*said == Said::granted) {
      if (!one.about_party) keep_best(grant, statement);
      keep_best(any_grant, statement);
    } else if (*said == Said::unreadable) {
      keep_best(unreadable, statement);
    } else {
      keep_best(one.about_party ? party_refusal : refusal, statement);
    }
  }
  if (!refusal && !party_refusal) return unreadable;
  for (const Statement& one : own) {
    if (one.said != Said::granted || !counts_at(one, as_of)) continue;
    if (one.contact.empty() || same_contact(one.contact, contact)) keep_best(any_grant, one);
    if (!one.contact.empty() && same_contact(one.contact, contact)) keep_best(grant, one);
  }
  if (refusal && !overrules(grant, *refusal)) return refusal;
  if (party_refusal && !overrules(any_grant, *party_refusal)) return party_refusal;
  return unreadable;
}

std::string describe(const Statement& statement) {
  std::string text = word(statement.said);
  text += statement.at == no_time ? ", undated" : " " + format_date(statement.at);
  if (!statement.contact.empty()) text += " for " + std::string(statement.contact);
  return text;
}

struct Verdict {
  bool allowed = false;
  std::optional<Statement> decided;
  bool elsewhere = false;  // decided by what another record says
};

class Judge {
 public:
  Judge(const Facts& facts, const config::Purpose& purpose, Timestamp as_of,
        std::span<const ContactStatement> elsewhere)
      : facts_(facts),
        by_consent_(purpose.legal_basis.empty() || purpose.legal_basis == "consent"),
        as_of_(as_of),
        elsewhere_(elsewhere) {}

  Verdict verdict(std::string_view contact) const {
    Verdict verdict{false, deciding(facts_.statements, contact, as_of_, by_consent_), false};
    const bool refused = verdict.decided && (verdict.decided->said == Said::withdrawn ||
                                             verdict.decided->said == Said::denied ||
                                             verdict.decided->said == Said::unreadable);
    const bool granted = verdict.decided && verdict.decided->said == Said::granted;
    verdict.allowed = granted || (!by_consent_ && !refused);
    if (verdict.allowed && !contact.empty()) {
      if (auto closed = closed_elsewhere(facts_.statements, elsewhere_, contact, as_of_)) {
        verdict = {false, closed, true};
      }
    }
    return verdict;
  }

  /// The newest "no" that nothing overrules, about the party or any contact point it ever named.
  std::optional<Verdict> standing_refusal() const {
    std::optional<Verdict> newest;
    const auto consider = [&](const Verdict& verdict) {
      if (verdict.allowed || !verdict.decided) return;
      if (!newest) {
        newest = verdict;
        return;
      }
      // What is known goes before what is not.
      const bool known = verdict.decided->said != Said::unreadable;
      const bool newest_known = newest->decided->said != Said::unreadable;
      const bool better =
          known == newest_known ? verdict.decided->outranks(*newest->decided) : known;
      if (better) newest = verdict;
    };
    for (const ContactPoint& contact : facts_.contacts) consider(verdict(contact.value));
    for (const Statement& one : facts_.statements) {
      if (one.said != Said::granted) consider(verdict(one.contact));
    }
    return newest;
  }

 private:
  const Facts& facts_;
  const bool by_consent_;
  const Timestamp as_of_;
  const std::span<const ContactStatement> elsewhere_;
};

Permission withheld(Withholding why, std::string reason) {
  Permission permission;
  permission.why = why;
  permission.reason = std::move(reason);
  return permission;
}

const char* no_contact_reason(ContactKind kind) {
  if (kind == ContactKind::email) return "no e-mail address";
  return kind == ContactKind::phone ? "no phone number" : "no address";
}

struct Reachable {
  const ContactPoint* contact = nullptr;
  std::optional<Statement> decided;
};

/// A "yes" about the contact point itself first, the newest first; then verified ones; then in the
/// profile's own order.
void sort_best_first(std::vector<Reachable>& reachable) {
  const auto key = [](const Reachable& one) {
    const bool named = one.decided && !one.decided->contact.empty();
    return std::tuple(!named, named ? -(one.decided->at / microseconds_per_second) : 0,
                      one.contact->verified_at.empty(), one.contact->group);
  };
  std::stable_sort(reachable.begin(), reachable.end(),
                   [&](const Reachable& a, const Reachable& b) { return key(a) < key(b); });
}

Permission permit(std::vector<Reachable>& reachable, ContactKind kind,
                  const config::Purpose& purpose) {
  sort_best_first(reachable);
  Permission permission;
  permission.allowed = true;
  const std::optional<Statement>& decided = reachable.front().decided;
  permission.decided_by = decided ? describe(*decided) : "legal basis " + purpose.legal_basis;
  if (decided) permission.decided_at = decided->at;
  if (kind == ContactKind::email || kind == ContactKind::phone) {
    for (const Reachable& one : reachable) {
      std::string value(one.contact->value);
      if (std::find(permission.contacts.begin(), permission.contacts.end(), value) ==
          permission.contacts.end()) {
        permission.contacts.push_back(std::move(value));
      }
    }
  }
  return permission;
}

Permission refuse(const Verdict& verdict) {
  const bool unreadable = verdict.decided->said == Said::unreadable;
  std::string reason = unreadable ? "consent cannot be read" : word(verdict.decided->said);
  if (verdict.elsewhere) reason += elsewhere_suffix;
  Permission permission =
      withheld(unreadable ? Withholding::unreadable : Withholding::opted_out, std::move(reason));
  permission.withdrawn = !unreadable;
  permission.decided_by = describe(*verdict.decided);
  permission.decided_at = verdict.decided->at;
  return permission;
}

}  // namespace

ContactKind contact_kind(std::string_view channel) {
  if (channel == "email") return ContactKind::email;
  if (channel == "phone" || channel == "sms" || channel == "whatsapp" || channel == "call") {
    return ContactKind::phone;
  }
  if (channel == "post" || channel == "mail" || channel == "direct_mail" || channel == "address") {
    return ContactKind::address;
  }
  return ContactKind::none;
}

std::string_view contact_namespace(ContactKind kind) {
  if (kind == ContactKind::email) return "email";
  return kind == ContactKind::phone ? std::string_view("phone") : std::string_view();
}

void append_contact_statements(std::string_view values, const config::Purpose& purpose,
                               std::vector<ContactStatement>& statements) {
  const Facts facts = read_facts(values, purpose);
  for (const Statement& one : facts.statements) {
    if (!one.contact.empty()) {
      statements.push_back({std::string(one.contact), word(one.said), one.at, false});
      continue;
    }
    for (const ContactPoint& contact : facts.contacts) {
      statements.push_back({std::string(contact.value), word(one.said), one.at, true});
    }
  }
}

namespace {

/// The first moment after `as_of` at which a "yes" begins to count, or one ends.
Timestamp first_change(const Facts& facts, Timestamp as_of,
                       std::span<const ContactStatement> elsewhere) {
  Timestamp first = no_time;
  const auto consider = [&](Timestamp at) {
    if (as_of != no_time && at > as_of && (first == no_time || at < first)) first = at;
  };
  for (const Statement& one : facts.statements) {
    if (begins_when_dated(one.said)) consider(one.at);
  }
  for (const ContactStatement& one : elsewhere) {
    if (one.status == word(Said::granted)) consider(one.at);
  }
  return first;
}

Permission judge(const Facts& facts, Entity entity, const config::Purpose& purpose, Timestamp as_of,
                 std::span<const ContactStatement> elsewhere) {
  if (facts.test_record) return withheld(Withholding::test_record, "test record");
  if (entity == Entity::person && facts.deceased) {
    return withheld(Withholding::deceased, "deceased");
  }
  const ContactKind kind = contact_kind(purpose.channel);
  const Judge verdicts(facts, purpose, as_of, elsewhere);
  std::vector<Reachable> reachable;
  const ContactPoint nowhere;
  const ContactPoint* broken = nullptr;
  if (kind == ContactKind::none) {
    const Verdict verdict = verdicts.verdict({});
    if (verdict.allowed) reachable.push_back({&nowhere, verdict.decided});
  }
  for (const ContactPoint& contact : facts.contacts) {
    const Verdict verdict =
        verdicts.verdict(kind == ContactKind::address ? std::string_view() : contact.value);
    if (!verdict.allowed) continue;
    if (is_working(contact)) {
      reachable.push_back({&contact, verdict.decided});
    } else {
      broken = &contact;
    }
  }
  if (!reachable.empty()) return permit(reachable, kind, purpose);
  if (const auto refusal = verdicts.standing_refusal()) return refuse(*refusal);
  if (kind != ContactKind::none && facts.contacts.empty()) {
    return withheld(Withholding::unreachable, no_contact_reason(kind));
  }
  if (broken != nullptr) {
    return withheld(Withholding::unreachable, broken->status == "moved" ? "moved" : "bounced");
  }
  return withheld(Withholding::no_consent, "no consent");
}

}  // namespace

void append_standing_refusals(std::string_view values, const config::Purpose& purpose,
                              std::vector<ContactStatement>& statements) {
  for (const Refusal& refusal : refusals_of(values)) {
    if (!refusal.purpose.empty() && refusal.purpose != purpose.name) continue;
    if (!refusal.channel.empty() && refusal.channel != purpose.channel) continue;
    ContactStatement statement{std::string(refusal.contact), std::string(refusal.status), no_time,
                               refusal.about_party};
    if (const auto at = parse_time(refusal.at); at.ok()) statement.at = *at;
    statements.push_back(std::move(statement));
  }
}

Permission permission_for(std::string_view profile_values, Entity entity,
                          const config::Purpose& purpose, Timestamp as_of,
                          std::span<const ContactStatement> elsewhere) {
  const Facts facts = read_facts(profile_values, purpose);
  Permission permission = judge(facts, entity, purpose, as_of, elsewhere);
  permission.changes_at = first_change(facts, as_of, elsewhere);
  return permission;
}

}  // namespace rondom::activate
