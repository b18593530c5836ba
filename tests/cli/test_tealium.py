"""Both ways with Tealium, and its files, against the stand-in of tests/sandbox: what is there afterwards, what was asked."""
import functools
import gzip
import json
import os
import pathlib
import sys
import unittest

from newsletter import person, write_people
from project import Project, balanced, jsonl

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "sandbox"))
import openapi  # noqa: E402
import tealium  # noqa: E402

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
CONTRACTS = pathlib.Path(os.environ.get("RONDOM_TEST_DATA") or SOURCE.parent / "shared").resolve() / "contracts/tealium"
NO_CONTRACTS = f"SKIPPED: {openapi.MISSING}" if openapi.MISSING else None if CONTRACTS.is_dir() else (
    f"SKIPPED: no descriptions in {CONTRACTS}: set RONDOM_TEST_DATA to the folder that holds contracts/tealium")
ANY = (0, 1, 3, 5, 69, 75)
BULK, LATER = "/bulk-event", "2026-02-01T00:00:00Z"


@functools.lru_cache
def descriptions():
    return [openapi.Description(CONTRACTS / f"{name}-openapi.yml") for name in (
        "authentication", "collect-http", "visitor-privacy", "visitor-profile")]


def described(request):
    """What the descriptions have against a request; None = none of them has it. Their paths begin behind /v3."""
    for one in descriptions():
        problems = one.problems({**request, "path": request["path"].removeprefix(tealium.REGION).removeprefix("/v3")})
        if problems is not None:
            return problems
    return None


def customer(number, **more):
    return person(number, code=f"customer-{number}", **more)


class Base(unittest.TestCase):
    secret = tealium.KEY

    def start(self, more=""):
        server = self.server = tealium.serve()
        server.handle_error = lambda *_: None  # whoever is killed leaves a broken pipe
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        self.vendor = server.system
        if not NO_CONTRACTS:
            self.addCleanup(self.hold_against_descriptions, self.vendor)
        self.project = Project(self)
        self.project.write("rondom.yaml", f"""
            project: shop
            defaults: {{ country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }}
            deliver: send
            secrets: [env]
            connections:
              crm: {{ connector: file, config: {{ path: data }} }}
              tealium: {{ connector: tealium, config: {{ url: "{server.address}", account: acme, username: {tealium.USER}, key: "${{secret:TEALIUM}}" {more} }} }}
            purposes:
              news: {{ channel: email, legal_basis: consent }}
            """)
        self.project.write("identity.yaml", "identifiers:\n  - { namespace: tealium_visitor, class: weak, max_per_profile: 20 }\n")

    def hold_against_descriptions(self, vendor):
        for request in vendor.requests:
            self.assertEqual([], described(request), request)

    def said(self, *arguments):
        result = self.project.rondom(*arguments, environment={"RONDOM_SECRET_TEALIUM": self.secret})
        said = (result.stdout + result.stderr).decode()
        for secret in (tealium.KEY, tealium.USER, "eyJ0", "@example.com"):
            self.assertNotIn(secret, said)
        self.code = result.returncode
        return said

    def run_json(self, expect=(0, 3), job="--all"):
        return self.project.run_json(job, expect=expect, environment={"RONDOM_SECRET_TEALIUM": self.secret})

    def fault(self, kind, path=BULK, **more):
        with self.vendor.lock:
            self.vendor.faults.append({"kind": kind, "path": path, **more})

    def asked(self, ending):
        return [one for one in self.vendor.requests if one["path"].endswith(ending)]

    def kill_at(self, path, skip=0):
        self.fault("slow", path, seconds=2, skip=skip)
        before = len(self.asked(path))
        self.assertTrue(self.project.killed_when(
            lambda: self.vendor.wait_until(lambda: len(self.asked(path)) > before + skip), "-q", "run", "--all", "--batch", "10",
            environment={"RONDOM_SECRET_TEALIUM": self.secret}))
        self.vendor.faults.clear()


class Destination(Base):
    def make(self, people, options="", on_withdrawal="unsubscribe", more_map="", more=""):
        self.start()
        write_people(self.project)
        self.project.write("jobs/newsletter.yaml", f"""
            job: newsletter
            destination: tealium
            schedule: {{ after: [crm] }}
            audience: not_vip
            purpose: news
            options: {{ visitor_attribute: customer_id, visitor_attribute_id: 5688 {options} }}
            {more}
            on_leave: leave_segment
            on_withdrawal: {on_withdrawal}
            limits: {{ removals: 100%, changes: 100% }}
            map:
              customer_id: .custom.code
              email_address: .permitted.email
              first_name: .name.given
              last_name: .name.surname
              points: .custom.points
              {more_map}
            """)
        self.data(people)

    def data(self, people):
        (self.project.folder / "data").mkdir(exist_ok=True)
        self.project.write("data/crm.jsonl", jsonl(people))

    def deliver(self, expect=(0, 3)):
        report = self.run_json(expect)
        done = next(job for job in report["jobs"] if job["job"] == "newsletter")["deliveries"]
        return {name: value for name, value in done.items() if isinstance(value, int) and value > 0 and name != "unchanged"}

    def visitor(self, number):
        return next((one for one in self.vendor.visitors.values() if one["customer_id"] == f"customer-{number}"), None)

    def test_made_once_in_requests_of_ten(self):
        self.make([customer(n) for n in range(25)] + [customer(90, consent="no")], more_map="score: .custom.points | number")
        self.assertEqual({"created": 25}, self.deliver())
        self.assertEqual([10, 10, 5], sorted((len(one["body"]["events"]) for one in self.asked(BULK)), reverse=True))
        self.assertEqual(25, len(self.vendor.visitors))
        event = next(one for one in self.vendor.events if one["customer_id"] == "customer-3")
        self.assertEqual(("rondom_profile", "acme", "main", "anna3@example.com", "5", "5"), tuple(event[name] for name in (
            "tealium_event", "tealium_account", "tealium_profile", "email_address", "points", "score")))
        self.assertEqual(event["tealium_visitor_id"], event["rondom_id"].replace("-", ""))
        self.assertEqual(25, len({one["rondom_operation"] for one in self.vendor.events}))
        self.vendor.requests.clear()
        self.assertEqual({}, self.deliver())
        self.assertEqual([], self.asked(BULK))

    def test_one_token_for_many_requests(self):
        self.make([customer(n) for n in range(25)])
        self.deliver()
        self.assertEqual(1, self.vendor.issued)

    def test_an_update_is_the_same_visitor(self):
        self.make([customer(1), customer(2)], options=", environment: qa, datasource: abc123, event: crm_profile")
        self.deliver()
        self.data([customer(1, surname="Jansen", changed=LATER), customer(2)])
        self.assertEqual({"updated": 1}, self.deliver())
        self.assertEqual(2, len(self.vendor.visitors))
        self.assertEqual(("Jansen", "Anna"), (self.visitor(1)["last_name"], self.visitor(1)["first_name"]))
        event = self.vendor.events[-1]
        self.assertEqual(("crm_profile", "qa", "abc123", "customer-1"), tuple(event[name] for name in (
            "tealium_event", "tealium_environment", "tealium_datasource", "customer_id")))
        self.assertNotIn("first_name", event)

    def test_who_leaves_and_who_says_no(self):
        self.make([customer(1), customer(2), customer(3)])
        self.deliver()
        self.data([customer(1, vip="yes", changed=LATER), customer(2, consent="no", changed=LATER), customer(3)])
        self.assertEqual({"removed": 2}, self.deliver())
        self.assertEqual({"customer-1": "rondom_left", "customer-2": "rondom_withdrawn"},
                         {one["customer_id"]: one["tealium_event"] for one in self.vendor.events[3:]})

    def test_deleting(self):
        self.make([customer(1), customer(2)], on_withdrawal="delete")
        self.deliver()
        self.data([customer(1, consent="no", changed=LATER), customer(2)])
        self.assertEqual({"removed": 1}, self.deliver())
        self.assertEqual([["5688", "customer-1"]], self.vendor.deleted)
        self.assertIsNone(self.visitor(1))
        self.vendor.visitors.clear()  # who is gone there already
        self.data([customer(1, consent="no", changed=LATER), customer(2, consent="no", changed=LATER)])
        self.assertEqual({"removed": 1}, self.deliver())

    def test_deleting_by_the_profiles_own_id(self):
        self.make([customer(1)], on_withdrawal="delete")
        job = self.project.folder / "jobs/newsletter.yaml"
        text = job.read_text()
        job.write_text(text.replace("visitor_attribute: customer_id, visitor_attribute_id: 5688", "visitor_attribute_id: 5690"))
        self.deliver()
        (visitor,) = self.vendor.visitors.values()
        self.data([customer(1, consent="no", changed=LATER)])
        self.fault("vanish", "/v3/privacy/", method="DELETE")
        self.deliver(ANY)
        self.deliver(ANY)
        self.assertEqual([["5690", visitor["rondom_id"]]], self.vendor.deleted)
        job.write_text(text.replace("visitor_attribute: customer_id, visitor_attribute_id: 5688", ""))
        self.data([customer(1, changed="2026-03-01T00:00:00Z")])
        self.deliver()
        self.data([customer(1, consent="no", changed="2026-04-01T00:00:00Z")])
        self.assertIn("needs the option visitor_attribute_id", self.said("run", "--all"))

    def test_one_bad_event_in_a_request(self):
        self.make([customer(n) for n in range(14)] + [customer(20, given="Poison"), person(21, code="abc"), person(22)])
        self.vendor.poison = "Poison"
        self.assertEqual({"created": 14, "rejected": 3}, self.deliver(expect=3))
        letters = self.said("deadletter", "list")
        for why in ("Invalid JSON key", "not 6 to 255 characters", "is empty, so Tealium cannot tell"):
            self.assertIn(why, letters)
        self.assertEqual(14, len(self.vendor.events))

    def test_a_large_request_is_split(self):
        self.make([customer(n, city="x" * 200_000) for n in range(12)], more_map="city: .custom.city")
        self.assertEqual({"created": 12}, self.deliver())
        self.assertGreater(len(self.asked(BULK)), 2)

    def test_names_that_are_the_connectors(self):
        self.make([customer(1)], more_map="tealium_event: .name.given")
        self.assertIn("such names are the connector's", self.said("run", "--all"))
        self.assertEqual([], self.vendor.events)

    def test_a_token_that_ends(self):
        self.make([customer(n) for n in range(25)])
        self.fault("expire", skip=1)
        self.assertEqual({"created": 25}, self.deliver())
        self.assertEqual((25, 2), (len(self.vendor.events), self.vendor.issued))

    def test_what_surely_did_not_arrive_is_sent_again(self):
        for fault in ({"status": 429, "retry_after": 0}, {"status": 429}, {"status": 503, "retry_after": 0}):
            with self.subTest(fault=fault):
                self.make([customer(n) for n in range(25)])
                self.fault("status", skip=1, **fault)
                self.assertEqual({"created": 25}, self.deliver())
                self.assertEqual(25, len(self.vendor.events))

    def test_what_may_have_arrived_is_not_sent_again(self):
        for fault in ({"kind": "vanish"}, {"kind": "cut", "body": b"x"}, {"kind": "status", "status": 500}):
            with self.subTest(fault=fault):
                self.make([customer(n) for n in range(15)])
                self.fault(**fault)
                self.deliver(ANY)
                self.deliver(ANY)
                self.assertEqual(15 if fault["kind"] != "status" else 5, len(self.vendor.events))
                self.assertEqual(0 if fault["kind"] == "cut" else 10, self.deliver(ANY).get("unknown", 0))

    def test_a_no_is_said_of_whom_nobody_knows_a_name(self):
        self.make([customer(1)], options=", unknown: resend")
        self.fault("vanish")  # it arrived, and nobody heard of it
        self.deliver(ANY)
        self.data([customer(1, consent="no", changed=LATER)])
        self.deliver(ANY)
        self.deliver(ANY)
        said = [one for one in self.vendor.events if one["tealium_event"] == "rondom_withdrawn"]
        self.assertEqual(1, len(said))
        self.assertEqual(self.vendor.events[0]["tealium_visitor_id"], said[0]["tealium_visitor_id"])

    def test_a_look_up_settles_what_arrived(self):
        self.make([customer(n) for n in range(4)], options=", operation_attribute: Rondom operation", more="match_on: customer_id")
        self.fault("vanish")
        self.deliver(ANY)
        self.deliver(ANY)
        self.assertEqual({}, self.deliver())
        self.assertEqual(4, len(self.vendor.events))

    def test_a_look_up_that_does_not_show_it(self):
        for unknown, events in (("park", 0), ("resend", 4)):
            with self.subTest(unknown=unknown):
                self.make([customer(n) for n in range(4)], options=f", operation_attribute: Rondom operation, unknown: {unknown}",
                          more="match_on: customer_id")
                self.fault("status", status=500)
                for _ in range(2):
                    self.deliver(ANY)
                self.assertEqual(events, len(self.vendor.events))

    def test_a_no_is_said_again_when_its_answer_was_lost(self):
        self.make([customer(n) for n in range(3)])
        self.deliver()
        self.data([customer(n, consent="no", changed=LATER) for n in range(3)])
        self.fault("vanish")
        self.deliver(ANY)
        self.assertEqual({"removed": 3}, self.deliver(ANY))
        self.assertEqual(["rondom_withdrawn"] * 6, [one["tealium_event"] for one in self.vendor.events[3:]])

    def test_killed_while_a_request_is_under_way(self):
        self.make([customer(n) for n in range(25)], options=", operation_attribute: Rondom operation, unknown: resend")
        self.kill_at(BULK, skip=1)
        self.deliver(ANY)
        self.deliver(ANY)
        self.assertEqual(25, len(self.vendor.visitors))
        self.assertEqual({}, self.deliver())

    def test_credentials_that_are_wrong(self):
        self.make([customer(1)])
        self.assertIn("ok", self.said("check", "tealium").lower())
        self.secret = "wrong-key"
        said = self.said("check", "tealium")
        self.assertIn("Signing in was refused", said)
        self.assertNotIn("wrong-key", said)
        self.said("run", "--all")
        self.assertEqual([], self.vendor.events)

    def test_no_file_holds_a_secret(self):
        self.make([customer(1)])
        self.deliver()
        for path in self.project.folder.rglob("*"):
            if path.is_file():
                for secret in (tealium.KEY, "eyJ0eXAi"):
                    self.assertNotIn(secret.encode(), path.read_bytes(), path)


class Source(Base):
    def make(self, count=3, values=("customer-0", "customer-1", "customer-2"), options=""):
        self.start()
        self.project.write("jobs/visitors.yaml", f"""
            job: visitors
            source: tealium
            streams:
              - {{ stream: visitors, preset: visitor, options: {{ attribute_id: 5688, values: {json.dumps(list(values))} {options} }} }}
            """)
        for n in range(count):
            self.vendor.take({"tealium_visitor_id": f"guid-{n}", "customer_id": f"customer-{n}", "rondom_id": f"r-{n}",
                              "email_address": f"anna{n}@example.com"})

    def read(self, expect=(0, 3)):
        stream = self.run_json(expect)["jobs"][0]["streams"][0]
        self.assertTrue(balanced(stream), stream)
        return {name: stream[name] for name in ("new", "changed", "unchanged", "deleted", "quarantined") if stream[name]}

    def test_a_number_that_is_no_visitor_id_attribute_deletes_nobody(self):
        self.make()
        self.assertEqual(3, self.read()["new"])
        for path in (self.project.folder / "jobs").glob("*.yaml"):
            path.write_text(path.read_text().replace("attribute_id: 5688", "attribute_id: 9999"))
        self.assertIn("no Visitor ID attribute number 9999", self.said("run", "--all"))
        self.assertEqual(3, len(self.project.export().splitlines()))

    def test_visitors_by_name(self):
        self.make(values=("customer-0", "customer-1", "customer-2", "customer-1", "customer-99"))
        self.assertEqual({"new": 3}, {name: n for name, n in self.read().items() if name != "deleted"})
        self.assertEqual({"unchanged": 3}, {name: n for name, n in self.read().items() if name != "deleted"})
        self.vendor.take({"tealium_visitor_id": "guid-1", "customer_id": "customer-1"})  # one visit more
        del self.vendor.visitors["guid-2"]
        third = self.read()
        self.assertEqual((1, 1), (third["changed"], third["unchanged"]))
        self.assertEqual(2, len(self.project.export().splitlines()))

    def test_killed_between_visitors(self):
        """A checkpoint stands behind every 20 visitors: killed before the first, and twice behind some."""
        self.make(85, [f"customer-{n}" for n in range(85)])
        for skip in (3, 44, 44):
            self.kill_at("/main", skip=skip)
            self.vendor.requests.clear()
        self.read()
        self.assertLess(len(self.asked("/main")), 50)  # not from the beginning
        self.assertEqual({"unchanged": 85}, self.read())

    def test_faults(self):
        for fault in ({"kind": "status", "status": 429, "retry_after": 0}, {"kind": "status", "status": 429},
                      {"kind": "status", "status": 503}, {"kind": "cut"}, {"kind": "vanish"}, {"kind": "expire"}):
            with self.subTest(fault=fault):
                self.make()
                self.fault(**{"path": "/customer/", "skip": 1, **fault})
                self.assertEqual({"new": 3}, self.read())

    def test_an_answer_that_is_no_visitor(self):
        self.make()
        self.fault("body", "/customer/", body={})
        self.assertIn("without a visitor", self.said("run", "--all"))

    def test_a_stream_that_there_is_not(self):
        self.make()
        job = self.project.folder / "jobs/visitors.yaml"
        job.write_text(job.read_text().replace("stream: visitors", "stream: events"))
        self.assertIn("read by the file connector", self.said("run", "--all"))

    def test_what_there_is(self):
        self.make()
        found = self.project.rondom("-o", "json", "discover", "tealium", environment={"RONDOM_SECRET_TEALIUM": self.secret}, expect=0)
        self.assertEqual(["visitors"], [one["stream"] for one in json.loads(found.stdout)["streams"]])


class Files(Base):
    def test_files_of_audience_store_and_event_store(self):
        self.start()
        plugin = SOURCE / "plugins/tealium"
        rondom_yaml = self.project.folder / "rondom.yaml"
        rondom_yaml.write_text(rondom_yaml.read_text().replace("  crm:", "  tealium-files: { connector: file, config: { path: data } }\n  crm:"))
        self.project.write("jobs/files.yaml", (plugin / "example/files.yaml").read_text())
        for folder, fixture in (("audiences", "audience_store"), ("events", "event_store")):
            path = self.project.folder / "data" / folder
            path.mkdir(parents=True)
            (path / "part-0001.gz").write_bytes(gzip.compress((plugin / f"fixtures/{fixture}.jsonl").read_bytes()))
        streams = {one["stream"]: one for one in self.run_json(job="tealium-files")["jobs"][0]["streams"]}
        self.assertEqual((2, 0), (streams["visitors"]["new"], streams["visitors"]["quarantined"]))
        self.assertEqual((1, 1, 0), tuple(streams["events"][name] for name in ("new", "filtered", "quarantined")))
        self.assertIn("eva@example.com", self.project.export().decode())
        self.assertIn("gold", self.project.export().decode())
        path = self.project.folder / "data/audiences/part-0002.gz"  # the visitor came back
        visitor = json.loads((plugin / "fixtures/audience_store.jsonl").read_text().splitlines()[0])
        visitor["dates"]["Last visit"] += 86_400_000
        visitor["properties"]["Loyalty tier"] = "silver"
        path.write_bytes(gzip.compress(jsonl([visitor]).encode()))
        streams = {one["stream"]: one for one in self.run_json(job="tealium-files")["jobs"][0]["streams"]}
        self.assertEqual((1, 1), (streams["visitors"]["read"], streams["visitors"]["changed"]))
        self.assertIn("silver", self.project.export().decode())


class Descriptions(unittest.TestCase):
    def test_they_refuse_what_is_wrong(self):
        if NO_CONTRACTS:
            self.skipTest(NO_CONTRACTS)
        bulk = {"method": "POST", "path": "/v3/collect/bulk-event", "query": "", "body": {
            "shared": {"tealium_account": "a", "tealium_profile": "b"}, "events": [{"tealium_event": "c", "more": "d"}]}}
        self.assertEqual([], described(bulk))
        for wrong in ({"events": [{"tealium_event": "c"}] * 11}, {"events": [{"more": "d"}]}, {"events": [{"tealium_event": "c", "points": 5}]},
                      {"shared": {"tealium_environment": "test"}}, {"events": "none"}):
            self.assertNotEqual([], described({**bulk, "body": {**bulk["body"], **wrong}}), wrong)
        place = "/accounts/a/profiles/b"
        erase = {"method": "DELETE", "path": f"/v3/privacy/visitor{place}", "query": "", "body": {"attributeId": "5", "attributeValue": "x"}}
        look = {"method": "GET", "path": f"/v3/customer/visitor{place}", "query": "attributeId=5&attributeValue=x", "body": {}}
        sign_in = {"method": "POST", "path": f"/v3/auth{place}", "query": "", "body": {"username": "u", "key": "k"}}
        for good in (erase, look, sign_in):
            self.assertEqual([], described(good))
        for wrong in ({**erase, "body": {"attributeId": "5"}}, {**erase, "body": {**erase["body"], "attributeId": "five"}},
                      {**erase, "body": {**erase["body"], "more": "x"}}, {**look, "query": "attributeId=5"},
                      {**look, "query": "attributeId=x&attributeValue=x"}, {**look, "query": look["query"] + "&pretty=1"},
                      {**sign_in, "body": {"username": "u"}}):
            self.assertNotEqual([], described(wrong), wrong)
        self.assertIsNone(described({**bulk, "path": "/v3/collect/events"}))


if __name__ == "__main__":
    unittest.main()
