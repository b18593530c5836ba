"""One benchmark's figures as a table: summary.py RECORDS PROJECT ROUNDS"""
import json
import re
import statistics
import sys

records, project, rounds = int(sys.argv[1]), sys.argv[2], int(sys.argv[3])


def bare_rate(number):
    text = open(f"{project}/bare-{number}.txt").read()
    return float(re.search(r"([\d.]+) records/s", text).group(1))


def report_of(name):
    return json.load(open(f"{project}/{name}.json"))


def show(name, report, bare):
    rate = records / report["seconds"]
    print(f"{name:<14} {report['seconds']:8.2f} s  {rate:10,.0f} records/s  {rate / bare:5.2f} of bare inserts  "
          f"{report['peak_rss_bytes'] / 2**20:6.0f} MB  {report['status']}")
    print("   " + "  ".join(f"{stage} {seconds:.2f} s" for stage, seconds in report["stages"].items()))


pairs = [(bare_rate(n), report_of(f"first-{n}")) for n in range(1, rounds + 1)]
for bare, report in pairs:
    show("first sync", report, bare)
ratios = [records / report["seconds"] / bare for bare, report in pairs]
if rounds > 1:
    print(f"median of {rounds}: {statistics.median(ratios):.3f} of bare inserts "
          f"({', '.join(f'{ratio:.3f}' for ratio in ratios)})")
refresh = report_of("refresh")
show("full refresh", refresh, statistics.median(bare for bare, _ in pairs))
streams = [stream for job in refresh["jobs"] for stream in job["streams"]]
unchanged = sum(stream["unchanged"] for stream in streams)
print(f"refresh: {unchanged:,} of {records:,} unchanged; profiles {pairs[0][1]['profiles']['total']:,}")
