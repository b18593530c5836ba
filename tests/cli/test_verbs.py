"""Every verb: its help, its output for people and for programs, and what it says to wrong words."""
import json
import os
import pathlib
import re
import subprocess
import unittest

from project import RONDOM, Project

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])

GROUPS = {"connectors": ("list", "show"), "plugin": ("new", "install"), "profile": ("find", "show", "explain", "members", "export"),
          "attribute": ("list", "show", "why"),
          "review": ("list", "accept"), "quarantine": ("list", "show", "release"), "deadletter": ("list", "redrive"), "store": ("verify",)}
VERBS = ("init", "validate", "check", "discover", "preview", "plan", "run", "status", "runs", "version",
         "completion", "help")


DOCUMENTED = set(re.findall(r"`([a-z_0-9]+)`", (SOURCE / "docs/reference/json.md").read_text(encoding="utf-8")))
# Below these stand names that people gave, or another document.
OPEN = {"configuration", "stages", "withheld", "fields", "content"}


def keys_of(said):
    """Every key of an answer for programs."""
    if isinstance(said, list):
        return set().union(*map(keys_of, said))
    if not isinstance(said, dict):
        return set()
    return set(said).union(*(keys_of(value) for key, value in said.items()
                             if key not in OPEN and not (key == "values" and isinstance(value, dict))))


def rondom(*arguments, cwd=None):
    return subprocess.run([str(RONDOM), *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                          timeout=120, check=False, cwd=cwd)


class Words(unittest.TestCase):
    """What needs no project."""

    def refused(self, *arguments, says):
        result = rondom(*arguments)
        self.assertEqual(2, result.returncode, arguments)
        self.assertEqual(b"", result.stdout)
        self.assertTrue(result.stderr.startswith(b"rondom: "), result.stderr)
        self.assertIn(says, result.stderr.decode())
        self.assertEqual(1, result.stderr.count(b"\n"), result.stderr)

    def test_every_verb_has_help(self):
        paths = [(), *((verb,) for verb in VERBS), *((group,) for group in GROUPS)]
        paths += [(group, verb) for group, verbs in GROUPS.items() for verb in verbs]
        for path in paths:
            with self.subTest(path):
                help_text = rondom(*path, "--help")
                self.assertEqual(0, help_text.returncode)
                self.assertIn(f"Usage: {' '.join(('rondom', *path))} ", help_text.stdout.decode())
                self.assertEqual(help_text.stdout, rondom("help", *path).stdout)
        top = rondom("--help").stdout.decode()
        for word in (*VERBS, *GROUPS):
            self.assertRegex(top, rf"\n  {word} +\S")

    def test_wrong_words_are_told_what_was_meant(self):
        self.refused(says="which verb? init, demo")
        self.refused("runn", says="there is no verb runn; did you mean run?")
        self.refused("help", "runn", says="there is no verb runn; did you mean run?")
        self.refused("profile", says="which verb? find, show")
        self.refused("profile", "shw", says="profile has no verb shw; did you mean show?")
        self.refused("profile", "show", says="profile is required")
        self.refused("run", "--al", says="run does not take --al; did you mean --all?")
        self.refused("version", "extra", says="version does not take extra")
        self.refused("init", "one", "two", says="two")
        self.refused("run", "--all", "--threads", "0", says="1 to 64")
        self.refused("runs", "--limit", "x", says="--limit")
        self.refused("-o", "xml", "version", says="xml is none of text, json, jsonl, csv, junit")
        self.refused("-o", "csv", "version", says="version does not print csv, only text or json")
        self.refused("completion", "tcsh", says="bash, zsh and fish")
        self.refused("connectors", "show", "fil", says="did you mean file?")

    def test_completion_scripts(self):
        for shell in ("bash", "zsh", "fish"):
            script = rondom("completion", shell)
            self.assertEqual(0, script.returncode)
            for word in (*VERBS, *GROUPS, "explain"):
                self.assertIn(word, script.stdout.decode())
        bash = rondom("completion", "bash").stdout.decode()

        def completed(*words):
            wanted = " ".join(f"'{word}'" for word in words)
            ask = f"{bash}\nCOMP_WORDS=({wanted}); COMP_CWORD={len(words) - 1}; _rondom; echo \"${{COMPREPLY[*]}}\""
            run = subprocess.run(["bash", "-c", ask], capture_output=True, text=True, timeout=60, check=True)
            self.assertEqual("", run.stderr)
            return run.stdout.split()

        self.assertEqual(["run", "runs"], completed("rondom", "run"))
        self.assertEqual(["explain", "export"], completed("rondom", "-C", "some/where", "profile", "ex"))
        self.assertIn("--accept", completed("rondom", "run", "--a"))
        self.assertNotIn("--accept", completed("rondom", "runs", "--"))
        self.assertIn("--limit", completed("rondom", "runs", "--"))
        self.assertEqual(["json", "jsonl"], completed("rondom", "status", "-o", "js"))

    def test_no_project_here(self):
        empty = Project(self)
        for verb in (("validate",), ("run", "--all"), ("plan",), ("status",), ("runs",), ("check",), ("preview", "a"),
                     ("discover", "a"), ("profile", "find", "a"), ("quarantine", "list"), ("deadletter", "list"),
                     ("store", "verify")):
            with self.subTest(verb):
                result = empty.rondom(*verb, expect=78)
                self.assertEqual(b"", result.stdout)
                self.assertIn(b"is no Rondom project", result.stderr)
                self.assertIn(b"rondom init", result.stderr)
        empty.rondom("connectors", "list", expect=0)
        empty.rondom("version", expect=0)


class Init(unittest.TestCase):
    def test_a_project_is_called_like_its_folder(self):
        for folder, name in (("shop", "shop"), ("My shop (2)", "My-shop-2"), ("2", "my-customers")):
            project = Project(self)
            said = project.rondom("init", project.folder / folder, expect=0).stdout.decode()
            self.assertIn(f"project: {name}\n", (project.folder / folder / "rondom.yaml").read_text())
            for step in ("discover crm --save", "preview crm", "run crm", "plan newsletter"):
                self.assertIn(step, said)


class Starter(unittest.TestCase):
    """The verbs on the project that init makes."""

    def setUp(self):
        self.project = Project(self)
        self.project.rondom("init", self.project.folder, expect=0)

    def json(self, *arguments, expect=0):
        said = json.loads(self.project.rondom("-o", "json", *arguments, expect=expect).stdout)
        self.assertEqual(set(), keys_of(said) - DOCUMENTED, "docs/reference/json.md does not have these")
        return said

    def text(self, *arguments, expect=0):
        return self.project.rondom(*arguments, expect=expect).stdout.decode()

    def test_before_the_first_run(self):
        again = self.project.rondom("init", expect=2)
        self.assertIn(b"nothing was written", again.stderr)
        self.assertIn("no errors", self.text("validate"))
        self.assertEqual({"files": 7, "errors": [], "warnings": []}, self.json("validate"))
        self.assertEqual([("crm", True), ("out", True)],
                         [(one["connection"], one["ok"]) for one in self.json("check")])
        self.assertEqual(["crm"], [one["connection"] for one in self.json("check", "crm")])
        for verb in (("status",), ("runs",), ("plan",), ("profile", "members"), ("quarantine", "list")):
            result = self.project.rondom("-o", "json", *verb, expect=69)
            self.assertIn(b"nothing is stored yet", result.stderr)
            self.assertIn(b"rondom run crm, which only reads", result.stderr)
            self.assertEqual("unavailable", json.loads(result.stdout)["error"]["code"])

    def test_mistakes_as_json(self):
        job = self.project.folder / "jobs/crm.yaml"
        job.write_text(job.read_text().replace("name.given", "name.gven"))
        report = self.json("validate", expect=78)
        self.assertEqual(1, len(report["errors"]))
        self.assertEqual("jobs/crm.yaml", report["errors"][0]["file"])
        self.assertGreater(report["errors"][0]["line"], 0)
        self.assertIn("name.given", report["errors"][0]["hint"])

    def test_an_identifier_that_nobody_declared(self):
        job, identity = self.project.folder / "jobs/crm.yaml", self.project.folder / "identity.yaml"
        job.write_text(job.read_text().replace("      phone:", "      identifier.customr_login: .id\n      phone:"))
        said = self.json("validate")  # nothing is declared that it may have meant: it works, and joins nobody
        self.assertEqual(["identifier.customr_login is not in identity.yaml: it is kept and joins nobody"],
                         [one["message"] for one in said["warnings"]])
        self.assertIn(b"jobs/crm.yaml:4:", self.project.rondom("validate", expect=0).stderr)
        identity.write_text(identity.read_text() + "  - { namespace: customer_login, class: unique }\n")
        report = self.json("validate", expect=78)
        self.assertEqual(["jobs/crm.yaml"], [one["file"] for one in report["errors"]])
        self.assertIn("customer_login", report["errors"][0]["hint"])

    def test_what_needs_the_settings_only(self):
        self.text("run", "crm")
        job = self.project.folder / "jobs/crm.yaml"
        right = job.read_text()
        job.write_text(right.replace("    key: .id\n", ""))
        wrong = self.project.rondom("run", "crm", expect=78).stderr
        self.assertIn(b"rondom discover crm --save asks the source for it", wrong)
        for verb in (("status",), ("runs",), ("quarantine", "list"), ("deadletter", "list"),
                     ("profile", "show", "anna@example.com"), ("job", "new", "more", "--source", "out"),
                     ("discover", "crm", "--save")):
            with self.subTest(verb):
                done = self.project.rondom(*verb)
                self.assertNotEqual(78, done.returncode)
                self.assertIn(b"in other files than rondom.yaml: rondom validate shows them", done.stderr)
        self.text("validate")  # the source knows the key
        settings = self.project.folder / "rondom.yaml"
        settings.write_text(settings.read_text().replace("store:", "stoer:"))
        self.project.rondom("status", expect=78)

    def test_a_secret_that_is_written_out(self):
        settings = self.project.folder / "rondom.yaml"
        settings.write_text(settings.read_text().replace("purposes:", "  mail: { connector: mailchimp, config: { url: "
                            "\"https://mailchimp.example\", user: any, api_key: 0123456789abcdef-us21 } }\npurposes:"))
        said = self.project.rondom("validate", expect=0)
        self.assertIn(b"connection mail: api_key is a secret and is written out here", said.stderr)
        self.assertNotIn(b"0123456789abcdef", said.stderr + said.stdout)
        settings.write_text(settings.read_text().replace("0123456789abcdef-us21", '"${secret:api_key}"'))
        self.assertEqual([], self.json("validate")["warnings"])
        # And nobody is there: that is told at once, with the port.
        settings.write_text(settings.read_text().replace("https://mailchimp.example", "http://127.0.0.1:9"))
        said = self.project.rondom("check", "mail", environment={"RONDOM_SECRET_API_KEY": "0123456789abcdef-us21"})
        self.assertIn(b"127.0.0.1:9: connection refused", said.stdout)
        self.assertNotIn(b"sent again", said.stderr)

    def test_a_field_that_no_record_has(self):
        job = self.project.folder / "jobs/crm.yaml"
        job.write_text(job.read_text().replace("name.given: .first_name", "name.given: .FirstName")
                       .replace("name.surname: .last_name", "name.surname: last_name"))
        given = "jobs/crm.yaml:10: contacts has no field FirstName in its first 3 records; did you mean .first_name?"
        report = self.json("run", "crm")
        said = report["jobs"][0]["warnings"]
        self.assertEqual([given], [one for one in said if "FirstName" in one])
        self.assertEqual(1, sum("a field is written with a dot: .last_name" in one for one in said))
        self.assertIn("! crm: " + given, self.text("run", "crm"))
        self.assertIn(given, self.json("preview", "crm")[0]["warnings"])
        self.assertEqual([], self.json("preview", "crm")[1]["warnings"])

    def test_nobody_is_asked_for_consent(self):
        job = self.project.folder / "jobs/crm.yaml"
        whole = job.read_text()
        job.write_text(whole[:whole.index("      consents:")])
        self.text("run", "crm")
        why = "no map gives a consent for newsletter, so nobody may get it"
        self.assertIn(why, self.text("plan", "newsletter"))
        self.assertIn(why, self.json("run", "--all")["jobs"][1]["deliveries"]["note"])
        self.assertIn(why, self.text("plan", "newsletter"))
        job.write_text(whole)
        self.assertNotIn("note", self.json("run", "--all")["jobs"][1]["deliveries"])

    def test_the_readme_is_about_this_project(self):
        readme = (SOURCE / "README.md").read_text(encoding="utf-8")
        for name in ("crm", "newsletter"):
            text = next(block for block in re.findall(r"```yaml\n(.*?)```", readme, re.S)
                        if block.startswith(f"job: {name}\n"))
            (self.project.folder / f"jobs/{name}.yaml").write_text(text, encoding="utf-8")
        self.assertEqual(1, self.json("run", "--all")["jobs"][1]["deliveries"]["created"])
        self.text("test")

    def test_discover_and_preview(self):
        self.assertIn("first_name", self.text("discover", "crm", "--save"))
        self.assertTrue((self.project.folder / "catalog/crm.json").exists())
        self.assertEqual(["contacts"], [stream["stream"] for stream in self.json("discover", "crm")["streams"]])
        self.text("validate")
        records = self.json("preview", "crm")
        self.assertEqual(["mapped"] * 3, [record["outcome"] for record in records])
        self.assertEqual("Anna", records[0]["records"][0]["values"]["name"]["given"])
        self.assertEqual("Anna", json.loads(records[0]["raw"])["first_name"])
        lines = self.text("-o", "jsonl", "preview", "crm", "contacts", "--limit", "2").splitlines()
        self.assertEqual(records[:2], [json.loads(line) for line in lines])
        self.assertEqual(3, self.text("preview", "crm").count("contacts  mapped"))
        for arguments, says in ((("preview", "crn"), b"did you mean crm?"), (("preview", "newsletter"), b"sends"),
                                (("preview", "crm", "contcts"), b"did you mean contacts?"),
                                (("discover", "crn"), b"did you mean crm?"), (("check", "crn"), b"did you mean crm?"),
                                (("run", "newsleter"), b"did you mean newsletter?"),
                                (("plan", "newsleter"), b"did you mean newsletter?"), (("plan", "crm"), b"reads")):
            with self.subTest(arguments):
                self.assertIn(says, self.project.rondom(*arguments, expect=2).stderr)

    def test_after_a_run(self):
        self.text("run", "crm")
        before = self.json("plan", expect=4)["jobs"][0]
        self.assertEqual((0, 1), (before["held"], before["create"]))
        self.assertIn("nothing was sent · exit 4", self.text("plan", "newsletter", expect=4))
        self.assertEqual("done", self.json("run", "--all")["status"])
        after = self.json("plan", "newsletter")["jobs"][0]
        self.assertEqual((1, 0, 0, 0, 1), tuple(after[name] for name in
                                                ("held", "create", "update", "remove", "unchanged")))
        self.assertIn("holds      1", self.text("plan"))
        self.assertIn("withheld   since the last run 1: withdrawn 1", self.text("plan"))
        self.assertIn("0 update · 1 unchanged", self.text("plan"))

        status = self.json("status")
        self.assertEqual((3, 3, 2), (status["records"], status["live_records"], status["profiles"]))
        self.assertEqual(2, len(self.json("runs")))
        self.assertEqual(1, len(self.json("runs", "--limit", "1")))
        self.assertIn("UNIFY    2 profiles\n", self.text("run", "--all"))

        found = self.json("profile", "find", "anna@example.com")
        self.assertEqual(["crm.contacts/1", "crm.contacts/2"], found[0]["content"]["members"])
        for name in ("crm.contacts/1", "Anna@Example.com", "+31612345678", "06-12 34 56 78", found[0]["profile"]):
            shown = self.json("profile", "show", name)
            others = shown.pop("activities")
            self.assertEqual({"events", "opportunities", "subscriptions", "needs", "survey_answers"}, set(others))
            self.assertEqual([{"count": 0, "newest": []}] * 5, list(others.values()))
            self.assertEqual({**found[0], "orders": [], "orders_complete": True, "relations": [], "relations_complete": True}, shown)
        self.assertIn("members  crm.contacts/1 crm.contacts/2\n", self.text("profile", "show", "anna@example.com"))
        said = found[0]["content"]["values"]["name"]
        given = said["given"]
        for name in (given, given.upper()[:3], f"{said['surname']} {given}"):
            self.assertIn(found[0], self.json("profile", "find", name))
        self.assertIn("nobody is known by that", self.project.rondom("profile", "find", "Zzz " + given, expect=1).stderr.decode())
        self.json("profile", "explain", "anna@example.com")
        self.assertIn("WHY ONE PERSON", self.text("profile", "explain", "anna@example.com"))
        for length in (8, 13):
            self.assertIn("crm.contacts/1", self.text("profile", "explain", found[0]["profile"][:length]))
        for verb in ("find", "show", "explain"):
            self.assertIn(b"nobody is known", self.project.rondom("profile", verb, "x@example.com", expect=1).stderr)

        rows = self.text("profile", "members").splitlines()
        self.assertEqual("profile_id,source,stream,key", rows[0])
        members = self.json("profile", "members")
        self.assertEqual(rows[1:], [",".join(member.values()) for member in members])
        lines = self.text("profile", "members", "-o", "jsonl").splitlines()
        self.assertEqual(members, [json.loads(line) for line in lines])
        exported = self.text("profile", "export").splitlines()
        self.assertEqual([json.loads(line) for line in exported], self.json("profile", "export"))
        self.assertEqual(2, len(exported))

        self.assertEqual({"problems": []}, self.json("store", "verify"))
        self.assertIn("sound", self.text("store", "verify"))

    def test_members_with_commas_and_quotes_in_their_keys(self):
        self.project.write("data/contacts.csv", 'id,first_name,last_name,email\n"a,""b""",Anna,Berg,a@example.com\n')
        self.text("run", "crm")
        self.assertEqual(['a,"b"'], [member["key"] for member in self.json("profile", "members")])

    def test_refused_records(self):
        self.project.write("data/contacts.csv", "id,first_name,last_name,email,birthday\n"
                                                "1,Anna,Berg,a@example.com,31-31-1999\n")
        self.text("run", "crm", expect=3)
        self.assertEqual(1, self.json("quarantine", "list")[0]["records"])
        entry = self.json("quarantine", "show", "crm")[0]
        self.assertEqual("1", entry["key"])
        self.assertIn("birth_date is no date", self.text("quarantine", "show"))
        unknown = self.project.rondom("quarantine", "list", "crmm", expect=2)
        self.assertIn("did you mean crm?", unknown.stderr.decode())
        for wrong in ("x", "0", "4711"):
            self.assertEqual(2, self.project.rondom("quarantine", "release", wrong).returncode)
        self.assertEqual(1, len(self.json("quarantine", "show")))
        self.assertEqual({"released": 1, "not_kept": 0}, self.json("quarantine", "release", entry["id"]))
        self.assertEqual([True], [one["released"] for one in self.json("quarantine", "show")])

    def test_dead_letters(self):
        self.text("run", "--all")
        self.assertEqual([], self.json("deadletter", "list"))
        self.assertIn("nothing", self.text("deadletter", "list"))
        self.assertIn("nothing of newsletter", self.text("deadletter", "list", "newsletter"))
        self.assertEqual(2, self.project.rondom("deadletter", "redrive", "1").returncode)

    def test_connectors(self):
        listed = self.json("connectors", "list")
        self.assertEqual([("file", "source"), ("file", "destination")],
                         [(one["connector"], one["kind"]) for one in listed if one["connector"] == "file"])
        shown = self.json("connectors", "show", "file")
        self.assertEqual(2, len(shown))
        self.assertIn("path", shown[0]["configuration"]["properties"])
        self.assertIn("Folder that the paths", self.text("connectors", "show", "file"))
        self.assertIn("sign in by user + api_key\n", self.text("connectors", "show", "mailchimp"))

    def test_version(self):
        version = self.json("version")["version"]
        self.assertEqual(f"rondom {version}\n", self.text("version"))
        self.assertEqual(f"rondom {version}\n", self.text("--version"))


if __name__ == "__main__":
    unittest.main()
