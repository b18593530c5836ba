"""lookups/, vocabularies/ and the cleaners as functions: from a job's file to what is sent, and again when a
table changes."""
import json
import unittest

from project import Project, balanced, jsonl

PEOPLE = [
    {"id": "1", "name": "Anna van der Berg", "email": "anna@example.com", "branch": "030", "tel": "0470 12 34 56",
     "likes": "Stadsfietsen"},
    {"id": "2", "name": "Bram Bakker", "email": "bram@example.com", "branch": "020", "tel": "+31 6 12345678",
     "likes": "ebike"},
    {"id": "3", "name": "Carla Smit", "email": "carla@example.com", "branch": "999", "tel": "", "likes": ""},
    {"id": "4", "name": "Daan Vos", "email": "daan@example.com", "branch": "020", "tel": "", "likes": "ebkie"},
]

BRANCHES = """
    lookup: branches
    values:
      "020": { city: Amsterdam, floors: 2 }
      "030": { city: Utrecht, floors: 1 }
    else: { city: elsewhere }
    """

CATEGORIES = """
    vocabulary: product_category
    terms:
      - { code: city_bike, label: { en: City bike, nl: Stadsfiets }, synonyms: [stadsfietsen] }
      - { code: e_bike, label: { nl: Elektrische fiets }, synonyms: [ebike] }
    """

JOB = """
    job: crm
    source: crm
    streams:
      - stream: people
        options: { path: "people.jsonl", mode: append }
        entity: person
        key: .id
        map:
          name.given: { value: (.name | name).given }
          name.surname_prefix: { value: (.name | name).surname_prefix }
          name.surname: { value: (.name | name).surname }
          email: .email
          phone: .tel | phone("BE")
          custom.city: { value: (.branch | lookup("branches")).city }
          custom.likes: .likes | vocabulary("product_category")
    """


def make(test):
    project = Project(test)
    project.write("rondom.yaml", """
        project: tables
        defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
        deliver: send
        store: { sqlite: var/rondom.db }
        connections:
          crm: { connector: file, config: { path: data } }
          files: { connector: file, config: { path: out } }
        purposes:
          service: { channel: email, legal_basis: contract }
        """)
    project.write("lookups/branches.yaml", BRANCHES)
    project.write("lookups/zones.yaml", "lookup: zones\nvalues: { Amsterdam: west, Utrecht: centre }\n")
    project.write("vocabularies/product_category.yaml", CATEGORIES)
    project.write("jobs/crm.yaml", JOB)
    project.write("jobs/mail.yaml", """
        job: mail
        destination: files
        audience: bikes
        purpose: service
        limits: { removals: 100%, changes: 100% }
        map:
          email: .permitted.email
          zone: .custom.city | lookup("zones")
          likes: .custom.likes | upper | vocabulary("product_category")
        """)
    project.write("audiences/bikes.yaml", """
        audience: bikes
        all:
          - (.custom.city | lookup("zones")) != null
          - ("ANNA@example.com" | email) != "x"
        """)
    project.write("data/people.jsonl", jsonl(PEOPLE))
    (project.folder / "out").mkdir()
    return project


def profiles(project):
    return {profile["label"].split("/")[-1]: json.dumps(profile, ensure_ascii=False)
            for profile in map(json.loads, project.export().splitlines())}


def sent(project):
    """What the target holds, by address: an update carries only what changes."""
    held = {}
    for path in sorted((project.folder / "out").glob("*.jsonl")):
        for row in map(json.loads, path.read_text().splitlines()):
            held.setdefault(row["key"], {}).update(row)
    return {row["email"]: row for row in held.values()}


class Tables(unittest.TestCase):
    def test_from_the_source_to_what_is_sent(self):
        project = make(self)
        project.rondom("validate", expect=0)
        report = project.run_json(expect=3)
        stream = report["jobs"][0]["streams"][0]
        self.assertEqual((4, 3, 1), (stream["read"], stream["new"], stream["quarantined"]))
        self.assertTrue(balanced(stream))
        found = profiles(project)
        self.assertEqual({"1", "2", "3"}, set(found))
        for part in ("Utrecht", "city_bike", "+32470123456", '"van der"', '"Berg"'):
            self.assertIn(part, found["1"])
        for part in ("Amsterdam", "e_bike", "+31612345678"):
            self.assertIn(part, found["2"])
        self.assertIn("elsewhere", found["3"])
        refused = project.rondom("quarantine", "list", expect=0).stdout.decode()
        self.assertIn("the word is none of product_category; did you mean e_bike?", refused)
        self.assertNotIn("ebkie", refused)
        out = sent(project)
        self.assertEqual({"anna@example.com", "bram@example.com"}, set(out))
        self.assertEqual(("centre", "city_bike"), (out["anna@example.com"]["zone"], out["anna@example.com"]["likes"]))

    def test_preview_and_project_tests_know_them(self):
        project = make(self)
        shown = json.loads(project.rondom("-o", "json", "preview", "crm", expect=0).stdout)
        self.assertEqual(["mapped"] * 3 + ["quarantined"], [one["outcome"] for one in shown])
        self.assertIn("Utrecht", json.dumps(shown[0]["records"]))
        project.write("tests/one.yaml", """
            - test: words and branches
              as_of: 2026-03-14
              given:
                crm.people:
                  - { id: 1, name: Anna van der Berg, email: anna@example.com, branch: "030", likes: City Bike }
                  - { id: 2, name: Bram Bakker, likes: ebkie }
              expect:
                profiles:
                  - { members: [crm.people/1], name.surname: Berg, custom.city: Utrecht, custom.likes: city_bike }
                deliveries:
                  mail: [ { email: anna@example.com, zone: centre } ]
                quarantined:
                  crm.people: [did you mean e_bike]
            """)
        project.rondom("test", expect=0)

    def test_a_table_that_changes_maps_kept_records_again(self):
        project = make(self)
        project.run_json(expect=3)
        project.write("lookups/branches.yaml", BRANCHES.replace("Utrecht, floors: 1", "Utrecht, floors: 7")
                      .replace("elsewhere", "nowhere"))
        project.write("vocabularies/product_category.yaml", CATEGORIES.replace("[ebike]", "[ebike, ebkie]"))
        plan = json.loads(project.rondom("-o", "json", "plan", "--all", expect=4).stdout)
        self.assertEqual(1, plan["map"][0]["changed"], plan["map"])
        report = project.run_json(expect=(0, 3))
        crm = next(job for job in report["jobs"] if job["job"] == "crm")
        self.assertEqual(0, crm["streams"][0]["read"])
        self.assertEqual(1, crm["remapped"][0]["changed"], crm)
        self.assertIn("nowhere", profiles(project)["3"])
        # A record that was refused is taken once its word is known and its source gives it again.
        with open(project.folder / "data/people.jsonl", "a", encoding="utf-8") as people:
            people.write(jsonl(PEOPLE[3:]))
        project.run_json(expect=0)
        self.assertIn("e_bike", profiles(project)["4"])
        # A comment or another order of the same words is no change.
        project.write("lookups/zones.yaml", "# as agreed\nlookup: zones\nvalues: { Utrecht: centre, Amsterdam: west }\n")
        project.rondom("-o", "json", "plan", "--all", expect=0)

    def test_a_table_of_the_destination_that_changes_is_sent(self):
        project = make(self)
        project.run_json(expect=3)
        project.write("lookups/zones.yaml", "lookup: zones\nvalues: { Amsterdam: north, Utrecht: centre }\n")
        plan = json.loads(project.rondom("-o", "json", "plan", "--all", expect=4).stdout)
        self.assertEqual((0, 1, 0), tuple(plan["jobs"][0][key] for key in ("create", "update", "remove")))
        project.run_json(expect=0)
        self.assertEqual("north", sent(project)["bram@example.com"]["zone"])

    def test_mistakes_are_shown_where_they_are(self):
        project = make(self)
        project.write("jobs/crm.yaml", JOB.replace('"branches"', '"branhces"').replace('"BE"', '"Belgium"'))
        project.write("audiences/bikes.yaml", "audience: bikes\nall:\n  - .custom.city | lookup(\"zone\") | exists\n")
        problems = project.rondom("validate", expect=78).stderr.decode()
        self.assertIn("jobs/crm.yaml:13:27: error: phone(): this is no country code", problems)
        self.assertIn("jobs/crm.yaml:14:47: error: lookup(): no lookup table branhces", problems)
        self.assertIn("did you mean branches?", problems)
        self.assertIn("audiences/bikes.yaml:3:27: error: lookup(): no lookup table zone", problems)
        self.assertIn("3 errors", problems)

    def test_a_table_that_cannot_be_read_is_one_mistake(self):
        project = make(self)
        project.write("lookups/branches.yaml", "lookup: branches\nvalues: { a: b\n")
        self.assertIn("1 error ", project.rondom("validate", expect=78).stderr.decode())
        project.write("lookups/branches.yaml", "lokup: branches\nvalues: { a: b }\n")
        problems = project.rondom("validate", expect=78).stderr.decode()
        self.assertIn("unknown key lokup", problems)
        self.assertIn("1 error ", problems)
        project.write("lookups/branches.yaml", BRANCHES)
        project.write("vocabularies/again.yaml", "vocabulary: again\nterms:\n  - { code: red, synonyms: [Rood] }\n"
                      "  - { code: crimson, synonyms: [ROOD] }\n")
        problems = project.rondom("validate", expect=78).stderr.decode()
        self.assertIn("vocabularies/again.yaml:4:33: error: ROOD stands for red already", problems)


class Answers(unittest.TestCase):
    """What a program gets that asked for JSON when a verb cannot do its work."""

    def error_of(self, project, *words, expect):
        result = project.rondom(*words, expect=expect)
        answer = json.loads(result.stdout)  # one object, and nothing else
        self.assertEqual(["error"], list(answer))
        self.assertEqual(expect, answer["error"]["exit_code"])
        self.assertTrue(answer["error"]["message"])
        self.assertTrue(result.stderr)
        return answer["error"]

    def test_a_mistake_in_a_file(self):
        project = make(self)
        project.write("jobs/crm.yaml", JOB.replace("entity", "entitty").replace("key:", "keyy:"))
        for verb in (["run", "--all"], ["plan", "--all"], ["test"], ["preview", "crm"], ["check"]):
            error = self.error_of(project, "-o", "json", *verb, expect=78)
            self.assertEqual(("bad_config", "jobs/crm.yaml", 6, 5, "unknown key entitty", "did you mean entity?"),
                             tuple(error[key] for key in ("code", "file", "line", "column", "message", "hint")))
            self.assertEqual([6, 7], [one["line"] for one in error["problems"]], error)
        lines = project.rondom("-o", "jsonl", "preview", "crm", expect=78).stdout.splitlines()
        self.assertEqual("bad_config", json.loads(lines[0])["error"]["code"])
        self.assertEqual(b"", project.rondom("run", "--all", expect=78).stdout)
        self.assertEqual(2, len(json.loads(project.rondom("-o", "json", "validate", expect=78).stdout)["errors"]))

    def test_other_failures(self):
        project = make(self)
        for words in (["--output=json", "run", "no-such-job"], ["-ojson", "run"], ["no-such-verb", "-o", "json"],
                      ["run", "--al", "-o", "json"], ["-o", "json", "completion", "bash"]):
            self.assertEqual("usage", self.error_of(project, *words, expect=2)["code"], words)
        self.assertEqual("failure", self.error_of(project, "-o", "json", "profile", "find", "nobody", expect=1)["code"])
        (project.folder / "rondom.yaml").unlink()
        for verb in (["validate"], ["run", "--all"]):
            self.assertEqual("bad_config", self.error_of(project, "-o", "json", *verb, expect=78)["code"])


if __name__ == "__main__":
    unittest.main()
