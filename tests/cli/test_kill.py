"""Kill any process at any instant: the next run ends where an uninterrupted one ends.

RONDOM_KILLS (default 20) kills are spread over every point at which the engine or the plugin host
changes something outside itself, found by counting them in one uninterrupted run.
"""
import collections
import json
import os
import random
import signal
import unittest

from project import BUILD, KILLER, Project, jsonl, make_people, people_project

KILLS = int(os.environ.get("RONDOM_KILLS", "20"))
SEED = int(os.environ.get("RONDOM_KILL_SEED", "7"))
COUNT = 300
BATCH = "64"
RERUNS_MAX = 3


class Kill(unittest.TestCase):
    def prepared(self, destination):
        project = people_project(self, destination=destination, mode="full")
        crm, shop = make_people(COUNT, SEED)
        project.write("data/crm/a.jsonl", jsonl(crm))
        project.write("data/shop/a.jsonl", jsonl(shop))
        return project

    def killed_run(self, project, victim, at=0, count_file=None, batch=BATCH):
        """A run whose victim is killed at a point; did the kill hit somebody?"""
        mark = project.folder / "killed"
        mark.unlink(missing_ok=True)
        environment = {"LD_PRELOAD": str(KILLER), "RONDOM_KILL_PROGRAM": "rondom",
                       "RONDOM_KILL_AT": str(at), "RONDOM_KILL_MARK": str(mark)}
        if victim == "plugin host":
            environment["RONDOM_KILL_CHILDREN"] = "1"
        if count_file is not None:
            environment["RONDOM_KILL_COUNT"] = str(count_file)
        result = project.rondom("-o", "json", "run", "--all", "--batch", batch,
                                environment=environment)
        if victim == "engine" and mark.exists():
            self.assertEqual(-signal.SIGKILL, result.returncode, "the mark lies")
        return result, mark.exists()

    def points(self, destination, victim):
        """How many points there are, and what an uninterrupted run leaves behind."""
        project = self.prepared(destination)
        count_file = project.folder / "points"
        result, killed = self.killed_run(project, victim, 0, count_file)
        self.assertFalse(killed)
        self.assertIn(result.returncode, (0, 3), result.stderr.decode())
        points = int(count_file.read_text()) if count_file.exists() else 0
        self.assertGreater(points, 3, f"no points were counted in {victim}")
        created = self.created(project, destination)
        self.assertGreater(len(created), COUNT // 2, "hardly anything is delivered at all")
        return points, project.export(), created

    def finish(self, project):
        """Runs until nothing is left to do; the last report."""
        for _ in range(RERUNS_MAX):
            result = project.rondom("-o", "json", "run", "--all", "--batch", BATCH)
            if result.returncode in (0, 3):
                break
        self.assertIn(result.returncode, (0, 3), result.stderr.decode())
        return json.loads(result.stdout)

    def check_same_end(self, project, destination, expected, expected_created):
        report = self.finish(project)
        self.assertEqual(expected, project.export())
        created = self.created(project, destination)
        if destination == "file":
            self.assertEqual(expected_created, created)
        else:
            doubles = [one for one, times in created.items() if times > 1]
            self.assertEqual([], doubles)
            # Keys are secret to each project. What nobody can look up is parked, and counted.
            unknown = sum(job["deliveries"]["unknown"] for job in report["jobs"] if job["deliveries"])
            self.assertLessEqual(len(created), len(expected_created))
            self.assertGreaterEqual(len(created) + unknown, len(expected_created))
        self.assertIn(project.rondom("store", "verify").returncode, (0,))

    def check_destination(self, destination, victims, kills):
        dice = random.Random(SEED)
        for victim in victims:
            points, expected, expected_created = self.points(destination, victim)
            share = max(1, kills // len(victims))
            missed = 0
            for i in range(share):
                at = 1 + (points * i) // share + dice.randrange(max(1, points // share))
                at = min(at, points)
                with self.subTest(destination=destination, victim=victim, at=at, of=points):
                    project = self.prepared(destination)
                    _, killed = self.killed_run(project, victim, at)
                    missed += not killed
                    self.check_same_end(project, destination, expected, expected_created)
            # Threads shift the number of points by a few, so that only the very last may not be reached.
            self.assertLessEqual(missed, max(1, share // 10), f"hardly anything was killed: {victim}")

    def created(self, project, destination):
        """What was created at the destination, and how often."""
        created = collections.Counter()
        if destination == "ledger":
            ledger = project.folder / "out/ledger.txt"
            for line in ledger.read_text().splitlines() if ledger.exists() else []:
                if line.startswith("create "):
                    created[line] += 1
        else:
            for file in sorted((project.folder / "out").glob("*.jsonl")):
                for line in file.read_text().splitlines():
                    if '"create"' in line:
                        created[json.loads(line)["email"]] += 1
        return created

    def test_killed_again_and_again(self):
        """Eight kills of one project, each further on than where the last one came."""
        for destination in ("file", "ledger"):
            points, expected, expected_created = self.points(destination, "engine")
            with self.subTest(destination=destination):
                project = self.prepared(destination)
                kills = 0
                for _ in range(8):
                    _, killed = self.killed_run(project, "engine", max(2, points // 9))
                    kills += killed
                self.assertGreater(kills, 5)
                self.check_same_end(project, destination, expected, expected_created)

    def test_what_is_read_again_is_bounded(self):
        """docs/decisions/0006: the host's credit, the engine's window and a checkpoint's distance."""
        records, record_bytes = 40_000, 6_000
        bound = (8 << 20) + (48 << 20) + (8 << 20)  # credit, window, and what is on its way between them

        def prepared():
            project = Project(self)
            project.write("rondom.yaml", f"""
                project: tally
                plugins: ["{BUILD / 'test-plugins'}"]
                trusted_plugins: {{ tally: {{ allow: [files], writes: [.] }} }}
                store: {{ sqlite: var/rondom.db }}
                connections:
                  rows:
                    connector: tally
                    config: {{ file: tally.txt, records: {records}, record_bytes: {record_bytes} }}
                """)
            project.write("jobs/rows.yaml", """
                job: rows
                source: rows
                streams:
                  - stream: rows
                    entity: person
                    key: .id
                    map: { name.full: .id }
                """)
            return project

        project = prepared()
        count_file = project.folder / "points"
        self.killed_run(project, "engine", 0, count_file, batch="5000")
        points, expected = int(count_file.read_text()), project.export()
        self.assertEqual(records, len(expected.splitlines()))
        most_again = 0
        for share in (0.1, 0.25):
            project = prepared()
            _, killed = self.killed_run(project, "engine", int(points * share), batch="5000")
            self.assertTrue(killed)
            lines = (project.folder / "tally.txt").read_text().split()
            pushed = int(lines[-1])
            self.assertLess(pushed, records, "it was killed too late to show anything")
            project.run_json()
            lines = (project.folder / "tally.txt").read_text().split()
            resumed = int(lines[len(lines) - lines[::-1].index("START")])
            self.assertGreater(resumed, 0, "nothing was kept")
            again = (pushed - resumed) * record_bytes
            self.assertLessEqual(again, bound)
            most_again = max(most_again, again)
            self.assertEqual(expected, project.export())
        self.assertGreater(most_again, 8 << 20, "the source is no faster than the engine: nothing is shown")

    def test_file_destination(self):
        self.check_destination("file", ("engine", "plugin host"), KILLS // 2)

    def test_ledger_without_upsert(self):
        self.check_destination("ledger", ("engine", "plugin host"), KILLS - KILLS // 2)


if __name__ == "__main__":
    unittest.main()
