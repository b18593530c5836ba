"""Profiles of Klaviyo, who said no there and whose mail bounces, read from the stand-in of tests/sandbox."""
import itertools
import json
import os
import pathlib
import sys
import threading
import unittest

from project import Project, balanced

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "sandbox"))
import klaviyo  # noqa: E402
from test_klaviyo import NO_CONTRACTS, SECRET, described  # noqa: E402

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
MARCH = klaviyo.seconds_of("2026-03-01T10:00:00Z")


class Source(unittest.TestCase):
    def make(self, count, changed=lambda n: MARCH + n, mode="changes", stream="profiles", preset="members"):
        server = klaviyo.serve()
        server.handle_error = lambda *_: None  # whoever is killed leaves a broken pipe
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.address, self.vendor = server.address, server.system
        if not NO_CONTRACTS:
            self.addCleanup(self.hold_against_descriptions, server.system)
        project = self.project = Project(self)
        project.write("rondom.yaml", f"""
            project: shop
            defaults: {{ country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }}
            secrets: [env]
            connections:
              klaviyo: {{ connector: klaviyo, config: {{ url: "{self.address}", api_key: "${{secret:KLAVIYO}}" }} }}
            purposes:
              news: {{ channel: email, legal_basis: consent }}
            """)
        project.write("jobs/klaviyo.yaml", f"""
            job: klaviyo
            source: klaviyo
            streams:
              - {{ stream: {stream}, preset: {preset}, options: {{ mode: {mode} }} }}
            """)
        for number in range(count):
            self.add(number, changed(number))

    def hold_against_descriptions(self, vendor):
        for request in vendor.requests:
            self.assertEqual([], described(request), request)

    def add(self, number, seconds):
        return self.vendor.add({"email": f"anna{number}@example.com", "first_name": "Anna", "last_name": f"Bakker{number}"}, seconds)

    def profile(self, number):
        return self.vendor.by("email", f"anna{number}@example.com")

    def read(self, expect=(0, 3)):
        report = self.project.run_json(expect=expect, environment=SECRET)
        stream = report["jobs"][0]["streams"][0]
        self.assertTrue(balanced(stream), stream)
        return {name: stream[name] for name in ("new", "changed", "deleted", "filtered", "quarantined") if stream[name]}

    def said(self):
        result = self.project.rondom("run", "--all", environment=SECRET)
        self.assertNotEqual(0, result.returncode)
        return (result.stdout + result.stderr).decode()

    def count(self):
        return len(self.project.export().splitlines())

    def asked(self):
        return [one for one in self.vendor.requests if one["path"] == "/api/profiles"]

    def saved(self, cursor):
        """Is this the place that is stored?"""
        return any(cursor in json.dumps(state) for state in self.project.checkpoints())

    def kill_at(self, page):
        """Kills a run that asks for that page, once the place of the page before it is stored; False = it ended before."""
        # Only once the request is here: on its way, it would come after the kill and be counted as the next run's.
        pages, asked, is_here, killed = itertools.count(1), [], threading.Event(), threading.Event()

        def hold(query):
            number = next(pages)
            if number == page - 1:
                asked.append(query["page[cursor]"])
            if number == page:
                is_here.set()
                killed.wait(20)
        self.vendor.before_page = hold
        hit = self.project.killed_when(lambda: is_here.is_set() and self.saved(asked[0]), "-q", "run", "--all",
                                       "--batch", "100", environment=SECRET)
        killed.set()
        self.vendor.before_page = None
        return hit

    def test_first_sync_again_and_what_changed(self):
        self.make(430)
        self.assertEqual({"new": 430}, self.read())
        self.vendor.requests.clear()
        self.assertEqual({}, self.read())
        self.profile(7).update(last_name="Jansen", updated=MARCH + 5000)
        self.add(430, MARCH + 5001)
        self.assertEqual({"new": 1, "changed": 1}, self.read())
        self.vendor.requests.clear()
        self.assertEqual({}, self.read())
        self.assertEqual(1, len(self.asked()))  # five minutes back, and no further
        self.assertIn("greater-than%28updated%2C2026-03-01T11%3A18%3A21Z%29", self.asked()[0]["query"])

    def test_a_map_of_ones_own_needs_no_cursor(self):
        self.make(3)
        self.project.write("jobs/klaviyo.yaml", """
            job: klaviyo
            source: klaviyo
            streams:
              - stream: profiles
                entity: person
                key: .id
                map: { email: .email, name.given: .first_name, name.surname: .last_name }
            """)
        self.assertEqual({"new": 3}, self.read())
        self.profile(1).update(last_name="Jansen", updated=MARCH + 5000)
        self.assertEqual({"changed": 1}, self.read())
        self.assertEqual(1, self.project.export().decode().count("Jansen"))

    def test_many_of_one_moment(self):
        self.make(1250, changed=lambda n: MARCH + (n >= 150) * 0.5 + (n >= 1150))
        self.assertEqual({"new": 1250}, self.read())
        self.assertEqual({}, self.read())
        self.assertEqual(1250, self.count())

    def test_killed_at_every_page(self):
        self.make(1150, changed=lambda n: MARCH + (n >= 50) + (n >= 1050))  # a thousand of one moment
        runs = 0
        while self.kill_at(3):
            runs += 1
            self.assertLess(runs, 15)
        self.assertGreater(runs, 3)
        self.read()
        self.assertEqual(1150, self.count())

    def test_a_cursor_that_is_no_longer_taken(self):
        self.make(450)
        self.assertTrue(self.kill_at(4))
        self.vendor.refuse_cursors = True
        self.said()  # also the pages after it are refused, so the place stays
        self.vendor.refuse_cursors = False
        self.read()
        self.assertEqual(450, self.count())

    def test_who_changes_while_we_read(self):
        for changed in (lambda n: MARCH + n, lambda n: MARCH):
            with self.subTest(ties=changed(1) == changed(2)):
                self.make(450, changed=changed)
                pages = itertools.count(1)

                def change(_query):
                    if next(pages) == 3:
                        for number in range(10):
                            self.profile(number).update(last_name="Jansen", updated=MARCH + 9000 + number)
                self.vendor.before_page = change
                self.read()
                self.assertEqual(450, self.count())
                self.assertEqual(10, self.project.export().decode().count("Jansen"))

    def test_faults(self):
        for fault in ({"kind": "status", "status": 429, "retry_after": 0}, {"kind": "status", "status": 429}, {"kind": "cut"}, {"kind": "status", "status": 503}):
            with self.subTest(fault=fault):
                self.make(250)
                self.vendor.faults.append({"path": "/profiles$", "skip": 1, **fault})
                self.read()
                self.assertEqual(250, self.count())

    def test_lists_that_do_not_end(self):
        self.make(250)
        self.vendor.before_page = lambda query: query.pop("page[cursor]", None)
        self.assertRegex(self.said(), "repeats page|goes round")
        self.assertLess(len(self.asked()), 10)
        numbers = itertools.count()
        self.vendor.before_page = None
        for _ in range(2000):  # nothing on any page, and always another
            self.vendor.faults.append({"kind": "body", "path": "/profiles$", "times": 1, "body": {
                "data": [], "links": {"next": f"https://elsewhere.example/api/profiles?page%5Bcursor%5D={klaviyo.cursor_of((0, str(next(numbers))))}"}}})
        self.assertIn("empty pages in a row", self.said())

    def test_a_body_that_is_something_else(self):
        self.make(1)
        for body, words in (({"data": "none"}, "no list"), ({"profiles": []}, "no list"), ({"data": [{"id": "1"}]}, "without id or attributes"),
                            ({"data": [{"id": "1", "attributes": {"updated": "yesterday"}}]}, "time of change")):
            self.vendor.faults.append({"kind": "body", "path": "/profiles$", "body": body})
            self.assertIn(words, self.said())

    def test_a_full_reading_finds_who_is_gone(self):
        self.make(130, mode="full")
        self.assertEqual({"new": 130}, self.read())
        del self.vendor.profiles[self.profile(3)["id"]]
        self.read()
        self.assertEqual(129, self.count())

    def test_who_said_no_and_by_whose_doing(self):
        self.make(6, stream="unsubscribed", preset="withdrawal")
        for number, reason in enumerate(("UNSUBSCRIBE", "SPAM_COMPLAINT", "USER_SUPPRESSED", "HARD_BOUNCE")):
            self.vendor.say_no(f"anna{number}@example.com", reason, MARCH)
        self.vendor.say_no("anna4@example.com", seconds=MARCH)
        self.profile(4)["properties"]["rondom_closed"] = klaviyo.stamp(MARCH - 60)
        self.assertEqual({"new": 3, "filtered": 1}, self.read())
        self.assertEqual({}, {name: count for name, count in self.read().items() if name != "filtered"})
        self.vendor.say_no("anna5@example.com", seconds=MARCH + 9000)
        self.assertEqual(1, self.read()["new"])

    def test_another_change_is_no_second_copy_of_a_suppression(self):
        for stream, preset, reason, later in (("unsubscribed", "withdrawal", "UNSUBSCRIBE", "SPAM_COMPLAINT"),
                                              ("bounced", "contact_point_status", "HARD_BOUNCE", "INVALID_EMAIL")):
            with self.subTest(stream=stream):
                self.make(1, stream=stream, preset=preset)
                self.vendor.say_no("anna0@example.com", reason, MARCH)
                self.assertEqual({"new": 1}, self.read())
                self.profile(0).update(last_name="Jansen", updated=MARCH + 60)
                self.assertEqual({}, self.read(expect=0))
                self.vendor.say_no("anna0@example.com", later, MARCH + 5000)
                self.assertEqual({"changed": 1}, self.read(expect=0))

    def test_whose_mail_bounces(self):
        self.make(4, stream="bounced", preset="contact_point_status")
        self.vendor.say_no("anna1@example.com", "HARD_BOUNCE", MARCH)
        self.vendor.say_no("anna2@example.com", "INVALID_EMAIL", MARCH)
        self.vendor.say_no("anna3@example.com", "UNSUBSCRIBE", MARCH)
        self.assertEqual({"new": 2}, self.read())
        exported = self.project.export().decode()
        self.assertIn("bounced", exported)
        self.assertIn("invalid", exported)

    def test_the_preset_on_the_fixture(self):
        self.make(0)
        for one in json.loads((SOURCE / "plugins/klaviyo/fixtures/profiles.json").read_text()):
            self.vendor.add({name: value for name, value in one.items() if name in klaviyo.ATTRIBUTES + ("location", "properties")}, MARCH)
        self.assertEqual({"new": 2}, self.read())
        exported = self.project.export().decode()
        for value in ("eva@example.com", "Herengracht", "+31612345678", "1015BA"):
            self.assertIn(value, exported.replace("1015 BA", "1015BA"))

    def test_what_we_write_there_is_not_mapped_from_there(self):
        self.make(1)
        self.project.write("jobs/newsletter.yaml", """
            job: newsletter
            destination: klaviyo
            purpose: news
            match_on: email
            on_leave: keep
            on_withdrawal: unsubscribe
            map: { email: .permitted.email, first_name: .name.given }
            """)
        result = self.project.rondom("validate", expect=78)
        self.assertIn("first_name", (result.stdout + result.stderr).decode())


if __name__ == "__main__":
    unittest.main()
