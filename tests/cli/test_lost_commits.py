"""The newest commits of a store are lost, after what they held was sent: the destination ends as the sources say all the same.

A reader keeps the store's log from being copied into its file, so that a whole run stands in the log alone; then the log is
cut at several places, and the run that follows has to put everything right.
"""
import collections
import contextlib
import json
import os
import shutil
import sqlite3
import sys
import unittest

from project import jsonl, people_project

CUTS = int(os.environ.get("RONDOM_LOST_CUTS", "3"))  # places at which the log is cut, from its very beginning to its end, which is no cut
HEADER, PAGE = 32, 8192
FRAME = PAGE + 24


def person(name, changed, given="Anna"):
    return {"id": name, "given": given, "surname": f"Bakker{name}", "email": f"{name}@example.com", "phone": "", "birth": "",
            "changed": f"2026-01-{changed:02}T10:00:00Z"}


BEFORE = [person("still", 1), person("updated", 1), person("deleted", 1), person("returned", 1)]
# Sent in commits that are lost: one changed, one new, one gone, one changed for a while, one there for a while.
BETWEEN = [person("still", 1), person("updated", 2, "Bo"), person("inserted", 2), person("returned", 2, "Cas"),
           person("passing", 2)]
AFTER = [person("still", 1), person("updated", 2, "Bo"), person("inserted", 2), person("returned", 3)]


class LostCommits(unittest.TestCase):
    maxDiff = None

    def prepared(self, options, destination="file"):
        project = people_project(self, destination=destination, mode="full")
        (project.folder / "jobs/shop.yaml").unlink()
        mail = project.folder / "jobs/mail.yaml"
        text = mail.read_text().replace("after: [crm, shop]", "after: [crm]").replace("on_leave: keep", "on_leave: delete")
        mail.write_text(text.replace("map:\n", f"options: {options}\nmap:\n") if options else text)
        if not options:  # this one cannot delete
            mail.write_text(text.replace("on_leave: delete", "on_leave: leave_segment"))
        return project

    def source(self, project, rows):
        (project.folder / "data/crm/people.jsonl").write_text(jsonl(rows), encoding="utf-8")

    def sent_and_forgotten(self, options, destination="file"):
        """A project and, for each cut, what it does with itself so that it stands there with its log cut."""
        project = self.prepared(options, destination)
        self.source(project, BEFORE)
        project.run_json()
        self.source(project, BETWEEN)
        state, kept = project.folder / "var", project.folder / "kept"
        with contextlib.closing(sqlite3.connect(state / "rondom.db", isolation_level=None)) as reader:
            reader.execute("BEGIN")
            reader.execute("SELECT count(*) FROM value").fetchone()
            project.run_json()
            kept.mkdir()
            shutil.copytree(state, kept / "var")
            shutil.copytree(project.folder / "out", kept / "out")
        self.source(project, AFTER)
        log = (kept / "var/rondom.db-wal").read_bytes()
        frames = (len(log) - HEADER) // FRAME
        self.assertGreater(frames, 3 * CUTS)
        for cut in range(CUTS):
            for name in ("var", "out"):
                shutil.rmtree(project.folder / name)
                shutil.copytree(kept / name, project.folder / name)
            (state / "rondom.db-shm").unlink(missing_ok=True)
            at = frames * cut // (CUTS - 1) * FRAME + (HEADER if cut else 0)
            (state / "rondom.db-wal").write_bytes(log[:at])
            print(f"cut {cut}: at {at} of {len(log)}", file=sys.stderr)
            yield project

    def held(self, project):
        """What whoever follows all files of changes in their order has; a snapshot is such a file."""
        people = {}
        for file in sorted((project.folder / "out").glob("*.jsonl"), key=lambda file: file.stem):
            for line in file.read_text(encoding="utf-8").splitlines():
                row = json.loads(line)
                if row.get("operation", "create") in ("create", "update"):
                    people.setdefault(row["key"], {}).update({name: row[name] for name in ("email", "name") if name in row})
                else:
                    people.pop(row["key"], None)
        return sorted((one["email"], one["name"]) for one in people.values())

    def put_right(self, project):
        """Whether it was said that something was lost."""
        expected = sorted((row["email"], row["given"]) for row in AFTER)
        report = project.run_json(expect=0)
        self.assertEqual(self.held(project), expected)
        project.rondom("store", "verify", expect=0)
        again = project.run_json(expect=0)["jobs"]
        self.assertEqual([job.get("warnings", []) for job in again], [[], []])
        self.assertEqual(self.held(project), expected)
        deliveries = again[1]["deliveries"]
        self.assertEqual((deliveries["created"], deliveries["updated"], deliveries["removed"], deliveries["unknown"]), (0, 0, 0, 0))
        self.assertEqual([file.name for file in (project.folder / "var").glob("*-sent*")], [], "it grows")
        return any("lost its newest commits" in said for job in report["jobs"] for said in job.get("warnings", []))

    def check(self, told):
        """Told as long as a commit is lost after which something was sent, and no longer."""
        self.assertEqual(len(told), CUTS)
        self.assertEqual((told[0], told[-1]), (True, False))
        self.assertEqual(told, sorted(told, reverse=True))

    def test_a_destination_that_holds_the_set(self):
        self.check([self.put_right(project) for project in self.sent_and_forgotten("{ path: ., name: people, snapshot: true }")])

    def test_a_destination_that_gets_changes(self):
        self.check([self.put_right(project) for project in self.sent_and_forgotten("{ path: . }")])

    def test_one_that_can_neither_be_asked_nor_told_twice(self):
        told = []
        for project in self.sent_and_forgotten("", "ledger"):
            report = project.run_json(expect=(0, 3))
            lines = (project.folder / "out/ledger.txt").read_text().splitlines()
            created = collections.Counter(line for line in lines if line.startswith("create "))
            self.assertEqual((len(created), set(created.values())), (6, {1}), "somebody was made twice, or not at all")
            told.append(any("lost its newest commits" in said for job in report["jobs"] for said in job.get("warnings", [])))
            # What nobody can find out is for somebody to look at.
            self.assertEqual(report["jobs"][1]["deliveries"]["unknown"] > 0, told[-1])
        self.check(told)

    def test_nobody_is_taken_out_before_the_sources_were_read(self):
        project = next(self.sent_and_forgotten("{ path: ., name: people, snapshot: true }"))
        sent = self.held(project)
        said = project.run_json("mail")["jobs"][0]["warnings"]
        self.assertIn("wait until every source was read again", " ".join(said))
        self.assertTrue({one[0] for one in sent} <= {one[0] for one in self.held(project)} | {"deleted@example.com"})
        self.assertIn("inserted@example.com", {one[0] for one in self.held(project)})
        self.put_right(project)


if __name__ == "__main__":
    unittest.main()
