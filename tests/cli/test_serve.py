#!/usr/bin/env python3
"""rondom serve, as a whole: it starts jobs, stops in order, takes a new configuration or keeps the old one."""
import fcntl
import json
import os
import signal
import socket
import subprocess
import unittest

from project import RONDOM
from service import Service, people, write_job

USAGE, UNAVAILABLE, BUSY, BAD_CONFIG = 2, 69, 75, 78


class Runs(unittest.TestCase):
    def test_jobs_run_by_their_schedules_and_their_runs_are_seen_as_any(self):
        project = people(self, {"crm": "schedule: { every: 1s }", "later": "schedule: { after: [crm] }", "never": ""})
        service = Service(self, project)
        started = service.wait_for("service.started")
        self.assertEqual(started.words["jobs"], "3")
        first = service.wait_for("job.finished", job="crm")
        self.assertEqual((first.words["status"], first.words["exit"], first.words["read"]), ("done", "0", "200"))
        then = service.wait_for("job.finished", job="later")
        self.assertEqual(then.words["status"], "done")
        again = service.wait_for("job.finished", job="crm")
        self.assertNotEqual(again.words["run"], first.words["run"])
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)
        self.assertEqual(service.lines[-1].event, "service.stopped")
        self.assertFalse([line for line in service.lines if line.words.get("job") == "never"])
        runs = [one["run"] for one in json.loads(project.rondom("-o", "json", "runs", expect=0).stdout)]
        for line in (first, then, again):
            self.assertIn(line.words["run"], runs)

    def test_a_second_service_is_refused_by_name(self):
        project = people(self, {"crm": ""})
        service = Service(self, project)
        service.wait_for("service.started")
        refused = project.rondom("serve", expect=BUSY)
        self.assertIn(f"rondom serve, process {service.process.pid}".encode(), refused.stderr)
        service.signal(signal.SIGINT)
        self.assertEqual(service.ends(), 0)
        self.assertEqual(Service(self, project).wait_for("service.started").words["project"], "people")

    def test_a_project_with_mistakes_is_not_served(self):
        project = people(self, {"crm": 'schedule: { cron: "0 25 * * *" }'})
        refused = project.rondom("serve", expect=BAD_CONFIG)
        self.assertIn(b"jobs/crm.yaml:3:22: error: 25 is no hour", refused.stderr)
        self.assertFalse((project.folder / "var/service.json").exists())

    def test_while_a_run_by_hand_has_the_project_the_job_waits(self):
        project = people(self, {"crm": "schedule: { every: 1h }"})
        project.rondom("run", "crm", expect=0)
        with open(project.folder / "var/rondom.db.lock", "r+", encoding="utf-8") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            lock.write("rondom, process 1")
            lock.flush()
            service = Service(self, project)
            waiting = service.wait_for("job.waiting", job="crm")
            self.assertIn("in use by rondom, process 1", waiting.words["error"])
        done = service.wait_for("job.finished", job="crm")
        self.assertEqual(done.words["status"], "done")
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)
        self.assertEqual(len([line for line in service.lines if line.event == "job.waiting"]), 1)


    def test_what_a_job_misses_while_it_runs_is_told(self):
        project = people(self, {"crm": "schedule: { every: 1s }"})
        service = Service(self, project)
        engine = service.held("crm")
        missed = service.wait_for("job.missed", job="crm")
        self.assertEqual((missed.words["count"], missed.words["reason"]), ("1", "running"))
        engine.go_on()
        self.assertEqual(service.wait_for("job.finished", job="crm").words["status"], "done")
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)

    def test_the_service_manager_hears_how_it_does(self):
        project = people(self, {"crm": "schedule: { every: 1h }"})
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(project.folder / "notify"))
            manager.settimeout(60)

            def hear(word):
                while word not in (said := manager.recv(4096).decode()):
                    self.assertNotIn("READY", said)
                return said

            service = Service(self, project, environment={"NOTIFY_SOCKET": str(project.folder / "notify"),
                                                          "WATCHDOG_USEC": "300000"})
            self.assertIn("STATUS=1 jobs", hear("READY=1"))
            for _ in range(3):
                hear("WATCHDOG=1")
            service.signal(signal.SIGHUP)
            self.assertIn("MONOTONIC_USEC=", hear("RELOADING=1"))
            hear("READY=1")
            write_job(project, "crm", "schedule: { every: soon }")
            service.signal(signal.SIGHUP)
            hear("RELOADING=1")
            self.assertIn("rejected", hear("READY=1"))
            service.signal(signal.SIGTERM)
            hear("STOPPING=1")
            hear("EXTEND_TIMEOUT_USEC=130000000")
            self.assertEqual(service.ends(), 0)


    def test_the_service_manager_gives_the_time_that_is_needed(self):
        project = people(self, {"crm": "schedule: { every: 1h }"}, serve="{ listen: none, shutdown_after: 5m }")
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
            manager.bind(str(project.folder / "notify"))
            manager.settimeout(60)
            service = Service(self, project, environment={"NOTIFY_SOCKET": str(project.folder / "notify")})
            # Before anything is read, and so before READY: the check of the project may take longer than a start.
            self.assertEqual(manager.recv(4096).decode(), "EXTEND_TIMEOUT_USEC=120000000")
            engine = service.held("crm")
            service.signal(signal.SIGTERM)
            while not (said := manager.recv(4096).decode()).startswith("STOPPING=1"):
                pass
            self.assertIn("safe point", said)
            self.assertEqual(manager.recv(4096).decode(), "EXTEND_TIMEOUT_USEC=370000000")
            engine.go_on()
            self.assertEqual(service.ends(), 0)


class Asked(unittest.TestCase):
    def test_verbs_trigger_pause_resume_cancel_and_status(self):
        project = people(self, {"crm": "", "hourly": "schedule: { every: 1h }"})
        service = Service(self, project)
        service.wait_for("job.finished", job="hourly")
        self.assertEqual(project.rondom("trigger", "crm", expect=0).stdout, b"crm starts as soon as there is room\n")
        self.assertEqual(service.wait_for("job.started", job="crm").words["triggered"], "yes")
        service.wait_for("job.finished", job="crm")
        paused = json.loads(project.rondom("-o", "json", "pause", "hourly", expect=0).stdout)
        self.assertEqual((paused["job"], paused["state"], paused["next_at"]), ("hourly", "paused", None))
        service.wait_for("job.paused", job="hourly")
        shown = project.rondom("status", expect=0).stdout.decode()
        self.assertRegex(shown, r"hourly +every 1h +paused +- +done")
        self.assertRegex(shown, r"crm +none +idle +- +done")
        # Paused, it is run by who asks for it; and stopped by who asks for that.
        with open(project.folder / "data/hourly.jsonl", "a", encoding="utf-8") as data:  # so many that it is not done at once
            data.writelines(f'{{"id": {i}, "name": "Eva"}}\n' for i in range(1_000, 21_000))
        project.rondom("trigger", "hourly", expect=0)
        engine = service.held("hourly")
        refused = project.rondom("trigger", "hourly", expect=BUSY)
        self.assertIn(b"runs already", refused.stderr)
        project.rondom("cancel", "hourly", expect=0)
        engine.go_on()
        self.assertEqual(service.wait_for("job.finished", job="hourly").words["status"], "cancelled")
        self.assertIn(b"does not run", project.rondom("cancel", "hourly", expect=BUSY).stderr)
        self.assertIn(b"no such job", project.rondom("pause", "nobody", expect=USAGE).stderr)
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)
        # Paused it stays; resumed it is not late.
        after = Service(self, project)
        after.wait_for("service.started")
        self.assertIn(b"paused", project.rondom("status", expect=0).stdout)
        project.rondom("resume", "hourly", expect=0)
        resumed = json.loads(project.rondom("-o", "json", "resume", "hourly", expect=0).stdout)
        self.assertEqual(resumed["state"], "idle")
        self.assertIsNotNone(resumed["next_at"])
        after.signal(signal.SIGTERM)
        self.assertEqual(after.ends(), 0)
        self.assertIn(b"nobody listens", project.rondom("pause", "hourly", expect=UNAVAILABLE).stderr)

    def test_a_run_that_waits_is_called_off(self):
        project = people(self, {"crm": "", "shop": ""}, serve="{ listen: none, concurrency: 1 }")
        service = Service(self, project)
        service.wait_for("service.started")
        project.rondom("trigger", "crm", expect=0)
        engine = service.held("crm")
        project.rondom("trigger", "shop", expect=0)
        cancelled = json.loads(project.rondom("-o", "json", "cancel", "shop", expect=0).stdout)
        self.assertEqual(cancelled["state"], "idle")
        project.rondom("cancel", "shop", expect=BUSY)
        engine.go_on()
        service.wait_for("job.finished", job="crm")
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)
        self.assertFalse([line for line in service.lines if line.event == "job.started" and line.words["job"] == "shop"])

    def test_a_slow_disk_holds_up_nobody_who_only_asks(self):
        project = people(self, {"crm": "", "shop": ""})
        service = Service(self, project)
        service.wait_for("service.started")
        slow = project.folder / "var/service.json.new"
        os.mkfifo(slow)  # whoever opens it for writing waits until it is read
        order = subprocess.Popen([str(RONDOM), "-C", str(project.folder), "trigger", "crm"], stdout=subprocess.DEVNULL)
        self.addCleanup(order.wait, 60)
        service.wait_for("job.triggered", job="crm")
        with socket.socket(socket.AF_UNIX) as asking:
            asking.settimeout(10)
            asking.connect(str(project.folder / "var/control.sock"))
            asking.sendall(b"GET /api/v1/jobs HTTP/1.0\r\n\r\n")
            answer = b"".join(iter(lambda: asking.recv(65536), b""))
        told = {one["job"]: one["state"] for one in json.loads(answer.split(b"\r\n\r\n", 1)[1])}
        self.assertEqual(told["shop"], "idle")
        self.assertIn(told["crm"], ("waiting", "running"))
        with open(slow, "rb"):
            slow.unlink()
        self.assertEqual(service.wait_for("job.finished", job="crm").words["status"], "done")
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)

    def test_what_cannot_be_kept_is_in_force_and_is_told(self):
        project = people(self, {"crm": "schedule: { every: 1h }"})
        service = Service(self, project)
        service.wait_for("job.finished", job="crm")
        memory, obstacle = project.folder / "var/service.json", project.folder / "obstacle"
        (obstacle / "not empty").mkdir(parents=True)  # stops every user, as a full disk does
        for _ in range(100):  # it may just be writing it
            memory.unlink(missing_ok=True)
            try:
                obstacle.rename(memory)
                break
            except NotADirectoryError:
                pass
        project.rondom("trigger", "crm", expect=0)
        service.wait_for("service.failed")
        self.assertEqual(service.wait_for("job.finished", job="crm").words["status"], "done")
        refused = project.rondom("pause", "crm", expect=BUSY)
        self.assertIn(b"in force, but not after a restart", refused.stderr)
        self.assertIn(b"paused", project.rondom("status", expect=0).stdout)
        service.signal(signal.SIGTERM)
        service.ends()

    def test_reload_says_what_is_wrong_and_waits_until_it_is_right(self):
        project = people(self, {"crm": "schedule: { every: 1h }"})
        service = Service(self, project)
        service.wait_for("job.finished", job="crm")
        write_job(project, "crm", "schedule: { every: soon }")
        refused = project.rondom("reload", "--wait", expect=BAD_CONFIG)
        self.assertIn(b"jobs/crm.yaml:3:20: error: every must be a duration", refused.stderr)
        self.assertIn(b"  3 | schedule: { every: soon }", refused.stderr)
        write_job(project, "crm", "schedule: { every: 1d }")
        project.rondom("reload", "--wait", expect=0)
        self.assertIn(b"every 1d", project.rondom("status", expect=0).stdout)
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)


class Ends(unittest.TestCase):
    def test_an_engine_that_is_killed_costs_one_run(self):
        project = people(self, {"crm": "schedule: { every: 1s }"})
        service = Service(self, project)
        service.held("crm").kill()
        crashed = service.wait_for("job.finished", job="crm")
        self.assertEqual((crashed.words["status"], crashed.words["exit"]), ("crashed", "137"))
        self.assertIn("KILL", crashed.words["error"])
        self.assertEqual(service.wait_for("job.finished", job="crm").words["status"], "done")
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)
        self.assertEqual(json.loads(project.rondom("-o", "json", "status", expect=0).stdout)["live_records"], 200)

    def test_asked_to_stop_a_run_comes_to_its_end_in_order_and_is_owed(self):
        project = people(self, {"crm": "schedule: { every: 1h }"}, records=20_000)  # not done at once
        service = Service(self, project)
        engine = service.held("crm")
        service.signal(signal.SIGTERM)
        self.assertEqual(service.wait_for("service.stopping").words["running"], "crm")
        self.assertIsNone(service.process.poll())
        engine.go_on()
        finished = service.wait_for("job.finished", job="crm")
        self.assertEqual(finished.words["status"], "cancelled")
        self.assertEqual(service.ends(), 0)
        self.assertFalse(engine.is_there())
        self.assertTrue(json.loads((project.folder / "var/service.json").read_text())["jobs"]["crm"]["owed"])
        after = Service(self, project)
        self.assertEqual(after.wait_for("job.finished", job="crm").words["status"], "done")

    def test_a_second_signal_ends_everything_at_once(self):
        project = people(self, {"crm": "schedule: { every: 1h }"}, serve="{ listen: none, shutdown_after: 1h }")
        service = Service(self, project)
        engine = service.held("crm")
        service.signal(signal.SIGTERM)
        service.wait_for("service.stopping")
        service.signal(signal.SIGTERM)
        self.assertNotEqual(service.ends(), 0)
        self.assertFalse(engine.is_there())
        self.assertTrue(json.loads((project.folder / "var/service.json").read_text())["jobs"]["crm"]["owed"])

    def test_a_run_that_does_not_stop_is_killed_after_its_time(self):
        project = people(self, {"crm": "schedule: { every: 1h }\ntimeout: 1s"},
                         serve="{ listen: none, shutdown_after: 1s }")
        service = Service(self, project)
        engine = service.held("crm")
        service.wait_for("job.timed_out", job="crm")
        service.wait_for("job.killed", job="crm")
        finished = service.wait_for("job.finished", job="crm")
        self.assertEqual(finished.words["status"], "timed_out")
        self.assertFalse(engine.is_there())
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)

    def test_when_the_service_is_killed_its_engine_stops_and_nothing_is_lost(self):
        project = people(self, {"crm": "schedule: { every: 1h }"})
        service = Service(self, project)
        engine = service.held("crm")
        service.process.kill()
        service.process.wait()
        engine.go_on()
        after = Service(self, project)
        done = after.wait_for("job.finished", job="crm")
        self.assertEqual(done.words["status"], "done")
        after.signal(signal.SIGTERM)
        self.assertEqual(after.ends(), 0)
        self.assertEqual(json.loads(project.rondom("-o", "json", "status", expect=0).stdout)["live_records"], 200)


class Reloads(unittest.TestCase):
    def test_a_wrong_configuration_is_told_and_the_old_one_goes_on(self):
        project = people(self, {"crm": "schedule: { every: 1s }"})
        service = Service(self, project)
        service.wait_for("job.finished", job="crm")
        write_job(project, "crm", "schedule: { every: soon }")
        # Not even asked yet: engines read what the service took, not what somebody is writing.
        service.wait_for("job.started", job="crm")
        self.assertEqual(service.wait_for("job.finished", job="crm").words["status"], "done")
        service.signal(signal.SIGHUP)
        self.assertIn("1 error", service.wait_for("config.rejected").words["error"])
        problem = service.wait_for("config.rejected").words["problem"]
        self.assertEqual(problem, "jobs/crm.yaml:3:20: error: every must be a duration such as 15m, 1h or 1d")
        service.wait_for("job.started", job="crm")
        self.assertEqual(service.wait_for("job.finished", job="crm").words["status"], "done")
        # And mended, with one job more.
        write_job(project, "crm", "schedule: { every: 1h }")
        write_job(project, "more", "schedule: { every: 1h }")
        (project.folder / "data/more.jsonl").write_text('{"id": 1, "name": "Eva"}\n', encoding="utf-8")
        service.signal(signal.SIGHUP)
        reloaded = service.wait_for("config.reloaded")
        self.assertEqual((reloaded.words["jobs"], reloaded.words["changed"]), ("2", "yes"))
        self.assertEqual(service.wait_for("job.finished", job="more").words["status"], "done")
        copies = list((project.folder / "var/configuration").iterdir())
        self.assertLessEqual(len(copies), 2)
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)


    def test_what_cannot_change_while_it_runs_is_said(self):
        project = people(self, {"crm": "schedule: { every: 1h }"})
        service = Service(self, project)
        service.wait_for("service.started")
        settings = project.folder / "rondom.yaml"
        settings.write_text(settings.read_text().replace("listen: none", "listen: none, socket: var/other.sock"))
        service.signal(signal.SIGHUP)
        service.wait_for("config.reloaded")
        self.assertEqual(service.wait_for("config.needs_restart").words["keys"], "serve.socket")
        settings.write_text(settings.read_text() + "state: elsewhere\n")
        service.signal(signal.SIGHUP)
        self.assertIn("stop the service to move it", service.wait_for("config.rejected").words["error"])
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)


if __name__ == "__main__":
    unittest.main()
