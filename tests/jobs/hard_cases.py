#!/usr/bin/env python3
"""The cases that everybody asks about when customers are brought together, and the test that goes with each from source
records to what is sent or shown. Fails when one has none."""
import pathlib
import re
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
DATA = "tests/jobs/hard-cases/tests/hard-cases.yaml"
CASES = {
    "family e-mail": DATA,
    "deceased still in the CRM": DATA,
    "moved": DATA,
    # Takes two runs: who the record was is known from the first.
    "two people under one CRM id": ("tests/cli/test_contract.py", "test_somebody_else_is_held_back_until_somebody_looked"),
    "tag synonyms": DATA,
    "fulfilled need": DATA,
    "shared tablet": DATA,
    "one order in two systems": DATA,
    "lapsed then back": DATA,
}
# What a case of the data must expect at least: a case that expects nothing shows nothing.
SHOWN = ("deliveries:", "profiles:", "permitted:", "withheld:")


def missing(read):
    """The names of the cases without a test; `read` gives the text of a file of the repository."""
    without = []
    for name, where in CASES.items():
        if isinstance(where, tuple):
            found = re.search(rf"^ +def {where[1]}\(self\):\n +\S", read(where[0]), re.M)
        else:
            block = re.search(rf"^- test: {re.escape(name)}\n((?:(?!- test:).*\n?)*)", read(where), re.M)
            found = block and "  given:" in block[1] and any(f"    {key}" in block[1] for key in SHOWN)
        if not found:
            without.append(name)
    return without


def main():
    def read(path):
        return (SOURCE / path).read_text(encoding="utf-8")

    without = missing(read)
    if missing(lambda path: "") != list(CASES) or missing(lambda path: read(path).replace("- test: moved\n", "")) != ["moved"]:
        without.append("(a case that is missing is not found)")
    for name in without:
        print(f"no test shows the case: {name}")
    print(f"{len(CASES)} cases, {len(without)} without a test")
    return 1 if without else 0


if __name__ == "__main__":
    sys.exit(main())
