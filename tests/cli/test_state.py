"""`state:` of rondom.yaml: a run writes there and nowhere else, so that a project may stand where it is only read."""
import json
import os
import unittest

from project import Project

PEOPLE = '{"id": "1", "name": "Anna", "email": "anna@example.com"}\n{"id": "2", "name": "Bram", "email": "bram@example.com"}\n'


def tree(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


class State(unittest.TestCase):
    def setUp(self):
        self.project = Project(self)
        self.kept = Project(self).folder / "kept"
        self.settings = self.project.write("rondom.yaml", f"""
            project: shop
            state: {self.kept}
            connections:
              crm: {{ connector: file, config: {{ path: data }} }}
              mail: {{ connector: mautic, config: {{ url: "http://127.0.0.1:9", user: api, password: sesame }} }}
            purposes:
              service: {{ channel: email, legal_basis: contract }}
            """)
        self.project.write("data/people.jsonl", PEOPLE)
        self.project.write("jobs/crm.yaml", """
            job: crm
            source: crm
            streams:
              - { stream: people, options: { path: people.jsonl }, entity: person, key: .id, map: { email: .email, name.given: .name } }
            """)
        self.project.write("jobs/mail.yaml", """
            job: mail
            destination: mail
            purpose: service
            match_on: email
            on_leave: keep
            map: { email: .permitted.email }
            """)

    def test_the_project_itself_is_only_read(self):
        before = tree(self.project.folder)
        report = json.loads(self.project.rondom("-o", "json", "run", "--all", expect=0).stdout)
        sent = next(job["deliveries"] for job in report["jobs"] if job["job"] == "mail")
        self.assertEqual((2, f"{self.kept}/out/mail-*.jsonl"), (sent["created"], sent["captured_to"]))
        self.assertEqual(1, len(list((self.kept / "out").glob("mail-*.jsonl"))))
        self.assertTrue((self.kept / "rondom.db").exists())
        self.project.rondom("plan", "mail", expect=0)
        self.project.rondom("profile", "members", expect=0)
        tape = self.kept / "tape"
        self.project.rondom("--record", tape, "run", "crm", expect=0)
        self.project.rondom("--play", tape, "run", "--all", expect=0)
        self.assertTrue((self.kept / "played.db").exists())
        self.assertEqual(before, tree(self.project.folder))
        self.assertEqual([], [name for name in tree(self.kept) if "tmp-" in name or "plan-" in name])

    @unittest.skipUnless(os.geteuid() == 0, "only root may write where somebody else owns")
    def test_root_leaves_nothing_that_the_service_could_not_change(self):
        self.kept.mkdir()
        os.chown(self.kept, 65534, 65534)
        for verb in (("run", "--all"), ("status",), ("plan",), ("profile", "members")):
            with self.subTest(verb):
                said = self.project.rondom(*verb, expect=77)
                self.assertIn(b"runuser -u nobody -- rondom", said.stderr)
                self.assertEqual([], tree(self.kept))
        self.project.rondom("validate", expect=0)
        os.chown(self.kept, 0, 0)
        self.project.rondom("run", "--all", expect=0)

    def test_without_it_everything_is_in_the_project(self):
        self.settings.write_text(self.settings.read_text().replace(f"state: {self.kept}\n", ""))
        report = json.loads(self.project.rondom("-o", "json", "run", "--all", expect=0).stdout)
        sent = next(job["deliveries"] for job in report["jobs"] if job["job"] == "mail")
        self.assertEqual("out/mail-*.jsonl", sent["captured_to"])
        self.assertTrue((self.project.folder / "var/rondom.db").exists())
        self.assertFalse(self.kept.exists())


if __name__ == "__main__":
    unittest.main()
