"""Relations between customers: from when until when they hold, and that both sides know of them."""
import json
import unittest

import project

SETTINGS = """
    project: factory
    defaults: { country: NL, language: en, currency: EUR, time_zone: Europe/Amsterdam }
    connections:
      crm: { connector: file, config: { path: in } }
      out: { connector: file, config: { path: out } }
    purposes:
      accounts: { channel: internal, legal_basis: legitimate_interest }
    """

SOURCE = """
    job: crm
    source: crm
    streams:
      - stream: accounts
        options: { path: accounts.jsonl, mode: full }
        key: .id
        entity: organization
        map:
          name: .name
          relations:
            - { when: .parent != null, type: subsidiary_of, to: accounts, key: .parent, valid_from: .since }
            - { when: .site_of != null, type: site_of, to: accounts, key: .site_of }
            - { for_each: .staff, map: { type: employs, to: people, key: .id, role: .role, valid_from: .from, valid_to: .to } }
      - stream: people
        options: { path: people.jsonl, mode: full }
        key: .id
        entity: person
        map:
          name.full: .name
          email: .email
          relations:
            for_each: .works
            map: { type: contact_of, to: accounts, key: .at, role: .role, valid_from: .from, valid_to: .to }
    """

ATTRIBUTES = """
    dmu_known:
      entity: organization
      definition: Of decider, buyer and user, how many we know.
      owner: sales@factory.example
      type: integer
      value: .relations | where(.type == "employs") | each(.role) | distinct | where(. in ["decider", "buyer", "user"]) | count
    """

DECIDERS = """
    audience: deciders
    all:
      - .relations | where(.type == "contact_of" and .role == "decider") | exists
    """

SEND = """
    job: deciders
    destination: out
    audience: deciders
    purpose: accounts
    options: { name: deciders, snapshot: true }
    on_leave: delete
    map: { name: .name.surname, role: ".relations[0].role" }
    """

ACCOUNTS = [
    {"id": "A1", "name": "Veldkamp Groep", "staff": []},
    {"id": "A2", "name": "Veldkamp Zuivel", "parent": "A1", "since": "2025-01-01", "staff": [
        {"id": "P1", "role": "decider", "from": "2020-01-01", "to": "2026-04-01"},
        {"id": "P2", "role": "buyer"},
        {"id": "P2", "role": "user", "from": "2026-06-01"}]},
    {"id": "A3", "name": "Zuivel Meppel", "site_of": "A2", "staff": []},
]
PEOPLE = [
    {"id": "P1", "name": "Marit Veldkamp", "email": "marit@veldkamp.example",
     "works": [{"at": "A2", "role": "decider", "from": "2020-01-01", "to": "2026-04-01"}]},
    {"id": "P2", "name": "Joris de Boer", "email": "joris@veldkamp.example", "works": [{"at": "A2", "role": "buyer"}]},
]


class Relations(unittest.TestCase):
    def make(self):
        factory = project.Project(self)
        factory.write("rondom.yaml", SETTINGS)
        factory.write("jobs/crm.yaml", SOURCE)
        factory.write("attributes/account.yaml", ATTRIBUTES)
        factory.write("audiences/deciders.yaml", DECIDERS)
        factory.write("jobs/deciders.yaml", SEND)
        for name, rows in (("accounts", ACCOUNTS), ("people", PEOPLE)):
            factory.write(f"in/{name}.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        return factory

    def run_on(self, factory, day):
        return json.loads(factory.rondom("-q", "run", "--all", "-o", "json", "--as-of", day, expect=0).stdout)

    def sent(self, factory):
        path = factory.folder / "out/deciders.jsonl"
        return [json.loads(line)["name"] for line in path.read_text().splitlines()] if path.exists() else []

    def test_who_left_leaves_with_the_next_run_although_nothing_was_read_anew(self):
        factory = self.make()
        self.run_on(factory, "2026-03-31")
        self.assertEqual(["Veldkamp"], self.sent(factory))
        delivery = self.run_on(factory, "2026-03-31T12:00:00Z")["jobs"][1]["deliveries"]
        self.assertEqual(0, delivery["updated"] + delivery["removed"])
        self.run_on(factory, "2026-04-01")
        self.assertEqual([], self.sent(factory))

    def test_an_attribute_counts_those_that_hold_and_knows_when_that_changes(self):
        factory = self.make()
        self.run_on(factory, "2026-03-31")
        for day, known, changes in (("2026-03-31", 2, "2026-03-31T22:00:00Z"), ("2026-04-01", 1, "2026-05-31T22:00:00Z"),
                                    ("2026-06-01", 2, None)):
            why = json.loads(factory.rondom("-o", "json", "attribute", "why", "dmu_known", "crm.accounts/A2", "--as-of", day,
                                            expect=0).stdout)
            self.assertEqual((known, changes), (why["value"], why.get("changes_at")), day)

    def test_both_sides_show_it_now_and_formerly(self):
        factory = self.make()
        self.run_on(factory, "2026-05-01")
        show = lambda who: json.loads(factory.rondom("-o", "json", "profile", "show", who, "--as-of", "2026-05-01",
                                                     expect=0).stdout)
        told = lambda who: [(one["type"], one["role"], one["told_by"], one["title"], one["holds"])
                            for one in show(who)["relations"]]
        self.assertEqual([("subsidiary_of", None, "other", "Veldkamp Zuivel", "now")], told("crm.accounts/A1"))
        self.assertEqual([("site_of", None, "this", "Veldkamp Zuivel", "now")], told("crm.accounts/A3"))
        self.assertEqual([
            ("employs", "buyer", "this", "Joris de Boer", "now"),
            ("subsidiary_of", None, "this", "Veldkamp Groep", "now"),
            ("contact_of", "buyer", "other", "Joris de Boer", "now"),
            ("site_of", None, "other", "Zuivel Meppel", "now"),
            ("employs", "user", "this", "Joris de Boer", "to come"),
            ("employs", "decider", "this", "Marit Veldkamp", "former"),
            ("contact_of", "decider", "other", "Marit Veldkamp", "former"),
        ], told("crm.accounts/A2"))
        self.assertEqual(("2019-12-31T23:00:00Z", "2026-03-31T22:00:00Z"), tuple(
            show("crm.accounts/A2")["relations"][-1][name] for name in ("valid_from", "valid_to")))

        text = factory.rondom("profile", "show", "crm.accounts/A2", "--as-of", "2026-05-01", expect=0).stdout.decode()
        self.assertRegex(text, r"employs +Marit Veldkamp +decider +former +2019-12-31T23:00:00Z +2026-03-31T22:00:00Z")
        page = factory.rondom("profile", "page", "crm.accounts/A2", "--as-of", "2026-05-01", expect=0).stdout.decode()
        belongs, others = page.index("Belongs with"), page.index("Who belongs here")
        self.assertLess(belongs, others)
        self.assertIn("former", page[belongs:others])
        self.assertIn("to come", page[belongs:others])
        for word in ("contact of", "site of", "Zuivel Meppel", "Marit Veldkamp", "until 1 Apr 2026", "former"):
            self.assertIn(word, page[others:])
        explained = factory.rondom("profile", "explain", "crm.people/P1", "--as-of",
                                   "2026-05-01", expect=0).stdout.decode()
        self.assertIn("valid_to", explained)


if __name__ == "__main__":
    unittest.main()
