"""The marketer's guide, docs/guide/audience.md, followed word by word in an empty folder."""
import os
import pathlib
import re
import subprocess
import sys
import unittest

import project

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
GUIDE = SOURCE / "docs/guide/audience.md"
# What is another one each time: ids, seconds, megabytes.
CHANGES = [(re.compile(r"\b[0-9a-f]{8}(-[0-9a-f]{4}){1,3}(-[0-9a-f]{12})?\b"), "ID"), (re.compile(r"\d+\.\d s"), "SECONDS"),
           (re.compile(r"\d+ MB"), "MEGABYTES")]


def commands():
    """Each command of the guide with the lines that it shows."""
    found, inside = [], None
    for line in GUIDE.read_text(encoding="utf-8").splitlines():
        if line.startswith("```"):
            inside = line if inside is None else None
        elif inside == "```" and line.startswith("$ "):
            found.append((line[2:], []))
        elif inside == "```" and found:
            found[-1][1].append(line)
    return found


def plain(line):
    for pattern, word in CHANGES:
        line = pattern.sub(word, line)
    return line.rstrip()


class Guide(unittest.TestCase):
    def test_what_the_guide_shows_is_what_the_program_says(self):
        empty = project.Project(self).folder
        (empty / "configs").symlink_to(SOURCE / "configs")
        stand_in = subprocess.Popen([sys.executable, "-B", str(SOURCE / "tests/sandbox/mautic.py"), "--port", "0"],
                                    stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(stand_in.communicate)
        port = re.search(rb":(\d+)", stand_in.stdout.readline())[1].decode()
        where = empty
        environment = {**os.environ, "PATH": f"{project.RONDOM.parent}:{os.environ['PATH']}"}
        shown = 0
        for command, expected in commands():
            with self.subTest(command=command):
                if command.startswith("cd "):
                    where = where / command[3:]
                    sandbox = where / "env/sandbox.yaml"
                    sandbox.write_text(sandbox.read_text().replace("8765", port))
                    continue
                if command.startswith("export "):
                    name, value = command[len("export "):].split("=")
                    environment[name] = value
                    continue
                done = subprocess.run(["sh", "-c", command], cwd=where, env=environment, capture_output=True, timeout=120,
                                      check=False)
                self.assertIn(done.returncode, (0, 3, 4), done.stderr.decode())
                said = [plain(line) for line in (done.stdout + done.stderr).decode().splitlines()]
                if "…" in expected:  # what comes in between is left out
                    self.assertLessEqual({plain(line) for line in expected} - {"…"}, set(said))
                elif expected:
                    self.assertEqual([plain(line) for line in expected], said)
                shown += bool(expected)
        self.assertGreater(shown, 8)


if __name__ == "__main__":
    unittest.main()
