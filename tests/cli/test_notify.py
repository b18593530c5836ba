"""Who is told of trouble: by HTTP and by a program, once, and when it is over; streams that grow old; secrets that are replaced."""
import base64
import hashlib
import hmac
import json
import os
import signal
import unittest

from project import Project
from service import Service, people
from test_http import Server

KEY = base64.b64encode(b"a key of thirty-two bytes at all").decode()
TOLD = "#!/bin/sh\nread -r line\nprintf '%s\\n' \"$line\" >> told\n"


class Notify(unittest.TestCase):
    maxDiff = None

    def prepared(self, targets, schedule="", more=""):
        project = people(self, {"crm": schedule}, records=3)
        settings = project.folder / "rondom.yaml"
        settings.write_text(settings.read_text() + more + "notify:\n  to:\n" + targets)
        project.write("bin/tell", TOLD)
        os.chmod(project.folder / "bin/tell", 0o755)
        return project

    def secret(self, project, name, value):
        project.write(f"secrets/{name}", value)
        os.chmod(project.folder / f"secrets/{name}", 0o600)

    def run_once(self, project, service, status):
        project.rondom("trigger", "crm", expect=0)
        service.wait_for("job.finished", job="crm", status=status)

    def told(self, project):
        file = project.folder / "told"
        return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []

    def test_a_job_that_fails_is_told_once_and_its_end_too(self):
        server = Server(self, lambda *_: (200, {}))
        project = self.prepared(f"    chat: {{ webhook: \"{server.url}/hook/${{secret:HOOK}}\", signing_secret: \"${{secret:SIGN}}\" }}\n"
                                "    page: { command: [bin/tell, \"a $HOME; b\"], events: [failed, recovered] }\n")
        self.secret(project, "HOOK", "open-sesame-42")
        self.secret(project, "SIGN", "whsec_" + KEY)
        data = project.folder / "data/crm.jsonl"
        content = data.read_bytes()
        data.unlink()
        service = Service(self, project)
        service.wait_for("service.started")
        self.run_once(project, service, "failed")
        for _ in range(2):
            service.wait_for("notice.sent", kind="failed", job="crm")
        self.run_once(project, service, "failed")
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)
        self.assertEqual(len(server.requests), 1)
        # A restart does not repeat it.
        service = Service(self, project)
        service.wait_for("service.started")
        self.run_once(project, service, "failed")
        data.write_bytes(content)
        self.run_once(project, service, "done")
        for _ in range(2):
            service.wait_for("notice.sent", kind="recovered", job="crm")
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)

        self.assertEqual([json.loads(body)["type"] for _, _, _, body in server.requests], ["job.failed", "recovered"])
        method, path, headers, body = server.requests[0]
        self.assertEqual((method, path, headers["Content-Type"]), ("POST", "/hook/open-sesame-42", "application/json"))
        signed = ".".join((headers["webhook-id"], headers["webhook-timestamp"], body)).encode()
        expected = base64.b64encode(hmac.new(base64.b64decode(KEY), signed, hashlib.sha256).digest()).decode()
        self.assertEqual(headers["webhook-signature"], f"v1,{expected}")
        self.assertNotEqual(headers["webhook-id"], server.requests[1][2]["webhook-id"])
        told = self.told(project)
        self.assertEqual(told[0], json.loads(body))
        self.assertEqual([one["type"] for one in told], ["job.failed", "recovered"])
        data = told[0]["data"]
        self.assertEqual((data["job"], data["status"], data["times"]), ("crm", "failed", 1))
        self.assertIn("job crm failed: ", told[0]["text"])
        for text in (body, service.everything(), (project.folder / "var/service.json").read_text()):
            self.assertNotIn("sesame", text)

    def test_who_cannot_be_told_stops_nothing(self):
        server = Server(self, lambda *_: (404, {}))
        project = self.prepared(f"    chat: {{ webhook: \"{server.url}/${{secret:HOOK}}\" }}\n"
                                "    gone: { command: [bin/none] }\n"
                                "    slow: { command: [/bin/sleep, \"60\"], timeout: 1s }\n"
                                "    sad: { command: [/bin/false] }\n")
        self.secret(project, "HOOK", "open-sesame-42")
        (project.folder / "data/crm.jsonl").write_text('{"id": 1, "name": ["a", "b"]}\n{"id": 2, "name": "Anna Jansen"}\n')
        service = Service(self, project)
        service.wait_for("service.started")
        self.run_once(project, service, "partial")
        said = sorted((service.wait_for("notice.failed", kind="quarantined").words for _ in range(4)), key=lambda one: one["to"])
        self.assertEqual([one["to"] for one in said], ["chat", "gone", "sad", "slow"])
        self.assertEqual(said[0]["error"], "the webhook answered 404")
        self.assertIn("could not be started", said[1]["error"])
        self.assertEqual(said[2]["error"], "the command ended with exit code 1")
        self.assertEqual(said[3]["error"], "the command took longer than its timeout")
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)
        self.assertNotIn("sesame", service.everything())

    def test_one_who_hangs_holds_up_nobody_else(self):
        project = self.prepared("    hangs: { command: [/bin/sleep, \"600\"], timeout: 5m }\n    page: { command: [bin/tell] }\n")
        data = project.folder / "data/crm.jsonl"
        content = data.read_bytes()
        service = Service(self, project)
        service.wait_for("service.started")
        data.unlink()
        self.run_once(project, service, "failed")
        service.wait_for("notice.sent", to="page", kind="failed")
        data.write_bytes(content)
        self.run_once(project, service, "done")
        service.wait_for("notice.sent", to="page", kind="recovered")
        self.assertEqual([one["type"] for one in self.told(project)], ["job.failed", "recovered"])
        self.assertNotIn("to=hangs", service.everything())
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)
        # Those that could not be told are named in the end.
        failed = [line.words for line in service.lines if line.event == "notice.failed"]
        self.assertEqual({(one["to"], one["kind"]) for one in failed}, {("hangs", "failed"), ("hangs", "recovered")})

    def test_it_can_be_tried(self):
        server = Server(self, lambda *_: (200, {}))
        project = self.prepared(f"    chat: {{ webhook: \"{server.url}/\", events: [stopped] }}\n    page: {{ command: [bin/tell] }}\n"
                                "    sad: { command: [/bin/false] }\n")
        said = json.loads(project.rondom("-o", "json", "notify", "test", expect=69).stdout)
        self.assertEqual(said, [{"to": "chat", "error": ""}, {"to": "page", "error": ""},
                                {"to": "sad", "error": "the command ended with exit code 1"}])
        self.assertEqual(self.told(project)[0]["type"], "test")
        self.assertEqual(len(server.requests), 1)
        self.assertIn(b"chat  sent", project.rondom("notify", "test", "chat", expect=0).stdout)
        self.assertIn(b"did you mean chat?", project.rondom("notify", "test", "chta", expect=2).stderr)

    def test_a_stream_that_grows_old(self):
        project = self.prepared("    page: { command: [bin/tell] }\n", "fresh_within: 1h")
        (project.folder / "data/crm.jsonl").write_text('{"id": 1, "name": "Anna Jansen"}\n')

        def stream():
            return json.loads(project.rondom("-o", "json", "status", expect=0).stdout)["streams"]
        project.rondom("run", "crm", expect=0)
        fresh, = stream()
        self.assertEqual((fresh["job"], fresh["stream"], fresh["fresh_within_seconds"], fresh["stale"]), ("crm", "crm", 3600, False))
        read_at = fresh["last_read_at"]
        self.assertNotIn(b"stale", project.rondom("status", expect=0).stdout)
        # A run that fails has read nothing completely.
        (project.folder / "data/crm.jsonl").rename(project.folder / "data/away")
        project.rondom("run", "crm", expect=(1, 69, 78))
        self.assertEqual(stream()[0]["last_read_at"], read_at)
        project.write("jobs/crm.yaml", (project.folder / "jobs/crm.yaml").read_text().replace("1h", "1s"))
        while not stream()[0]["stale"]:
            pass
        self.assertIn(b"! stale      stream crm of job crm, last read " + read_at[:16].encode(), project.rondom("status", expect=0).stdout)
        findings = json.loads(project.rondom("-o", "json", "doctor", expect=0).stdout)["findings"]
        self.assertEqual([one["check"] for one in findings], ["freshness"])
        service = Service(self, project)
        service.wait_for("notice.sent", kind="stale", job="crm", stream="crm")
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)
        self.assertEqual(self.told(project)[0]["data"]["stream"], "crm")

    def test_a_secret_that_is_replaced_counts_from_the_next_run_on(self):
        server = Server(self, lambda *_: (401, {}))
        project = Project(self)
        project.write("rondom.yaml", f"""
            project: shop
            serve: {{ listen: none }}
            secrets: ["file:secrets"]
            connections:
              mail: {{ connector: mailchimp, config: {{ url: "{server.url}", user: any, api_key: "${{secret:MAIL}}" }} }}
            """)
        project.write("jobs/crm.yaml", "job: crm\nsource: mail\nstreams:\n  - stream: members\n    entity: person\n    key: .id\n"
                                       "    options: { list: a }\n    map: { email: .email_address }\n")
        self.secret(project, "MAIL", "the-first-of-two-us1")
        service = Service(self, project)
        service.wait_for("service.started")
        self.run_once(project, service, "failed")
        self.secret(project, "MAIL", "the-second-of-two-us1")
        self.run_once(project, service, "failed")
        shown = [base64.b64decode(headers["Authorization"].split()[1]).decode() for _, _, headers, _ in server.requests]
        self.assertEqual((shown[0], shown[-1]), ("any:the-first-of-two-us1", "any:the-second-of-two-us1"))
        service.signal(signal.SIGTERM)
        self.assertEqual(service.ends(), 0)


if __name__ == "__main__":
    unittest.main()
