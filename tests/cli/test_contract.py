"""What programs rely on: exit codes, the JSON of run, members, export, guards, quarantine."""
import contextlib
import csv
import io
import json
import sqlite3
import unittest

from project import Project, balanced, jsonl, make_people, people_project

STREAM_KEYS = {"stream", "read", "new", "changed", "unchanged", "deleted", "stale", "filtered",
               "quarantined", "tombstoned"}
DELIVERY_KEYS = {"created", "adopted", "updated", "removed", "unchanged", "rejected", "retried", "unknown",
                 "withheld"}


def person(number, **more):
    return {"id": f"p{number}", "given": "Anna", "surname": f"Bakker{number}", "phone": "", "birth": "",
            "email": f"anna{number}@example.com", "changed": "2026-01-01T00:00:00Z", **more}


def with_consents(project, **consents):
    """What each source says of the purpose `news`, under which `mail` delivers."""
    for source, consent in consents.items():
        text = (project.folder / f"jobs/{source}.yaml").read_text()
        project.write(f"jobs/{source}.yaml", text + f"      consents:\n        - {consent}\n")
    text = (project.folder / "rondom.yaml").read_text()
    project.write("rondom.yaml", text + "  news: { channel: email, legal_basis: consent }\n")
    text = (project.folder / "jobs/mail.yaml").read_text()
    project.write("jobs/mail.yaml", text.replace("purpose: service", "purpose: news"))


class Contract(unittest.TestCase):
    def test_json_of_run(self):
        project = people_project(self)
        crm, shop = make_people(50, 1)
        project.write("data/crm/a.jsonl", jsonl(crm))
        project.write("data/shop/a.jsonl", jsonl(shop))
        report = project.run_json()
        self.assertLessEqual({"run", "status", "jobs", "profiles", "seconds", "peak_rss_bytes"}, set(report))
        self.assertLessEqual({"total", "created", "changed", "merged", "split", "review"}, set(report["profiles"]))
        for job in report["jobs"]:
            self.assertLessEqual({"job", "status", "streams", "deliveries", "seconds"}, set(job))
            for stream in job["streams"]:
                self.assertLessEqual(STREAM_KEYS, set(stream))
                self.assertTrue(balanced(stream), stream)
        mail = next(job for job in report["jobs"] if job["job"] == "mail")
        self.assertLessEqual(DELIVERY_KEYS, set(mail["deliveries"]))
        self.assertGreater(mail["deliveries"]["created"], 0)

    def test_members_and_export(self):
        project = people_project(self)
        project.write("data/crm/a.jsonl", jsonl([person(1), person(2)]))
        project.write("data/shop/a.jsonl", jsonl([person(1, id="s1")]))
        project.run_json(expect=0)
        rows = list(csv.reader(io.StringIO(project.rondom("profile", "members", "-o", "csv", expect=0).stdout.decode())))
        self.assertEqual(["profile_id", "source", "stream", "key"], rows[0])
        self.assertEqual(sorted(rows[1:]), rows[1:])
        profile = {(row[1], row[3]): row[0] for row in rows[1:]}
        self.assertEqual(profile[("crm", "p1")], profile[("shop", "s1")])
        self.assertNotEqual(profile[("crm", "p1")], profile[("crm", "p2")])
        lines = project.export().splitlines()
        self.assertEqual(sorted(lines), lines)
        self.assertEqual("crm.people/p1", json.loads(lines[0])["label"])
        for row in rows[1:]:
            self.assertNotIn(row[0].encode(), project.export())

    def test_ids_are_stable_over_runs(self):
        project = people_project(self)
        project.write("data/crm/a.jsonl", jsonl([person(i) for i in range(20)]))
        project.run_json(expect=0)
        before = project.rondom("profile", "members", expect=0).stdout
        project.write("data/crm/b.jsonl", jsonl([person(99)]))
        project.run_json(expect=0)
        after = project.rondom("profile", "members", expect=0).stdout
        self.assertLessEqual(set(before.splitlines()), set(after.splitlines()))

    def test_who_is_wanted_no_more_leaves(self):
        project = people_project(self)
        job = project.folder / "jobs/crm.yaml"
        job.write_text(job.read_text().replace("    key: .id\n", "    key: .id\n    when: .email != \"gone@example.com\"\n", 1))
        project.write("data/crm/a.jsonl", jsonl([person(1, changed="2026-01-01T00:00:00Z"), person(2, changed="2026-01-01T00:00:00Z")]))
        project.write("data/shop/a.jsonl", jsonl([]))
        project.run_json(expect=0)
        self.assertEqual(2, len(project.export().splitlines()))
        # The time of the record that is filtered counts: it is newer than the one that was wanted.
        for day in ("02", "03"):
            project.write("data/crm/a.jsonl", jsonl([
                person(1, changed=f"2026-01-{day}T00:00:00Z", email="gone@example.com"),
                person(2, changed="2026-01-01T00:00:00Z")]))
            stream = next(one for one in project.run_json(expect=0)["jobs"] if one["job"] == "crm")["streams"][0]
            self.assertEqual((0, 0), (stream["stale"], stream["quarantined"]), stream)
            self.assertEqual(1, stream["filtered"])
            self.assertEqual(1, len(project.export().splitlines()))

    def test_an_address_that_may_have_said_no_is_not_mapped(self):
        project = people_project(self)
        job = next(path for path in (project.folder / "jobs").glob("*.yaml") if "destination:" in path.read_text())
        text = job.read_text()
        self.assertIn(".permitted.email", text)
        job.write_text(text.replace(".permitted.email", ".email"))
        said = project.rondom("validate", expect=78).stderr.decode()
        self.assertIn(".email may be one that said no to this purpose", said)
        self.assertIn("the one that may be used is .permitted.email", said)
        job.write_text(text.replace(".permitted.email", ".emails[0].value"))
        project.rondom("validate", expect=78)

    def test_slips_that_would_change_what_happens(self):
        project = people_project(self)
        job = next(path for path in (project.folder / "jobs").glob("*.yaml") if "destination:" in path.read_text())
        job.write_text(job.read_text() + "  first: .name.gven\n")
        rondom = project.folder / "rondom.yaml"
        rondom.write_text(rondom.read_text().replace("Europe/Amsterdam", "Europe/Amstrdam"))
        said = project.rondom("validate", expect=78).stderr.decode()
        self.assertIn("no attribute name.gven", said)
        self.assertIn("did you mean name.given?", said)
        self.assertIn("time_zone must be a zone such as Europe/Amsterdam, or UTC", said)

    def test_exit_codes(self):
        project = people_project(self)
        project.write("data/crm/a.jsonl", jsonl([person(1)]))
        project.write("data/shop/a.jsonl", jsonl([]))
        self.assertEqual(2, project.rondom("no-such-verb").returncode)
        self.assertEqual(2, project.rondom("run", "no-such-job").returncode)
        self.assertEqual(2, project.rondom("run").returncode)
        project.rondom("validate", expect=0)
        project.rondom("run", "--all", expect=0)
        project.write("data/crm/b.jsonl", jsonl([person(2, birth="99-99-9999")]))
        project.rondom("run", "--all", expect=3)
        project.write("data/crm/c.jsonl", jsonl([person(3)]))
        project.rondom("run", "crm", expect=0)
        project.rondom("plan", "mail", expect=4)
        project.rondom("run", "mail", expect=0)
        project.rondom("plan", "mail", expect=0)
        project.write("identity.yaml", "identifierz: []\n")
        result = project.rondom("run", "--all", expect=78)
        self.assertIn(b"identity.yaml:1:1: error", result.stderr)
        self.assertIn(b"identifiers", result.stderr)

    def test_no_project(self):
        project = Project(self)
        result = project.rondom("run", "--all", expect=78)
        self.assertIn(b"rondom.yaml", result.stderr)

    def test_unreachable_source_fails_and_nothing_is_sent(self):
        project = people_project(self)
        project.write("data/crm/a.jsonl", jsonl([person(1)]))
        (project.folder / "data/shop").rmdir()
        result = project.rondom("-o", "json", "run", "--all")
        report = json.loads(result.stdout)
        by_name = {job["job"]: job for job in report["jobs"]}
        if by_name["shop"]["status"] == "failed":
            self.assertNotEqual(0, result.returncode)
            self.assertEqual("failed", by_name["mail"]["status"])
            self.assertEqual([], list((project.folder / "out").glob("*.jsonl")))

    def test_mass_change_guard_stops_before_the_first_tombstone(self):
        project = people_project(self, mode="full")
        project.write("data/shop/a.jsonl", jsonl([]))
        project.write("data/crm/a.jsonl", jsonl([person(i) for i in range(400)]))
        project.run_json(expect=0)
        before = project.export()
        project.write("data/crm/a.jsonl", jsonl([person(i) for i in range(200)]))
        result = project.rondom("-o", "json", "run", "--all", expect=5)
        crm = next(job for job in json.loads(result.stdout)["jobs"] if job["job"] == "crm")
        self.assertEqual("guarded", crm["status"])
        self.assertEqual(before, project.export())
        result = project.rondom("-o", "json", "run", "--all", expect=5)
        again = next(job for job in json.loads(result.stdout)["jobs"] if job["job"] == "crm")
        self.assertEqual(crm["accept"], again["accept"])
        report = json.loads(project.rondom("-o", "json", "run", "--all", "--accept", crm["accept"]).stdout)
        streams = [s for job in report["jobs"] for s in job["streams"]]
        self.assertEqual(200, sum(s["tombstoned"] for s in streams))
        self.assertEqual(200, len(project.export().splitlines()))

    def test_a_guarded_stream_stops_neither_the_others_nor_lets_anything_out(self):
        project = people_project(self, mode="full")
        project.write("jobs/crm.yaml", (project.folder / "jobs/crm.yaml").read_text() + """\
  - stream: optouts
    options: { path: "optouts.jsonl", mode: full }
    entity: person
    key: .id
    map:
      email: .email
      consents:
        - { purpose: service, contact: .email, status: withdrawn, at: .at }
""")
        project.write("data/shop/a.jsonl", jsonl([]))
        project.write("data/optouts.jsonl", jsonl([]))
        project.write("data/crm/a.jsonl", jsonl([person(i) for i in range(200)]))
        project.run_json(expect=0)
        sent = len(list((project.folder / "out").glob("*.jsonl")))
        changed = {**person(7), "given": "Zoe", "changed": "2026-02-01T10:00:00Z"}
        project.write("data/crm/a.jsonl", jsonl([person(i) for i in range(100) if i != 7] + [changed]))
        project.write("data/optouts.jsonl", jsonl([{"id": "o7", "email": person(7)["email"],
                                                    "at": "2026-02-01T10:00:00Z"}]))
        report = json.loads(project.rondom("-o", "json", "run", "--all", expect=5).stdout)
        jobs = {job["job"]: job for job in report["jobs"]}
        streams = {stream["stream"]: stream for stream in jobs["crm"]["streams"]}
        self.assertEqual(1, streams["optouts"]["new"])
        self.assertEqual(("guarded", "guarded"), (jobs["crm"]["status"], jobs["mail"]["status"]))
        self.assertEqual(sent, len(list((project.folder / "out").glob("*.jsonl"))))
        # The removals at the destination are guarded in their own right.
        report = project.run_json("--all", "--accept", jobs["crm"]["accept"], expect=5)
        streams = {stream["stream"]: stream for job in report["jobs"] for stream in job["streams"]
                   if job["job"] == "crm"}
        self.assertEqual(100, streams["people"]["tombstoned"])

    def test_a_death_outlives_the_record_that_said_it(self):
        project = people_project(self, mode="full")
        text = (project.folder / "jobs/crm.yaml").read_text()
        project.write("jobs/crm.yaml", text + "      death.status: { when: .died, const: confirmed }\n")
        died, other = person(1), person(3)
        spouse = {**person(2), "given": "Bram", "email": died["email"]}
        project.write("data/shop/a.jsonl", jsonl([died, spouse, other]))
        project.write("data/crm/a.jsonl", jsonl([{**died, "died": True}, {**other, "died": False}]))

        def mailed():
            report = project.run_json(expect=0)
            return next(job for job in report["jobs"] if job["job"] == "mail")["deliveries"]

        first = mailed()
        self.assertEqual((2, {"deceased": 1}), (first["created"], first["withheld"]))
        # Cleared away in the CRM; the shop knows nothing of it. Whoever shares the address is alive.
        project.write("data/crm/a.jsonl", jsonl([{**other, "died": False}]))
        cleared = mailed()
        self.assertEqual((0, 0, {"deceased elsewhere": 1}),
                         (cleared["created"], cleared["removed"], cleared["withheld"]))
        explained = project.rondom("profile", "explain", "shop.people/p1", expect=0).stdout.decode()
        self.assertIn("deceased elsewhere", explained)
        project.rondom("store", "verify", expect=0)
        # It was a mistake, and the CRM says so.
        project.write("data/crm/a.jsonl", jsonl([{**died, "died": False}, {**other, "died": False}]))
        self.assertEqual((1, {}), (lambda job: (job["created"], job["withheld"]))(mailed()))
        project.rondom("store", "verify", expect=0)

    def test_a_word_that_a_connector_does_not_know_is_found_by_validate(self):
        project = people_project(self)
        text = (project.folder / "rondom.yaml").read_text()
        project.write("rondom.yaml", text.replace(
            "files: {", "other: { connector: sql, config: { driver: sqlit, file: a.db } }\n  files: {"))
        said = project.rondom("validate", expect=78).stderr.decode()
        self.assertIn("connection other: option driver must be one of postgresql, mariadb, mysql, sqlite", said)
        self.assertIn("did you mean sqlite?", said)

    def test_a_run_that_was_killed_does_not_run_for_ever(self):
        project = people_project(self)
        project.write("data/crm/a.jsonl", jsonl([person(1)]))
        project.run_json(expect=0)
        with contextlib.closing(sqlite3.connect(project.folder / "var/rondom.db")) as store, store:
            store.execute("UPDATE run SET status = 'running', report = x''")
        said = lambda: [run["status"] for run in json.loads(project.rondom("-o", "json", "runs", expect=0).stdout)]
        self.assertEqual(["running"], said())  # nobody has looked after it yet
        project.run_json(expect=0)
        self.assertEqual("crashed", said()[1])
        self.assertNotIn("running", project.rondom("runs", expect=0).stdout.decode())

    def test_a_column_that_nobody_maps_changes_nobody(self):
        project = people_project(self)
        project.write("data/crm/a.jsonl", jsonl([person(i) for i in range(40)]))
        self.assertEqual(40, project.run_json(expect=0)["profiles"]["total"])
        # The same moment of change, and the table has a column more; then it is mapped as well.
        project.write("data/crm/b.jsonl", jsonl([{**person(i), "note": f"n{i}"} for i in range(40)]))
        report = project.run_json(expect=0)
        crm = next(job for job in report["jobs"] if job["job"] == "crm")["streams"][0]
        self.assertEqual((0, 0, 40), (crm["quarantined"], crm["changed"], report["profiles"]["total"]))
        text = (project.folder / "jobs/crm.yaml").read_text()
        project.write("jobs/crm.yaml", text + "      custom.note: .note\n")
        project.run_json(expect=0)
        self.assertEqual(40, project.export().decode().count('"note":"n'))
        project.rondom("store", "verify", expect=0)

    def test_a_no_to_a_purpose_that_nobody_declared_is_heard(self):
        project = people_project(self, mode="full")
        with_consents(project, crm="{ purpose: .list, contact: .email, status: withdrawn, at: .changed }",
                      shop="{ purpose: news, contact: .email, status: granted, at: .changed }")
        project.write("data/shop/a.jsonl", jsonl([person(i) for i in (1, 2, 3, 4)]))
        # Of another list, of this one in capitals, and of this one.
        project.write("data/crm/a.jsonl", jsonl([{**person(i), "list": name, "changed": "2026-02-01T00:00:00Z"}
                                                 for i, name in ((1, "Nieuwsbrief"), (2, "NEWS"), (3, "news"))]))

        def run(expect):
            report = project.run_json(expect=expect)
            crm = next(job for job in report["jobs"] if job["job"] == "crm")["streams"][0]
            mail = next(job for job in report["jobs"] if job["job"] == "mail")["deliveries"]
            return crm["quarantined"], mail["created"], mail["withheld"]

        self.assertEqual((1, 1, {"withdrawn": 2, "withdrawn elsewhere": 1}), run(3))
        said = project.rondom("quarantine", "show", expect=0).stdout.decode()
        self.assertIn("consents.purpose is no purpose of rondom.yaml", said)
        # It is declared now: the row is read again, and what it says is about another list.
        text = (project.folder / "rondom.yaml").read_text()
        project.write("rondom.yaml", text + "  Nieuwsbrief: { channel: email, legal_basis: consent }\n")
        self.assertEqual((0, 1, {"withdrawn": 2}), run(0))

    def test_a_no_that_names_nobody_closes_the_address_for_all_who_have_it(self):
        project = people_project(self, mode="full")
        with_consents(project, crm="{ purpose: news, contact: .email, status: withdrawn, at: .changed }",
                      shop="{ purpose: news, contact: .email, status: granted, at: .changed }")
        anna, bram = (person(i, email="home@example.com", given=given) for i, given in ((1, "Anna"), (2, "Bram")))
        project.write("data/shop/a.jsonl", jsonl([anna, bram, person(3)]))
        project.write("data/crm/a.jsonl", "")
        self.assertEqual(3, project.run_json(expect=0)["profiles"]["total"])
        # Of whose it is the list knows nothing: it is a third one's, and none of the two is written to.
        nobodys = person(9, given="", surname="", email="home@example.com", changed="2026-05-01T00:00:00Z")
        project.write("data/crm/a.jsonl", jsonl([nobodys]))
        report = project.run_json(expect=0)
        self.assertEqual(4, report["profiles"]["total"])
        mail = next(job for job in report["jobs"] if job["job"] == "mail")["deliveries"]
        self.assertEqual({"withdrawn": 1, "withdrawn elsewhere": 2}, mail["withheld"])

    def test_a_withdrawal_outlives_the_record_that_said_it(self):
        project = people_project(self, mode="full")
        with_consents(project, crm="{ when: .optout, purpose: news, contact: .email, status: withdrawn, at: .changed }",
                      shop="{ purpose: news, contact: .email, status: granted, at: .changed }")
        said_no = {**person(1), "optout": True, "changed": "2026-02-01T00:00:00Z"}
        others = [{**person(i), "optout": False} for i in (2, 3)]
        project.write("data/shop/a.jsonl", jsonl([person(i) for i in (1, 2, 3)]))
        project.write("data/crm/a.jsonl", jsonl([said_no, *others]))

        def delivered():
            report = project.run_json(expect=0)
            mail = next(job for job in report["jobs"] if job["job"] == "mail")["deliveries"]
            return mail["created"], mail["withheld"]

        self.assertEqual((2, {"withdrawn": 1}), delivered())
        project.write("data/crm/a.jsonl", jsonl(others))
        self.assertEqual((0, {"withdrawn elsewhere": 1}), delivered())
        explained = project.rondom("profile", "explain", person(1)["email"], expect=0).stdout.decode()
        self.assertIn("withdrawn 2026-02-01", explained)
        project.rondom("store", "verify", expect=0)
        # Back in the CRM and of another mind there: nothing is known from it, the old yes counts again.
        project.write("data/crm/a.jsonl", jsonl([{**person(1), "optout": False, "changed": "2026-03-01T00:00:00Z"},
                                                 *others]))
        self.assertEqual((1, {}), delivered())
        project.rondom("store", "verify", expect=0)
        # Gone again after a no, and then a newer yes from elsewhere.
        project.write("data/crm/a.jsonl", jsonl([{**person(1), "optout": True, "changed": "2026-03-02T00:00:00Z"},
                                                 *others]))
        delivered()
        project.write("data/crm/a.jsonl", jsonl(others))
        self.assertEqual({"withdrawn elsewhere": 1}, delivered()[1])
        project.write("data/shop/a.jsonl", jsonl([{**person(1), "changed": "2026-04-01T00:00:00Z"}, person(2), person(3)]))
        self.assertEqual({}, delivered()[1])
        project.rondom("store", "verify", expect=0)

    def test_somebody_else_is_held_back_until_somebody_looked(self):
        project = people_project(self)
        project.write("data/shop/a.jsonl", jsonl([]))
        project.write("data/crm/a.jsonl", jsonl([person(1), person(2)]))

        def sent():
            report = project.run_json(expect=0)
            mail = next(job for job in report["jobs"] if job["job"] == "mail")["deliveries"]
            return mail["created"], mail["updated"], mail["withheld"]

        def answer(*arguments, expect=0):
            return json.loads(project.rondom("-o", "json", *arguments, expect=expect).stdout)

        self.assertEqual((2, 0, {}), sent())
        self.assertEqual([], answer("review", "list"))
        project.write("data/crm/b.jsonl", jsonl([{**person(1), "surname": "Visser", "email": "jan@example.com",
                                                  "birth": "1955-01-01", "changed": "2026-06-01T00:00:00Z"}]))
        self.assertEqual((0, 0, {"to review": 1}), sent())
        self.assertEqual((0, 0, {"to review": 1}), sent())
        name = f"crm.people/{person(1)['id']}"
        self.assertEqual([name], [one["record"] for one in answer("review", "list")])
        self.assertEqual(1, answer("status")["to_review"])
        self.assertIn(f"until: rondom review accept {name}\n",
                      project.rondom("profile", "explain", name, expect=0).stdout.decode())
        self.assertIn(b"nothing is sent", project.rondom("profile", "explain", name, expect=0).stdout)
        self.assertIn(b"did you mean " + name.encode(),
                      project.rondom("review", "accept", name + "0", expect=2).stderr)
        self.assertEqual({"accepted": 1}, answer("review", "accept", name))
        self.assertEqual([], answer("review", "list"))
        self.assertEqual((1, 0, {}), sent())
        self.assertEqual((0, 0, {}), sent())
        project.rondom("store", "verify", expect=0)

    def test_two_records_with_one_key_stay_two_people(self):
        project = people_project(self)
        project.write("jobs/shop.yaml", """
            job: shop
            source: shop
            streams:
              - stream: orders
                options: { path: "shop/*.jsonl" }
                key: .id
                records:
                  - entity: person
                    key: [guest, .customer]
                    map:
                      name.given: .given
                      email: .email
            """)
        project.write("data/crm/a.jsonl", jsonl([]))
        rows = [{"id": "o1", "customer": 7, "given": "Anna", "email": "a@example.com"},
                {"id": "o2", "customer": 7, "given": "Bram", "email": "b@example.com"},
                {"id": "o3", "customer": 8, "given": "Cor", "email": "c@example.com"}]
        project.write("data/shop/a.jsonl", jsonl(rows))
        project.run_json(expect=0)
        members = project.rondom("profile", "members", "-o", "csv", expect=0).stdout.decode().splitlines()[1:]
        self.assertEqual(3, len({line.split(",")[0] for line in members}), members)
        project.rondom("store", "verify", expect=0)
        first = project.export()
        project.forget()
        (project.folder / "out").mkdir()
        project.write("data/shop/a.jsonl", jsonl(rows[::-1]))
        project.run_json(expect=0)
        self.assertEqual(first, project.export())

    def test_quarantine_shows_where_and_why(self):
        project = people_project(self)
        project.write("data/shop/a.jsonl", jsonl([]))
        project.write("data/crm/a.jsonl", jsonl([person(1), person(2, birth="31-31-1999")]) + '{"id": broken\n')
        project.run_json(expect=3)
        entries = json.loads(project.rondom("-o", "json", "quarantine", "show", expect=0).stdout)
        self.assertEqual(2, len(entries))
        where = {(entry["origin"], entry["position"]) for entry in entries}
        self.assertEqual({2, 3}, {position for _, position in where})
        for entry in entries:
            self.assertIn("a.jsonl", entry["origin"])
            self.assertNotIn("31-31-1999", entry["reason"])

    def test_a_second_engine_is_told_who_holds_the_project(self):
        import fcntl
        project = people_project(self)
        project.write("data/crm/a.jsonl", jsonl([person(1)]))
        project.write("data/shop/a.jsonl", jsonl([]))
        project.run_json(expect=0)
        locks = list((project.folder / "var").glob("*lock*"))
        self.assertTrue(locks)
        with open(locks[0], "r+") as held:
            fcntl.flock(held, fcntl.LOCK_EX)
            held.truncate(0)
            held.write("rondom, process 4711\n")
            held.flush()
            result = project.rondom("run", "--all", expect=75)
            self.assertIn(b"process 4711", result.stderr)

    def test_validate_says_file_line_and_did_you_mean(self):
        project = people_project(self)
        project.write("jobs/crm.yaml", """
            job: crm
            source: crm
            streams:
              - stream: people
                entity: person
                key: .id
                map:
                  name.givn: .given
                  birth_date: .birth | uper
            """)
        result = project.rondom("validate", expect=78)
        text = result.stderr.decode()
        self.assertIn("jobs/crm.yaml:8:", text)
        self.assertIn("name.given", text)
        self.assertIn("jobs/crm.yaml:9:", text)
        self.assertIn("upper", text)


if __name__ == "__main__":
    unittest.main()
