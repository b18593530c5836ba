"""Connectors on the engine's HTTP: credentials, tokens that are used up, limits, whole program."""
import http.server
import json
import os
import shutil
import ssl
import stat
import subprocess
import threading
import unittest

from project import BUILD, Project


class Server:
    """On loopback, on a port of the system's choice; `answer(method, path, headers, body)` gives (status, object)."""

    def __init__(self, test, answer, certificate=None):
        self.requests = []
        requests = self.requests

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
                requests.append((self.command, self.path, dict(self.headers), body))
                status, reply = answer(self.command, self.path, self.headers, body)
                data = json.dumps(reply).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            do_POST = do_GET

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        scheme = "http" if certificate is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.server.server_address[1]}"
        thread = threading.Thread(target=self.server.serve_forever)
        thread.start()
        test.addCleanup(thread.join)
        test.addCleanup(self.server.server_close)
        test.addCleanup(self.server.shutdown)


# Says over which protocol each request came; a port of the system's choice, HTTP/1.1 for who cannot do better.
HTTP2_SERVER = """
const fs = require("fs"), pem = fs.readFileSync(process.argv[1]);
const server = require("http2").createSecureServer({ key: pem, cert: pem, allowHTTP1: true }, (request, response) => {
  console.log(request.httpVersion, request.method, request.headers["authorization"] === "Bearer s3cret-token");
  response.setHeader("content-type", "application/json");
  response.end(JSON.stringify([{ id: "1", name: "Anna Jansen" }]));
});
server.listen(0, "127.0.0.1", () => console.log(server.address().port));
process.stdin.resume().on("end", () => process.exit(0));
"""


class Http(unittest.TestCase):
    def project(self, config, settings="", connections=""):
        project = Project(self)
        project.write("rondom.yaml", f"""
            project: web
            plugins: ["{os.path.relpath(BUILD / 'tests' / 'plugins' / 'web', project.folder)}"]
            trusted_plugins: {{ web: {{ allow: [] }} }}
            secrets: [env]{settings}
            connections:
              crm: {{ connector: web, config: {{ {config} }} }}{connections}
            """)
        project.write("jobs/read.yaml", """
            job: read
            source: crm
            streams:
              - stream: people
                entity: person
                key: .id
                map:
                  name.full: .name
            """)
        return project

    def check(self, project, expect=0, **secrets):
        result = project.rondom("check", "crm", expect=expect,
                                environment={f"RONDOM_SECRET_{name.upper()}": value for name, value in secrets.items()})
        said = (result.stdout + result.stderr).decode()
        for value in secrets.values():
            self.assertNotIn(value, said)
        return said

    def test_a_token_of_the_project_signs_the_requests(self):
        people = [{"id": "1", "name": "Anna Jansen"}, {"id": "2", "name": "Bram Bakker"}]
        server = Server(self, lambda method, path, headers, body:
                        (200, people) if headers.get("Authorization") == "Bearer s3cret-token" else (401, {}))
        project = self.project(f'url: "{server.url}", token: "${{secret:crm_token}}"')
        self.check(project, CRM_TOKEN="s3cret-token")
        report = project.run_json("read", environment={"RONDOM_SECRET_CRM_TOKEN": "s3cret-token"})
        self.assertEqual(2, report["jobs"][0]["streams"][0]["new"])
        self.check(project, expect=tuple(range(1, 80)), CRM_TOKEN="wr0ng-token")

    def test_a_server_that_repeats_the_token_gives_it_away_to_nobody(self):
        secret = "s3cret-token"
        server = Server(self, lambda *_: (401, {"message": f"Bearer {secret} is not valid"}))
        project = self.project(f'url: "{server.url}", token: "${{secret:crm_token}}", repeat: true', f"""
            deliver: send
            purposes: {{ service: {{ channel: email, legal_basis: contract }} }}""", f"""
              target: {{ connector: web, config: {{ url: "{server.url}", token: "${{secret:crm_token}}" }} }}
              people: {{ connector: file, config: {{ path: data }} }}""")
        project.write("data/people.jsonl", '{"id": "1", "email": "anna@example.com"}\n')
        project.write("jobs/people.yaml", """
            job: people
            source: people
            streams:
              - stream: people
                options: { path: people.jsonl }
                entity: person
                key: .id
                map: { email: .email }
            """)
        project.write("audiences/reachable.yaml", "audience: reachable\nall: [.email != null]\n")
        project.write("jobs/send.yaml", """
            job: send
            destination: target
            audience: reachable
            purpose: service
            on_leave: keep
            map: { email: .permitted.email }
            """)
        environment = {"RONDOM_SECRET_CRM_TOKEN": secret}
        for job in ("read", "people", "send"):
            said = project.rondom("run", job, environment=environment)
            self.assertNotIn(secret.encode(), said.stdout + said.stderr, job)
            if job == "read":
                self.assertIn(b"is not valid", said.stdout + said.stderr)
        told = b""
        for words in (("runs",), ("-o", "json", "runs"), ("quarantine", "list"), ("-o", "json", "quarantine", "list"),
                      ("deadletter", "list"), ("-o", "json", "deadletter", "list")):
            shown = project.rondom(*words).stdout
            self.assertNotIn(secret.encode(), shown, words)
            told += shown
        self.assertLess(4, told.count(b"is not valid"))
        kept = b"".join(path.read_bytes() for path in (project.folder / "var").rglob("*") if path.is_file())
        self.assertNotIn(secret.encode(), kept)

    def test_a_rotated_refresh_token_is_used_the_next_time(self):
        given = ["refresh-1"]

        def answer(method, path, headers, body):
            if path != "/token":
                return 200, []
            if f"refresh_token={given[-1]}&" not in body:
                return 400, {"error": "invalid_grant"}
            given.append(f"refresh-{len(given) + 1}")
            return 200, {"access_token": "access", "refresh_token": given[-1]}

        server = Server(self, answer)
        project = self.project(f'url: "{server.url}", client_id: crm, client_secret: "${{secret:key}}", '
                               'refresh_token: "${secret:refresh}"')
        for _ in range(3):
            self.check(project, KEY="s3cret-key", REFRESH="refresh-1")
        self.assertEqual(["refresh-1", "refresh-2", "refresh-3", "refresh-4"], given)
        (kept,) = (project.folder / "var" / "tokens").glob("crm-*.json")
        self.assertEqual(0o600, stat.S_IMODE(kept.stat().st_mode))
        self.assertNotIn("refresh-1", kept.read_text())
        # Another configured token means that somebody signed in anew.
        given[:] = ["anew-1"]
        self.check(project, KEY="s3cret-key", REFRESH="anew-1")

    def test_what_is_missing_is_said_by_validate(self):
        project = self.project('url: "https://crm.example.com", user: jan')
        said = project.rondom("validate", expect=tuple(range(1, 80)))
        self.assertIn(b"user and password", said.stdout + said.stderr)

    def certificate(self, project):
        """A file with key and certificate of 127.0.0.1; ca.pem beside it is who signed it."""
        certificate = project.folder / "server.pem"
        subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
                        "/CN=Test", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", certificate, "-out",
                        project.folder / "ca.pem"], check=True, capture_output=True)
        certificate.write_bytes(certificate.read_bytes() + (project.folder / "ca.pem").read_bytes())
        return certificate

    @unittest.skipUnless(shutil.which("node"), "SKIPPED: nothing here serves HTTP/2 (Debian package nodejs)")
    def test_http_2_is_spoken_with_who_can(self):
        project = Project(self)
        with subprocess.Popen(["node", "-e", HTTP2_SERVER, self.certificate(project)], stdin=subprocess.PIPE,
                              stdout=subprocess.PIPE) as server:
            port = int(server.stdout.readline())
            web = self.project(f'url: "https://127.0.0.1:{port}", token: "${{secret:crm_token}}", '
                               f'network: {{ ca_file: "{project.folder / "ca.pem"}" }}')
            report = web.run_json("read", environment={"RONDOM_SECRET_CRM_TOKEN": "s3cret-token"})
            self.assertEqual(1, report["jobs"][0]["streams"][0]["new"])
            said, _ = server.communicate(timeout=20)
        self.assertEqual({b"2.0 GET true"}, set(said.splitlines()))

    def test_only_a_trusted_certificate_is_accepted(self):
        project = Project(self)
        certificate = self.certificate(project)
        server = Server(self, lambda method, path, headers, body: (200, []), certificate)
        config = f'url: "{server.url}", token: "${{secret:crm_token}}"'
        said = self.check(self.project(config), expect=tuple(range(1, 80)), CRM_TOKEN="s3cret-token")
        self.assertIn("certificate", said)
        self.assertEqual([], server.requests)
        trusting = f'{config}, network: {{ ca_file: "{project.folder / "ca.pem"}" }}'
        self.check(self.project(trusting), CRM_TOKEN="s3cret-token")
        self.assertEqual(1, len(server.requests))

    def test_plain_http_is_for_loopback(self):
        project = self.project('url: "http://crm.example.com", token: "${secret:crm_token}"')
        said = self.check(project, expect=tuple(range(1, 80)), CRM_TOKEN="s3cret-token")
        self.assertIn("without encryption", said)


if __name__ == "__main__":
    unittest.main()
