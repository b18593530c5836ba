"""Who is who on labelled people data: the one default configuration at its default threshold, beside the best.

identity.py BUILD_FOLDER. The data is not part of the project: RONDOM_TEST_DATA names the folder that holds
data/identity (default ../shared beside the repository); a set that is not there is skipped aloud. For each set: run the
project, fit the shipped model to the records (no labels), and only then look at the truth.
"""
import csv
import json
import os
import pathlib
import shutil
import subprocess
import sys

import identity_people

SOURCE = pathlib.Path(__file__).resolve().parents[2]
HERE = SOURCE / "tests" / "bench" / "identity"
TRUTH = SOURCE / "tests" / "cli" / "truth"
DATA = pathlib.Path(os.environ.get("RONDOM_TEST_DATA") or SOURCE.parent / "shared").resolve() / "data" / "identity"


def rows(name):
    with open(DATA / name, encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, skipinitialspace=True))


def febrl(name, source, stream):
    return [(source, stream, row["rec_id"], row["rec_id"].split("-")[1]) for row in rows(name)]


# name: project, files below data/identity, truth as (source, stream, key, cluster), F1 to reach
SETS = {
    "historical_dev": (HERE / "historical", ["historical_dev.csv"], lambda: [
        ("historical", "historical_dev", row["unique_id"], row["cluster"]) for row in rows("historical_dev.csv")], 0.86),
    "febrl3": (HERE / "febrl3", ["febrl3.csv"], lambda: febrl("febrl3.csv", "febrl", "febrl3"), 0.997),
    "febrl4": (HERE / "febrl4", ["febrl4a.csv", "febrl4b.csv"], lambda: [
        *febrl("febrl4a.csv", "a", "febrl4a"), *febrl("febrl4b.csv", "b", "febrl4b")], 0.999),
    "fake_1000": (TRUTH / "fake_1000", ["fake_1000.csv"], lambda: [
        ("fake", "fake_1000", row["unique_id"], row["cluster"]) for row in rows("fake_1000.csv")], 0.94),
    "senzing": (TRUTH / "senzing", ["senzing/customers.jsonl", "senzing/actual_truthset_key.csv"], lambda: [
        (row["DATA_SOURCE"], "", row["RECORD_ID"], row["CLUSTER_ID"])
        for row in rows("senzing/actual_truthset_key.csv")], 0.98),
}


# Fictional people, made here: rates, F1 to reach.
# "never fitted": the model as it comes with the program, as in a project that only says `probabilistic: {}`.
MADE = {"households": (identity_people.HOUSEHOLDS, 0.98), "systems": (identity_people.SYSTEMS, 0.91),
        "dense": (identity_people.DENSE, 0.96), "dense, never fitted": (identity_people.DENSE, 0.96)}
PEOPLE, SEED = 28_000, 20261126


class Set:
    def __init__(self, build, name, seed=SEED):
        self.program = build / "bin" / "rondom"
        self.fitted = "never fitted" not in name
        self.folder = build / "bench" / "identity" / name.replace(", ", "-").replace(" ", "-")
        shutil.rmtree(self.folder, ignore_errors=True)
        if name in MADE:
            rates, self.least = MADE[name]
            shutil.copytree(HERE / "households", self.folder)
            (self.folder / "data").mkdir()
            identity_people.write(self.folder / "data", PEOPLE, seed, rates)
            self.truth = self.made_truth
            return
        project, files, self.truth, self.least = SETS[name]
        shutil.copytree(project, self.folder)
        (self.folder / "data").symlink_to((DATA / files[0]).parent)

    def made_truth(self):
        with open(self.folder / "data" / "truth.csv", encoding="utf-8", newline="") as file:
            return [(row["source"], row["source"], row["key"], row["cluster"]) for row in csv.DictReader(file)]

    def rondom(self, *words):
        result = subprocess.run([self.program, "-C", self.folder, *words], stdout=subprocess.PIPE, check=False)
        if result.returncode not in (0, 3):
            raise SystemExit(f"rondom {' '.join(map(str, words))}: exit {result.returncode}")
        return result.stdout

    def measure(self):
        self.rondom("-q", "run", "--all")
        shipped = json.loads(self.rondom("-o", "json", "identity", "train")) if self.fitted else []
        with open(self.folder / "truth.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(["source", "stream", "key", "cluster"])
            writer.writerows(self.truth())
        found = json.loads(self.rondom("-o", "json", "identity", "evaluate", "--truth", self.folder / "truth.csv",
                                       "--svg", self.folder / "curve.svg", "--errors", self.folder / "errors.csv"))
        return found, [model["from"] for model in shipped] or [model["hash"] for model in found["models"]]


def main():
    build = pathlib.Path(sys.argv[1]).resolve()
    head = ("set", "records", "precision", "recall", "F1", "at least", "", "B3 F1", "largest (true)", "best F1", "at bits",
            "seconds", "configuration → fitted")
    table = [head]
    for name in [*SETS, *MADE]:
        files = SETS[name][1] if name in SETS else []
        if not all((DATA / file).exists() for file in files):
            print(f"SKIPPED {name}: no {files[0]} in {DATA}; set RONDOM_TEST_DATA to the folder that holds data/identity")
            continue
        one = Set(build, name)
        found, shipped = one.measure()
        default, best = found["at_default"], found["best"]
        table.append((name, str(sum(model["records"] for model in found["models"])), f"{default['precision']:.4f}",
                      f"{default['recall']:.4f}", f"{default['f1']:.4f}", str(one.least),
                      "ok" if default["f1"] >= one.least else "BELOW", f"{default['b3_f1']:.4f}",
                      f"{default['largest']} ({default['largest_true']})", f"{best['quality']['f1']:.4f}",
                      str(best["bits"]), f"{sum(model['seconds'] for model in found['models']):.2f}",
                      ", ".join(f"{model['model']} {start} → {model['hash']}"
                                for model, start in zip(found["models"], shipped))))
    if len(table) == 1:
        return
    widths = [max(len(row[column]) for row in table) for column in range(len(head))]
    for row in table:
        print("  ".join(text.ljust(width) for text, width in zip(row, widths)).rstrip())
    print(f"seconds: records in memory to groups; curves and wrong pairs: {build}/bench/identity/*/curve.svg, errors.csv")


main()
