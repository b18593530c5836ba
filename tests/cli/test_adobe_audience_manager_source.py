"""Outbound files of Adobe Audience Manager: full and incremental transfers, and what is not whole yet. The files are
written as the vendor's pages have them (names, lines, control file)."""
import gzip
import json
import unittest

from project import KILLER, Project, balanced

FULL, LATER = 1486140844000, 1486227244000


class Source(unittest.TestCase):
    def make(self, stream="memberships", options="{}", mode=""):
        project = self.project = Project(self)
        project.write("rondom.yaml", """
            project: segments
            store: { sqlite: var/rondom.db }
            connections:
              aam: { connector: adobe-audience-manager, config: { path: outbound } }
            """)
        project.write("identity.yaml", """
            identifiers:
              - { namespace: aam_user, class: strong, max_per_profile: 50 }
            """)
        project.write("jobs/aam.yaml", f"""
            job: aam
            source: aam
            limits: {{ tombstones: 100% }}
            streams:
              - {{ stream: {stream}, preset: {stream}, options: {options} }}
            """)
        self.folder = project.folder / "outbound"
        self.folder.mkdir()
        return project

    def send(self, mode, at, *parts, series="s3_1234_20914_acme", pack=False, control=True, separator=" ", keys='"', split="{:03d}"):
        """A transfer: each part is a list of (user, segments, removed). Returns the names of its files."""
        files, names = [], []
        for number, lines in enumerate(parts):
            text = "".join(line if isinstance(line, str) else separator.join(
                [line[0], ",".join(line[1]), *([",".join(line[2])] if line[2] else [])]) + "\n" for line in lines)
            name = f"{series}_{mode}_{at}{split.format(number) if number else ''}.sync" + (".gz" if pack else "")
            data = gzip.compress(text.encode(), mtime=0) if pack else text.encode()
            (self.folder / name).write_bytes(data)
            files.append({"FileByteSize": len(data), "FileLineCount": text.count("\n"), "FileName": name,
                          "FileSequenceNumber": number + 1, "md5": "0" * 32})
            names.append(name)
        if control:
            self.control(f"{series}_{mode}_{at}", files, keys)
        return names

    def control(self, root, files, keys='"', **totals):
        text = json.dumps({"Files": files, "Totals": {
            "FileName": root + ".sync", "TotalByteSize": sum(one["FileByteSize"] for one in files),
            "TotalNumberFiles": len(files), "TotalNumberLines": sum(one["FileLineCount"] for one in files), **totals}}, indent=2)
        if keys == "":  # as the vendor's page shows it
            for name in ("Files", "Totals", "FileByteSize", "FileLineCount", "FileName", "FileSequenceNumber", "md5",
                         "TotalByteSize", "TotalNumberFiles", "TotalNumberLines"):
                text = text.replace(f'"{name}":', f"{name}:")
        (self.folder / (root + ".info")).write_text(text)

    def read(self, expect=(0, 3), **more):
        result = self.project.rondom("-o", "json", "run", "aam", expect=expect, **more)
        stream = json.loads(result.stdout)["jobs"][0]["streams"][0]
        self.assertTrue(balanced(stream), stream)
        self.said = result.stderr.decode()
        return stream

    def held(self):
        """Segments by user, as the profiles have them."""
        held = {}
        for line in self.project.export().splitlines():
            values = json.loads(line)["values"]
            held[values["identifiers"][0]["value"]] = sorted(values["tags"])
        return held

    def test_full_then_changes_then_full(self):
        self.make()
        self.send("full", FULL, [("u1", ["24", "26"], []), ("u2", ["24"], ["25"]), ("u3", ["26"], [])])
        self.assertEqual(4, self.read()["new"])
        self.assertEqual({"u1": ["24", "26"], "u2": ["24"], "u3": ["26"]}, self.held())
        self.assertEqual(0, self.read()["read"])
        self.send("iter", FULL + 1000, [("u1", ["27"], ["24"]), ("u4", ["24"], [])], [("u2", [], ["24"])], pack=True)
        stream = self.read()
        self.assertEqual((2, 2), (stream["new"], stream["deleted"]))
        self.assertEqual({"u1": ["26", "27"], "u3": ["26"], "u4": ["24"]}, self.held())
        self.send("full", LATER, [("u1", ["26"], ["27"])], [("u2", ["30"], [])], split="-{}", keys="")
        self.read()
        self.assertEqual({"u1": ["26"], "u2": ["30"]}, self.held())

    def test_what_one_transfer_takes_away_a_later_one_adds_again(self):
        self.make()
        self.send("full", FULL, [("u1", ["24"], []), ("u2", ["30"], [])])
        self.read()
        self.send("iter", FULL + 1000, [("u1", [], ["24"])])
        self.read()
        self.assertEqual({"u2": ["30"]}, self.held())
        self.send("iter", FULL + 2000, [("u1", ["24"], [])])
        stream = self.read()
        self.assertEqual((1, 0), (stream["changed"], stream["stale"]), stream)
        self.assertEqual({"u1": ["24"], "u2": ["30"]}, self.held())
        # Several that wait are read in one run.
        self.send("iter", FULL + 3000, [("u1", [], ["24"]), ("u2", ["24"], ["30"])])
        self.send("iter", FULL + 4000, [("u1", ["24"], []), ("u2", ["30"], ["24"])])
        self.assertEqual(0, self.read()["stale"])
        self.assertEqual({"u1": ["24"], "u2": ["30"]}, self.held())
        self.send("full", LATER, [("u1", ["24"], [])])
        self.read()
        self.send("iter", LATER + 1000, [("u2", ["30"], [])])
        self.read()
        self.assertEqual({"u1": ["24"], "u2": ["30"]}, self.held())

    def test_the_time_of_a_row_is_that_of_its_transfer(self):
        """The occupation of the day before the transfer and one of the day after it: the newest counts."""
        for stream, mode in (("memberships", "full"), ("memberships", "iter"), ("segments", "full")):
            for day, work in (("2017-02-02", "Baker"), ("2017-02-04", "Miller")):
                with self.subTest(stream=stream, mode=mode, day=day):
                    project = self.make(stream)
                    project.write("rondom.yaml", (project.folder / "rondom.yaml").read_text() +
                                  "  people: { connector: file, config: { path: people } }\n")
                    project.write("merge.yaml", "person: [{ of: occupation, rule: most_recent }]")
                    project.write("jobs/aam.yaml", f"""
                        job: aam
                        source: aam
                        streams:
                          - {{ stream: {stream}, entity: person, key: .user_id, map: {{ identifier.aam_user: .user_id,
                               occupation: '"Baker"' }} }}
                        """)
                    project.write("jobs/people.yaml", """
                        job: people
                        source: people
                        streams:
                          - stream: people
                            options: { path: "*.jsonl" }
                            entity: person
                            key: .id
                            cursor: .at
                            map: { identifier.aam_user: .id, occupation: .work }
                        """)
                    project.write("people/one.jsonl", json.dumps({"id": "u1", "at": day, "work": "Miller"}) + "\n")
                    self.send(mode, FULL, [("u1", ["24"], [])])
                    self.read()
                    project.rondom("run", "people", expect=0)
                    self.assertIn(work.encode(), project.export())

    def test_the_vendors_own_example(self):
        self.make(options="{ separator: two_spaces }")
        user = "59767559181262060060278870901087098252"
        self.send("iter", 1500727351632, [f"{user}  24,26,27  25,28\n"], series="ftp_12345_67890", keys="")
        stream = self.read()
        self.assertEqual(5, stream["read"])
        self.assertEqual({user: ["24", "26", "27"]}, self.held())

    def test_what_is_not_whole_is_not_read_and_said(self):
        def drop_control(names):
            (self.folder / (names[0].split(".")[0] + ".info")).unlink()

        def drop_part(names):
            (self.folder / names[1]).unlink()

        def grow(names):
            with open(self.folder / names[1], "a") as file:
                file.write("u9 1\n")

        def shrink(names):
            path = self.folder / names[0]
            path.write_bytes(path.read_bytes()[:-3])

        def fewer_lines(names):  # of the same size
            path = self.folder / names[0]
            path.write_text(path.read_text().replace("\n", "1", 1))

        def half_a_control(names):
            path = self.folder / (names[0].split(".")[0] + ".info")
            path.write_text(path.read_text()[:60])

        def wrong_totals(names):
            path = self.folder / (names[0].split(".")[0] + ".info")
            path.write_text(path.read_text().replace('"TotalNumberLines": 3', '"TotalNumberLines": 4'))

        for harm, said in ((drop_control, "control file (.info) is not there"), (drop_part, "is not there yet"), (grow, "bytes and not"),
                           (shrink, "bytes and not"), (fewer_lines, "lines and not"), (half_a_control, "cannot be read"),
                           (wrong_totals, "totals that differ")):
            with self.subTest(harm=harm.__name__):
                self.make()
                self.send("full", FULL, [("u1", ["24"], [])])
                names = self.send("full", LATER, [("u2", ["24"], []), ("u3", ["24"], [])], [("u4", ["24"], [])])
                kept = {path: path.read_bytes() for path in self.folder.iterdir()}
                harm(names)
                # What comes behind it waits, or it would be applied out of order.
                self.send("iter", LATER + 1000, [("u1", ["99"], [])])
                self.read()
                self.assertIn(said, self.said)
                self.assertEqual({"u1": ["24"]}, self.held())
                for path, data in kept.items():
                    path.write_bytes(data)
                self.read()
                self.assertEqual({"u1": ["99"], "u2": ["24"], "u3": ["24"], "u4": ["24"]}, self.held())

    def test_a_packed_file_that_is_cut(self):
        self.make()
        names = self.send("full", FULL, [(f"user{n}", ["24"], []) for n in range(5000)], pack=True)
        path = self.folder / names[0]
        path.write_bytes(path.read_bytes()[:-2000])
        size = path.stat().st_size
        self.control(names[0].split(".")[0], [{"FileByteSize": size, "FileLineCount": 5000, "FileName": names[0], "FileSequenceNumber": 1}])
        self.assertEqual(0, self.read()["read"])
        self.assertIn("cut off or damaged", self.said)

    def test_bad_lines_alone(self):
        self.make()
        self.send("iter", FULL, ["u1 24\n", "\n", "u2 x\n", "u3\n", "u4 24 24\n", " 24\n", "u2 26\r\n", "u3 1\n", "u4 2\n", "u1 5 6\n"])
        stream = self.read()
        self.assertEqual(4, stream["quarantined"])
        self.assertEqual({"u1": ["24", "5"], "u2": ["26"], "u3": ["1"], "u4": ["2"]}, self.held())
        self.make()
        self.send("full", FULL, ["u1  24\n", "u2  24\n"])
        self.assertEqual(0, self.read()["read"])
        self.assertIn("is the option separator right", self.said)

    def test_two_destinations_in_one_folder(self):
        self.make()
        self.send("full", FULL, [("u1", ["24"], [])])
        self.send("full", FULL, [("u2", ["24"], [])], series="s3_99_20914")
        result = self.project.rondom("run", "aam")
        self.assertNotEqual(0, result.returncode)
        self.assertIn(b"several destinations", result.stdout + result.stderr)
        job = self.project.folder / "jobs/aam.yaml"
        job.write_text(job.read_text().replace("options: {}", "options: { files: s3_99_ }"))
        self.assertEqual(1, self.read()["new"])
        self.assertEqual({"u2": ["24"]}, self.held())

    def test_segments_a_user(self):
        self.make("segments")
        self.send("full", FULL, [("u1", ["24", "26"], ["1"]), ("u2", ["24"], []), ("u3", [], ["24"])])
        self.send("iter", FULL + 1, [("u1", ["99"], [])])
        self.assertEqual(2, self.read()["new"])
        self.assertEqual({"u1": ["24", "26"], "u2": ["24"]}, self.held())
        self.send("full", LATER, [("u1", ["26"], [])])
        self.read()
        self.assertEqual({"u1": ["26"]}, self.held())

    def test_older_transfers_are_passed_over(self):
        self.make()
        self.send("full", FULL, [("u1", ["1"], [])], control=False)  # no longer of interest
        self.send("iter", FULL + 1, [("u1", ["2"], [])])
        self.send("full", LATER, [("u2", ["3"], [])])
        self.assertEqual(1, self.read()["read"])
        self.assertEqual({"u2": ["3"]}, self.held())

    def test_killed_at_every_checkpoint(self):
        def prepared():
            self.make()
            lines = [(f"k{n}", ["24"], []) for n in range(8000)]
            self.send("full", FULL, lines[:5500], lines[5500:7500], pack=True)
            self.send("iter", FULL + 1, [(f"k{n}", ["26"], ["24"]) for n in range(1000)] + lines[7500:])

        prepared()
        count = self.project.folder / "points"

        def run(at, children):
            mark = self.project.folder / "killed"
            mark.unlink(missing_ok=True)
            environment = {"LD_PRELOAD": str(KILLER), "RONDOM_KILL_PROGRAM": "rondom", "RONDOM_KILL_AT": str(at),
                           "RONDOM_KILL_MARK": str(mark), "RONDOM_KILL_COUNT": str(count)}
            if children:
                environment["RONDOM_KILL_CHILDREN"] = "1"
            self.project.rondom("run", "aam", "--batch", "200", environment=environment)
            return mark.exists()

        run(0, False)
        points, expected = int(count.read_text()), self.held()
        self.assertEqual(8000, len(expected))
        hits, again = 0, []
        for share in (0.1, 0.25, 0.4, 0.55, 0.7, 0.85, 0.95):
            with self.subTest(share=share):
                prepared()
                hits += run(max(2, int(points * share)), False)
                again.append(self.read()["read"])
                self.assertEqual(expected, self.held())
        self.assertGreaterEqual(hits, 6)
        # From the first line, from within the first file, from the second, from the changes, and nothing.
        self.assertGreaterEqual(len(set(again)), 3, again)
        self.assertTrue({5000, 4500} & set(again), again)  # within the first file, or at its end


if __name__ == "__main__":
    unittest.main()
