"""The reading bench's figures: reading.py PROJECT ROUNDS RECORDS RECORDS_FOR_MEMORY"""
import json
import re
import statistics
import sys

project, rounds, records, many = sys.argv[1], *map(int, sys.argv[2:5])


def whole(name, expected):
    report = json.load(open(f"{project}/{name}.json"))
    stream = report["jobs"][0]["streams"][0]
    if report["status"] != "done" or stream["new"] != expected:
        sys.exit(f"the run was not whole: {report['status']}, {stream['new']:,} of {expected:,} records")
    return report, report["jobs"][0]["seconds"]


ratios = []
for number in range(1, rounds + 1):
    bare = float(re.search(r"in ([\d.]+) s", open(f"{project}/bare-{number}.txt").read()).group(1))
    report, seconds = whole(f"run-{number}", records)
    ratios.append(bare / seconds)
    print(f"reading        {seconds:8.2f} s  {records / seconds:10,.0f} records/s  {bare / seconds:5.3f} of bare pages  "
          f"{report['peak_rss_bytes'] / 2**20:6.0f} MB; whole run {report['seconds']:.2f} s")
print(f"median of {rounds}: {statistics.median(ratios):.3f} of bare pages ({', '.join(f'{one:.3f}' for one in ratios)})")
report, seconds = whole("many", many)
print(f"without the wait {seconds:6.2f} s  {many / seconds:10,.0f} records/s  {report['peak_rss_bytes'] / 2**20:6.0f} MB "
      f"for {many:,} records")
