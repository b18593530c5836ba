"""A job or connection that is called otherwise goes on where it was: nothing is read or sent again."""
import fcntl
import json
import re
import sqlite3
import unittest

from project import Project, jsonl, people_project
from service import Service

PEOPLE = [{"id": f"c{i}", "given": "Anna", "surname": f"Bakker{i}", "email": f"anna{i}@example.com", "phone": "",
           "birth": "", "changed": "2026-01-01T10:00:00Z"} for i in range(30)]


class Rename(unittest.TestCase):
    maxDiff = None

    def prepared(self):
        project = people_project(self)
        settings = project.folder / "rondom.yaml"
        settings.write_text(settings.read_text() + "serve: { listen: none }\n")
        for source in ("crm", "shop"):
            rows = [dict(row, id=f"{source}-{row['id']}") for row in PEOPLE]
            (project.folder / f"data/{source}/1.jsonl").write_text(jsonl(rows), encoding="utf-8")
        project.run_json()
        return project

    @staticmethod
    def replace(project, file, *changes):
        path = project.folder / file
        text = path.read_text()
        for before, now in changes:
            assert before in text, before
            text = text.replace(before, now)
        path.write_text(text)

    @staticmethod
    def ids(project):
        return sorted(json.loads(project.rondom("profile", "find", "-o", "json", row["email"], expect=0).stdout)[0]["profile"]
                      for row in PEOPLE[:5])

    @staticmethod
    def moved(report):
        """Whatever a run read or sent anew."""
        out = {}
        for job in report["jobs"]:
            for stream in job["streams"]:
                out.update({(job["job"], name): stream[name] for name in ("read", "new", "changed") if stream[name]})
            sent = job["deliveries"] or {}
            out.update({(job["job"], name): sent[name] for name in ("created", "updated", "removed") if sent.get(name)})
        for name in ("created", "changed", "merged", "split", "retired"):
            if report["profiles"][name]:
                out["profiles", name] = report["profiles"][name]
        return out

    def rename_jobs(self, project):
        self.replace(project, "jobs/crm.yaml", ("job: crm", "job: sales\nfresh_within: 1d"))
        self.replace(project, "jobs/mail.yaml", ("job: mail", "job: letters"), ("[crm, shop]", "[sales, shop]"))

    def test_jobs(self):
        project = self.prepared()
        ids, runs = self.ids(project), json.loads(project.rondom("-o", "json", "runs", expect=0).stdout)
        self.assertEqual(self.moved(project.run_json()), {})
        self.rename_jobs(project)
        said = json.loads(project.rondom("-o", "json", "state", "rename", "crm", "sales", expect=0).stdout)
        self.assertEqual(said, {"streams": 1, "checkpoints": 1, "destinations": 0, "referring": 0})
        stream, = json.loads(project.rondom("-o", "json", "status", expect=0).stdout)["streams"]
        self.assertEqual((stream["job"], stream["stale"]), ("sales", False))
        self.assertIn(b"letters", project.rondom("state", "rename", "mail", "letters", expect=0).stdout)
        report = project.run_json(expect=0)
        self.assertEqual(self.moved(report), {})
        self.assertEqual([job["job"] for job in report["jobs"]], ["sales", "shop", "letters"])
        self.assertEqual([job.get("warnings") for job in report["jobs"]], [None] * 3)
        self.assertEqual(report["jobs"][2]["deliveries"]["unchanged"], 30)
        self.assertEqual(self.ids(project), ids)
        after = json.loads(project.rondom("-o", "json", "runs", expect=0).stdout)
        self.assertEqual([one["run"] for one in after[-len(runs):]], [one["run"] for one in runs])
        self.assertEqual({job["job"] for one in after for job in one["jobs"]}, {"sales", "shop", "letters"})
        self.assertIn("crm sales", (project.folder / "var/audit.jsonl").read_text())
        project.rondom("audit", "verify", expect=0)
        project.rondom("store", "verify", expect=0)
        self.assertNotIn(b"rename", project.rondom("doctor").stdout)

    def test_without_it_everything_is_sent_again(self):
        project = self.prepared()
        self.rename_jobs(project)
        hint = b"rondom state rename crm sales"
        self.assertIn(hint, project.rondom("doctor").stdout)
        planned = project.rondom("plan", expect=4)
        self.assertIn(b"rondom state rename mail letters", planned.stderr)
        report = project.run_json("letters", expect=0)
        self.assertEqual(self.moved(report), {("letters", "created"): 30})
        self.assertIn("rondom state rename mail letters", report["jobs"][0]["warnings"][0])
        # What reads is not let at another's stream; what has sent of its own gives nothing up.
        failed = project.run_json("sales", expect=78)
        self.assertIn("rondom state rename crm sales", failed["jobs"][0]["warnings"][0])
        refused = project.rondom("state", "rename", "mail", "letters", expect=2)
        self.assertIn(b"has read or sent something of its own", refused.stderr)
        project.rondom("state", "rename", "crm", "sales", expect=0)
        self.assertEqual(self.moved(project.run_json("sales", expect=0)), {})

    def test_a_connection(self):
        project = self.prepared()
        self.referring(project)
        ids = self.ids(project)
        changes = [("crm: {", "sales: {")]
        self.replace(project, "rondom.yaml", *changes)
        self.replace(project, "jobs/crm.yaml", ("source: crm", "source: sales"))
        self.replace(project, "jobs/visits.yaml", ("crm.people", "sales.people"))
        self.assertIn(b"rondom state rename crm sales --connection", project.rondom("doctor").stdout)
        said = json.loads(project.rondom("-o", "json", "state", "rename", "crm", "sales", "--connection", expect=0).stdout)
        self.assertEqual(said, {"streams": 1, "checkpoints": 0, "destinations": 0, "referring": 10})
        report = project.run_json(expect=0)
        self.assertEqual(self.moved(report), {})
        for job in report["jobs"]:
            self.assertNotIn("remapped", job, "the map says the same")
        self.assertEqual(report["profiles"]["waiting"], 0)
        self.assertEqual(self.ids(project), ids)
        shown = project.rondom("profile", "show", "sales.people/crm-c1", expect=0).stdout
        self.assertIn(b"sales.people/crm-c1", shown)
        self.assertNotIn(b" crm.people", shown)
        project.rondom("store", "verify", expect=0)
        # Also what comes now is told apart: a changed row is a changed row.
        (project.folder / "data/crm/2.jsonl").write_text(jsonl(
            [dict(PEOPLE[0], id="crm-c0", given="Annelies", changed="2026-02-01T10:00:00Z")]), encoding="utf-8")
        self.assertEqual(self.moved(project.run_json("crm"))["crm", "changed"], 1)
        self.assertEqual(self.ids(project), ids)

    def test_a_connection_that_is_not_renamed_is_read_anew(self):
        project = self.prepared()
        self.replace(project, "rondom.yaml", ("crm: {", "sales: {"))
        self.replace(project, "jobs/crm.yaml", ("source: crm", "source: sales"))
        (project.folder / "data/crm/2.jsonl").write_text(jsonl([dict(PEOPLE[0], id="crm-c99")]), encoding="utf-8")
        report = project.run_json("crm", expect=0)
        self.assertEqual(self.moved(report)["crm", "new"], 1)
        self.assertIn("rondom state rename crm sales --connection", report["jobs"][0]["warnings"][0])

    def referring(self, project):
        """Orders of another source, whose raw rows are not kept."""
        project.write("jobs/visits.yaml", """
            job: visits
            source: shop
            streams:
              - stream: visits
                options: { path: "visits/*.jsonl", mode: append }
                entity: event
                key: .id
                map:
                  party: { to: crm.people, key: .who }
                  type: page_view
                  at: .at
            """)
        (project.folder / "data/visits").mkdir()
        (project.folder / "data/visits/1.jsonl").write_text(jsonl(
            [{"id": f"v{i}", "who": f"crm-c{i}", "at": "2026-01-01T10:00:00Z"} for i in range(10)]), encoding="utf-8")
        self.assertEqual(project.run_json("visits")["profiles"]["waiting"], 0)

    def test_the_project_may_come_later(self):
        """Renamed first, nothing runs under the old name until the project says the new one too."""
        project = self.prepared()
        project.rondom("state", "rename", "mail", "letters", expect=0)
        project.rondom("state", "rename", "crm", "sales", expect=0)
        report = project.run_json(expect=5)
        stopped = {job["job"]: job for job in report["jobs"]}
        self.assertEqual({name: job["status"] for name, job in stopped.items()},
                         {"crm": "guarded", "shop": "done", "mail": "guarded"})
        self.assertIn("is called letters in the store", stopped["mail"]["error"])
        self.assertEqual(self.moved(report), {})
        self.rename_jobs(project)
        self.assertEqual(self.moved(project.run_json(expect=0)), {})
        # Another job with an old name is one of its own.
        text = (project.folder / "jobs/mail.yaml").read_text()
        project.write("jobs/second.yaml", text.replace("job: letters", "job: mail"))
        self.assertEqual(self.moved(project.run_json("mail", expect=0)), {("mail", "created"): 30})

    def test_an_old_name_is_accepted(self):
        project = self.prepared()
        project.rondom("state", "rename", "mail", "letters", expect=0)
        stopped = project.run_json("mail", expect=5)["jobs"][0]
        report = project.run_json("mail", "--accept", stopped["accept"], expect=0)
        self.assertEqual(self.moved(report), {("mail", "created"): 30})
        self.assertEqual(self.moved(project.run_json("mail", expect=0)), {})

    def test_names_that_say_nothing(self):
        project = self.prepared()
        for words, why in ((("crm", "crm"), b"already"), (("crm", "shop"), b"has both"), (("crm", "mail"), b"has both"),
                           (("nobody", "nothing"), b"no job"), (("crm", "sales", "--connection", "x"), b"")):
            self.assertIn(why, project.rondom("state", "rename", *words, expect=2).stderr)
        before = project.export()
        with open(project.folder / "var/rondom.db.lock", "r+", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            project.rondom("state", "rename", "crm", "sales", expect=75)
        with sqlite3.connect(project.folder / "var/rondom.db") as store:
            self.assertEqual(store.execute("SELECT DISTINCT job FROM stream ORDER BY 1").fetchall(), [("crm",), ("shop",)])
        store.close()
        self.assertEqual(before, project.export())

    def test_through_the_service(self):
        project = self.prepared()
        service = Service(self, project)
        service.wait_for("service.started")
        project.rondom("pause", "mail", expect=0)
        self.rename_jobs(project)
        project.rondom("state", "rename", "mail", "letters", expect=0)
        project.rondom("state", "rename", "crm", "sales", expect=0)
        project.rondom("reload", expect=0)
        status = project.rondom("status", expect=0).stdout.decode()
        self.assertRegex(status, r"letters .*paused")
        self.assertNotIn("mail ", status)
        project.rondom("resume", "letters", expect=0)
        project.rondom("trigger", "letters", expect=0)
        self.assertEqual(service.wait_for("job.finished", job="letters").words["status"], "done")
        self.assertEqual(self.moved(json.loads(project.rondom("-o", "json", "runs", expect=0).stdout)[0]), {})
        audited = (project.folder / "var/audit.jsonl").read_text()
        self.assertTrue(re.search(r"command state rename.*crm sales", audited), audited)
        project.rondom("audit", "verify", expect=0)

    def test_what_a_service_remembers_while_it_is_down(self):
        project = self.prepared()
        service = Service(self, project)
        service.wait_for("service.started")
        project.rondom("pause", "mail", expect=0)
        service.end()
        self.rename_jobs(project)
        project.rondom("state", "rename", "mail", "letters", expect=0)
        kept = json.loads((project.folder / "var/service.json").read_text())["jobs"]
        self.assertTrue(kept["letters"]["paused"])
        self.assertNotIn("mail", kept)

    def test_what_a_connector_keeps_goes_along(self):
        project = self.prepared()
        kept = project.folder / "var/state/none"
        kept.mkdir(parents=True)
        (kept / "mail-0123abcd.json").write_text('{"batch": "7"}')
        (kept / "mail-two-0123abcd.json").write_text("{}")
        self.rename_jobs(project)
        project.rondom("state", "rename", "mail", "letters", expect=0)
        self.assertEqual(sorted(path.name for path in kept.iterdir()), ["letters-0123abcd.json", "mail-two-0123abcd.json"])
        self.assertEqual((kept / "letters-0123abcd.json").read_text(), '{"batch": "7"}')


if __name__ == "__main__":
    unittest.main()
