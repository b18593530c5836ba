"""Hostile input: a clear report, bounded memory, and the good rows are in."""
import gzip
import json
import os
import subprocess
import sys
import unittest

from project import BUILD, RONDOM, Project, balanced

GIANT_LINE_BYTES = int(os.environ.get("RONDOM_GIANT_LINE_BYTES", str(2 << 30)))
MEMORY_MAX = 512 << 20


class Hostile(unittest.TestCase):
    def project(self, path, options="", key=".id"):
        project = Project(self)
        project.write("rondom.yaml", """
            project: hostile
            store: { sqlite: var/rondom.db }
            connections:
              files: { connector: file, config: { path: data } }
            """)
        project.write("jobs/read.yaml", f"""
            job: read
            source: files
            streams:
              - stream: people
                options: {{ path: "{path}"{options} }}
                entity: person
                key: {key}
                map:
                  name.full: .name
            """)
        (project.folder / "data").mkdir()
        return project

    def read(self, project, expect=(0, 3), **more):
        report = project.run_json("read", expect=expect, **more)
        job = report["jobs"][0]
        stream = job["streams"][0]
        self.assertTrue(balanced(stream), stream)
        self.assertLess(report["peak_rss_bytes"], MEMORY_MAX)
        return stream, job

    def reasons(self, project):
        entries = json.loads(project.rondom("-o", "json", "quarantine", "show", "--limit", "100", expect=0).stdout)
        return [entry["reason"] for entry in entries]

    def check_lines(self, lines, good, bad, *reason_words):
        project = self.project("people.jsonl")
        project.write("data/people.jsonl", b"\n".join(lines) + b"\n")
        stream, _ = self.read(project)
        self.assertEqual((good, bad), (stream["new"], stream["quarantined"]), self.reasons(project))
        text = " | ".join(self.reasons(project))
        for word in reason_words:
            self.assertIn(word, text)

    def test_bad_json_lines(self):
        self.check_lines([b'{"id":"1","name":"Anna"}', b'{"id":"2","name":', b"null", b"[]", b'{"id":"3","name":"Bram"}'], 2, 3)

    def test_nul_and_invalid_utf8(self):
        self.check_lines([b'{"id":"1","name":"An\\u0000na"}', b'{"id":"2","name":"\xff\xfe"}', b'{"id":"3","name":"B\x00"}',
                          b'{"id":"4","name":"Bram"}'], 1, 3)

    def test_duplicate_members(self):
        self.check_lines([b'{"id":"1","id":"2","name":"Anna"}', b'{"id":"4","name":"Bram"}'], 1, 1, "twice")

    def test_deep_nesting(self):
        self.check_lines([b'{"id":"1","name":' + b"[" * 10000 + b"]" * 10000 + b"}", b'{"id":"4","name":"Bram"}'], 1, 1)

    def test_a_400_digit_number(self):
        self.check_lines([b'{"id":"1","name":' + b"9" * 400 + b"}", b'{"id":"4","name":"Bram"}'], 1, 1)

    def test_no_key(self):
        self.check_lines([b'{"name":"Anna"}', b'{"id":"","name":"Anna"}', b'{"id":"4","name":"Bram"}'], 1, 2)

    def test_10000_columns(self):
        project = self.project("people.csv")
        header = "id,name," + ",".join(f"c{i}" for i in range(10000))
        row = "1,Anna," + ",".join("x" for _ in range(10000))
        project.write("data/people.csv", (header + "\n" + row + "\n2,Bram\n").encode())
        stream, _ = self.read(project)
        self.assertEqual((1, 1), (stream["new"], stream["quarantined"]))

    def test_truncated_gzip(self):
        project = self.project("people.jsonl.gz")
        lines = b"".join(b'{"id":"%d","name":"Anna"}\n' % i for i in range(5000))
        project.write("data/people.jsonl.gz", gzip.compress(lines)[:-2000])
        result = project.rondom("-o", "json", "run", "read")
        self.assertNotIn(result.returncode, (0, 3))
        job = json.loads(result.stdout)["jobs"][0]
        self.assertIn("people.jsonl.gz", job["error"])
        self.assertGreater(job["streams"][0]["new"], 0)
        self.assertEqual(0, job["streams"][0]["tombstoned"])

    def test_symlink_loop(self):
        project = self.project("people.jsonl")
        os.symlink("people.jsonl", project.folder / "data/people.jsonl")
        result = project.rondom("-o", "json", "run", "read")
        self.assertNotEqual(0, result.returncode)
        self.assertIn("people.jsonl", json.loads(result.stdout)["jobs"][0]["error"])

    def test_a_giant_line_from_a_pipe(self):
        project = self.project("-", options=", format: jsonl")
        writer = subprocess.Popen([sys.executable, "-c", f"""
import sys
out = sys.stdout.buffer
out.write(b'{{"id":"1","name":"Anna"}}\\n{{"id":"2","name":"')
block = b"x" * (1 << 20)
for _ in range({GIANT_LINE_BYTES >> 20}):
    out.write(block)
out.write(b'"}}\\n{{"id":"3","name":"Bram"}}\\n')
"""], stdout=subprocess.PIPE)
        stream, _ = self.read(project, stdin=writer.stdout, timeout=600)
        writer.stdout.close()
        writer.wait()
        self.assertEqual((2, 1), (stream["new"], stream["quarantined"]))
        self.assertIn("8 MiB", self.reasons(project)[0])


if __name__ == "__main__":
    unittest.main()
