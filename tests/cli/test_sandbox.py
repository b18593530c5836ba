"""From end to end: every system of configs/sandbox read, unified and written, and every count against the made-up people."""
import hashlib
import json
import os
import pathlib
import shutil
import sys
import unittest

from project import Project, balanced

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
sys.path.insert(0, str(SOURCE / "tests/sandbox"))
import population  # noqa: E402
import sandbox  # noqa: E402

COUNT = 120


class Sandbox(unittest.TestCase):
    def setUp(self):
        self.people = population.people(COUNT)
        self.sandbox = sandbox.Sandbox()
        self.addCleanup(self.sandbox.close)
        self.sandbox.fill(self.people)
        self.project = Project(self)
        shutil.copytree(SOURCE / "configs/sandbox", self.project.folder, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("var", "out", "env", "secrets", "data"))
        self.sandbox.write_to(self.project.folder, self.people)

    def run_all(self):
        report = json.loads(self.project.rondom("--env", "sandbox", "-o", "json", "run", "--all", expect=(0, 3)).stdout)
        streams = {f"{job['job']}/{one['stream']}": one for job in report["jobs"] for one in job["streams"]}
        for name, one in streams.items():
            self.assertTrue(balanced(one), (name, one))
        return report, streams, {job["job"]: job["deliveries"] for job in report["jobs"] if job["deliveries"]}

    def hubspot_emails(self):
        system = self.sandbox.servers["hubspot"].system
        return {one["properties"]["email"] for one in system.live("contacts") if one["id"] in system.lists["77"]}

    def mautic_emails(self):
        system = self.sandbox.servers["mautic"].mautic
        return {system.contacts[number]["fields"]["email"] for number in system.segments[1]["members"]}

    def klaviyo_emails(self):
        system = self.sandbox.servers["klaviyo"].system
        return {system.profiles[number]["email"] for number in system.list}

    def in_trait(self):
        """Hashes of who is in trait 24 when Audience Manager has taken every file in the order of its time."""
        inside = set()
        for path in sorted((self.project.folder / "out/audience-manager").glob("ftp_dpm_*")):
            for line in path.read_text(encoding="utf-8").splitlines():
                user, pairs = line.split("\t")
                (inside.add if pairs.startswith("d_sid=24") else inside.discard)(user)
        return inside

    def assert_everywhere(self, emails):
        self.assertEqual(emails, self.hubspot_emails())
        self.assertEqual(emails, self.mautic_emails())
        self.assertEqual(emails, self.klaviyo_emails())
        self.assertEqual({hashlib.sha256(email.encode()).hexdigest() for email in emails}, self.in_trait())

    def assert_orders_count_once(self):
        """Of who visits and buys, Matomo and the shop's database tell of the same last order."""
        both = next(one for one in self.people if one.visits and one.orders > 1)
        asked = ["--env", "sandbox", "-o", "json", "profile", "show", both.email]
        orders = json.loads(self.project.rondom(*asked, expect=0).stdout)["orders"]
        self.assertEqual(both.orders, len(orders))
        self.assertEqual([[f"shop.orders/{both.last_order}", f"matomo.visits/order\\/1\\/{both.last_order}"]],
                         [sorted(one["records"], reverse=True) for one in orders if len(one["records"]) > 1])
        text = self.project.rondom("--env", "sandbox", "profile", "show", both.email, expect=0).stdout.decode()
        self.assertIn("ORDERS", text)

    def test_from_every_system_to_every_system(self):
        self.project.rondom("--env", "sandbox", "check", expect=0)
        report, streams, deliveries = self.run_all()
        count = lambda test: sum(1 for one in self.people if test(one))  # noqa: E731
        self.assertEqual({
            "crm/Account": 1, "crm/Contact": count(lambda one: one.in_crm),
            "members/members": count(lambda one: one.in_mailing),
            "members/unsubscribed": count(lambda one: one.unsubscribed),
            "members/cleaned": count(lambda one: one.bounced),
            "visits/visits": count(lambda one: one.visits),
            "orders/customers": count(lambda one: one.in_shop), "orders/orders": sum(one.orders for one in self.people),
            "hubspot/email_status": 0, "mautic/do_not_contact": 0, "mautic/bounces": 0,
            "klaviyo/unsubscribed": 0, "klaviyo/bounced": 0,
        }, {name: one["read"] for name, one in streams.items()})
        # One profile a person, whatever number of systems hold them, and one for the company.
        self.assertEqual(count(lambda one: one.known) + 1, report["profiles"]["total"])
        mailable = {one.email for one in self.people if one.may_be_mailed}
        self.assertGreater(len(mailable), 20)
        self.assertLess(len(mailable), count(lambda one: one.in_mailing))
        self.assert_everywhere(mailable)
        for job in ("to-hubspot", "to-mautic", "to-klaviyo", "to-audience-manager"):
            self.assertEqual(len(mailable), deliveries[job]["created"])
            self.assertEqual(count(lambda one: one.known) - len(mailable), sum(deliveries[job]["withheld"].values()))

        self.assert_orders_count_once()
        _, streams, deliveries = self.run_all()
        for one in streams.values():
            self.assertEqual((0, 0), (one["new"], one["changed"]), one)
        for counts in deliveries.values():
            self.assertEqual({0}, {counts[name] for name in ("created", "adopted", "updated", "removed", "rejected")})

        # A no that is said in one system is heard in the other.
        gone = sorted(mailable)[3]
        self.sandbox.servers["hubspot"].system.opt_out(gone)
        self.run_all()
        self.assert_everywhere(mailable - {gone})
        second = sorted(mailable)[5]
        self.sandbox.servers["klaviyo"].system.say_no(second)
        self.run_all()
        self.assert_everywhere(mailable - {gone, second})
        said = self.project.rondom("--env", "sandbox", "profile", "explain", gone, expect=0).stdout.decode()
        self.assertIn("hubspot.email_status", said)
        self.assertEqual(4, said.count("taken out again"), said)
        self.assertNotIn("permitted by", said)
        told = json.loads(self.project.rondom("--env", "sandbox", "-o", "json", "profile", "explain", gone, expect=0).stdout)
        self.assertEqual({"taken_out"}, {one["state"] for one in told["sent"]})


if __name__ == "__main__":
    unittest.main()
