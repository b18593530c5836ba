"""Many records at once to Salesforce, by ingest jobs of its Bulk API 2.0: what is there afterwards, whatever is lost on the way."""
import csv
import io
import unittest

from newsletter import person
from survival import SameBatchTwice
from test_salesforce import DATA, ENDS, SECRETS, Target, salesforce

import openapi  # in the folder that test_salesforce adds

DESCRIPTION = DATA / "contracts/salesforce/bulk-api-2-openapi.yml"
NO_CONTRACT = f"SKIPPED: {openapi.MISSING}" if openapi.MISSING else None if DESCRIPTION.is_file() else (
    f"SKIPPED: no description at {DESCRIPTION}: set RONDOM_TEST_DATA to the folder that holds contracts/salesforce")

JOBS = "/jobs/ingest"
LATER = "2026-02-01T00:00:00Z"
MARKED = "adopt_by: Email, marker: In_Newsletter__c"


class Bulk(SameBatchTwice, Target):
    survive_source, survive_environment = "people", SECRETS

    def survive_fill(self, count):
        self.fill(count)

    def survive_deliver(self):
        return self.deliver()

    def survive_content(self):
        return [{name: value for name, value in row.items() if name not in ("LastModifiedDate", "SystemModstamp")}
                for row in self.org.records["Contact"].values()]

    def fill(self, count=7, options="bulk_from: 3", people=None, **more):
        self.make(people or [person(n) for n in range(count)], f"{MARKED}, {options}",
                  **{"more_map": "MailingCity: .custom.city", **more})

    def jobs(self, operation=None):
        return [one for one in self.org.ingests.values() if operation in (None, one["operation"])]

    def worked(self):
        return [one for one in self.jobs() if one["numberRecordsProcessed"]]

    def collections(self):
        return [one for one in self.written() if "/composite/sobjects" in one["path"]]

    def rows(self, job):
        return list(csv.DictReader(io.StringIO(job["upload"].decode(), newline="")))

    def assert_once(self, count):
        contacts = [row for row in self.org.records["Contact"].values() if not row["IsDeleted"]]
        self.assertEqual(count, len(contacts))
        self.assertEqual(count, len({row["Rondom_Id__c"] for row in contacts}))
        self.assertEqual(count, len(self.contacts()))

    def test_made_changed_and_taken_out_by_jobs(self):
        self.fill(people=[person(n, city='Oude "Gracht", boven' if n == 1 else "Utrecht") for n in range(7)])
        self.org.polls = 2
        self.assertEqual({"created": 7}, self.deliver())
        self.assertEqual([("upsert", "JobComplete", "LF", "COMMA")], [
            (one["operation"], one["state"], one["lineEnding"], one["columnDelimiter"]) for one in self.jobs()])
        self.assertEqual([], self.collections())
        self.assert_once(7)
        self.assertEqual('Oude "Gracht", boven', self.contacts()["anna1@example.com"]["MailingCity"])
        self.org.requests.clear()
        self.assertEqual({}, self.deliver())
        self.assertEqual([], self.asked(JOBS))

        # A value changes, one goes, and one person is not of the audience any more.
        job = self.project.folder / "jobs/newsletter.yaml"
        job.write_text(job.read_text().replace("match_on:", "on_missing: clear\nmatch_on:"))
        self.data([person(n, city=None if n == 1 else "Gouda", vip="yes" if n == 6 else None, changed=LATER) for n in range(7)])
        self.assertEqual({"updated": 6, "removed": 1}, self.deliver())
        job = self.jobs("update")[-1]
        self.assertEqual({"Id", "Email", "MailingCity", "In_Newsletter__c"}, set(self.rows(job)[0]))
        self.assertEqual([("#N/A", 1), ("Gouda", 5)], sorted(
            (city, sum(row["MailingCity"] == city for row in self.rows(job))) for city in {row["MailingCity"] for row in self.rows(job)}))
        cities = {email: (row["MailingCity"], row["In_Newsletter__c"]) for email, row in self.contacts().items()}
        self.assertEqual([("Gouda", True), (None, True), ("Utrecht", False)],
                         [cities[f"anna{n}@example.com"] for n in (0, 1, 6)])
        self.assertEqual({"Anna"}, {row["FirstName"] for row in self.contacts().values()})  # an empty value clears nothing

    def test_those_who_are_there_are_adopted_by_a_job(self):
        self.fill(4)
        for n in range(4):
            self.org.add("Contact", Email=f"anna{n}@example.com", LastName="Old", Title="Inkoper")
        self.assertEqual({"adopted": 4}, self.deliver())
        self.assert_once(4)
        self.assertEqual({("Inkoper", True)}, {(row["Title"], row["In_Newsletter__c"]) for row in self.contacts().values()})

    def test_one_bad_record_in_a_job(self):
        self.fill(people=[person(n, city="spoiler" if n == 2 else "Utrecht") for n in range(7)])
        self.assertEqual({"created": 6, "rejected": 1}, self.deliver())
        self.assertIn("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY: BeforeInsert failed", self.said("deadletter", "list"))
        self.assert_once(6)
        self.assertEqual(1, len(self.jobs()))
        keys = {row["Email"]: row["Rondom_Id__c"] for row in self.rows(self.jobs()[0])}
        self.org.locked = {self.contacts()["anna1@example.com"]["Id"]: 1}
        self.data([person(n, city="Gouda", changed=LATER) for n in range(7) if n != 2])
        self.deliver(expect=ENDS)
        self.assertEqual(5, sum(row["MailingCity"] == "Gouda" for row in self.contacts().values()))
        self.deliver_later()
        self.assertEqual(6, sum(row["MailingCity"] == "Gouda" for row in self.contacts().values()))
        self.assertEqual(keys["anna1@example.com"], self.contacts()["anna1@example.com"]["Rondom_Id__c"])

    def test_an_answer_is_lost_at_any_step(self):
        for method, path in (("POST", f"{JOBS}$"), ("PUT", "/batches$"), ("PATCH", JOBS), ("GET", f"{JOBS}/\\w+$"),
                             ("GET", "/successfulResults"), ("GET", "/failedResults")):
            for kind in ("vanish", "cut"):
                with self.subTest(method=method, path=path, kind=kind):
                    self.fill(people=[person(n, city="spoiler" if n == 2 else "Utrecht") for n in range(5)])
                    self.fault(kind, path, method=method)
                    self.assertEqual({"created": 4, "rejected": 1}, self.deliver())
                    self.assertEqual(1, len(self.worked()))
                    self.assert_once(4)

    def test_a_job_that_began_and_is_not_heard_of_is_unknown_and_makes_no_double(self):
        for path in (f"{JOBS}/\\w+$", "/successfulResults"):
            with self.subTest(path=path):
                self.fill(5)
                self.fault("status", path, method="GET", status=403, times=99)
                self.deliver(expect=ENDS)
                with self.org.lock:
                    self.org.faults.clear()
                self.deliver_later()
                self.assert_once(5)
                self.assertEqual({}, self.deliver())

    def test_a_job_that_is_not_heard_of_does_not_overtake_what_comes_later(self):
        self.fill(5)
        self.org.polls = 99  # it waits in Salesforce's queue
        self.fault("status", f"{JOBS}/\\w+$", method="GET", status=403, times=99)
        self.deliver(expect=ENDS)
        with self.org.lock:
            self.org.faults.clear()
        self.assertEqual(["UploadComplete"], [one["state"] for one in self.jobs()])
        self.org.polls = 0
        self.data([person(n, city="Gouda", changed=LATER) for n in range(5)])
        self.deliver_later()
        self.assertEqual(["Aborted", "JobComplete"], [one["state"] for one in self.jobs()])
        self.assertEqual({"Gouda"}, {row["MailingCity"] for row in self.contacts().values()})
        self.assert_once(5)

    def test_while_a_job_cannot_be_stopped_nothing_is_written(self):
        self.fill(5)
        self.org.polls = 99
        self.fault("status", f"{JOBS}/\\w+$", method="GET", status=403, times=99)
        self.deliver(expect=ENDS)
        self.fault("status", f"{JOBS}/\\w+$", method="PATCH", status=403, times=99)
        self.data([person(n, city="Gouda", changed=LATER) for n in range(5)])
        self.assertIn("may be at work still", self.said("run", "--all"))
        self.assertEqual(1, len(self.jobs()))

    def unheard(self):
        """A job that may be at work; the file that remembers it."""
        self.fill(5)
        self.org.polls = 99
        self.fault("status", f"{JOBS}/\\w+$", method="GET", status=403, times=99)
        self.deliver(expect=ENDS)
        with self.org.lock:
            self.org.faults.clear()
        self.org.polls = 0
        self.data([person(n, city="Gouda", changed=LATER) for n in range(5)])
        kept, = self.project.folder.glob("var/state/*/newsletter-*.json")
        return kept

    def test_a_job_that_salesforce_removed_is_over(self):
        kept = self.unheard()
        self.org.ingests.clear()
        self.deliver_later()
        self.assert_once(5)
        self.assertEqual("{}", kept.read_text(encoding="utf-8"))

    def test_what_is_kept_cannot_be_read(self):
        kept = self.unheard()
        kept.write_text('{"ingest_job": "7508d', encoding="utf-8")
        said = self.said("run", "--all")
        self.assertIn("not known whether an ingest job of before is at work", said)
        self.assertEqual(["UploadComplete"], [one["state"] for one in self.jobs()])
        self.assertEqual('{"ingest_job": "7508d', kept.read_text(encoding="utf-8"))

    def test_another_environment_knows_nothing_of_it(self):
        self.unheard()
        other = salesforce.serve()
        self.addCleanup(other.server_close)
        self.addCleanup(other.shutdown)
        self.project.write("env/prod.yaml", f"""
            store: {{ sqlite: var/prod.db }}
            deliver: send
            connections:
              salesforce: {{ connector: salesforce, config: {{ url: "{other.address}", client_id: {salesforce.CLIENT}, client_secret: "${{secret:SALESFORCE}}" }} }}
            """)
        self.assertNotIn("may be at work", self.said("--env", "prod", "run", "--all"))
        self.assertEqual(1, len(list(self.project.folder.glob("var/state/none/newsletter-*.json"))))

    def test_a_refused_row_without_a_reason_is_refused(self):
        self.fill(people=[person(n, city="spoiler" if n == 2 else "Utrecht") for n in range(5)])
        self.org.no_reasons = True
        self.assertEqual({"created": 4, "rejected": 1}, self.deliver())

    def test_killed_while_a_job_runs(self):
        for path in (f"{JOBS}", "/batches", "/successfulResults"):
            with self.subTest(path=path):
                self.fill(5)
                self.kill_at(path)
                self.deliver(expect=ENDS)
                self.deliver(expect=ENDS)
                self.assert_once(5)

    def test_a_job_that_fails_in_the_middle(self):
        self.fill(7)
        self.org.stops = ("Failed", 3)
        self.assertEqual({"created": 7}, self.deliver())  # what it left went in a collection
        self.assertEqual([4], [len(one["body"]["records"]) for one in self.collections()])
        self.assert_once(7)

    def test_a_job_that_somebody_stops(self):
        self.fill(7)
        self.org.stops = ("Aborted", 3)
        self.deliver(expect=ENDS)
        self.assert_once(3)
        self.org.stops = None
        self.deliver_later()
        self.assert_once(7)
        self.assertEqual([], self.collections())

    def test_a_job_that_takes_too_long_is_aborted(self):
        self.fill(5, "bulk_from: 3, bulk_wait_seconds: 1")
        self.org.polls = 99
        self.deliver(expect=ENDS)
        self.assertEqual(["Aborted"], [one["state"] for one in self.jobs()])
        self.assert_once(0)
        self.org.polls = 0
        self.deliver_later()
        self.assert_once(5)

    def test_where_salesforce_makes_no_job(self):
        self.fill(5)
        self.fault("status", f"{JOBS}$", status=400)
        self.assertEqual({"created": 5}, self.deliver())
        self.assertEqual(1, len(self.collections()))
        self.assert_once(5)

    def test_what_a_job_cannot_say_goes_in_a_collection(self):
        self.fill(people=[person(n, city="#N/A" if n == 2 else "Utrecht") for n in range(5)])
        self.assertEqual({"created": 5}, self.deliver())
        self.assertEqual(("#N/A", 4), (self.contacts()["anna2@example.com"]["MailingCity"], len(self.rows(self.jobs()[0]))))
        self.fill(5, "bulk_from: 3, allow_duplicates: true")
        self.assertEqual({"created": 5}, self.deliver())
        self.assertEqual([], self.jobs())
        self.fill(5, "bulk_from: 6")
        self.assertEqual({"created": 5}, self.deliver())
        self.assertEqual([], self.jobs())

    def test_no_job_is_larger_than_said(self):
        self.fill(30, "bulk_from: 3, bulk_job_bytes: 2000")
        self.assertEqual({"created": 30}, self.deliver())
        sizes = [len(one["upload"]) for one in self.jobs()]
        self.assertGreater(len(sizes), 1)
        self.assertLessEqual(max(sizes), 2_000)
        self.assert_once(30)

    def test_limits_of_the_vendor(self):
        for status, headers in ((429, {"retry_after": 0}), (429, {}), (503, {})):
            with self.subTest(status=status, headers=headers):
                self.fill(5)
                self.fault("status", JOBS, status=status, skip=2, **headers)
                self.assertEqual({"created": 5}, self.deliver())
                self.assert_once(5)
        self.fill(5)
        self.fault("expire", "/batches")
        self.assertEqual({"created": 5}, self.deliver())
        self.assert_once(5)

    @unittest.skipIf(NO_CONTRACT, NO_CONTRACT)
    def test_requests_are_those_that_others_describe(self):
        description = openapi.Description(DESCRIPTION, r"\w+")

        def problems(request):
            return description.problems({**request, "path": request["path"].removeprefix(salesforce.VERSION + "/jobs")})
        good = {"method": "POST", "path": salesforce.VERSION + JOBS, "query": "", "headers": {"Content-Type": "application/json"},
                "body": {"operation": "upsert", "object": "Contact", "externalIdFieldName": "Rondom_Id__c"}}
        self.assertEqual([], problems(good))
        for wrong in ({"operation": "merge"}, {"object": None}, {"lineEnding": "CR"}, {"columnDelimiter": ","}, {"external": "x"}):
            self.assertNotEqual([], problems({**good, "body": {**good["body"], **wrong}}), wrong)
        change = {**good, "method": "PATCH", "path": salesforce.VERSION + JOBS + "/750", "body": {"state": "Closed"}}
        self.assertNotEqual([], problems(change))
        self.assertNotEqual([], problems({**change, "method": "PUT", "path": change["path"] + "/batches"}))
        self.fill(people=[person(n, city="spoiler" if n == 2 else "Utrecht") for n in range(5)])
        self.deliver()
        self.fault("vanish", "/batches")  # so that a job is aborted as well
        self.data([person(n, city="Gouda", changed=LATER) for n in range(5)])
        self.deliver(expect=ENDS)
        seen = set()
        for request in self.asked(JOBS):
            self.assertEqual([], problems(request), request["path"])
            seen.add((request["method"], request["path"].removeprefix(salesforce.VERSION + JOBS)[19:]))
        self.assertEqual({("POST", ""), ("PUT", "/batches"), ("PATCH", ""), ("GET", ""), ("GET", "/successfulResults"),
                          ("GET", "/failedResults")}, seen)


if __name__ == "__main__":
    unittest.main()
