"""What closes somebody in spite of a yes: reviewed lists, suppressions from a source, an age, a yes that waits or runs out.
Each reason stands in the plan, in the report of the run and in what is told of the person."""
import glob
import hashlib
import json
import unittest

from newsletter import person, write_people
from project import Project, jsonl

LATER = "2026-02-01T00:00:00Z"


def sha256(text):
    return hashlib.sha256(text.encode()).hexdigest()


class Suppression(unittest.TestCase):
    def setUp(self):
        self.project = Project(self)
        self.settings()
        write_people(self.project)
        self.edit("jobs/crm.yaml", "      email: .email", "\n".join([
            "      email: .email", "      birth_date: .birth", "      suppressions:",
            "        - { kind: .why, contact: .closed, channel: email }"]))
        self.edit("jobs/crm.yaml", "status: granted, at: .changed }", "status: .said, at: .changed, expires_at: .until }")
        self.project.write("jobs/newsletter.yaml", """
            job: newsletter
            destination: out
            audience: not_vip
            purpose: news
            match_on: email
            limits: { removals: 100%, changes: 100% }
            map: { email: .permitted.email, city: .custom.city }
            """)
        (self.project.folder / "out").mkdir()
        self.seen = 0

    def settings(self, more=""):
        self.project.write("rondom.yaml", f"""
            project: shop
            defaults: {{ country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }}
            deliver: send
            connections:
              crm: {{ connector: file, config: {{ path: data }} }}
              out: {{ connector: file, config: {{ path: out }} }}
            purposes:
              news: {{ channel: email, legal_basis: consent{more} }}
            """)

    def edit(self, name, before, after):
        path = self.project.folder / name
        text = path.read_text()
        self.assertIn(before, text)
        path.write_text(text.replace(before, after))

    def people(self, *people):
        self.project.write("data/people.jsonl", jsonl({"said": "granted", **one} for one in people))

    def run_all(self, as_of="2026-03-14"):
        """What was sent, and the report's withheld reasons."""
        self.project.rondom("run", "crm", "--as-of", as_of, expect=0)
        plan = self.project.rondom("plan", "newsletter", "--as-of", as_of, expect=None).stdout.decode()
        said = self.project.rondom("run", "newsletter", "--as-of", as_of).stdout.decode()
        withheld = [line.split("withheld", 1)[1].strip() for text in (plan, said) for line in text.splitlines()
                    if "withheld" in line and "since the last run" not in line]
        self.assertLessEqual(len(set(withheld)), 1, (plan, said))
        lines = []
        for name in sorted(glob.glob(str(self.project.folder / "out/**/*.jsonl"), recursive=True)):
            with open(name, encoding="utf-8") as file:
                lines += [json.loads(line) for line in file]
        new, self.seen = lines[self.seen:], len(lines)
        return sorted(f"{one['operation']} {one.get('email', '')}".strip() for one in new), withheld[:1]

    def told_of(self, who, as_of="2026-03-14"):
        return self.project.rondom("profile", "explain", who, "--as-of", as_of).stdout.decode()

    def test_a_reviewed_list(self):
        self.people(person(0), person(1), person(2))
        self.assertEqual((["create anna0@example.com", "create anna1@example.com", "create anna2@example.com"], []), self.run_all())
        self.project.write("suppressions/board.yaml", f"""
            suppressions: board
            kind: manual
            entries:
              - {{ email_sha256: {sha256("anna0@example.com")} }}
              - {{ email: Anna1@example.com, kind: legal, destination: out, ends_at: 2026-03-20 }}
              - {{ email: anna2@example.com, destination: crm }}
            """)
        self.assertEqual((["unsubscribe anna0@example.com", "unsubscribe anna1@example.com"],
                          ["2: suppressed: legal 1 · suppressed: manual 1"]), self.run_all())
        self.assertIn("no: suppressed: manual (suppressed, list board, suppressions/board.yaml:4)", self.told_of("crm.people/p0"))
        told = self.told_of("crm.people/p1")
        self.assertIn("MAY WE USE IT FOR news?  yes", told)
        self.assertIn("MAY WE USE IT FOR news AT out?  no: suppressed: legal", told)
        self.assertNotIn("suppressed", self.told_of("crm.people/p2"))
        # Time lifts one, the board the other.
        self.assertEqual((["create anna1@example.com"], ["1: suppressed: manual 1"]), self.run_all("2026-03-22"))
        (self.project.folder / "suppressions/board.yaml").unlink()
        self.assertEqual((["create anna0@example.com"], []), self.run_all("2026-03-22"))

    def test_of_a_source_for_whoever_has_the_address(self):
        self.people(person(0), person(1, email="anna0@example.com", given="Bert"), person(2))
        self.assertEqual(3, len(self.run_all()[0]))
        self.people(person(0, why="complaint", closed="anna0@example.com", changed=LATER),
                    person(1, email="anna0@example.com", given="Bert"), person(2))
        sent, withheld = self.run_all()
        self.assertEqual(["unsubscribe anna0@example.com", "unsubscribe anna0@example.com"], sent)
        self.assertEqual(["2: suppressed: complaint 1 · suppressed: complaint elsewhere 1"], withheld)
        # The row is gone, what it said is not.
        self.people(person(1, email="anna0@example.com", given="Bert"), person(2))
        self.assertEqual(["1: suppressed: complaint elsewhere 1"], self.run_all()[1])

    def test_an_age(self):
        self.settings(", minimum_age: { NL: 16, else: 18 }")
        self.people(person(0, birth="2010-03-16"), person(1, birth="1980"), person(2, birth="2010"), person(3))
        self.assertEqual((["create anna1@example.com", "create anna3@example.com"], ["2: too young 2"]), self.run_all())
        self.assertEqual((["create anna0@example.com"], ["1: too young 1"]), self.run_all("2026-03-17"))

    def test_a_yes_that_waits_and_one_that_runs_out(self):
        self.people(person(0, said="pending"), person(1, until="2026-03-16T00:00:00Z"))
        self.assertEqual((["create anna1@example.com"], ["1: not confirmed 1"]), self.run_all())
        self.people(person(0, changed=LATER), person(1, until="2026-03-16T00:00:00Z"))
        self.assertEqual((["create anna0@example.com"], []), self.run_all())
        self.assertEqual((["unsubscribe anna1@example.com"], ["1: expired 1"]), self.run_all("2026-03-17"))


if __name__ == "__main__":
    unittest.main()
