"""Foresight: what a change of a map, of identity or of merge rules will do, before it does it."""
import json
import unittest

from project import PrivatePostgresql, Project, jsonl, make_people, people_project


def plan(project, expect):
    return json.loads(project.rondom("-o", "json", "plan", "--all", "--as-of", "2026-03-14", expect=expect).stdout)


def snapshot(project):
    return (project.export(), project.rondom("profile", "members", expect=0).stdout,
            project.rondom("-o", "json", "status", expect=0).stdout)


class Foresight(unittest.TestCase):
    def make(self):
        project = people_project(self)
        crm, shop = make_people(300, 7)
        project.write("data/crm/a.jsonl", jsonl(crm))
        project.write("data/shop/a.jsonl", jsonl(shop))
        with open(project.folder / "jobs/mail.yaml", "a", encoding="utf-8") as job:
            job.write("limits: { removals: 100%, changes: 100% }\n")
        project.run_json("--all", "--as-of", "2026-03-14")
        return project

    def nothing_left_behind(self, project):
        left = [path.name for path in (project.folder / "var").iterdir() if path.name.startswith("plan-")]
        self.assertEqual([], left)

    def foretells_the_run(self, project):
        """What plan --all says is what the next run does; planning itself changes nothing."""
        before = snapshot(project)
        said = plan(project, expect=4)
        self.assertEqual(before, snapshot(project))
        self.nothing_left_behind(project)
        report = project.run_json("--all", "--as-of", "2026-03-14")
        for name in ("total", "created", "changed", "merged", "split"):
            self.assertEqual(said["profiles"][name], report["profiles"][name], name)
        deliveries = next(job for job in report["jobs"] if job["job"] == "mail")["deliveries"]
        planned = said["jobs"][0]
        self.assertEqual((planned["create"], planned["update"], planned["remove"]),
                         (deliveries["created"], deliveries["updated"], deliveries["removed"]))
        self.assertEqual(0, sum(plan(project, expect=0)["profiles"][name]
                                for name in ("created", "changed", "merged", "split", "retired")))
        return said, report

    def test_nothing_changed(self):
        project = self.make()
        said = plan(project, expect=0)
        self.assertEqual([], said["map"])
        self.assertEqual(0, said["jobs"][0]["update"])
        self.nothing_left_behind(project)

    def test_a_map_that_changes_one_field(self):
        project = self.make()
        job = project.folder / "jobs/crm.yaml"
        job.write_text(job.read_text().replace("name.given: .given", "name.given: .given | replace(\"Sem\", \"Samuel\")"))
        said, report = self.foretells_the_run(project)
        mapped = said["map"]
        self.assertEqual([("crm", "people")], [(one["job"], one["stream"]) for one in mapped])
        self.assertGreater(mapped[0]["changed"], 0)
        self.assertGreater(said["profiles"]["changed"], 0)
        self.assertLess(said["profiles"]["changed"], 50)  # of 315: those called Sem
        self.assertGreater(said["jobs"][0]["update"], 0)
        crm = next(job for job in report["jobs"] if job["job"] == "crm")
        # The connector appends: it had nothing new to say, the kept records were mapped again.
        self.assertEqual(0, crm["streams"][0]["read"])
        self.assertEqual(mapped[0]["changed"], crm["remapped"][0]["changed"])
        self.assertEqual([], project.rondom("store", "verify", expect=0).stderr.splitlines())

    def test_one_field_is_sent(self):
        project = self.make()
        job = project.folder / "jobs/mail.yaml"
        job.write_text(job.read_text().replace("name: .name.given", "name: .name.given | upper"))
        result = project.rondom("-o", "json", "plan", "--all", "--as-of", "2026-03-14", expect=4)
        changes = json.loads(result.stdout)["jobs"][0]["changes"]
        self.assertTrue(changes)
        for change in changes:
            self.assertEqual(("update", ["name"]), (change["action"], list(change["fields"])))

    def test_an_identity_rule(self):
        project = self.make()
        project.write("identity.yaml", """
            identifiers:
              - { namespace: email, class: weak }
              - { namespace: phone, class: weak }
            """)
        said, _ = self.foretells_the_run(project)
        self.assertGreater(said["profiles"]["split"], 50)
        (project.folder / "identity.yaml").unlink()
        said, _ = self.foretells_the_run(project)
        self.assertGreater(said["profiles"]["merged"], 50)

    def test_a_merge_rule(self):
        project = self.make()
        both = {"email": "anna@example.com", "given": "Anna", "phone": "", "birth": ""}
        project.write("data/crm/b.jsonl", jsonl([{**both, "id": "m1", "surname": "Bakker",
                                                  "changed": "2026-02-01T00:00:00Z"}]))
        project.write("data/shop/b.jsonl", jsonl([{**both, "id": "m2", "surname": "Bakker-Smit",
                                                   "changed": "2026-01-01T00:00:00Z"}]))
        project.run_json("--all", "--as-of", "2026-03-14")
        self.assertIn(b'"Bakker"', project.export())
        project.write("merge.yaml", """
            trust: [shop, crm]
            person:
              - { of: name.*, rule: trust, as_one: true }
            """)
        why = project.rondom("profile", "explain", "crm.people/m1", expect=0).stdout.decode()
        self.assertRegex(why, r"\nSTALE .*\n will change   name\.surname +Bakker → Bakker-Smit\n")
        said, _ = self.foretells_the_run(project)
        self.assertGreater(said["profiles"]["changed"], 0)
        self.assertEqual(0, said["profiles"]["merged"] + said["profiles"]["split"])
        self.assertIn(b'"Bakker-Smit"', project.export())
        rules = project.folder / "merge.yaml"
        rules.write_text(rules.read_text().replace("as_one: true", "as_one: true, stale_after: 14d"))
        said, _ = self.foretells_the_run(project)
        self.assertEqual(1, said["profiles"]["changed"])
        why = project.rondom("profile", "explain", "crm.people/m1", "--as-of", "2026-02-10", expect=0).stdout.decode()
        self.assertRegex(why, r'name\.surname +Bakker .* over "Bakker-Smit" \(shop\.people/m2, stale\)\n')
        why = project.rondom("profile", "explain", "crm.people/m1", "--as-of", "2026-02-20", expect=0).stdout.decode()
        self.assertRegex(why, r"name\.surname +Bakker .*   stale: last seen 2026-02-01\n")

    def test_text_for_people(self):
        project = self.make()
        job = project.folder / "jobs/crm.yaml"
        job.write_text(job.read_text().replace("name.given: .given", "name.given: { const: Iemand }"))
        text = project.rondom("plan", "--all", "--as-of", "2026-03-14", expect=4).stdout.decode()
        self.assertRegex(text, r"MAP      crm people: \d+ mapped again · \d+ change")
        self.assertRegex(text, r"UNIFY    \d+ profiles · founded 0 · merged 0 · split \d+ · changed \d+ · ended 0")
        self.assertIn("nothing was sent", text)

    def test_before_the_first_run(self):
        project = people_project(self)
        self.assertIn(b"nothing is stored yet", project.rondom("plan", "--all", expect=69).stderr)

    def test_on_postgresql(self):
        server = PrivatePostgresql(self)
        project = people_project(self)
        settings = project.folder / "rondom.yaml"
        settings.write_text(settings.read_text().replace("sqlite: var/rondom.db",
                                                         f'postgresql: "{server.database("foresight")}"'))
        crm, shop = make_people(100, 9)
        project.write("data/crm/a.jsonl", jsonl(crm))
        project.write("data/shop/a.jsonl", jsonl(shop))
        project.run_json("--all", "--as-of", "2026-03-14")
        project.write("identity.yaml", """
            identifiers:
              - { namespace: email, class: weak }
              - { namespace: phone, class: weak }
            """)
        said, _ = self.foretells_the_run(project)
        self.assertGreater(said["profiles"]["split"], 10)


if __name__ == "__main__":
    unittest.main()
