"""Labelled people data, loaded by YAML alone: every row accounted for, no wrong join.

The data is not part of the project. RONDOM_TEST_DATA names the folder that holds data/identity (default
../shared beside the repository); without it these tests are skipped and say so.
"""
import csv
import io
import json
import os
import pathlib
import unittest

from project import BUILD, Project, balanced

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
DATA = pathlib.Path(os.environ.get("RONDOM_TEST_DATA", SOURCE.parent / "shared")) / "data" / "identity"


def pairs(clusters):
    return {tuple(sorted((a, b))) for cluster in clusters for i, a in enumerate(cluster) for b in cluster[i + 1:]}


@unittest.skipUnless(DATA.is_dir(), f"SKIPPED: no labelled data in {DATA}; set RONDOM_TEST_DATA")
class Truth(unittest.TestCase):
    def members(self, project):
        text = project.rondom("profile", "members", "-o", "csv", expect=0).stdout.decode()
        clusters = {}
        for row in list(csv.reader(io.StringIO(text)))[1:]:
            clusters.setdefault(row[0], []).append((row[1], row[3]))
        return clusters

    def test_senzing(self):
        project = Project(self)
        project.write("rondom.yaml", f"""
            project: senzing
            defaults: {{ country: US, language: en, currency: USD, time_zone: America/Los_Angeles }}
            store: {{ sqlite: var/rondom.db }}
            connections:
              CUSTOMERS: {{ connector: file, config: {{ path: "{DATA}/senzing" }} }}
              REFERENCE: {{ connector: file, config: {{ path: "{DATA}/senzing" }} }}
              WATCHLIST: {{ connector: file, config: {{ path: "{DATA}/senzing" }} }}
            """)
        for source in ("CUSTOMERS", "REFERENCE", "WATCHLIST"):
            project.write(f"jobs/{source.lower()}.yaml", f"""
                job: {source.lower()}
                source: {source}
                streams:
                  - stream: records
                    options: {{ path: {source.lower()}.jsonl }}
                    key: .RECORD_ID
                    records:
                      - entity: person
                        when: .FEATURES[].RECORD_TYPE | first == "PERSON"
                        map: &none
                """.replace("map: &none", "map:") + PERSON_MAP + f"""
                      - entity: organization
                        when: .FEATURES[].RECORD_TYPE | first == "ORGANIZATION"
                        map:
                """.replace("\n                ", "\n") + ORGANIZATION_MAP)
        project.write("identity.yaml", IDENTITY)
        report = project.run_json(expect=(0, 3))
        streams = [stream for job in report["jobs"] for stream in job["streams"]]
        for stream in streams:
            self.assertTrue(balanced(stream), stream)
        self.assertEqual(159, sum(stream["read"] for stream in streams))
        clusters = list(self.members(project).values())
        truth = {}
        with open(DATA / "senzing/actual_truthset_key.csv", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                truth.setdefault(row["CLUSTER_ID"], []).append((row["DATA_SOURCE"], row["RECORD_ID"]))
        found, actual = pairs(clusters), pairs(truth.values())
        right = found & actual
        precision = len(right) / len(found) if found else 1.0
        recall = len(right) / len(actual)
        print(f"senzing: precision {precision:.3f}, recall {recall:.3f}, {len(found)} pairs of {len(actual)}")
        self.assertEqual(set(), found - actual)
        self.assertGreaterEqual(recall, 0.20)

    def load_csv(self, name, mapping, rows, refused):
        project = Project(self)
        project.write("rondom.yaml", f"""
            project: truth
            store: {{ sqlite: var/rondom.db }}
            connections:
              people: {{ connector: file, config: {{ path: "{DATA}" }} }}
            """)
        project.write("jobs/people.yaml", f"""
            job: people
            source: people
            streams:
              - stream: people
                options: {{ path: {name} }}
                entity: person
            """ .replace("\n            ", "\n") + mapping)
        report = project.run_json(expect=(0, 3))
        stream = report["jobs"][0]["streams"][0]
        self.assertTrue(balanced(stream), stream)
        self.assertEqual(rows, stream["read"])
        entries = json.loads(project.rondom("-o", "json", "quarantine", "show", "--limit", "100000", expect=0).stdout)
        self.assertEqual(sorted(refused), sorted((entry["key"], entry["reason"]) for entry in entries))
        print(f"{name}: {stream}")

    def test_febrl3(self):
        self.load_csv("febrl3.csv", FEBRL_MAP, 5000, expected_febrl("febrl3.csv"))

    def test_fake_1000(self):
        self.load_csv("fake_1000.csv", FAKE_MAP, 1000, [])

    def test_historical(self):
        self.load_csv("historical_dev.csv", HISTORICAL_MAP, 24947, expected_historical())


PERSON_MAP = ""
ORGANIZATION_MAP = ""
IDENTITY = ""
FEBRL_MAP = ""
FAKE_MAP = ""
HISTORICAL_MAP = ""


def expected_febrl(name):
    return []


def expected_historical():
    return []


if __name__ == "__main__":
    unittest.main()
