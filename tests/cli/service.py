"""A running `rondom serve` and what it says."""
import json
import os
import queue
import re
import signal
import subprocess
import threading
import time

from project import RONDOM, Project, jsonl

WORD = re.compile(r'([a-z_]+)=("(?:[^"\\]|\\.)*"|\S*)')


def minds(pid, number):
    """Has that process a handler for the signal?"""
    with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as status:
        caught = next((line.split()[1] for line in status if line.startswith("SigCgt:")), None)
    if caught is None:
        raise ProcessLookupError
    return int(caught, 16) >> (number - 1) & 1 == 1


class Line:
    def __init__(self, text):
        self.text = text
        head = text.split(" ", 3)
        self.level, self.event = (head[1], head[2]) if len(head) > 2 else ("", "")
        self.words = {name: json.loads(value) if value.startswith('"') else value
                      for name, value in WORD.findall(head[3] if len(head) > 3 else "")}


class Service:
    """Started at once; killed with all its engines when the test ends."""

    def __init__(self, test, project, *arguments, environment=None):
        self.project = project
        self.process = subprocess.Popen([str(RONDOM), "-C", str(project.folder), *arguments, "serve"],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE,
                                        env={**os.environ, **(environment or {})}, text=True)
        self.said, self.lines = queue.Queue(), []
        self.reader = threading.Thread(target=self.read, daemon=True)
        self.reader.start()
        test.addCleanup(self.end)

    def read(self):
        for line in self.process.stderr:
            self.said.put(Line(line.rstrip("\n")))
        self.said.put(None)

    def wait_for(self, event, seconds=60, **words):
        """The next line of that event with those words; what came before it is not looked at again."""
        end = time.monotonic() + seconds
        while True:
            try:
                line = self.said.get(timeout=max(0, end - time.monotonic()))
            except queue.Empty:
                raise AssertionError(f"no {event} {words} within {seconds} s; it said:\n{self.everything()}") from None
            if line is None:
                raise AssertionError(f"it ended before {event} {words}; it said:\n{self.everything()}")
            self.lines.append(line)
            if line.event == event and all(line.words.get(name) == value for name, value in words.items()):
                return line

    def rest(self):
        """All that it still says until its end."""
        while (line := self.said.get(timeout=60)) is not None:
            self.lines.append(line)
        return self.lines

    def everything(self):
        return "\n".join(line.text for line in self.lines)

    def signal(self, number):
        self.process.send_signal(number)

    def ends(self, seconds=60):
        code = self.process.wait(seconds)
        self.rest()
        said = self.everything().encode()
        self.project.search(("serve",), b"", said, None)
        return code

    def held(self, job, seconds=60):
        """The next engine of that job, standing still from near its beginning: when it minds signals."""
        while True:
            pid = int(self.wait_for("job.started", seconds, job=job).words["pid"])
            try:
                while not minds(pid, signal.SIGTERM):
                    pass
                os.kill(pid, signal.SIGSTOP)
                return Engine(pid)
            except (FileNotFoundError, ProcessLookupError):  # it was quick; the next one
                pass

    def end(self):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(20)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.reader.join(20)
        self.process.stderr.close()


class Engine:
    def __init__(self, pid):
        self.pid = pid

    def go_on(self):
        os.kill(self.pid, signal.SIGCONT)

    def kill(self):
        os.kill(self.pid, signal.SIGKILL)

    def is_there(self):
        try:
            os.kill(self.pid, 0)
            return True
        except ProcessLookupError:
            return False


def people(test, jobs, serve="{ listen: none }", records=200):
    """A project that reads a few people from a file and writes them to one; jobs: {name: schedule and more}."""
    project = Project(test)
    project.write("rondom.yaml", f"""
        project: people
        deliver: send
        serve: {serve}
        connections:
          crm: {{ connector: file, config: {{ path: data }} }}
          files: {{ connector: file, config: {{ path: out }} }}
        purposes:
          service: {{ channel: email, legal_basis: contract }}
        """)
    (project.folder / "data").mkdir()
    (project.folder / "out").mkdir()
    for name, more in jobs.items():
        write_job(project, name, more)
        (project.folder / "data" / f"{name}.jsonl").write_text(
            jsonl({"id": i, "name": f"Anna {name} {i}"} for i in range(records)), encoding="utf-8")
    return project


def write_job(project, name, more):
    project.write(f"jobs/{name}.yaml",
                  f"job: {name}\nsource: crm\n{more}\nstreams:\n"
                  f"  - {{ stream: {name}, options: {{ path: {name}.jsonl, mode: append }}, entity: person, key: .id,\n"
                  f"      map: {{ name.full: .name, custom.number: .id }} }}\n")
