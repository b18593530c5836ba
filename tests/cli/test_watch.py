"""tail and top: what the service does, as it happens, for a terminal, a pipe and a program."""
import http.client
import json
import os
import pty
import re
import select
import signal
import socket
import subprocess
import time
import unittest

from project import RONDOM, jsonl, people_project
from service import Service


class Asking(http.client.HTTPConnection):
    """The service, at its socket."""
    def __init__(self, project):
        super().__init__("localhost", timeout=60)
        self.path = project.folder / "var/control.sock"

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(60)
        self.sock.connect(str(self.path))


def ask(project, path):
    connection = Asking(project)
    try:
        connection.request("GET", path)
        return json.loads(connection.getresponse().read())
    finally:
        connection.close()


class Watch(unittest.TestCase):
    maxDiff = None

    def served(self, records=30):
        project = people_project(self)
        settings = project.folder / "rondom.yaml"
        settings.write_text(settings.read_text() + "serve: { listen: none }\n")
        rows = [{"id": f"c{i}", "given": "Anna", "surname": f"Bakker{i}", "email": f"anna{i}@example.com", "phone": "",
                 "birth": "", "changed": "2026-01-01T10:00:00Z"} for i in range(records)]
        (project.folder / "data/crm/1.jsonl").write_text(jsonl(rows), encoding="utf-8")
        service = Service(self, project)
        service.wait_for("service.started")
        return project, service

    def ran(self, project, service, *jobs):
        for job in jobs:
            project.rondom("trigger", job, expect=0)
            service.wait_for("job.finished", job=job)

    def test_what_happened_so_far(self):
        project, service = self.served()
        self.ran(project, service, "crm", "shop")
        text = project.rondom("tail", "--once", expect=0).stdout.decode()
        self.assertRegex(text, r"(?m)^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  service\.started +project people")
        self.assertRegex(text, r"(?m)job\.finished +crm +status done +exit 0 .*read 30")
        lines = project.rondom("tail", "crm", "--once", "-o", "json", expect=0).stdout.decode().splitlines()
        events = [json.loads(line) for line in lines]
        self.assertEqual([event["event"] for event in events], ["job.triggered", "job.started", "job.finished"])
        self.assertEqual({event["fields"]["job"] for event in events}, {"crm"})
        self.assertEqual(events[2]["fields"]["status"], "done")
        self.assertEqual(len(project.rondom("tail", "--once", "--limit", 2, expect=0).stdout.splitlines()), 2)
        project.rondom("tail", "nobody", "--once", expect=2)

    def test_as_it_happens(self):
        project, service = self.served()
        follower = subprocess.Popen([str(RONDOM), "-C", str(project.folder), "tail", "-o", "json"],
                                    stdout=subprocess.PIPE, text=True)
        self.addCleanup(follower.communicate)
        self.addCleanup(follower.kill)
        self.assertEqual(json.loads(follower.stdout.readline())["event"], "service.started")
        self.ran(project, service, "crm")
        heard = [json.loads(follower.stdout.readline())["event"] for _ in range(3)]
        self.assertEqual(heard, ["job.triggered", "job.started", "job.finished"])
        follower.send_signal(signal.SIGINT)
        self.assertEqual(follower.wait(20), 0)

    def test_the_end_of_the_service_ends_it(self):
        project, service = self.served()
        follower = subprocess.Popen([str(RONDOM), "-C", str(project.folder), "tail"], stdout=subprocess.PIPE,
                                    stderr=subprocess.PIPE, text=True)
        self.addCleanup(follower.communicate)
        self.addCleanup(follower.kill)
        self.assertIn("service.started", follower.stdout.readline())
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)
        self.assertEqual(follower.wait(20), 69)
        project.rondom("tail", "--once", expect=69)
        project.rondom("top", expect=69)

    def test_what_was_seen_is_not_told_again(self):
        project, service = self.served()
        first = ask(project, "/api/v1/events")
        self.assertEqual([event["event"] for event in first["events"]], ["service.started"])
        self.assertEqual(ask(project, f"/api/v1/events?after={first['last']}"), {"events": [], "missed": 0, "last": first["last"]})
        project.rondom("pause", "crm", expect=0)
        late = ask(project, f"/api/v1/events?after={first['last']}&limit=1000")
        self.assertEqual([(event["number"], event["event"]) for event in late["events"]], [(2, "job.paused")])
        self.assertEqual((late["missed"], late["last"]), (0, 2))
        # Of another service, which had more of them: from the first on.
        anew = ask(project, "/api/v1/events?after=9999")
        self.assertEqual([event["number"] for event in anew["events"]], list(range(1, anew["last"] + 1)))
        self.assertEqual(anew["events"][0]["event"], "service.started")

    def test_a_screen_for_a_pipe_and_for_a_program(self):
        project, service = self.served()
        self.ran(project, service, "crm")
        project.rondom("pause", "mail", expect=0)
        text = project.rondom("top", expect=0).stdout.decode()
        self.assertRegex(text.splitlines()[0], r"^people · .* UTC · 3 jobs, 0 running, 0 failed last time$")
        self.assertRegex(text, r"(?m)^crm +idle +\d\d:\d\d:\d\d .* done +-$")
        self.assertRegex(text, r"(?m)^mail +paused +- ")
        self.assertNotIn("\x1b", text)
        jobs = json.loads(project.rondom("top", "-o", "json", expect=0).stdout)
        self.assertEqual([(job["job"], job["state"], job["progress"]) for job in jobs],
                         [("crm", "idle", None), ("mail", "paused", None), ("shop", "idle", None)])

    def test_how_far_a_run_is(self):
        """The engine stands still once it has said something, so that there is time to look."""
        project, service = self.served(records=30_000)
        project.rondom("trigger", "crm", expect=0)
        pid = int(service.wait_for("job.started", job="crm").words["pid"])
        end = time.monotonic() + 60
        while (progress := ask(project, "/api/v1/jobs/crm")["progress"]) is None:
            self.assertLess(time.monotonic(), end)
        os.kill(pid, signal.SIGSTOP)
        try:
            self.assertIn(progress["phase"], ("read", "unify"))
            self.assertGreater(progress["done"], 0)
            self.assertGreater(progress["memory_bytes"], 10_000_000)
            text = project.rondom("top", expect=0).stdout.decode()
            self.assertRegex(text, r"(?m)^crm +running +\d\d:\d\d:\d\d +(read|unify).*[\d,]+ .* MB")
            self.assertEqual(text.splitlines()[2].split()[0], "crm")
        finally:
            os.kill(pid, signal.SIGCONT)
        service.wait_for("job.finished", job="crm")
        self.assertIsNone(ask(project, "/api/v1/jobs/crm")["progress"])
        self.assertNotIn("progress", service.everything(), "it is no line of the log")

    def test_a_terminal(self):
        project, _ = self.served()
        ours, its = pty.openpty()
        watcher = subprocess.Popen([str(RONDOM), "-C", str(project.folder), "top"], stdin=its, stdout=its, stderr=its,
                                   start_new_session=True)
        os.close(its)
        self.addCleanup(os.close, ours)
        self.addCleanup(watcher.wait)
        self.addCleanup(watcher.kill)
        seen = b""
        while seen.count(b"3 jobs, 0 running") < 2:  # it is drawn again
            self.assertTrue(select.select([ours], [], [], 20)[0], seen)
            seen += os.read(ours, 65536)
        self.assertTrue(seen.startswith(b"\x1b[?1049h"))
        self.assertIn(b"\x1b[H", seen)
        watcher.send_signal(signal.SIGINT)
        self.assertEqual(watcher.wait(20), 0)
        while not seen.endswith(b"\x1b[?1049l"):
            seen += os.read(ours, 65536)
        self.assertTrue(re.search(rb"shop +idle", seen))


if __name__ == "__main__":
    unittest.main()
