"""The activation bench's figures: activation.py PROJECT ROUNDS"""
import json
import re
import statistics
import sys

project, rounds = sys.argv[1], int(sys.argv[2])
ratios = []
for number in range(1, rounds + 1):
    bare = float(re.search(r"([\d.]+) records/s", open(f"{project}/bare-{number}.txt").read()).group(1))
    report = json.load(open(f"{project}/activation-{number}.json"))
    job = report["jobs"][-1]
    created = job["deliveries"]["created"]
    if report["status"] != "done" or created == 0 or created != report["profiles"]["total"]:
        sys.exit(f"the run was not whole: {report['status']}, {created:,} of {report['profiles']['total']:,} delivered")
    rate = created / job["seconds"]
    ratios.append(rate / bare)
    print(f"activation     {job['seconds']:8.2f} s  {rate:10,.0f} profiles/s  {rate / bare:5.2f} of bare posts  "
          f"{report['peak_rss_bytes'] / 2**20:6.0f} MB  {created:,} profiles")
    print("   " + "  ".join(f"{stage} {seconds:.2f} s" for stage, seconds in report["stages"].items()))
print(f"median of {rounds}: {statistics.median(ratios):.3f} of bare posts ({', '.join(f'{one:.3f}' for one in ratios)})")
