#include "cli/starter.h"

namespace rondom::cli {

namespace {

constexpr std::string_view rondom_yaml =
    R"(# What all jobs share. The reference of every key: docs/reference/project-files.md
project: my-customers
defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
store: { sqlite: var/rondom.db }
connections:
  crm:   { connector: file, config: { path: data } }
  out:   { connector: file, config: { path: out } }
purposes:
  newsletter: { channel: email, legal_basis: consent }
)";

constexpr std::string_view crm_yaml = R"(job: crm
source: crm
streams:
  - stream: contacts
    options: { path: contacts.csv }
    entity: person
    key: .id
    cursor: .changed
    map:
      name.given: .first_name
      name.surname: .last_name
      email: .email
      phone: .phone
      birth_date: .birthday
      consents:
        - { when: .newsletter == "yes", purpose: newsletter, channel: email, contact: .email, status: granted, at: .changed }
        - { when: .newsletter == "no", purpose: newsletter, channel: email, contact: .email, status: withdrawn, at: .changed }
)";

constexpr std::string_view identity_yaml =
    R"(# What tells one person from another; email and phone are built in and may be changed here.
identifiers:
  - { namespace: email, class: strong, max_per_profile: 5, blocked: ["info@*", "noreply@*"] }
  - { namespace: phone, class: strong, max_per_profile: 5 }
# Records that have no identifier in common may be alike all the same: typed wrongly, moved,
# married. With the line below they are joined too, and what is doubtful waits for
# `rondom review list`; taking it out again undoes that.
# probabilistic: {}
)";

constexpr std::string_view merge_yaml =
    R"(# Which record's value wins. A name is taken whole from one record.
person:
  - { of: name.*, rule: longest, as_one: true }
  - { of: "*", rule: most_recent }
)";

constexpr std::string_view newsletter_yaml = R"(job: newsletter
destination: out
schedule: { after: [crm] }
audience: everybody
purpose: newsletter
match_on: email          # a removal names its person by it
on_leave: leave_segment
on_withdrawal: unsubscribe
map:
  email: .permitted.email
  first_name: .name.given
)";

constexpr std::string_view audience_yaml = R"(audience: everybody
all:
  - .email != null
)";

constexpr std::string_view test_yaml =
    R"(# rondom test: what must become of these records. More: docs/guide/tests.md
- test: two records of one person; who said no gets nothing
  as_of: 2026-03-14
  given:
    crm.contacts:
      - { id: "1", first_name: Anna, last_name: van der Berg, email: anna@example.com, newsletter: "yes", changed: "2026-01-10T09:30:00Z" }
      - { id: "2", first_name: A., last_name: van der Berg, email: Anna@Example.com, newsletter: "yes", changed: "2026-02-01T14:00:00Z" }
      - { id: "3", first_name: Bram, last_name: Jansen, email: bram@example.org, newsletter: "no", changed: "2026-01-12T16:45:00Z" }
  expect:
    profiles:
      - { members: [crm.contacts/1, crm.contacts/2], name.given: Anna }
      - { members: [crm.contacts/3], name.given: Bram }
    deliveries:
      newsletter:
        - { email: anna@example.com, first_name: Anna }
)";

constexpr std::string_view contacts_csv =
    R"(id,first_name,last_name,email,phone,birthday,newsletter,changed
1,Anna,van der Berg,anna@example.com,06 12345678,1980-02-29,yes,2026-01-10T09:30:00Z
2,A.,van der Berg,Anna@Example.com,,,yes,2026-02-01T14:00:00Z
3,Bram,Jansen,bram@example.org,020-1234567,1975-11-03,no,2026-01-12T16:45:00Z
)";

constexpr std::string_view gitignore = R"(/var/
/out/
/secrets/
)";

}  // namespace

const std::vector<StarterFile>& starter_files() {
  static const std::vector<StarterFile> files = {
      {"rondom.yaml", rondom_yaml},
      {"identity.yaml", identity_yaml},
      {"merge.yaml", merge_yaml},
      {"jobs/crm.yaml", crm_yaml},
      {"jobs/newsletter.yaml", newsletter_yaml},
      {"audiences/everybody.yaml", audience_yaml},
      {"tests/newsletter.yaml", test_yaml},
      {"data/contacts.csv", contacts_csv},
      {".gitignore", gitignore},
  };
  return files;
}

}  // namespace rondom::cli
