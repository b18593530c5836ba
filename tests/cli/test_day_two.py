"""Day two: doctor says what will go wrong, a backup comes back, and what was read can be read again."""
import contextlib
import json
import os
import shutil
import sqlite3
import subprocess
import unittest

from project import PrivatePostgresql, Project, jsonl, people_project
from service import Service


class DayTwo(unittest.TestCase):
    maxDiff = None

    def prepared(self):
        project = people_project(self)
        settings = project.folder / "rondom.yaml"
        settings.write_text(settings.read_text() + "serve: { listen: none }\n")
        self.more(project, 0, 30)
        project.run_json()
        return project

    @staticmethod
    def more(project, begin, end):
        rows = [{"id": f"c{i}", "given": "Anna", "surname": f"Bakker{i}", "email": f"anna{i}@example.com", "phone": "",
                 "birth": "", "changed": "2026-01-01T10:00:00Z"} for i in range(begin, end)]
        (project.folder / f"data/crm/{begin}.jsonl").write_text(jsonl(rows), encoding="utf-8")

    @staticmethod
    def findings(project, expect=0):
        said = json.loads(project.rondom("-o", "json", "doctor", expect=expect).stdout)["findings"]
        for one in said:
            assert one["what"] and one["why"] and one["cure"], one
        return {(one["check"], one["stops_work"]): one["what"] for one in said}

    def test_a_sound_project(self):
        project = self.prepared()
        self.assertEqual(self.findings(project), {})
        self.assertIn(b"nothing", project.rondom("doctor", expect=0).stdout)

    def test_a_certificate_that_ends_is_named_before_it_does(self):
        project = self.prepared()
        settings = project.folder / "rondom.yaml"
        settings.write_text(settings.read_text().replace(
            "listen: none", "listen: 127.0.0.1:9, tls: { certificate: tls.pem, key: tls-key.pem }"))

        def made(days, key="tls-key.pem"):
            subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                            "-days", str(days), "-subj", "/CN=rondom.example", "-keyout", project.folder / key,
                            "-out", project.folder / "tls.pem"], check=True, capture_output=True)
            (project.folder / key).chmod(0o600)
        made(40)
        self.assertEqual(self.findings(project), {})
        made(20)
        self.assertRegex(self.findings(project)[("certificate", False)], "^tls.pem ends at 20")
        made(40, "another-key.pem")
        self.assertIn("belongs to another", self.findings(project, expect=1)[("certificate", True)])
        (project.folder / "tls.pem").unlink()
        self.assertIn("no certificate", self.findings(project, expect=1)[("certificate", True)])

    def test_secrets_are_named_with_their_places(self):
        project = Project(self)
        project.write("rondom.yaml", """
            project: shop
            defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
            secrets: ["file:secrets", env]
            connections:
              mail: { connector: mailchimp, config: { url: "http://127.0.0.1:9", user: any, api_key: "${secret:MAIL}" } }
              more: { connector: mailchimp, config: { url: "http://127.0.0.1:9", user: any, api_key: "${secret:MAIL}" } }
              crm: { connector: mailchimp, config: { url: "http://127.0.0.1:9", user: any, api_key: "${secret:crm-key}" } }
            """)

        def said(expect, **environment):
            out = project.rondom("-o", "json", "secret", "check", expect=expect, environment=environment)
            return {one["secret"]: (one["used_by"], one["place"], one["problem"]) for one in json.loads(out.stdout)}
        missing = "secret crm-key is not in file:secrets, env (RONDOM_SECRET_CRM_KEY)"
        self.assertEqual(said(78, RONDOM_SECRET_MAIL="open-sesame"),
                         {"MAIL": (["mail", "more"], "env RONDOM_SECRET_MAIL", ""), "crm-key": (["crm"], "", missing)})
        project.write("secrets/crm-key", "let-me-in-now")
        os.chmod(project.folder / "secrets/crm-key", 0o644)
        self.assertIn("chmod 600", said(78, RONDOM_SECRET_MAIL="open-sesame")["crm-key"][2])
        os.chmod(project.folder / "secrets/crm-key", 0o600)
        self.assertEqual(said(0, RONDOM_SECRET_MAIL="open-sesame")["crm-key"], (["crm"], "file:secrets/crm-key", ""))
        self.assertIn("is empty", said(78, RONDOM_SECRET_MAIL="")["MAIL"][2])
        text = project.rondom("secret", "check", expect=0, environment={"RONDOM_SECRET_MAIL": "open-sesame"}).stdout
        self.assertIn(b"env RONDOM_SECRET_MAIL", text)
        settings = project.folder / "rondom.yaml"
        settings.write_text(settings.read_text() + """
views: { postgresql: "host=127.0.0.1 password=${secret:VIEWS}" }
notify:
  to:
    chat: { webhook: "http://127.0.0.1:9/${secret:HOOK}", signing_secret: "${secret:SIGN}" }
""")
        found = said(78, RONDOM_SECRET_MAIL="open-sesame", RONDOM_SECRET_HOOK="hook-of-chat")
        self.assertEqual({name: found[name][0] for name in ("VIEWS", "HOOK", "SIGN")},
                         {"VIEWS": ["views"], "HOOK": ["notify chat"], "SIGN": ["notify chat"]})
        self.assertEqual(found["HOOK"][1:], ("env RONDOM_SECRET_HOOK", ""))
        self.assertIn("secret SIGN is not in", found["SIGN"][2])
        self.assertEqual(self.prepared().rondom("secret", "check", expect=0).stdout, b"the project names no secrets\n")

    def test_what_is_wrong_is_found(self):
        project = self.prepared()
        database, state = project.folder / "var/rondom.db", project.folder / "var"

        def alone(check, stops, expect):
            found = self.findings(project, expect)
            self.assertEqual(set(found), {(check, stops)})
            return found[check, stops]
        os.chmod(database, 0o644)
        self.assertIn("rondom.db", alone("files", False, 0))
        os.chmod(database, 0o600)
        os.chmod(state, 0o777)
        self.assertIn("others may write", alone("files", False, 0))
        os.chmod(state, 0o755)
        (state / "rondom.db.lock").write_text("rondom, process 1")
        self.assertIn("process 1", alone("lock", False, 0))
        (state / "rondom.db.lock").write_text("")
        project.rondom("token", "create", "soon", "--scope", "read", "--expires", "3d", expect=0)
        project.rondom("token", "create", "late", "--scope", "read", "--expires", "90d", expect=0)
        self.assertIn("soon ends in 2 days", alone("tokens", False, 0))
        project.rondom("token", "revoke", "soon", expect=0)
        self.assertEqual(self.findings(project), {})
        (project.folder / "data").rename(project.folder / "elsewhere")
        self.assertIn(("connections", True), self.findings(project, 1))
        (project.folder / "elsewhere").rename(project.folder / "data")
        with sqlite3.connect(database) as store:
            store.execute("UPDATE run SET started_at = started_at + 86400000000")
        store.close()
        self.assertIn("the last run was at", alone("clock", True, 1))
        with sqlite3.connect(database) as store:
            store.execute("UPDATE schema_version SET number = 9999 WHERE number = (SELECT max(number) FROM schema_version)")
        store.close()
        self.assertIn("newer", self.findings(project, 1)["store", True])
        database.write_bytes(b"this is no database" * 1000)
        for side in ("-wal", "-shm"):
            (state / f"rondom.db{side}").unlink(missing_ok=True)
        self.assertIn(("store", True), self.findings(project, 1))

    def test_how_long_the_disk_lasts(self):
        project = self.prepared()
        for _ in range(2):
            project.run_json()

        def told(records, days):
            report = json.dumps({"jobs": [{"streams": [{"new": records, "changed": 0}, {"new": 1, "changed": 1}]}]})
            with sqlite3.connect(project.folder / "var/rondom.db") as store:
                store.execute("UPDATE run SET report = ?, started_at = ended_at - ?", (report, days * 86_400_000_000))
            store.close()
            return self.findings(project).get(("disk", False), "")
        self.assertEqual(told(1, 3), "")
        self.assertIn("full in 0 days", told(10 ** 12, 3))
        self.assertEqual(told(10 ** 12, 0), "", "an hour is no pace")

    def test_a_backup_comes_back(self):
        project = self.prepared()
        before, kept = project.export(), project.folder / "kept.db"
        said = json.loads(project.rondom("-o", "json", "store", "backup", kept, expect=0).stdout)
        self.assertEqual(said, {"backup": str(kept)})
        self.assertEqual(kept.stat().st_mode & 0o777, 0o600)
        self.assertEqual(sorted(path.name for path in project.folder.glob("kept*")), ["kept.db"])
        project.rondom("store", "backup", kept, expect=2)  # none is replaced
        self.more(project, 30, 60)
        project.run_json()
        after = project.export()
        self.assertNotEqual(before, after)
        (project.folder / "var/rondom.db").write_bytes(b"damaged")
        for side in ("-wal", "-shm"):
            (project.folder / f"var/rondom.db{side}").unlink(missing_ok=True)
        restored = json.loads(project.rondom("-o", "json", "store", "restore", kept, expect=0).stdout)
        with open(restored["aside"], "rb") as aside:
            self.assertEqual(aside.read(), b"damaged")
        self.assertEqual(before, project.export())
        project.rondom("store", "verify", expect=0)
        project.run_json()  # what came since is read again
        self.assertEqual(after, project.export())

    def test_an_older_store_is_brought_up(self):
        project = self.prepared()
        store = project.folder / "var/rondom.db"
        before = project.export()

        def make_older():
            with contextlib.closing(sqlite3.connect(store)) as database, database:
                newest, = database.execute("SELECT max(number) FROM schema_version").fetchone()
                database.execute("DELETE FROM schema_version WHERE number = ?", (newest,))
            return newest

        newest = make_older()
        self.assertIn(f"schema {newest - 1}", project.rondom("profile", "export", expect=None).stderr.decode())
        kept = project.folder / "kept.db"
        project.rondom("store", "backup", kept, expect=0)  # before anything is done to it
        migrated = project.rondom("-o", "json", "store", "migrate", expect=0)
        self.assertEqual(json.loads(migrated.stdout), {"schema": newest})
        copy = project.folder / f"var/rondom.db.schema-{newest - 1}"
        self.assertIn(str(copy), migrated.stderr.decode())
        self.assertEqual(copy.stat().st_mode & 0o777, 0o600)
        self.assertEqual(before, project.export())
        self.assertNotIn("schema-", project.rondom("store", "migrate", expect=0).stderr.decode())
        for older in (kept, copy):
            project.rondom("store", "restore", older, expect=0)
            project.run_json()  # brings it up, and says so
            self.assertEqual(before, project.export())
        make_older()
        project.rondom("plan", "crm", expect=None)  # in a copy, of which nothing is kept
        self.assertEqual([copy], [path for path in (project.folder / "var").glob("*schema-*")])

    def test_a_store_in_postgresql_is_left_to_its_own_tools(self):
        server = PrivatePostgresql(self)
        project = self.prepared()
        settings = project.folder / "rondom.yaml"
        settings.write_text(settings.read_text().replace("sqlite: var/rondom.db",
                                                         f'postgresql: "{server.database("people")}"'))
        project.run_json()
        before, kept = project.export(), project.folder / "kept.db"
        for verb, tool in (("backup", "pg_dump"), ("restore", "pg_restore or psql")):
            kept.write_bytes(b"") if verb == "restore" else None
            refused = project.rondom("-o", "json", "store", verb, kept, expect=1)
            said = json.loads(refused.stdout)["error"]
            self.assertEqual((said["code"], said["exit_code"]), ("unsupported", 1))
            self.assertIn("this store is in PostgreSQL, whose own tools ", said["message"])
            self.assertIn(tool, said["message"])
            self.assertEqual(kept.exists(), verb == "restore")
        self.assertEqual(kept.read_bytes(), b"")
        self.assertEqual(project.export(), before)
        # And they do: what they wrote down is a store again.
        dump = server.folder / "dump"
        server.call("pg_dump", "-h", server.folder, "-U", "rondom", "-Fc", "-f", dump, "people")
        self.more(project, 30, 60)
        project.run_json()
        self.assertNotEqual(project.export(), before)
        server.call("pg_restore", "-h", server.folder, "-U", "rondom", "--clean", "-d", "people", dump)
        self.assertEqual(project.export(), before)
        project.rondom("store", "verify", expect=0)

    def test_a_damaged_backup_replaces_nothing(self):
        project = self.prepared()
        kept = project.folder / "kept.db"
        project.rondom("store", "backup", kept, expect=0)
        before = project.export()
        whole = kept.read_bytes()
        for damaged in (b"no database" * 999, whole[:len(whole) // 2], b""):
            kept.write_bytes(damaged)
            said = project.rondom("store", "restore", kept, expect=1).stderr.decode()
            self.assertIn(f"{kept} is damaged, or no backup of a store; the store is as it was", said)
            self.assertEqual(before, project.export())
        project.rondom("store", "restore", project.folder / "nothing.db", expect=2)
        project.rondom("store", "restore", project.folder / "var/rondom.db", expect=2)
        self.assertEqual([], list((project.folder / "var").glob("*restored*")))

    def test_while_an_engine_is_at_work(self):
        project = self.prepared()
        service = Service(self, project)
        service.wait_for("service.started")
        project.rondom("trigger", "crm", expect=0)
        engine = service.held("crm")
        project.rondom("store", "backup", project.folder / "kept.db", expect=0)
        shutil.copy(project.folder / "kept.db", project.folder / "other.db")
        engine.go_on()
        service.wait_for("job.finished", job="crm")
        project.rondom("store", "restore", project.folder / "other.db", expect=0)  # between two runs

    def test_what_was_read_is_read_again(self):
        project = self.prepared()
        shown = json.loads(project.rondom("-o", "json", "state", "show", "crm", expect=0).stdout)
        self.assertEqual([(one["job"], one["stream"]) for one in shown], [("crm", "people")])
        self.assertTrue(json.loads(shown[0]["state"]))
        exported = project.rondom("state", "export", expect=0).stdout
        self.assertIn(shown[0], json.loads(exported))
        self.assertIn(b"people", project.rondom("state", "show", expect=0).stdout)
        self.assertEqual(project.run_json("crm")["jobs"][0]["streams"][0]["read"], 0)
        refused = project.rondom("state", "reset", "crm", expect=2)
        self.assertIn(b"--yes", refused.stderr)
        self.assertEqual(exported, project.rondom("state", "export", expect=0).stdout)
        reset = json.loads(project.rondom("-o", "json", "state", "reset", "crm", "--yes", expect=0).stdout)
        self.assertEqual(reset, {"reset": 1})
        self.assertEqual(json.loads(project.rondom("-o", "json", "state", "show", "crm", expect=0).stdout), [])
        stream = project.run_json("crm")["jobs"][0]["streams"][0]
        self.assertEqual((stream["read"], stream["unchanged"]), (30, 30))
        project.rondom("state", "reset", "nobody", "--yes", expect=2)


if __name__ == "__main__":
    unittest.main()
