"""Same input, same output: whatever the order of records and files, threads, batch size, increments."""
import random
import unittest

from project import PrivatePostgresql, jsonl, make_people, people_project, balanced

SEED = 20260314
COUNT = 400


class Order(unittest.TestCase):
    def full_run(self, crm, shop, *options):
        project = people_project(self)
        project.write("data/crm/a.jsonl", jsonl(crm))
        project.write("data/shop/a.jsonl", jsonl(shop))
        report = project.run_json("--all", "--as-of", "2026-03-14", *options)
        for job in report["jobs"]:
            for stream in job["streams"]:
                self.assertTrue(balanced(stream), stream)
        return project.export(), report

    def test_any_order_threads_and_batches_give_the_same_bytes(self):
        crm, shop = make_people(COUNT, SEED)
        expected, report = self.full_run(crm, shop)
        self.assertGreater(len(expected.splitlines()), COUNT // 2)
        self.assertGreater(sum(s["quarantined"] for j in report["jobs"] for s in j["streams"]), 0)
        dice = random.Random(SEED)
        for options in (["--threads", "1"], ["--threads", "2", "--batch", "7"], ["--batch", "1"],
                        ["--batch", "50000"]):
            dice.shuffle(crm)
            dice.shuffle(shop)
            again, _ = self.full_run(crm, shop, *options)
            self.assertEqual(expected, again, f"options {options}, seed {SEED}")

    def test_ten_increments_equal_one_full_run(self):
        crm, shop = make_people(COUNT, SEED + 1)
        expected, _ = self.full_run(crm, shop)
        dice = random.Random(SEED + 1)
        dice.shuffle(crm)
        dice.shuffle(shop)
        project = people_project(self)
        for part in range(10):
            project.write(f"data/crm/{9 - part}.jsonl", jsonl(crm[part::10]))
            project.write(f"data/shop/{part}.jsonl", jsonl(shop[part::10]))
            project.run_json("--all", "--as-of", "2026-03-14")
        self.assertEqual(expected, project.export(), f"seed {SEED + 1}")

    def test_postgresql_gives_the_same_bytes(self):
        server = PrivatePostgresql(self)
        crm, shop = make_people(COUNT, SEED + 4)
        expected, _ = self.full_run(crm, shop)
        dice = random.Random(SEED + 4)
        for name, options in (("a", []), ("b", ["--threads", "1", "--batch", "7"])):
            dice.shuffle(crm)
            dice.shuffle(shop)
            project = people_project(self)
            text = (project.folder / "rondom.yaml").read_text()
            project.write("rondom.yaml", text.replace("sqlite: var/rondom.db",
                                                      f'postgresql: "{server.database(name)}"'))
            for part in range(2):
                project.write(f"data/crm/{part}.jsonl", jsonl(crm[part::2]))
                project.write(f"data/shop/{part}.jsonl", jsonl(shop[part::2]))
                project.run_json("--all", "--as-of", "2026-03-14", *options)
            self.assertEqual(expected, project.export())

    def test_sources_in_the_other_order(self):
        crm, shop = make_people(COUNT, SEED + 2)
        expected, _ = self.full_run(crm, shop)
        project = people_project(self)
        project.write("data/crm/a.jsonl", jsonl(crm))
        project.write("data/shop/a.jsonl", jsonl(shop))
        project.run_json("shop")
        project.run_json("crm")
        self.assertEqual(expected, project.export())

    def test_a_second_run_changes_nothing(self):
        crm, shop = make_people(COUNT, SEED + 3)
        project = people_project(self, mode="full")
        project.write("data/crm/a.jsonl", jsonl(crm))
        project.write("data/shop/a.jsonl", jsonl(shop))
        project.run_json()
        expected = project.export()
        report = project.run_json()
        self.assertEqual(expected, project.export())
        self.assertEqual(0, report["profiles"]["created"] + report["profiles"]["changed"])
        for job in report["jobs"]:
            for stream in job["streams"]:
                self.assertEqual(0, stream["new"] + stream["changed"], stream)
                self.assertTrue(balanced(stream), stream)


if __name__ == "__main__":
    unittest.main()
