"""What `make demo` does: its figures, a second time, and that the stand-in ends however the demo ends."""
import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile
import unittest
import urllib.error
import urllib.request

from project import BUILD

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])


class Demo(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rondom-demo-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def start(self):
        return subprocess.Popen(["sh", str(SOURCE / "configs/demo/run.sh"), str(BUILD), str(SOURCE / "tests/sandbox"),
                                 str(self.folder)], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                encoding="utf-8", start_new_session=True)

    def sections(self):
        """The text under each numbered heading; stopped with what was said when the demo fails."""
        demo = self.start()
        out, errors = demo.communicate(timeout=120)
        self.assertEqual((0, ""), (demo.returncode, errors), out)
        return [re.sub(r" +", " ", part) for part in re.split(r"\n── ", out)]

    def test_the_story_and_that_nothing_changes_the_second_time(self):
        first = self.sections()
        self.assertEqual(10, len(first))  # the opening, eight parts, and what to try next
        self.assertIn("SEND mautic-newsletter → mautic created 1,907", first[1])
        self.assertIn("SEND newsletter → marketing created 1,907", first[1])
        self.assertIn("All 11,740 records accounted for", first[1])
        self.assertEqual((3, 1), (first[2].count("unsubscribes"), first[2].count("bounces")))
        for job in ("mautic-newsletter → mautic", "newsletter → marketing"):
            self.assertIn(f"SEND {job} left 4 unchanged 1,903\n"
                          " withheld 2,099: bounced 1 · deceased 1 · no consent 1,819 · withdrawn 278", first[3])
            self.assertIn(f"SEND {job} unchanged 1,903 nothing changed", first[4])
        self.assertIn("MAY WE USE IT FOR newsletter? no: withdrawn", first[3])
        self.assertIn("10546 records about people became 5278 profiles", first[5])
        self.assertIn("crm.contacts 1 normalize: birth_date is no date", first[6])
        self.assertIn("same e-mail thuis@example.com", first[7])
        page = self.folder / "customer.html"
        self.assertIn(str(page), first[8])
        self.assertIn("<h1><bdi>Kim Boer</bdi></h1>", page.read_text(encoding="utf-8"))

        second = self.sections()
        self.assertEqual(4, second[2].count("last time already"))
        for part in (1, 3, 4):
            self.assertEqual(2, second[part].count("unchanged 1,903 nothing changed"), second[part])
        self.assertEqual(first[5:8], second[5:8])
        self.assertEqual(2, len(list((self.folder / "out").iterdir())))

    def test_the_stand_in_ends_with_the_demo(self):
        for by in (signal.SIGINT, signal.SIGTERM, signal.SIGKILL):
            with self.subTest(signal=by.name):
                demo = self.start()
                for line in demo.stdout:
                    if line.startswith("── 1"):
                        break
                os.kill(demo.pid, by)
                demo.communicate(timeout=60)  # the stand-in holds the error stream: this ends when it has ended
                self.assertNotEqual(0, demo.returncode)
                address = re.search(r"http://[\d.:]+", (self.folder / "env/sandbox.yaml").read_text()).group(0)
                with self.assertRaises(urllib.error.URLError):
                    urllib.request.urlopen(address + "/__state", timeout=5)


class Installed(unittest.TestCase):
    """`rondom demo`, as far as an installation has what it takes: the files, no stand-in for Mautic."""

    def setUp(self):
        self.prefix = pathlib.Path(tempfile.mkdtemp(prefix="rondom-demo-"))
        self.addCleanup(shutil.rmtree, self.prefix, ignore_errors=True)
        for folder, names in (("bin", ["bin/rondom"]), ("libexec/rondom", ["bin/rondom-plugin-host", "bin/generate-demo"]),
                              ("lib/rondom/plugins", [f"plugins/{plugin}{end}" for plugin in ("file", "mautic")
                                                      for end in (".so", ".plugin.json")])):
            (self.prefix / folder).mkdir(parents=True)
            for name in names:
                shutil.copy2(BUILD / name, self.prefix / folder)
        shutil.copytree(BUILD / "plugins/mautic.presets", self.prefix / "lib/rondom/plugins/mautic.presets")
        shutil.copytree(SOURCE / "configs/demo", self.prefix / "share/rondom/configs/demo",
                        ignore=shutil.ignore_patterns("var", "out", "data", "env"))

    def demo(self, *words):
        return subprocess.run([self.prefix / "bin/rondom", "demo", *words], cwd=self.prefix, capture_output=True, text=True,
                              timeout=120, check=False)

    def test_in_a_folder_of_its_own_again_and_again(self):
        first = self.demo()
        self.assertEqual((0, ""), (first.returncode, first.stderr), first.stdout)
        self.assertIn("newsletter → marketing", first.stdout)
        self.assertIn("rondom -C rondom-demo profile explain crm.contacts/900001", first.stdout)
        self.assertTrue(list((self.prefix / "rondom-demo/out").glob("newsletter*")))
        second = self.demo("rondom-demo")
        self.assertEqual((0, ""), (second.returncode, second.stderr), second.stdout)
        self.assertIn("nothing changed", second.stdout)
        for line in re.findall(r"^  rondom -C rondom-demo (.+?)   ", second.stdout, re.M):
            with self.subTest(line):
                said = subprocess.run([self.prefix / "bin/rondom", "-C", "rondom-demo", *line.split()], cwd=self.prefix,
                                      capture_output=True, text=True, timeout=120, check=False)
                self.assertEqual((0, True), (said.returncode, bool(said.stdout)), said.stderr)

    def test_nothing_of_somebody_else_is_touched(self):
        (self.prefix / "mine").mkdir()
        (self.prefix / "mine/rondom.yaml").write_text("project: mine\n")
        said = self.demo("mine")
        self.assertEqual(2, said.returncode)
        self.assertIn("holds something else", said.stderr)
        self.assertEqual(["rondom.yaml"], [path.name for path in (self.prefix / "mine").iterdir()])
        shutil.rmtree(self.prefix / "share")
        said = self.demo()
        self.assertEqual(69, said.returncode)
        self.assertIn("make demo", said.stderr)
        self.assertFalse((self.prefix / "rondom-demo").exists())


if __name__ == "__main__":
    unittest.main()
