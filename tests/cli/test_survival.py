"""docs/reference/survival.md cannot lie: what it names is there, and every connector and case is in it."""
import importlib
import os
import pathlib
import re
import sys
import unittest

from project import RONDOM

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
sys.path[:0] = [str(SOURCE / "docs/reference"), str(SOURCE / "docs/connectors")]
import generate  # noqa: E402
import survival_page as survival  # noqa: E402


def missing(name):
    """Why there is no such test; None when there is."""
    if "#" in name:
        folder, case = name.split("#")
        pattern = re.compile(rf"BOOST_(AUTO|FIXTURE)_TEST_CASE\({case}\b")
        found = any(pattern.search(path.read_text(encoding="utf-8")) for path in (SOURCE / folder).glob("*.cpp"))
        return None if found else f"no case {case} in {folder}"
    module, kind, method = name.split(".")
    if not (SOURCE / f"tests/cli/{module}.py").is_file():
        return f"no file {module}.py"
    case = getattr(importlib.import_module(module), kind, None)
    if not (isinstance(case, type) and issubclass(case, unittest.TestCase)):
        return f"no class {kind} of tests in {module}.py"
    return None if method.startswith("test_") and callable(getattr(case, method, None)) else f"no {method} in {kind}"


class Survival(unittest.TestCase):
    def test_the_page_is_that_of_the_table(self):
        """To write it anew: python3 docs/reference/survival_page.py"""
        self.assertEqual(survival.page(), (SOURCE / "docs/reference/survival.md").read_text(encoding="utf-8"))

    def test_every_connector_and_every_case(self):
        listed = generate.asked(str(RONDOM), "list")
        for kind, table, cases in (("source", survival.SOURCES, survival.SOURCE_CASES),
                                   ("destination", survival.DESTINATIONS, survival.DESTINATION_CASES)):
            self.assertEqual(sorted(one["connector"] for one in listed if one["kind"] == kind), sorted(table))
            for connector, cells in table.items():
                self.assertEqual(set(cases), set(cells), connector)

    def test_what_a_cell_names_is_there(self):
        for table in (survival.SOURCES, survival.DESTINATIONS):
            for connector, cells in table.items():
                for case, cell in cells.items():
                    with self.subTest(connector=connector, case=case):
                        tests = survival.named(cell)
                        if not tests:  # words
                            self.assertGreaterEqual(len(cell.split()), 4, "too short to say why")
                        self.assertEqual([], [why for why in map(missing, tests) if why])

    def test_what_is_not_there_is_found(self):
        for name in ("test_nothing.Source.test_faults", "test_ga4.Nobody.test_faults", "test_ga4.Reports.test_nothing",
                     "test_ga4.Reports.fill", "test_ga4.FILTER.test_faults", "plugins/file/tests#nothing"):
            self.assertIsNotNone(missing(name), name)


if __name__ == "__main__":
    unittest.main()
