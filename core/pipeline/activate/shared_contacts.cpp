#include "pipeline/activate/shared_contacts.h"

#include <algorithm>

#include "model/person_names.h"
#include "model/refusals.h"

namespace rondom::activate {
namespace {

constexpr std::size_t records_per_read = 5'000;
/// A contact point of more records is no household's: that somebody who had it died says nothing
/// about the others.
constexpr std::size_t records_of_household_max = 50;

template <typename T>
void sort_unique(std::vector<T>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

std::span<const store::Posting> postings_of(const std::vector<store::Posting>& postings,
                                            std::uint64_t identifier) {
  const auto range = std::equal_range(
      postings.begin(), postings.end(), store::Posting{identifier, 0},
      [](const store::Posting& a, const store::Posting& b) { return a.identifier < b.identifier; });
  return {range.first, range.second};
}

/// Whoever died is known by any contact point, however they would be written to.
std::vector<std::uint64_t> contacts_of_person(const store::Profile& profile) {
  std::vector<std::uint64_t> contacts;
  if (profile.entity != Entity::person) return contacts;
  RecordReader reader(profile.values);
  Cell cell;
  while (reader.next(cell)) {
    if (cell.attribute == attribute::email_value) {
      contacts.push_back(identifier_hash("email", cell.value));
    } else if (cell.attribute == attribute::phone_value) {
      contacts.push_back(identifier_hash("phone", cell.value));
    }
  }
  return contacts;
}

std::vector<std::uint64_t> permitted_contacts(std::string_view space,
                                              const Permission& permission) {
  std::vector<std::uint64_t> contacts;
  for (const std::string& contact : permission.contacts) {
    contacts.push_back(identifier_hash(space, contact));
  }
  return contacts;
}

/// Statements about contact points, by the record that makes them. Sorted by record.
using Statements = std::vector<std::pair<store::RecordId, ContactStatement>>;

Status read_statements(const config::Purpose& purpose, std::string_view destination,
                       store::Store& store, const std::vector<store::RecordId>& ids,
                       Statements& statements) {
  std::vector<ContactStatement> of_record;
  for (std::size_t at = 0; at < ids.size(); at += records_per_read) {
    const std::size_t count = std::min(records_per_read, ids.size() - at);
    RONDOM_TRY_ASSIGN(const auto records, store.records({ids.data() + at, count}));
    for (const store::StoredRecord& record : records) {
      of_record.clear();
      if (record.live) {
        append_contact_statements(record.canonical, purpose, destination, of_record);
      } else {
        append_standing_refusals(record.canonical, purpose, destination, of_record);
      }
      for (ContactStatement& one : of_record) statements.emplace_back(record.id, std::move(one));
    }
  }
  return {};
}

/// Takes one profile's permission again, now with what others say.
class Recheck {
 public:
  Recheck(const config::Purpose& purpose, Timestamp as_of, std::string_view destination,
          const std::vector<store::Posting>& postings, const Statements& statements)
      : purpose_(purpose),
        as_of_(as_of),
        destination_(destination),
        postings_(postings),
        statements_(statements) {}

  void operator()(Reached& reached) {
    elsewhere_.clear();
    crowded_.clear();
    const std::string_view space = contact_namespace(contact_kind(purpose_.channel));
    for (const std::string& contact : reached.permission->contacts) {
      const auto range = postings_of(postings_, identifier_hash(space, contact));
      if (range.size() >= records_per_contact_max) crowded_.push_back(contact);
      each_foreign(*reached.profile, range, [&](const ContactStatement& one) {
        if (one.status != deceased_status) elsewhere_.push_back(one);
      });
    }
    for (const std::uint64_t contact : contacts_of_person(*reached.profile)) {
      const auto range = postings_of(postings_, contact);
      if (range.size() > records_of_household_max) continue;
      each_foreign(*reached.profile, range, [&](const ContactStatement& one) {
        const bool died = one.status == deceased_status &&
                          may_be_same_person(one.person, reached.profile->values);
        if (died) elsewhere_.push_back(one);
      });
    }
    if (!elsewhere_.empty()) {
      *reached.permission = permission_for(reached.profile->values, reached.profile->entity,
                                           purpose_, as_of_, elsewhere_, destination_);
    }
    if (!crowded_.empty() && reached.permission->allowed) drop_crowded(*reached.permission);
  }

 private:
  template <typename Each>
  void each_foreign(const store::Profile& profile, std::span<const store::Posting> postings,
                    const Each& each) const {
    for (const store::Posting& posting : postings) {
      const store::RecordId record = posting.record;
      if (std::binary_search(profile.members.begin(), profile.members.end(), record)) continue;
      auto at =
          std::lower_bound(statements_.begin(), statements_.end(), record,
                           [](const auto& one, store::RecordId id) { return one.first < id; });
      for (; at != statements_.end() && at->first == record; ++at) each(at->second);
    }
  }

  void drop_crowded(Permission& permission) const {
    std::erase_if(permission.contacts, [&](const std::string& contact) {
      return std::find(crowded_.begin(), crowded_.end(), contact) != crowded_.end();
    });
    if (!permission.contacts.empty()) return;
    permission = {};
    permission.why = Withholding::unreachable;
    permission.reason = "contact point of too many people";
  }

  const config::Purpose& purpose_;
  const Timestamp as_of_;
  const std::string_view destination_;
  const std::vector<store::Posting>& postings_;
  const Statements& statements_;
  std::vector<ContactStatement> elsewhere_;
  std::vector<std::string> crowded_;
};

}  // namespace

Status apply_shared_contacts(const config::Purpose& purpose, Timestamp as_of,
                             std::string_view destination, store::Store& store,
                             std::span<Reached> reached) {
  const std::string_view space = contact_namespace(contact_kind(purpose.channel));
  std::vector<std::uint64_t> identifiers;
  const auto ask_for = [&](const std::vector<std::uint64_t>& contacts) {
    identifiers.insert(identifiers.end(), contacts.begin(), contacts.end());
  };
  for (const Reached& one : reached) {
    ask_for(permitted_contacts(space, *one.permission));
    ask_for(contacts_of_person(*one.profile));
  }
  if (identifiers.empty()) return {};
  sort_unique(identifiers);
  RONDOM_TRY_ASSIGN(const auto postings, store.postings(identifiers, records_per_contact_max));
  std::vector<store::RecordId> foreign;
  std::vector<std::size_t> shared;
  for (std::size_t i = 0; i < reached.size(); ++i) {
    const std::vector<store::RecordId>& members = reached[i].profile->members;
    bool is_shared = false;
    const auto look = [&](const std::vector<std::uint64_t>& contacts, std::size_t records_max) {
      for (const std::uint64_t contact : contacts) {
        const auto range = postings_of(postings, contact);
        if (range.size() > records_max) continue;
        for (const store::Posting& posting : range) {
          if (std::binary_search(members.begin(), members.end(), posting.record)) continue;
          foreign.push_back(posting.record);
          is_shared = true;
        }
      }
    };
    look(permitted_contacts(space, *reached[i].permission), records_per_contact_max);
    look(contacts_of_person(*reached[i].profile), records_of_household_max);
    if (is_shared) shared.push_back(i);
  }
  sort_unique(foreign);
  Statements statements;
  RONDOM_TRY(read_statements(purpose, destination, store, foreign, statements));
  Recheck recheck(purpose, as_of, destination, postings, statements);
  for (const std::size_t i : shared) recheck(reached[i]);
  return {};
}

Status append_sharers(const config::Purpose& purpose, std::string_view destination,
                      store::Store& store, std::span<const store::Profile> profiles,
                      std::vector<store::ProfileId>& sharers) {
  const ContactKind kind = contact_kind(purpose.channel);
  const std::string_view space = contact_namespace(kind);
  const AttributeId contact =
      kind == ContactKind::phone ? attribute::phone_value : attribute::email_value;
  std::vector<std::uint64_t> identifiers;
  for (const store::Profile& profile : profiles) {
    // What it says no longer is as much of a change as what it says now.
    for (const Cell& cell : read_cells(profile.values)) {
      if (cell.attribute == contact) identifiers.push_back(identifier_hash(space, cell.value));
    }
    std::vector<ContactStatement> statements;
    append_contact_statements(profile.values, purpose, destination, statements);
    for (const ContactStatement& one : statements) {
      identifiers.push_back(identifier_hash(space, one.contact));
    }
  }
  if (identifiers.empty()) return {};
  sort_unique(identifiers);
  RONDOM_TRY_ASSIGN(const auto postings, store.postings(identifiers, records_per_contact_max));
  std::vector<store::RecordId> ids;
  for (const store::Posting& posting : postings) ids.push_back(posting.record);
  sort_unique(ids);
  for (std::size_t at = 0; at < ids.size(); at += records_per_read) {
    const std::size_t count = std::min(records_per_read, ids.size() - at);
    RONDOM_TRY_ASSIGN(const auto records, store.records({ids.data() + at, count}));
    for (const store::StoredRecord& record : records) {
      if (record.profile != 0) sharers.push_back(record.profile);
    }
  }
  return {};
}

Result<std::vector<Permission>> permissions(store::Store& store, const config::Purpose& purpose,
                                            Timestamp as_of,
                                            std::span<const store::Profile> profiles,
                                            std::string_view destination) {
  std::vector<Permission> all;
  all.reserve(profiles.size());
  std::vector<Reached> reached;
  for (const store::Profile& profile : profiles) {
    all.push_back(permission_for(profile.values, profile.entity, purpose, as_of, {}, destination));
    if (all.back().allowed) reached.push_back({&profile, &all.back()});
  }
  RONDOM_TRY(apply_shared_contacts(purpose, as_of, destination, store, reached));
  return all;
}

}  // namespace rondom::activate
