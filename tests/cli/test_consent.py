"""A "no" is heard: in a row that is refused, beside a guard, through whoever a delivery waits for, and when two contacts
turn out to be one person."""
import glob
import json
import unittest

from newsletter import person, write_people
from project import Project, jsonl

LATER, LATEST = "2026-02-01T00:00:00Z", "2026-03-01T00:00:00Z"
UNREADABLE = "31-31-1999"


class Consent(unittest.TestCase):
    def setUp(self):
        self.project = Project(self)
        self.project.write("rondom.yaml", """
            project: shop
            defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
            deliver: send
            connections:
              crm: { connector: file, config: { path: data } }
              list: { connector: file, config: { path: list } }
              out: { connector: file, config: { path: out } }
            purposes:
              news: { channel: email, legal_basis: consent }
            """)
        write_people(self.project)
        self.edit("jobs/crm.yaml", "      name.given: .given", "      birth_date: .birth\n      phone: .phone\n      name.given: .given")
        self.write_newsletter()
        (self.project.folder / "out").mkdir()
        self.seen = 0

    def write_newsletter(self, limits="{ removals: 100%, changes: 100% }"):
        self.project.write("jobs/newsletter.yaml", f"""
            job: newsletter
            destination: out
            schedule: {{ after: [crm] }}
            audience: not_vip
            purpose: news
            match_on: email
            on_leave: leave_segment
            on_withdrawal: unsubscribe
            limits: {limits}
            map:
              email: .permitted.email
              city: .custom.city
            """)

    def write_list(self):
        """A second source: addresses that said yes, in a job that crm waits for."""
        self.project.write("jobs/list.yaml", """
            job: list
            source: list
            streams:
              - stream: addresses
                options: { path: addresses.jsonl }
                entity: person
                key: .id
                map:
                  email: .email
                  consents:
                    - { purpose: news, channel: email, contact: .email, status: .said, at: .changed }
            """)

    def edit(self, name, before, after):
        path = self.project.folder / name
        text = path.read_text()
        self.assertIn(before, text)
        path.write_text(text.replace(before, after))

    def data(self, *people, name="data/people.jsonl"):
        self.project.write(name, jsonl(people))

    def run_all(self, *words, expect=0):
        return self.project.rondom("run", *(words or ("--all",)), expect=expect).stdout.decode()

    def sent(self):
        """What was sent since it was asked last, as "operation address"."""
        lines = []
        for name in sorted(glob.glob(str(self.project.folder / "out/**/*.jsonl"), recursive=True)):
            with open(name, encoding="utf-8") as file:
                lines += [json.loads(line) for line in file]
        new, self.seen = lines[self.seen:], len(lines)
        return sorted(f"{one['operation']} {one.get('email', '')}".strip() for one in new)

    def quarantined(self):
        return json.loads(self.project.rondom("-o", "json", "quarantine", "show").stdout)

    def test_a_refused_row(self):
        self.data(person(0), person(1))
        self.run_all()
        self.assertEqual(["create anna0@example.com", "create anna1@example.com"], self.sent())
        self.data(person(0, consent="no", birth=UNREADABLE, changed=LATER), person(1))
        self.run_all(expect=3)
        self.assertEqual(["unsubscribe anna0@example.com"], self.sent())
        self.run_all(expect=3)
        self.assertEqual([], self.sent())
        # Whoever it was, they say yes again, in a row that can be read.
        self.data(person(0, changed=LATEST), person(1))
        self.run_all()
        self.assertEqual(["create anna0@example.com"], self.sent())
        self.assertEqual("the store is sound\n", self.project.rondom("store", "verify").stdout.decode())

    def test_of_somebody_the_list_knows(self):
        """Nobody has read this row before; the yes stands in another system, and has been delivered."""
        self.write_list()
        self.data({"id": "l1", "email": "anna0@example.com", "said": "granted", "changed": LATER}, name="list/addresses.jsonl")
        self.data(person(7))
        self.run_all()
        self.assertEqual(2, len(self.sent()))
        self.data(person(0, consent="no", birth=UNREADABLE, changed=LATEST), person(7))
        self.run_all(expect=3)
        self.assertEqual(["unsubscribe anna0@example.com"], self.sent())

    def test_a_consent_that_cannot_be_read(self):
        self.edit("jobs/crm.yaml", "status: withdrawn", "status: .word")
        self.data(person(0), person(1))
        self.run_all()
        self.sent()
        self.data(person(0, consent="no", word="unsubscribed", changed=LATER), person(1))
        said = self.run_all(expect=3)
        # Out of the mailing, and for nothing that they might not have said.
        self.assertEqual(["leave_segment anna0@example.com"], self.sent())
        self.assertIn("consent cannot be read 1", said)
        self.data(person(0, consent="no", word="withdrawn", changed=LATEST), person(1))
        self.run_all()
        self.data(person(0, changed="2026-04-01T00:00:00Z"), person(1))
        self.run_all()
        self.assertEqual(["create anna0@example.com"], self.sent())

    def test_two_copies_of_one_time(self):
        self.data(person(0))
        self.run_all()
        self.sent()
        self.data(person(0, city="Gouda", changed=LATER), person(0, consent="no", city="Gouda", changed=LATER))
        self.run_all(expect=3)
        self.assertEqual(["unsubscribe anna0@example.com"], self.sent())

    def test_a_guard(self):
        self.write_newsletter("{ removals: 5%, changes: 30% }")
        self.data(*(person(n) for n in range(150)))
        self.run_all()
        self.sent()
        self.data(*(person(n, city="Gouda", consent="no" if n < 2 else "yes", changed=LATER) for n in range(150)))
        said = self.run_all(expect=5)
        self.assertIn("would change 148 of 150 delivered profiles (98.7 %, limit 30.0 %), so nothing but 2 withdrawals was sent", said)
        self.assertEqual(["unsubscribe anna0@example.com", "unsubscribe anna1@example.com"], self.sent())
        self.run_all(expect=5)
        self.assertEqual([], self.sent())
        report = json.loads(self.project.rondom("-o", "json", "run", "newsletter", expect=5).stdout)
        guard = next(job["accept"] for job in report["jobs"] if job["job"] == "newsletter")
        self.assertIn(f"--accept {guard} ", said)
        self.run_all("newsletter", "--accept", guard)
        self.assertEqual(["update"] * 148, [one.split()[0] for one in self.sent()])

    def test_a_guard_that_is_accepted_at_once(self):
        self.write_newsletter("{ removals: 5%, changes: 30% }")
        self.data(*(person(n) for n in range(150)))
        self.run_all()
        self.sent()
        self.data(*(person(n, city="Gouda", consent="no" if n < 2 else "yes", changed=LATER) for n in range(150)))
        self.run_all("crm")
        plan = self.project.rondom("plan", "newsletter").stdout.decode()
        self.assertIn("so nothing was sent; --accept", plan)
        said = self.run_all("newsletter", "--accept", plan.split("--accept ")[1].split()[0])
        self.assertIn("updated 148  left 2", said)
        self.assertEqual(150, len(self.sent()))

    def test_whoever_is_waited_for(self):
        self.write_list()
        self.edit("jobs/crm.yaml", "source: crm", "source: crm\nschedule: { after: [list] }")
        self.data(name="list/addresses.jsonl")
        self.data(person(0))
        # A first delivery that is run by itself: nobody is known to have failed.
        self.run_all("crm")
        self.run_all("newsletter")
        self.assertEqual(["create anna0@example.com"], self.sent())
        addresses = self.project.folder / "list/addresses.jsonl"
        addresses.unlink()
        self.data(person(0, city="Gouda", changed=LATER))
        said = self.run_all(expect=69)
        self.assertIn("it waits for job list, which did not finish", said)
        self.run_all("crm")
        said = self.run_all("newsletter", expect=1)
        self.assertIn("it waits for job list, which did not finish the last time; run both: rondom run list newsletter", said)
        self.assertEqual([], self.sent())
        self.data({"id": "l1", "email": "anna0@example.com", "said": "withdrawn", "changed": LATER}, name="list/addresses.jsonl")
        self.run_all("list", "newsletter")
        self.assertEqual(["unsubscribe anna0@example.com"], self.sent())

    def test_a_released_row_of_a_file_that_is_read_once(self):
        self.edit("jobs/crm.yaml", 'path: "*.jsonl"', 'path: "*.jsonl", mode: append')
        self.data(person(0), person(1, birth=UNREADABLE))
        self.run_all(expect=3)
        self.sent()
        entry, = self.quarantined()
        # Still unreadable: nothing is lost.
        self.assertEqual({"released": 1, "not_kept": 0}, json.loads(
            self.project.rondom("-o", "json", "quarantine", "release", str(entry["id"])).stdout))
        self.assertTrue(self.quarantined()[0]["released"])
        self.run_all(expect=3)
        self.assertEqual([(entry["id"], entry["raw"])], [(one["id"], one["raw"]) for one in self.quarantined()])
        self.assertNotIn("released", self.quarantined()[0])
        self.edit("jobs/crm.yaml", "birth_date: .birth", "custom.birth: .birth")
        self.project.rondom("quarantine", "release", str(entry["id"]))
        self.assertIn("MAP      crm.people: 2 mapped again · 1 change", self.run_all())
        self.assertEqual([], self.quarantined())
        self.assertEqual(["create anna1@example.com"], self.sent())

    def test_a_line_that_is_not_kept_as_a_record_stays(self):
        self.project.write("data/people.jsonl", jsonl([person(0)]) + "no record\n")
        self.run_all(expect=3)
        entry, = self.quarantined()
        said = self.project.rondom("quarantine", "release", str(entry["id"])).stdout.decode()
        self.assertIn("0 released", said)
        self.assertIn("1 not kept whole: they stay", said)
        self.assertEqual([entry["id"]], [one["id"] for one in self.quarantined()])

    def test_two_contacts_are_one_person(self):
        people = [person(0, surname="Bakker"), person(1, surname="Bakker")]
        self.data(*people)
        self.run_all()
        self.assertEqual(2, len(self.sent()))
        one, other = ({**one, "phone": "0612345678", "changed": LATER} for one in people)
        self.data(one, {**other, "consent": "no"})
        self.run_all()
        self.assertEqual(["unsubscribe anna0@example.com", "unsubscribe anna1@example.com"], self.sent())


if __name__ == "__main__":
    unittest.main()
