"""Members of Mailchimp's audiences, read from the stand-in of tests/sandbox."""
import contextlib
import json
import os
import pathlib
import re
import sqlite3
import sys
import threading
import unittest

from project import Project, balanced

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "sandbox"))
import mailchimp  # noqa: E402

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
DATA = pathlib.Path(os.environ.get("RONDOM_TEST_DATA") or SOURCE.parent / "shared").resolve() / "contracts" / "mailchimp"
SECRET = {"RONDOM_SECRET_MAILCHIMP": mailchimp.API_KEY}
MARCH = mailchimp.seconds_of("2026-03-01T10:00:00+00:00")
MARK = "rondom:closed"


class Source(unittest.TestCase):
    def make(self, count, changed=lambda n: MARCH + n, mode="changes", stream="members", preset="members"):
        server = mailchimp.serve()
        server.handle_error = lambda *_: None  # whoever is killed leaves a broken pipe
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.address, self.vendor = server.address, server.system
        project = self.project = Project(self)
        project.write("rondom.yaml", f"""
            project: shop
            defaults: {{ country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }}
            secrets: [env]
            connections:
              mailchimp: {{ connector: mailchimp, config: {{ url: "{self.address}", user: any, api_key: "${{secret:MAILCHIMP}}" }} }}
            """)
        project.write("jobs/audience.yaml", f"""
            job: audience
            source: mailchimp
            streams:
              - {{ stream: {stream}, preset: {preset}, options: {{ mode: {mode} }} }}
            """)
        for number in range(count):
            self.add(number, changed(number))

    def add(self, number, seconds):
        member = self.vendor.add({"email_address": f"anna{number}@example.com", "merge_fields": {"FNAME": "Anna", "BIRTHDAY": "05/12"}})
        member["last_changed"] = mailchimp.stamp(seconds)
        return member

    def touch(self, number, seconds, **fields):
        member = self.vendor.members[mailchimp.hash_of(f"anna{number}@example.com")]
        member["merge_fields"].update(fields)
        member["last_changed"] = mailchimp.stamp(seconds)

    def read(self, expect=(0, 3)):
        report = self.project.run_json(expect=expect, environment=SECRET)
        stream = report["jobs"][0]["streams"][0]
        self.assertTrue(balanced(stream), stream)
        return {name: stream[name] for name in ("new", "changed", "deleted", "quarantined") if stream[name]}

    def saved(self):
        """Is a place in the stream stored?"""
        return any(state.get("since") for state in self.project.checkpoints())

    def count(self):
        return len(self.project.export().splitlines())

    def test_first_sync_again_and_what_changed(self):
        self.make(2300)
        self.assertEqual({"new": 2300}, self.read())
        self.vendor.requests.clear()
        self.assertEqual({}, self.read())
        self.assertLess(sum(one["path"].endswith("/members") for one in self.vendor.requests), 4)
        self.touch(7, MARCH + 5000, FNAME="Bea")
        self.add(2300, MARCH + 5001)
        self.assertEqual({"new": 1, "changed": 1}, self.read())
        self.assertEqual(2301, self.count())

    def test_a_map_of_ones_own_needs_no_cursor(self):
        self.make(3)
        self.project.write("jobs/audience.yaml", """
            job: audience
            source: mailchimp
            streams:
              - stream: members
                entity: person
                key: .id
                map: { email: .email_address, name.given: .merge_fields.FNAME }
            """)
        self.assertEqual({"new": 3}, self.read())
        self.touch(1, MARCH + 5000, FNAME="Bea")
        self.assertEqual({"changed": 1}, self.read())
        self.assertEqual(1, self.project.export().decode().count("Bea"))

    def test_many_members_of_one_moment(self):
        for exclusive in (True, False):
            with self.subTest(exclusive=exclusive):  # both ways to read since_last_changed
                self.make(3300, changed=lambda n: MARCH + (n >= 400) + (n >= 3000))
                self.vendor.exclusive = exclusive
                self.assertEqual({"new": 3300}, self.read())
                self.assertEqual({}, self.read())

    def test_who_changes_while_we_read(self):
        for changed in (lambda n: MARCH + n, lambda n: MARCH):
            with self.subTest(ties=changed(1) == changed(2)):
                self.make(2500, changed=changed)
                pages = []

                def change(query):
                    pages.append(query)
                    if len(pages) == (4 if changed(1) == changed(2) else 3):
                        # Members of a page that was read go to the end, the rest moves up.
                        for number in range(10):
                            self.touch(number, MARCH + 9000, FNAME="Bea")
                self.vendor.before_page = change
                self.read()
                self.assertEqual(2500, self.count())
                self.assertGreater(len(pages), 3)
                self.assertEqual({}, self.read())

    def test_killed_at_every_page(self):
        self.make(2300)
        for nth in (1, 2, 3):
            self.project.forget()
            pages, killed = [], threading.Event()

            def hold(_query, pages=pages, killed=killed, nth=nth):
                pages.append(1)
                if len(pages) == nth:
                    killed.wait(20)
            self.vendor.before_page = hold
            self.assertTrue(self.project.killed_when(lambda: len(pages) >= nth, environment=SECRET))
            killed.set()
            self.vendor.before_page = None
            self.read()
            self.assertEqual(2300, self.count())
            self.assertEqual({}, self.read())

    def test_killed_between_two_pages(self):
        self.make(2300)
        pages, killed = [], threading.Event()

        def hold(_query):
            pages.append(1)
            if len(pages) == 3:
                killed.wait(20)
        self.vendor.before_page = hold
        self.assertTrue(self.project.killed_when(lambda: len(pages) >= 3 and self.saved(), "-q", "run", "--all", "--batch", "500",
                                                 environment=SECRET))
        killed.set()
        self.vendor.before_page = None
        self.vendor.requests.clear()
        first = self.read()
        self.assertLess(first["new"], 2300)
        self.assertEqual(2300, self.count())
        self.assertIn("since_last_changed", next(one for one in self.vendor.requests if one["path"].endswith("/members"))["query"])

    def test_faults(self):
        for fault in ({"kind": "status", "status": 429, "retry_after": 0}, {"kind": "status", "status": 429},
                      {"kind": "cut"}, {"kind": "status", "status": 503}):
            with self.subTest(fault=fault):
                self.make(1100)
                self.vendor.faults.append({"path": "/members$", "skip": 1, **fault})
                self.read()
                self.assertEqual(1100, self.count())

    def test_a_page_that_repeats_itself_ends(self):
        self.make(1100)
        self.vendor.before_page = lambda query: [query.pop(name, None) for name in (
            "offset", "since_last_changed", "before_last_changed")]
        result = self.project.rondom("run", "--all", environment=SECRET)
        self.assertIn("again and again", (result.stdout + result.stderr).decode())
        self.assertLess(len(self.vendor.requests), 30)

    def test_a_full_reading_finds_who_is_gone_and_who_is_archived(self):
        self.make(30, mode="full")
        self.assertEqual({"new": 30}, self.read())
        self.vendor.members.pop(mailchimp.hash_of("anna3@example.com"))
        self.vendor.members[mailchimp.hash_of("anna4@example.com")]["status"] = "archived"
        self.read()
        self.assertEqual(29, self.count())

    def options(self, text):
        job = self.project.folder / "jobs/audience.yaml"
        job.write_text(re.sub(r"options: \{[^}]*\}", f"options: {{ {text} }}", job.read_text()))

    def add_to(self, audience, numbers):
        self.vendor.lists[audience] = "Offers"
        for number in numbers:
            self.add(number, MARCH - 10_000)["list_id"] = audience

    def test_another_audience_is_read_from_its_beginning(self):
        self.make(3)
        self.assertEqual({"new": 3}, self.read())
        self.add_to("b47c144237", range(10, 14))
        self.options("mode: changes, list: b47c144237")
        said = self.project.rondom("-v", "run", "audience", environment=SECRET).stderr.decode()
        self.assertIn("Another audience is read than before", said)
        self.assertEqual(7, self.count())
        self.vendor.requests.clear()
        self.assertEqual({}, self.read())
        self.assertTrue(all("since_last_changed" in one["query"] for one in self.vendor.requests))

    def test_another_audience_in_the_middle_of_a_full_reading(self):
        self.make(1500, mode="full")
        job = self.project.folder / "jobs/audience.yaml"
        job.write_text("limits: { tombstones: 100% }\n" + job.read_text())
        self.vendor.faults.append({"kind": "status", "status": 404, "path": "/members", "skip": 1})
        self.project.rondom("run", "audience", environment=SECRET)
        self.assertTrue(self.saved())
        self.add_to("b47c144237", range(2000, 2004))
        self.options("mode: full, list: b47c144237")
        self.assertEqual({"new": 4}, self.read())
        self.assertEqual(4, self.count())

    def test_a_place_of_an_earlier_version_is_gone_on_from(self):
        self.make(3)
        self.read()
        with contextlib.closing(sqlite3.connect(self.project.folder / "var/rondom.db")) as database, database:
            state = json.loads(database.execute("SELECT state FROM checkpoint").fetchone()[0])
            self.assertEqual(mailchimp.LIST, state.pop("list"))
            database.execute("UPDATE checkpoint SET state = ?", (json.dumps(state).encode(),))
        self.vendor.requests.clear()
        self.assertEqual({}, self.read())
        self.assertTrue(all("since_last_changed" in one["query"] for one in self.vendor.requests if "members" in one["path"]))

    def test_more_tags_than_a_list_holds(self):
        self.make(2)
        for n in range(60):
            self.vendor.tag(self.vendor.members[mailchimp.hash_of("anna1@example.com")], f"tag{n:02d}", True)
        self.read()
        self.assertIn("tag59", self.project.export().decode())

    def test_who_is_unsubscribed_and_by_whom(self):
        self.make(3, stream="unsubscribed", preset="withdrawal")
        self.vendor.unsubscribe("anna1@example.com")
        ours = self.vendor.members[mailchimp.hash_of("anna2@example.com")]
        self.vendor.tag(ours, MARK, True)
        self.vendor.set_status(ours, "unsubscribed")
        self.assertEqual({"new": 1}, self.read())

    def test_the_preset_on_the_fixture(self):
        self.make(0)
        for member in json.loads((SOURCE / "plugins/mailchimp/fixtures/members.json").read_text()):
            self.vendor.members[member["id"]] = {"tags": [], **member, "by_themselves": False}
        self.assertEqual({"new": 4}, self.read())
        exported = self.project.export().decode()
        for value in ("eva@example.com", "--05-12", "--02-29", "vip", "Herengracht", "+31612345678", "bounced"):
            self.assertIn(value, exported)

    def test_recorded_answers_are_read(self):
        path = DATA / "recorded-http" / "import-records.json"
        if not path.exists():
            self.skipTest(f"SKIPPED: no recorded answers {path}: set RONDOM_TEST_DATA")
        self.make(0)
        recorded = [one["response"]["members"] for one in json.loads(path.read_text()) if one["path"].endswith("/members")]
        for member in max(recorded, key=len):
            self.vendor.members[member["id"]] = {**member, "by_themselves": False}
        self.assertGreater(len(self.vendor.members), 5)
        self.assertEqual({"new": len(self.vendor.members)}, self.read())


if __name__ == "__main__":
    unittest.main()
