#include <boost/test/unit_test.hpp>

#include "unit/config/support.h"

namespace rondom::config::test {
namespace {

/// The project of PROJECT.md, without what this version does not read yet.
Files acme() {
  Files files;
  files["rondom.yaml"] = R"(# what all jobs share
project: acme
defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
vars: { sf_url: https://acme--dev.sandbox.my.salesforce.com, mautic_url: http://127.0.0.1:8080 }
deliver: capture                         # env/prod.yaml: send
store: { sqlite: var/rondom.db }
secrets: [credential, file:secrets, env] # asked in this order
connections:
  salesforce: { connector: salesforce, config: { url: "${var:sf_url}", client_id: acme-sync, private_key: "${secret:sf_key}" } }
  webshop:    { connector: sql, config: { dsn: "${secret:webshop_dsn}" }, defaults: { time_zone: UTC } }
  mautic:     { connector: mautic, config: { url: "${var:mautic_url}", user: api, password: "${secret:mautic}" } }
purposes:
  email_marketing: { channel: email, legal_basis: consent, label: { nl: Nieuwsbrief en aanbiedingen } }
)";
  files["jobs/crm.yaml"] = R"(job: crm
source: salesforce
schedule: { every: 15m }                 # or { cron: "0 6 * * *" } or { after: [job] }
streams:                                 # key and cursor come from the connector's catalog
  - stream: Account
    entity: organization
    map:
      name: .Name
      identifier.kvk: .KvK__c
      relations:
        - { type: subsidiary_of, to: Account, key: .ParentId }
  - stream: Contact
    preset: contact                      # the plugin's own mapping
    map:
      gender: { from: .Salutation, values: { Dhr.: male, Mevr.: female }, else: unknown }
      emails:
        - { value: .Email, usage: work }
        - { value: .Private_Email__c, usage: personal }
      custom.loyalty_tier: .Loyalty_Tier__c | lower
      relations:
        - { type: contact_of, to: Account, key: .AccountId, role: .DMU_Role__c }
      consents:
        - { when: .HasOptedOutOfEmail, purpose: email_marketing, contact: .Email, status: withdrawn, at: .SystemModstamp }
)";
  files["jobs/webshop.yaml"] = R"(job: webshop
source: webshop
schedule: { every: 1h }
limits: { tombstones: 25% }
streams:
  - stream: customers
    options: { table: customer }
    key: .id
    entity: person
    map: { identifier.customer_login: .id, name.given: .firstname, name.surname: .lastname, email: .email }
  - stream: orders
    options: { query: sql/orders.sql }
    key: .id
    cursor: .updated_at
    country: .billing_country            # whose rules phones and numbers follow
    records:
      - entity: order
        map:
          party: { when: .customer_id != 0, to: customers, key: .customer_id }
          at: .created_at
          total: .total | money(.currency)
          lines:
            for_each: .items | parse_json
            map:
              sku: .sku
              unit_price: .price | money($.currency)      # . = this item, $ = the whole source record
      - entity: person                   # guest checkout
        when: .customer_id == 0
        key: [guest, .id]
        map:
          name.full: .billing_name
          email: .email                  # short for emails: [{ value: .email }]
)";
  files["identity.yaml"] = R"(identifiers:
  - { namespace: customer_login, class: unique }
  - { namespace: kvk, class: unique }
  - { namespace: email, class: strong, max_per_profile: 5, blocked: ["info@*", "test@*", "noreply@*"] }
  - { namespace: phone, class: strong, max_per_profile: 5 }
  - { namespace: matomo_visitor, class: weak, max_per_profile: 20, expires_after: 90d }
one_record_per_profile: [webshop.customers]
)";
  files["merge.yaml"] = R"(trust: [webshop, salesforce, mautic]     # best first
person:
  - { of: name.*, rule: trust, as_one: true }
  - { of: death.*, rule: most_restrictive }
  - { of: custom.loyalty_tier, rule: max, order: [bronze, silver, gold] }
  - { of: "*", rule: most_recent }
)";
  files["audiences/newsletter_nl.yaml"] = R"(audience: newsletter_nl
all:                                     # one condition a line
  - .country in ["NL", "BE"]
  - any:
      - .custom.loyalty_tier == "gold"
      - .tags | contains("vip")
  - not: .email == null
)";
  files["jobs/newsletter.yaml"] = R"(job: newsletter
destination: mautic
schedule: { after: [crm, webshop, mautic-feedback] }
audience: newsletter_nl
purpose: email_marketing
options: { segment: newsletter-nl, url: "${var:mautic_url}/x" }
match_on: email
on_leave: leave_segment                  # keep | leave_segment | delete
on_withdrawal: unsubscribe               # unsubscribe | delete
limits: { removals: 2%, changes: 30% }
on_missing: keep
map:
  email: .permitted.email
  firstname: .name.given
)";
  files["jobs/mautic-feedback.yaml"] = R"(job: mautic-feedback
source: mautic
schedule: { every: 15m }
streams:
  - { stream: do_not_contact, preset: withdrawal }
  - { stream: bounces, preset: contact_point_status }
)";
  files["tests/family.yaml"] = "- test: a file that no run reads, with [ broken yaml\n";
  return files;
}

BOOST_AUTO_TEST_SUITE(project)

BOOST_AUTO_TEST_CASE(the_sample_project_reads_without_problems) {
  const Loaded loaded = load(acme());
  BOOST_TEST(loaded.problems == "");
  const Project& project = loaded.project;
  BOOST_TEST(project.name == "acme");
  BOOST_TEST(project.environment == "");
  BOOST_TEST(project.files_read == 8);
  BOOST_TEST(project.store.sqlite == "var/rondom.db");
  BOOST_TEST((project.deliver == Delivery::capture));
  BOOST_TEST(project.connections.size() == 3);
  const Connection* salesforce = project.connection("salesforce");
  BOOST_REQUIRE(salesforce != nullptr);
  BOOST_TEST(salesforce->config_json ==
             R"({"url":"https://acme--dev.sandbox.my.salesforce.com","client_id":"acme-sync",)"
             R"("private_key":"${secret:sf_key}"})");
  BOOST_TEST(salesforce->defaults.time_zone == "Europe/Amsterdam");
  BOOST_TEST(project.connection("webshop")->defaults.time_zone == "UTC");
  BOOST_TEST(project.connection("webshop")->defaults.currency == "EUR");
  BOOST_TEST(project.purpose("email_marketing")->legal_basis == "consent");
  BOOST_TEST(project.purpose("email_marketing")->label.at("nl") == "Nieuwsbrief en aanbiedingen");
  BOOST_TEST((project.job("none") == nullptr));
}

BOOST_AUTO_TEST_CASE(a_legal_basis_is_read_in_both_numbers) {
  const Loaded loaded = load({{"rondom.yaml",
                               "project: acme\npurposes:\n"
                               "  a: { channel: email, legal_basis: legitimate_interests }\n"
                               "  b: { channel: email, legal_basis: legitimate_interest }\n"}});
  BOOST_TEST(loaded.problems.empty());
  BOOST_TEST(loaded.project.purpose("a")->legal_basis == "legitimate_interest");
  BOOST_TEST(loaded.project.purpose("b")->legal_basis == "legitimate_interest");
}

BOOST_AUTO_TEST_CASE(the_sample_jobs_are_typed) {
  const Loaded loaded = load(acme());
  std::vector<std::string> names;
  for (const Job& job : loaded.project.jobs) names.push_back(job.name);
  const std::vector<std::string> expected = {"crm", "mautic-feedback", "webshop", "newsletter"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());

  const Job& webshop = *loaded.project.job("webshop");
  BOOST_TEST(webshop.tombstones_percent_max == 25.0);
  const SourceStream& customers = webshop.source->streams[0];
  BOOST_TEST(customers.options_json == R"({"table":"customer"})");
  BOOST_TEST(customers.keep_raw);
  BOOST_TEST(customers.key.at(0).text == ".id");
  const SourceStream& orders = webshop.source->streams[1];
  BOOST_TEST(orders.cursor.text == ".updated_at");
  BOOST_TEST(orders.cursor.at.line == 14);
  BOOST_TEST(orders.cursor.at.column == 13);
  BOOST_TEST(orders.country.text == ".billing_country");
  BOOST_TEST(orders.records.items.size() == 2);
  BOOST_TEST(orders.entity == "");
  BOOST_TEST(orders.keep_raw);
  const SourceStream& contact = loaded.project.job("crm")->source->streams[1];
  BOOST_TEST(contact.preset == "contact");
  BOOST_TEST((contact.map.find("gender")->find("values")->find("Mevr.")->text == "female"));

  const DestinationJob& newsletter = *loaded.project.job("newsletter")->destination;
  BOOST_TEST(newsletter.audience == "newsletter_nl");
  BOOST_TEST(newsletter.entity == "person");
  BOOST_TEST(newsletter.options_json ==
             R"({"segment":"newsletter-nl","url":"http://127.0.0.1:8080/x"})");
  BOOST_TEST((newsletter.on_leave == OnLeave::leave_segment));
  BOOST_TEST(newsletter.removals_percent_max == 2.0);
  BOOST_TEST(newsletter.changes_percent_max == 30.0);
  BOOST_TEST(!newsletter.clear_missing);
  BOOST_TEST(newsletter.map.members.size() == 2);
}

BOOST_AUTO_TEST_CASE(the_sample_rules_are_typed) {
  const Project project = load(acme()).project;
  const Audience& audience = *project.audience("newsletter_nl");
  BOOST_TEST(audience.all.size() == 3);
  BOOST_TEST(audience.all[0].expression.text == R"(.country in ["NL", "BE"])");
  BOOST_TEST((audience.all[1].kind == Condition::Kind::any));
  BOOST_TEST(audience.all[1].children.size() == 2);
  BOOST_TEST((audience.all[2].kind == Condition::Kind::negation));
  BOOST_TEST(audience.all[2].children[0].expression.at.line == 7);

  std::vector<std::string> names;
  for (const IdentifierRule& rule : project.identity.identifiers) names.push_back(rule.name_space);
  const std::vector<std::string> expected = {"customer_login", "kvk", "email", "phone",
                                             "matomo_visitor", "vat", "lei"};
  BOOST_TEST(names == expected, boost::test_tools::per_element());
  BOOST_TEST(project.identity.identifiers[2].blocked.size() == 3);
  BOOST_TEST(project.identity.identifiers[2].max_per_profile == 5);

  const std::vector<AttributeMerge>& person = project.merge.entities.at("person");
  BOOST_TEST(person.size() == 6);
  BOOST_TEST((person[0].rule == MergeRule::trust));
  BOOST_TEST(person[0].as_one);
  BOOST_TEST(person[2].order.size() == 3);
  BOOST_TEST(project.merge.entities.at("organization").back().of == "*");
}

BOOST_AUTO_TEST_CASE(an_environment_overrides_four_keys_and_nothing_else) {
  Files files = acme();
  files["env/dev.yaml"] = "vars: { mautic_url: http://dev.example.com }\n";
  files["env/prod.yaml"] =
      "vars: { sf_url: https://acme.example.com }\n"
      "deliver: send\n"
      "store: { postgresql: \"${secret:store_dsn}\" }\n"
      "connections:\n"
      "  mautic: { config: { user: \"${var:sf_url}\", timeout: 5 } }\n"
      "  extra: { connector: file }\n";
  const Loaded dev = load(files);
  BOOST_TEST(dev.problems == "");
  BOOST_TEST(dev.project.environment == "dev");
  BOOST_TEST((dev.project.deliver == Delivery::capture));
  BOOST_TEST(dev.project.connection("mautic")->config_json ==
             R"({"url":"http://dev.example.com","user":"api","password":"${secret:mautic}"})");
  BOOST_TEST((dev.project.connection("extra") == nullptr));

  const Loaded prod = load(files, "prod");
  BOOST_TEST(prod.problems == "");
  BOOST_TEST((prod.project.deliver == Delivery::send));
  BOOST_TEST(prod.project.store.postgresql == "${secret:store_dsn}");
  BOOST_TEST(prod.project.connection("mautic")->config_json ==
             R"({"url":"http://127.0.0.1:8080","user":"https://acme.example.com",)"
             R"("password":"${secret:mautic}","timeout":5})");
  BOOST_TEST(prod.project.connection("extra")->connector == "file");

  files["env/prod.yaml"] = "project: other\ndefalt: x\nconnections: { nw: { config: {} } }\n";
  BOOST_TEST(load(files, "prod").problems ==
             "env/prod.yaml:1:1: project cannot be overridden: an environment may override vars, "
             "connections, store and deliver (move it to rondom.yaml)\n"
             "env/prod.yaml:2:1: unknown key defalt (known here: connections, deliver, store, "
             "vars)\n"
             "env/prod.yaml:3:16: connection nw has no connector (rondom.yaml has no connection of "
             "this name)\n");
}

BOOST_AUTO_TEST_CASE(an_unknown_environment_is_an_error) {
  const Files files = with(minimal(), {{"env/prod.yaml", "deliver: send\n"}});
  BOOST_TEST(load(files, "prd").problems == "env:0:0: no environment prd (did you mean prod?)\n");
  BOOST_TEST(load(files, "../prod").problems.find("no environment") != std::string::npos);
  const Loaded none = load(files);
  BOOST_TEST(none.problems == "");
  BOOST_TEST(none.project.environment == "");
  BOOST_TEST((none.project.deliver == Delivery::capture));
}

BOOST_AUTO_TEST_CASE(variables_keep_their_type_when_they_stand_alone) {
  const Files files = {{"rondom.yaml",
                        "project: acme\n"
                        "vars: { port: 8080, host: example.com, flag: true, word: \"1\" }\n"
                        "connections:\n"
                        "  a:\n"
                        "    connector: rest\n"
                        "    config:\n"
                        "      port: ${var:port}\n"
                        "      quoted: \"${var:port}\"\n"
                        "      url: http://${var:host}:${var:port}/\n"
                        "      flag: ${var:flag}\n"
                        "      word: ${var:word}\n"
                        "      list: [\"${var:host}\", 1.5, ~]\n"}};
  const Loaded loaded = load(files);
  BOOST_TEST(loaded.problems == "");
  BOOST_TEST(loaded.project.connections[0].config_json ==
             R"({"port":8080,"quoted":"8080","url":"http://example.com:8080/","flag":true,)"
             R"("word":"1","list":["example.com",1.5,null]})");
}

BOOST_AUTO_TEST_CASE(wrong_references_are_reported_where_they_stand) {
  const Files files = {{"rondom.yaml",
                        "project: acme\n"
                        "vars: { host: example.com, both: \"${var:host}\" }\n"
                        "deliver: capture\n"
                        "store: { sqlite: \"${secret:x}\" }\n"
                        "connections:\n"
                        "  a:\n"
                        "    connector: ${secret:b}\n"
                        "    config:\n"
                        "      u: https://${var:hots}/\n"
                        "      v: \"${env:HOME}\"\n"
                        "      w: \"${var:host\"\n"
                        "      x: \"${secret:../etc}\"\n"
                        "      \"${var:host}\": y\n"
                        "purposes:\n"
                        "  p: { label: { nl: \"${secret:c}\" }, channel: email, legal_basis: "
                        "consent }\n"},
                       {"jobs/a.yaml",
                        "job: j\nsource: a\nstreams:\n"
                        "  - stream: s\n    preset: p\n    options: { a: \"${secret:z}\" }\n"
                        "    map: { x: \"${var:host}\" }\n"}};
  BOOST_TEST(load(files).problems ==
             "rondom.yaml:2:34: a var cannot refer to another var or to a secret (put the ${…} "
             "where the var is used)\n"
             "rondom.yaml:7:16: a secret may stand only in a connection's config and in store\n"
             "rondom.yaml:9:18: no var hots in vars (did you mean ${var:host}?)\n"
             "rondom.yaml:10:11: not a reference: only ${var:NAME} and ${secret:NAME} exist\n"
             "rondom.yaml:11:11: not a reference: only ${var:NAME} and ${secret:NAME} exist\n"
             "rondom.yaml:12:11: a secret's name holds letters, digits, _ and - only\n"
             "rondom.yaml:13:7: references are not read in keys\n"
             "rondom.yaml:15:22: a secret may stand only in a connection's config and in store\n"
             "jobs/a.yaml:6:20: a secret may stand only in a connection's config and in store\n"
             "jobs/a.yaml:7:16: ${var:…} is not read here (vars work in rondom.yaml, env/*.yaml "
             "and the options of jobs)\n");
}

BOOST_AUTO_TEST_CASE(settings_are_checked_beyond_their_type) {
  const Files files = {
      {"rondom.yaml",
       "project: ac/me\n"
       "defaults: { country: nl, language: dutch, currency: eur, time_zone: CET }\n"
       "store: { sqlite: a, postgresql: b }\n"
       "secrets: [file, credentials]\n"
       "connections: { \"a.b\": { connector: x } }\n"
       "purposes: { p: { channel: email, legal_basis: consnt } }\n"
       "customer: .orders | exsts\n"}};
  const Loaded loaded = load(files);
  const std::vector<std::string> expected = {
      "rondom.yaml:6:47: legal_basis must be one of consent, contract, legal_obligation, "
      "vital_interest, public_task, legitimate_interest; it is consnt (did you mean consent?)",
      "rondom.yaml:1:10: the name of a project starts with a letter and holds letters, digits, _ "
      "and - only",
      "rondom.yaml:2:22: country must be two capital letters such as NL (ISO 3166)",
      "rondom.yaml:2:36: language must be a language such as nl (BCP 47)",
      "rondom.yaml:2:53: currency must be three capital letters such as EUR (ISO 4217)",
      "rondom.yaml:2:69: time_zone must be a zone such as Europe/Amsterdam, or UTC",
      "rondom.yaml:3:8: store needs exactly one of sqlite and postgresql",
      "rondom.yaml:4:11: unknown secrets source file (known here: credential, file:DIR, env)",
      "rondom.yaml:4:17: unknown secrets source credentials (did you mean credential?)",
      "rondom.yaml:5:16: the name of a connection starts with a letter and holds letters, digits, "
      "_ and - only",
      "rondom.yaml:7:21: there is no function exsts (did you mean exists?)"};
  BOOST_TEST(lines_of(loaded.diagnostics) == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(nothing_in_the_folder_is_ignored_silently) {
  Files files = minimal();
  files["jobs/a.yml"] = "job: a\n";
  files["jobs/old/b.yaml"] = "job: b\n";
  files["jobs/.hidden.yaml"] = "[ broken";
  files["jobs/README.md"] = "text";
  files["identiy.yaml"] = "x: y\n";
  files["merge.yml"] = "x: y\n";
  files["docker-compose.yaml"] = "x: y\n";
  std::vector<std::string> lines = lines_of(load(files).diagnostics);
  std::sort(lines.begin(), lines.end());
  const std::vector<std::string> expected = {
      "identiy.yaml:0:0: this file is not read (did you mean identity.yaml?)",
      "jobs/a.yml:0:0: project files end in .yaml (rename the file)",
      "jobs/old:0:0: folders inside jobs/ are not read (move its files up one folder)",
      "merge.yml:0:0: project files end in .yaml (rename the file)"};
  BOOST_TEST(lines == expected, boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_folder_without_a_project_says_so) {
  BOOST_TEST(load({}).problems == "rondom.yaml:0:0: not found; is this a Rondom project?\n");
  BOOST_TEST(load({{"rondom.yaml", ""}}).problems == "rondom.yaml:1:1: this file is empty\n");
  BOOST_TEST(load({{"rondom.yaml", "- a\n"}}).problems ==
             "rondom.yaml:1:1: this file must hold a map (key: value)\n");
}

BOOST_AUTO_TEST_CASE(a_file_that_does_not_parse_causes_no_second_report) {
  Files files = acme();
  files["rondom.yaml"] += "}\n";
  Loaded loaded = load(files);
  BOOST_TEST(loaded.diagnostics.size() == 1);
  files = acme();
  files["audiences/newsletter_nl.yaml"] += "  - { a: .b[0] }\n";
  loaded = load(files);
  BOOST_TEST(loaded.diagnostics.size() == 1);
  files = acme();
  files["env/dev.yaml"] = "vars: [\n";
  loaded = load(files);
  BOOST_TEST(loaded.diagnostics.size() == 1);
}

BOOST_AUTO_TEST_CASE(problems_of_all_files_are_reported_at_once) {
  Files files = acme();
  files["jobs/newsletter.yaml"].replace(files["jobs/newsletter.yaml"].find("newsletter_nl"), 13,
                                        "newsletter_nk");
  files["identity.yaml"] += "one_record_per_profil: []\n";
  files["merge.yaml"].replace(files["merge.yaml"].find("mautic"), 6, "mautik");
  const std::string problems = load(files).problems;
  BOOST_TEST(problems ==
             "identity.yaml:8:1: unknown key one_record_per_profil (did you mean "
             "one_record_per_profile?)\n"
             "jobs/newsletter.yaml:4:11: no audience newsletter_nk (did you mean newsletter_nl?)\n"
             "merge.yaml:1:30: no connection mautik (did you mean mautic?)\n");
}

BOOST_AUTO_TEST_CASE(fingerprints_follow_the_meaning) {
  const Project base = load(acme()).project;
  Files reformatted = acme();
  reformatted["identity.yaml"] = "# other words\n\n" + reformatted["identity.yaml"];
  reformatted["merge.yaml"].replace(reformatted["merge.yaml"].find("- { of: name.*, rule: trust"),
                                    27, "- {   rule: trust, of: 'name.*'");
  const Loaded same = load(reformatted);
  BOOST_TEST(same.problems == "");
  BOOST_TEST(same.project.identity_fingerprint == base.identity_fingerprint);
  BOOST_TEST(same.project.merge_fingerprint == base.merge_fingerprint);

  const std::vector<std::pair<std::string, std::string>> identity_changes = {
      {"max_per_profile: 20", "max_per_profile: 21"},
      {"customer_login, class: unique", "customer_login, class: strong"},
      {"noreply@*", "norepl@*"},
      {"one_record_per_profile: [webshop.customers]", "one_record_per_profile: []"}};
  for (const auto& [from, to] : identity_changes) {
    Files changed = acme();
    changed["identity.yaml"].replace(changed["identity.yaml"].find(from), from.size(), to);
    const Loaded other = load(changed);
    BOOST_TEST(other.problems == "");
    BOOST_TEST(other.project.identity_fingerprint != base.identity_fingerprint, to);
    BOOST_TEST(other.project.merge_fingerprint == base.merge_fingerprint);
  }
  const std::vector<std::pair<std::string, std::string>> merge_changes = {
      {"[webshop, salesforce,", "[salesforce, webshop,"},
      {"rule: max", "rule: min"},
      {"as_one: true", "as_one: false"},
      {"silver, gold", "gold, silver"}};
  for (const auto& [from, to] : merge_changes) {
    Files changed = acme();
    changed["merge.yaml"].replace(changed["merge.yaml"].find(from), from.size(), to);
    const Loaded other = load(changed);
    BOOST_TEST(other.problems == "");
    BOOST_TEST(other.project.merge_fingerprint != base.merge_fingerprint, to);
    BOOST_TEST(other.project.identity_fingerprint == base.identity_fingerprint);
  }
}

BOOST_AUTO_TEST_CASE(state_says_where_the_program_writes) {
  const auto with = [](const std::string& lines) {
    Files files;
    files["rondom.yaml"] = "project: acme\n" + lines;
    Loaded loaded = load(files);
    BOOST_TEST(loaded.problems == "");
    loaded.project.root = "/etc/acme";
    return loaded.project;
  };
  const Project plain = with("");
  BOOST_TEST(state_folder(plain) == "/etc/acme/var");
  BOOST_TEST(plain.store.sqlite == "var/rondom.db");
  BOOST_TEST(captured_folder(plain) == "out");
  const Project elsewhere = with("state: /var/lib/acme/\n");
  BOOST_TEST(state_folder(elsewhere) == "/var/lib/acme");
  BOOST_TEST(elsewhere.store.sqlite == "/var/lib/acme/rondom.db");
  BOOST_TEST(captured_folder(elsewhere) == "/var/lib/acme/out");
  const Project beside = with("state: ../kept\nstore: { sqlite: mine.db }\n");
  BOOST_TEST(state_folder(beside) == "/etc/kept");
  BOOST_TEST(beside.store.sqlite == "mine.db");
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace
}  // namespace rondom::config::test
