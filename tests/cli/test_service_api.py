"""The service over HTTP with the real program: what it describes is what it does; verbs go through it."""
import http.client
import json
import os
import pathlib
import random
import re
import socket
import ssl
import subprocess
import unittest
import urllib.parse

import jsonschema
from project import RONDOM, jsonl, people_project

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
# Verbs that need no service: they read files of the project, or are about the service itself.
LOCAL_VERBS = {"init", "validate", "test", "connectors list", "connectors show", "plugin new", "plugin install",
               "plugin test", "plugin run", "version", "completion", "help", "demo", "serve", "reload", "trigger", "pause",
               "resume", "cancel", "health", "tail", "top"}
NOBODY = 65534


class UnixConnection(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("localhost", timeout=60)
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(60)
        self.sock.connect(str(self.path))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Served:
    """`rondom serve` of a project until the test ends."""

    def __init__(self, test, project, *options, user=None):
        self.project = project
        self.socket = project.folder / "var/control.sock"
        notices = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        test.addCleanup(notices.close)
        notices.bind(str(project.folder / "notify.sock"))
        os.chmod(project.folder / "notify.sock", 0o777)
        notices.settimeout(60)
        self.log = open(project.folder / "serve.log", "wb+")  # pylint: disable=consider-using-with
        test.addCleanup(self.log.close)
        self.process = subprocess.Popen(
            [str(RONDOM), "-C", str(project.folder), *options, "serve"], stdin=subprocess.DEVNULL, stdout=self.log,
            stderr=self.log, user=user, group=user, extra_groups=[] if user else None,
            env={**os.environ, "NOTIFY_SOCKET": str(project.folder / "notify.sock")})
        test.addCleanup(self.stop)
        while b"READY=1" not in notices.recv(4096):
            pass

    def stop(self):
        if self.process.poll() is None:
            self.process.terminate()
            self.process.wait(60)
        self.log.seek(0)
        self.project.search(("serve",), b"", self.log.read(), {})
        return self.process.returncode

    def ask(self, method, target, body=None, token=None, port=None, headers=None):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60) if port else UnixConnection(self.socket)
        try:
            more = {"Authorization": f"Bearer {token}"} if token else {}
            if body is not None:
                more["Content-Type"] = "application/json"
            connection.request(method, target, body, {**more, **(headers or {})})
            answer = connection.getresponse()
            return answer.status, answer.getheader("Content-Type", ""), answer.read()
        finally:
            connection.close()

    def json(self, method, target, *arguments, **more):
        status, _, body = self.ask(method, target, *arguments, **more)
        return status, json.loads(body)

    def audit(self):
        return [json.loads(line) for line in (self.project.folder / "var/audit.jsonl").read_text().splitlines()]


def project_with_people(test, serve="{ listen: none }"):
    project = people_project(test)
    settings = project.folder / "rondom.yaml"
    settings.write_text(settings.read_text() + f"serve: {serve}\n")
    people = [{"id": f"c{i}", "given": "Anna", "surname": f"Bakker{i}", "email": f"anna{i}@example.com", "phone": "",
               "birth": "", "changed": "2026-01-01T10:00:00Z"} for i in range(20)]
    people.append({**people[0], "id": "c99", "birth": "31-31-1999"})
    (project.folder / "data/crm/a.jsonl").write_text(jsonl(people), encoding="utf-8")
    project.run_json()
    return project


class Asked(unittest.TestCase):
    maxDiff = None

    def test_what_is_described_is_what_happens(self):
        """Requests made from the served description, sensible and not: no 5xx, no status that it does not name."""
        served = Served(self, project_with_people(self))
        document = served.json("GET", "/api/v1/openapi.json")[1]
        dice = random.Random(20261126)
        profile = served.json("GET", "/api/v1/profiles?query=anna3%40example.com")[1][0]["profile"]
        sensible = {"job": "crm", "profile": profile, "item": "crm.people/c1", "id": "1", "query": "anna1@example.com",
                    "connection": "crm", "limit": "3", "after": "1", "before": "2126-01-01T00:00:00Z", "as_of": "2026-11-26", "verbose": ""}
        strange = ["", "x", "-1", "0", "--play=/etc/passwd", "..", "a/b", "ü", "\u202e", "%", "'", '"', "\\", "a b", "{}",
                   "999999999999999999999", "a" * 2000, "crm.people/", ":", "email:", "0x1f", "\n", "\x7f"]
        seen = set()

        def described(operation, target, method, body):
            status, kind, answer = served.ask(method, target, body)
            told = operation["responses"].get(str(status))
            self.assertIsNotNone(told, f"{method} {target[:80]}: {status} is not described\n{answer[:300]}")
            self.assertLess(status, 500, f"{method} {target[:80]}\n{answer[:300]}")
            seen.add(status)
            if "$ref" in told:
                told = document["components"]["responses"][told["$ref"].rsplit("/", 1)[1]]
            content = {name: value for name, value in told["content"].items() if kind.split(";")[0] == name}
            self.assertTrue(content, f"{method} {target[:80]}: {kind} is not described")
            if kind.endswith("ndjson"):
                self.assertIn("exit", json.loads(answer.splitlines()[-1]))
            elif kind.endswith("json"):
                jsonschema.validate(json.loads(answer), {**next(iter(content.values()))["schema"],
                                                        "components": document["components"]})
            return status

        for path, methods in document["paths"].items():
            for method, operation in methods.items():
                for turn in range(5):
                    def value(name, turn=turn):
                        return sensible[name] if turn == 0 or dice.random() < 0.5 else dice.choice(strange)
                    target, query = path, {}
                    for one in operation["parameters"]:
                        quoted = urllib.parse.quote(value(one["name"]), safe="")
                        if one["in"] == "path":
                            target = target.replace("{" + one["name"] + "}", quoted)
                        elif one["required"] or turn == 0 or dice.random() < 0.7:
                            query[one["name"]] = quoted
                    if query:
                        target += "?" + "&".join(f"{name}={text}" for name, text in query.items())
                    body = None
                    if "requestBody" in operation:
                        good = {"arguments": ["status"]} if path == "/v1/command" else {"accept": ["x"]}
                        body = json.dumps(good if turn == 0 else dice.choice([good, [], {}, {"x": 1}, {"arguments": "run"}]))
                    status = described(operation, target, method.upper(), body)
                    if turn == 0 and "{item}" not in path and not path.endswith(("/cancel", "/redrive", "/run", "/release")):
                        self.assertEqual(status, int(min(operation["responses"])), f"{method} {target}")
        self.assertGreaterEqual(seen, {200, 202, 400, 404})

    def test_tokens_over_tcp(self):
        port = free_port()
        project = project_with_people(self, f"{{ listen: 127.0.0.1:{port} }}")
        served = Served(self, project)
        token = project.rondom("token", "create", "night", "--scope", "read,operate", "--expires", "90d",
                               expect=0).stdout.decode().strip()
        self.assertEqual(served.ask("GET", "/livez", port=port)[0], 200)
        self.assertEqual(served.ask("GET", "/api/v1/jobs", port=port)[0], 401)
        self.assertEqual(served.ask("GET", "/api/v1/jobs", port=port, token=token)[0], 200)
        self.assertEqual(served.ask("GET", "/api/v1/review", port=port, token=token)[0], 403)
        self.assertEqual(served.ask("GET", "/livez", port=port, headers={"Host": "evil.example"})[0], 421)
        self.assertEqual(served.ask("POST", "/v1/command", b'{"arguments":["status"]}', port=port, token=token)[0], 403)
        listed = json.loads(project.rondom("-o", "json", "token", "list", expect=0).stdout)
        self.assertEqual([(one["name"], one["scopes"]) for one in listed], [("night", ["read", "operate"])])
        self.assertNotIn(token, (project.folder / "var/tokens-api.json").read_text())
        project.rondom("token", "revoke", "night", expect=0)
        self.assertEqual(served.ask("GET", "/api/v1/jobs", port=port, token=token)[0], 401)
        project.rondom("token", "revoke", "night", expect=2)
        project.rondom("token", "create", "x", "--scope", "everything", expect=2)
        checked = json.loads(project.rondom("-o", "json", "audit", "verify", expect=0).stdout)
        self.assertEqual((0, []), (checked["began_anew"], checked["damaged"]))
        self.assertEqual(checked["entries"], len(served.audit()))

    def test_encrypted(self):
        port = free_port()
        project = project_with_people(
            self, f"{{ listen: 127.0.0.1:{port}, tls: {{ certificate: own.pem, key: own.key }} }}")
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-keyout", "own.key",
                        "-out", "own.pem"], cwd=project.folder, check=True, capture_output=True)
        served = Served(self, project)
        trust = ssl.create_default_context(cafile=str(project.folder / "own.pem"))
        connection = http.client.HTTPSConnection("localhost", port, context=trust, timeout=60)
        for _ in range(3):  # one connection
            connection.request("GET", "/livez")
            self.assertEqual(connection.getresponse().read(), b"alive\n")
        connection.close()
        with self.assertRaises((http.client.HTTPException, OSError)):
            served.ask("GET", "/livez", port=port)
        self.assertEqual(served.ask("GET", "/livez")[0], 200)


class Forwarded(unittest.TestCase):
    maxDiff = None

    def test_verbs_say_the_same_through_the_service(self):
        project = project_with_people(self)
        verbs = [("status",), ("-o", "json", "profile", "show", "anna3@example.com"), ("profile", "find", "nobody"),
                 ("-o", "json", "profile", "show", "nobody"), ("profile", "members"), ("quarantine", "list"),
                 ("store", "verify"), ("plan", "--limit=3"), ("profile", "export", "-o", "jsonl")]

        def said():
            return [(one.returncode, one.stdout) for one in (project.rondom(*verb) for verb in verbs)]
        direct = said()
        served = Served(self, project)
        through = said()
        for verb, before, after in zip(verbs, direct, through):
            if verb != ("status",):  # which also says what the service does next
                self.assertEqual(before, after, verb)
        self.assertEqual([one["what"] for one in served.audit()],
                         ["command " + " ".join(word for word in verb if word.isalpha() and word not in ("json", "jsonl", "nobody"))
                          for verb in verbs])
        text = (project.folder / "var/audit.jsonl").read_text()
        self.assertNotIn("anna", text)
        self.assertEqual(served.stop(), 0)
        self.assertEqual(said(), direct)  # a socket that nobody listens at is no obstacle

    def test_what_the_service_does_not_do(self):
        project = project_with_people(self)
        served = Served(self, project)
        self.assertIn(b"--plugin-host-wrapper", project.rondom("--plugin-host-wrapper", "env", "status", expect=2).stderr)
        refused = project.rondom("--env", "other", "-o", "json", "status", expect=(2, 78))
        self.assertIn("error", json.loads(refused.stdout))
        self.assertEqual(served.json("POST", "/v1/command", b'{"arguments":["plugin","run","x.so"]}')[0], 422)
        project.rondom("validate", expect=0)
        self.assertFalse((project.folder / "var/audit.jsonl").exists())

    def test_no_answer_is_written_over_what_is_kept(self):
        project = project_with_people(self)
        before = {path: path.read_bytes() for path in (project.folder / "var").iterdir() if path.is_file()}
        (project.folder / "around").symlink_to("var")

        def refused():
            kept = [path.name for path in (project.folder / "var").iterdir()]
            self.assertIn("rondom.db", kept)
            # What the store has beside it comes and goes, and is refused either way.
            of_store = [f"rondom.db{end}" for end in ("", "-wal", "-shm", "-journal")]
            for name in [*kept, *of_store]:
                result = project.rondom("profile", "page", "anna3@example.com", "--html",
                                        project.folder / "around" / name, expect=2)
                self.assertIn(b"file of the store" if name in of_store else b"in the state folder",
                              result.stderr, name)
            for file in ("var/rondom.db", "x/../var/rondom.db"):
                project.rondom("profile", "page", "anna3@example.com", "--html", project.folder / file, expect=2)
            project.rondom("--record", project.folder / "var/rondom.db", "check", expect=2)
            for _ in range(2):
                project.rondom("profile", "page", "anna3@example.com", "--html", project.folder / "page.html", expect=0)
            return kept
        refused()
        # Where only the state folder can be written to, a new file may stand there.
        project.rondom("profile", "page", "anna3@example.com", "--html", project.folder / "var/page.html", expect=0)
        self.assertEqual(before, {path: path.read_bytes() for path in before})
        served = Served(self, project)
        project.rondom("profile", "page", "anna3@example.com", "--html", project.folder / "page.html", expect=0)
        self.assertIn("audit.jsonl", refused())
        self.assertGreater(len(served.audit()), 3)
        project.rondom("audit", "verify", expect=0)

    @unittest.skipIf(os.getuid() != 0, "SKIPPED: only root can be two users")
    def test_root_leaves_nothing_that_the_service_cannot_write(self):
        project = project_with_people(self)
        for folder, _, files in os.walk(project.folder):
            for path in (folder, *(os.path.join(folder, name) for name in files)):
                os.chown(path, NOBODY, NOBODY)
        if subprocess.run(["test", "-x", str(RONDOM)], user=NOBODY, group=NOBODY, extra_groups=[], check=False).returncode:
            self.skipTest("SKIPPED: this build is not readable for everybody")
        Served(self, project, user=NOBODY)
        project.rondom("run", "--all", expect=(0, 3))
        project.rondom("profile", "show", "anna3@example.com", expect=0)
        project.rondom("check", expect=(0, 1))
        project.rondom("token", "create", "x", "--scope", "read", expect=0)
        strangers = [path for path in pathlib.Path(project.folder).rglob("*")
                     if path.name not in ("serve.log", "notify.sock") and path.lstat().st_uid != NOBODY]
        self.assertEqual(strangers, [])

    def test_every_verb_is_forwarded_or_known_to_need_no_store(self):
        listed = (SOURCE / "core/service/forwarded.cpp").read_text()
        options = set()

        def verbs(*path):
            text = subprocess.run([str(RONDOM), "help", *path], check=True, capture_output=True, text=True).stdout
            lines = text.split("Verbs:\n", 1)[1].splitlines() if "Verbs:\n" in text else []
            if path and not lines and f'"{" ".join(path)}"' in listed:
                options.update(re.findall(r"^ +(?:-\w,)?(--[a-z-]+)", text, re.MULTILINE))
            for line in lines:
                if not line.startswith("  ") or line.startswith("   "):
                    continue
                below = list(verbs(*path, line.split()[0]))
                yield from below or [" ".join((*path, line.split()[0]))]
        found = set(verbs())
        self.assertGreater(len(found), 40)
        self.assertEqual({verb for verb in found if f'"{verb}"' not in listed} - LOCAL_VERBS, set())
        self.assertEqual({verb for verb in LOCAL_VERBS if f'"{verb}"' in listed}, set())
        self.assertGreater(len(options), 20)
        self.assertEqual({option for option in options if f'"{option}"' not in listed}, set())


if __name__ == "__main__":
    unittest.main()
