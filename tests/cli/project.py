"""Projects in temporary folders, and the rondom program run on them."""
import base64
import contextlib
import json
import os
import pathlib
import random
import re
import select
import shutil
import signal
import sqlite3
import subprocess
import tempfile
import textwrap
import time
import urllib.parse

BUILD = pathlib.Path(os.environ["RONDOM_BUILD"])
RONDOM = BUILD / "bin" / "rondom"
KILLER = BUILD / "lib" / "libkiller.so"
if not KILLER.exists():
    KILLER = BUILD / "tests" / "cli" / "libkiller.so"

GIVEN = ["Anna", "Bram", "Sanne", "Daan", "Lisa", "Thijs", "Eva", "Ruben", "Fleur", "Joost", "Noor", "Sem"]
SURNAMES = ["Jansen", "Bakker", "Visser", "Smit", "Meijer", "Mulder", "Bos", "Vos", "Peters", "Dekker"]


# Verbs whose purpose is to show people to whoever may see them; the rest of a program's output must not name any.
SHOWS_PEOPLE = {"profile", "preview", "plan", "test", "quarantine", "deadletter", "waiting", "review", "discover", "job", "attribute", "audience", "shared"}
ADDRESS = re.compile(rb"[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(?:\.[A-Za-z0-9-]+)*\.[A-Za-z]{2,}")


def leaks(words, stdout, stderr, secrets):
    """What a program said and should not have: secrets anywhere, people where nobody asked to see them."""
    said = stdout + b"\n" + stderr
    # A secret of several lines is printed line by line; that a key begins here is no secret.
    found = [f"the secret {name}" for name, value in secrets.items() if len(value) >= 6
             and any(form in said for form in (value.encode(), base64.b64encode(value.encode()),
                                               urllib.parse.quote(value, safe="").encode(),
                                               *(line.encode() for line in value.splitlines() if "\n" in value
                                                 and len(line) >= 8 and not line.startswith("-----"))))]
    verbs = [word for word in words if not word.startswith("-")]
    shown = any(word in SHOWS_PEOPLE for word in verbs)
    # A mistake in a file is shown with its line, and the line may hold an address.
    quoted = re.compile(rb"^\s*\d+ \|.*$|^\s*\|.*$", re.M)
    for text in (stderr,) if shown else (stdout, stderr):
        found += [f"the address {one.decode()}" for one in ADDRESS.findall(quoted.sub(b"", text))]
    return found


class Project:
    """A folder with a project; removed when the test ends."""
    hostile = False  # a plugin of it may try what it may not; ours never do

    def __init__(self, test):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rondom-test-"))
        test.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def write(self, name, text):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        if isinstance(text, bytes):
            path.write_bytes(text)
        else:
            path.write_text(textwrap.dedent(text).lstrip("\n"), encoding="utf-8")
        return path

    def rondom(self, *arguments, expect=None, environment=None, stdin=None, timeout=300):
        result = subprocess.run([str(RONDOM), "-C", str(self.folder), *map(str, arguments)],
                                stdin=stdin if stdin is not None else subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=timeout,
                                env={**os.environ, **(environment or {})}, check=False)
        self.search(arguments, result.stdout, result.stderr, environment)
        if expect is not None and result.returncode not in (expect if isinstance(expect, tuple) else (expect,)):
            raise AssertionError(f"rondom {' '.join(map(str, arguments))}: exit {result.returncode}, expected "
                                 f"{expect}\n{result.stdout.decode(errors='replace')[-3000:]}"
                                 f"\n{result.stderr.decode(errors='replace')[-3000:]}")
        return result

    def search(self, arguments, stdout, stderr, environment):
        """What the program said must hold no secret and, where nobody asked for people, no people."""
        told = {name: value for name, value in {**os.environ, **(environment or {})}.items()
                if name.startswith("RONDOM_SECRET_")}
        told.update({str(path): path.read_text(encoding="utf-8").strip()
                     for path in (self.folder / "secrets").glob("*") if path.is_file()})
        found = leaks(list(map(str, arguments)), stdout, stderr, told)
        if found:
            raise AssertionError(f"rondom {' '.join(map(str, arguments))} says {', '.join(sorted(set(found))[:5])}")
        refused = re.search(rb"Connector .{1,300} and was refused", stdout + stderr)
        if refused and not self.hostile:
            raise AssertionError(f"rondom {' '.join(map(str, arguments))}: {refused[0].decode()}")

    def killed_when(self, ready, *arguments, environment=None, seconds=60):
        """Runs the program, and kills it and all that it started as soon as ready(). False: it ended before that.

        ready() may block until what it waits for has happened; otherwise it is asked again while the program goes on."""
        words = arguments or ("-q", "run", "--all")
        with tempfile.TemporaryFile() as stdout, tempfile.TemporaryFile() as stderr:
            engine = subprocess.Popen([str(RONDOM), "-C", str(self.folder), *map(str, words)], stdin=subprocess.DEVNULL,
                                      stdout=stdout, stderr=stderr, env={**os.environ, **(environment or {})},
                                      start_new_session=True)
            try:
                killed = becomes(ready, engine, seconds) and engine.poll() is None
            finally:
                if engine.poll() is None:
                    os.killpg(engine.pid, signal.SIGKILL)
                engine.wait()
            stdout.seek(0)
            stderr.seek(0)
            self.search(words, stdout.read(), stderr.read(), environment)
        return killed

    @contextlib.contextmanager
    def held_at(self, point, *arguments, environment=None, seconds=60):
        """Runs the program and lets its plugin host stand still at that point (killer.c) while the body runs, which gets
        whether it was reached; then lets it go on. A body that wants it dead calls kill() of what it gets."""
        pipes = self.folder / "hold"
        for end in ("held", "go"):
            pathlib.Path(f"{pipes}.{end}").unlink(missing_ok=True)
            os.mkfifo(f"{pipes}.{end}")
        held = os.open(f"{pipes}.held", os.O_RDONLY | os.O_NONBLOCK)
        wrapper = (f"env LD_PRELOAD={KILLER} RONDOM_KILL_PROGRAM=rondom-plugin-host RONDOM_KILL_AT={point} "
                   f"RONDOM_KILL_HOLD={pipes}")
        engine = subprocess.Popen([str(RONDOM), "-C", str(self.folder), "--plugin-host-wrapper", wrapper, *map(str, arguments)],
                                  stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                                  env={**os.environ, **(environment or {})}, start_new_session=True)
        ended = os.pidfd_open(engine.pid)
        try:
            waiting = select.poll()
            waiting.register(held, select.POLLIN)
            waiting.register(ended, select.POLLIN)
            reached = any(what == held for what, _ in waiting.poll(seconds * 1_000))
            yield Held(engine, reached)
            if reached and engine.poll() is None:
                os.close(os.open(f"{pipes}.go", os.O_WRONLY))
            engine.wait(seconds)
        finally:
            if engine.poll() is None:
                os.killpg(engine.pid, signal.SIGKILL)
                engine.wait()
            os.close(ended)
            os.close(held)

    def checkpoints(self):
        """What the store holds of where connectors go on, as committed; also while a run is under way."""
        database = self.folder / "var/rondom.db"
        if not database.exists():
            return []
        try:
            with contextlib.closing(sqlite3.connect(f"file:{database}?mode=ro", uri=True)) as store:
                return [json.loads(state) for state, in store.execute("SELECT state FROM checkpoint")]
        except sqlite3.OperationalError:  # it is being made
            return []

    def run_json(self, *arguments, expect=(0, 3), **more):
        result = self.rondom("-o", "json", "run", *(arguments or ("--all",)), expect=expect, **more)
        return json.loads(result.stdout)

    def export(self):
        return self.rondom("profile", "export", "-o", "jsonl", expect=0).stdout

    def forget(self):
        """Everything that runs left behind."""
        for name in ("var", "out"):
            shutil.rmtree(self.folder / name, ignore_errors=True)


def becomes(ready, engine, seconds=60):
    """Does it become so while the program runs?"""
    end = time.monotonic() + seconds
    while not (so := ready()) and time.monotonic() < end:
        try:
            engine.wait(timeout=0.005)
            return ready()
        except subprocess.TimeoutExpired:
            pass
    return so


class Held:
    """A program whose plugin host stands still."""

    def __init__(self, engine, reached):
        self.engine, self.reached = engine, reached

    def becomes(self, ready):
        """Does it become so, now that the program only does what it has been told already?"""
        return becomes(ready, self.engine)

    def kill(self):
        os.killpg(self.engine.pid, signal.SIGKILL)
        self.engine.wait()


class PrivatePostgresql:
    """A PostgreSQL server of our own on a Unix socket; stopped and removed when the test ends."""

    def __init__(self, test):
        programs = sorted(pathlib.Path("/usr/lib/postgresql").glob("*/bin/initdb"))
        if not programs:
            test.skipTest("SKIPPED: no PostgreSQL server is installed (Debian package postgresql)")
        self.programs = programs[-1].parent
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rondom-pg-"))
        # initdb refuses to run as root.
        self.user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
        if self.user:
            shutil.chown(self.folder, "nobody", "nogroup")
        test.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        self.call("initdb", "-D", self.folder / "data", "-U", "rondom", "-A", "trust", "-N", "-E", "UTF8", "--locale=C")
        self.call("pg_ctl", "-D", self.folder / "data", "-w", "-l", self.folder / "log", "-o",
                  f"-k {self.folder} -c listen_addresses='' -c fsync=off", "start")
        test.addCleanup(self.call, "pg_ctl", "-D", self.folder / "data", "-m", "immediate", "stop")

    def call(self, program, *arguments):
        subprocess.run([*self.user, str(self.programs / program), *map(str, arguments)], check=True,
                       stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, cwd="/")

    def database(self, name):
        self.call("createdb", "-h", self.folder, "-U", "rondom", name)
        return f"host={self.folder} user=rondom dbname={name}"


def balanced(stream):
    parts = ("new", "changed", "unchanged", "deleted", "stale", "filtered", "quarantined")
    return stream["read"] == sum(stream[part] for part in parts)


def make_people(count, seed):
    """Records of two sources that overlap, with versions, families and rows that are refused."""
    dice = random.Random(seed)
    crm, shop = [], []
    for i in range(count):
        given, surname = dice.choice(GIVEN), dice.choice(SURNAMES)
        email = f"{given}.{surname}{i}@example.com".lower()
        changed = f"2026-01-{1 + dice.randrange(28):02d}T10:00:00Z"
        if dice.random() < 0.8:
            crm.append({"id": f"c{i}", "given": given, "surname": surname, "email": email,
                        "phone": f"06{12345678 + i * 7:08d}" if dice.random() < 0.5 else "",
                        "birth": f"19{50 + dice.randrange(50)}-0{1 + dice.randrange(9)}-1{dice.randrange(9)}",
                        "changed": changed})
            if dice.random() < 0.1:  # an older version of the same record
                crm.append({**crm[-1], "surname": "Oud", "changed": "2025-01-01T00:00:00Z"})
            if dice.random() < 0.05:  # two copies that contradict
                crm.append({**crm[-1], "given": "Iemand"})
        if dice.random() < 0.6:
            shop.append({"id": f"s{i}", "given": given if dice.random() < 0.9 else dice.choice(GIVEN),
                         "surname": surname, "email": email if dice.random() < 0.8 else "",
                         "phone": "", "birth": "", "changed": changed})
        if dice.random() < 0.02:
            shop.append({"id": f"x{i}", "given": given, "surname": surname, "email": "",
                         "phone": "", "birth": "31-31-1999", "changed": changed})
    return crm, shop


def jsonl(records):
    return "".join(json.dumps(record) + "\n" for record in records)


def people_project(test, destination="file", mode="append"):
    """Two sources, one destination; files are written by the test into data/crm and data/shop."""
    project = Project(test)
    project.write("rondom.yaml", f"""
        project: people
        plugins: ["{BUILD / 'test-plugins'}"]
        trusted_plugins: {{ ledger: {{ allow: [files], paths: [out] }} }}
        defaults: {{ country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }}
        deliver: send
        store: {{ sqlite: var/rondom.db }}
        connections:
          crm: {{ connector: file, config: {{ path: data }} }}
          shop: {{ connector: file, config: {{ path: data }} }}
          files: {{ connector: file, config: {{ path: out }} }}
          ledger: {{ connector: ledger, config: {{ file: out/ledger.txt }} }}
        purposes:
          service: {{ channel: email, legal_basis: contract }}
        """)
    for source in ("crm", "shop"):
        project.write(f"jobs/{source}.yaml", f"""
            job: {source}
            source: {source}
            streams:
              - stream: people
                options: {{ path: "{source}/*.jsonl", mode: {mode} }}
                entity: person
                key: .id
                cursor: .changed
                map:
                  name.given: .given
                  name.surname: .surname
                  email: .email
                  phone: .phone
                  birth_date: .birth
            """)
    connection = {"file": "files", "ledger": "ledger"}[destination]
    project.write("jobs/mail.yaml", f"""
        job: mail
        destination: {connection}
        schedule: {{ after: [crm, shop] }}
        audience: reachable
        purpose: service
        on_leave: keep
        map:
          email: .permitted.email
          name: .name.given
        """)
    project.write("audiences/reachable.yaml", """
        audience: reachable
        all:
          - .email != null
        """)
    (project.folder / "data/crm").mkdir(parents=True)
    (project.folder / "data/shop").mkdir(parents=True)
    (project.folder / "out").mkdir()
    return project
