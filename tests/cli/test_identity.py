"""rondom identity: records that are alike, found without labels, measured against a truth, explained to the bit."""
import csv
import json
import random
import unittest
import xml.etree.ElementTree

from project import GIVEN, Project

SURNAMES = [first + last for first in ("Bak", "Vis", "Meij", "Boer", "Linde", "Wolf", "Hoek", "Brou")
            for last in ("ker", "ser", "stra", "man", "veld", "huis")]
SEED = 20261126
PEOPLE = 400


def slip(text, dice):
    at = dice.randrange(1, max(2, len(text) - 1))
    return text[:at] + text[at + 1:]


def people():
    """(row, person): one to three records of each person, some with slips and gaps; households, and twins in some."""
    dice = random.Random(SEED)
    for person in range(PEOPLE):
        born = f"{dice.randrange(1940, 2004)}-{dice.randrange(1, 13):02}-{dice.randrange(1, 29):02}"
        row = {"first": dice.choice(GIVEN), "last": dice.choice(SURNAMES), "born": born,
               "street": dice.choice(SURNAMES) + "straat", "number": str(dice.randrange(1, 90)),
               "zip": f"{dice.randrange(1000, 9999)}AB", "mail": f"p{person}x{dice.randrange(999)}@example.com"}
        others = [name for name in GIVEN if name[0] != row["first"][0]]
        twin = dict(row, first=dice.choice(others), mail="")
        for number in range(dice.randrange(1, 4)):
            said = dict(row)
            if dice.random() < 0.25:
                said["first"] = slip(said["first"], dice)
            if dice.random() < 0.25:
                said["last"] = slip(said["last"], dice)
            if dice.random() < 0.3:
                said["mail"] = ""
            if dice.random() < 0.2:
                said["born"] = ""
            yield dict(said, id=f"{person}-{number}"), f"person {person}"
        if person % 2 == 0:
            partner = dict(row, first=dice.choice(others), last=dice.choice([row["last"], dice.choice(SURNAMES)]),
                           born=f"{int(born[:4]) + dice.randrange(1, 4)}-{dice.randrange(1, 13):02}-15",
                           mail=dice.choice([row["mail"], ""]))
            for number in range(dice.randrange(1, 3)):
                yield dict(partner, id=f"{person}-partner-{number}"), f"partner of {person}"
        if person % 40 == 0:
            yield dict(twin, id=f"{person}-twin"), f"twin of {person}"


class Population(unittest.TestCase):
    def project(self, rows=None):
        project = Project(self)
        project.write("rondom.yaml", """
            project: alike
            defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
            connections:
              crm: { connector: file, config: { path: data } }
            """)
        project.write("identity.yaml", "identifiers:\n  - { namespace: email, class: strong, max_per_profile: 5 }\n")
        project.write("jobs/crm.yaml", """
            job: crm
            source: crm
            streams:
              - stream: people
                key: .id
                entity: person
                map:
                  name.given: .first
                  name.surname: .last
                  birth_date: .born
                  email: .mail
                  addresses:
                    - { street: .street, house_number: .number, postcode: .zip }
            """)
        rows = list(people()) if rows is None else rows
        (project.folder / "data").mkdir()
        self.write_people(project, [row for row, _ in rows])
        with open(project.folder / "truth.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["source", "key", "cluster"])
            writer.writerows(["crm", row["id"], person] for row, person in rows)
        project.rondom("-q", "run", "--all", expect=0)
        return project

    def write_people(self, project, rows):
        with open(project.folder / "data/people.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, ["id", "first", "last", "born", "mail", "street", "number", "zip"])
            writer.writeheader()
            writer.writerows(rows)


class Identity(Population):
    def evaluate(self, project, *options):
        truth = project.folder / "truth.csv"
        return json.loads(project.rondom("-o", "json", "identity", "evaluate", "--truth", truth, *options,
                                         expect=0).stdout)

    def test_found_without_labels_measured_and_explained(self):
        project = self.project()
        shipped = self.evaluate(project)
        self.assertFalse(shipped["models"][0]["trained"])
        self.assertGreater(shipped["at_default"]["f1"], shipped["by_identifiers"]["f1"])

        said = project.rondom("identity", "train", expect=0).stdout.decode()
        self.assertIn("models/person-1.yaml: person-1", said)
        model = (project.folder / "models/person-1.yaml").read_text(encoding="utf-8")
        self.assertNotIn("@", model)
        errors, picture = project.folder / "errors.csv", project.folder / "curve.svg"
        found = self.evaluate(project, "--errors", errors, "--svg", picture)
        self.assertTrue(found["models"][0]["trained"])
        self.assertIn(found["models"][0]["hash"], said)
        self.assertGreaterEqual(found["at_default"]["precision"], 0.99, found["at_default"])
        self.assertGreaterEqual(found["at_default"]["f1"], 0.96, found["at_default"])
        self.assertGreaterEqual(found["best"]["quality"]["f1"], found["at_default"]["f1"] - 0.02)
        self.assertEqual(0, found["records_not_stored"])
        wrong = list(csv.DictReader(errors.read_text(encoding="utf-8").splitlines()))
        quality = found["at_default"]
        self.assertEqual(quality["pairs_found"] - quality["pairs_right"],
                         sum(pair["error"] == "joined wrongly" for pair in wrong))
        self.assertEqual(quality["pairs_true"] - quality["pairs_right"],
                         sum(pair["error"] == "missed" for pair in wrong))
        root = xml.etree.ElementTree.parse(picture).getroot()
        lines = root.findall("{http://www.w3.org/2000/svg}polyline")
        self.assertEqual(3, len(lines))
        for line in lines:
            self.assertEqual(len(found["curve"]), len(line.get("points").split()))

        # The same records give the same model, whatever was trained before and with any number of threads.
        project.rondom("identity", "train", "--threads", 3, expect=0)
        self.assertEqual(model, (project.folder / "models/person-1.yaml").read_text(encoding="utf-8"))

        self.compared(project)
        self.profiled(project, found)

    def test_a_model_that_cannot_be_used_is_found_before_a_run(self):
        project = self.project()
        identity = (project.folder / "identity.yaml").read_text(encoding="utf-8")
        self.assertIn(b"until then it joins nobody", project.rondom("identity", "train", expect=0).stderr)
        project.write("identity.yaml", identity + "probabilistic: { model: mine }\n")
        self.assertIn(b"identity.yaml:3:", (said := project.rondom("validate", expect=78).stderr))
        self.assertIn(b"there is no model mine", said)
        model = (project.folder / "models/person-1.yaml").read_text(encoding="utf-8")
        project.write("models/mine.yaml", model.replace("model: person-1", "model: mine"))
        project.rondom("validate", expect=0)
        self.assertIn(b"names model mine", project.rondom("identity", "train", expect=0).stderr)
        project.write("models/mine.yaml", model.replace("m: ", "mm: ", 1))
        self.assertIn(b"models/mine.yaml:", project.rondom("validate", expect=78).stderr)

    def compared(self, project):
        """Numbers add up; twins of one house are told apart; what is missing has no line."""
        def compare(one, other):
            return json.loads(project.rondom("-o", "json", "identity", "compare", f"crm.people/{one}",
                                             f"crm.people/{other}", expect=0).stdout)

        twins = compare("0-0", "0-twin")
        for found in (twins, compare("1-0", "2-0"), compare("40-0", "40-twin")):
            parts = [field["millibits"] for field in found["fields"]] + [found["prior"], found["household"]]
            self.assertEqual(found["total"], sum(parts))
            self.assertAlmostEqual(1 / (1 + 2 ** (-found["total"] / 1000)), found["probability"], places=5)
        self.assertNotIn("email", [field["field"] for field in twins["fields"]])
        self.assertLess(twins["household"], 0)
        self.assertLess(twins["probability"], twins["merge_at"])
        text = project.rondom("identity", "compare", "crm.people/0-0", "crm.people/0-twin", expect=0).stdout.decode()
        self.assertIn("may be one household", text)
        failed = project.rondom("identity", "compare", "crm.people/0-0", "crm.people/nobody", expect=1)
        self.assertIn(b"crm.people/nobody", failed.stderr)

    def profiled(self, project, evaluated):
        profile, = json.loads(project.rondom("-o", "json", "identity", "profile", expect=0).stdout)
        rows = [row for row, _ in people()]
        attributes = {each["attribute"]: each for each in profile["attributes"]}
        self.assertEqual(len(rows), profile["records"])
        self.assertEqual(sum(row["born"] != "" for row in rows), attributes["birth_date"]["records"])
        self.assertEqual(len({row["zip"] for row in rows}), attributes["addresses.postcode"]["distinct"])
        self.assertEqual(evaluated["models"][0]["blocking"], profile["blocking"])

    def test_mistakes_are_told(self):
        project = self.project([({"id": "1", "first": "Anna", "last": "Bakker", "born": "", "mail": "", "street": "",
                                  "number": "", "zip": ""}, "anna")])
        truth = project.write("wrong.csv", "source,key,cluster\ncrm,1\n")
        said = project.rondom("identity", "evaluate", "--truth", truth, expect=2).stderr
        self.assertIn(b"wrong.csv:2: 2 fields, not 3", said)
        said = project.rondom("identity", "evaluate", "--truth", project.write("none.csv", "a,b\n"), expect=2).stderr
        self.assertIn(b"source, key and cluster", said)
        elsewhere = project.write("elsewhere.csv", "source,key,cluster\nshop,1,anna\nshop,2,anna\nshop,3,bram\n")
        said = project.rondom("identity", "evaluate", "--truth", elsewhere, expect=2).stderr
        self.assertIn(b"none of the 3 records of ", said)
        self.assertIn(b"its sources are shop, those of the store crm", said)
        elsewhere.write_text(elsewhere.read_text() + "crm,1,bram\n", encoding="utf-8")
        said = project.rondom("identity", "evaluate", "--truth", elsewhere, expect=0).stderr
        self.assertIn(b"warning: only 1 of the 4 records of ", said)
        project.write("models/person-1.yaml", "model: x\nentity: person\n")
        said = project.rondom("identity", "profile", expect=78).stderr
        self.assertIn(b"a model says its thresholds", said)


BERG = dict(first="Anna", last="van den Heuvel-Roosegaarde", born="1971-03-09", street="Zonnebloemstraat", number="128",
            zip="5643KL", mail="")


class Alike(Population):
    """Joined by likeness, kept for somebody to look at, and what somebody said holds from then on."""

    def rows(self):
        filler = [dict(row, mail="") for row, _ in list(people())[:300]]
        return filler + [dict(BERG, id="a"), dict(BERG, id="b", number="128"),
                         dict(BERG, id="c", born="", street="", number="", zip="", last="van den Heuvel"),
                         dict(BERG, id="d", first="Bram", born="1944-11-30")]

    def alike(self):
        project = self.project([(row, "") for row in self.rows()])
        project.write("identity.yaml", "probabilistic: { merge_at: 0.99, review_at: 0.6 }\n")
        project.rondom("run", "--all")
        return project

    def members(self, project):
        """record -> profile"""
        return {row["key"]: row["profile_id"]
                for row in csv.DictReader(project.rondom("profile", "members", "-o", "csv").stdout.decode().splitlines())}

    def test_two_without_an_identifier_in_common_are_one_and_why(self):
        project = self.alike()
        members = self.members(project)
        self.assertEqual(members["a"], members["b"])
        self.assertNotEqual(members["a"], members["d"])
        said = project.rondom("profile", "explain", "crm.people/a").stdout.decode()
        self.assertRegex(said, r"crm.people/a ─ alike in [a-z ,]+, 99\.\d+ % ─ crm.people/b")
        self.explained_to_the_thousandth(project)
        again = json.loads(project.rondom("-o", "json", "run", "--all").stdout)["profiles"]
        self.assertEqual((0, 0, 0), (again["created"], again["changed"], again["merged"]))

    def test_a_changed_row_is_compared_by_itself_and_ends_where_comparing_everybody_does(self):
        rows = self.rows()
        project = self.alike()

        def run(into, rows):
            self.write_people(into, rows)
            profiles = json.loads(into.rondom("-o", "json", "run", "--all", expect=0).stdout)["profiles"]
            into.rondom("store", "verify", expect=0)
            return profiles.get("compared_everybody", "")

        def groups(of):
            together = {}
            for record, profile in self.members(of).items():
                together.setdefault(profile, []).append(record)
            return sorted(sorted(records) for records in together.values())

        # Somebody new who is Anna too; one of those that were Anna gets another name; one is gone.
        grown = rows + [dict(BERG, id="e", born="1971-09-03")]
        other = [dict(row, first="Wilhelmina", last="Oosterhuis", born="1999-01-01", street="", number="", zip="")
                 if row["id"] == "b" else row for row in grown]
        smaller = other[7:]
        self.assertEqual("", run(project, grown))
        self.assertIn(["a", "b", "e"], groups(project))
        self.assertEqual("", run(project, other))
        self.assertIn(["a", "e"], groups(project))
        self.assertEqual("much has changed", run(project, smaller))
        again = dict(smaller[0], last=smaller[0]["last"] + "s")
        self.assertEqual("", run(project, [again] + smaller[1:]))
        fresh = self.project([(row, "") for row in [again] + smaller[1:]])
        fresh.write("identity.yaml", "probabilistic: { merge_at: 0.99, review_at: 0.6 }\n")
        self.assertNotEqual("", run(fresh, [again] + smaller[1:]))
        self.assertEqual(groups(fresh), groups(project))

    def explained_to_the_thousandth(self, project):
        """What the run decided by is the sum of what explain shows, in numbers and in the picture."""
        picture = project.folder / "profile.svg"
        explained = json.loads(project.rondom("-o", "json", "profile", "explain", "crm.people/a", "--svg", picture).stdout)
        link, = explained["joined"]
        evidence = link["evidence"]
        self.assertEqual(link["decided_millibits"], evidence["total"])
        self.assertEqual(evidence["total"], evidence["prior"] + evidence["household"]
                         + sum(field["millibits"] for field in evidence["fields"]))
        self.assertGreaterEqual(evidence["probability"], evidence["merge_at"])
        self.assertTrue(evidence["blocked_by"])
        apart = next(one for one in explained["kept_apart"] if one["to"] == "crm.people/c")
        self.assertLess(apart["evidence"]["probability"], apart["evidence"]["merge_at"])
        self.assertEqual(apart["decided_millibits"], apart["evidence"]["total"])
        drawn = self.texts(picture)
        for name in ("crm.people/a", "crm.people/b", "crm.people/c"):
            self.assertIn(name, drawn)
        waterfall = project.folder / "pair.svg"
        project.rondom("identity", "compare", "crm.people/a", "crm.people/b", "--svg", waterfall)
        drawn = self.texts(waterfall)
        for field in evidence["fields"]:
            self.assertIn(f"{field['millibits'] / 1000:+.3f}", drawn)
        self.assertIn(f"{evidence['total'] / 1000:+.3f}", drawn)

    @staticmethod
    def texts(picture):
        root = xml.etree.ElementTree.parse(picture).getroot()
        return [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]

    def test_the_weakest_link_is_marked(self):
        project = self.alike()
        project.rondom("profile", "link", "crm.people/b", "crm.people/d")
        project.rondom("run", "--all")
        said = project.rondom("profile", "explain", "crm.people/a").stdout.decode().splitlines()
        weakest, = (line for line in said if line.endswith("weakest link"))
        self.assertIn("alike", weakest)
        self.assertIn(" crm.people/b ─ somebody said so  ─ crm.people/d", said)

    def test_without_the_key_nobody_is_joined_any_more(self):
        project = self.alike()
        project.write("identity.yaml", "identifiers: []\n")
        project.rondom("run", "--all")
        members = self.members(project)
        self.assertEqual(len(members), len(set(members.values())))
        self.assertEqual(b"nothing is to review\n", project.rondom("review", "list").stdout)

    def test_a_pair_is_accepted_rejected_and_forgotten_again(self):
        project = self.alike()
        listed = json.loads(project.rondom("-o", "json", "review", "list").stdout)
        pair = next(one for one in listed if "crm.people/c" in (one["record"], one["other"]))
        self.assertTrue(0.5 < pair["probability"] < 1)
        self.assertIn(pair["pair"], project.rondom("review", "list").stdout.decode())
        project.rondom("review", "accept", "no-such-pair", expect=2)
        project.rondom("review", "accept", pair["pair"])
        project.rondom("run", "--all")
        members = self.members(project)
        self.assertEqual(members["a"], members["c"])
        self.assertIn("somebody said so", project.rondom("profile", "explain", "crm.people/c").stdout.decode())
        self.assertNotIn(pair["pair"], project.rondom("review", "list").stdout.decode())
        self.assertEqual([("same", pair["pair"])], [(one["said"], one["pair"]) for one in
                                                    json.loads(project.rondom("-o", "json", "review", "decided").stdout)])
        project.rondom("review", "undo", pair["pair"])
        project.rondom("run", "--all")
        members = self.members(project)
        self.assertNotEqual(members["a"], members["c"])
        project.rondom("review", "reject", pair["pair"])
        project.rondom("run", "--all")
        members = self.members(project)
        self.assertNotEqual(members["a"], members["c"])
        self.assertNotIn(pair["pair"], project.rondom("review", "list").stdout.decode())

    def test_split_stays_split_and_linked_stays_linked(self):
        project = self.alike()
        before = self.members(project)
        project.rondom("profile", "split", "crm.people/b")
        project.rondom("profile", "link", "crm.people/a", "crm.people/d")
        project.rondom("profile", "split", "crm.people/no-such-record", expect=2)
        for change in (None, "1972-03-09"):  # a change of a record does not undo it
            if change:
                self.write_people(project, [dict(row, born=change) if row["id"] == "a" else row for row in self.rows()])
            project.rondom("run", "--all")
            members = self.members(project)
            self.assertNotEqual(members["a"], members["b"])
            self.assertEqual(members["a"], members["d"])
        self.assertIn(members["a"], (before["a"], before["d"]), "the profile that was founded first keeps its id")

    def test_a_model_that_does_not_exist_is_said(self):
        project = self.alike()
        project.write("identity.yaml", "probabilistic: { model: person-9 }\n")
        said = project.rondom("run", "--all", expect=78).stderr.decode()
        self.assertIn("there is no model person-9", said)
        project.write("identity.yaml", "probabilistic: { merge_at: 99 }\n")
        self.assertIn("identity.yaml:1:28: error: merge_at must be a probability", project.rondom("validate", expect=78).stderr.decode())


if __name__ == "__main__":
    unittest.main()
