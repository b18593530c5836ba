#include "pipeline/activate/permission.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <tuple>
#include <utility>

#include "model/refusals.h"
#include "pipeline/activate/age.h"
#include "pipeline/activate/statements.h"

namespace rondom::activate {
namespace {

bool is_working(const ContactPoint& contact) {
  return contact.status != "bounced" && contact.status != "invalid" &&
         contact.status != "blocked" && contact.status != "moved";
}

/// A "no" of tomorrow is a "no" of somebody whose clock is wrong; a "yes" or an end of one is not.
bool begins_when_dated(Said said) {
  return said == Said::granted || said == Said::expired;
}

/// Its time is over.
bool is_over(const Statement& statement, Timestamp as_of) {
  return statement.said == Said::granted && statement.ends_at != no_time && as_of != no_time &&
         statement.ends_at <= as_of;
}

bool counts_at(const Statement& statement, Timestamp as_of) {
  if (is_over(statement, as_of)) return false;
  return !begins_when_dated(statement.said) || as_of == no_time || statement.at == no_time ||
         statement.at <= as_of;
}

void keep_best(std::optional<Statement>& best, const Statement& one) {
  if (!best || one.outranks(*best)) best = one;
}

bool overrules(const std::optional<Statement>& grant, const Statement& refusal) {
  return grant && grant->outranks(refusal);
}

/// The statement that decides for a contact point (empty: for the party as a whole). Who took this
/// very contact point back did not give it again by a "yes" in general. One that could not be read
/// may take back any "yes", but adds nothing to a "no".
std::optional<Statement> deciding(const std::vector<Statement>& statements,
                                  std::string_view contact, Timestamp as_of, bool by_consent) {
  std::optional<Statement> grant, named_grant, refusal, named_refusal, unreadable, over, pending;
  for (const Statement& one : statements) {
    if (!one.contact.empty() && !same_contact(one.contact, contact)) continue;
    if (is_over(one, as_of)) keep_best(over, {Said::expired, one.ends_at, one.contact});
    if (!counts_at(one, as_of)) continue;
    const bool named = !one.contact.empty();
    switch (one.said) {
      case Said::pending: keep_best(pending, one); break;
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
  if (unreadable || grant || !by_consent) return unreadable ? unreadable : grant;
  return over ? over : pending;
}

/// What somebody else said no to, about this very contact point, when nobody said yes to it since.
std::optional<Statement> closed_elsewhere(const std::vector<Statement>& own,
                                          std::span<const ContactStatement> elsewhere,
                                          std::string_view contact, Timestamp as_of) {
  std::optional<Statement> refusal, party_refusal, unreadable, grant, any_grant;
  for (const ContactStatement& one : elsewhere) {
    const std::optional<Said> said = said_from(one.status);
    if (!said || *said == Said::expired || *said == Said::pending) continue;
    if (!same_contact(one.contact, contact)) continue;
    const Statement statement{*said, one.at, one.contact, one.ends_at};
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
  bool elsewhere = false;            // decided by what another record says
  const Closing* closing = nullptr;  // it would be allowed, if this were not
};

class Judge {
 public:
  Judge(const Facts& facts, const config::Purpose& purpose, Timestamp as_of,
        std::span<const ContactStatement> elsewhere)
      : facts_(facts),
        by_consent_(purpose.legal_basis.empty() || purpose.legal_basis == "consent"),
        as_of_(as_of),
        elsewhere_(elsewhere),
        closings_(facts.closings) {
    for (const ContactStatement& one : elsewhere) {
      if (one.status != suppressed_status) continue;
      closings_.push_back({one.kind, one.contact, one.at, one.ends_at, {}, true});
    }
  }

  /// What closes this contact point; with an empty one, the party.
  const Closing* closing(std::string_view contact) const {
    for (const Closing& one : closings_) {
      if (one.holds_at(as_of_) && same_contact(one.contact, contact)) return &one;
    }
    return nullptr;
  }

  Verdict verdict(std::string_view contact) const {
    Verdict verdict{false, deciding(facts_.statements, contact, as_of_, by_consent_), false,
                    nullptr};
    const bool refused = verdict.decided && (verdict.decided->said == Said::withdrawn ||
                                             verdict.decided->said == Said::denied ||
                                             verdict.decided->said == Said::unreadable);
    const bool granted = verdict.decided && verdict.decided->said == Said::granted;
    verdict.allowed = granted || (!by_consent_ && !refused);
    if (verdict.allowed && !contact.empty()) {
      if (auto closed = closed_elsewhere(facts_.statements, elsewhere_, contact, as_of_)) {
        verdict = {false, closed, true, nullptr};
      }
    }
    if (verdict.allowed && !contact.empty()) verdict.closing = closing(contact);
    verdict.allowed = verdict.allowed && verdict.closing == nullptr;
    return verdict;
  }

  /// The newest "no" that nothing overrules, about the party or any contact point it ever named.
  std::optional<Verdict> standing_refusal() const {
    std::optional<Verdict> newest;
    const auto consider = [&](const Verdict& verdict) {
      if (verdict.allowed || !verdict.decided || verdict.closing != nullptr) return;
      if (verdict.decided->said == Said::pending) return;
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
  std::vector<Closing> closings_;
};

Permission withheld(Withholding why, std::string reason) {
  Permission permission;
  permission.why = why;
  permission.reason = std::move(reason);
  return permission;
}

Permission suppress(const Closing& closing) {
  std::string reason = "suppressed: " + std::string(closing.kind);
  std::replace(reason.begin(), reason.end(), '_', ' ');
  if (closing.elsewhere) reason += elsewhere_suffix;
  Permission permission = withheld(Withholding::suppressed, std::move(reason));
  permission.withdrawn = true;
  permission.decided_by = "suppressed";
  if (closing.begins_at != no_time) {
    permission.decided_by += " " + format_date(closing.begins_at);
    permission.decided_at = closing.begins_at;
  }
  if (!closing.contact.empty()) permission.decided_by += " for " + std::string(closing.contact);
  if (closing.ends_at != no_time) permission.decided_by += " until " + format_date(closing.ends_at);
  if (!closing.listed.empty()) permission.decided_by += ", " + closing.listed;
  return permission;
}

/// When somebody will be old enough, or `no_time` when they are or nobody asks.
Timestamp young_until(const Facts& facts, const config::Purpose& purpose, Timestamp as_of) {
  if (purpose.minimum_age.empty() || facts.birth_date.empty()) return no_time;
  const int age = minimum_age(purpose, facts.countries);
  const auto grown = age == 0 ? std::nullopt : is_aged_at(facts.birth_date, age);
  return grown && (as_of == no_time || as_of < *grown) ? *grown : no_time;
}

bool lacks_an_age(const Facts& facts, const config::Purpose& purpose) {
  return purpose.birth_date_required && minimum_age(purpose, facts.countries) > 0 &&
         !is_aged_at(facts.birth_date, 0);
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
                               std::string_view destination,
                               std::vector<ContactStatement>& statements) {
  const Facts facts = read_facts(values, purpose, destination, false);
  const auto add = [&](std::string_view named, ContactStatement statement) {
    statement.about_party = named.empty();
    if (!named.empty()) {
      statement.contact = named;
      statements.push_back(std::move(statement));
      return;
    }
    for (const ContactPoint& contact : facts.contacts) {
      statement.contact = contact.value;
      statements.push_back(statement);
    }
  };
  for (const Statement& one : facts.statements) {
    add(one.contact, {{}, word(one.said), one.at, false, one.ends_at, {}});
  }
  for (const Closing& one : facts.closings) {
    add(one.contact, {{},
                      std::string(suppressed_status),
                      one.begins_at,
                      false,
                      one.ends_at,
                      std::string(one.kind)});
  }
}

namespace {

/// The first moment after `as_of` at which a "yes" or a suppression begins to count, or one ends.
Timestamp first_change(const Facts& facts, Timestamp as_of,
                       std::span<const ContactStatement> elsewhere) {
  Timestamp first = no_time;
  const auto consider = [&](Timestamp at) {
    if (as_of != no_time && at > as_of && (first == no_time || at < first)) first = at;
  };
  for (const Statement& one : facts.statements) {
    if (begins_when_dated(one.said)) consider(one.at);
    consider(one.ends_at);
  }
  for (const Closing& one : facts.closings) {
    consider(one.begins_at);
    consider(one.ends_at);
  }
  for (const ContactStatement& one : elsewhere) {
    if (one.status != word(Said::granted) && one.status != suppressed_status) continue;
    consider(one.at);
    consider(one.ends_at);
  }
  return first;
}

Permission judge(const Facts& facts, Entity entity, const config::Purpose& purpose, Timestamp as_of,
                 std::span<const ContactStatement> elsewhere) {
  if (facts.test_record) return withheld(Withholding::test_record, "test record");
  if (entity == Entity::person && facts.deceased) {
    return withheld(Withholding::deceased, "deceased");
  }
  if (entity == Entity::person && facts.deceased_elsewhere) {
    return withheld(Withholding::deceased, "deceased" + std::string(elsewhere_suffix));
  }
  if (entity == Entity::person && young_until(facts, purpose, as_of) != no_time) {
    return withheld(Withholding::minor, "too young");
  }
  if (entity == Entity::person && lacks_an_age(facts, purpose)) {
    return withheld(Withholding::minor, "age not known");
  }
  const ContactKind kind = contact_kind(purpose.channel);
  const Judge verdicts(facts, purpose, as_of, elsewhere);
  if (const Closing* closing = verdicts.closing({})) return suppress(*closing);
  std::vector<Reachable> reachable;
  const ContactPoint nowhere;
  const ContactPoint* broken = nullptr;
  const Closing* closed = nullptr;
  if (kind == ContactKind::none) {
    const Verdict verdict = verdicts.verdict({});
    if (verdict.allowed) reachable.push_back({&nowhere, verdict.decided});
  }
  for (const ContactPoint& contact : facts.contacts) {
    const Verdict verdict =
        verdicts.verdict(kind == ContactKind::address ? std::string_view() : contact.value);
    if (verdict.closing != nullptr && closed == nullptr) closed = verdict.closing;
    if (!verdict.allowed) continue;
    if (is_working(contact)) {
      reachable.push_back({&contact, verdict.decided});
    } else {
      broken = &contact;
    }
  }
  if (!reachable.empty()) return permit(reachable, kind, purpose);
  if (const auto refusal = verdicts.standing_refusal()) return refuse(*refusal);
  if (closed != nullptr) return suppress(*closed);
  if (kind != ContactKind::none && facts.contacts.empty()) {
    return withheld(Withholding::unreachable, no_contact_reason(kind));
  }
  if (broken != nullptr) {
    return withheld(Withholding::unreachable, broken->status == "moved" ? "moved" : "bounced");
  }
  const bool waits = std::any_of(facts.statements.begin(), facts.statements.end(),
                                 [](const Statement& one) { return one.said == Said::pending; });
  return withheld(Withholding::no_consent, waits ? "not confirmed" : "no consent");
}

}  // namespace

void append_standing_refusals(std::string_view values, const config::Purpose& purpose,
                              std::string_view destination,
                              std::vector<ContactStatement>& statements) {
  for (const Refusal& refusal : refusals_of(values)) {
    if (refusal.status == deceased_status) {
      statements.push_back({std::string(refusal.contact),
                            std::string(deceased_status),
                            no_time,
                            true,
                            no_time,
                            {},
                            std::string(values)});
      continue;
    }
    if (refusal.status == suppressed_status) {
      if (!is_in_scope(refusal.purpose, refusal.channel, refusal.destination, purpose,
                       destination)) {
        continue;
      }
    } else {
      if (!refusal.purpose.empty() && refusal.purpose != purpose.name) continue;
      if (!refusal.channel.empty() && refusal.channel != purpose.channel) continue;
    }
    ContactStatement statement{std::string(refusal.contact),
                               std::string(refusal.status),
                               no_time,
                               refusal.about_party,
                               no_time,
                               std::string(refusal.kind)};
    if (const auto at = parse_time(refusal.at); at.ok()) statement.at = *at;
    if (const auto at = parse_time(refusal.ends_at); at.ok()) statement.ends_at = *at;
    statements.push_back(std::move(statement));
  }
}

Permission permission_for(std::string_view profile_values, Entity entity,
                          const config::Purpose& purpose, Timestamp as_of,
                          std::span<const ContactStatement> elsewhere,
                          std::string_view destination) {
  Facts facts = read_facts(profile_values, purpose, destination, true);
  facts.deceased_elsewhere =
      std::any_of(elsewhere.begin(), elsewhere.end(),
                  [](const ContactStatement& one) { return one.status == deceased_status; });
  Permission permission = judge(facts, entity, purpose, as_of, elsewhere);
  permission.changes_at = first_change(facts, as_of, elsewhere);
  const Timestamp grown = as_of == no_time ? no_time : young_until(facts, purpose, as_of);
  if (grown != no_time && (permission.changes_at == no_time || grown < permission.changes_at)) {
    permission.changes_at = grown;
  }
  return permission;
}

}  // namespace rondom::activate
