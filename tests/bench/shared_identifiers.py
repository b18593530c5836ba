"""What one wrong identifier costs: shared_identifiers.py BUILD_FOLDER [PEOPLE] [ROUNDS]

The same people are read and unified twice a round, in turn: as they are, and with a shop's own telephone on 10,000
records, info@ on 500 and a tablet's cookie, declared strong, on 3,000. Prints the time that unify took (median of the
rounds) and its ratio. Nobody may be joined in either.
"""
import json
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

DESK, INFO, TABLET = 10_000, 500, 3_000
LETTERS = "abcdefghijklmnopqrstuvwxyz"
GIVEN = ["Anna", "Bram", "Sanne", "Daan", "Lisa", "Thijs", "Eva", "Ruben", "Fleur", "Joost"]

SETTINGS = """project: shared
defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
connections:
  crm: { connector: file, config: { path: data } }
"""
IDENTITY = """identifiers:
  - { namespace: email, class: strong }
  - { namespace: phone, class: strong }
  - { namespace: device, class: strong }
"""
JOB = """job: crm
source: crm
streams:
  - stream: people
    key: .id
    entity: person
    map: { name.given: .given, name.surname: .surname, email: .email, phone: .phone, identifier.device: .device }
"""


def surname(number):
    text = ""
    for _ in range(5):
        number, letter = divmod(number, len(LETTERS))
        text += LETTERS[letter]
    return "Van" + text


def people(count, wrong):
    for i in range(count):
        row = {"id": f"p{i:08d}", "given": GIVEN[i % len(GIVEN)], "surname": surname(i),
               "phone": f"+3161{i:07d}", "email": f"p{i}@example.com", "device": f"device-{i}"}
        if wrong and i < DESK:
            row["phone"] = "+31201234567"
        if wrong and i % 100 == 0 and i < 100 * INFO:
            row["email"] = "info@example.com"
        if wrong and i % 7 == 0 and i < 7 * TABLET:
            row["device"] = "tablet-of-the-shop"
        yield row


def make(folder, count, wrong):
    (folder / "data").mkdir(parents=True)
    (folder / "jobs").mkdir()
    (folder / "rondom.yaml").write_text(SETTINGS)
    (folder / "identity.yaml").write_text(IDENTITY)
    (folder / "jobs/crm.yaml").write_text(JOB)
    with open(folder / "data/people.jsonl", "w") as file:
        for row in people(count, wrong):
            file.write(json.dumps(row) + "\n")


def unify_seconds(program, folder, count):
    shutil.rmtree(folder / "var", ignore_errors=True)
    report = json.loads(subprocess.run([program, "-C", folder, "-q", "-o", "json", "run", "--all"], check=True,
                                       capture_output=True).stdout)
    if report["profiles"]["total"] != count:
        raise SystemExit(f"{count - report['profiles']['total']} people were joined to others")
    return report["seconds"], report["profiles"]["generic_identifiers"]


def main():
    program = pathlib.Path(sys.argv[1]) / "bin/rondom"
    count = int(sys.argv[2]) if len(sys.argv) > 2 else 200_000
    rounds = int(sys.argv[3]) if len(sys.argv) > 3 else 5
    with tempfile.TemporaryDirectory() as work:
        folders = {wrong: pathlib.Path(work) / ("wrong" if wrong else "right") for wrong in (False, True)}
        for wrong, folder in folders.items():
            make(folder, count, wrong)
        seconds = {False: [], True: []}
        for _ in range(rounds):
            for wrong, folder in folders.items():
                took, generic = unify_seconds(program, folder, count)
                seconds[wrong].append(took)
                if wrong and generic != 3:
                    raise SystemExit(f"{generic} of 3 wrong identifiers were found")
        right, wrong = (statistics.median(seconds[which]) for which in (False, True))
        print(f"{count} people, run in all, median of {rounds}: {right:.2f} s as they are, {wrong:.2f} s with three wrong "
              f"identifiers on {DESK}, {INFO} and {TABLET}: {wrong / right:.3f}")


if __name__ == "__main__":
    main()
