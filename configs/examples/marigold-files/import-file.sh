#!/bin/sh
# Makes CSV files for Marigold's import of the sets in out/: import-file.sh [folder of the project]
set -eu
cd "${1:-$(dirname "$0")}"
python3 - <<'PYTHON'
import csv, json, os
COLUMNS = {"contacts": ["MAIL", "FIRSTNAME", "NAME", "LANGUAGE", "TIER", "OPTOUT"], "optouts": ["MAIL", "OPTOUT"]}
for name, columns in COLUMNS.items():
    with open(f"out/{name}.jsonl", encoding="utf-8") as lines, open(f"out/.{name}.csv", "w", encoding="utf-8", newline="") as file:
        out = csv.writer(file, delimiter=";", lineterminator="\n")
        out.writerow(columns)
        for line in lines:
            record = json.loads(line)
            out.writerow([record.get(column) or "" for column in columns])
    os.rename(f"out/.{name}.csv", f"out/{name}.csv")
PYTHON
