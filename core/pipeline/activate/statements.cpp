#include "pipeline/activate/statements.h"

#include <algorithm>
#include <utility>

#include "config/suppressions.h"
#include "model/refusals.h"

namespace rondom::activate {
namespace {

struct ContactAttributes {
  AttributeId value, status, verified_at;
};

constexpr ContactAttributes email_attributes = {attribute::email_value, attribute::email_status,
                                                attribute::email_verified_at};
constexpr ContactAttributes phone_attributes = {attribute::phone_value, attribute::phone_status,
                                                attribute::phone_verified_at};

/// The elements of a list attribute, by their groups.
template <typename Element>
using Elements = std::vector<std::pair<std::uint32_t, Element>>;

/// One of them, made when first met. Groups come in rising order per attribute.
template <typename Element>
Element& element_of(Elements<Element>& elements, std::uint32_t group) {
  const auto at = std::lower_bound(elements.begin(), elements.end(), group,
                                   [](const auto& one, std::uint32_t g) { return one.first < g; });
  if (at != elements.end() && at->first == group) return at->second;
  return elements.insert(at, {group, Element{}})->second;
}

struct ConsentCells {
  std::string_view purpose, channel, contact, status, at, expires_at, confirmed_at;
};

struct SuppressionCells {
  std::string_view kind, channel, purpose, contact, destination, begins_at, ends_at;
};

Timestamp time_of(std::string_view text) {
  if (text.empty()) return no_time;
  const Result<Timestamp> at = parse_time(text);
  return at.ok() ? *at : no_time;
}

/// Long ago: nobody can say of a "yes" without a date that its time is not over.
constexpr Timestamp over_since_ever = no_time + 1;

/// When it was given, as this purpose sees it, and until when it counts.
void date_grant(const ConsentCells& cells, const config::Purpose& purpose, Statement& statement) {
  if (purpose.double_opt_in) {
    const Timestamp confirmed_at = time_of(cells.confirmed_at);
    if (confirmed_at == no_time) {
      statement.said = Said::pending;
      return;
    }
    statement.at = std::max(statement.at, confirmed_at);
  }
  statement.ends_at = time_of(cells.expires_at);
  if (purpose.expires_after == 0) return;
  const Timestamp over =
      statement.at == no_time ? over_since_ever : statement.at + purpose.expires_after;
  statement.ends_at = statement.ends_at == no_time ? over : std::min(statement.ends_at, over);
}

std::optional<Statement> statement_for(const ConsentCells& cells, const config::Purpose& purpose) {
  const std::optional<Said> said = said_from(cells.status);
  if (!said) return std::nullopt;
  const bool is_yes = *said == Said::granted || *said == Said::pending;
  const bool every_purpose = cells.purpose.empty() && !is_yes;
  if (cells.purpose != purpose.name && !every_purpose) return std::nullopt;
  if (!cells.channel.empty() && cells.channel != purpose.channel) return std::nullopt;
  Statement statement;
  statement.said = *said;
  statement.contact = cells.contact;
  statement.at = time_of(cells.at);
  if (*said == Said::granted) date_grant(cells, purpose, statement);
  return statement;
}

/// Other words for a channel that permission knows.
std::string_view usual_channel(std::string_view channel) {
  if (channel == "mail" || channel == "direct_mail" || channel == "address") return "post";
  return channel == "call" ? std::string_view("phone") : channel;
}

bool read_consent(const Cell& cell, Elements<ConsentCells>& consents) {
  switch (cell.attribute) {
    case attribute::consent_purpose: element_of(consents, cell.group).purpose = cell.value; break;
    case attribute::consent_channel: element_of(consents, cell.group).channel = cell.value; break;
    case attribute::consent_contact: element_of(consents, cell.group).contact = cell.value; break;
    case attribute::consent_status: element_of(consents, cell.group).status = cell.value; break;
    case attribute::consent_at: element_of(consents, cell.group).at = cell.value; break;
    case attribute::consent_expires_at:
      element_of(consents, cell.group).expires_at = cell.value;
      break;
    case attribute::consent_confirmed_at:
      element_of(consents, cell.group).confirmed_at = cell.value;
      break;
    default: return false;
  }
  return true;
}

bool read_suppression(const Cell& cell, Elements<SuppressionCells>& all) {
  switch (cell.attribute) {
    case attribute::suppression_kind: element_of(all, cell.group).kind = cell.value; break;
    case attribute::suppression_channel: element_of(all, cell.group).channel = cell.value; break;
    case attribute::suppression_purpose: element_of(all, cell.group).purpose = cell.value; break;
    case attribute::suppression_contact: element_of(all, cell.group).contact = cell.value; break;
    case attribute::suppression_destination:
      element_of(all, cell.group).destination = cell.value;
      break;
    case attribute::suppression_begins_at:
      element_of(all, cell.group).begins_at = cell.value;
      break;
    case attribute::suppression_ends_at: element_of(all, cell.group).ends_at = cell.value; break;
    default: return false;
  }
  return true;
}

void read_contact(const Cell& cell, ContactKind kind, Elements<ContactPoint>& contacts) {
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

void read_person(const Cell& cell, Facts& facts) {
  switch (cell.attribute) {
    case attribute::death_status:
      facts.deceased = cell.value == "presumed" || cell.value == "confirmed";
      break;
    case attribute::test_record: facts.test_record = cell.value == "true"; break;
    case attribute::birth_date: facts.birth_date = cell.value; break;
    case attribute::country:
    case attribute::address_country:
      if (!cell.value.empty()) facts.countries.push_back(cell.value);
      break;
    default: break;
  }
}

/// Namespace of what a list may name; empty for everything else.
std::string_view namespace_of(const Cell& cell) {
  switch (cell.attribute) {
    case attribute::email_value: return "email";
    case attribute::phone_value: return "phone";
    case attribute::identifier: return cell.name;
    default: return {};
  }
}

void add_listed(const Cell& cell, const config::Purpose& purpose, std::string_view destination,
                Facts& facts) {
  const std::string_view space = namespace_of(cell);
  if (space.empty()) return;
  purpose.suppressions->each(space, cell.value, [&](const config::Suppression& one) {
    if (!is_in_scope(one.purpose, one.channel, one.destination, purpose, destination)) return;
    Closing closing{one.kind, {}, one.begins_at, one.ends_at};
    if (one.contact_only) closing.contact = cell.value;
    closing.listed = "list " + one.list;
    if (one.at.file) {
      closing.listed += ", " + *one.at.file + ":" + std::to_string(one.at.line);
    }
    facts.closings.push_back(std::move(closing));
  });
}

}  // namespace

std::optional<Said> said_from(std::string_view status) {
  if (status == "granted") return Said::granted;
  if (status == "pending") return Said::pending;
  if (status == "expired") return Said::expired;
  if (status == unreadable_consent) return Said::unreadable;
  if (status == "denied") return Said::denied;
  if (status == "withdrawn") return Said::withdrawn;
  return std::nullopt;
}

const char* word(Said said) {
  switch (said) {
    case Said::pending: return "pending";
    case Said::granted: return "granted";
    case Said::expired: return "expired";
    case Said::unreadable: return unreadable_consent.data();
    case Said::denied: return "denied";
    case Said::withdrawn: break;
  }
  return "withdrawn";
}

bool same_contact(std::string_view a, std::string_view b) {
  return a.size() == b.size() && (a == b || lower_ascii(a) == lower_ascii(b));
}

bool is_in_scope(std::string_view suppressed_purpose, std::string_view suppressed_channel,
                 std::string_view suppressed_destination, const config::Purpose& purpose,
                 std::string_view destination) {
  if (!suppressed_purpose.empty() && suppressed_purpose != purpose.name) return false;
  if (!suppressed_channel.empty() &&
      usual_channel(suppressed_channel) != usual_channel(purpose.channel)) {
    return false;
  }
  return suppressed_destination.empty() || suppressed_destination == destination;
}

Facts read_facts(std::string_view values, const config::Purpose& purpose,
                 std::string_view destination, bool lists) {
  Facts facts;
  const ContactKind kind = contact_kind(purpose.channel);
  const bool has_lists = lists && purpose.suppressions && !purpose.suppressions->empty();
  Elements<ContactPoint> contacts;
  Elements<ConsentCells> consents;
  Elements<SuppressionCells> suppressions;
  RecordReader reader(values);
  Cell cell;
  while (reader.next(cell)) {
    if (read_consent(cell, consents) || read_suppression(cell, suppressions)) continue;
    read_person(cell, facts);
    if (has_lists) add_listed(cell, purpose, destination, facts);
    if (kind != ContactKind::none && cell.attribute >= attribute::email_value &&
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
  for (const auto& [group, one] : suppressions) {
    if (!is_in_scope(one.purpose, one.channel, one.destination, purpose, destination)) continue;
    facts.closings.push_back({one.kind, one.contact, time_of(one.begins_at), time_of(one.ends_at)});
  }
  return facts;
}

}  // namespace rondom::activate
