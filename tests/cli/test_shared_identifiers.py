"""One wrong identifier glues nobody and is named; a corrected one takes apart what only it held, also at the destination."""
import csv
import json
import unittest

from project import GIVEN, Project, jsonl, people_project

DESK, INFO, TABLET = 10_000, 500, 3_000
RECORDS = DESK + INFO + TABLET
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def surname(number):
    """A name of its own for each number."""
    text = ""
    for _ in range(4):
        number, letter = divmod(number, len(LETTERS))
        text += LETTERS[letter]
    return "Van" + text


def customers(polluted):
    """Each somebody else; in the polluted set, three identifiers that are none stand on many of them."""
    for i in range(RECORDS):
        row = {"id": f"p{i:05d}", "given": GIVEN[i % len(GIVEN)], "surname": surname(i), "phone": "",
               "email": f"p{i}@example.com", "device": f"device-{i}"}
        if i % 3 == 0:
            row["given"] = row["surname"] = ""  # they only left an address
        if polluted and i < DESK:
            row["phone"] = "+31201234567"
        elif polluted and i < DESK + INFO:
            row["email"] = "info@example.com"
        elif polluted:
            row["device"] = "tablet-of-the-shop"
        yield row


def crm_project(test, mapping, identity=None):
    """One source, data/people.jsonl, with this map of its fields."""
    project = Project(test)
    project.write("rondom.yaml", """
        project: shared
        defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
        connections:
          crm: { connector: file, config: { path: data } }
        """)
    if identity:
        project.write("identity.yaml", identity)
    fields = "".join(f"\n      {target}: {source}" for target, source in mapping.items())
    project.write("jobs/crm.yaml", "job: crm\nsource: crm\nstreams:\n  - stream: people\n    key: .id\n"
                                   f"    entity: person\n    map:{fields}\n")
    (project.folder / "data").mkdir()
    return project


NAMES = {"name.given": ".given", "name.surname": ".surname", "email": ".email"}


class WrongIdentifiers(unittest.TestCase):
    def project(self):
        # The tablet's cookie is declared strong: the worst that a project can say of it.
        return crm_project(self, {**NAMES, "phone": ".phone", "identifier.device": ".device"}, """
            identifiers:
              - { namespace: email, class: strong }
              - { namespace: phone, class: strong }
              - { namespace: device, class: strong }
            """)

    def test_they_glue_nobody_and_are_named(self):
        project = self.project()
        project.write("data/people.jsonl", jsonl(customers(polluted=True)))
        said = project.rondom("run", "--all", expect=0).stdout.decode()
        for name, first, last in (("phone +••", 0, DESK), ("email i••@example.com", DESK, DESK + INFO),
                                  ("device t••", DESK + INFO, RECORDS)):
            people = sum(i % 3 != 0 for i in range(first, last))  # those who say who they are
            self.assertIn(f"! {name} stands on {last - first:,} records of {people:,} people: shared, joins nobody", said)
        rows = list(csv.DictReader(project.rondom("profile", "members", "-o", "csv").stdout.decode().splitlines()))
        self.assertEqual(RECORDS, len(rows))
        self.assertEqual(RECORDS, len({row["profile_id"] for row in rows}))
        shared = json.loads(project.rondom("-o", "json", "identity", "shared").stdout)
        self.assertEqual([("phone", "+31201234567", DESK), ("device", "tablet-of-the-shop", TABLET),
                          ("email", "info@example.com", INFO)],
                         [(one["namespace"], one["value"], one["records"]) for one in shared])
        self.assertIn("tablet-of-the-shop", project.rondom("identity", "shared").stdout.decode())
        explained = project.rondom("profile", "explain", "crm.people/p00007").stdout.decode()
        self.assertIn(" phone +31201234567 stands on 10,000 records of 6,666 people: relates nobody\n", explained)

        # The shop finds out: all but three get numbers of their own, and those three of one name are one again.
        mended = []
        for i, row in enumerate(customers(polluted=True)):
            if row["phone"]:
                row["phone"] = "" if i >= 3 else row["phone"]
            mended.append(dict(row, given="Anna", surname="Vanzzzz") if i < 3 else row)
        project.write("data/people.jsonl", jsonl(mended))
        said = project.rondom("run", "--all", expect=0).stdout.decode()
        self.assertRegex(said, r"! phone .* is left on 3 records of one person: it joins again")
        rows = list(csv.DictReader(project.rondom("profile", "members", "-o", "csv").stdout.decode().splitlines()))
        profile = {row["key"]: row["profile_id"] for row in rows}
        self.assertEqual(1, len({profile[f"p0000{i}"] for i in range(3)}))
        self.assertEqual(RECORDS - 2, len(set(profile.values())))


class Household(unittest.TestCase):
    """Who lives together is told, joins nobody, and moves nobody when people merge."""

    PEOPLE = [("anna", "Anna", "de Vries", "thuis@example.com", "Dorpsstraat", "12", "1234 AB"),
              ("bram", "Bram", "de Vries", "thuis@example.com", "Dorpsstr.", "12", "1234ab"),
              ("carla", "Carla", "de Vries", "carla@example.com", "Dorpsstraat", "12", "1234AB"),
              ("lodger", "Dirk", "Smit", "dirk@example.com", "Dorpsstraat", "12", "1234AB"),
              ("upstairs", "Eva", "de Vries", "eva@example.com", "Dorpsstraat", "12 bis", "1234AB"),
              ("sister", "Fenna", "de Vries", "thuis@example.com", "Kade", "1", "9999 ZZ"),
              ("work", "Gijs", "Bos", "thuis@example.com", "", "", "")]

    def project(self, people):
        project = crm_project(self, {**NAMES, "addresses": (
            "[{ street: .street, house_number: .number, postcode: .zip, usage: .usage }]")})
        self.write(project, people)
        project.rondom("run", "--all", expect=0)
        return project

    def write(self, project, people, usage=None):
        names = ("id", "given", "surname", "email", "street", "number", "zip")
        project.write("data/people.jsonl", jsonl([dict(zip(names, row), usage=(usage or {}).get(row[0], "")) for row in people]))

    def related(self, project, key):
        found = json.loads(project.rondom("-o", "json", "profile", "explain", f"crm.people/{key}").stdout)["related"]
        return {one["title"].split()[0]: (one["kind"], one["because"]) for one in found}

    def test_a_household_is_told_and_joins_nobody(self):
        project = self.project(self.PEOPLE)
        self.assertEqual({
            "Bram": ("household", ["same address", "same e-mail thuis@example.com", "same surname"]),
            "Carla": ("household", ["same address", "same surname"]),
            "Fenna": ("household", ["same e-mail thuis@example.com", "same surname"]),
            "Dirk": ("address", ["same address"]),
            "Gijs": ("contact point", ["same e-mail thuis@example.com"])}, self.related(project, "anna"))
        self.assertEqual({}, self.related(project, "upstairs"))
        self.assertEqual(len(self.PEOPLE), json.loads(project.rondom("-o", "json", "run", "--all").stdout)["profiles"]["total"])
        said = project.rondom("profile", "explain", "crm.people/anna").stdout.decode()
        self.assertRegex(said, "SHARES WITH, AND IS NOT\n household: Bram de Vries · [0-9a-f-]{36} ─ same address, same e-mail")

        # Anna is found twice and becomes one; Carla stays whom she lives with, and moves when she moves.
        again = ("anna2", "Anna", "de Vries", "thuis@example.com", "Elders", "5", "5555 EE")
        moved = [row if row[0] != "carla" else row[:4] + ("Kade", "1", "9999 ZZ") for row in self.PEOPLE]
        self.write(project, moved + [again])
        project.rondom("run", "--all", expect=0)
        now = self.related(project, "anna")
        self.assertNotIn("Carla", now)
        self.assertEqual(("household", ["same address", "same e-mail thuis@example.com", "same surname"]), now["Bram"])
        self.assertEqual({"Fenna": ("household", ["same address", "same surname"])}, self.related(project, "carla"))

    def test_an_address_of_work_and_a_building_make_no_household(self):
        staff = [(f"s{i}", "Anna", f"Bakker{i}", f"s{i}@example.com", "Werkweg", "1", "1111 AA") for i in range(2)]
        tower = [(f"t{i}", "Bram", "Bakker", f"t{i}@example.com", "Torenplein", "1", "2222 BB") for i in range(101)]
        project = self.project(staff + tower)
        self.assertEqual(["Anna"], list(self.related(project, "s0")))
        explained = json.loads(project.rondom("-o", "json", "profile", "explain", "crm.people/t0").stdout)
        self.assertEqual([], explained["related"])
        self.assertEqual(["the address stands on more than 100 records"], explained["shared_by_many"])
        self.write(project, staff + tower, usage={"s0": "work"})
        project.rondom("run", "--all", expect=0)
        self.assertEqual({}, self.related(project, "s0"))


class Correction(unittest.TestCase):
    """Two people under one e-mail address by mistake: what is said of each afterwards is each one's own."""

    def test_a_corrected_address_takes_them_apart_at_the_destination_too(self):
        self.taken_apart(lambda project: project.write("data/shop/b.jsonl", jsonl(
            [dict(self.OTHER, email="bea@example.com", changed="2026-02-01T00:00:00Z")])), "bea@example.com")

    def test_a_retracted_record_leaves_nothing_of_its_own_behind(self):
        self.taken_apart(lambda project: project.write("data/shop/a.jsonl", jsonl([self.THIRD])), None, mode="full")

    CRM = {"id": "1", "given": "", "surname": "Bakker", "phone": "", "birth": "", "email": "b@example.com",
           "changed": "2026-01-01T00:00:00Z"}
    OTHER = {"id": "2", "given": "Bea", "surname": "Visser", "phone": "", "birth": "", "email": "b@example.com",
             "changed": "2026-01-02T00:00:00Z"}
    THIRD = {"id": "3", "given": "Carel", "surname": "Smit", "phone": "", "birth": "", "email": "carel@example.com",
             "changed": "2026-01-02T00:00:00Z"}

    def taken_apart(self, correct, email_of_the_other, mode="append"):
        project = people_project(self, mode=mode)
        job = (project.folder / "jobs/mail.yaml").read_text(encoding="utf-8")
        project.write("jobs/mail.yaml", job + "options: { snapshot: true, name: mail }\n")
        project.write("data/crm/a.jsonl", jsonl([self.CRM]))
        project.write("data/shop/a.jsonl", jsonl([self.OTHER, self.THIRD]))
        project.run_json(expect=0)
        before = self.sent(project)
        self.assertEqual({"b@example.com": "Bea", "carel@example.com": "Carel"},
                         {one["email"]: one.get("name") for one in before.values()})
        kept = self.profile(project, "crm.people/1")
        self.assertEqual(kept, self.profile(project, "shop.people/2"))

        correct(project)
        report = project.run_json(expect=0)
        self.assertEqual(kept, self.profile(project, "crm.people/1"), "the part that founded it keeps the id")
        now = self.sent(project)
        emails = {"b@example.com": None, "carel@example.com": "Carel"}
        if email_of_the_other is not None:
            emails[email_of_the_other] = "Bea"
            self.assertEqual(1, report["profiles"]["split"])
        self.assertEqual(emails, {one["email"]: one.get("name") for one in now.values()})
        again = project.run_json(expect=0)
        mail = next(job for job in again["jobs"] if job["job"] == "mail")["deliveries"]
        self.assertEqual((0, 0, 0), (mail["created"], mail["updated"], mail["removed"]))

    def profile(self, project, record):
        return json.loads(project.rondom("-o", "json", "profile", "show", record).stdout)["profile"]

    def sent(self, project):
        """What the destination holds after all that was written: contact -> fields."""
        lines = (project.folder / "out/mail.jsonl").read_text(encoding="utf-8").splitlines()
        return {one["key"]: one for one in map(json.loads, lines)}


if __name__ == "__main__":
    unittest.main()
