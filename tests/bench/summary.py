"""One benchmark's figures as a table: summary.py RECORDS BARE FIRST REFRESH"""
import json
import re
import sys

records = int(sys.argv[1])
bare = float(re.search(r"([\d.]+) records/s", open(sys.argv[2]).read()).group(1))
first, refresh = (json.load(open(name)) for name in sys.argv[3:5])


def show(name, report):
    rate = records / report["seconds"]
    print(f"{name:<14} {report['seconds']:8.2f} s  {rate:10,.0f} records/s  {rate / bare:5.2f} of bare inserts  "
          f"{report['peak_rss_bytes'] / 2**20:6.0f} MB  {report['status']}")
    print("   " + "  ".join(f"{stage} {seconds:.2f} s" for stage, seconds in report["stages"].items()))


show("first sync", first)
show("full refresh", refresh)
streams = [stream for job in refresh["jobs"] for stream in job["streams"]]
unchanged = sum(stream["unchanged"] for stream in streams)
print(f"refresh: {unchanged:,} of {records:,} unchanged; profiles {first['profiles']['total']:,}")
