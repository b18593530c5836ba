"""People to Klaviyo, and their no back, with the stand-in of tests/sandbox: what is there afterwards, and what was asked."""
import functools
import os
import pathlib
import sys
import time
import unittest

from newsletter import person, write_people
from project import Project, jsonl

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "sandbox"))
import klaviyo  # noqa: E402
import openapi  # noqa: E402

CONTRACTS = (pathlib.Path(os.environ.get("RONDOM_TEST_DATA") or pathlib.Path(os.environ["RONDOM_SOURCE"]).parent / "shared").resolve()
             / "contracts" / "klaviyo")
NO_CONTRACTS = f"SKIPPED: {openapi.MISSING}" if openapi.MISSING else None if CONTRACTS.is_dir() else (
    f"SKIPPED: no descriptions in {CONTRACTS}: set RONDOM_TEST_DATA to the folder that holds contracts/klaviyo")
SECRET = {"RONDOM_SECRET_KLAVIYO": klaviyo.API_KEY}
MARK = "rondom_closed"
MARCH = klaviyo.seconds_of("2026-03-01T10:00:00Z")
IMPORT = "/api/profile-bulk-import-jobs$"


@functools.lru_cache
def descriptions():
    return [openapi.Description(CONTRACTS / f"stable-{name}.json") for name in ("profiles", "lists", "data_privacy")]


def described(request):
    """What the vendor's descriptions have against a request; None = none of them has it."""
    for one in descriptions():
        problems = one.problems(request)
        if problems is not None:
            return problems
    return None


class Destination(unittest.TestCase):
    def make(self, people, more_map="", options="", more="", feedback=True):
        server = klaviyo.serve()
        server.handle_error = lambda *_: None  # whoever is killed leaves a broken pipe
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.vendor, self.address = server.system, server.address
        if not NO_CONTRACTS:
            self.addCleanup(self.hold_against_descriptions, server.system)
        project = self.project = Project(self)
        project.write("rondom.yaml", f"""
            project: shop
            defaults: {{ country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }}
            deliver: send
            secrets: [env]
            connections:
              crm: {{ connector: file, config: {{ path: data }} }}
              klaviyo: {{ connector: klaviyo, config: {{ url: "{server.address}", api_key: "${{secret:KLAVIYO}}" }} }}
            purposes:
              news: {{ channel: email, legal_basis: consent }}
            """)
        write_people(project)
        if feedback:
            project.write("jobs/feedback.yaml", """
                job: feedback
                source: klaviyo
                streams:
                  - { stream: unsubscribed, preset: withdrawal }
                  - { stream: bounced, preset: contact_point_status }
                """)
        project.write("jobs/newsletter.yaml", f"""
            job: newsletter
            destination: klaviyo
            schedule: {{ after: [{"crm, feedback" if feedback else "crm"}] }}
            audience: not_vip
            purpose: news
            options: {{ list: {klaviyo.LIST}{options} }}
            match_on: email
            on_leave: leave_segment
            on_withdrawal: unsubscribe
            {more}
            map:
              email: .permitted.email
              first_name: .name.given
              last_name: .name.surname
              location.city: .custom.city
              properties.points: .custom.points | number
              {more_map}
            """)
        self.data(people)
        return project

    def hold_against_descriptions(self, vendor):
        for request in vendor.requests:
            self.assertEqual([], described(request), request)

    def data(self, people):
        (self.project.folder / "data").mkdir(exist_ok=True)
        self.project.write("data/crm.jsonl", jsonl(people))

    def run_all(self, expect=(0, 3)):
        report = self.project.run_json(expect=expect, environment=SECRET)
        done = next(job for job in report["jobs"] if job["job"] == "newsletter")["deliveries"]
        return {name: value for name, value in done.items() if isinstance(value, int) and value > 0 and name != "unchanged"}

    def said(self, expect=None):
        result = self.project.rondom("run", "--all", expect=expect, environment=SECRET)
        return (result.stdout + result.stderr).decode()

    def letters(self):
        return self.project.rondom("deadletter", "list").stdout.decode()

    def fault(self, **fault):
        self.vendor.faults.append(fault)

    def written(self, ending=""):
        return [one for one in self.vendor.requests if one["method"] != "GET" and one["path"].endswith(ending)]

    def profile(self, number):
        return self.vendor.by("email", f"anna{number}@example.com")

    def listed(self):
        return {self.vendor.profiles[one]["email"] for one in self.vendor.list}

    # ── in ─────────────────────────────────────────────────────────────────────────────────────
    def test_few_and_many_and_again(self):
        for count in (3, 30):
            with self.subTest(count=count):
                self.make([person(n) for n in range(count)] + [person(99, consent="no")])
                self.assertEqual({"created": count}, self.run_all())
                everybody = {f"anna{n}@example.com" for n in range(count)}
                self.assertEqual((everybody, everybody), ({one["email"] for one in self.vendor.profiles.values()}, self.listed()))
                self.assertEqual(("Anna", "Bakker1", {"city": "Utrecht"}, {"points": 5}), tuple(
                    self.profile(1)[name] for name in ("first_name", "last_name", "location", "properties")))
                self.assertEqual(count > 10, bool(self.written("-import-jobs")))
                self.vendor.requests.clear()
                self.assertEqual({}, self.run_all())
                self.assertEqual([], self.written())

    def test_nobodys_consent_is_given_unasked(self):
        self.make([person(n) for n in range(30)])
        self.run_all()
        self.assertEqual({"NEVER_SUBSCRIBED"}, {one["consent"] for one in self.vendor.profiles.values()})

    def test_an_update_sends_what_changed(self):
        for count in (2, 20):
            with self.subTest(count=count):
                self.make([person(n) for n in range(count)])
                self.run_all()
                self.vendor.requests.clear()
                self.data([person(n, surname="Jansen", changed="2026-02-01T00:00:00Z") for n in range(count)])
                self.assertEqual({"updated": count}, self.run_all())
                body = next(one["body"]["data"] for one in self.written() if "lists" not in one["path"])
                row = body if count == 2 else body["attributes"]["profiles"]["data"][0]
                self.assertEqual({"last_name": "Jansen"}, {name: row["attributes"][name] for name in row["attributes"] if name != "email"})
                self.assertEqual({"Jansen"}, {one["last_name"] for one in self.vendor.profiles.values()})
                self.assertEqual(count, len(self.vendor.profiles))

    def test_another_address_moves_the_profile(self):
        self.make([person(1)])
        self.run_all()
        self.data([person(1, email="anna9@example.com", changed="2026-02-01T00:00:00Z")])
        self.assertEqual({"updated": 1}, self.run_all())
        self.assertEqual(["anna9@example.com"], [one["email"] for one in self.vendor.profiles.values()])

    def test_what_is_empty_clears_and_what_is_absent_stays(self):
        for count in (2, 20):  # a bulk import cannot clear
            with self.subTest(count=count):
                self.make([person(n) for n in range(count)], more="on_missing: clear")
                self.run_all()
                for one in self.vendor.profiles.values():
                    one["properties"]["size"] = "M"
                self.data([person(n, city="Gouda", points=6, changed="2026-02-01T00:00:00Z") for n in range(count - 1)]
                          + [person(count - 1, city=None, points=None, changed="2026-02-01T00:00:00Z")])
                self.assertEqual({"updated": count}, self.run_all())
                self.assertEqual(({"city": None}, {"size": "M"}), (self.profile(count - 1)["location"], self.profile(count - 1)["properties"]))
                self.assertEqual(({"city": "Gouda"}, {"size": "M", "points": 6}), (self.profile(0)["location"], self.profile(0)["properties"]))

    def test_who_is_there_is_adopted_by_address_or_by_external_id(self):
        for count in (3, 20):
            with self.subTest(count=count):
                self.make([person(n) for n in range(count)], more_map="external_id: .custom.number")
                self.vendor.add({"email": "Anna1@Example.com", "properties": {"size": "M"}})
                self.vendor.add({"email": "anna.old@example.com", "external_id": "p2"})
                self.assertEqual({"adopted": 2, "created": count - 2}, self.run_all())
                self.assertEqual({"size": "M", "points": 5}, self.profile(1)["properties"])
                self.assertEqual(("p1", "p2"), (self.profile(1)["external_id"], self.profile(2)["external_id"]))
                self.assertEqual(count, len(self.vendor.profiles))

    def test_a_profile_is_not_taken_over(self):
        self.make([person(1), person(2), person(3)], more_map="external_id: .custom.number")
        self.vendor.add({"email": "anna1@example.com", "external_id": "p77"})
        self.vendor.add({"email": "anna2@example.com"})
        self.vendor.add({"email": "other@example.com", "external_id": "p2"})
        self.assertEqual({"created": 1, "rejected": 2}, self.run_all(expect=3))
        self.assertIn("has another external_id", self.letters())
        self.assertIn("two different profiles", self.letters())
        self.assertEqual("p77", self.profile(1)["external_id"])

    def test_one_bad_profile_in_a_batch(self):
        for count in (5, 25):
            with self.subTest(count=count):
                self.make([person(n) for n in range(count)] + [person(90, code="12"), person(91, code="34")], more_map="phone_number: .custom.code")
                self.assertEqual({"created": count, "rejected": 2}, self.run_all(expect=3))
                self.assertIn("Invalid phone number format", self.letters())
                self.assertNotIn("@example.com", self.letters())
                self.assertEqual({f"anna{n}@example.com" for n in range(count)}, self.listed())
                if count > 10:  # those that Klaviyo points at are left out; nothing is halved
                    self.assertEqual(2, len(self.written("-import-jobs")))

    def test_profiles_that_fail_in_the_job(self):
        self.make([person(n) for n in range(25)])
        self.vendor.conflicts = ["anna3@example.com", "anna24@example.com"]
        self.assertEqual({"created": 23, "rejected": 2}, self.run_all(expect=3))
        self.assertIn("A profile already exists with one of these identifiers", self.letters())
        self.assertEqual(23, len(self.listed()))

    def test_more_errors_than_a_page_holds(self):
        self.make([person(n) for n in range(230)])
        self.vendor.conflicts = [f"anna{n}@example.com" for n in range(205)]
        self.assertEqual({"created": 25, "rejected": 205}, self.run_all(expect=3))

    def test_errors_that_name_nobody_leave_it_unknown(self):
        self.make([person(n) for n in range(25)])
        self.vendor.conflicts, self.vendor.nameless_errors = ["anna3@example.com"], True
        self.assertEqual({"unknown": 25}, self.run_all(expect=(1, 3, 75)))
        self.vendor.conflicts = []
        self.run_all()
        self.assertEqual(25, len(self.vendor.profiles))

    def test_a_cancelled_import_is_unknown_and_sent_again(self):
        self.make([person(n) for n in range(25)])
        self.vendor.end = "cancelled"
        self.assertEqual({"unknown": 25}, self.run_all(expect=(1, 3, 69, 75)))
        self.vendor.end = "complete"
        self.run_all()
        self.assertEqual((25, 25), (len(self.vendor.profiles), len(self.listed())))
        self.assertEqual({}, self.run_all())

    def test_a_batch_that_is_refused_whole_is_halved(self):
        self.make([person(n) for n in range(25)])
        self.fault(kind="status", status=400, path=IMPORT, method="POST")
        self.assertEqual({"created": 25}, self.run_all())
        self.assertEqual([25, 12, 13], [len(one["body"]["data"]["attributes"]["profiles"]["data"]) for one in self.written("-import-jobs")])

    def test_imports_keep_below_the_size_that_klaviyo_takes(self):
        self.make([person(n, code="x" * 70_000) for n in range(75)] + [person(90, code="y" * 120_000)], more_map="properties.code: .custom.code")
        self.assertEqual({"created": 75, "rejected": 1}, self.run_all(expect=3))
        self.assertIn("larger than the 100 KB", self.letters())
        self.assertEqual(2, len(self.written("-import-jobs")))

    # ── out ────────────────────────────────────────────────────────────────────────────────────
    def test_leaving_takes_out_of_the_list_and_nothing_else(self):
        self.make([person(1), person(2)])
        self.run_all()
        self.data([person(1, vip="yes"), person(2)])
        self.assertEqual({"removed": 1}, self.run_all())
        self.assertEqual({"anna2@example.com"}, self.listed())
        self.assertEqual(("NEVER_SUBSCRIBED", []), (self.profile(1)["consent"], self.profile(1)["suppression"]))

    def test_a_withdrawal_is_passed_on_and_is_no_news_when_read_back(self):
        for withdraw, reason in (("unsubscribe", "UNSUBSCRIBE"), ("suppress", "USER_SUPPRESSED")):
            with self.subTest(withdraw=withdraw):
                self.make([person(1), person(2)], options=f", withdraw: {withdraw}")
                self.run_all()
                self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z"), person(2)])
                self.assertEqual({"removed": 1}, self.run_all())
                self.assertEqual([reason], [one["reason"] for one in self.profile(1)["suppression"]])
                self.assertIn(MARK, self.profile(1)["properties"])
                self.assertEqual({"anna2@example.com"}, self.listed())
                report = self.project.run_json(environment=SECRET)
                feedback = next(one for job in report["jobs"] if job["job"] == "feedback" for one in job["streams"] if one["stream"] == "unsubscribed")
                self.assertEqual((1, 1, 0), (feedback["read"], feedback["filtered"], feedback["new"]))

    def test_a_new_yes_lifts_our_own_no(self):
        for options, closed in ((", subscribe: true", "unsubscribe"), (", withdraw: suppress", "suppress"), (", withdraw: suppress, subscribe: true", "suppress")):
            with self.subTest(options=options):
                self.make([person(1), person(2)], options=options)
                self.run_all()
                self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z"), person(2)])
                self.run_all()
                self.assertNotEqual([], self.profile(1)["suppression"], closed)
                self.data([person(1, changed="2026-03-01T00:00:00Z"), person(2)])
                self.run_all()
                self.assertEqual([], self.profile(1)["suppression"])
                self.assertNotIn(MARK, self.profile(1)["properties"])
                self.assertEqual({"anna1@example.com", "anna2@example.com"}, self.listed())

    def test_consent_is_passed_on_where_the_job_says_so(self):
        for count in (3, 20):
            with self.subTest(count=count):
                self.make([person(n) for n in range(count)], options=", subscribe: true")
                self.assertEqual({"created": count}, self.run_all())
                self.assertEqual({("SUBSCRIBED", "Rondom")}, {(one["consent"], one["custom"]) for one in self.vendor.profiles.values()})

    def test_who_said_no_there_is_not_brought_back(self):
        self.make([person(n) for n in range(5)], options=", subscribe: true", feedback=False)
        for number, reason in enumerate(("UNSUBSCRIBE", "SPAM_COMPLAINT", "USER_SUPPRESSED", "HARD_BOUNCE")):
            self.vendor.add({"email": f"anna{number}@example.com", "last_name": "Bos"})
            self.vendor.say_no(f"anna{number}@example.com", reason)
        self.assertEqual({"created": 1, "rejected": 4}, self.run_all(expect=3))
        self.assertEqual(["Bos"] * 4, [self.profile(n)["last_name"] for n in range(4)])
        self.assertEqual([1] * 4, [len(self.profile(n)["suppression"]) for n in range(4)])
        self.assertIn("only the person can subscribe again", self.letters())
        self.assertIn("its mail bounces", self.letters())

    def test_a_no_of_theirs_long_after_ours_is_theirs(self):
        self.make([person(1)], options=", subscribe: true", feedback=False)
        self.vendor.add({"email": "anna1@example.com", "properties": {MARK: "2026-01-01T00:00:00Z"}})
        self.vendor.say_no("anna1@example.com", seconds=klaviyo.seconds_of("2026-01-01T02:00:00Z"))
        self.assertEqual({"rejected": 1}, self.run_all(expect=3))

    def test_who_said_no_to_the_list_is_not_brought_back(self):
        for options in ("", ", subscribe: true"):
            with self.subTest(options=options):
                self.make([person(1), person(2), person(3)], options=options, feedback=False)
                self.run_all()
                self.vendor.leave_list("anna1@example.com")
                self.vendor.leave_list("anna2@example.com", number="AnOther")
                self.vendor.leave_list("anna3@example.com")
                self.profile(3)["properties"][MARK] = klaviyo.stamp(time.time())  # we suppress for no list
                self.vendor.requests.clear()
                self.data([person(n, surname="Jansen", changed="2026-02-01T00:00:00Z") for n in (1, 2, 3)])
                self.assertEqual({"updated": 1, "rejected": 2}, self.run_all(expect=3))
                self.assertIn("suppressed for this list", self.letters())
                self.assertEqual(["Bakker1", "Jansen", "Bakker3"], [self.profile(n)["last_name"] for n in (1, 2, 3)])
                self.assertEqual(1, len(self.profile(1)["list_suppressions"]))

    def test_a_no_to_the_list_is_none_to_all_mail(self):
        for options, reason in (("", "UNSUBSCRIBE"), (", withdraw: suppress", "USER_SUPPRESSED")):
            with self.subTest(options=options):
                self.make([person(1)], options=options, feedback=False)
                self.run_all()
                self.vendor.leave_list("anna1@example.com")
                self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z")])
                self.assertEqual({"removed": 1}, self.run_all())
                self.assertEqual([reason], [one["reason"] for one in self.profile(1)["suppression"]])

    def test_a_no_beside_our_mark_is_theirs(self):
        for seconds in (-200, 1800):
            for update in (False, True):
                with self.subTest(seconds=seconds, update=update):
                    self.make([person(1)], options=", subscribe: true", feedback=False)
                    if update:
                        self.run_all()
                        self.data([person(1, surname="Jansen", changed="2026-02-01T00:00:00Z")])
                    else:
                        self.vendor.add({"email": "anna1@example.com"})
                    self.profile(1)["properties"][MARK] = "2026-01-01T00:00:00Z"
                    self.vendor.say_no("anna1@example.com", seconds=klaviyo.seconds_of("2026-01-01T00:00:00Z") + seconds)
                    self.assertEqual({"rejected": 1}, self.run_all(expect=3))
                    self.assertEqual("UNSUBSCRIBED", self.profile(1)["consent"])

    def close_and_permit_again(self):
        self.make([person(1)], options=", subscribe: true", feedback=False)
        self.run_all()
        self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z")])
        self.run_all()
        self.data([person(1, changed="2026-03-01T00:00:00Z")])

    def test_a_mark_that_stays_gives_no_consent(self):
        self.close_and_permit_again()
        self.fault(kind="status", status=400, path=r"/api/profiles/\w+$", method="PATCH", skip=1)  # behind the profile itself
        self.assertEqual({"rejected": 1}, self.run_all(expect=3))
        self.assertIn("the mark that Rondom closed it stays", self.letters())
        self.assertEqual(("UNSUBSCRIBED", []), (self.profile(1)["consent"], self.vendor.faults))

    def test_the_mark_is_gone_before_consent_is_given(self):
        for fault in ({"kind": "vanish"}, {"kind": "status", "status": 500}):
            with self.subTest(fault=fault):
                self.close_and_permit_again()
                self.fault(path="/profile-subscription-bulk-create-jobs$", **fault)
                self.run_all(expect=(1, 3, 69, 75))
                self.assertNotIn(MARK, self.profile(1)["properties"])
                self.vendor.say_no("anna1@example.com")
                self.data([person(1, surname="Jansen", changed="2026-03-02T00:00:00Z")])
                self.run_all(expect=(1, 3, 69, 75))
                self.assertEqual("UNSUBSCRIBED", self.profile(1)["consent"])

    def test_a_mark_on_who_is_open_is_taken_away(self):
        for options in ("", ", subscribe: true"):
            with self.subTest(options=options):
                self.make([person(1)], options=options, feedback=False)
                self.run_all()
                self.profile(1)["properties"][MARK] = klaviyo.stamp(time.time())
                self.data([person(1, surname="Jansen", changed="2026-02-01T00:00:00Z")])
                self.assertEqual({"updated": 1}, self.run_all())
                self.assertEqual({"points": 5}, self.profile(1)["properties"])

    def test_a_confirmation_is_asked_for_once(self):
        self.make([person(1)], options=", subscribe: true")
        self.vendor.double_opt_in = True
        self.run_all()
        self.data([person(1, surname="Jansen", changed="2026-02-01T00:00:00Z")])
        self.assertEqual({"updated": 1}, self.run_all())
        self.assertEqual(("Jansen", 1), (self.profile(1)["last_name"], self.profile(1)["asked"]))

    def test_unsubscribing_or_bouncing_there_stops_the_next_delivery(self):
        self.make([person(1), person(2), person(3)])
        self.run_all()
        self.vendor.say_no("anna1@example.com")
        self.vendor.say_no("anna2@example.com", "HARD_BOUNCE")
        self.data([person(n, surname="Jansen", changed="2026-02-01T00:00:00Z") for n in (1, 2, 3)])
        report = self.project.run_json(environment=SECRET)
        withheld = next(job for job in report["jobs"] if job["job"] == "newsletter")["deliveries"]["withheld"]
        self.assertEqual(1, withheld["bounced"])
        self.assertEqual(["Bakker1", "Bakker2", "Jansen"], [self.profile(n)["last_name"] for n in (1, 2, 3)])
        self.assertNotIn(MARK, self.profile(1)["properties"])

    def test_a_no_reaches_whoever_was_merged_there(self):
        self.make([person(1), person(2)])
        self.run_all()
        profile = self.vendor.profiles.pop(self.profile(1)["id"])
        profile["id"] = "01HZMERGED"
        self.vendor.profiles[profile["id"]] = profile
        self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z"), person(2)])
        self.assertEqual({"removed": 1}, self.run_all())
        self.assertEqual("UNSUBSCRIBED", profile["consent"])

    def test_a_no_of_somebody_who_is_gone_makes_no_profile(self):
        self.make([person(1), person(2)])
        self.run_all()
        del self.vendor.profiles[self.profile(1)["id"]]
        self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z"), person(2)])
        self.assertEqual({"removed": 1}, self.run_all())
        self.assertIsNone(self.profile(1))

    def test_a_withdrawal_reaches_whoever_staff_suppressed(self):
        self.make([person(1), person(2)], options=", subscribe: true", feedback=False)
        self.run_all()
        for number in (1, 2):
            self.vendor.say_no(f"anna{number}@example.com", "USER_SUPPRESSED" if number == 1 else "UNSUBSCRIBE", MARCH)
        self.vendor.requests.clear()
        self.data([person(n, consent="no", changed="2026-02-01T00:00:00Z") for n in (1, 2)])
        self.assertEqual({"removed": 2}, self.run_all())
        self.assertEqual("UNSUBSCRIBED", self.profile(1)["consent"])
        asked = [one["body"]["data"]["attributes"]["profiles"]["data"] for one in self.written("-subscription-bulk-delete-jobs")]
        self.assertEqual([["anna1@example.com"]], [[row["attributes"]["email"] for row in rows] for rows in asked])  # 2 is out already
        self.assertNotIn(MARK, self.profile(2)["properties"])
        # Staff's no stays theirs: a new yes does not lift it.
        self.data([person(1, changed="2026-03-01T00:00:00Z"), person(2, consent="no")])
        self.assertEqual(1, self.run_all(expect=3)["rejected"])
        self.assertEqual("UNSUBSCRIBED", self.profile(1)["consent"])

    def test_deleting(self):
        self.make([person(1), person(2)])
        job = self.project.folder / "jobs/newsletter.yaml"
        job.write_text(job.read_text().replace("on_withdrawal: unsubscribe", "on_withdrawal: delete"))
        self.run_all()
        self.data([person(1, consent="no", changed="2026-02-01T00:00:00Z"), person(2)])
        self.assertEqual({"removed": 1}, self.run_all())
        self.assertEqual(["anna2@example.com"], [one["email"] for one in self.vendor.profiles.values()])

    def test_somebody_else_with_the_address_is_left_alone(self):
        for on_leave in ("leave_segment", "delete"):
            for other in ("p777", None):
                with self.subTest(on_leave=on_leave, other=other):
                    self.make([person(1), person(2)], feedback=False)
                    job = self.project.folder / "jobs/newsletter.yaml"
                    job.write_text(job.read_text().replace("on_leave: leave_segment", f"on_leave: {on_leave}"))
                    self.run_all()
                    del self.vendor.profiles[self.profile(1)["id"]]
                    somebody = self.vendor.add({"email": "anna1@example.com", "external_id": other})
                    self.vendor.list.add(somebody["id"])
                    self.data([person(1, vip="yes"), person(2)])
                    self.assertEqual({"rejected": 1}, self.run_all(expect=3))
                    self.assertIn("another one has its e-mail address", self.letters())
                    self.assertIn(somebody["id"], self.vendor.profiles)
                    self.assertIn(somebody["id"], self.vendor.list)

    def test_who_is_found_by_external_id_is_still_removed(self):
        self.make([person(1), person(2)], more_map="external_id: .custom.number", feedback=False)
        job = self.project.folder / "jobs/newsletter.yaml"
        job.write_text(job.read_text().replace("on_leave: leave_segment", "on_leave: delete").replace("match_on: email", "match_on: external_id"))
        self.run_all()
        profile = self.vendor.profiles.pop(self.profile(1)["id"])
        profile["id"] = "01HZMERGED"
        self.vendor.profiles[profile["id"]] = profile
        self.data([person(1, vip="yes"), person(2)])
        self.assertEqual({"removed": 1}, self.run_all())
        self.assertEqual(["anna2@example.com"], [one["email"] for one in self.vendor.profiles.values()])

    # ── when something fails ───────────────────────────────────────────────────────────────────
    def test_faults(self):
        for count, paths in ((4, ("/profile-import$", "/relationships/profiles$", "/subscription-bulk")), (14, (IMPORT, "/job1$", "/profiles$"))):
            for path in paths:
                for fault in ({"kind": "status", "status": 429, "retry_after": 0}, {"kind": "status", "status": 500}, {"kind": "cut"}, {"kind": "vanish"}):
                    with self.subTest(path=path, fault=fault):
                        self.make([person(n) for n in range(count)], options=", subscribe: true" if "subsc" in path else "", feedback=False)
                        self.fault(path=path.replace("/subscription-bulk", "/profile-subscription-bulk"), **fault)
                        for _ in range(2):
                            self.run_all(expect=(0, 1, 3, 69, 75))
                        self.assertEqual((count, count), (len(self.vendor.profiles), len(self.listed())))
                        self.assertEqual([], self.vendor.faults)
                        if "subsc" in path:
                            self.assertEqual({"SUBSCRIBED"}, {one["consent"] for one in self.vendor.profiles.values()})

    def test_a_list_that_may_not_be_written_parks_nobody(self):
        """Some come in by import and so into the list, and some one by one, as they have a value to be cleared."""
        everybody = [person(n) for n in range(14)]
        self.make(everybody, more="on_missing: clear", feedback=False)
        self.run_all()
        self.data([person(n, given="Els", city=None if n < 2 else "Utrecht", changed="2026-02-01T00:00:00Z") for n in range(14)])
        for _ in range(7):  # more often than anything is tried
            self.fault(path="/relationships/profiles$", kind="status", status=403)
            self.assertEqual({"unknown": 14}, self.run_all(expect=(1, 65, 77, 78)))
        self.assertEqual({"updated": 14}, self.run_all(), "after it was repaired")
        self.assertEqual({"Els"}, {one["first_name"] for one in self.vendor.profiles.values()})

    def test_429_without_retry_after(self):
        self.make([person(n) for n in range(14)], feedback=False)
        self.fault(kind="status", status=429, path=IMPORT)
        self.assertEqual({"created": 14}, self.run_all())

    def test_an_answer_that_is_lost_is_said_to_be_unknown(self):
        self.make([person(n) for n in range(14)], feedback=False)
        self.fault(kind="vanish", path=IMPORT, method="POST")
        self.assertEqual({"unknown": 14}, self.run_all(expect=(1, 3, 69, 75)))
        self.assertEqual(1, len(self.written("-import-jobs")))  # not sent a second time before we look
        self.run_all()
        self.assertEqual(14, len(self.vendor.profiles))

    def test_killed_while_the_import_runs(self):
        self.make([person(n) for n in range(14)], feedback=False)
        self.vendor.polls = 1_000_000
        self.assertTrue(self.project.killed_when(
            lambda: self.vendor.wait_until(lambda: any(one["path"].endswith("/job1") for one in self.vendor.requests)),
            environment=SECRET))
        self.vendor.polls = 1
        self.run_all()
        self.assertEqual((14, 14), (len(self.vendor.profiles), len(self.listed())))
        self.assertEqual({}, self.run_all())

    def test_the_same_batch_twice(self):
        for count in (4, 14):
            with self.subTest(count=count):
                self.make([person(n) for n in range(count)])
                self.run_all()
                before = {name: {**one, "updated": 0} for name, one in self.vendor.profiles.items()}
                self.project.forget()
                self.assertEqual({"adopted": count}, self.run_all())
                self.assertEqual(before, {name: {**one, "updated": 0} for name, one in self.vendor.profiles.items()})

    def test_a_map_and_options_that_make_no_sense(self):
        for more_map, words in (("vorname: .name.given", 'have no "vorname"'), ("properties.$consent: .name.given", "begin with $"),
                                (f"properties.{MARK}: .name.given", "not for a map")):
            with self.subTest(more_map=more_map):
                self.make([person(1)], more_map=more_map)
                self.assertIn(words, self.said())
                self.assertEqual({}, self.vendor.profiles)
        self.make([person(1)])
        job = self.project.folder / "jobs/newsletter.yaml"
        job.write_text(job.read_text().replace("{ list:", "{ lst:"))
        self.assertIn("did you mean list?", (lambda one: (one.stdout + one.stderr).decode())(self.project.rondom("validate", expect=78)))
        job.write_text(job.read_text().replace(f"{{ lst: {klaviyo.LIST}", "{ list: AbCdEf"))
        self.assertIn("no list with the id", self.said())

    def test_no_output_holds_a_secret(self):
        self.make([person(1)])
        for key in (klaviyo.API_KEY, "pk_wrong_key"):
            for verb in (("check", "klaviyo"), ("run", "--all")):
                result = self.project.rondom(*verb, environment={"RONDOM_SECRET_KLAVIYO": key})
                self.assertEqual(key == klaviyo.API_KEY, result.returncode == 0, result)
                self.assertNotIn(key, (result.stdout + result.stderr).decode())
        for path in self.project.folder.rglob("*"):
            if path.is_file():
                self.assertNotIn(klaviyo.API_KEY.encode(), path.read_bytes(), path)

    @unittest.skipIf(NO_CONTRACTS, NO_CONTRACTS or "")
    def test_the_descriptions_refuse_what_is_wrong(self):
        headers = {"revision": "2026-07-15", "Content-Type": "application/vnd.api+json"}
        profile = {"type": "profile", "attributes": {"email": "anna@example.com"}}

        def job(kind, profiles, **more):
            return {"data": {"type": kind, "attributes": {"profiles": {"data": profiles}}, **more}}

        imported = {"method": "POST", "path": "/api/profile-bulk-import-jobs", "query": "", "headers": headers}
        good = {**imported, "body": job("profile-bulk-import-job", [profile])}
        self.assertEqual([], described(good))
        asked = {"method": "GET", "path": "/api/profiles", "headers": headers, "body": {}}
        listed = {"method": "DELETE", "path": f"/api/lists/{klaviyo.LIST}/relationships/profiles", "query": "", "headers": headers}
        for bad in (
                {**imported, "body": job("profile-bulk-import", [profile])},
                {**imported, "body": job("profile-bulk-import-job", [{"attributes": profile["attributes"]}])},
                {**imported, "body": job("profile-bulk-import-job", [{**profile, "attributes": {"vorname": "Anna"}}])},
                {**imported, "body": job("profile-bulk-import-job", [{**profile, "attributes": {"email": 5}}])},
                {**imported, "body": job("profile-bulk-import-job", [profile], relationships={"list": {}})},
                {**good, "headers": {"Content-Type": "application/vnd.api+json"}},
                {**good, "headers": {**headers, "Content-Type": "application/json"}},
                {**imported, "path": "/api/profile-import", "body": {"data": {"type": "profile"}}},
                {**imported, "path": "/api/profile-import", "body": {"data": {**profile, "meta": {"patch_properties": {"remove": "x"}}}}},
                {**imported, "method": "PATCH", "path": "/api/profiles/1", "body": {"data": profile}},
                {**imported, "path": "/api/profile-subscription-bulk-create-jobs", "body": job("profile-subscription-bulk-create-job", [profile])},
                {**imported, "path": "/api/profile-subscription-bulk-delete-jobs", "body": job("profile-subscription-bulk-delete-job", [
                    {"type": "profile", "attributes": {"email": "a@example.com", "subscriptions": {"email": {"marketing": {"consent": "SUBSCRIBED"}}}}}])},
                {**imported, "path": "/api/profile-suppression-bulk-create-jobs", "body": job("profile-suppression-bulk-create-job", [{"type": "profile", "attributes": {}}])},
                {**imported, "path": "/api/profile-suppression-bulk-delete-jobs", "body": job("profile-suppression-bulk-delete-job", [{"type": "profile", "attributes": {}}])},
                {**imported, "path": "/api/data-privacy-deletion-jobs", "body": {"data": {"type": "data-privacy-deletion-job", "attributes": {"profile": {"data": {"id": "1"}}}}}},
                {**listed, "body": {"data": ["1"]}}, {**listed, "method": "POST", "body": {"data": [{"type": "profile"}]}},
                {**asked, "query": "page[size]=500"}, {**asked, "query": "page[size]=0"}, {**asked, "query": "sort=changed"}, {**asked, "query": "limit=5"},
                {**asked, "query": "additional-fields[profile]=consent"}, {**asked, "query": "fields[profile]=email,vorname"},
                {**asked, "path": f"/api/lists/{klaviyo.LIST}", "query": "fields[list]=title"},
                {**asked, "path": "/api/profile-bulk-import-jobs/1/import-errors", "query": "page[size]=101"},
                {**asked, "path": "/api/profile-bulk-import-jobs/1", "query": "page[size]=1"}):
            self.assertTrue(described(bad), bad)


if __name__ == "__main__":
    unittest.main()
