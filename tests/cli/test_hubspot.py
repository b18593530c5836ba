"""Both ways with HubSpot, against the stand-in of tests/sandbox: what is there afterwards, and what was asked."""
import contextlib
import functools
import json
import os
import pathlib
import sqlite3
import sys
import unittest

from newsletter import write_people
from project import Project, balanced, jsonl
from survival import SameBatchTwice

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "sandbox"))
import hubspot  # noqa: E402
import openapi  # noqa: E402

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
CONTRACTS = pathlib.Path(os.environ.get("RONDOM_TEST_DATA") or SOURCE.parent / "shared").resolve() / "contracts/hubspot"
NO_CONTRACTS = f"SKIPPED: {openapi.MISSING}" if openapi.MISSING else None if CONTRACTS.is_dir() else (
    f"SKIPPED: no descriptions in {CONTRACTS}: set RONDOM_TEST_DATA to the folder that holds contracts/hubspot")
BASE = 1_767_225_600_000  # 1 January 2026
ANY = (0, 1, 3, 5, 69, 75)


@functools.lru_cache
def descriptions():
    """Of the search the newer one: the older wants sorts as texts, and an `after` that no recorded request has."""
    found = [openapi.Description(CONTRACTS / name) for name in (
        "ae-crm-search.yml", "ballerina-crm-contact.yaml", "ballerina-crm-deal.yaml", "ballerina-crm-property.yaml")]
    for one in found[1:3]:  # documented since, to find out which input an answer is about
        one.allow("SimplePublicObjectBatchInput", {"objectWriteTraceId": {"type": "string"}})
    return found


def described(request):
    """What the vendor's descriptions have against a request; None = none of them has it."""
    for one in descriptions():
        problems = one.problems(request)
        if problems is not None:
            return problems
    return None


class Both(unittest.TestCase):
    """A project that reads HubSpot and delivers to it."""

    credentials = 'token: "${secret:HUBSPOT}"'
    secret = hubspot.TOKEN
    streams = """
              - stream: contacts
                preset: contact
        """

    def setUp(self):
        self.server = hubspot.serve(search_limit=400)
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.vendor = self.server.system
        self.project = Project(self)
        self.write_project()
        if not NO_CONTRACTS:
            self.addCleanup(self.hold_against_descriptions)

    def hold_against_descriptions(self):
        for request in self.vendor.requests:
            self.assertIn(described(request), ([], None), request)

    def write_project(self):
        self.project.write("rondom.yaml", f"""
            project: shop
            defaults: {{ country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }}
            deliver: send
            secrets: [env]
            connections:
              crm: {{ connector: file, config: {{ path: data }} }}
              hubspot: {{ connector: hubspot, config: {{ url: "{self.server.address}", {self.credentials} }} }}
            purposes:
              news: {{ channel: email, legal_basis: consent }}
            """)
        self.project.write("jobs/hubspot.yaml", "job: hubspot\nsource: hubspot\nstreams:\n" + self.streams)

    def run_all(self, expect=(0, 3)):
        return self.project.run_json(expect=expect, environment={"RONDOM_SECRET_HUBSPOT": self.secret})

    def read(self, stream="contacts", expect=(0, 3)):
        report = self.run_all(expect)
        found = next(one for job in report["jobs"] if job["job"] == "hubspot" for one in job["streams"]
                     if one["stream"] == stream)
        self.assertTrue(balanced(found), found)
        return found

    def refused(self):
        result = self.project.rondom("run", "--all", environment={"RONDOM_SECRET_HUBSPOT": self.secret})
        self.assertNotEqual(0, result.returncode)
        return (result.stdout + result.stderr).decode()

    def fault(self, **fault):
        with self.vendor.lock:
            self.vendor.faults.append(fault)

    def asked(self, ending):
        return [one for one in self.vendor.requests if one["path"].endswith(ending)]

    def fill(self, count, at=lambda n: BASE + n * 1000, kind="contacts"):
        with self.vendor.lock:
            return [self.vendor.add(kind, {"email": f"anna{n}@example.com", "firstname": "Anna",
                                           "lastname": f"Bakker{n}"}, at(n)) for n in range(count)]

    def profiles(self):
        return len(self.project.export().splitlines())

    def kill_at(self, path, skip, times=1):
        """Runs, and kills everything while the server holds the request after `skip` others."""
        self.fault(kind="slow", seconds=0.4, path=path, skip=skip)
        before = len(self.asked(path))
        self.assertTrue(self.project.killed_when(
            lambda: self.vendor.wait_until(lambda: len(self.asked(path)) > before + skip),
            environment={"RONDOM_SECRET_HUBSPOT": self.secret}))
        self.vendor.faults.clear()


class Source(Both):
    def test_first_second_and_changes(self):
        made = self.fill(250)
        self.assertEqual(250, self.read()["new"])
        self.assertEqual([], self.asked("/search"))
        second = self.read()
        self.assertEqual((0, 0, 0), (second["new"], second["changed"], second["deleted"]))
        with self.vendor.lock:
            self.vendor.change("contacts", made[3], {"lastname": "Jansen"})
            self.vendor.add("contacts", {"email": "new@example.com", "lastname": "Nieuw"})
            self.vendor.archive("contacts", made[7]["id"])
        third = self.read()
        self.assertEqual((1, 1, 1), (third["new"], third["changed"], third["deleted"]))
        self.assertLessEqual(third["read"], 10)
        self.assertEqual(250, self.profiles())
        self.assertEqual(0, self.read()["new"])

    def test_a_map_of_ones_own_needs_no_cursor(self):
        made = self.fill(3)
        self.project.write("jobs/hubspot.yaml", """
            job: hubspot
            source: hubspot
            streams:
              - stream: contacts
                entity: person
                key: .id
                map: { email: .email, name.given: .firstname, name.surname: .lastname }
            """)
        self.assertEqual(3, self.read()["new"])
        with self.vendor.lock:
            self.vendor.change("contacts", made[1], {"lastname": "Jansen"})
        again = self.read()
        self.assertEqual((1, 0), (again["changed"], again["quarantined"]))
        self.assertEqual(1, self.project.export().decode().count("Jansen"))

    def test_more_records_of_one_moment_than_a_search_shows(self):
        self.fill(10)
        self.read()
        moment = hubspot.now() + 1
        self.fill(1_010, at=lambda n: moment if 5 <= n < 1_005 else moment + n - 500)
        found = self.read()
        self.assertEqual(1_010, found["new"] + found["changed"])
        self.assertLess(found["read"], 1_060)
        emails = {one["properties"]["email"] for one in self.vendor.live("contacts")}
        self.assertEqual(len(emails), self.profiles())
        self.assertEqual([], [one for one in self.asked("/search") if "after" in one["body"]])

    def test_what_changes_while_it_is_read_is_not_skipped(self):
        self.fill(10)
        self.read()
        moment = hubspot.now() + 1
        made = self.fill(600, at=lambda n: moment + n)
        search, seen = self.server.RequestHandlerClass.search, []

        def and_then(handler, query, body, kind):  # after each answer, a record of it goes to the end
            search(handler, query, body, kind)
            if len(seen) < 3:
                seen.append(1)
                self.vendor.change("contacts", made[len(seen)], {"lastname": "Jansen"}, moment + 10_000 + len(seen))
        self.server.RequestHandlerClass.search = and_then
        self.addCleanup(setattr, self.server.RequestHandlerClass, "search", search)
        self.read()
        with_surname = self.project.export().decode()
        self.assertEqual(3, with_surname.count('"Jansen"'))
        self.assertEqual(600, self.profiles())

    def test_what_was_archived_before_a_run_that_failed(self):
        made = self.fill(10)
        self.read()
        self.fill(350, at=lambda n: hubspot.now() + 3_600_000 + n)
        self.vendor.archive("contacts", made[9]["id"])
        self.fault(kind="status", status=400, path="/search", skip=1)
        self.refused()
        self.assertEqual(1, self.read()["deleted"])
        self.assertEqual(350, self.profiles())

    def test_archived_long_ago_is_read_once(self):
        made = self.fill(3)
        self.read()
        with self.vendor.lock:
            self.vendor.archive("contacts", made[0]["id"], hubspot.now() - 3_600_000)  # before the list was read
        self.assertEqual(0, self.read()["deleted"])

    def test_merged_records_leave(self):
        one, other = self.fill(2)
        self.read()
        with self.vendor.lock:
            del self.vendor.objects["contacts"][other["id"]]
            self.vendor.change("contacts", one, {"hs_merged_object_ids": other["id"]})
        self.assertEqual(1, self.read()["deleted"])
        self.assertEqual(1, self.profiles())

    def test_stopped_and_killed_at_a_page_and_gone_on(self):
        self.fill(450)
        path = "/crm/v3/objects/contacts"
        self.fault(kind="status", status=400, path=path, skip=2)
        self.refused()
        self.kill_at(path, 1)
        pages = len(self.asked(path))
        self.assertEqual(5, pages)
        self.read()
        for first in (3, pages):  # behind a page that was stored
            self.assertIn("after=", self.asked(path)[first]["query"])
        self.assertEqual(450, self.profiles())
        moment = hubspot.now() + 1
        self.fill(700, at=lambda n: moment)
        self.fault(kind="status", status=400, path="/search", skip=3)
        self.refused()
        self.kill_at("/search", 1)
        self.read()
        self.assertEqual(700, self.profiles())
        # Among records of one moment it went on behind the last id.
        self.assertNotEqual("0", self.asked("/search")[4]["body"]["filterGroups"][0]["filters"][1]["value"])

    def test_killed_at_every_page(self):
        self.fill(250)
        for skip in (0, 1, 2):
            self.project.forget()
            self.kill_at("/crm/v3/objects/contacts", skip)
            self.read()
            self.assertEqual(250, self.profiles())
            self.assertEqual(0, self.read()["new"])

    def test_limits_and_faults(self):
        self.fill(250)
        for fault in ({"kind": "status", "status": 429}, {"kind": "status", "status": 429, "retry_after": 0},
                      {"kind": "status", "status": 502}, {"kind": "cut"}, {"kind": "slow", "seconds": 0.1}):
            with self.subTest(fault=fault):
                self.project.forget()
                self.fault(path="/contacts", skip=1, **fault)
                self.assertEqual(250, self.read()["new"])
                self.assertEqual([], self.vendor.faults)

    def test_a_list_that_repeats_or_never_ends(self):
        made = self.fill(150)
        page = {"results": [hubspot.shown(one, []) for one in made[:3]], "paging": {"next": {"after": "1"}}}
        self.fault(kind="body", path="objects/contacts", times=1000, body=page)
        self.assertIn("page 2 repeats page 1", self.refused())
        self.vendor.faults.clear()
        list_objects, count = self.server.RequestHandlerClass.list_objects, []

        def endless(handler, _query, _body, _kind):
            count.append(1)
            handler.reply(200, {"results": [], "paging": {"next": {"after": str(1000 + len(count))}}})
        self.server.RequestHandlerClass.list_objects = endless
        self.addCleanup(setattr, self.server.RequestHandlerClass, "list_objects", list_objects)
        self.assertIn("1000 empty pages in a row", self.refused())
        self.assertEqual(1000, len(count))
        self.server.RequestHandlerClass.list_objects = list_objects
        self.project.forget()
        self.assertEqual(150, self.read()["new"])

    def test_a_search_that_repeats(self):
        self.fill(5)
        self.read()
        self.fill(450, at=lambda n: hubspot.now() + n)
        search, asked = self.server.RequestHandlerClass.search, []

        def repeat(handler, query, body, kind):
            asked.append(body)
            search(handler, query, asked[0], kind)
        self.server.RequestHandlerClass.search = repeat
        self.addCleanup(setattr, self.server.RequestHandlerClass, "search", search)
        self.assertIn("may repeat the page before", self.refused())
        self.assertEqual(2, len(asked))
        self.server.RequestHandlerClass.search = search
        self.read()
        self.assertEqual(450, self.profiles())

    def test_very_many_properties_go_into_the_body(self):
        with self.vendor.lock:
            self.vendor.properties["contacts"] += [f"a_custom_property_{n}" for n in range(400)]
        self.fill(120)
        self.assertEqual(120, self.read()["new"])
        self.assertEqual(2, len(self.asked("contacts/batch/read")))

    def test_a_property_that_is_not_there(self):
        self.streams = """
              - { stream: contacts, preset: contact, options: { properties: [email, loyalty_teir] } }
        """
        self.write_project()
        self.assertIn('no property "loyalty_teir"', self.refused())

    def test_a_wrong_token_is_said_and_not_shown(self):
        self.secret = "pat-wrong-one"
        result = self.project.rondom("check", "hubspot", environment={"RONDOM_SECRET_HUBSPOT": self.secret})
        said = (result.stdout + result.stderr).decode()
        self.assertNotEqual(0, result.returncode)
        self.assertIn("401", said)
        self.assertNotIn(self.secret, said)


class SourceWithOauth(Both):
    credentials = 'client_id: rondom, client_secret: "${secret:HUBSPOT}", refresh_token: "first"'
    secret = hubspot.CLIENT[1]

    def test_a_token_that_expires_in_the_middle(self):
        self.fill(350)
        list_objects, pages = self.server.RequestHandlerClass.list_objects, []

        def and_expire(handler, query, body, kind):
            list_objects(handler, query, body, kind)
            pages.append(1)
            if len(pages) == 2:
                self.vendor.tokens.clear()
        self.server.RequestHandlerClass.list_objects = and_expire
        self.addCleanup(setattr, self.server.RequestHandlerClass, "list_objects", list_objects)
        self.assertEqual(350, self.read()["new"])
        self.assertEqual(2, len(self.asked("/oauth/v1/token")))


class AllStreams(Both):
    streams = (SOURCE / "plugins/hubspot/example/hubspot.yaml").read_text().split("streams:\n")[1]

    def test_companies_deals_associations_and_opt_outs(self):
        with self.vendor.lock:
            company = self.vendor.add("companies", {"name": "Acme"}, BASE)
            eva = self.vendor.add("contacts", {"email": "eva@example.com", "firstname": "Eva"}, BASE)
            tim = self.vendor.add("contacts", {"email": "tim@example.com", "firstname": "Tim"}, BASE)
            deals = [self.vendor.add("deals", {"dealname": "D", "amount": "12.50", "deal_currency_code": "EUR",
                                               "dealstage": "closedwon", "closedate": hubspot.iso(BASE)},
                                     BASE) for _ in range(5)]
            self.vendor.associations["contacts", eva["id"], "companies"] = [int(company["id"])]
            for deal in deals:
                self.vendor.associations["deals", deal["id"], "contacts"] = [int(eva["id"]), int(tim["id"]), 999_999]
            self.vendor.opt_out("tim@example.com", BASE + 5)
        report = self.run_all(expect=(0, 3))
        streams = {one["stream"]: one for job in report["jobs"] for one in job["streams"]}
        self.assertEqual({"companies": 1, "contacts": 2, "deals": 5, "email_status": 1},
                         {name: one["new"] for name, one in streams.items()})
        self.assertEqual([0] * 4, [one["quarantined"] for one in streams.values()])
        # Three associations of a record come in two answers.
        self.assertEqual(2, len(self.asked("associations/deals/contacts/batch/read")))
        said = self.project.rondom("profile", "explain", "tim@example.com").stdout.decode()
        self.assertIn("withdrawn", said)
        self.assertRegex(said, rf"consents\.at +{hubspot.iso(BASE + 5)[:19]}")  # when they said so


class OtherOptions(Both):
    streams = """
              - stream: contacts
                options: { properties: [firstname, email] }
                entity: person
                key: .id
                map: { email: .email, name.given: .firstname, name.surname: .lastname }
        """

    def options(self, before, after):
        job = self.project.folder / "jobs/hubspot.yaml"
        self.assertIn(before, job.read_text())
        job.write_text(job.read_text().replace(before, after))

    def test_a_property_or_association_more_is_read_of_every_record(self):
        self.fill(5)
        self.assertEqual(5, self.read()["new"])
        self.assertEqual(0, self.read()["read"])
        self.options("[firstname, email]", "[email, lastname, firstname]")
        said = self.project.rondom("-v", "run", "hubspot", environment={"RONDOM_SECRET_HUBSPOT": self.secret}).stderr.decode()
        self.assertIn("Other properties or associations are read than before", said)
        self.assertEqual(5, self.project.export().count(b"Bakker"))
        self.options("[email, lastname, firstname]", "[firstname, lastname, email]")
        self.assertEqual(0, self.read()["read"])
        self.options("[firstname, lastname, email]", "[firstname, lastname, email], associations: [companies]")
        self.assertEqual(5, self.read()["read"])
        self.assertEqual(0, self.read()["read"])

    def test_a_property_more_in_the_middle_of_the_list(self):
        self.fill(250)
        self.fault(kind="status", status=404, path="objects/contacts$", skip=2)
        self.refused()
        self.options("[firstname, email]", "[firstname, email, lastname]")
        read = self.read()
        self.assertEqual((250, 0, 0), (read["read"], read["quarantined"], read["tombstoned"]))
        self.assertEqual(250, self.project.export().count(b"Bakker"))

    def test_a_place_of_an_earlier_version_is_gone_on_from(self):
        self.fill(5)
        self.read()
        with contextlib.closing(sqlite3.connect(self.project.folder / "var/rondom.db")) as database, database:
            state = json.loads(database.execute("SELECT state FROM checkpoint").fetchone()[0])
            self.assertEqual({"properties": ["email", "firstname"], "associations": []}, state.pop("selected"))
            database.execute("UPDATE checkpoint SET state = ?", (json.dumps(state).encode(),))
        self.options("[firstname, email]", "[firstname, email, lastname]")
        self.assertEqual(0, self.read()["read"])
        self.assertEqual(0, self.read()["read"])


class EmailStatus(Both):
    streams = "  - { stream: email_status, preset: email_status }\n"

    def test_an_address_of_which_nothing_can_be_told_stops_nobody(self):
        made = self.fill(130)
        with self.vendor.lock:
            self.vendor.unanswerable |= {f"anna{n}@example.com" for n in (3, 57, 101)}
            for n in (57, 60, 120):
                self.vendor.opt_out(f"anna{n}@example.com", BASE + n * 1000)
        first = self.read("email_status")
        self.assertEqual((130, 3, 2), (first["read"], first["new"], first["quarantined"]))
        self.assertLess(len(self.asked("statuses/batch/read")), 45)
        kept = self.project.rondom("quarantine", "show", "hubspot").stdout.decode()
        for text in ("could not tell the subscriptions", made[3]["id"], made[101]["id"]):
            self.assertIn(text, kept)
        self.assertNotIn("@", kept)
        # Who says no later, the same ones among them, is heard.
        with self.vendor.lock:
            for n in (3, 4):
                self.vendor.opt_out(f"anna{n}@example.com")
        self.assertEqual(2, self.read("email_status")["new"])
        self.assertEqual(5, self.profiles())

    def test_a_list_of_statuses_that_is_refused_whole_is_no_ones_fault(self):
        self.fill(10)
        self.read("email_status")
        with self.vendor.lock:
            self.vendor.opt_out("anna1@example.com")
        self.fault(kind="status", status=404, path="statuses/batch/read")
        self.vendor.requests.clear()
        self.assertIn("404", self.refused())
        self.assertEqual(1, len(self.asked("statuses/batch/read")))
        self.assertEqual((1, 0), (lambda one: (one["new"], one["quarantined"]))(self.read("email_status")))


class Owners(Both):
    streams = "  - { stream: owners, entity: person, key: .id, cursor: .updatedAt, map: { email: .email } }\n"

    def test_all_of_them_each_time(self):
        self.vendor.owners = [{"id": str(n), "email": f"owner{n}@example.com", "updatedAt": hubspot.iso(BASE),
                               "archived": False} for n in range(150)]
        self.assertEqual(150, self.read("owners")["new"])
        self.vendor.owners.pop()
        second = self.read("owners")
        self.assertEqual((149, 1), (second["unchanged"], second["tombstoned"]))
        self.assertEqual(149, self.profiles())


class Destination(SameBatchTwice, Both):
    def write_project(self):
        super().write_project()
        write_people(self.project)
        self.project.write("jobs/hubspot.yaml", """
            job: hubspot
            source: hubspot
            streams:
              - { stream: email_status, preset: email_status }
            """)
        self.project.write("jobs/newsletter.yaml", """
            job: newsletter
            destination: hubspot
            schedule: { after: [crm, hubspot] }
            audience: not_vip
            purpose: news
            options: { list: "77" }
            match_on: email
            on_leave: leave_segment
            on_withdrawal: unsubscribe
            map:
              email: .permitted.email
              firstname: .name.given
              lastname: .name.surname
            """)

    def change_job(self, before, after):
        job = self.project.folder / "jobs/newsletter.yaml"
        text = job.read_text()
        self.assertIn(before, text)
        job.write_text(text.replace(before, after))

    def people(self, *people):
        self.project.write("data/crm.jsonl", jsonl(people))

    @staticmethod
    def person(number, consent="yes", **more):
        return {"id": f"p{number}", "given": "Anna", "surname": f"Bakker{number}", "consent": consent,
                "email": f"anna{number}@example.com", "changed": "2026-01-01T00:00:00Z", **more}

    def deliver(self, expect=(0, 3)):
        report = self.run_all(expect)
        counts = next(job for job in report["jobs"] if job["job"] == "newsletter")["deliveries"]
        return {name: value for name, value in counts.items()
                if isinstance(value, int) and value > 0 and name != "unchanged"}

    def emails(self):
        return sorted(one["properties"]["email"] for one in self.vendor.live("contacts"))

    def members(self):
        return {self.vendor.objects["contacts"][number]["properties"]["email"] for number in self.vendor.lists["77"]}

    def written(self):
        return [one for one in self.vendor.requests if one["method"] != "GET" and not one["path"].endswith("/read")
                and not one["path"].endswith("/search")]

    survive_source, survive_environment = "crm", {"RONDOM_SECRET_HUBSPOT": hubspot.TOKEN}

    def survive_fill(self, count):
        self.people(*(self.person(n) for n in range(count)))

    def survive_deliver(self):
        return self.deliver()

    def survive_content(self):
        return [(one["id"], {name: value for name, value in one["properties"].items() if "modified" not in name})
                for one in self.vendor.live("contacts")]

    def test_push_read_back_push_again(self):
        self.people(*(self.person(n) for n in range(120)), self.person(500, consent="no"))
        self.assertEqual({"created": 120}, self.deliver())
        self.assertEqual(120, len(self.emails()))
        self.assertEqual(120, len(self.members()))
        self.assertEqual([100, 20], sorted((len(one["body"]["inputs"]) for one in self.asked("upsert")), reverse=True))
        for _ in range(2):
            self.vendor.requests.clear()
            self.assertEqual({}, self.deliver())
            self.assertEqual([], self.written())

    def test_a_first_push_adopts_and_an_update_names_the_contact(self):
        with self.vendor.lock:
            there = self.vendor.add("contacts", {"email": "Anna1@example.com", "city": "Gouda"})
        self.people(self.person(1), self.person(2))
        self.assertEqual({"adopted": 1, "created": 1}, self.deliver())
        self.assertEqual(("Anna", "Gouda"), (there["properties"]["firstname"], there["properties"]["city"]))
        self.people(self.person(1, surname="Jansen", changed="2026-02-01T00:00:00Z"), self.person(2))
        self.vendor.requests.clear()
        self.assertEqual({"updated": 1}, self.deliver())
        inputs = self.asked("batch/update")[0]["body"]["inputs"]
        self.assertEqual([(there["id"], {"email": "anna1@example.com", "lastname": "Jansen"})],
                         [(one["id"], one["properties"]) for one in inputs])

    def test_leaving_withdrawing_and_an_opt_out_there(self):
        self.people(*(self.person(n) for n in range(4)))
        self.deliver()
        self.people(self.person(0, vip="yes"), self.person(1, consent="no", changed="2026-02-01T00:00:00Z"),
                    self.person(2), self.person(3))
        self.assertEqual({"removed": 2}, self.deliver())
        self.assertEqual({"anna2@example.com", "anna3@example.com"}, self.members())
        self.assertEqual(["anna1@example.com"], sorted(self.vendor.opted_out))
        self.assertEqual(4, len(self.emails()))
        with self.vendor.lock:
            self.vendor.opt_out("anna3@example.com")
        self.deliver()
        self.assertEqual({"anna2@example.com"}, self.members())
        self.assertEqual({}, self.deliver())

    def test_one_subscription_and_archiving(self):
        self.people(self.person(1), self.person(2))
        self.change_job('list: "77"', 'list: "77", subscription: "901"')
        self.change_job("on_leave: leave_segment", "on_leave: delete")
        self.deliver()
        self.people(self.person(1, consent="no", changed="2026-02-01T00:00:00Z"), self.person(2, vip="yes"))
        self.deliver(expect=ANY)
        self.assertEqual({("anna1@example.com", 901): "UNSUBSCRIBED"},
                         {who: status for who, (status, _) in self.vendor.statuses.items()})
        self.assertEqual(["anna1@example.com"], self.emails())
        self.assertEqual({}, self.vendor.opted_out)

    def test_one_bad_contact_in_a_batch_that_is_refused_whole(self):
        self.people(*(self.person(n, surname="B" * 300 if n == 13 else "Bakker") for n in range(60)))
        self.assertEqual({"created": 59, "rejected": 1}, self.deliver(expect=3))
        self.assertLessEqual(len(self.asked("upsert")), 13)
        self.assertEqual(59, len(self.members()))
        letters = self.project.rondom("deadletter", "list").stdout.decode()
        self.assertIn("is too long", letters)
        self.assertNotIn("anna13@example.com", letters)

    def test_a_partial_failure_by_another_unique_property(self):
        self.change_job('list: "77"', 'list: "77", id_property: customer_number')
        self.change_job("email: .permitted.email", "customer_number: .custom.number\n  email: .permitted.email")
        self.people(*(self.person(n, surname="B" * 300 if n == 3 else "Bakker") for n in range(10)))
        self.assertEqual({"created": 9, "rejected": 1}, self.deliver(expect=3))
        self.assertEqual(1, len(self.asked("upsert")))
        self.assertEqual(9, len(self.emails()))

    def test_a_contact_that_was_archived_there(self):
        self.people(self.person(1), self.person(2))
        self.deliver()
        with self.vendor.lock:
            self.vendor.archive("contacts", self.vendor.find("contacts", "email", "anna1@example.com")["id"])
        self.people(*(self.person(n, surname="Jansen", changed="2026-02-01T00:00:00Z") for n in (1, 2)))
        self.assertEqual({"rejected": 1, "updated": 1}, self.deliver(expect=3))
        self.assertIn("archived or merged there", self.project.rondom("deadletter", "list").stdout.decode())

    def test_a_no_reaches_a_contact_that_was_made_anew_there(self):
        self.people(self.person(1), self.person(2))
        self.deliver()
        with self.vendor.lock:
            self.vendor.archive("contacts", self.vendor.find("contacts", "email", "anna1@example.com")["id"])
            self.vendor.add("contacts", {"email": "anna1@example.com"})
        self.people(self.person(1, consent="no", changed="2026-02-01T00:00:00Z"), self.person(2))
        self.assertEqual({"removed": 1}, self.deliver())
        self.assertEqual(["anna1@example.com"], sorted(self.vendor.opted_out))

    def test_a_property_that_hubspot_does_not_have(self):
        self.people(self.person(1))
        for name, said in (("loyalty_teir", 'no contact property "loyalty_teir"'), ("createdate", "is read-only")):
            self.change_job("  lastname:", f"  {name}: .name.given\n  lastname:")
            self.assertIn(said, self.refused())
            self.change_job(f"  {name}: .name.given\n", "")
        self.assertEqual([], self.written())

    def test_faults_and_answers_that_nobody_heard(self):
        for fault in ({"kind": "status", "status": 429}, {"kind": "status", "status": 503}, {"kind": "vanish"},
                      {"kind": "cut"}, {"kind": "status", "status": 500, "times": 2}):
            with self.subTest(fault=fault):
                self.project.forget()
                with self.vendor.lock:
                    self.vendor.objects["contacts"].clear()
                    self.vendor.lists["77"].clear()
                self.people(*(self.person(n) for n in range(5)))
                self.fault(path="batch/upsert", **fault)
                self.deliver(expect=ANY)
                self.vendor.faults.clear()
                self.deliver(expect=ANY)
                self.assertEqual([f"anna{n}@example.com" for n in range(5)], self.emails())
                self.assertEqual(5, len(self.members()))

    def test_an_account_that_is_locked_or_moves_refuses_nobody(self):
        self.people(*(self.person(n) for n in range(8)))
        self.fault(kind="status", status=423, path="/upsert", times=2)
        self.assertEqual({"created": 8}, self.deliver())
        self.assertEqual([8, 8, 8], [len(one["body"]["inputs"]) for one in self.asked("upsert")])
        self.people(*(self.person(n, given="Els", changed="2026-02-01T00:00:00Z") for n in range(8)))
        for _ in range(6):  # more often than anything is tried; Retry-After is a day
            self.fault(kind="status", status=477, path="/batch/update")
            self.vendor.requests.clear()
            self.assertEqual({"retried": 8}, self.deliver(expect=(69, 75)))
            self.assertEqual([8], [len(one["body"]["inputs"]) for one in self.asked("update")])
        self.assertEqual({"updated": 8}, self.deliver())

    def test_a_list_that_may_not_be_written_parks_nobody(self):
        for status in (403, 404):
            with self.subTest(status=status):
                self.setUp()
                self.people(*(self.person(n) for n in range(5)))
                for _ in range(7):  # more often than anything is tried
                    self.fault(kind="status", status=status, path="/memberships/add")
                    self.assertEqual({"unknown": 5}, self.deliver(expect=(1, 65, 77, 78)))
                self.assertEqual({"adopted": 5}, self.deliver(), "after it was repaired")
                self.assertEqual(5, len(self.members()))
                self.assertEqual(5, len(self.emails()))

    def test_a_no_reaches_whoever_was_made_and_is_not_in_the_list(self):
        self.people(self.person(1), self.person(2))
        self.fault(kind="status", status=403, path="/memberships/add")
        self.deliver(expect=(1, 77))
        self.people(self.person(1, consent="no", changed="2026-02-01T00:00:00Z"), self.person(2))
        self.deliver()
        self.assertEqual(["anna1@example.com"], sorted(self.vendor.opted_out))
        self.assertEqual({"anna2@example.com"}, self.members())

    def test_killed_while_writing_makes_no_double(self):
        self.people(*(self.person(n) for n in range(150)))
        for path in ("batch/upsert", "memberships/add"):
            self.kill_at(path, 0)
        self.deliver(expect=ANY)
        self.deliver(expect=ANY)
        self.assertEqual(150, len(self.emails()))
        self.assertEqual(150, len(set(self.emails())))
        self.assertEqual(150, len(self.members()))


@unittest.skipIf(NO_CONTRACTS, NO_CONTRACTS)
class Contracts(Both):
    """What does not come from us: the vendor's descriptions, and answers that were recorded at HubSpot."""

    def test_a_request_that_is_wrong_is_found(self):
        inputs = {"inputs": [{"id": "1", "properties": {"email": "eva@example.com"}}]}
        update, objects = "/crm/v3/objects/contacts/batch/update", "/crm/v3/objects/contacts"
        good = {"method": "POST", "path": update, "query": "", "body": inputs}
        self.assertEqual([], described(good))
        for bad in ({**good, "body": {"input": []}}, {**good, "body": {"inputs": [{"id": 1, "properties": {}}]}},
                    {**good, "body": {"inputs": [{"id": "1", "properties": {"points": 5}}]}},
                    {**good, "body": {"inputs": [{"id": "1", "properties": {}, "idProprty": "email"}]}},
                    {"method": "GET", "path": objects, "query": "limt=5", "body": {}},
                    {"method": "GET", "path": objects, "query": "limit=many", "body": {}},
                    {"method": "POST", "path": objects + "/search", "query": "", "body": {"limit": 500}},
                    {"method": "POST", "path": objects + "/search", "query": "",
                     "body": {"filterGroups": [{"filters": [{"propertyName": "email", "operator": "SAME"}]}]}}):
            self.assertTrue(described(bad), bad)
        self.assertIsNone(described({**good, "path": "/crm/v9/other"}))

    def test_recorded_answers_of_a_search(self):
        recorded = json.loads((CONTRACTS / "recorded-http/export-contacts.json").read_text())
        searches = [one for one in recorded if one["path"].endswith("/search")]
        answers = [next(one for one in searches if one["status"] == 429),
                   next(one for one in searches if one["status"] == 200 and one["response"]["results"])]
        self.read()  # nothing there: a complete list
        transport = {"transfer-encoding", "connection", "content-type", "content-length", "date", "server"}

        def replay(handler, _query, _body, _kind):
            one = answers.pop(0)
            headers = [pair for pair in one["resHeaders"].items() if pair[0].lower() not in transport]
            handler.reply(one["status"], one["response"], headers)
        search = self.server.RequestHandlerClass.search
        self.server.RequestHandlerClass.search = replay
        self.addCleanup(setattr, self.server.RequestHandlerClass, "search", search)
        # Their times are older than what we asked for, which is no answer to our question.
        with self.vendor.lock:
            for result in answers[1]["response"]["results"]:
                result["properties"]["lastmodifieddate"] = result["updatedAt"] = hubspot.iso(hubspot.now())
        found = self.read()
        self.assertEqual([], answers)
        self.assertEqual(1, found["new"])


if __name__ == "__main__":
    unittest.main()
