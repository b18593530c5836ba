"""Every project in configs/examples runs as its README says, and gives the figures that it promises."""
import csv
import io
import json
import os
import pathlib
import re
import shutil
import sqlite3
import subprocess
import sys
import unittest

from project import RONDOM, Project, balanced

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
EXAMPLES = SOURCE / "configs/examples"
sys.path.insert(0, str(SOURCE / "tests/sandbox"))
import mautic  # noqa: E402


def lines_of(path):
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


class Examples(unittest.TestCase):
    def copy(self, name):
        project = Project(self)
        shutil.copytree(EXAMPLES / name, project.folder, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("var", "out"))
        return project

    def run_example(self, project, *options, expect, environment=None, as_of=()):
        """The deliveries by job, and the other figures of the report; every record is accounted for."""
        result = project.rondom(*options, "-o", "json", "run", "--all", *as_of, expect=expect, environment=environment)
        report = json.loads(result.stdout)
        for job in report["jobs"]:
            for stream in job["streams"]:
                self.assertTrue(balanced(stream), stream)
        return {job["job"]: job["deliveries"] for job in report["jobs"] if job["deliveries"]}, report

    def assert_nothing_changes(self, project, *options, expect, environment=None, as_of=()):
        deliveries, report = self.run_example(project, *options, expect=expect, environment=environment, as_of=as_of)
        for counts in deliveries.values():
            self.assertEqual({0}, {counts[name] for name in ("created", "adopted", "updated", "removed", "rejected")})
        self.assertEqual(0, report["profiles"]["changed"])

    def test_every_example_is_whole(self):
        projects = sorted(path.parent for path in EXAMPLES.glob("*/rondom.yaml"))
        self.assertEqual(["archie-sql", "b2b-crm-dedupe", "business", "email-hygiene", "files-to-mautic", "marigold-files",
                          "retail"], [one.name for one in projects])
        listed = (SOURCE / "configs/README.md").read_text(encoding="utf-8")
        for project in projects:
            with self.subTest(project=project.name):
                self.assertIn(f"examples/{project.name}/README.md", listed)
                self.assertIn("## What you should see", (project / "README.md").read_text(encoding="utf-8"))
                copy = self.copy(project.name)
                copy.rondom("validate", expect=0)
                result = json.loads(copy.rondom("-o", "json", "test", expect=0).stdout)
                self.assertGreaterEqual(len(result["tests"]), 3)

    def test_files_to_mautic(self):
        project = self.copy("files-to-mautic")
        deliveries, report = self.run_example(project, expect=3)  # captured: nothing is sent
        self.assertEqual(6, deliveries["newsletter"]["created"])
        captured = [one for path in (project.folder / "out").iterdir() for one in lines_of(path)]
        self.assertEqual(["create"] * 6, [one["operation"] for one in captured])
        self.assertEqual(8, report["profiles"]["total"])

        server = mautic.serve()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        sandbox = project.folder / "env/sandbox.yaml"
        sandbox.write_text(sandbox.read_text().replace("http://127.0.0.1:8765", server.address))
        environment = {"RONDOM_SECRET_MAUTIC": mautic.PASSWORD}
        deliveries, _ = self.run_example(project, "--env", "sandbox", expect=3, environment=environment)
        self.assertEqual((6, {"no consent": 1}), (deliveries["newsletter"]["created"], deliveries["newsletter"]["withheld"]))
        contacts = {one["fields"]["email"]: one["fields"] for one in server.mautic.contacts.values()}
        self.assertEqual({"anouk.vandervelde@example.com", "boris.kok@example.net", "claire.dubois@example.org",
                          "dirk.hoekstra@example.com", "elif.yilmaz@example.net", "gijs.deruiter@example.org"}, set(contacts))
        self.assertEqual(("Anouk", "van der Velde", "Haarlem"), tuple(
            contacts["anouk.vandervelde@example.com"][name] for name in ("firstname", "lastname", "city")))
        self.assertEqual(6, len(server.mautic.segments[1]["members"]))
        self.assert_nothing_changes(project, "--env", "sandbox", expect=3, environment=environment)

        customers = project.folder / "data/customers.csv"
        customers.write_text(customers.read_text().replace("Sneek;yes;2024-11-11", "Sneek;no;2025-06-01"))
        deliveries, _ = self.run_example(project, "--env", "sandbox", expect=3, environment=environment)
        self.assertEqual(1, deliveries["newsletter"]["removed"])
        self.assertEqual(5, len(server.mautic.segments[1]["members"]))
        self.assertEqual(1, len(server.mautic.dnc))

    def test_email_hygiene(self):
        project = self.copy("email-hygiene")
        deliveries, report = self.run_example(project, expect=3)
        self.assertEqual({"clean": 4, "problems": 8}, {job: one["created"] for job, one in deliveries.items()})
        self.assertEqual(1, sum(stream["quarantined"] for job in report["jobs"] for stream in job["streams"]))
        clean = {one["email"] for one in lines_of(project.folder / "out/clean.jsonl")}
        self.assertEqual({"anna.bakker@example.com", "bram.visser@example.org", "jan.vos@example.net",
                          "lars.meijer@example.com"}, clean)
        problems = {one["email"]: one["problem"] for one in lines_of(project.folder / "out/problems.jsonl")}
        self.assertEqual({"daan.mulder@@example.com": "no valid address", "eva.smit.example.com": "no valid address",
                          "info@fietsen.example": "role mailbox", "boekhouding@bloemen.example": "role mailbox",
                          "quick1234@mailinator.com": "disposable mailbox", "hugo.peeters@example.org": "unsubscribed",
                          "chiara.conti@example.net": "unsubscribed", "iris.janssen@example.com": "bounced"}, problems)
        self.assert_nothing_changes(project, expect=3)

        subscribers = project.folder / "data/subscribers.csv"
        subscribers.write_text(subscribers.read_text().replace("daan.mulder@@", "daan.mulder@"))
        self.run_example(project, expect=3)
        self.assertEqual(clean | {"daan.mulder@example.com"},
                         {one["email"] for one in lines_of(project.folder / "out/clean.jsonl")})
        self.assertEqual(7, len(lines_of(project.folder / "out/problems.jsonl")))

    def test_b2b_crm_dedupe(self):
        project = self.copy("b2b-crm-dedupe")
        deliveries, report = self.run_example(project, expect=0)
        self.assertEqual({"organizations": 5, "people": 7}, {job: one["created"] for job, one in deliveries.items()})
        self.assertEqual((12, 2), (report["profiles"]["total"], report["profiles"]["refused_links"]))
        listed = subprocess.run(["sh", str(project.folder / "duplicates.sh"), str(RONDOM)], check=True, text=True,
                                stdout=subprocess.PIPE, timeout=60).stdout
        groups = {}
        for profile, _, stream, key in csv.reader(io.StringIO(listed)):
            groups.setdefault(profile, set()).add(f"{stream}/{key}")
        self.assertEqual([{"accounts/A01", "accounts/A02", "accounts/A03"}, {"accounts/A04", "accounts/A05"},
                          {"contacts/C01", "contacts/C02", "contacts/C03"}, {"contacts/C06", "contacts/C07"}],
                         sorted(groups.values(), key=sorted))
        golden = {one["kvk"]: one for one in lines_of(project.folder / "out/organizations.jsonl")}
        self.assertEqual({"key": golden["12345678"]["key"], "name": "Van Dijk Transport B.V.", "kvk": "12345678",
                          "vat": "NL123456782B01", "website": "vandijk.example", "phone": "+31105550101",
                          "city": "Rotterdam", "industry": "4941"}, golden["12345678"])
        self.assertEqual(1, sum(one["firstname"] == "Sanne" for one in lines_of(project.folder / "out/people.jsonl")))
        self.assert_nothing_changes(project, expect=0)

    def test_retail(self):
        project, as_of = self.copy("retail"), ("--as-of", "2026-06-01")
        deliveries, report = self.run_example(project, expect=3, as_of=as_of)
        self.assertEqual({"letter": (1, {"moved": 1, "no address": 1}),
                          "newsletter": (2, {"bounced": 1, "deceased": 1, "no consent": 1})},
                         {job: (one["created"], one["withheld"]) for job, one in deliveries.items()})
        self.assertEqual((12, 4), (report["profiles"]["total"], report["profiles"]["refused_links"]))
        self.assertEqual({"p.janssen@example.com", "sanne.dewit@example.com"},
                         {one["email"] for path in (project.folder / "out").glob("newsletter*") for one in lines_of(path)})

        def asked(*words, **options):
            return json.loads(project.rondom("-o", "json", *words, *as_of, **{"expect": 0, **options}).stdout)
        self.assertEqual({"e_bike_owners": (12, 3, []), "loyal": (12, 5, ["newsletter"]), "win_back": (12, 3, ["letter"])},
                         {one["audience"]: (one["profiles"], one["members"], one["jobs"]) for one in asked("audience", "list")})
        shown = asked("audience", "show", "loyal")
        self.assertEqual([10, 7, 6, 5], [line["left"] for line in shown["funnel"]])
        self.assertEqual(deliveries["newsletter"]["withheld"], shown["purposes"][0]["withheld"])
        self.assertEqual((2, 4), tuple(one["reachable"] for one in shown["purposes"]))
        members = asked("audience", "members", "loyal")
        self.assertEqual(["Anna van den Berg", "Hendrik Kok", "Ingrid Smit", "Peter Janssen", "Sanne de Wit"],
                         sorted(one["title"] for one in members))
        self.assertIn("… and 3 more", project.rondom("audience", "members", "loyal", "--limit", "2", *as_of,
                                                     expect=0).stdout.decode())
        overlap = asked("audience", "overlap", "loyal", "e_bike_owners")
        self.assertEqual((3, 2, 0, 7), tuple(overlap[name] for name in ("both", "only_first", "only_second", "neither")))
        why = asked("audience", "why", "loyal", "youssef.elamrani@example.net")
        self.assertFalse(why["member"])
        self.assertIn("complaint", why["fails"])
        self.assertEqual((True, None), tuple(asked("audience", "why", "loyal", "crm.contacts/C01")[name]
                                             for name in ("member", "fails")))
        self.assertIn("did you mean loyal?", project.rondom("audience", "show", "loyl", expect=2).stderr.decode())
        self.assertEqual("535", asked("attribute", "why", "rfm_code", "sanne.dewit@example.com")["value"])
        page = project.rondom("profile", "page", "crm.contacts/C02", *as_of, expect=0).stdout.decode()
        words = " ".join(re.sub(r"<[^>]*>", " ", page).split())
        self.assertIn("same household Bram van den Berg partner crm.contacts/C03", words)  # as the CRM tells
        self.assertIn("household Bram van den Berg same address, same e-mail thuis@vandenberg.example", words)  # as found
        self.assert_nothing_changes(project, expect=3, as_of=as_of)
        self.assertEqual(shown, asked("audience", "show", "loyal"))

    def test_business(self):
        project, as_of = self.copy("business"), ("--as-of", "2026-06-01")
        deliveries, report = self.run_example(project, expect=3, as_of=as_of)
        self.assertEqual({"accounts": 6, "gaps": 2, "invitations": 2}, {job: one["created"] for job, one in deliveries.items()})
        self.assertEqual({"withdrawn": 1}, deliveries["invitations"]["withheld"])
        self.assertEqual((12, 1), (report["profiles"]["total"], report["profiles"]["waiting"]))
        accounts = {one["kvk"]: one for one in lines_of(project.folder / "out/accounts.jsonl")}
        zuivel = accounts["11000002"]
        self.assertEqual((3, "", 185000, 24000, "crm.accounts/A01"), tuple(
            zuivel[name] for name in ("dmu_known", "dmu_missing", "pipeline", "won", "part_of")))
        self.assertEqual({"Papierfabriek Eerbeek B.V.", "Veldkamp Verpakkingen B.V."},
                         {one["name"] for one in lines_of(project.folder / "out/gaps.jsonl")})
        listed = json.loads(project.rondom("-o", "json", "audience", "list", *as_of, expect=0).stdout)
        self.assertEqual({"blind_spots": ("organization", 6, 2), "deciders": ("person", 6, 3)},
                         {one["audience"]: (one["entity"], one["profiles"], one["members"]) for one in listed})
        refused = project.rondom("audience", "overlap", "blind_spots", "deciders", expect=2).stderr.decode()
        self.assertIn("nobody can be in both", refused)
        page = project.rondom("profile", "page", "crm.contacts/C01", *as_of, expect=0).stdout.decode()
        self.assertIn("Veldkamp Zuivel B.V.", page)  # whom she is a contact of
        self.assert_nothing_changes(project, expect=3, as_of=as_of)

    def test_marigold_files(self):
        project = self.copy("marigold-files")

        def import_files():
            subprocess.run(["sh", str(project.folder / "import-file.sh")], check=True, timeout=60)
            return {name: list(csv.DictReader(io.StringIO((project.folder / f"out/{name}.csv").read_text(encoding="utf-8")),
                                              delimiter=";")) for name in ("contacts", "optouts")}

        deliveries, report = self.run_example(project, expect=3)
        self.assertEqual({"contacts": 3, "optouts": 2}, {job: one["created"] for job, one in deliveries.items()})
        self.assertEqual((5, {"withdrawn": 2}), (report["profiles"]["total"], deliveries["contacts"]["withheld"]))
        files = import_files()
        contacts = {one["MAIL"]: one for one in files["contacts"]}
        self.assertEqual({"anouk.vandervelde@example.com", "claire.dubois@example.org", "elif.yilmaz@example.net"}, set(contacts))
        self.assertEqual({"MAIL": "anouk.vandervelde@example.com", "FIRSTNAME": "Anouk", "NAME": "van der Velde", "LANGUAGE": "NL",
                          "TIER": "GOLD", "OPTOUT": "0"}, contacts["anouk.vandervelde@example.com"])
        optouts = {"boris.kok@example.net", "dirk.hoekstra@example.com"}
        self.assertEqual({(mail, "1") for mail in optouts}, {(one["MAIL"], one["OPTOUT"]) for one in files["optouts"]})
        self.assert_nothing_changes(project, expect=3)

        # The next export replaces this one: Claire opted out there.
        export = (project.folder / "data/export/audience_20250601.csv").read_text(encoding="utf-8")
        (project.folder / "data/export/audience_20250602.csv").write_text(export.replace(
            "FR;;;2024-01-15 09:30:00;2025-01-15", "FR;911;2025-06-01 10:00:00;2024-01-15 09:30:00;2025-06-01"), encoding="utf-8")
        self.run_example(project, expect=3)
        files = import_files()
        self.assertEqual(2, len(files["contacts"]))
        self.assertEqual(optouts | {"claire.dubois@example.org"}, {one["MAIL"] for one in files["optouts"]})

    def test_archie_sql(self):
        project = self.copy("archie-sql")
        (project.folder / "var").mkdir()
        database = sqlite3.connect(project.folder / "var/archie.db")
        self.addCleanup(database.close)
        database.executescript((project.folder / "data/archie.sql").read_text(encoding="utf-8"))
        deliveries, report = self.run_example(project, expect=0)
        self.assertEqual({"letters": 2, "newsletter": 2}, {job: one["created"] for job, one in deliveries.items()})
        self.assertEqual({"deceased": 1}, deliveries["letters"]["withheld"])
        self.assertEqual(5, report["profiles"]["total"])
        letters = {one["name"]: one for one in lines_of(project.folder / "out/letters.jsonl")}
        self.assertEqual({"Anna Bakker", "Bram van de Visser"}, set(letters))
        self.assertEqual(("Kerkstraat 1", "3511 AB", "Utrecht", "2025-02-14"), tuple(
            letters["Anna Bakker"][name] for name in ("street", "postcode", "city", "last_gift")))
        newsletter = {one["email"]: one["membership"] for one in lines_of(project.folder / "out/newsletter.jsonl")}
        self.assertEqual({"anna.bakker@example.com": "member", "eva.degroot@example.com": "friend"}, newsletter)
        self.assert_nothing_changes(project, expect=0)

        # Eva's membership ends, Anna is deleted in the CRM, Eva's gift is received after all.
        database.executescript("UPDATE lidmaatschap SET einde = '2025-05-31' WHERE nummer = 12; UPDATE relatie SET verwijderd = 1 "
                               "WHERE relatienummer = 1; UPDATE gift SET status = 'ontvangen', gewijzigd_op = '2025-06-01 12:00:00' "
                               "WHERE nummer = 105;")
        self.run_example(project, expect=0)
        self.assertEqual({"Bram van de Visser", "Eva de Groot"}, {one["name"] for one in lines_of(project.folder / "out/letters.jsonl")})
        self.assertEqual([], lines_of(project.folder / "out/newsletter.jsonl"))


if __name__ == "__main__":
    unittest.main()
