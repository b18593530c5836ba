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

    def drifted(self, project):
        """Without what is said of a map whose fields a stream that is read whole does not have."""
        return [said for said in self.told(project) if said.startswith("people ")]

    def table(self, mapped, name="people.jsonl", more=""):
        """A project that reads one table whole, and a function that replaces it."""
        project = Project(self)
        project.write("rondom.yaml", """
            project: shop
            defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
            connections:
              crm: { connector: file, config: { path: data } }
            """)
        project.write("jobs/crm.yaml", f"job: crm\nsource: crm\nstreams:\n  - stream: people\n    options: {{ path: {name} }}\n"
                      f"    entity: person\n    key: .id\n{more}    map: {{ name.full: .name, {mapped} }}\n")

        def holds(table):
            if name.endswith(".csv"):
                text = io.StringIO()
                written = csv.DictWriter(text, list(table[0]))
                written.writeheader()
                written.writerows(table)
                project.write(f"data/{name}", text.getvalue().encode())
            else:
                project.write(f"data/{name}", jsonl(table).encode())
        return project, holds

    def test_a_small_table_that_is_read_whole(self):
        project, holds = self.table("email: .email", "people.csv")

        def some(count, **more):
            return [{"id": i, "name": f"Anna Bakker{i}", **{name: f"{value}{i}@example.com" for name, value in more.items()}}
                    for i in range(count)]
        holds(some(6, email="anna"))
        self.assertEqual(self.drifted(project), [])
        before = project.export()
        holds(some(5, e_mail="anna"))
        for batch in (50_000, 1):  # also where each record is a transaction of its own
            job = self.run_crm(project, "--batch", batch, expect=5)
            self.assertIn("no record has what its map reads: email (jobs/crm.yaml:8)", job["error"])
            self.assertEqual(job["streams"][0]["read"], 0)
            self.assertEqual(project.export(), before)
        accepted = self.run_crm(project, "--accept", job["accept"])
        self.assertEqual((accepted["streams"][0]["changed"], accepted["streams"][0]["tombstoned"]), (5, 1))
        self.assertIn("people no longer has: email", accepted["warnings"])
        holds(some(5, e_mail="bo"))
        self.assertEqual(self.drifted(project), [])
        holds(some(5, e_mail="bo", email="bo"))
        self.assertEqual(self.drifted(project), ["people has new fields: email"])

    def test_a_large_table_that_shrinks(self):
        project, holds = self.table("email: .email")
        holds([{"id": i, "name": "Anna", "email": f"anna{i}@example.com"} for i in range(40)])
        self.assertEqual(self.drifted(project), [])
        holds([{"id": i, "name": "Anna"} for i in range(8)])
        self.assertIn("no record has what its map reads: email", self.run_crm(project, expect=5)["error"])

    def test_what_very_few_records_say(self):
        project, holds = self.table("email: .email, phone: .phone")
        people = [{"id": i, "name": "Anna", "email": f"anna{i}@example.com", "phone": f"+3161234567{i}"} for i in range(4)]
        bare = [{name: value for name, value in one.items() if name != "phone"} for one in people]
        holds(people)
        self.assertEqual(self.drifted(project), [])
        # Perhaps nobody has one any longer, and this source leaves out what is empty.
        holds(bare)
        self.assertEqual(self.drifted(project), [])
        # One that says what is empty says also what is not there.
        says_so = [{**one, "birth": None} for one in people]
        holds(says_so)
        self.assertEqual(self.drifted(project), ["people has new fields: birth"])
        holds([{**one, "birth": None} for one in bare])
        self.assertIn("no record has what its map reads: phone", self.run_crm(project, expect=5)["error"])
        holds([{**one, "phone": None} for one in says_so])
        self.assertEqual(self.drifted(project), [])

    def test_a_small_table_whose_records_differ(self):
        project, holds = self.table("email: .email, phone: .phone")
        people = [{"id": i, "name": "Anna", "email": f"anna{i}@example.com", "phone": f"+3161234567{i}"} for i in range(9)]
        del people[3]["phone"]
        holds(people)
        self.assertEqual(self.drifted(project), [])
        for one in people:
            one.pop("phone", None)
        holds(people)
        self.assertEqual(self.drifted(project), [])

    @staticmethod
    def housed(count, **address):
        return [{"id": i, "name": f"Anna Bakker{i}", "address": {"city": f"Utrecht{i}", "street": {"name": "Dorpsstraat", "number": i},
                                                                 **address}} for i in range(count)]

    def test_fields_inside_of_objects(self):
        project, holds = self.table("custom.city: .address.city, custom.number: .address.street.number")
        holds(self.housed(8))
        self.assertEqual(self.drifted(project), [])
        holds(self.housed(8, floor=1))
        self.assertEqual(self.drifted(project), ["people has new fields: address.floor"])
        holds(self.housed(8, floor="second"))
        self.assertEqual(self.drifted(project), ["people has other values than before: address.floor: number before, text now"])
        before = project.export()
        without = self.housed(8, floor="second")
        for one in without:
            del one["address"]["city"]
            del one["address"]["floor"]
        holds(without)
        stopped = self.run_crm(project, expect=5)
        self.assertIn("no record has what its map reads: address.city (jobs/crm.yaml:8)", stopped["error"])
        self.assertNotIn("floor", stopped["error"], "the map does not read it")
        self.assertEqual(before, project.export())
        self.assertIn("people no longer has: address.city, address.floor",
                      self.run_crm(project, "--accept", stopped["accept"])["warnings"])
        for one in without:
            one["address"]["street"] = "Dorpsstraat 1"
        holds(without)
        told = self.drifted(project)
        self.assertEqual(told, ["people has other values than before: address.street: object before, text now"])
        self.assertEqual(self.drifted(project), [])

    def test_objects_whose_keys_are_data(self):
        project, holds = self.table("email: .email")
        holds([{"id": i, "name": "Anna", "email": f"a{i}@example.com", "answers": {f"q{i}": True, f"q{i + 1}": "yes"}} for i in range(30)])
        self.assertEqual(self.drifted(project), [])
        holds([{"id": i, "name": "Anna", "email": f"a{i}@example.com", "answers": {f"r{i}": 1}} for i in range(30)])
        self.assertEqual(self.drifted(project), [])

    def test_limits_of_what_is_compared_inside(self):
        project, holds = self.table("email: .email")

        def deep(**innermost):
            return [{"id": i, "name": "Anna", "email": f"a{i}@example.com", "a": {"b": {"c": {"d": {"e": 1, **innermost}}}}}
                    for i in range(25)]
        holds(deep())
        self.assertEqual(self.drifted(project), [])
        holds(deep(f=1))  # below the fourth object nothing is compared
        self.assertEqual(self.drifted(project), [])
        wide = {f"field{i}": i for i in range(600)}
        holds([{"id": i, "name": "Anna", "email": f"a{i}@example.com", "a": wide} for i in range(25)])
        self.assertEqual(self.drifted(project), [])
        holds([{"id": i, "name": "Anna", "a": {"field0": 1}} for i in range(25)])
        self.assertIn("no record has what its map reads: email", self.run_crm(project, expect=5)["error"])

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
