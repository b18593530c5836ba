"""A source whose fields are not as they were: told once, or the job stops before anything of it is kept."""
import csv
import io
import unittest

from project import Project, jsonl, people_project


def rows(begin, end, **changes):
    """Changes: a function of the row's number, a value, or ... for a field that is not there."""
    out = []
    for i in range(begin, end):
        row = {"id": f"c{i}", "given": "Anna", "surname": f"Bakker{i}", "email": f"anna{i}@example.com", "phone": "",
               "birth": "", "points": i, "changed": f"2026-01-01T10:{i % 60:02}:00Z", **changes}
        out.append({name: value for name, value in row.items() if value is not ...})
    return out


class Drift(unittest.TestCase):
    maxDiff = None

    def prepared(self, policy="", first=None):
        project = people_project(self)
        path = project.folder / "jobs/crm.yaml"
        if policy:
            path.write_text(path.read_text().replace("    entity: person\n", f"    on_drift: {policy}\n    entity: person\n", 1))
        self.more(project, "0", rows(0, 30) if first is None else first)
        self.assertEqual(self.told(project), [])
        return project

    @staticmethod
    def more(project, name, some):
        (project.folder / f"data/crm/{name}.jsonl").write_text(jsonl(some), encoding="utf-8")

    def run_crm(self, project, *arguments, expect=0):
        return project.run_json("crm", *arguments, expect=expect)["jobs"][0]

    def told(self, project, *arguments, expect=0):
        return self.run_crm(project, *arguments, expect=expect).get("warnings", [])

    def test_a_new_field_is_told_once(self):
        project = self.prepared()
        self.more(project, "1", rows(30, 31, tier="gold", score=3))
        job = self.run_crm(project)
        self.assertEqual(job["streams"][0]["drift"], {"new": ["score", "tier"], "vanished": [], "retyped": []})
        self.assertEqual(job["warnings"], ["people has new fields: score, tier"])
        self.assertEqual(job["streams"][0]["new"], 1)
        self.more(project, "2", rows(31, 40, tier="gold", score=3))
        self.assertEqual(self.told(project), [])
        self.more(project, "3", rows(40, 41, tier="gold", score=3, more=[1]))
        self.assertIn("! crm: people has new fields: more", project.rondom("run", "crm", expect=0).stdout.decode())

    def test_what_the_map_reads_is_gone(self):
        project = self.prepared()
        before = project.export()
        self.more(project, "1", rows(0, 30, email=..., changed="2026-02-01T10:00:00Z"))
        job = self.run_crm(project, expect=5)
        self.assertEqual(job["status"], "guarded")
        self.assertRegex(job["error"], r"people is not as it was: no record has what its map reads: email \(jobs/crm\.yaml:12\)")
        self.assertEqual(job["streams"][0]["read"], 0)
        self.assertEqual(before, project.export())
        # It is told again until somebody decides.
        again = self.run_crm(project, expect=5)
        self.assertEqual(again["accept"], job["accept"])
        accepted = self.run_crm(project, "--accept", job["accept"])
        self.assertEqual(accepted["streams"][0]["changed"], 30)
        self.assertEqual(accepted["warnings"][0], "people no longer has: email")
        self.more(project, "2", rows(0, 30, email=..., given="Bo", changed="2026-03-01T10:00:00Z"))
        self.assertEqual(self.told(project), [])

    def test_it_comes_back_as_it_was(self):
        project = self.prepared()
        self.more(project, "1", rows(30, 60, email=...))
        self.run_crm(project, expect=5)
        self.more(project, "1", rows(30, 60))
        self.assertEqual(self.run_crm(project)["streams"][0]["new"], 30)

    def test_what_the_map_does_not_read_may_go(self):
        project = self.prepared()
        self.more(project, "1", rows(30, 60, points=...))
        job = self.run_crm(project)
        self.assertEqual(job["warnings"], ["people no longer has: points"])
        self.assertEqual(job["streams"][0]["new"], 30)
        self.more(project, "2", rows(60, 90, points=...))
        self.assertEqual(self.told(project), [])

    def test_a_few_records_and_irregular_ones_say_nothing_of_it(self):
        project = self.prepared()
        self.more(project, "1", rows(30, 49, email=...))  # one less than is needed
        self.assertEqual(self.told(project), [])
        some = rows(50, 80)
        del some[3]["email"]  # this source leaves empty fields out
        self.more(project, "2", some)
        self.assertEqual(self.told(project), [])
        self.more(project, "3", rows(80, 110, email=...))
        self.assertEqual(self.told(project), [])

    def test_a_few_records_before_say_nothing_either(self):
        project = self.prepared(first=rows(0, 19))
        self.more(project, "1", rows(20, 50, email=...))
        self.assertEqual(self.told(project), [])

    def test_whoever_asks_for_something_else_gets_other_fields(self):
        project = self.prepared()
        job = project.folder / "jobs/crm.yaml"
        job.write_text(job.read_text().replace('"crm/*.jsonl"', '"crm/*2.jsonl"'))
        self.more(project, "2", rows(30, 60, email=..., tier="gold"))
        self.assertEqual(self.told(project), [])

    def test_other_values(self):
        project = self.prepared()
        self.more(project, "1", rows(30, 60, points="12"))
        job = self.run_crm(project)
        self.assertEqual(job["streams"][0]["drift"]["retyped"], ["points: number before, text now"])
        self.assertEqual(job["warnings"], ["people has other values than before: points: number before, text now"])
        self.more(project, "2", rows(60, 90, points="12"))
        self.assertEqual(self.told(project), [])

    def test_a_job_says_what_is_done(self):
        project = self.prepared("{ new: stop, vanished: report, retyped: stop }")
        self.more(project, "1", rows(30, 60, tier="gold"))
        stopped = self.run_crm(project, expect=5)
        self.assertIn("it has new fields: tier", stopped["error"])
        self.assertEqual(self.run_crm(project, "--accept", stopped["accept"])["streams"][0]["new"], 30)
        self.more(project, "2", rows(60, 90, tier=1))
        self.assertIn("other values than before: tier: text before, number now", self.run_crm(project, expect=5)["error"])
        self.more(project, "2", rows(60, 90, tier="gold", email=...))
        self.assertEqual(self.told(project)[0], "people no longer has: email")
        silent = self.prepared("{ new: ignore, vanished: ignore, retyped: ignore }")
        self.more(silent, "1", rows(30, 60, tier="gold", points="7", phone=...))
        job = self.run_crm(silent)
        self.assertNotIn("warnings", job)
        self.assertNotIn("drift", job["streams"][0])

    def test_names_that_are_data_are_not_told(self):
        project = self.prepared()
        self.more(project, "1", rows(30, 31, **{"bo@example.com": 1, "x" * 200: 2}))
        self.assertEqual(self.told(project), [])

    def test_a_table_with_a_header(self):
        project = Project(self)
        project.write("rondom.yaml", """
            project: shop
            defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
            connections:
              crm: { connector: file, config: { path: data } }
            """)
        project.write("jobs/crm.yaml", """
            job: crm
            source: crm
            streams:
              - stream: people
                options: { path: people.csv }
                entity: person
                key: .id
                map: { name.full: .name, email: .email }
            """)

        def export(**more):
            text = io.StringIO()
            table = csv.DictWriter(text, ["id", "name", *more])
            table.writeheader()
            table.writerows({"id": i, "name": f"Anna Bakker{i}", **{name: f"{value}{i}" for name, value in more.items()}}
                            for i in range(25))
            project.write("data/people.csv", text.getvalue().encode())
        export(email="anna@example.com", city="Utrecht")
        self.assertEqual(self.told(project), [])
        export(email="anna@example.com", city="Utrecht", phone="06")
        self.assertEqual(self.told(project), ["people has new fields: phone"])
        export(city="Utrecht", phone="06", e_mail="anna@example.com")  # somebody renamed a column
        job = self.run_crm(project, expect=5)
        self.assertIn("no record has what its map reads: email (jobs/crm.yaml:8)", job["error"])
        self.assertEqual(job["streams"][0]["changed"], 0)

    def test_mistakes_have_a_place(self):
        project = people_project(self)
        path = project.folder / "jobs/crm.yaml"
        for policy, problem in (("{ new: perhaps }", "jobs/crm.yaml:6:22: error: "), ("stop", "jobs/crm.yaml:6:15: error: "),
                                ("{ gone: stop }", "jobs/crm.yaml:6:17: error: ")):
            text = path.read_text()
            path.write_text(text.replace("    entity: person\n", f"    on_drift: {policy}\n    entity: person\n", 1))
            said = project.rondom("validate", expect=78).stderr.decode()
            self.assertIn(problem, said)
            path.write_text(text)


if __name__ == "__main__":
    unittest.main()
