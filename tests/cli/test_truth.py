"""Labelled people data, loaded by YAML alone: every row accounted for, no wrong join.

The data is not part of the project. RONDOM_TEST_DATA names the folder that holds data/identity (default ../shared
beside the repository); without it these tests are skipped and say so. The projects are tests/cli/truth/*: to look at
one by hand, copy it, put a link `data` to its data beside rondom.yaml, and run it.
"""
import csv
import datetime
import io
import itertools
import json
import os
import pathlib
import re
import shutil
import unittest

from project import Project, balanced

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
PROJECTS = SOURCE / "tests" / "cli" / "truth"
DATA = pathlib.Path(os.environ.get("RONDOM_TEST_DATA") or SOURCE.parent / "shared").resolve() / "data" / "identity"

IMPOSSIBLE = "birth_date is no date"
# Dates that software fills in where none is known; a date of birth of this form says nothing.
PLACEHOLDERS = {"1900-01-01", "1970-01-01", "1753-01-01", "0001-01-01", "1899-12-30", "1899-12-31", "9999-12-31"}


def pairs(clusters):
    return {tuple(sorted(pair)) for cluster in clusters for pair in itertools.combinations(cluster, 2)}


def exists(year, month, day):
    """Is there such a day? Zeros at the end stand for what is not known."""
    if month == 0:
        return year > 0 and day == 0
    try:
        datetime.date(year, month, day or 1)
    except ValueError:
        return False
    return True


def rows(file):
    """The rows of a CSV file with the line each one stands on."""
    with open(DATA / file, encoding="utf-8", newline="") as text:
        reader = csv.DictReader(text, skipinitialspace=True)
        for row in reader:
            yield reader.line_num, row


def date_parts(text):
    return [int(part) for part in re.fullmatch(r"(\d{4})-?(\d\d)-?(\d\d)", text).groups()]


def impossible_dates(file, key, column):
    """(key, line, reason) of the rows that cannot be kept."""
    return [(row[key], line, IMPOSSIBLE) for line, row in rows(file)
            if row[column] and not exists(*date_parts(row[column]))]


class TruthProject(Project):
    """One of the projects in tests/cli/truth, with its data beside it."""

    def __init__(self, test, name, data):
        super().__init__(test)
        shutil.copytree(PROJECTS / name, self.folder, dirs_exist_ok=True)
        (self.folder / "data").symlink_to(data)

    def members(self):
        """{(source, key): profile}"""
        text = self.rondom("profile", "members", "-o", "csv", expect=0).stdout.decode()
        return {(row["source"], row["key"]): row["profile_id"] for row in csv.DictReader(io.StringIO(text))}

    def clusters(self):
        clusters = {}
        for member, profile in self.members().items():
            clusters.setdefault(profile, []).append(member)
        return list(clusters.values())

    def quarantine(self):
        text = self.rondom("-o", "json", "quarantine", "show", "--limit", "100000", expect=0).stdout
        return json.loads(text)

    def profiles(self):
        return [json.loads(line) for line in self.export().splitlines()]


@unittest.skipUnless(DATA.is_dir(), f"no labelled data in {DATA}: set RONDOM_TEST_DATA to the folder that holds "
                                    "data/identity")
class Truth(unittest.TestCase):
    def score(self, name, clusters, truth, recall_min):
        """No wrong pair, and recall; prints the figures."""
        found, actual = pairs(clusters), pairs(truth)
        wrong = found - actual
        precision = 1 - len(wrong) / len(found) if found else 1.0
        recall = len(found & actual) / len(actual)
        print(f"{name}: precision {precision:.3f}, recall {recall:.3f} ({len(found)} pairs joined, {len(wrong)} of "
              f"them wrong, {len(actual)} in truth)")
        self.assertEqual(set(), wrong)
        self.assertGreaterEqual(recall, recall_min)

    def streams(self, report):
        streams = [stream for job in report["jobs"] for stream in job["streams"]]
        for stream in streams:
            self.assertTrue(balanced(stream), stream)
        return streams

    def load_csv(self, name, file, key, date):
        """Loads one file; every row is a member of a profile or refused for the reason expected of it."""
        project = TruthProject(self, name, DATA)
        refused = impossible_dates(file, key, date)
        keys = sorted(row[key] for _, row in rows(file))
        stream, = self.streams(project.run_json(expect=3 if refused else 0))
        self.assertEqual(len(keys), stream["read"])
        self.assertEqual(len(refused), stream["quarantined"])
        self.assertEqual(len(keys) - len(refused), stream["new"])

        entries = project.quarantine()
        self.assertEqual(sorted(refused), sorted((e["key"], e["position"], e["reason"]) for e in entries))
        self.assertEqual({file} if refused else set(), {pathlib.Path(e["origin"]).name for e in entries})
        kept = [member_key for _, member_key in project.members()]
        self.assertEqual(keys, sorted(kept + [refused_key for refused_key, _, _ in refused]))
        print(f"{name}: {len(keys)} rows, {len(kept)} kept, {len(refused)} refused")

        again, = self.streams(project.run_json(expect=3 if refused else 0))
        self.assertEqual((len(kept), len(refused)), (again["unchanged"], again["quarantined"]), again)
        self.assertEqual(len(refused), len(project.quarantine()))
        return project

    def test_febrl3(self):
        project = self.load_csv("febrl3", "febrl3.csv", "rec_id", "date_of_birth")
        truth = {}
        for _, row in rows("febrl3.csv"):
            truth.setdefault(row["rec_id"].split("-")[1], []).append(("febrl", row["rec_id"]))
        self.score("febrl3", project.clusters(), truth.values(), recall_min=0.45)
        # The blanks after the commas are gone from everything that was kept.
        for profile in project.profiles():
            text = json.dumps(profile["values"])
            self.assertNotRegex(text, r': " | "[,}]')

    def test_fake_1000(self):
        project = self.load_csv("fake_1000", "fake_1000.csv", "unique_id", "dob")
        truth = {}
        for _, row in rows("fake_1000.csv"):
            truth.setdefault(row["cluster"], []).append(("fake", row["unique_id"]))
        # A third of its birth dates are wrong: whoever may be either of two such records joins neither (decision 0074).
        self.score("fake_1000", project.clusters(), truth.values(), recall_min=0.09)

    def test_historical(self):
        project = self.load_csv("historical", "historical_dev.csv", "unique_id", "dob")
        self.assertEqual(set(), pairs(project.clusters()))
        given = {row["unique_id"]: row for _, row in rows("historical_dev.csv")}
        for profile in project.profiles():
            row, values = given[profile["label"].split("/")[1]], profile["values"]
            date = "" if row["dob"] in PLACEHOLDERS else re.sub(r"(-00)+$", "", row["dob"])
            self.assertEqual(date, values.get("birth_date", ""), profile["label"])
            self.assertEqual(bool(row["full_name"]), "name" in values, profile["label"])


@unittest.skipUnless((DATA / "senzing").is_dir(), f"no truth set in {DATA}/senzing: set RONDOM_TEST_DATA to the "
                                                  "folder that holds data/identity")
class Senzing(unittest.TestCase):
    JOBS = {"customers": "CUSTOMERS", "reference": "REFERENCE", "watchlist": "WATCHLIST"}
    score = Truth.score
    streams = Truth.streams

    def records(self):
        """{(source, key): its features} of the three files."""
        records = {}
        for job, source in self.JOBS.items():
            with open(DATA / "senzing" / f"{job}.jsonl", encoding="utf-8") as lines:
                for record in map(json.loads, lines):
                    records[source, record["RECORD_ID"]] = record["FEATURES"]
        return records

    def load(self, data=DATA / "senzing", orders=(("--all",),)):
        project = TruthProject(self, "senzing", data)
        streams = []
        for arguments in orders:
            streams += self.streams(project.run_json(*arguments, expect=0))
        self.assertEqual(len(self.records()), sum(stream["new"] for stream in streams))
        return project

    def test_documents_join_and_nothing_else(self):
        project = self.load()
        self.assertEqual([], project.quarantine())
        self.assertEqual(set(self.records()), set(project.members()))
        truth = {}
        with open(DATA / "senzing/actual_truthset_key.csv", encoding="utf-8", newline="") as file:
            for row in csv.DictReader(file):
                truth.setdefault(row["CLUSTER_ID"], []).append((row["DATA_SOURCE"], row["RECORD_ID"]))
        self.score("senzing", project.clusters(), truth.values(), recall_min=0.20)

    def test_people_and_companies_are_told_apart(self):
        records, entities = self.records(), {}
        for profile in self.load().profiles():
            for name in profile["members"]:
                source, key = re.fullmatch(r"(\w+)\.\w+/(\w+)", name).groups()
                entities[source, key] = profile["entity"]
        self.assertEqual({name: features[0]["RECORD_TYPE"].lower() for name, features in records.items()}, entities)

    def test_dates_of_many_forms_are_read(self):
        def date(text):
            forms = ("%Y-%m-%d", "%m/%d/%Y", "%m/%d/%y", "%d-%b-%y", "%b %d %Y", "%d/%m/%Y")
            for form in forms:
                try:
                    day = datetime.datetime.strptime(text, form).date()
                except ValueError:
                    continue
                return (day.replace(year=day.year - 100) if day.year > 2026 else day).isoformat()
            raise AssertionError("a date of a new form")

        expected = {name: {date(feature["DATE_OF_BIRTH"]) for feature in features if "DATE_OF_BIRTH" in feature}
                    for name, features in self.records().items()}
        read = 0
        for profile in self.load().profiles():
            names = [re.fullmatch(r"(\w+)\.\w+/(\w+)", name).groups() for name in profile["members"]]
            dates = set().union(*(expected[name] for name in names))
            found = profile["values"].get("birth_date")
            self.assertIn(found, dates or {None}, profile["label"])
            read += found is not None
        self.assertGreater(read, 50)

    def test_any_order_of_sources_and_lines_gives_the_same(self):
        whole = self.load()
        expected, partition = whole.export(), sorted(map(sorted, whole.clusters()))
        for order in itertools.permutations(self.JOBS):
            project = self.load(orders=[(job,) for job in order])
            self.assertEqual(partition, sorted(map(sorted, project.clusters())), order)
            self.assertEqual(expected, project.export(), order)
        backwards = Project(self).folder
        for job in self.JOBS:
            lines = (DATA / "senzing" / f"{job}.jsonl").read_text(encoding="utf-8").splitlines()
            (backwards / f"{job}.jsonl").write_text("".join(line + "\n" for line in reversed(lines)),
                                                    encoding="utf-8")
        project = self.load(backwards, [("--all", "--threads", "1", "--batch", "3")])
        self.assertEqual(expected, project.export())


if __name__ == "__main__":
    unittest.main()
