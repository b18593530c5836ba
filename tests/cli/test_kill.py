"""Kill any process at any instant: the next run ends where an uninterrupted one ends.

RONDOM_KILLS (default 20) kills are spread over every point at which the engine or the plugin host
changes something outside itself, found by counting them in one uninterrupted run.
"""
import collections
import os
import random
import signal
import unittest

from project import KILLER, jsonl, make_people, people_project

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

    def killed_run(self, project, victim, at=0, count_file=None):
        """A run whose victim is killed at a point; did the kill hit somebody?"""
        mark = project.folder / "killed"
        environment = {"LD_PRELOAD": str(KILLER), "RONDOM_KILL_PROGRAM": "rondom",
                       "RONDOM_KILL_AT": str(at), "RONDOM_KILL_MARK": str(mark)}
        if victim == "plugin host":
            environment["RONDOM_KILL_CHILDREN"] = "1"
        if count_file is not None:
            environment["RONDOM_KILL_COUNT"] = str(count_file)
        result = project.rondom("-o", "json", "run", "--all", "--batch", BATCH,
                                environment=environment)
        if victim == "engine" and mark.exists():
            self.assertEqual(-signal.SIGKILL, result.returncode, "the mark lies")
        return result, mark.exists()

    def points(self, destination, victim):
        project = self.prepared(destination)
        count_file = project.folder / "points"
        result, killed = self.killed_run(project, victim, 0, count_file)
        self.assertFalse(killed)
        self.assertIn(result.returncode, (0, 3), result.stderr.decode())
        points = int(count_file.read_text()) if count_file.exists() else 0
        self.assertGreater(points, 3, f"no points were counted in {victim}")
        return points, project.export()

    def check_destination(self, destination, victims, kills):
        dice = random.Random(SEED)
        for victim in victims:
            points, expected = self.points(destination, victim)
            share = max(1, kills // len(victims))
            missed = 0
            for i in range(share):
                at = 1 + (points * i) // share + dice.randrange(max(1, points // share))
                at = min(at, points)
                with self.subTest(destination=destination, victim=victim, at=at, of=points):
                    project = self.prepared(destination)
                    _, killed = self.killed_run(project, victim, at)
                    missed += not killed
                    for _ in range(RERUNS_MAX):
                        result = project.rondom("-o", "json", "run", "--all", "--batch", BATCH)
                        if result.returncode in (0, 3):
                            break
                    self.assertIn(result.returncode, (0, 3), result.stderr.decode())
                    self.assertEqual(expected, project.export())
                    self.check_no_double(project, destination)
            # Threads shift the number of points by a few, so that only the very last may not be reached.
            self.assertLessEqual(missed, max(1, share // 10), f"hardly anything was killed: {victim}")

    def check_no_double(self, project, destination):
        created = collections.Counter()
        if destination == "ledger":
            ledger = project.folder / "out/ledger.txt"
            lines = ledger.read_text().splitlines() if ledger.exists() else []
        else:
            lines = []
            for file in sorted((project.folder / "out").glob("*.jsonl")):
                for line in file.read_text().splitlines():
                    if '"create"' in line:
                        lines.append("create " + line.split('"key":"')[1].split('"')[0])
        for line in lines:
            if line.startswith("create "):
                created[line] += 1
        doubles = [line for line, times in created.items() if times > 1]
        self.assertEqual([], doubles)
        if destination == "file":
            self.assertGreater(len(created), COUNT // 3, "a delivery was lost")

    def test_file_destination(self):
        self.check_destination("file", ("engine", "plugin host"), KILLS // 2)

    def test_ledger_without_upsert(self):
        self.check_destination("ledger", ("engine", "plugin host"), KILLS - KILLS // 2)


if __name__ == "__main__":
    unittest.main()
