"""Both ways with Salesforce, against the stand-in of tests/sandbox: what is there afterwards, and what was asked."""
import json
import os
import pathlib
import signal
import subprocess
import sys
import time
import unittest

from project import RONDOM, Project, jsonl

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "sandbox"))
import salesforce  # noqa: E402

LONG_AGO = "2026-03-01T10:00:00.000+0000"
ENDS = (0, 1, 3, 69, 75)
SECRETS = {"RONDOM_SECRET_SALESFORCE": salesforce.CLIENT_SECRET}


class Base(unittest.TestCase):
    def start(self, credentials=f'client_id: {salesforce.CLIENT}, client_secret: "${{secret:SALESFORCE}}"'):
        self.server = salesforce.serve()
        self.addCleanup(self.server.server_close)
        self.addCleanup(self.server.shutdown)
        self.org = self.server.system
        self.project = Project(self)
        self.project.write("rondom.yaml", f"""
            project: shop
            defaults: {{ country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }}
            deliver: send
            secrets: [env]
            connections:
              crm: {{ connector: file, config: {{ path: data }} }}
              salesforce: {{ connector: salesforce, config: {{ url: "{self.server.address}", {credentials} }} }}
            purposes:
              news: {{ channel: email, legal_basis: consent }}
            """)

    def run_job(self, job, expect=(0, 3), environment=None):
        report = self.project.run_json(job, expect=expect, environment=environment or SECRETS)
        return next(one for one in report["jobs"] if one["job"] == job)

    def said(self, *arguments, environment=None):
        result = self.project.rondom(*arguments, environment=environment or SECRETS)
        return (result.stdout + result.stderr).decode()

    def fault(self, kind, path="", **more):
        with self.org.lock:
            self.org.faults.append({"kind": kind, "path": path, **more})

    def asked(self, path):
        return [one for one in self.org.requests if path in one["path"]]

    def kill_at(self, path):
        """The program dies while it waits for the answer to a request of that path."""
        self.fault("slow", path, seconds=1)
        before = len(self.asked(path))
        engine = subprocess.Popen([str(RONDOM), "-C", str(self.project.folder), "-q", "run", "--all"],
                                  env={**os.environ, **SECRETS}, stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL, start_new_session=True)
        while len(self.asked(path)) == before:
            self.assertIsNone(engine.poll())
            time.sleep(0.005)
        os.killpg(engine.pid, signal.SIGKILL)
        engine.wait()


class Source(Base):
    def make(self, contacts=0, options="{}", **more):
        self.start(**more)
        self.options(options)
        for n in range(contacts):
            self.contact(n)

    def options(self, options):
        self.project.write("jobs/contacts.yaml", f"""
            job: contacts
            source: salesforce
            streams:
              - {{ stream: Contact, preset: contact, options: {options} }}
            """)

    def contact(self, number, modified=LONG_AGO, **more):
        return self.org.add("Contact", modified, FirstName="Anna", LastName=f"Bakker{number}",
                            Email=f"anna{number}@example.com", **more)

    def read(self, expect=(0, 3)):
        """The counts that are not zero, and what each record of the store holds."""
        stream = self.run_job("contacts", expect)["streams"][0]
        return {name: value for name, value in stream.items()
                if isinstance(value, int) and not isinstance(value, bool) and value}

    def people(self):
        profiles = [json.loads(line) for line in self.project.export().splitlines()]
        return sorted(profile["name"]["surname"] for profile in profiles)


class Reading(Source):
    def test_a_first_read_by_bulk_and_a_second_that_finds_nothing(self):
        self.make(950, "{ bulk_from: 500, bulk_page_size: 300 }")
        self.org.polls = 1
        self.assertEqual({"read": 950, "new": 950}, self.read())
        self.assertEqual(4, len(self.asked("/results")))
        self.assertEqual([], self.asked("/query/") + [one for one in self.org.requests if "q" in one["query"]])
        self.org.requests.clear()
        self.assertEqual({}, self.read())
        self.assertEqual(1, len(self.asked("/queryAll")))
        self.assertEqual([], self.asked("/jobs/"))


if __name__ == "__main__":
    unittest.main()
