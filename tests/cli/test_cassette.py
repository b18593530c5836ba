"""A run that was recorded is run again from its cassette, with nobody there to answer."""
import json
import pathlib
import stat
import sys
import unittest

from project import Project

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "sandbox"))
import hubspot  # noqa: E402
import mailchimp  # noqa: E402

SECRET = {"RONDOM_SECRET_MAILCHIMP": mailchimp.API_KEY}


class Cassette(unittest.TestCase):
    def make(self, address):
        project = Project(self)
        project.write("rondom.yaml", f"""
            project: shop
            defaults: {{ country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }}
            secrets: [env]
            connections:
              mailchimp: {{ connector: mailchimp, config: {{ url: "{address}", user: any, api_key: "${{secret:MAILCHIMP}}" }} }}
            """)
        project.write("jobs/audience.yaml", """
            job: audience
            source: mailchimp
            streams:
              - { stream: members, preset: members }
            """)
        return project

    def test_recorded_and_played(self):
        server = mailchimp.serve()
        for number in range(1200):  # two pages
            server.system.add({"email_address": f"anna{number}@klant.nl", "merge_fields": {"FNAME": "Anna"}})
        first = self.make(server.address)
        tape = first.folder / "tape.jsonl"
        report = json.loads(first.rondom("--record", tape, "-o", "json", "run", "--all", expect=0, environment=SECRET).stdout)
        self.assertEqual(1200, report["profiles"]["total"])
        self.assertEqual(0o600, stat.S_IMODE(tape.stat().st_mode))
        text = tape.read_text(encoding="utf-8")
        self.assertGreater(len(text.splitlines()), 2)
        for word in (mailchimp.API_KEY, "klant.nl"):
            self.assertNotIn(word, text)
        again = first.rondom("--record", tape, "run", "--all", expect=2, environment=SECRET)
        self.assertIn(b"is there already", again.stderr)
        server.shutdown()
        server.server_close()

        # Neither the real store nor what analysts read is touched by what comes from a cassette, with other addresses.
        before = first.export()
        with open(first.folder / "rondom.yaml", "a", encoding="utf-8") as settings:
            settings.write("views: { sqlite: analysts/shop.db }\n")
        first.rondom("--play", tape, "run", "--all", expect=0, environment=SECRET)
        self.assertEqual(before, first.export())
        self.assertFalse((first.folder / "analysts").exists())
        self.assertIn(b"anna7@klant.nl", before)

        second = self.make(server.address)
        report = json.loads(second.rondom("--play", tape, "-o", "json", "run", "--all", expect=0, environment=SECRET).stdout)
        self.assertEqual(1200, report["profiles"]["total"])
        played = second.rondom("--play", tape, "profile", "export", "-o", "jsonl", expect=0, environment=SECRET).stdout
        self.assertIn(b"person-1@example.com", played)
        self.assertFalse((second.folder / "var/rondom.db").exists())
        # The cassette has been played to its end, and what was not asked before has no answer.
        result = second.rondom("--play", tape, "check", environment=SECRET)
        self.assertIn(b"the cassette has no answer to this request", result.stdout + result.stderr)

    def test_what_no_cassette_answers_is_captured(self):
        project = self.make("http://127.0.0.1:9")
        (project.folder / "tape").write_text('{"cassette":1}\n')
        rondom = project.folder / "rondom.yaml"
        plain = rondom.read_text() + ("  files: { connector: file, config: { path: out } }\n"
                                      "  crm: { connector: file, config: { path: data } }\n"
                                      "purposes: { news: { channel: email, legal_basis: contract } }\n")
        project.write("data/people.jsonl", '{"id": "1", "email": "anna@example.com"}\n')
        project.write("jobs/crm.yaml", """
            job: crm
            source: crm
            streams:
              - { stream: people, options: { path: people.jsonl }, entity: person, key: .id, map: { email: .email } }
            """)
        project.write("jobs/files.yaml", """
            job: files
            destination: files
            purpose: news
            map: { email: .permitted.email }
            """)
        for deliver in ("", "deliver: capture\n", "deliver: send\n"):
            with self.subTest(deliver):
                rondom.write_text(plain + deliver)
                played = ("--play", project.folder / "tape")
                report = json.loads(project.rondom(*played, "-o", "json", "run", "crm", "files", expect=0,
                                                   environment=SECRET).stdout)
                sent = next(job["deliveries"] for job in report["jobs"] if job["job"] == "files")
                self.assertEqual((1, "var/played/files-*.jsonl"), (sent["created"], sent.get("captured_to")))
                self.assertEqual([], list((project.folder / "out").glob("*")))
                self.assertEqual(1, len(list((project.folder / "var/played").glob("files-*.jsonl"))))
                planned = json.loads(project.rondom(*played, "-o", "json", "plan", "files", environment=SECRET).stdout)
                self.assertEqual(1, planned["jobs"][0]["held"])

    def test_tokens_of_a_cassette_are_none(self):
        server = hubspot.serve()
        self.addCleanup(server.server_close)
        self.addCleanup(server.shutdown)
        server.system.add("contacts", {"email": "anna@example.com"})
        project = Project(self)
        project.write("rondom.yaml", f"""
            project: shop
            secrets: [env]
            connections:
              crm: {{ connector: hubspot, config: {{ url: "{server.address}", client_id: {hubspot.CLIENT[0]}, client_secret: "${{secret:A}}", refresh_token: "${{secret:B}}" }} }}
            """)
        secrets = {"RONDOM_SECRET_A": hubspot.CLIENT[1], "RONDOM_SECRET_B": "first-refresh-token"}
        tape = project.folder / "tape.jsonl"
        project.rondom("--record", tape, "check", expect=0, environment=secrets)
        for word in secrets.values():
            self.assertNotIn(word, tape.read_text(encoding="utf-8"))
        kept = project.folder / "var/tokens/crm.json"
        before = kept.read_bytes() if kept.exists() else None
        project.rondom("--play", tape, "check", expect=0, environment=secrets)
        self.assertEqual(before, kept.read_bytes() if kept.exists() else None)

    def test_one_of_the_two(self):
        project = self.make("http://127.0.0.1:9")
        project.rondom("--play", "a", "--record", "b", "check", expect=2, environment=SECRET)
        missing = project.rondom("--play", "a", "check", expect=2, environment=SECRET)
        self.assertIn(b"the cassette a cannot be read", missing.stderr)


if __name__ == "__main__":
    unittest.main()
