"""Files to and from Adobe Audience Manager. A grammar written from the vendor's pages, and nothing of the plugin, is
first held against the vendor's own sample files and against lines that must not pass; then against what we write."""
import gzip
import hashlib
import json
import os
import pathlib
import re
import signal
import unittest

import newsletter
from project import KILLER, Project, balanced, jsonl

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
SAMPLES = (pathlib.Path(os.environ.get("RONDOM_TEST_DATA") or SOURCE.parent / "shared").resolve()
           / "contracts" / "adobe-audience-manager")

NAME = re.compile(r"ftp_dpm_\d+(_\d+)?_\d{10}\.(sync|overwrite)(\.[1-9]\d*)?(\.gz)?")
ID_NAME = re.compile(r"adobe_id_\d+(_\d+)+_\d{10}\.sync(\.\d+)?(\.gz)?")
USER = r'[^\s:"@,]+'
PAIR = r'"[^"\t\r\n,=]+"="[^"\t\r\n,]*"'
ITEM = rf"(?:d_sid=\d+|d_unsid=\d+|{PAIR})"
LINE = re.compile(rf"({USER})\t{ITEM}(?:,{ITEM})*")


def sha256(text):
    return hashlib.sha256(text.lower().encode()).hexdigest()


class Destination(unittest.TestCase):
    def make(self, count=3, options="data_source: 12345, trait: [24], id: email_sha256", user=".permitted.email | lower | hash",
             more="", people=()):
        project = self.project = Project(self)
        project.write("rondom.yaml", """
            project: traits
            defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
            deliver: send
            store: { sqlite: var/rondom.db }
            connections:
              crm: { connector: file, config: { path: data } }
              aam: { connector: adobe-audience-manager, config: { path: inbound } }
            purposes:
              news: { channel: email, legal_basis: consent }
            """)
        newsletter.write_people(project)
        self.job(options, user, more)
        self.people = [*people] or [newsletter.person(n) for n in range(count)]
        self.save()
        return project

    def job(self, options, user=".permitted.email | lower | hash", more=""):
        self.project.write("jobs/traits.yaml", f"""
            job: traits
            destination: aam
            schedule: {{ after: [crm] }}
            audience: not_vip
            purpose: news
            options: {{ {options} }}
            on_leave: leave_segment
            on_withdrawal: unsubscribe
            limits: {{ removals: 100%, changes: 100% }}
            map:
              user_id: {user}
              {more}
            """)

    def save(self):
        self.project.write("data/people.jsonl", jsonl(self.people))

    def run_job(self, expect=(0, 3), **more):
        report = self.project.run_json(expect=expect, **more)
        return next(job["deliveries"] for job in report["jobs"] if job["job"] == "traits"), report

    def files(self):
        folder = self.project.folder / "inbound"
        return sorted(path.name for path in folder.iterdir() if not path.name.startswith(".")) if folder.exists() else []

    def lines(self, name):
        data = (self.project.folder / "inbound" / name).read_bytes()
        text = (gzip.decompress(data) if name.endswith(".gz") else data).decode("utf-8")
        self.assertTrue(text.endswith("\n"))
        self.assertRegex(name, rf"\A{NAME.pattern}\Z")
        for line in text.splitlines():
            self.assertTrue(LINE.fullmatch(line), line)
        return text.splitlines()

    def letters(self):
        return self.project.rondom("deadletter", "list").stdout.decode()

    def take(self):
        """The lines of all files, which a synchroniser then carries away."""
        lines = [line for name in self.files() for line in self.lines(name)]
        for name in self.files():
            (self.project.folder / "inbound" / name).unlink()
        return lines

    def test_the_grammar_holds_for_the_vendors_samples(self):
        if not SAMPLES.is_dir():
            self.skipTest(f"SKIPPED: the vendor's sample files are not in {SAMPLES}")
        seen = 0
        for path in sorted(SAMPLES.iterdir()):
            if path.suffix not in (".sync", ".overwrite"):
                continue
            seen += 1
            # The samples end in blank lines, and the last one has \r\n and one empty item.
            rows = [line for line in path.read_text(encoding="utf-8").splitlines() if line]
            self.assertGreaterEqual(len(rows), 3)
            for row in rows:
                if path.name.startswith("adobe_id"):
                    self.assertRegex(path.name, rf"\A{ID_NAME.pattern}\Z")
                    self.assertRegex(row, rf"\A{USER}\t{USER}\Z")
                    continue
                self.assertTrue(NAME.fullmatch(path.name))
                self.assertTrue(LINE.fullmatch(row.replace(",,", ",")), row)
        self.assertEqual(3, seen)

    def test_a_line_of_the_vendors_sample_is_written_again(self):
        sample = SAMPLES / "ftp_dpm_1234_1445374061.overwrite"
        if not sample.is_file():
            self.skipTest(f"SKIPPED: the vendor's sample file {sample} is absent")
        user, pairs = sample.read_text(encoding="utf-8").splitlines()[0].split("\t")
        wanted = re.findall(r'"([^"]+)"="([^"]*)"', pairs)
        self.assertEqual(18, len(wanted))
        fields = "\n              ".join(f"{name}: {{ const: {json.dumps(value)} }}" for name, value in wanted)
        self.make(people=[newsletter.person(1, code=user)], options="data_source: 1234, trait: [24], id: crm_id",
                  user=".custom.code", more=fields)
        self.run_job()
        (line,) = self.take()
        written_user, written = line.split("\t")
        self.assertEqual((user, sorted(["d_sid=24", *pairs.split(",")])), (written_user, sorted(written.split(","))))

    def test_the_grammar_refuses_what_is_known_to_be_bad(self):
        for bad in ("u1 d_sid=24", "u1\td_sid=24,", "u1\td_sid=24 ", "u1\t", "u1\td_sid=x", 'u1\t"a"="b"c"', 'u1\t"a"="b\tc"',
                    "a@example.com\td_sid=1", "a:b\td_sid=1", "u1\td_sid=24\td_sid=25", "\td_sid=24", "u1\td_sid=24,,d_sid=25"):
            self.assertIsNone(LINE.fullmatch(bad), bad)
        for good in ("5976\td_sid=24,d_sid=26,d_unsid=28", 'u-1_x\t"city"="New York","city"="Gent"'):
            self.assertIsNotNone(LINE.fullmatch(good), good)
        for bad in ("ftp_dpm_1_136654571.sync", "ftp_dpm_1_1366545717.sync.0", "ftp_dpm_1_1366545717.sync.gz.1",
                    "ftp_dpm_1366545717.sync", "ftp_dpm_1_1366545717.csv"):
            self.assertIsNone(NAME.fullmatch(bad), bad)
        for good in ("ftp_dpm_478_1366545717.sync.1.gz", "ftp_dpm_478_567_1366545717.sync.gz", "ftp_dpm_478_1366545717.overwrite"):
            self.assertIsNotNone(NAME.fullmatch(good), good)

    def test_in_out_and_nothing_new(self):
        self.make(3, more="city: .custom.city")
        counts, _ = self.run_job()
        self.assertEqual(3, counts["created"])
        self.assertEqual(sorted(f'{sha256(f"anna{n}@example.com")}\td_sid=24,"city"="Utrecht"' for n in range(3)), sorted(self.take()))
        counts, _ = self.run_job()
        self.assertEqual((0, 0, []), (counts["created"], counts["updated"], self.files()))

        self.people[0].update(vip=True, changed="2026-02-01T00:00:00Z")
        self.people[1].update(consent="no", changed="2026-02-01T00:00:00Z")
        self.people[2].update(city="Gent", changed="2026-02-01T00:00:00Z")
        self.save()
        counts, _ = self.run_job()
        self.assertEqual((2, 1), (counts["removed"], counts["updated"]))
        self.assertEqual(sorted([f'{sha256("anna0@example.com")}\td_unsid=24', f'{sha256("anna1@example.com")}\td_unsid=24',
                                 f'{sha256("anna2@example.com")}\td_sid=24,"city"="Gent"']), sorted(self.take()))

    def test_a_new_address_takes_the_old_one_out(self):
        self.make(1)
        self.run_job()
        self.take()
        self.people[0].update(email="anna.new@example.com", changed="2026-02-01T00:00:00Z")
        self.save()
        self.run_job()
        self.assertEqual({f'{sha256("anna0@example.com")}\td_unsid=24', f'{sha256("anna.new@example.com")}\td_sid=24'},
                         set(self.take()))

    def test_bad_records_are_refused_alone(self):
        # Texts are cleaned on their way in, so that a map has to make what is bad.
        bad = {"tab~here": "tab", "line^end": "line end", 'quo"te': "quote", "a,b": "comma", "mail me@example.com now": "clear e-mail"}
        self.make(people=[newsletter.person(n, code=code) for n, code in enumerate([*bad, "fine", "é 中 = %20"])],
                  more=r'code: .custom.code | replace("~", "\t") | replace("^", "\n")')
        counts, report = self.run_job(expect=3)
        self.assertEqual((2, 5), (counts["created"], counts["rejected"]))
        self.assertEqual({'"code"="fine"', '"code"="é 中 = %20"'}, {line.split(",", 1)[1] for line in self.take()})
        shown = self.letters()
        for word in bad.values():
            self.assertIn(word, shown)
        self.assertNotIn("me@example.com now", json.dumps(report))

    def test_crm_ids(self):
        people = [newsletter.person(n, code=code) for n, code in enumerate(["K-1001", "a:b", "a%3Ab", "a b", 'a"b', ""])]
        self.make(people=people, options="data_source: 7, target: 21, trait: [24, 26], id: crm_id", user=".custom.code")
        counts, _ = self.run_job(expect=3)
        self.assertEqual((1, 5), (counts["created"], counts["rejected"]))
        self.assertTrue(self.files()[0].startswith("ftp_dpm_7_21_"))
        self.assertEqual(["K-1001\td_sid=24,d_sid=26"], self.take())

    def test_a_clear_address_is_never_written(self):
        for kind in ("email_sha256", "crm_id"):
            with self.subTest(id=kind):
                self.make(2, options=f"data_source: 7, trait: [24], id: {kind}", user=".permitted.email")
                counts, _ = self.run_job(expect=3)
                self.assertEqual((0, 2, []), (counts["created"], counts["rejected"], self.files()))
                self.assertIn("clear e-mail address", self.letters())
        self.make(1, user=".permitted.email | hash | upper")
        self.assertEqual(1, self.run_job(expect=3)[0]["rejected"])

    def test_one_user_id_of_two_profiles(self):
        self.make(people=[newsletter.person(n, code="same") for n in range(2)], options="data_source: 7, trait: [1], id: crm_id",
                  user=".custom.code")
        counts, _ = self.run_job(expect=3)
        self.assertEqual((1, 1), (counts["created"], counts["rejected"]))
        self.assertEqual(["same\td_sid=1"], self.take())

    def test_overwrite(self):
        self.make(2, options="data_source: 7, trait: [24, 26], id: email_sha256, mode: overwrite")
        self.run_job()
        self.assertEqual(1, len(self.files()))
        self.assertTrue(self.files()[0].endswith(".overwrite"))
        self.assertEqual(sorted(f'{sha256(f"anna{n}@example.com")}\td_sid=24,d_sid=26' for n in range(2)), sorted(self.take()))
        # d_unsid means nothing in an overwrite file: who leaves goes into a .sync.
        self.people[0].update(vip=True, changed="2026-02-01T00:00:00Z")
        self.people.append(newsletter.person(5))
        self.save()
        self.run_job()
        self.assertEqual({"sync", "overwrite"}, {name.rsplit(".", 1)[1] for name in self.files()})
        for name in self.files():
            mark = "d_unsid" if name.endswith(".sync") else "d_sid"
            self.assertTrue(all(mark in line for line in self.lines(name)))
        self.assertEqual(2, len({name.split("_")[3].split(".")[0] for name in self.files()}), "two files, one second")
        self.make(1, options="data_source: 7, trait: [24], id: email_sha256, mode: overwrite", more="city: .custom.city")
        result = self.project.rondom("run", "--all")
        self.assertNotEqual(0, result.returncode)
        self.assertIn(b"mode: overwrite replaces", result.stdout + result.stderr)
        self.assertEqual([], self.files())

    def test_parts_and_gzip(self):
        values = {f"p{n}": hashlib.sha256(str(n).encode()).hexdigest() * 6000 for n in range(6)}  # 384 kB each
        self.make(people=[newsletter.person(n, code=value) for n, value in enumerate(values.values())],
                  options="data_source: 7, trait: [1], id: email_sha256, split_megabytes: 1", more="code: .custom.code")
        self.run_job()
        names = self.files()
        self.assertEqual(["1", "2", "3"], [name.rsplit(".", 1)[1] for name in names])
        self.assertEqual(1, len({name.split(".")[0] for name in names}))
        for name in names:
            self.assertLessEqual((self.project.folder / "inbound" / name).stat().st_size, 1_000_000)
        self.assertEqual(6, len(self.take()))
        self.make(3, options="data_source: 7, trait: [1], id: email_sha256, compression: gzip")
        self.run_job()
        self.assertTrue(self.files()[0].endswith(".sync.gz"))
        self.assertEqual(3, len(self.take()))

    def test_seconds_always_grow(self):
        self.make(1)
        self.run_job()
        seconds = [int(NAME.fullmatch(self.files()[0]).string.split("_")[3].split(".")[0])]
        self.take()
        ahead = 2_000_000_000  # of a clock that went wrong, and of another job's file
        (self.project.folder / "inbound" / f"ftp_dpm_12345_{ahead}.sync").write_text("u\td_sid=1\n")
        for n in (1, 2):
            self.people.append(newsletter.person(n))
            self.save()
            self.run_job()
            names = [name for name in self.files() if str(ahead) not in name]
            seconds.append(int(names[-1].split("_")[3].split(".")[0]))
            self.take()
        self.assertEqual([ahead + 1, ahead + 2], seconds[1:])

    def test_options_that_cannot_be_right(self):
        for options, said in (("data_source: 20914, trait: [1], id: crm_id", "device ids"),
                              ("data_source: 7, trait: [1, 1], id: crm_id", "twice"),
                              ("data_source: 7, trait: [-1], id: crm_id", "positive"),
                              ("data_source: 7, trait: [], id: crm_id", "no trait"),
                              ("data_source: 7, trait: [1], id: crm_id, compression: gzip, split_megabytes: 1001", "at most 1000")):
            with self.subTest(options=options):
                self.make(1, options=options)
                result = self.project.rondom("run", "--all")
                self.assertNotEqual(0, result.returncode)
                self.assertIn(said, (result.stdout + result.stderr).decode())
                self.assertEqual([], self.files())
        for options in ("trait: [1], id: crm_id", "data_source: 7, id: crm_id", "data_source: 7, trait: [1]",
                        "data_source: 7, trait: [1], id: email"):
            self.make(1, options=options)
            self.assertNotEqual(0, self.project.rondom("validate").returncode, options)

    def killed(self, project, at, children=False, arguments=("run", "--all", "--batch", "50")):
        mark = project.folder / "killed"
        mark.unlink(missing_ok=True)
        environment = {"LD_PRELOAD": str(KILLER), "RONDOM_KILL_PROGRAM": "rondom", "RONDOM_KILL_AT": str(at),
                       "RONDOM_KILL_MARK": str(mark), "RONDOM_KILL_COUNT": str(project.folder / "points")}
        if children:
            environment["RONDOM_KILL_CHILDREN"] = "1"
        result = project.rondom(*arguments, environment=environment)
        if mark.exists() and not children:
            self.assertEqual(-signal.SIGKILL, result.returncode)
        return mark.exists()

    def test_killed_anywhere(self):
        wanted = {f'{sha256(f"anna{n}@example.com")}\td_sid=24' for n in range(120)}
        for children in (False, True):
            self.killed(self.make(120), 0, children)
            points = int((self.project.folder / "points").read_text())
            self.assertEqual(wanted, set(self.take()))
            hits = 0
            for share in (0.3, 0.6, 0.8, 0.9, 0.97):
                with self.subTest(children=children, share=share):
                    self.make(120)
                    hits += self.killed(self.project, max(2, int(points * share)), children)
                    for name in self.files():
                        self.lines(name)  # what has its name is whole
                    self.run_job()
                    self.assertEqual(wanted, set(self.take()))
                    hidden = [path.name for path in (self.project.folder / "inbound").iterdir() if path.name.endswith(".tmp")]
                    self.assertEqual([], hidden)
            self.assertGreaterEqual(hits, 4)


if __name__ == "__main__":
    unittest.main()
