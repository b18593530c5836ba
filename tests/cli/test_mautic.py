"""Both ways with Mautic, against the stand-in of tests/sandbox: what is there afterwards, and what was asked."""
import json
import pathlib
import sys
import time
import unittest
import urllib.request

from newsletter import person, write_people
from project import Project, jsonl
from survival import SameBatchTwice

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "sandbox"))
import mautic  # noqa: E402


class Sandbox:
    def __init__(self, test, merge=True):
        self.server = mautic.serve(merge=merge)
        test.addCleanup(self.server.server_close)
        test.addCleanup(self.server.shutdown)
        self.address = self.server.address

    def control(self, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        with urllib.request.urlopen(urllib.request.Request(self.address + path, data=data), timeout=10) as reply:
            return json.loads(reply.read())

    def state(self):
        return self.control("/__state")

    def emails(self):
        return sorted(one["fields"]["all"]["email"] for one in self.state()["contacts"])

    def contact(self, email):
        return next(one for one in self.state()["contacts"] if one["fields"]["all"]["email"] == email)

    def members(self):
        return {one["fields"]["all"]["email"] for one in self.state()["contacts"]
                if one["id"] in self.state()["segments"]["newsletter-nl"]}

    def requests(self):
        return self.control("/__requests")

    def forget_requests(self):
        self.server.mautic.requests.clear()

    def written(self):
        return [one for one in self.requests() if one["method"] != "GET" and "oauth" not in one["path"]]


class Base(unittest.TestCase):
    def make(self, people, merge=True, credentials='user: api, password: "${secret:MAUTIC}"', more_map=""):
        self.sandbox = Sandbox(self, merge)
        project = Project(self)
        project.write("rondom.yaml", f"""
            project: shop
            defaults: {{ country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }}
            deliver: send
            secrets: [env]
            connections:
              crm: {{ connector: file, config: {{ path: data }} }}
              mautic: {{ connector: mautic, config: {{ url: "{self.sandbox.address}", {credentials} }} }}
            purposes:
              news: {{ channel: email, legal_basis: consent }}
            """)
        write_people(project)
        project.write("jobs/feedback.yaml", """
            job: feedback
            source: mautic
            streams:
              - { stream: do_not_contact, preset: withdrawal }
              - { stream: bounces, preset: contact_point_status }
            """)
        project.write("jobs/newsletter.yaml", f"""
            job: newsletter
            destination: mautic
            schedule: {{ after: [crm, feedback] }}
            audience: not_vip
            purpose: news
            options: {{ segment: newsletter-nl }}
            match_on: email
            on_leave: leave_segment
            on_withdrawal: unsubscribe
            map:
              email: .permitted.email
              firstname: .name.given
              lastname: .name.surname
              {more_map}
            """)
        self.project = project
        self.data(people)
        return project

    def data(self, people):
        (self.project.folder / "data").mkdir(exist_ok=True)
        self.project.write("data/crm.jsonl", jsonl(people))

    def run_all(self, expect=(0, 3)):
        report = self.project.run_json(expect=expect, environment={"RONDOM_SECRET_MAUTIC": "sesame"})
        return next(job for job in report["jobs"] if job["job"] == "newsletter")["deliveries"]

    def counts(self, deliveries):
        return {name: value for name, value in deliveries.items() if isinstance(value, int) and value > 0
                and name != "unchanged"}


class Mautic(SameBatchTwice, Base):
    survive_source, survive_environment = "crm", {"RONDOM_SECRET_MAUTIC": "sesame"}

    def survive_fill(self, count):
        self.make([person(n) for n in range(count)], merge=False)

    def survive_deliver(self):
        return self.counts(self.run_all())

    def survive_content(self):
        return [(one["id"], one["fields"]["all"]) for one in self.sandbox.state()["contacts"]]

    def test_push_read_back_push_again(self):
        self.make([person(1), person(2), person(3, consent="no")])
        self.assertEqual({"created": 2}, self.counts(self.run_all()))
        self.assertEqual(["anna1@example.com", "anna2@example.com"], self.sandbox.emails())
        self.assertEqual({"anna1@example.com", "anna2@example.com"}, self.sandbox.members())
        for _ in range(2):
            self.sandbox.forget_requests()
            self.assertEqual({}, self.counts(self.run_all()))
            self.assertEqual([], self.sandbox.written())

    def test_what_we_wrote_is_no_evidence_when_read_back(self):
        project = self.make([person(1)])
        job = """
            job: contacts
            source: mautic
            streams:
              - stream: contacts
                entity: person
                key: .id
                map:
                  email: .email
                  identifier.mautic_contact: .id
                  {line}
            """
        project.write("jobs/contacts.yaml", job.format(line="name.given: { when: .firstname != null, value: .firstname }"))
        problem = project.rondom("validate", expect=78).stderr.decode()
        self.assertIn("jobs/contacts.yaml:10:", problem)
        self.assertIn("firstname is what job newsletter writes to mautic: read back it is no evidence", problem)
        self.assertEqual(1, problem.count(": error:"), problem)
        project.write("jobs/contacts.yaml", job.format(
            line="tags: [{ for_each: .lastname, map: { value: . } }]"))
        self.assertIn("lastname is what job newsletter writes", project.rondom("validate", expect=78).stderr.decode())
        project.write("jobs/contacts.yaml", job.format(line="custom.points: .points"))
        project.rondom("validate", expect=0)
        for _ in range(3):  # written, read back and joined, nothing new
            report = project.run_json(expect=0, environment={"RONDOM_SECRET_MAUTIC": "sesame"})
        self.assertEqual((1, 0), (report["profiles"]["total"], report["profiles"]["changed"]))
        self.assertEqual(1, len(self.sandbox.state()["contacts"]))

    def test_unsubscribing_there_stops_the_next_delivery(self):
        self.make([person(1), person(2)])
        self.run_all()
        self.sandbox.control("/__dnc", {"email": "anna1@example.com", "reason": 1})
        self.data([person(1, surname="Jansen"), person(2, surname="Jansen")])
        self.run_all()
        self.assertEqual("Bakker1", self.sandbox.contact("anna1@example.com")["fields"]["all"]["lastname"])
        self.assertEqual("Jansen", self.sandbox.contact("anna2@example.com")["fields"]["all"]["lastname"])
        self.assertEqual({"anna2@example.com"}, self.sandbox.members())

    def test_a_bounce_there_stops_the_next_delivery(self):
        self.make([person(1), person(2)])
        self.run_all()
        self.sandbox.control("/__dnc", {"email": "anna2@example.com", "reason": 2, "comments": "550 no such user"})
        deliveries = self.run_all()
        self.assertEqual({"bounced": 1}, deliveries["withheld"])
        self.assertEqual({"anna1@example.com"}, self.sandbox.members())

    def test_a_first_push_adopts_who_is_there(self):
        self.make([person(1), person(2)])
        self.sandbox.control("/__contact", {"email": "Anna1@Example.com", "firstname": "A.", "city": "Gouda"})
        self.assertEqual({"adopted": 1, "created": 1}, self.counts(self.run_all()))
        self.assertEqual(2, len(self.sandbox.state()["contacts"]))
        adopted = next(one for one in self.sandbox.state()["contacts"] if one["id"] == 1)["fields"]["all"]
        self.assertEqual(("Anna", "Gouda"), (adopted["firstname"], adopted["city"]))
        created = [one for one in self.sandbox.written() if one["path"].endswith("batch/new")]
        self.assertEqual([1], [len(one["body"]) for one in created])

    def test_leaving_the_audience_is_no_unsubscribe(self):
        self.make([person(1), person(2)])
        self.run_all()
        self.data([person(1, vip="yes"), person(2)])
        self.assertEqual({"removed": 1}, self.counts(self.run_all()))
        self.assertEqual({"anna2@example.com"}, self.sandbox.members())
        self.assertEqual([], self.sandbox.state()["dnc"])
        self.assertEqual(2, len(self.sandbox.state()["contacts"]))

    def test_a_withdrawal_never_stays_and_a_new_yes_lifts_our_own_no(self):
        self.make([person(1), person(2)])
        self.run_all()
        self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z"), person(2)])
        self.run_all()
        entries = self.sandbox.state()["dnc"]
        self.assertEqual([(1, "email", 3)], [(one["lead_id"], one["channel"], one["reason"]) for one in entries])
        self.assertEqual({"anna2@example.com"}, self.sandbox.members())
        # What we had said there comes back as nothing new, and a later yes here takes it away.
        self.assertEqual({}, self.counts(self.run_all()))
        self.data([person(1, consent="yes", changed="2026-03-01T00:00:00Z"), person(2)])
        self.run_all()
        self.assertEqual([], self.sandbox.state()["dnc"])
        self.assertEqual({"anna1@example.com", "anna2@example.com"}, self.sandbox.members())

    def withdraw_and_agree(self, count):
        """Everybody withdraws and agrees again; what was asked about do-not-contact, by path, each time."""
        self.make([person(n) for n in range(count)])
        self.run_all()
        asked = []
        for consent, changed in (("no", "2026-02-01T00:00:00Z"), ("yes", "2026-03-01T00:00:00Z")):
            self.sandbox.forget_requests()
            self.data([person(n, consent=consent, changed=changed) for n in range(count)])
            self.run_all()
            entries = self.sandbox.state()["dnc"]
            self.assertEqual(count if consent == "no" else 0, len(entries))
            self.assertEqual(0 if consent == "no" else count, len(self.sandbox.members()))
            self.assertTrue(all((one["reason"], one["channel"]) == (3, "email") for one in entries))
            batches = [one for one in self.sandbox.written() if one["path"].endswith("batch/edit")
                       and "doNotContact" in one["body"][0]]
            asked.append(([len(one["body"]) for one in batches],
                          len([one for one in self.sandbox.written() if "/dnc/" in one["path"]])))
        return asked

    def test_do_not_contact_goes_in_batches(self):
        self.assertEqual([([200, 5], 0), ([200, 5], 0)], self.withdraw_and_agree(205))

    def test_do_not_contact_one_by_one_where_the_reply_does_not_show_it(self):
        serve = mautic.serve

        def older(**options):
            server = serve(**options)
            server.mautic.batch_dnc = False
            return server
        mautic.serve = older
        self.addCleanup(setattr, mautic, "serve", serve)
        self.assertEqual([([3], 3), ([3], 3)], self.withdraw_and_agree(3))

    def test_one_field_of_the_map_sends_one_field(self):
        self.make([person(1), person(2)])
        self.run_all()
        job = self.project.folder / "jobs/newsletter.yaml"
        job.write_text(job.read_text() + "  city: .custom.city\n")
        self.sandbox.forget_requests()
        self.assertEqual({"updated": 2}, self.counts(self.run_all()))
        edits = [one for one in self.sandbox.written() if one["path"] == "/api/contacts/batch/edit"]
        self.assertEqual([[{"id", "city", "overwriteWithBlank"}] * 2], [[set(one) for one in edit["body"]] for edit in edits])

    def test_a_value_that_is_gone_is_cleared(self):
        self.make([person(1), person(2)], more_map="city: .custom.city")
        job = self.project.folder / "jobs/newsletter.yaml"
        job.write_text("on_missing: clear\n" + job.read_text())
        self.run_all()
        self.data([person(1, city=None, changed="2026-02-01T00:00:00Z"), person(2)])
        self.assertEqual({"updated": 1}, self.counts(self.run_all()))
        self.assertEqual([None, "Utrecht"], [self.sandbox.contact(f"anna{n}@example.com")["fields"]["all"]["city"]
                                             for n in (1, 2)])

    def test_an_update_merges_no_doubles_of_theirs(self):
        self.make([person(1)])
        self.run_all()
        with self.sandbox.server.mautic.lock:
            self.sandbox.server.mautic.merge = False
            self.sandbox.server.mautic.create({"email": "anna1@example.com", "firstname": "Double"})
            self.sandbox.server.mautic.merge = True
        self.data([person(1, surname="Jansen", changed="2026-02-01T00:00:00Z")])
        self.assertEqual({"updated": 1}, self.counts(self.run_all()))
        self.assertEqual(2, len(self.sandbox.state()["contacts"]))

    def test_who_withdraws_after_an_unheard_create_does_not_stay(self):
        self.make([person(1), person(2)], merge=False)
        self.sandbox.control("/__fault", {"path": "contacts/add", "kind": "vanish", "times": 6})
        self.sandbox.control("/__fault", {"path": "batch/new", "kind": "vanish"})
        self.run_all(expect=(0, 1, 3, 69, 75))
        self.assertEqual(2, len(self.sandbox.state()["contacts"]))
        self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z"), person(2)])
        for _ in range(3):
            self.run_all(expect=(0, 1, 3, 5, 69, 75))
        self.assertEqual([1], [one["lead_id"] for one in self.sandbox.state()["dnc"]])

    def merge_there(self, email):
        """Staff merge the contact into a new one, which keeps the address. Returns the id of that."""
        vendor = self.sandbox.server.mautic
        with vendor.lock:
            lost = vendor.by_email(email)
            vendor.merge = False
            kept, _ = vendor.create(dict(lost["fields"]))
            vendor.merge = True
            vendor.segments[1]["members"].add(kept["id"])
            vendor.drop(lost["id"])
        return kept["id"]

    def test_a_no_reaches_whoever_was_merged_there(self):
        self.make([person(1), person(2)])
        self.run_all()
        kept = self.merge_there("anna1@example.com")
        self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z"), person(2)])
        self.assertEqual({"removed": 1}, self.counts(self.run_all()))
        self.assertEqual([(kept, "email", 3)], [(one["lead_id"], one["channel"], one["reason"])
                                                for one in self.sandbox.state()["dnc"]])
        self.assertEqual({"anna2@example.com"}, self.sandbox.members())

    def test_a_no_of_somebody_who_is_gone_is_done(self):
        self.make([person(1), person(2)])
        self.run_all()
        with self.sandbox.server.mautic.lock:
            self.sandbox.server.mautic.drop(self.sandbox.server.mautic.by_email("anna1@example.com")["id"])
        self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z"), person(2)])
        self.assertEqual({"removed": 1}, self.counts(self.run_all()))
        self.assertEqual([], self.sandbox.state()["dnc"])

    def test_a_no_of_somebody_whose_contact_and_address_are_gone_is_looked_at(self):
        self.make([person(1), person(2)])
        self.run_all()
        self.merge_there("anna1@example.com")
        self.data([person(1, email="anna9@example.com", consent="no", changed="2026-02-01T00:00:00Z"), person(2)])
        self.assertEqual({"rejected": 1}, self.counts(self.run_all()))
        self.assertIn("no such contact any more, and no address is known", self.project.rondom("deadletter", "list").stdout.decode())

    def test_whoever_leaves_and_was_merged_there_is_looked_at(self):
        """The contact that has the address now may be somebody else's: it is neither deleted nor taken out."""
        for action in ("leave_segment", "delete"):
            with self.subTest(action=action):
                self.make([person(1), person(2)])
                job = self.project.folder / "jobs/newsletter.yaml"
                job.write_text(job.read_text().replace("on_leave: leave_segment", f"on_leave: {action}"))
                self.run_all()
                self.merge_there("anna1@example.com")
                self.data([person(1, vip="yes"), person(2)])
                self.assertEqual({"rejected": 1}, self.counts(self.run_all()))
                self.assertEqual({"anna1@example.com", "anna2@example.com"}, self.sandbox.members())
                letters = self.project.rondom("deadletter", "list").stdout.decode()
                self.assertIn("another one has its e-mail address", letters)
                self.assertNotIn("anna1@example.com", letters)

    def test_an_answer_without_contacts_is_not_taken_for_nobody(self):
        for body in ({}, {"total": "0"}, {"contacts": None}, {"contacts": "none"}):
            with self.subTest(body=body):
                self.make([person(1), person(2)], merge=False)
                with self.sandbox.server.mautic.lock:
                    self.sandbox.server.mautic.create({"email": "anna1@example.com"})
                looked_up = {"path": "^/api/contacts$", "method": "GET", "kind": "body", "body": body}
                self.sandbox.control("/__fault", looked_up)
                self.run_all(expect=(1, 3, 65, 69, 75))
                self.assertEqual(["anna1@example.com"], self.sandbox.emails())
                self.run_all()
                self.assertEqual(["anna1@example.com", "anna2@example.com"], self.sandbox.emails())
                self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z"), person(2)])
                self.sandbox.control("/__fault", looked_up)
                self.run_all(expect=(1, 3, 65, 69, 75))
                self.run_all()
                self.assertEqual([1], [one["lead_id"] for one in self.sandbox.state()["dnc"]])
                self.assertEqual({"anna2@example.com"}, self.sandbox.members())

    def test_a_deletion_that_was_not_answered_is_asked_again(self):
        self.make([person(1), person(2)])
        job = self.project.folder / "jobs/newsletter.yaml"
        job.write_text(job.read_text().replace("on_withdrawal: unsubscribe", "on_withdrawal: delete"))
        self.run_all()
        self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z"), person(2)])
        self.sandbox.control("/__fault", {"path": "batch/delete", "kind": "body", "body": {}})
        self.assertEqual(0, self.run_all(expect=(1, 3, 65, 69, 75))["removed"])
        self.assertEqual({"removed": 1}, self.counts(self.run_all()))
        self.assertEqual(["anna2@example.com"], self.sandbox.emails())

    def test_a_withdrawal_leaves_a_bounce_as_it_is(self):
        self.make([person(1), person(2)])
        self.run_all()
        self.sandbox.control("/__dnc", {"email": "anna1@example.com", "reason": 2, "comments": "550"})
        self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z"), person(2)])
        self.run_all()
        self.assertEqual([(2, "550")], [(one["reason"], one["comments"]) for one in self.sandbox.state()["dnc"]])
        self.assertEqual({"anna2@example.com"}, self.sandbox.members())

    def test_a_field_that_mautic_does_not_have(self):
        self.make([person(1)], more_map="loyalty_teir: .name.given")
        result = self.project.rondom("run", "--all", environment={"RONDOM_SECRET_MAUTIC": "sesame"})
        self.assertIn('no contact field "loyalty_teir"; did you mean "loyalty_tier"?',
                      (result.stdout + result.stderr).decode())
        self.assertEqual([], self.sandbox.state()["contacts"])

    def test_a_segment_that_is_not_there(self):
        self.make([person(1)])
        job = self.project.folder / "jobs/newsletter.yaml"
        job.write_text(job.read_text().replace("newsletter-nl", "nieuwsbrief"))
        result = self.project.rondom("run", "--all", environment={"RONDOM_SECRET_MAUTIC": "sesame"})
        self.assertIn('no segment with the alias "nieuwsbrief"', (result.stdout + result.stderr).decode())

    def test_a_misspelt_option_is_found_before_anything_is_sent(self):
        self.make([person(1)])
        job = self.project.folder / "jobs/newsletter.yaml"
        job.write_text(job.read_text().replace("segment:", "segmnt:"))
        result = self.project.rondom("validate", expect=78)
        said = (result.stdout + result.stderr).decode()
        self.assertRegex(said, r"jobs/newsletter\.yaml:\d+:\d+: error: .*segmnt")
        self.assertIn("did you mean segment?", said)

    def test_one_bad_contact_in_a_batch(self):
        self.make([person(1), person(2, given="A" * 100), person(3)])
        deliveries = self.run_all(expect=3)
        self.assertEqual({"created": 2, "rejected": 1}, self.counts(deliveries))
        letters = self.project.rondom("deadletter", "list").stdout.decode()
        self.assertIn("This value is too long", letters)
        self.assertNotIn("anna2@example.com", letters)

    def test_a_batch_that_is_refused_whole(self):
        self.make([person(n, given="Poison" if n == 5 else "Anna") for n in range(9)])
        self.sandbox.server.mautic.poison = "Poison"
        self.assertEqual({"created": 8, "rejected": 1}, self.counts(self.run_all(expect=3)))
        self.assertEqual({f"anna{n}@example.com" for n in range(9) if n != 5}, self.sandbox.members())
        self.assertLess(len([one for one in self.sandbox.written() if "batch" in one["path"]]), 10)

    def test_a_segment_that_may_not_be_written_parks_nobody(self):
        for status in (403, 404):
            with self.subTest(status=status):
                self.make([person(n) for n in range(5)], merge=False)
                for _ in range(7):  # more often than anything is tried
                    self.sandbox.control("/__fault", {"path": "contacts/add", "kind": "status", "status": status})
                    self.assertEqual({"unknown": 5}, self.counts(self.run_all(expect=(1, 65, 77, 78))))
                self.assertEqual({"adopted": 5}, self.counts(self.run_all()), "after it was repaired")
                self.assertEqual(5, len(self.sandbox.members()))
                self.assertEqual(5, len(self.sandbox.emails()))

    def test_what_the_account_may_not_change_is_said(self):
        self.make([person(1), person(2)])
        self.sandbox.server.mautic.locked.add(1)
        deliveries = self.run_all(expect=3)
        self.assertEqual({"created": 1, "rejected": 1}, self.counts(deliveries))
        self.assertEqual({"anna2@example.com"}, self.sandbox.members())
        job = self.project.folder / "jobs/newsletter.yaml"
        job.write_text(job.read_text().replace("on_withdrawal: unsubscribe", "on_withdrawal: delete"))
        self.sandbox.server.mautic.locked = {2}
        self.data([person(1), person(2, consent="no", changed="2026-02-01T00:00:00Z")])
        deliveries = self.run_all(expect=3)
        self.assertEqual(1, deliveries["rejected"])
        self.assertEqual(0, deliveries["removed"])

    def test_faults(self):
        for fault in ({"kind": "status", "status": 429, "retry_after": 0}, {"kind": "status", "status": 503},
                      {"kind": "slow", "seconds": 0.3}, {"kind": "cut", "method": "GET"}):
            with self.subTest(fault=fault):
                self.make([person(n) for n in range(5)])
                self.sandbox.control("/__fault", {"path": "/api/contacts", **fault})
                for _ in range(3):
                    self.run_all(expect=(0, 1, 3, 69, 75))
                self.assertEqual(5, len(self.sandbox.state()["contacts"]))
                self.assertEqual(5, len(self.sandbox.members()))

    def test_applied_but_unheard_makes_no_double(self):
        self.make([person(n) for n in range(5)], merge=False)
        self.sandbox.control("/__fault", {"path": "batch/new", "kind": "vanish"})
        for _ in range(3):
            self.run_all(expect=(0, 1, 3, 69, 75))
        self.assertEqual(5, len(self.sandbox.state()["contacts"]))
        self.assertEqual(5, len(self.sandbox.members()))

    def test_killed_while_writing_makes_no_double(self):
        self.make([person(n) for n in range(230)], merge=False)
        for path in ("batch/new", "contacts/add"):
            # The server holds the request, so that the engine dies while it waits for the answer.
            self.sandbox.control("/__fault", {"path": path, "kind": "slow", "seconds": 1})
            before = len([one for one in self.sandbox.requests() if path in one["path"]])
            asked = lambda: len([one for one in self.sandbox.server.mautic.requests if path in one["path"]])  # noqa: E731
            self.assertTrue(self.project.killed_when(lambda: asked() > before, environment={"RONDOM_SECRET_MAUTIC": "sesame"}))
        for _ in range(3):
            self.run_all(expect=(0, 1, 3, 69, 75))
        self.assertEqual(230, len(self.sandbox.state()["contacts"]))
        self.assertEqual(230, len(set(self.sandbox.emails())))
        self.assertEqual(230, len(self.sandbox.members()))
        made = [one["email"] for request in self.sandbox.written() if request["path"].endswith("batch/new")
                for one in request["body"]]
        self.assertEqual(230, len(made))

    def test_oauth2(self):
        self.make([person(1)], credentials='client_id: rondom, client_secret: "${secret:MAUTIC}"')
        report = self.project.run_json(environment={"RONDOM_SECRET_MAUTIC": "open-sesame"})
        self.assertEqual("done", report["status"])
        self.assertEqual(["anna1@example.com"], self.sandbox.emails())

    def test_wrong_password_is_said_and_not_shown(self):
        self.make([person(1)])
        result = self.project.rondom("check", "mautic", environment={"RONDOM_SECRET_MAUTIC": "wrong-one"})
        said = (result.stdout + result.stderr).decode()
        self.assertNotEqual(0, result.returncode)
        self.assertIn("401", said)
        self.assertNotIn("wrong-one", said)

    def test_many_entries_of_one_moment(self):
        self.make([person(n) for n in range(230)])
        self.run_all()
        with self.sandbox.server.mautic.lock:
            for contact in list(self.sandbox.server.mautic.contacts.values()):
                self.sandbox.server.mautic.add_dnc(contact, "email", 1, "user unsubscribed")
            for row in self.sandbox.server.mautic.dnc:
                row["date_added"] = "2026-03-01 10:00:00"
        report = self.project.run_json(expect=(0, 3, 5), environment={"RONDOM_SECRET_MAUTIC": "sesame"})
        feedback = next(job for job in report["jobs"] if job["job"] == "feedback")["streams"]
        self.assertEqual(230, next(one for one in feedback if one["stream"] == "do_not_contact")["new"])
        self.assertEqual(set(), self.sandbox.members())

    def test_an_entry_that_was_saved_late_is_read(self):
        self.make([person(1), person(2)])
        self.run_all()
        for number, second in ((1, 30), (2, 0)):  # the second one has the earlier time
            self.sandbox.control("/__dnc", {"email": f"anna{number}@example.com", "reason": 1})
            with self.sandbox.server.mautic.lock:
                self.sandbox.server.mautic.dnc[-1]["date_added"] = f"2026-03-01 10:00:{second:02d}"
            report = self.project.run_json(expect=(0, 3, 5), environment={"RONDOM_SECRET_MAUTIC": "sesame"})
            feedback = next(job for job in report["jobs"] if job["job"] == "feedback")["streams"]
            self.assertEqual(1, next(one for one in feedback if one["stream"] == "do_not_contact")["new"])
        self.assertEqual(set(), self.sandbox.members())


if __name__ == "__main__":
    unittest.main()
