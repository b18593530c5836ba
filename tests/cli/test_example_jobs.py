"""The example jobs of every plugin, as they are, against the stand-in of their system, its files or its database: records
move, and every one is accounted for."""
import gzip
import hashlib
import json
import os
import pathlib
import re
import shutil
import sqlite3
import sys
import time
import unittest

from newsletter import person
from project import Project, balanced, jsonl

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
PLUGINS = SOURCE / "plugins"
sys.path.insert(0, str(SOURCE / "tests/sandbox"))
import ga4  # noqa: E402
import hubspot  # noqa: E402
import klaviyo  # noqa: E402
import mailchimp  # noqa: E402
import matomo  # noqa: E402
import mautic  # noqa: E402
import population  # noqa: E402
import salesforce  # noqa: E402
import tealium  # noqa: E402

MOVED = ("new", "changed", "deleted", "filtered")
PEOPLE = 12


def example_plugins():
    return sorted(path.parent.name for path in PLUGINS.glob("*/example"))


def value_of(text, name):
    found = re.search(rf"^{name}: *(\S+)", text, re.M)
    return found.group(1) if found else None


class ExampleJobs(unittest.TestCase):
    """One project a plugin, with all its examples; test_<plugin> makes what they find, then calls run_examples."""

    def setUp(self):
        self.project = Project(self)
        self.connections = {"people": {"connector": "file", "config": {"path": "data/people"}}}
        self.secrets = {}

    def serve(self, module):
        server = module.serve()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        return server

    def connect(self, name, connector, secret=None, **config):
        if secret is not None:
            self.secrets["RONDOM_SECRET_IT"] = secret
        self.connections[name] = {"connector": connector, "config": config}

    def data(self, name):
        path = self.project.folder / "data" / name
        path.mkdir(parents=True, exist_ok=True)
        return path

    def write_project(self, plugin):
        """A CRM of people who agreed to mail, and the names that the examples use."""
        jobs = [path.read_text(encoding="utf-8") for path in sorted((PLUGINS / plugin / "example").glob("*.yaml"))]
        for number, text in enumerate(jobs):
            self.project.write(f"jobs/example-{number}.yaml", text)
        taken = {value_of(text, "job") for text in jobs}
        self.project.write("rondom.yaml", json.dumps({
            "project": "examples", "deliver": "send", "secrets": ["env"], "connections": self.connections,
            "defaults": {"country": "NL", "language": "nl", "currency": "EUR", "time_zone": "Europe/Amsterdam"},
            "purposes": {name: {"channel": "email", "legal_basis": "consent"} for name in ("email_marketing", "advertising")}}))
        self.project.write("identity.yaml", "identifiers:\n" + "".join(
            f"  - {{ namespace: {name}, class: {kind} }}\n" for name, kind in (
                ("customer_login", "unique"), ("crm_id", "unique"), ("aam_user", "strong, max_per_profile: 50"),
                ("tealium_visitor", "weak, max_per_profile: 20"), ("matomo_visitor", "weak, max_per_profile: 20"))))
        self.project.write("audiences/newsletter_nl.yaml", "audience: newsletter_nl\nall:\n  - .custom.agreed == \"yes\"\n")
        name = "people" if "crm" in taken else "crm"
        self.project.write("jobs/people.yaml", f"""
            job: {name}
            source: people
            streams:
              - stream: people
                options: {{ path: "*.jsonl" }}
                entity: person
                key: .id
                cursor: .changed
                map:
                  name.given: .given
                  name.surname: .surname
                  email: .email
                  custom.agreed: .consent
                  custom.loyalty_tier: .code
                  identifier.customer_login: .login
                  consents:
                    - {{ purpose: email_marketing, channel: email, status: granted, at: .changed }}
                    - {{ purpose: advertising, channel: email, status: granted, at: .changed }}
            """)
        (self.data("people") / "people.jsonl").write_text(jsonl(
            [person(n, code="gold", login=f"customer-{n:05d}") for n in range(PEOPLE)]))
        if name == "people":  # read before anything is delivered
            for path in (self.project.folder / "jobs").glob("example-*.yaml"):
                path.write_text(path.read_text().replace("after: [crm]", "after: [crm, people]"))

    def run_examples(self, plugin, streams=1):
        """`streams`: the streams of the examples that must have found something."""
        self.write_project(plugin)
        self.project.rondom("validate", expect=0, environment=self.secrets)
        report = self.project.run_json("--all", expect=(0, 3), environment=self.secrets)
        jobs = {one["job"]: one for one in report["jobs"]}
        found = 0
        for path in sorted((PLUGINS / plugin / "example").glob("*.yaml")):
            text = path.read_text(encoding="utf-8")
            job = jobs[value_of(text, "job")]
            with self.subTest(example=path.name):
                self.assertEqual("done", job["status"], job)
                self.assertEqual(len(re.findall(r"^  - .*?stream: ", text, re.M)), len(job["streams"]))
                for stream in job["streams"]:
                    self.assertTrue(balanced(stream), stream)
                    self.assertEqual(0, stream["quarantined"], stream)
                    found += any(stream[name] for name in MOVED)
                if value_of(text, "destination"):
                    counts = job["deliveries"]
                    self.assertEqual((PEOPLE, 0, 0), (counts["created"] + counts["adopted"], counts["rejected"], counts["unknown"]),
                                     counts)
        self.assertEqual(streams, found)
        again = {one["job"]: one for one in self.project.run_json("--all", expect=(0, 3), environment=self.secrets)["jobs"]}
        for name, job in again.items():
            counts = job["deliveries"]
            moved = {one: counts[one] for one in ("created", "adopted", "updated", "removed", "rejected") if counts and counts[one]}
            self.assertEqual({}, moved, name)

    def test_every_plugin_has_its_test(self):
        self.assertEqual(example_plugins(), sorted(
            name.removeprefix("test_example_").replace("_", "-") for name in dir(self) if name.startswith("test_example_")))

    def test_example_adobe_audience_manager(self):
        folder = self.data("outbound")
        lines = "".join(f"user{n} 1,2\n" for n in range(3)).encode()
        root = "s3_1234_20914_acme_full_1486140844000"
        (folder / f"{root}.sync").write_bytes(lines)
        file = {"FileByteSize": len(lines), "FileLineCount": 3, "FileName": root + ".sync", "FileSequenceNumber": 1,
                "md5": hashlib.md5(lines).hexdigest()}
        (folder / f"{root}.info").write_text(json.dumps({"Files": [file], "Totals": {
            "FileName": root + ".sync", "TotalByteSize": len(lines), "TotalNumberFiles": 1, "TotalNumberLines": 3}}))
        self.connect("aam-out", "adobe-audience-manager", path="data/outbound")
        self.connect("aam", "adobe-audience-manager", path=str(self.data("inbound")))
        self.run_examples("adobe-audience-manager")
        self.assertEqual([PEOPLE], [gzip.decompress(path.read_bytes()).count(b"d_sid=24") for path in self.data("inbound").glob("*.gz")])

    def test_example_file(self):
        self.connect("exports", "file", path="data/exports")
        for day, rows in (("01", 2), ("02", 3)):
            (self.data("exports") / f"customers-2026-03-{day}.csv").write_text(
                "customer_no,changed_on,first_name,last_name,email,mobile\n"
                + "".join(f"k{n},2026-03-{day}T10:00:00Z,Anna,Bakker{n},anna{n}@example.com,0612345678\n" for n in range(rows)))
        self.run_examples("file")

    def test_example_ga4(self):
        server = self.serve(ga4)
        for n in range(30):
            server.system.add(n % 10, f"c{n}", sessions=n % 5 + 1, purchaseRevenue=12.5, country="Netherlands", deviceCategory="mobile")
        self.connect("ga4", "ga4", ga4.REFRESH_TOKEN, property=ga4.PROPERTY, url=server.address, token_uri=server.address + "/token",
                     client_id=ga4.CLIENT, client_secret=ga4.CLIENT_SECRET, refresh_token="${secret:IT}")
        self.run_examples("ga4", streams=2)

    def test_example_hubspot(self):
        server = self.serve(hubspot)
        vendor, base = server.system, 1_767_225_600_000
        with vendor.lock:
            company = vendor.add("companies", {"name": "Acme"}, base)
            eva = vendor.add("contacts", {"email": "eva@example.com", "firstname": "Eva"}, base)
            vendor.add("contacts", {"email": "tim@example.com", "firstname": "Tim"}, base)
            deal = vendor.add("deals", {"dealname": "D", "amount": "12.50", "deal_currency_code": "EUR", "dealstage": "closedwon",
                                        "closedate": hubspot.iso(base)}, base)
            vendor.associations["contacts", eva["id"], "companies"] = [int(company["id"])]
            vendor.associations["deals", deal["id"], "contacts"] = [int(eva["id"])]
            vendor.opt_out("tim@example.com", base + 5)
        self.connect("hubspot", "hubspot", hubspot.TOKEN, url=server.address, token="${secret:IT}")
        self.run_examples("hubspot", streams=4)
        self.assertEqual(PEOPLE, len(vendor.lists["77"]))

    def test_example_klaviyo(self):
        server = self.serve(klaviyo)
        vendor = server.system
        for n, reason in enumerate(("UNSUBSCRIBE", "HARD_BOUNCE")):
            vendor.add({"email": f"eva{n}@example.com"}, 1_772_000_000 + n)
            vendor.say_no(f"eva{n}@example.com", reason)
        self.connect("klaviyo", "klaviyo", klaviyo.API_KEY, url=server.address, api_key="${secret:IT}")
        self.run_examples("klaviyo", streams=2)
        self.assertEqual(PEOPLE, sum(one["email"].startswith("anna") for one in vendor.profiles.values()))

    def test_example_mailchimp(self):
        server = self.serve(mailchimp)
        population.fill_mailing(server.system, population.people(24))
        self.connect("mailchimp", "mailchimp", mailchimp.API_KEY, url=server.address, user="any", api_key="${secret:IT}")
        self.run_examples("mailchimp", streams=2)

    def test_example_matomo(self):
        server = self.serve(matomo)
        population.fill_analytics(server.system, population.people(40), time.time())
        self.connect("matomo", "matomo", matomo.TOKEN, url=server.address, token="${secret:IT}")
        self.run_examples("matomo")

    def test_example_mautic(self):
        server = self.serve(mautic)
        for n, reason in enumerate((1, 2)):
            contact, _ = server.mautic.create({"email": f"eva{n}@example.com"})
            server.mautic.add_dnc(contact, "email", reason, "user unsubscribed")
        self.connect("mautic", "mautic", mautic.PASSWORD, url=server.address, user="api", password="${secret:IT}")
        self.run_examples("mautic", streams=2)
        self.assertEqual(PEOPLE, len(server.mautic.segments[1]["members"]))

    def test_example_salesforce(self):
        server = self.serve(salesforce)
        population.fill_crm(server.system, population.people(20))
        account = next(iter(server.system.records["Account"]))
        server.system.add("Lead", FirstName="Eva", LastName="Kok", Email="eva@example.com", Company="Acme", Status="Open")
        server.system.add("Opportunity", Name="O", AccountId=account, StageName="Closed Won", Amount=12.5, CloseDate="2026-03-01",
                          Probability=100, IsClosed=True, IsWon=True)
        self.connect("salesforce", "salesforce", salesforce.CLIENT_SECRET, url=server.address, client_id=salesforce.CLIENT,
                     client_secret="${secret:IT}")
        self.run_examples("salesforce", streams=4)
        self.assertEqual(PEOPLE, sum(bool(row.get("Rondom_Id__c")) for row in server.system.records["Contact"].values()))

    def test_example_sql(self):
        path = self.data("shop") / "shop.db"
        with sqlite3.connect(path) as database:
            database.executescript("""
                CREATE TABLE customer (id int PRIMARY KEY, firstname text, lastname text, email text);
                CREATE TABLE orders (id int PRIMARY KEY, customer_id int, created_at timestamp, updated_at timestamp,
                  state varchar(20), total decimal(12,4), currency char(3));
                INSERT INTO customer VALUES (1, 'Anna', 'Bakker', 'anna@example.com'), (2, 'Bram', 'Vos', 'bram@example.com');
                INSERT INTO orders VALUES (10, 1, '2026-03-01 09:00:00', '2026-03-02 09:00:00', 'complete', 12.5, 'EUR');""")
        database.close()
        shutil.copytree(PLUGINS / "sql/example", self.project.folder / "sql", ignore=shutil.ignore_patterns("*.yaml"))
        self.connect("webshop", "sql", driver="sqlite", file=str(path))
        self.run_examples("sql", streams=2)

    def test_example_tealium(self):
        server = self.serve(tealium)
        for n in (12, 47):
            server.system.take({"tealium_visitor_id": f"guid-{n}", "customer_id": f"customer-{n:05d}", "email_address": f"tim{n}@example.com"})
        for folder, fixture in (("audiences", "audience_store"), ("events", "event_store")):
            (self.data(f"tealium/{folder}") / "part-0001.gz").write_bytes(
                gzip.compress((PLUGINS / f"tealium/fixtures/{fixture}.jsonl").read_bytes()))
        self.connect("tealium-files", "file", path="data/tealium")
        self.connect("tealium", "tealium", tealium.KEY, url=server.address,
                     account="acme", username=tealium.USER, key="${secret:IT}")
        self.run_examples("tealium", streams=3)
        self.assertLessEqual(PEOPLE, len(server.system.events))


if __name__ == "__main__":
    unittest.main()
