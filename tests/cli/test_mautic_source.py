"""Do-not-contact entries read from a Mautic page by page, whatever happens to the pages."""
import datetime
import unittest

from project import Project, balanced
from survival import SourceFaults
from test_mautic import Sandbox

PATH = "/api/stats/lead_donotcontact"
BEGIN = datetime.datetime(2026, 3, 1, 10)
SECRET = {"RONDOM_SECRET_MAUTIC": "sesame"}


class Feedback(SourceFaults, unittest.TestCase):
    survive_path, survive_count = PATH, 250

    def make(self, count, at=lambda n: n, credentials='user: api, password: "${secret:MAUTIC}"', stream="do_not_contact, preset: withdrawal"):
        self.sandbox = Sandbox(self)
        self.vendor = self.sandbox.server.mautic
        self.sandbox.server.handle_error = lambda *_: None  # whoever is killed leaves a broken pipe
        self.project = Project(self)
        self.project.write("rondom.yaml", f"""
            project: shop
            defaults: {{ country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }}
            secrets: [env]
            connections:
              mautic: {{ connector: mautic, config: {{ url: "{self.sandbox.address}", {credentials} }} }}
            """)
        self.project.write("jobs/feedback.yaml", f"""
            job: feedback
            source: mautic
            streams:
              - {{ stream: {stream} }}
            """)
        for number in range(count):
            self.add(number, at(number))

    def add(self, number, second):
        with self.vendor.lock:
            contact, _ = self.vendor.create({"email": f"anna{number}@example.com"})
            self.vendor.add_dnc(contact, "email", 1, "user unsubscribed")
            self.vendor.dnc[-1]["date_added"] = (BEGIN + datetime.timedelta(seconds=second)).strftime("%Y-%m-%d %H:%M:%S")

    def read(self, environment=None):
        stream = self.project.run_json("feedback", environment=environment or SECRET)["jobs"][0]["streams"][0]
        self.assertTrue(balanced(stream), stream)
        return stream

    def said(self):
        result = self.project.rondom("run", "feedback", environment=SECRET)
        self.assertNotEqual(0, result.returncode)
        return (result.stdout + result.stderr).decode()

    def asked(self):
        return [one for one in self.vendor.requests if one["path"] == PATH]

    def count(self):
        return len(self.project.export().splitlines())

    survive_fill = make

    def survive_faults(self):
        return self.vendor.faults

    def survive_read(self):
        return self.read()["new"]

    def test_killed_at_every_page(self):
        self.make(620)
        for skip in range(4):
            self.vendor.faults.append({"kind": "slow", "seconds": 0.5, "path": PATH, "skip": skip})
            before = len(self.asked())
            self.assertTrue(self.project.killed_when(lambda: len(self.asked()) > before + skip, environment=SECRET))
            self.vendor.faults.clear()
        self.read()
        self.assertEqual(620, self.count())
        self.assertEqual((0, 0), (self.read()["new"], self.read()["changed"]))

    def test_a_thousand_entries_of_one_moment_at_the_border_of_a_page(self):
        self.make(1_150, at=lambda n: (n >= 150) + (n >= 1_150))
        self.assertEqual(1_150, self.read()["new"])
        self.assertEqual(1_150, self.count())

    def test_entries_that_change_while_pages_are_read(self):
        self.make(450)
        shown = self.sandbox.server.RequestHandlerClass.stats_dnc
        self.addCleanup(setattr, self.sandbox.server.RequestHandlerClass, "stats_dnc", shown)

        def change(handler, query, given):
            if len(self.asked()) == 2:
                rows = self.vendor.dnc
                rows[10]["date_added"] = "2026-03-01 11:00:00"  # was read, and changes its reason
                rows[10]["reason"] = 3
                rows.pop(0)  # a page by offset would skip one
                self.add(450, 3_700)
            return shown(handler, query, given)
        self.sandbox.server.RequestHandlerClass.stats_dnc = change
        first = self.read()
        self.assertEqual((451, 0), (first["new"], first["quarantined"]))
        self.assertEqual(1, first["changed"])
        self.assertEqual(451, self.count())

    def test_a_token_that_ends_in_the_middle(self):
        self.make(450, credentials='client_id: rondom, client_secret: "${secret:MAUTIC}"')
        shown = self.sandbox.server.RequestHandlerClass.answer
        self.addCleanup(setattr, self.sandbox.server.RequestHandlerClass, "answer", shown)

        def expire(handler, path, query, given):
            if path == PATH and len(self.asked()) == 2:
                self.vendor.tokens.clear()
            return shown(handler, path, query, given)
        self.sandbox.server.RequestHandlerClass.answer = expire
        self.assertEqual(450, self.read({"RONDOM_SECRET_MAUTIC": "open-sesame"})["new"])
        self.assertEqual(2, sum(one["path"] == "/oauth/v2/token" for one in self.vendor.requests))

    def test_a_page_that_repeats_and_a_list_without_end(self):
        for stream, method in (("do_not_contact, preset: withdrawal", "stats_dnc"), ("contacts, entity: person, key: .id, map: { email: .email }",
                                                                                    "list_contacts")):
            with self.subTest(stream=stream):
                self.make(450, stream=stream)
                shown = getattr(self.sandbox.server.RequestHandlerClass, method)
                self.addCleanup(setattr, self.sandbox.server.RequestHandlerClass, method, shown)
                setattr(self.sandbox.server.RequestHandlerClass, method, lambda handler, query, given, shown=shown: shown(
                    handler, [one for one in query if one[0] == "limit" or one[0].startswith("order")], given))
                self.assertIn("read already, again and again", self.said())
                self.assertLess(len(self.vendor.requests), 15)

    def test_an_answer_without_its_list_is_no_end(self):
        """Nobody is gone because a proxy answered in Mautic's place."""
        for stream, path in (("contacts, entity: person, key: .id, map: { email: .email }", "^/api/contacts$"),
                             ("do_not_contact, preset: withdrawal", PATH)):
            with self.subTest(stream=stream):
                self.make(3, stream=stream)
                self.read()
                for body in ({}, {"total": "0"}, {"contacts": None, "stats": None}):
                    self.vendor.faults.append({"kind": "body", "path": path, "body": body})
                    self.assertIn("Mautic answered without", self.said())
                    self.assertEqual(3, self.count())
                self.assertEqual(0, self.read()["deleted"])


if __name__ == "__main__":
    unittest.main()
