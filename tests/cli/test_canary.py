"""The canary itself: every other test here runs the program through Project.rondom, which looks at all that it says."""
import unittest

from project import leaks

SECRETS = {"RONDOM_SECRET_CRM": "open-sesame", "RONDOM_SECRET_SHORT": "abc"}


class Canary(unittest.TestCase):
    def test_secrets_are_found_whoever_says_them(self):
        for words in (["run", "--all"], ["profile", "explain", "x"]):
            self.assertEqual(["the secret RONDOM_SECRET_CRM"], leaks(words, b"", b"error: open-sesame was refused", SECRETS))
            self.assertEqual(["the secret RONDOM_SECRET_CRM"], leaks(words, b'{"a":"open-sesame"}', b"", SECRETS))
        self.assertEqual([], leaks(["run"], b"abc", b"open sesame", SECRETS))

    def test_people_are_found_where_nobody_asked_for_them(self):
        said = b"warning: anna.bakker@example.com was refused"
        self.assertEqual(["the address anna.bakker@example.com"], leaks(["run", "--all"], b"", said, SECRETS))
        self.assertEqual([], leaks(["-o", "json", "profile", "export"], said, b"", SECRETS))
        self.assertEqual([], leaks(["validate"], b"", b"identity.yaml:3:5: error: no\n  3 |  - x: [\"info@a.example\"]\n    |    ^", SECRETS))


if __name__ == "__main__":
    unittest.main()
