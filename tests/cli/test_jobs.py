"""A project's own tests, references between streams over several runs."""
import json
import unittest

from project import Project

RONDOM_YAML = """
    project: shop
    defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
    store: { sqlite: var/rondom.db }
    connections:
      shop: { connector: file, config: { path: data } }
      out: { connector: file, config: { path: out } }
    purposes:
      news: { channel: email, legal_basis: consent }
    """
ORDERS_YAML = """
    job: orders
    source: shop
    streams:
      - stream: orders
        options: { path: orders.jsonl }
        entity: order
        key: .id
        map:
          party: { to: customers, key: .customer }
          at: .at
          total: .total | money("EUR")
    """
CUSTOMERS_YAML = """
    job: customers
    source: shop
    streams:
      - stream: customers
        options: { path: customers.jsonl }
        entity: person
        key: .id
        map: { name.full: .name, email: .email }
    """


def shop(test):
    project = Project(test)
    project.write("rondom.yaml", RONDOM_YAML)
    project.write("jobs/orders.yaml", ORDERS_YAML)
    project.write("jobs/customers.yaml", CUSTOMERS_YAML)
    project.write("data/orders.jsonl", """
        {"id":"1","customer":"8812","at":"2026-03-01","total":20}
        {"id":"2","customer":"9","at":"2026-03-02","total":5}
        """)
    project.write("data/customers.jsonl", '{"id":"8812","name":"Eva Vos","email":"eva@example.com"}\n')
    return project


class References(unittest.TestCase):
    @staticmethod
    def waiting(project):
        answer = json.loads(project.rondom("waiting", "-o", "json", expect=0).stdout)
        answer["references"].sort(key=lambda one: one["record"])
        return answer

    def test_orders_wait_for_customers_that_come_in_a_later_run(self):
        project = shop(self)
        first = project.rondom("run", "orders", expect=0).stdout.decode()
        self.assertIn("waiting for a reference 2", first)
        self.assertEqual(self.waiting(project)["references"], [
            {"record": "shop.orders/1", "attribute": "party", "to": "shop.customers/8812"},
            {"record": "shop.orders/2", "attribute": "party", "to": "shop.customers/9"}])
        self.assertIn("waiting      2", project.rondom("status", expect=0).stdout.decode())
        second = project.run_json("customers")
        self.assertEqual(second["profiles"]["waiting"], 1)
        self.assertEqual([one["to"] for one in self.waiting(project)["references"]], ["shop.customers/9"])
        project.write("data/customers.jsonl", '{"id":"8812","name":"Eva Vos"}\n{"id":"9","name":"Tim Bos"}\n')
        self.assertEqual(project.run_json("customers")["profiles"]["waiting"], 0)
        self.assertEqual(self.waiting(project), {"waiting": 0, "references": []})

    def test_any_order_of_runs_ends_the_same(self):
        for jobs in (("orders", "customers"), ("customers", "orders"), ("--all",)):
            project = shop(self)
            for job in jobs:
                last = project.run_json(job)
            self.assertEqual(last["profiles"]["waiting"], 1, jobs)
            self.assertEqual([one["to"] for one in self.waiting(project)["references"]], ["shop.customers/9"])
            project.rondom("store", "verify", expect=0)


class ProjectTests(unittest.TestCase):
    TEST = """
        - test: a customer
          as_of: 2026-03-14
          given: { shop.customers: [{ id: 1, name: Eva Vos, email: Eva@Example.com }] }
          expect: { profiles: [{ members: [shop.customers/1], email: %s }] }
        """

    def test_right_wrong_and_bad_files_have_their_exit_codes(self):
        project = shop(self)
        self.assertIn(b"no tests", project.rondom("test", expect=0).stdout)
        project.write("tests/right.yaml", self.TEST % "eva@example.com")
        project.write("tests/wrong.yaml", self.TEST % "tim@example.com")
        self.assertIn(b"1 test, 0 failed", project.rondom("test", "tests/right.yaml", expect=0).stdout)
        self.assertIn(b"1 test, 0 failed", project.rondom("test", project.folder / "tests/right.yaml", expect=0).stdout)
        text = project.rondom("test", expect=1).stdout.decode()
        self.assertIn("tests/wrong.yaml:4: email of [shop.customers/1]", text)
        self.assertIn("expected  tim@example.com   actual  eva@example.com", text)
        self.assertIn("2 tests, 1 failed", text)
        answer = json.loads(project.rondom("test", "-o", "json", expect=1).stdout)
        self.assertEqual((answer["passed"], answer["failed"]), (1, 1))
        self.assertEqual([one["status"] for one in answer["tests"]], ["passed", "failed"])
        project.write("tests/bad.yaml", "- test: no day\n  given: {}\n  expcet: {}\n")
        problems = project.rondom("test", expect=78).stderr.decode()
        self.assertIn("missing key as_of", problems)
        self.assertIn("did you mean expect?", problems)
        # validate reads them as well; a run does not care.
        self.assertIn("tests/bad.yaml", project.rondom("validate", expect=78).stderr.decode())
        project.rondom("run", "customers", expect=0)
        self.assertIn("there is no test file rigth", project.rondom("test", "rigth", expect=2).stderr.decode())

    def test_nothing_is_left_behind(self):
        project = shop(self)
        project.write("tests/right.yaml", self.TEST % "eva@example.com")
        before = sorted(path for path in project.folder.rglob("*"))
        project.rondom("test", expect=0)
        self.assertEqual(sorted(path for path in project.folder.rglob("*")), before)


class SmallWants(unittest.TestCase):
    def test_accepting_a_guard_that_nobody_met_stops_before_anything(self):
        project = shop(self)
        project.rondom("run", "customers", expect=0)
        said = project.rondom("run", "--all", "--accept", "12345678", expect=2).stderr.decode()
        self.assertIn("no guard is called 12345678", said)
        self.assertEqual(len(json.loads(project.rondom("runs", "-o", "json", expect=0).stdout)), 1)

    def test_an_option_that_the_connector_does_not_have_is_found_before_anything_runs(self):
        project = shop(self)
        project.write("jobs/customers.yaml", CUSTOMERS_YAML.replace("customers.jsonl }", "c.jsonl, fromat: csv, header: maybe, mode: apend }"))
        said = project.rondom("validate", expect=78).stderr.decode()
        self.assertIn("jobs/customers.yaml:5:31: error: connector file has no option fromat", said)
        self.assertIn("did you mean format?", said)
        self.assertIn("option header is no boolean", said)
        self.assertIn("option mode must be one of full, append", said)
        self.assertIn("did you mean append?", said)
        shown = project.rondom("connectors", "show", "file", expect=0).stdout.decode()
        self.assertIn("options", shown)
        self.assertIn("null_values", shown)

    def test_preview_warns_of_a_field_that_no_record_has(self):
        project = shop(self)
        project.write("jobs/customers.yaml", CUSTOMERS_YAML.replace(".name,", ".nmae,"))
        seen = project.rondom("preview", "customers", expect=0)
        self.assertIn("customers has no field nmae in its first 1 record; did you mean .name?",
                      seen.stderr.decode())
        self.assertEqual(seen.stderr.decode().count("warning"), 1)
        project.write("jobs/customers.yaml", CUSTOMERS_YAML)
        self.assertEqual(project.rondom("preview", "customers", expect=0).stderr, b"")


class NewJob(unittest.TestCase):
    def test_a_first_job_runs_as_it_is(self):
        project = Project(self)
        project.write("rondom.yaml", RONDOM_YAML)
        project.write("data/contacts.csv", """
            Klantnummer,Voornaam,Achternaam,E-mail,Gewijzigd
            17,Eva,Vos,eva@example.com,2026-03-01T10:00:00Z
            """)
        project.write("data/orders.jsonl", '{"id":"O1","date":"2026-03-01","total":"20.00","currency":"EUR"}\n')
        out = project.rondom("job", "new", "crm", "--source", "shop", "--stream", "contacts", expect=0).stdout.decode()
        self.assertIn("wrote jobs/crm.yaml", out)
        project.rondom("validate", expect=0)
        self.assertEqual(project.run_json("crm", expect=0)["profiles"]["created"], 1)
        self.assertIn(b"eva@example.com", project.export())
        # The rest of the source, in a second job: a stream has one owner.
        rest = project.rondom("job", "new", "rest", "--source", "shop", expect=0).stdout.decode()
        self.assertIn("left out contacts: another job reads it", rest)
        self.assertEqual(project.run_json("rest", expect=0)["jobs"][0]["streams"][0]["new"], 1)

    def test_nothing_is_overwritten_and_slips_are_named(self):
        project = shop(self)
        before = (project.folder / "jobs/orders.yaml").read_text()
        for words, said in ((("orders", "--source", "shop"), "there is a job orders already"),
                            (("new", "--source", "shopp"), "did you mean shop?"),
                            (("new", "--source", "shop", "--stream", "customerz"), "did you mean customers?"),
                            (("../new", "--source", "shop"), "starts with a letter"),
                            (("new", "--source", "shop", "--preset", "outlook"), "there is no preset")):
            self.assertIn(said, project.rondom("job", "new", *words, expect=2).stderr.decode())
        self.assertEqual((project.folder / "jobs/orders.yaml").read_text(), before)
        self.assertEqual(sorted(path.name for path in (project.folder / "jobs").iterdir()),
                         ["customers.yaml", "orders.yaml"])


if __name__ == "__main__":
    unittest.main()
