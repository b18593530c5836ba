"""The conformance kit finds every defect of defects/ with the check that is for it, and passes what is good."""
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest
import xml.etree.ElementTree

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
BUILD = pathlib.Path(os.environ["RONDOM_BUILD"])
HERE = SOURCE / "tests" / "conformance" / "defects"
PROGRAM = BUILD / "bin" / "rondom"
PATIENCE = 60

# defect: the check that must name it, and those that see it as well
DEFECTS = {
    "second_symbol": ("one-symbol",),
    "another_table_each_time": ("table",),
    "field_without_description": ("spec",),
    "pin_not_marked_secret": ("spec",),
    "accepts_unknown_fields": ("configuration",),
    "asks_in_open": ("configuration", "check-codes"),
    "leaks_a_descriptor": ("open-close",),
    "leaks_memory": ("open-close",),
    "every_failure_is_transient": ("check-codes",),
    "key_not_among_fields": ("catalog", "records"),
    "field_of_another_type": ("records",),
    "no_last_checkpoint": ("last-checkpoint",),
    "checkpoint_a_page_ahead": ("resume", "cursor-ties", "retry"),
    "later_than_the_cursor": ("cursor-ties", "resume", "retry"),
    "lost_answer_is_the_end": ("retry",),
    "completes_after_a_failure": ("retry",),
    "varies_each_time": ("same-output", "resume", "cursor-ties", "retry", "cancel", "other-hosts", "threads"),
    "refresh_under_a_new_name": ("refresh",),
    "tries_for_ever": ("cancel",),
    "pushes_on": ("sink-refusal",),
    "preview_reads_all": ("records-max",),
    "trusts_replies": ("bad-replies",),
    "knows_every_member": ("schema-drift",),
    "record_of_any_size": ("huge-record",),
    "collects_first": ("memory",),
    "logs_its_pin": ("secrets",),
    "repeats_the_refusal": ("secrets",),
    "logs_without_asking": ("other-hosts",),
    "ignores_the_stride": ("other-hosts",),
    "sink_after_its_call": ("threads",),
    "leaves_a_thread": ("threads",),
    "prints": ("standard-output",),
    "reads_an_undeclared_file": ("plugin-host",),
    "throws_in_read": ("exceptions",),
    "throws_in_open": ("exceptions",),
    "throws_in_write": ("exceptions",),
    "throws_in_flush": ("exceptions",),
    "ends_the_process": ("exceptions",),
    "never_returns": ("exceptions",),
    "key_of_the_moment": ("write-twice", "other-hosts"),
    "everything_is_accepted": ("partial-failure", "write-twice", "flush-after-failure", "plugin-host"),
    "lost_is_accepted": ("partial-failure",),
    "lost_is_retry": ("partial-failure",),
    "lost_is_rejected": ("partial-failure",),
    "failed_is_rejected": ("partial-failure",),
    "look_up_knows_all": ("write-twice",),
    "look_up_knows_nothing": ("write-twice",),
    "counts_from_one": ("partial-failure", "write-twice", "small-batches", "flush-after-failure", "exceptions",
                        "other-hosts", "threads", "plugin-host"),
    "refuses_nothing_to_do": ("small-batches",),
    "broken_for_good": ("flush-after-failure",),
}
GOOD = ("good_source", "good_destination")


def kind_of(name):
    text = next(HERE.glob(name + ".c*")).read_text()
    return "destination" if '"destination.h"' in text else "source"


def ask(library, fixtures, *more, output="json"):
    return subprocess.run([PROGRAM, "-o", output, "plugin", "test", library, "--fixtures", fixtures, "--patience", "10", *more],
                          capture_output=True, timeout=PATIENCE, check=False)


def report_of(name):
    result = ask(BUILD / "tests" / "defects" / (name + ".so"), HERE / "fixtures" / kind_of(name))
    return name, result.returncode, json.loads(result.stdout)


def page():
    return subprocess.run([PROGRAM, "plugin", "test", "--reference"], capture_output=True, check=True).stdout.decode()


class Kit(unittest.TestCase):
    def test_each_defect_is_found_by_its_check_and_nothing_good_is(self):
        anchors = set(re.findall(r"^## (.+)$", page(), re.M))
        with concurrent.futures.ThreadPoolExecutor(2) as pool:
            for name, code, report in pool.map(report_of, [*DEFECTS, *GOOD]):
                with self.subTest(defect=name):
                    failures = {one["check"]: one for one in report["checks"] if one["result"] == "failed"}
                    wanted = DEFECTS.get(name, ())
                    self.assertEqual(set(wanted), set(failures), failures)
                    self.assertEqual(1 if wanted else 0, code)
                    self.assertEqual(len(failures), report["failed"])
                    for one in failures.values():
                        self.assertTrue(one["expected"] and one["seen"], one)
                        self.assertIn(one["read_on"].partition("#")[2], anchors)
                    if name in GOOD:
                        self.assertEqual(0, report["skipped"], report)

    def test_every_check_has_a_defect_and_every_defect_is_listed(self):
        self.assertEqual(set(re.findall(r"^## (.+)$", page(), re.M)), {first for first, *_ in DEFECTS.values()})
        self.assertEqual({path.stem for path in HERE.glob("*.c*")}, {*DEFECTS, *GOOD})
        self.assertGreaterEqual(len(DEFECTS), 25)

    def test_the_page_is_what_the_program_says(self):
        self.assertEqual((SOURCE / "docs" / "reference" / "conformance.md").read_text(), page())


class Use(unittest.TestCase):
    def setUp(self):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rondom-kit-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.good = BUILD / "tests" / "defects" / "good_source.so"

    def fixtures(self, change=lambda text: text):
        for path in (HERE / "fixtures" / "source").iterdir():
            shutil.copy(path, self.folder)
        yaml = self.folder / "conformance.yaml"
        yaml.write_text(change(yaml.read_text()))
        return self.folder

    def refused(self, change, says):
        result = ask(self.good, self.fixtures(change), output="text")
        self.assertEqual((2, b""), (result.returncode, result.stdout))
        self.assertIn(says, result.stderr.decode())

    def test_fixtures_that_make_no_sense(self):
        self.refused(lambda text: text + "    cannot: { flying: It has no wings. }\n", ":7: there is no check flying")
        self.refused(lambda text: text + "    cannot: { resume: '' }\n", ":7: a reason must be said")
        self.refused(lambda text: text.replace("people.jsonl", "nobody.jsonl"), ":5: nobody.jsonl cannot be read")
        self.refused(lambda text: text.replace("connector: people", "connector: dogs"), "connector dogs, which is not there")
        self.refused(lambda text: text.replace("streams:", "rivers:"), ":6: there is no rivers")
        # Most of the checks would be skipped, and that would look like passed.
        self.refused(lambda text: text.replace("kind: source", "kind: destination"), "the fixtures say nothing of the source people")
        self.refused(lambda text: text + text.partition("\n")[2].replace("kind: source", "kind: destination"),
                     "the fixtures speak of the destination people, which is not there")
        self.refused(lambda text: "connectors: [\n", "conformance.yaml:2: it cannot be read as YAML")

    def test_what_does_not_apply_is_said_with_its_reason(self):
        folder = self.fixtures(lambda text: text + "    cannot: { resume: It has one page. }\n")
        report = json.loads(ask(self.good, folder).stdout)
        self.assertEqual([("resume", "the fixture says: It has one page.")],
                         [(one["check"], one["reason"]) for one in report["checks"] if one["result"] == "skipped"])

    def test_without_fixtures_what_needs_none_is_asked(self):
        result = subprocess.run([PROGRAM, "-o", "json", "plugin", "test", self.good], capture_output=True, check=False)
        report = json.loads(result.stdout)
        passed = {one["check"] for one in report["checks"] if one["result"] == "passed"}
        self.assertEqual((0, {"one-symbol", "table", "spec", "exceptions"}), (result.returncode, passed))

    def test_a_connector_that_is_not_there(self):
        result = ask(self.good, self.fixtures(), "--connector", "dogs", output="text")
        self.assertEqual((2, "rondom: the plugin has no connector dogs\n"), (result.returncode, result.stderr.decode()))

    def test_reports_for_people_and_for_programs(self):
        library = BUILD / "tests" / "defects" / "prints.so"
        text = ask(library, self.fixtures(), output="text").stdout.decode()
        self.assertIn("  failed  standard-output\n          expected  nothing on standard output\n          seen      15 bytes", text)
        self.assertIn("read on   docs/reference/conformance.md#standard-output\n", text)
        suite = xml.etree.ElementTree.fromstring(ask(library, self.folder, output="junit").stdout).find("testsuite")
        self.assertEqual("1", suite.get("failures"))
        failed = [case.get("name") for case in suite if case.find("failure") is not None]
        self.assertEqual((["standard-output"], suite.get("tests")), (failed, str(len(suite))))

    def run_plugin(self, output):
        result = subprocess.run([PROGRAM, "-o", output, "plugin", "run", self.good, "--fixtures", self.fixtures()],
                                capture_output=True, check=True)
        return result.stdout.decode()

    def test_run_shows_what_happens_and_hides_people(self):
        text = self.run_plugin("text")
        self.assertIn("request          GET https://people.example/people?page=2\n", text)
        self.assertIn("checkpoint       people  {\"page\":\"3\"}\n", text)
        self.assertIn("p••@example.com", text)
        self.assertNotIn("person-1", text)
        self.assertNotIn("pin-of-nobody", text)
        events = [json.loads(line) for line in self.run_plugin("jsonl").splitlines()]
        what = [one["what"] for one in events]
        self.assertEqual((6, 3, 4), (what.count("record"), what.count("checkpoint"), what.count("request")))
        self.assertEqual(["read()", "OK"], [events[-1]["slot"], events[-1]["code"]])


if __name__ == "__main__":
    unittest.main()
