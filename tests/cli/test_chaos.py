"""One project that lives through whatever can happen to it: after every mishap it ends where it would have without.

RONDOM_CHAOS_ROUNDS (default 20) mishaps, drawn by RONDOM_CHAOS_SEED, which is printed. Each round brings new people,
something goes wrong while they are taken in and sent, and afterwards a run without trouble has to put it right: everybody
of the source is in the store once, the destination was told of everybody and of nobody twice, the store is sound. The
destination cannot look up or replace what it has, so that a double would be seen.
"""
import collections
import json
import os
import random
import shutil
import signal
import struct
import subprocess
import sys
import unittest

from project import KILLER, RONDOM, jsonl, people_project
from service import Service

ROUNDS = int(os.environ.get("RONDOM_CHAOS_ROUNDS", "20"))
SEED = int(os.environ.get("RONDOM_CHAOS_SEED", "20261127"))
PEOPLE_A_ROUND = 12
RERUNS_MAX = 4
BATCH = "4"  # records: so that one run is many transactions
PAGE = 4096
GOOD = (0, 3)

# Runs the rest of its arguments in a namespace of its own, with the state folder on a file system of SIZE or read-only.
ON_A_SMALL_DISK = """
set -e
cd "$1"; size=$2; shift 2
mkdir small
mount -t tmpfs -o size=$size tmpfs small
cp -a var/. small/
mount --bind small var
code=0; "$@" || code=$?
mkdir after; cp -a small/. after/
exit $code
"""
READ_ONLY = """
set -e
cd "$1"; shift 2
mount --bind var var
mount -o remount,ro,bind var
exec "$@"
"""


def may_mount():
    return subprocess.run(["unshare", "-rm", "mount", "-t", "tmpfs", "tmpfs", "/mnt"], capture_output=True,
                          check=False).returncode == 0


class Chaos(unittest.TestCase):
    def setUp(self):
        self.dice = random.Random(SEED)
        self.project = people_project(self, destination="ledger")
        for name in ("crm", "mail"):
            job = self.project.folder / f"jobs/{name}.yaml"
            job.write_text(job.read_text().replace("after: [crm, shop]", "after: [crm]"))
        (self.project.folder / "jobs/shop.yaml").unlink()
        settings = self.project.folder / "rondom.yaml"
        settings.write_text(settings.read_text() + "serve: { listen: none }\n")
        self.emails, self.tally = set(), collections.Counter()

    # ── what goes wrong ────────────────────────────────────────────────────────────────────────────

    def killed(self, children):
        environment = {"LD_PRELOAD": str(KILLER), "RONDOM_KILL_PROGRAM": "rondom",
                       "RONDOM_KILL_AT": str(self.dice.randrange(2, self.points)),
                       **({"RONDOM_KILL_CHILDREN": "1"} if children else {})}
        return self.run_it(environment=environment)

    def engine_killed(self):
        result = self.killed(False)
        return f"exit {result.returncode}"

    def plugin_host_killed(self):
        result = self.killed(True)
        if result.returncode not in GOOD:
            self.assertTrue(json.loads(result.stdout), "nothing is said of a plugin that died")
        return f"exit {result.returncode}"

    def service_killed(self):
        service = Service(self, self.project)
        service.wait_for("service.started")
        self.project.rondom("trigger", "crm", expect=0)
        engine = service.held("crm")
        service.signal(signal.SIGKILL)
        service.process.wait()
        if self.dice.random() < 0.5:
            engine.kill()
        else:
            engine.go_on()
        service = Service(self, self.project)
        finished = service.wait_for("job.finished", job="crm")  # it is owed
        self.assertIn(finished.words["status"], ("done", "partial"))
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)
        return "the run that was owed is done"

    def disk_full(self):
        state = self.project.folder / "var"
        held = sum(-(-file.stat().st_size // PAGE) * PAGE for file in state.rglob("*") if file.is_file())
        size = held + PAGE * self.dice.randrange(2, 120)
        result = self.in_a_namespace(ON_A_SMALL_DISK, str(size))
        after, small = self.project.folder / "after", self.project.folder / "small"
        shutil.rmtree(state)
        after.rename(state)
        small.rmdir()
        if result.returncode not in GOOD:
            said = (result.stdout + result.stderr).decode()
            self.assertRegex(said, r"disk|full|cannot be (written|made)|no room|space", "what is wrong is not said")
        return f"{size - held} bytes were left, exit {result.returncode}"

    def state_read_only(self):
        before = (self.project.folder / "out/ledger.txt").read_bytes()
        result = self.in_a_namespace(READ_ONLY, "0")
        self.assertNotIn(result.returncode, GOOD)
        self.assertRegex((result.stdout + result.stderr).decode(), r"read-?only|cannot|written|permission")
        self.assertEqual(before, (self.project.folder / "out/ledger.txt").read_bytes())
        return f"exit {result.returncode}"

    def destination_down(self):
        out, away = self.project.folder / "out", self.project.folder / "away"
        out.rename(away)
        out.write_text("no folder")
        try:
            result = self.run_it()
        finally:
            out.unlink()
            away.rename(out)
        self.assertNotEqual(result.returncode, 0, "nothing was said of a destination that is not there")
        return f"exit {result.returncode}"

    def log_damaged(self):
        """The tail of the write-ahead log is lost or is not what was written: the store opens at an earlier commit."""
        log = self.project.folder / "var/rondom.db-wal"
        for _ in range(RERUNS_MAX):
            self.killed(False)
            begin, size = self.open_part(log)
            if begin < size:
                break
        else:
            return "there was no log"
        at = self.dice.randrange(begin, size)
        with open(log, "r+b") as file:
            if self.dice.random() < 0.5:
                file.truncate(at)
            else:
                file.seek(at)
                file.write(self.dice.randbytes(min(200, size - at)))
        return f"from byte {at} of {size}"

    @staticmethod
    def open_part(log):
        """From where to where the log holds what is nowhere else, and is made durable only in the end.

        What was copied into the database already stays in the log as well; without that part the two would not fit, and
        nothing but a backup helps. The index beside the log says how far that went (sqlite.org/walformat.html, 2.1)."""
        index = log.with_name("rondom.db-shm")
        if not log.exists() or not index.exists() or index.stat().st_size < 132:
            return 0, 0
        head = index.read_bytes()[:132]
        frames, copied = struct.unpack_from("=I", head, 16)[0], struct.unpack_from("=I", head, 128)[0]
        frame = struct.unpack_from("=H", head, 14)[0] + 24  # a page and what stands before it
        return 32 + copied * frame, min(log.stat().st_size, 32 + frames * frame)

    # ── what it is done with ───────────────────────────────────────────────────────────────────────

    def run_it(self, environment=None):
        return self.project.rondom("-o", "json", "run", "--all", "--batch", BATCH, environment=environment)

    def in_a_namespace(self, script, size):
        command = ["unshare", "-rm", "sh", "-c", script, "sh", str(self.project.folder), size, str(RONDOM), "-C",
                   str(self.project.folder), "-o", "json", "run", "--all", "--batch", BATCH]
        result = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, timeout=120, check=False)
        self.project.search(("run",), result.stdout, result.stderr, None)
        return result

    def new_people(self, number):
        rows = [{"id": f"{number}-{i}", "given": "Anna", "surname": f"Bakker{number}x{i}",
                 "email": f"anna.{number}.{i}@example.com", "phone": "", "birth": "",
                 "changed": "2026-01-01T10:00:00Z"} for i in range(PEOPLE_A_ROUND)]
        (self.project.folder / f"data/crm/r{number:05}.jsonl").write_text(jsonl(rows), encoding="utf-8")
        self.emails |= {row["email"] for row in rows}

    def put_right(self):
        for _ in range(RERUNS_MAX):
            result = self.run_it()
            if result.returncode in GOOD:
                return json.loads(result.stdout)
        self.fail(f"it does not recover: exit {result.returncode}\n{result.stdout.decode()[-2000:]}")

    def check(self, report):
        known = [json.loads(line) for line in self.project.export().splitlines()]
        addresses = collections.Counter(self.addresses(known))
        self.assertEqual(self.emails - set(addresses), set(), "somebody is lost")
        self.assertEqual([one for one, times in addresses.items() if times > 1], [], "somebody is there twice")
        self.assertEqual(len(known), len(self.emails))
        created = collections.Counter(
            line for line in (self.project.folder / "out/ledger.txt").read_text().splitlines() if line.startswith("create "))
        self.assertEqual([one for one, times in created.items() if times > 1], [], "somebody was made twice at the destination")
        unknown = sum(job["deliveries"]["unknown"] for job in report["jobs"] if job["deliveries"])
        self.assertLessEqual(len(created), len(self.emails))
        self.assertGreaterEqual(len(created) + unknown, len(self.emails), "the destination was not told of somebody")
        self.project.rondom("store", "verify", expect=0)

    @staticmethod
    def addresses(profiles):
        for profile in profiles:
            yield from {word for word in json.dumps(profile).replace('"', " ").split() if "@example.com" in word}

    def test_it_lives_through_everything(self):
        print(f"seed {SEED}, {ROUNDS} rounds", file=sys.stderr)
        mishaps = [self.engine_killed, self.plugin_host_killed, self.service_killed, self.destination_down, self.log_damaged]
        if may_mount():
            mishaps += [self.disk_full, self.state_read_only]
        else:
            print("no file system can be mounted here: a full disk and a read-only one are left out", file=sys.stderr)
        self.new_people(0)
        count = self.project.folder / "points"
        self.run_it(environment={"LD_PRELOAD": str(KILLER), "RONDOM_KILL_PROGRAM": "rondom", "RONDOM_KILL_COUNT": str(count)})
        self.points = int(count.read_text())
        self.check(self.put_right())
        order = []
        for number in range(1, ROUNDS + 1):
            if not order:  # each as often as the others
                order = self.dice.sample(mishaps, len(mishaps))
            mishap = order.pop()
            self.new_people(number)
            with self.subTest(round=number, mishap=mishap.__name__, seed=SEED):
                happened = mishap()
                self.check(self.put_right())
                self.tally[mishap.__name__] += 1
                print(f"round {number}: {mishap.__name__}: {happened}", file=sys.stderr)
        print(f"{sum(self.tally.values())} rounds: {dict(sorted(self.tally.items()))}", file=sys.stderr)
        self.assertEqual(sum(self.tally.values()), ROUNDS)


if __name__ == "__main__":
    unittest.main()
