"""What the package brings beside the program: its manual, completions, unit, alerts and board say what the program does."""
import gzip
import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import sys
import tempfile
import time
import unittest

import yaml

from project import BUILD, RONDOM

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
PACKAGING = SOURCE / "packaging"
sys.path.insert(0, str(PACKAGING))
import files  # noqa: E402  (makes the package's files)

MISSING = "is missing: packaging/install-dependencies.sh --checks"


def run(*words, **more):
    return subprocess.run([str(word) for word in words], capture_output=True, text=True, encoding="utf-8", timeout=60, check=False, **more)


class Made(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="rondom-package-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        subprocess.run([sys.executable, "-B", PACKAGING / "files.py", BUILD, cls.folder], check=True,
                       env={**os.environ, "SOURCE_DATE_EPOCH": "1700000000"})


class Manual(Made):
    PAGES = ("rondom.1.gz", "rondom.yaml.5.gz")

    def plain(self, name):
        """The page as it is read, on one line."""
        said = run("man", "-l", self.folder / name, env={**os.environ, "MANWIDTH": "400", "LC_ALL": "C.UTF-8", "MANPAGER": "cat"})
        self.assertEqual((0, ""), (said.returncode, said.stderr))
        return " ".join(re.sub(r".\x08", "", said.stdout).split())

    def test_groff_has_nothing_to_say(self):
        if not shutil.which("groff"):
            self.skipTest("groff " + MISSING)
        for name in self.PAGES:
            with self.subTest(name):
                said = run("groff", "-man", "-Kutf8", "-Tutf8", "-ww", "-z", "-", input=gzip.decompress((self.folder / name).read_bytes()).decode())
                self.assertEqual((0, "", ""), (said.returncode, said.stdout, said.stderr))

    def test_every_verb_and_flag_of_the_program_is_in_it(self):
        if not shutil.which("man"):
            self.skipTest("man " + MISSING)
        page = self.plain("rondom.1.gz")
        # The completion script is made from the parser itself, the page from what help prints.
        script = (self.folder / "completion.bash").read_text(encoding="utf-8")
        verbs = re.findall(r'^ +"([a-z][a-z -]*)"\|"\1 "\*\) words="(.*)" ;;$', script, re.M)
        self.assertGreater(len(verbs), 30)
        groups = {" ".join(path.split()[:-1]) for path, _ in verbs}
        for path, words in verbs:
            if path in groups:
                continue
            with self.subTest(path):
                self.assertIn(f"rondom {path}", page)
                for flag in re.findall(r"--[a-z-]+", words):
                    self.assertTrue(flag == "--help" or flag in page, flag)
        for code in (0, 1, 2, 3, 4, 5, 69, 75, 77, 78):
            self.assertRegex(page.split("EXIT STATUS")[1], rf" {code} [a-z]")

    def test_every_key_of_a_project_is_in_it(self):
        if not shutil.which("man"):
            self.skipTest("man " + MISSING)
        page = self.plain("rondom.yaml.5.gz")
        reference = (SOURCE / "docs/reference/project-files.md").read_text(encoding="utf-8")
        keys = re.findall(r"^\| `(\S+)` \| [a-z]", reference, re.M)
        self.assertGreater(len(keys), 100)
        self.assertEqual([], [key for key in keys if f"{key} (" not in page])


class Completion(Made):
    def test_bash(self):
        script = f'source {self.folder}/completion.bash; COMP_WORDS=(rondom profile ex); COMP_CWORD=2; _rondom; echo "${{COMPREPLY[@]}}"'
        self.assertEqual("explain export\n", run("bash", "--norc", "-c", script).stdout)

    def test_zsh_from_the_first_time_on(self):
        if not shutil.which("zsh"):
            self.skipTest("zsh " + MISSING)
        shutil.copy(self.folder / "completion.zsh", self.folder / "_rondom")
        for typed, made in (("rondom valid\t", "rondom validate "), ("rondom profile expl\t", "rondom profile explain ")):
            with self.subTest(typed):
                self.assertIn(made, self.type_into_zsh(typed, made))

    def type_into_zsh(self, typed, wanted):
        """What the terminal shows after that was typed, as soon as it holds what is wanted."""
        pid, terminal = pty.fork()
        if pid == 0:
            os.environ.update(TERM="dumb", HOME=str(self.folder), ZDOTDIR=str(self.folder), PATH=f"{BUILD / 'bin'}:{os.environ['PATH']}")
            os.execvp("zsh", ["zsh", "-f", "-i"])
        shown = ""
        try:
            os.write(terminal, f"PS1='%% '; fpath=({self.folder} $fpath); autoload -U compinit; compinit -u -D; echo rea'dy'\n".encode())
            for part, until in (("", "ready\r"), (typed, wanted)):
                os.write(terminal, part.encode())
                ends = time.monotonic() + 10
                while until not in shown and time.monotonic() < ends:
                    if select.select([terminal], [], [], 0.2)[0]:
                        shown += os.read(terminal, 65536).decode(errors="replace")
            return shown
        finally:
            os.close(terminal)
            os.waitpid(pid, 0)

    def test_fish(self):
        if not shutil.which("fish"):
            self.skipTest("fish " + MISSING)
        said = run("fish", "--no-config", "-c", f"source {self.folder}/completion.fish; complete -C 'rondom val'; complete -C 'rondom profile ex'",
                   env={**os.environ, "HOME": str(self.folder)})
        self.assertEqual(["validate", "explain", "export"], [line.split("\t")[0] for line in said.stdout.splitlines()], said.stderr)


class Unit(unittest.TestCase):
    UNIT = PACKAGING / "systemd/rondom.service"

    def setUp(self):
        if not shutil.which("systemd-analyze"):
            self.skipTest("systemd-analyze " + MISSING)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rondom-unit-"))
        self.addCleanup(shutil.rmtree, self.folder)

    def test_it_is_closed_as_far_as_the_plugin_host_lets_it(self):
        self.assertEqual(0, run("systemd-analyze", "security", "--offline=true", "--threshold=12", self.UNIT).returncode)
        open_unit = self.folder / "rondom.service"
        open_unit.write_text(self.UNIT.read_text().replace("NoNewPrivileges=yes\n", ""))
        self.assertNotEqual(0, run("systemd-analyze", "security", "--offline=true", "--threshold=12", open_unit).returncode)

    def test_systemd_has_nothing_to_say(self):
        # Where the package is not installed, its program stands elsewhere.
        unit = self.folder / "rondom.service"
        unit.write_text(self.UNIT.read_text().replace("=/usr/bin/rondom", f"={RONDOM}"))
        said = run("systemd-analyze", "verify", "--man=no", "--recursive-errors=no", unit)
        self.assertEqual((0, "", ""), (said.returncode, said.stdout, said.stderr))


class Monitoring(unittest.TestCase):
    RULES = PACKAGING / "alerts/rondom.rules.yaml"
    BOARD = PACKAGING / "grafana/rondom.json"
    NAME = re.compile(r"\brondom_[a-z_]+\b")

    def expressions(self):
        """Every query of the board, with values where Grafana fills them in."""
        board = json.loads(self.BOARD.read_text(encoding="utf-8"))
        found = [target["expr"] for panel in board["panels"] for target in panel["targets"]]
        self.assertGreater(len(found), 30)
        return [re.sub(r"\$(instance|job)\b", ".*", re.sub(r"\$__(rate_)?interval", "5m", one)) for one in found]

    def test_nothing_is_asked_for_that_the_service_does_not_tell(self):
        table = SOURCE / "docs/reference/metrics.md"
        told = set(re.findall(r"^\| `(rondom_[a-z_]+)` \|", table.read_text(encoding="utf-8"), re.M))
        rules = re.sub(r"^ *#.*$", "", self.RULES.read_text(encoding="utf-8"), flags=re.M)
        asked = set(self.NAME.findall(rules)) | set(self.NAME.findall(" ".join(self.expressions())))
        self.assertEqual(set(), asked - told)

    def test_the_rules_do_what_they_say(self):
        if not shutil.which("promtool"):
            self.skipTest("promtool is missing: it is in Debian's package prometheus")
        for words in (("check", "rules", self.RULES), ("test", "rules", self.RULES.with_name("rondom.test.yaml"))):
            said = run("promtool", *words)
            self.assertEqual(0, said.returncode, said.stdout + said.stderr)

    def test_every_rule_has_a_test_that_sees_it_raised(self):
        tests = yaml.safe_load(self.RULES.with_name("rondom.test.yaml").read_text(encoding="utf-8"))["tests"]
        raised = {one["alertname"] for test in tests for one in test.get("alert_rule_test", []) if one["exp_alerts"]}
        for test in tests:
            for one in test.get("promql_expr_test", []):
                text = one["expr"] + " ".join(sample["labels"] for sample in one["exp_samples"] if sample["value"] > 0)
                raised |= set(re.findall(r'alertname="(\w+)"', text)) if any(sample["value"] > 0 for sample in one["exp_samples"]) else set()
        rules = yaml.safe_load(self.RULES.read_text(encoding="utf-8"))["groups"][0]["rules"]
        self.assertEqual(set(), {rule["alert"] for rule in rules} - raised)

    def test_the_board_asks_in_promql(self):
        if not shutil.which("promtool"):
            self.skipTest("promtool is missing: it is in Debian's package prometheus")
        with tempfile.NamedTemporaryFile("w", suffix=".yaml") as file:
            json.dump({"groups": [{"name": "board", "rules": [{"record": f"board:{number}", "expr": one}
                                                              for number, one in enumerate(self.expressions())]}]}, file)
            file.flush()
            said = run("promtool", "check", "rules", file.name)
            self.assertEqual(0, said.returncode, said.stdout + said.stderr)


if __name__ == "__main__":
    unittest.main()
