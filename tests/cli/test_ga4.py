"""Reports of Google Analytics 4, from the stand-in of tests/sandbox: what is there afterwards, and what was asked."""
import datetime
import functools
import json
import os
import pathlib
import subprocess
import sys
import unittest

from project import Project, balanced, jsonl

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "sandbox"))
import ga4  # noqa: E402
import openapi  # noqa: E402

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
DESCRIPTION = pathlib.Path(os.environ.get("RONDOM_TEST_DATA") or SOURCE.parent / "shared").resolve() \
    / "contracts/ga4/data-api-openapi.yaml"
NO_CONTRACT = f"SKIPPED: {openapi.MISSING}" if openapi.MISSING else None if DESCRIPTION.is_file() else (
    f"SKIPPED: no description at {DESCRIPTION}: set RONDOM_TEST_DATA to the folder that holds contracts/ga4")
REFRESH = f'client_id: {ga4.CLIENT}, client_secret: {ga4.CLIENT_SECRET}, refresh_token: "${{secret:GA4}}"'
REPORT = ":runReport"


@functools.lru_cache
def description():
    """A property is a path of its own: properties/1."""
    return openapi.Description(DESCRIPTION, r"properties/\d+(?:/metadata)?")


class Reports(unittest.TestCase):
    secret = ga4.REFRESH_TOKEN

    def make(self, options="", credentials=REFRESH, given=ga4.PROPERTY, **more):
        server = self.server = ga4.serve()
        server.handle_error = lambda *_: None  # whoever is killed leaves a broken pipe
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.vendor = server.system
        if not NO_CONTRACT:
            self.addCleanup(self.hold_against_the_description, self.vendor)
        self.project = Project(self)
        self.project.write("rondom.yaml", f"""
            project: shop
            defaults: {{ country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }}
            secrets: [env]
            connections:
              crm: {{ connector: file, config: {{ path: data }} }}
              ga4: {{ connector: ga4, config: {{ property: "{given}", url: "{server.address}", token_uri: "{server.address}/token", {credentials} }} }}
            """)
        self.project.write("identity.yaml", "identifiers:\n  - { namespace: crm_id, class: unique }\n")
        self.report(options, **more)

    def report(self, options="", days=20, page=100):
        self.project.write("jobs/analytics.yaml", f"""
            job: analytics
            source: ga4
            streams:
              - {{ stream: activity, preset: activity, options: {{ days: {days}, page: {page}{options} }} }}
            """)

    def hold_against_the_description(self, vendor):
        for request in vendor.requests:
            if request["path"] != "/token":
                self.assertEqual([], description().problems(request), request)

    def run_job(self, expect=(0, 3)):
        result = self.project.rondom("-o", "json", "run", "analytics", environment={"RONDOM_SECRET_GA4": self.secret},
                                     expect=expect)
        self.told = result.stderr.decode()
        stream = json.loads(result.stdout)["jobs"][0]["streams"][0]
        self.assertTrue(balanced(stream), stream)
        return {name: value for name, value in stream.items()
                if isinstance(value, int) and not isinstance(value, bool) and value and name != "read"}

    def said(self, *arguments):
        result = self.project.rondom(*(arguments or ("run", "analytics")), environment={"RONDOM_SECRET_GA4": self.secret})
        said = (result.stdout + result.stderr).decode()
        for secret in (ga4.REFRESH_TOKEN, ga4.CLIENT_SECRET, "ya29.", "PRIVATE KEY", "eyJ"):
            self.assertNotIn(secret, said)
        self.code = result.returncode
        return said

    def asked(self):
        return [one["body"] for one in self.vendor.requests if one["path"].endswith(REPORT)]

    def fault(self, kind, path=REPORT, **more):
        with self.vendor.lock:
            self.vendor.faults.append({"kind": kind, "path": path, **more})

    def fill(self, count, days=10):
        for n in range(count):
            self.vendor.add(n % days, f"c{n}", sessions=n % 5 + 1, purchaseRevenue=12.5)

    # ── what is read ───────────────────────────────────────────────────────────────────────────
    def test_first_second_and_restated(self):
        self.make()
        self.fill(250)
        self.vendor.add(25, "c1")  # before the first run's time
        self.assertEqual({"new": 250}, self.run_job())
        self.vendor.requests.clear()
        self.assertEqual({"unchanged": 100}, self.run_job())  # today and three days
        self.assertEqual(1, len(self.asked()))
        self.vendor.events[3]["sessions"] += 1   # three days ago: Analytics still changes it
        self.vendor.events[9]["sessions"] += 1   # nine days ago: it does not
        self.vendor.add(0, "c999")
        self.assertEqual({"new": 1, "changed": 1, "unchanged": 99}, self.run_job())

    def test_a_row_that_analytics_takes_back(self):
        self.make()
        self.fill(30)
        self.assertEqual({"new": 30}, self.run_job())
        self.vendor.events[2]["sessionDefaultChannelGroup"] = "Email"  # the session has another channel now
        self.assertEqual({"new": 1, "deleted": 1, "unchanged": 11}, self.run_job())
        self.vendor.events = [one for one in self.vendor.events if one["customUser:crm_id"] not in ("c0", "c10", "c20")]
        self.assertEqual({"deleted": 3, "unchanged": 9}, self.run_job())  # a whole day is empty now
        self.assertEqual({"unchanged": 12}, self.run_job())  # from yesterday, the last day with rows

    def test_what_is_withheld_was_not_taken_back(self):
        for metadata in ({"subjectToThresholding": True}, {"dataLossFromOtherRow": True},
                         {"samplingMetadatas": [{"samplesReadCount": "400", "samplingSpaceSize": "1000"}]}):
            with self.subTest(metadata=metadata):
                self.make()
                self.fill(30)
                self.run_job()
                there = self.vendor.events
                self.vendor.events = [one for one in there if one["customUser:crm_id"] != "c1"]
                self.vendor.metadata.update(metadata)
                self.assertEqual({"unchanged": 11}, self.run_job())
                for name in metadata:
                    del self.vendor.metadata[name]
                self.assertEqual({"deleted": 1, "unchanged": 11}, self.run_job())  # but now it was

    def test_a_thousand_rows_of_one_day_at_the_border_of_a_page(self):
        self.make()
        for n in range(1_000):
            self.vendor.add(1, f"c{n}")
        self.assertEqual({"new": 1_000}, self.run_job())
        self.assertEqual(set(), {int(one["limit"]) for one in self.asked()} - {100})

    def test_rows_that_move_while_pages_are_read(self):
        def more(vendor):
            vendor.add(1, "a-first-of-all")
            vendor.events[340]["sessions"] += 1

        def fewer(vendor):
            del vendor.events[0]
        for change, left in ((more, 351), (fewer, 349)):
            with self.subTest(change=change.__name__):
                self.make()
                for n in range(350):
                    self.vendor.add(1, f"c{n}")
                self.fault("call", skip=4, what=change)
                self.run_job()
                self.assertEqual({"unchanged": left}, self.run_job())

    def test_a_property_whose_day_is_another(self):
        for shift in (-1, 1):
            with self.subTest(shift=shift):
                self.make()
                self.vendor.today += datetime.timedelta(days=shift)
                self.fill(30)
                self.assertEqual({"new": 30}, self.run_job())
                self.vendor.events[0]["sessions"] += 1
                self.assertEqual(1, self.run_job()["changed"])

    def test_a_filter_a_currency_and_other_columns(self):
        self.make(', dimensions: [country], metrics: [sessions], currency: USD, '
                  'dimension_filter: { filter: { fieldName: country, stringFilter: { value: Netherlands } } }')
        self.vendor.add(1, "c1", country="Netherlands")
        self.vendor.add(1, "c2", country="Belgium")
        self.assertEqual({"new": 1}, self.run_job())
        self.assertEqual({"USD"}, {one["currencyCode"] for one in self.asked()})

    def test_another_report_takes_the_place_of_the_first(self):
        self.make()
        self.fill(6)
        self.run_job()
        self.report(", dimensions: [deviceCategory]")
        self.fault("status", status=403, skip=1)  # and it breaks off in the middle
        self.said()
        self.assertEqual(6, self.run_job((0, 3, 5)).get("tombstoned"))
        self.assertEqual({"unchanged": 4}, self.run_job())

    def test_nobody_is_made_of_rows_that_name_nobody(self):
        self.make()
        self.vendor.add(1, "c1")
        for person in (None, "(other)", ""):
            self.vendor.add(1, person, sessions=7)
        self.assertEqual({"new": 1, "filtered": 3}, self.run_job())
        self.assertIn("3 of 4 rows name nobody in customUser:crm_id", self.told)
        for kind in ("1 (not set)", "1 (other)", "1 empty"):
            self.assertIn(kind, self.told)

    def test_what_the_numbers_do_not_say_is_said(self):
        self.make()
        self.vendor.add(1, "c1", purchaseRevenue=3)
        self.vendor.metadata.update(subjectToThresholding=True, dataLossFromOtherRow=True, samplingMetadatas=[
            {"samplesReadCount": "400", "samplingSpaceSize": "1000"}])
        self.vendor.blocked.add("purchaseRevenue")
        self.run_job()
        for part in ("sampled: Analytics looked at 40 %", "withholds rows of few users", "in one row (other)",
                     "purchaseRevenue is hidden from this user"):
            self.assertIn(part, self.told)

    def test_the_events_belong_to_who_has_the_crm_id(self):
        self.make()
        (self.project.folder / "data").mkdir()
        self.project.write("data/people.jsonl", jsonl([{"id": "c1", "mail": "anna@example.com"}]))
        self.project.write("jobs/crm.yaml", """
            job: crm
            source: crm
            streams:
              - stream: people
                options: { path: people.jsonl }
                entity: person
                key: .id
                map: { email: .mail, identifier.crm_id: .id }
            """)
        for days_ago in (1, 2):
            self.vendor.add(days_ago, "c1")
        self.vendor.add(1)
        report = self.project.run_json("--all", environment={"RONDOM_SECRET_GA4": self.secret})
        (stream,) = next(job for job in report["jobs"] if job["job"] == "analytics")["streams"]
        self.assertEqual((2, 1), (stream["new"], stream["filtered"]))
        self.assertEqual(1, len(self.project.export().splitlines()))  # and no person is made of a row

    # ── faults ─────────────────────────────────────────────────────────────────────────────────
    def test_killed_at_every_page(self):
        self.make(", days_per_request: 30, look_back_days: 10")
        self.fill(550, days=5)
        for skip in (0, 1, 2, 3):
            self.fault("slow", seconds=5, skip=skip)
            before = len(self.asked())
            self.assertTrue(self.project.killed_when(
                lambda: self.vendor.wait_until(lambda: len(self.asked()) > before + skip), "-q", "run", "--all", "--batch", "50",
                environment={"RONDOM_SECRET_GA4": self.secret}))
            self.vendor.faults.clear()
        self.vendor.events[0]["sessionDefaultChannelGroup"] = "Email"
        self.run_job()
        self.assertEqual({"unchanged": 550}, self.run_job())

    def test_a_run_that_broke_off_goes_on_at_its_day(self):
        self.make(", days_per_request: 30")
        self.fill(600, days=6)
        self.fault("status", status=403, skip=4)
        self.said()
        self.vendor.requests.clear()
        self.run_job()
        self.assertEqual((self.vendor.today - datetime.timedelta(days=2)).isoformat(),
                         self.asked()[0]["dateRanges"][0]["startDate"])
        self.assertEqual(400, self.run_job()["unchanged"])

    def test_a_token_that_ends_in_the_middle(self):
        self.make()
        self.fill(250)
        self.fault("expire", skip=2)
        self.assertEqual({"new": 250}, self.run_job())
        self.assertEqual(2, self.vendor.issued)

    def test_faults(self):
        for fault in ({"kind": "status", "status": 429, "retry_after": 0}, {"kind": "status", "status": 429},
                      {"kind": "status", "status": 503}, {"kind": "cut"}, {"kind": "vanish"}):
            with self.subTest(fault=fault):
                self.make()
                self.fill(250)
                self.fault(skip=2, **fault)
                self.assertEqual({"new": 250}, self.run_job())
                self.assertEqual([], self.vendor.faults)

    def test_a_large_page_that_breaks_off(self):
        self.make(page=10_000)
        self.fill(6_000)
        self.fault("cut", skip=2)
        self.assertEqual({"new": 6_000}, self.run_job())

    def test_pages_without_end(self):
        self.make(days=5)
        self.fill(250, days=2)
        self.fault("status", status=403, skip=1)
        self.said()
        page = self.vendor.report(self.asked()[0])
        self.fault("body", body=page, times=99)
        self.assertIn("the same rows again and again", self.said())
        self.assertLess(len(self.asked()), 15)
        self.vendor.faults.clear()
        self.fault("body", body={**page, "rows": [], "rowCount": 250}, times=99)
        self.assertIn("fewer rows than it says there are", self.said())
        self.vendor.faults.clear()
        self.fault("body", body={}, times=99)
        self.assertIn("no report", self.said())
        self.vendor.faults.clear()
        self.fault("body", body={**page, "rows": [{**page["rows"][0], "dimensionValues": [{"value": "20991231"}, *(
            page["rows"][0]["dimensionValues"][1:])]}]})
        self.assertIn("days that were not asked for", self.said())
        self.run_job()
        self.assertEqual({"unchanged": 250}, self.run_job())

    def test_the_quota_is_respected_and_a_later_run_goes_on(self):
        self.make(", tokens_left: 1000, days_per_request: 30")
        self.fill(600, days=6)
        self.vendor.quota["tokensPerProjectPerHour"] = 1_009
        self.assertIn("997 tokens are left", self.said())
        self.assertEqual(75, self.code)
        self.assertEqual(4, len(self.asked()))
        self.vendor.quota = dict(ga4.QUOTAS)
        self.run_job()
        self.assertEqual(400, self.run_job()["unchanged"])
        self.vendor.quota["potentiallyThresholdedRequestsPerHour"] = 0  # not what these requests use
        self.run_job()

    # ── what is refused ────────────────────────────────────────────────────────────────────────
    def test_names_that_the_property_does_not_have(self):
        self.make(", person: customUser:crmid")
        self.assertIn('has no "customUser:crmid"; its user-scoped custom dimensions are customUser:crm_id',
                      self.said("discover", "analytics"))
        self.assertIn("not a valid dimension", self.said())
        self.report(", dimensions: [a, b, c, d, e, f, g, h]")
        self.assertIn("at most 9 dimensions", self.said())
        self.report(", metrics: [sessions, sessions]")
        self.assertIn("cannot be a column", self.said())

    def test_what_a_report_has(self):
        self.make()
        for arguments in (("discover", "ga4"), ("discover", "analytics")):
            said = self.project.rondom("-o", "json", *arguments, environment={"RONDOM_SECRET_GA4": self.secret}, expect=0)
            (stream,) = json.loads(said.stdout)["streams"]
            fields = {field["name"]: field["type"] for field in stream["fields"]}
            self.assertEqual(("activity", "date", "text", "integer", "decimal"), (stream["stream"], *(fields[name] for name in (
                "date", "customUser:crm_id", "sessions", "purchaseRevenue"))))
        self.assertNotIn("country", fields)

    def test_a_property_that_is_none(self):
        self.make(given="G-ABC123")
        self.assertIn("not a measurement id", self.said())
        self.make(given="7")
        self.assertIn("sufficient permissions", self.said("check", "ga4"))

    def test_service_account(self):
        for subject in ("", f"subject: {ga4.USER}, "):
            with self.subTest(subject=subject):
                self.make(credentials=f'client_email: {ga4.EMAIL}, {subject} private_key: "${{secret:GA4}}"')
                folder = self.project.folder
                for round_of in range(2):
                    subprocess.run(["openssl", "genrsa", "-out", folder / "key.pem", "2048"], check=True, stderr=subprocess.DEVNULL)
                    if round_of == 0:
                        self.vendor.public_key = subprocess.run(
                            ["openssl", "rsa", "-in", folder / "key.pem", "-pubout"], check=True, stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL).stdout.decode()
                        self.secret = (folder / "key.pem").read_text()
                        self.fill(3)
                        self.assertEqual({"new": 3}, self.run_job())
                self.secret = (folder / "key.pem").read_text()
                self.assertIn("invalid_grant", self.said("check", "ga4"))

    def test_a_wrong_secret_is_said_and_not_shown(self):
        self.make()
        self.secret = "wrong-one"
        said = self.said("check", "ga4")
        self.assertIn("invalid_grant", said)
        self.assertNotIn("wrong-one", said)

    def test_the_description_refuses_what_is_wrong(self):
        if NO_CONTRACT:
            self.skipTest(NO_CONTRACT)
        good = {"method": "POST", "path": f"/v1beta/properties/1{REPORT}", "query": "prettyPrint=false", "body": {
            "dimensions": [{"name": "date"}], "limit": "10", "returnPropertyQuota": True}}
        self.assertEqual([], description().problems(good))
        for wrong in ({"limit": 10}, {"dimensions": ["date"]}, {"dimensions": [{"nmae": "date"}]}, {"ofset": "3"},
                      {"orderBys": [{"dimension": {"dimensionName": 3}}]}, {"returnPropertyQuota": "yes"}):
            self.assertNotEqual([], description().problems({**good, "body": {**good["body"], **wrong}}), wrong)
        self.assertNotEqual([], description().problems({**good, "query": "prety=false"}))
        self.assertIsNone(description().problems({**good, "path": "/v1beta/properties/1:report"}))


if __name__ == "__main__":
    unittest.main()
