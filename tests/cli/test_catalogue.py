"""docs/connectors says what the connectors say of themselves, and no connector by HTTP goes without evidence."""
import os
import pathlib
import re
import sys
import unittest

from project import BUILD, RONDOM, Project

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
sys.path.insert(0, str(SOURCE / "docs/connectors"))
import generate  # noqa: E402


class Catalogue(unittest.TestCase):
    maxDiff = 2000

    def test_the_pages_are_those_of_the_connectors(self):
        """To write them anew: python3 docs/connectors/generate.py build/release/bin/rondom"""
        folder = SOURCE / "docs/connectors"
        expected = generate.pages(str(RONDOM), SOURCE)
        self.assertEqual(sorted(expected), sorted(path.name for path in folder.glob("*.md")))
        for name, text in expected.items():
            self.assertEqual(text, (folder / name).read_text(encoding="utf-8"), name)

    def test_every_connector_is_whole(self):
        for name in sorted({one["connector"] for one in generate.asked(str(RONDOM), "list")}):
            for one in generate.asked(str(RONDOM), "show", name):
                with self.subTest(connector=name, kind=one["kind"]):
                    schema = one["configuration"]
                    facts = schema.get("x-facts", {})
                    self.assertTrue(facts.get("streams" if one["kind"] == "source" else "actions"))
                    if "x-http" in schema:
                        self.assertTrue(facts.get("evidence"), "nothing but a stand-in of ours")
                    for field, about in schema["properties"].items():
                        self.assertTrue(about.get("description"), field)
                    folder = SOURCE / "plugins" / one["plugin"]
                    readme = (folder / "README.md").read_text(encoding="utf-8")
                    for word in ("## Set up", "Not supported") if "x-http" in schema else ():
                        self.assertIn(word, readme)
                    self.assertTrue(list((folder / "example").glob("*.yaml")), "no example job")

    def test_a_connector_is_in_its_own_folder_only(self):
        """Nothing that is built names one: folders of plugins/ are found by themselves."""
        names = {one["connector"].split("-")[0] for one in generate.asked(str(RONDOM), "list")} - {"file", "sql"}
        self.assertGreater(len(names), 5)
        word = re.compile(rf"\b({'|'.join(sorted(names))})\b", re.I)
        # Examples in sentences for users.
        told = {"core/config/keys.cpp", "packaging/systemd/rondom.service", "packaging/etc/rondom.yaml"}
        found = set()
        for folder in ("core", "sdk", "cmake", "packaging", "CMakeLists.txt", "plugins/CMakeLists.txt", "Makefile"):
            root = SOURCE / folder
            for path in [root] if root.is_file() else [one for one in root.rglob("*") if one.is_file()]:
                text = path.read_text(encoding="utf-8", errors="replace")
                if path.suffix in (".cpp", ".h", ".hpp"):
                    text = re.sub(r"//.*", "", text)
                if word.search(text) and path.suffix != ".md":
                    found.add(str(path.relative_to(SOURCE)))
        self.assertEqual(told, found)

    def test_a_job_cannot_want_what_its_destination_does_not_do(self):
        project = Project(self)
        project.write("rondom.yaml", """
            project: shop
            deliver: send
            connections: { out: { connector: ledger, config: { file: ledger.txt } } }
            plugins: ["%s"]
            trusted_plugins: { ledger: { allow: [files], paths: [.] } }
            purposes: { news: { channel: email, legal_basis: consent } }
            """ % (BUILD / "test-plugins"))
        project.write("jobs/out.yaml", """
            job: out
            destination: out
            purpose: news
            on_leave: delete
            map: { email: email }
            """)
        result = project.rondom("validate", expect=78)
        said = (result.stderr + result.stdout).decode()
        self.assertIn("on_leave: delete is nothing that ledger does", said)
        self.assertNotIn("on_withdrawal", said)


if __name__ == "__main__":
    unittest.main()
