#!/usr/bin/env python3
"""The service under load: service_load.py BUILD [--jobs 200] [--rate 1000] [--seconds 20] [--runs 1000] [--records 0] [--grows 0].

So many jobs run one after the other again and again while so many requests a second come in over one TCP port on loopback
(four connections that stay open); a fifth asks for /metrics and /readyz in turn,
once a second, which look into the store every 15 s. Printed: answers a second, their times, how many runs
ended meanwhile, and what the supervisor held of memory, descriptors and threads after 100, 1,000, 5,000, 10,000 runs and at the
end, each said at once. With --grows it fails when the supervisor holds so many MB, or a few descriptors or threads, more at the end
than after 1,000, or when it did not get beyond those. With --records the
requests begin when a run of so many records has begun, and it is said whether it went on throughout; the other jobs wait for it, as a
store takes one engine at a time. Requests are sent at their moment, whatever the one before took, and times count from that
moment, so that a pause is seen in each request that it held up.
"""
import argparse
import http.client
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import tempfile
import threading
import time

CONNECTIONS = 4
BEGINS_SECONDS = 60
MILESTONES = (100, 1_000, 5_000, 10_000)  # runs after which it is looked at what the supervisor holds
SETTLED = 1_000  # runs after which nothing should grow any more
OF_ONE_RUN = 8  # descriptors and threads that are there or not with the moment: an engine's pipes, whoever asks
PATHS = ["/livez", "/api/v1/status", "/api/v1/jobs/job7"]


def job(folder, name, schedule, rows):
    (folder / f"jobs/{name}.yaml").write_text(
        f"job: {name}\nsource: crm\n{schedule}streams:\n"
        f"  - {{ stream: {name}, options: {{ path: {name}.jsonl, mode: append }}, entity: person, key: .id,\n"
        "      map: { name.full: .name } }\n")
    with open(folder / f"data/{name}.jsonl", "w", encoding="utf-8") as file:
        for i in range(rows):
            file.write(json.dumps({"id": i, "name": f"Anna Bakker {i}"}) + "\n")


def made(folder, jobs, records, port):
    (folder / "jobs").mkdir()
    (folder / "data").mkdir()
    (folder / "rondom.yaml").write_text(
        f"project: load\nserve: {{ listen: 127.0.0.1:{port}, concurrency: 1 }}\n"
        "connections:\n  crm: { connector: file, config: { path: data } }\n")
    for number in range(jobs):
        job(folder, f"job{number}", "schedule: { every: 1s }\n", 3)
    if records:
        job(folder, "large", "", records)


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Held:
    """What a process holds; its own memory apart from the pages of its program, which the system takes and gives as it likes."""

    def __init__(self, process):
        status = pathlib.Path(f"/proc/{process}/status").read_text(encoding="ascii", errors="replace")
        said = dict(line.split(":", 1) for line in status.splitlines())
        self.memory, self.own = (int(said[name].split()[0]) / 1000 for name in ("VmRSS", "RssAnon"))
        self.threads, self.descriptors = int(said["Threads"]), len(os.listdir(f"/proc/{process}/fd"))

    def __str__(self):
        return f"{self.memory:.1f} MB ({self.own:.1f} its own), {self.descriptors} descriptors, {self.threads} threads"


def ask(port, token, rate, end, paths, times, failed):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    count, begun = 0, time.monotonic()
    while (moment := begun + count / rate) < end:
        if (early := moment - time.monotonic()) > 0:
            time.sleep(early)
        path = paths[count % len(paths)]
        connection.request("GET", path, headers={"Authorization": f"Bearer {token}"})
        answer = connection.getresponse()
        answer.read()
        times.append(time.monotonic() - moment)
        if answer.status != 200:
            failed.append((path, answer.status))
        count += 1


def share(times, part):
    return times[min(len(times) - 1, int(len(times) * part))] * 1000


def main():
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("build")
    for name, usual in (("jobs", 200), ("rate", 1000), ("seconds", 20), ("runs", 1000), ("records", 0), ("grows", 0)):
        options.add_argument(f"--{name}", type=int, default=usual)
    options = options.parse_args()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rondom-load-"))
    rondom = [str(pathlib.Path(options.build) / "bin/rondom"), "-C", str(folder)]
    port = free_port()
    made(folder, options.jobs, options.records, port)
    token = subprocess.run([*rondom, "token", "create", "load", "--scope", "read"], check=True, capture_output=True,
                           text=True).stdout.strip()
    service = subprocess.Popen([*rondom, "serve"], stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True)
    finished, outcomes, large, held = 0, {}, [], {}

    def look():
        if finished in held:
            return
        held[finished] = Held(service.pid)
        print(f"supervisor after {finished} runs: {held[finished]}", flush=True)

    def read():
        nonlocal finished
        for line in service.stderr:
            if " job=large " in line and (" job.started " in line or " job.finished " in line):
                large.append(line)
            if " job.finished " in line:
                finished += 1
                word = line.split("status=")[1].split()[0]
                outcomes[word] = outcomes.get(word, 0) + 1
                if finished in MILESTONES:
                    look()
    reader = threading.Thread(target=read, daemon=True)
    reader.start()
    try:
        while finished < min(20, options.runs):
            time.sleep(0.05)
        if options.records:
            subprocess.run([*rondom, "trigger", "large"], check=True, stdout=subprocess.DEVNULL)
            begins_by = time.monotonic() + BEGINS_SECONDS
            while not large:
                if time.monotonic() > begins_by:
                    raise SystemExit("the large run did not begin")
                time.sleep(0.05)
        at_first, begun = finished, time.monotonic()
        times, scrapes, failed, end = [], [], [], begun + options.seconds
        askers = [threading.Thread(target=ask, args=(port, token, options.rate / CONNECTIONS, end, PATHS, times, failed))
                  for _ in range(CONNECTIONS)]
        askers.append(threading.Thread(target=ask, args=(port, token, 1, end, ["/metrics", "/readyz"], scrapes, failed)))
        for asker in askers:
            asker.start()
        for asker in askers:
            asker.join()
        seconds = time.monotonic() - begun
        during, throughout = finished - at_first, len(large) == 1
        while finished < options.runs:
            if service.poll() is not None:
                raise SystemExit(f"the service ended by itself: {service.returncode}")
            time.sleep(0.2)
        look()
        ended = dict(outcomes)  # without those that our stop ends
    finally:
        service.send_signal(signal.SIGTERM)
        service.wait(90)
        shutil.rmtree(folder, ignore_errors=True)
    times.sort()
    print(f"{options.jobs} jobs, {len(times)} requests in {seconds:.1f} s ({len(times) / seconds:.0f}/s), "
          f"{during} runs meanwhile, {len(failed)} not 200 {sorted(set(failed))[:3]}")
    if options.records:
        print(f"a run of {options.records} records went on {'throughout' if throughout else 'AND ENDED MEANWHILE'}")
    print(f"p50 {share(times, 0.5):.1f} ms, p99 {share(times, 0.99):.1f} ms, p99.9 {share(times, 0.999):.1f} ms, "
          f"longest {times[-1] * 1000:.1f} ms; /metrics and /readyz at most {max(scrapes) * 1000:.0f} ms")
    print(f"runs: {ended}")
    if options.grows:
        first, last = held.get(SETTLED), held[max(held)]
        if first is None or max(held) <= SETTLED:
            raise SystemExit(f"--grows needs more than {SETTLED} runs")
        if (last.own - first.own > options.grows or last.descriptors - first.descriptors > OF_ONE_RUN
                or last.threads - first.threads > OF_ONE_RUN):
            raise SystemExit("the supervisor grew")
    if set(ended) != {"done"}:
        raise SystemExit("a run failed")


if __name__ == "__main__":
    main()
