"""How long history is kept: what counts, what goes, and what somebody must agree to first."""
import contextlib
import datetime
import json
import os
import shutil
import signal
import sqlite3
import unittest

import project

ORDERS_OF_THREE_TRANSACTIONS = 42_000  # each looks at 20,000
KILLS = int(os.environ.get("RONDOM_PRUNE_KILLS", "6"))
NOW = datetime.datetime.now(datetime.timezone.utc)


def days_ago(days):
    return (NOW - datetime.timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")


def order(number, days, who=1):
    return {"id": number, "customer": who, "at": days_ago(days), "total": 10}


SETTINGS = """
    project: shop
    defaults: { country: NL, currency: EUR }
    connections:
      shop: { connector: file, config: { path: in } }
      out: { connector: file, config: { path: out } }
    purposes: { news: { channel: email, legal_basis: legitimate_interest } }
    """

SOURCE = """
    job: shop
    source: shop
    streams:
      - stream: customers
        options: { path: customers.jsonl, mode: full }
        key: .id
        entity: person
        map: { name.full: .name, email: .email }
      - stream: orders
        options: { path: orders.jsonl, mode: full }
        key: .id
        entity: order
        map: { party: { to: customers, key: .customer }, at: .at, total: .total | money("EUR") }
    """

ATTRIBUTES = """
    orders_ever: { definition: All of them., owner: shop@acme.example, type: integer, value: .orders | count }
    orders_1y: { definition: Of a year., owner: shop@acme.example, type: integer, value: ".orders | within(365d) | count" }
    orders_{year}:
      expand: { year: { range: [2019, 2020] } }
      definition: Of {year}.
      owner: shop@acme.example
      type: integer
      value: .orders | where(year(.at) == {year}) | count
    """

PEOPLE = [{"id": 1, "name": "Anna Jansen", "email": "anna@example.com"}]


class Retention(unittest.TestCase):
    def make(self, retention="", orders=()):
        shop = project.Project(self)
        shop.write("jobs/shop.yaml", SOURCE)
        shop.write("attributes/all.yaml", ATTRIBUTES)
        self.say(shop, retention)
        self.fill(shop, orders)
        return shop

    def say(self, shop, retention):
        shop.write("rondom.yaml", SETTINGS)
        if retention:
            with open(shop.folder / "rondom.yaml", "a", encoding="utf-8") as settings:
                settings.write(f"retention: {retention}\n")

    def fill(self, shop, orders):
        shop.write("in/customers.jsonl", "".join(json.dumps(one) + "\n" for one in PEOPLE))
        shop.write("in/orders.jsonl", "".join(json.dumps(one) + "\n" for one in orders))

    def run_all(self, shop):
        return json.loads(shop.rondom("-q", "run", "--all", "-o", "json", expect=0).stdout)

    def exported(self, shop):
        lines = shop.rondom("profile", "export", "-o", "jsonl", expect=0).stdout.splitlines()
        return sorted(lines)

    def counted(self, shop, name):
        return json.loads(self.exported(shop)[0])["attributes"].get(name)

    def stored_orders(self, shop):
        with sqlite3.connect(shop.folder / "var/rondom.db") as database:
            return database.execute("SELECT count(*) FROM record WHERE entity=4").fetchone()[0]

    def test_nothing_goes_until_somebody_agreed_and_then_it_goes_by_itself(self):
        shop = self.make("{ orders: 2y }", [order(1, 10), order(2, 1000), order(3, 2000)])
        report = self.run_all(shop)
        self.assertEqual(report["retention"], {"forgotten": {}, "waiting": ["orders"]})
        self.assertEqual(self.stored_orders(shop), 3)
        self.assertEqual(self.counted(shop, "orders_ever"), 1, "what is too old counts no longer, stored or not")

        looked = json.loads(shop.rondom("store", "prune", "--dry-run", "-o", "json", expect=0).stdout)
        self.assertEqual(looked["would_go"]["orders"]["rows"], 2)
        self.assertEqual(looked["waiting"], ["orders"])
        self.assertEqual(self.stored_orders(shop), 3)
        refused = shop.rondom("store", "prune", expect=2)
        self.assertIn(b"--yes", refused.stderr)
        self.assertEqual(self.stored_orders(shop), 3)

        gone = json.loads(shop.rondom("store", "prune", "--yes", "-o", "json", expect=0).stdout)
        self.assertEqual(gone["forgotten"]["orders"], looked["would_go"]["orders"])
        self.assertEqual(self.stored_orders(shop), 1)
        self.assertIn("store prune orders:2y", (shop.folder / "var/audit.jsonl").read_text())
        shop.rondom("store", "verify", expect=0)

        # Read again, what went does not come back, and what became too old goes after the run.
        report = self.run_all(shop)
        orders = [stream for stream in report["jobs"][0]["streams"] if stream["stream"] == "orders"][0]
        self.assertEqual((orders["new"], orders["filtered"], orders["unchanged"]), (0, 2, 1))
        self.assertEqual(self.stored_orders(shop), 1)
        # A shorter age is another thing to agree to.
        self.say(shop, "{ orders: 9d }")
        self.assertEqual(self.run_all(shop)["retention"]["waiting"], ["orders"])
        self.assertEqual(self.stored_orders(shop), 1)
        # A longer one brings back what the source still has.
        self.say(shop, "{ orders: 4y }")
        report = self.run_all(shop)
        self.assertNotIn("retention", report)
        self.assertEqual(self.stored_orders(shop), 2)
        self.assertEqual(self.counted(shop, "orders_ever"), 2)

    def test_a_run_forgets_what_became_too_old(self):
        shop = self.became_too_old()
        self.assertEqual(self.run_all(shop)["retention"], {"forgotten": {"orders": 1}})
        self.assertEqual(self.stored_orders(shop), 1)

    def became_too_old(self):
        """Two orders, one of which was read while it was young, and an age that was agreed to."""
        shop = self.make("{ orders: 2y }", [order(1, 10)])
        self.run_all(shop)
        shop.rondom("store", "prune", "--yes", expect=0)
        with contextlib.closing(sqlite3.connect(shop.folder / "var/rondom.db")) as database:
            agreed = database.execute("SELECT * FROM value WHERE CAST(key AS TEXT) = 'retention/agreed'").fetchone()
        self.say(shop, "")
        self.fill(shop, [order(1, 10), order(2, 1000)])
        self.run_all(shop)
        self.assertEqual(self.stored_orders(shop), 2)
        self.say(shop, "{ orders: 2y }")
        with contextlib.closing(sqlite3.connect(shop.folder / "var/rondom.db")) as database, database:
            database.execute("INSERT OR REPLACE INTO value VALUES (?, ?)", agreed)
        return shop

    def test_a_prune_that_is_killed_anywhere_is_ended_by_the_next(self):
        kept = "{ orders: 2y, versions: 1y }"
        shop = self.make("", [order(i, 10 if i % 3 == 0 else 1000) for i in range(ORDERS_OF_THREE_TRANSACTIONS)])
        self.run_all(shop)
        self.say(shop, kept)
        fresh = shop.folder / "fresh"
        shutil.copytree(shop.folder / "var", fresh)

        def prune(at):
            """Kills it at a point; 0: at none. How many points there were, or whether it hit."""
            shutil.rmtree(shop.folder / "var")
            shutil.copytree(fresh, shop.folder / "var")
            points, mark = shop.folder / "points", shop.folder / "killed"
            mark.unlink(missing_ok=True)
            result = shop.rondom("store", "prune", "--yes", environment={
                "LD_PRELOAD": str(project.KILLER), "RONDOM_KILL_PROGRAM": "rondom", "RONDOM_KILL_AT": str(at),
                "RONDOM_KILL_COUNT": str(points), "RONDOM_KILL_MARK": str(mark)})
            if at == 0:
                self.assertEqual(result.returncode, 0, result.stderr)
                return int(points.read_text())
            self.assertEqual(mark.exists(), result.returncode == -signal.SIGKILL)
            return mark.exists()

        def left():
            with contextlib.closing(sqlite3.connect(shop.folder / "var/rondom.db")) as database:
                return [database.execute(f"SELECT {what}").fetchone()[0] for what in (
                    "count(*) FROM record WHERE entity=4", "total(id) FROM record", "total(key_hash % 1000) FROM source_key",
                    "count(*) FROM activity", "count(*) FROM source_key")]

        points = prune(0)
        self.assertGreater(points, 10)
        expected, exported = left(), self.exported(shop)
        self.assertEqual(expected[0], len(range(0, ORDERS_OF_THREE_TRANSACTIONS, 3)))
        hits, halfway = 0, 0
        for at in sorted({1 + points * i // KILLS for i in range(KILLS)}):
            with self.subTest(at=at, of=points):
                hits += prune(at)
                now = left()[0]
                halfway += expected[0] < now < ORDERS_OF_THREE_TRANSACTIONS
                shop.rondom("store", "prune", "--yes", expect=0)
                self.assertEqual(left(), expected)
        shop.rondom("store", "verify", expect=0)
        self.assertEqual(self.exported(shop), exported)
        self.assertGreaterEqual(hits, KILLS - 1)
        self.assertGreater(halfway, 0, "none was between two transactions")

    def test_a_refresh_that_never_ended_holds_its_stream_and_says_so(self):
        shop = self.make("{ orders: 2y }", [order(i, 10 if i % 2 == 0 else 1000) for i in range(100)])
        self.run_all(shop)
        self.fill(shop, [order(0, 10)])  # a guard stops before the first is taken away, and the refresh stays open
        report = json.loads(shop.rondom("-q", "run", "--all", "-o", "json", expect=5).stdout)
        accept = next(job["accept"] for job in report["jobs"] if job["job"] == "shop")
        looked = json.loads(shop.rondom("store", "prune", "--dry-run", "-o", "json", expect=0).stdout)
        self.assertEqual((looked["held"], looked["would_go"]), (["shop.orders"], {}))
        said = shop.rondom("store", "prune", "--dry-run", expect=0).stdout.decode()
        self.assertIn("nothing of shop.orders is forgotten", said)
        told = json.loads(shop.rondom("store", "prune", "--yes", "-o", "json", expect=0).stdout)
        self.assertEqual((told["held"], told["forgotten"]), (["shop.orders"], {}))
        self.assertEqual(self.stored_orders(shop), 100)
        report = json.loads(shop.rondom("-q", "run", "--all", "-o", "json", expect=5).stdout)
        self.assertEqual(report["retention"]["held"], ["shop.orders"])
        self.assertIn("nothing of shop.orders is forgotten", shop.rondom("run", "--all", expect=5).stdout.decode())
        (shop.folder / "out").mkdir()
        findings = json.loads(shop.rondom("doctor", "-o", "json", expect=0).stdout)
        self.assertIn("stream shop.orders is in the middle of reading everything again", json.dumps(findings))

        self.fill(shop, [order(i, 10 if i % 2 == 0 else 1000) for i in range(100)])
        report = self.run_all(shop)
        self.assertNotIn("held", report.get("retention", {}))
        told = json.loads(shop.rondom("store", "prune", "--yes", "-o", "json", expect=0).stdout)
        self.assertEqual(told["held"], [])
        self.assertEqual(self.stored_orders(shop), 50)
        self.assertNotIn("in the middle", shop.rondom("doctor", "-o", "json", expect=0).stdout.decode())

    def test_an_age_that_was_taken_out_is_asked_for_again(self):
        shop = self.make("{ orders: 2y }", [order(1, 10)])
        self.run_all(shop)
        shop.rondom("store", "prune", "--yes", expect=0)
        for between in ("", "{ orders: 10y }"):
            self.say(shop, between)
            self.fill(shop, [order(1, 10), order(2, 1000)])
            self.run_all(shop)
            self.say(shop, "{ orders: 2y }")
            self.assertEqual(self.run_all(shop)["retention"], {"forgotten": {}, "waiting": ["orders"]}, between)
            self.assertEqual(self.stored_orders(shop), 2)
            shop.rondom("store", "prune", "--yes", expect=0)
            self.assertEqual(self.stored_orders(shop), 1)

    def test_a_clock_that_leaps_makes_nothing_old(self):
        for days in (40, -2):  # how far the runs before are behind it
            with self.subTest(days=days):
                shop = self.became_too_old()
                with contextlib.closing(sqlite3.connect(shop.folder / "var/rondom.db")) as database, database:
                    database.execute("UPDATE run SET started_at = started_at - ?", (days * 86_400_000_000,))
                retention = self.run_all(shop)["retention"]
                self.assertIn("the clock is a month ahead", retention["note"])
                self.assertEqual(retention["forgotten"], {})
                self.assertEqual(self.stored_orders(shop), 2)
                shop.rondom("store", "prune", "--yes", expect=0)  # it is right
                self.assertEqual(self.stored_orders(shop), 1)

    def test_reading_little_by_little_is_reading_all_at_once(self):
        orders = [order(i, 100 * i, 1) for i in range(1, 20)]
        kept = "{ orders: 2y, versions: 1y, raw: 1y }"
        slow = self.make("{ orders: 2y }")
        for end in (5, 12, 19):
            self.fill(slow, orders[:end])
            self.run_all(slow)
            slow.rondom("store", "prune", "--yes", expect=0)
        self.say(slow, kept)
        slow.rondom("store", "prune", "--yes", expect=0)
        self.run_all(slow)
        never = self.make(kept, orders)
        self.run_all(never)
        at_once = self.make(kept)
        self.run_all(at_once)
        at_once.rondom("store", "prune", "--yes", expect=0)
        self.fill(at_once, orders)
        self.run_all(at_once)
        self.assertEqual(self.stored_orders(never), 19)
        self.assertEqual(self.stored_orders(slow), 7)
        self.assertEqual(self.stored_orders(at_once), 7)
        self.assertEqual(self.exported(slow), self.exported(at_once))
        self.assertEqual(self.exported(slow), self.exported(never), "pruned or not, it counts the same")

    def test_looking_further_back_than_what_is_kept_is_told(self):
        shop = self.make("{ orders: 300d }")
        for words in (("validate",), ("plan",)):
            if words == ("plan",):
                self.run_all(shop)
            said = shop.rondom(*words, expect=0).stderr.decode()
            self.assertIn("orders are kept 300d, and further back look", said)
            for what in ("orders_ever (any time)", "orders_1y (365d)", "orders_{year} (2019)"):
                self.assertIn(what, said)
            self.assertIn("rondom.yaml:", said)
        self.say(shop, "{ orders: 2y }")
        said = shop.rondom("validate", expect=0).stderr.decode()
        self.assertNotIn("orders_1y", said)
        self.assertIn("orders_ever (any time)", said)
        self.say(shop, "{ events: 30d }")
        self.assertEqual(shop.rondom("validate", expect=0).stderr, b"")

    def test_tables_look_back_and_parts_do_as_who_reads_them(self):
        shop = self.make("{ orders: 300d }")
        words = "definition: Of them., owner: shop@acme.example"
        shop.write("attributes/all.yaml", f"""
            large: {{ {words}, type: orders, value: ".orders | where(.total | exists)" }}
            large_ever: {{ {words}, type: integer, value: .large | count }}
            large_lately: {{ {words}, type: integer, value: ".large | within(30d) | count" }}
            decided:
              definition: One of two.
              owner: shop@acme.example
              type: text
              rules:
                - {{ when: .orders | exists, value: bought, because: Bought. }}
                - {{ value: new, because: Did not. }}
            """)
        said = shop.rondom("validate", expect=0).stderr.decode()
        self.assertIn("further back look large_ever (any time), decided (any time)\n", said)

    def test_what_is_no_kind_and_no_age_is_refused_in_place(self):
        for retention, said in (("{ order: 2y }", "did you mean orders?"), ("{ orders: 6m }", "must be days, weeks or years"),
                                ("{ runs: 0d }", "must be days"), ("{ orders: 2 years }", "must be days")):
            shop = self.make(retention)
            refused = shop.rondom("validate", expect=78).stderr.decode()
            self.assertIn(said, refused)
            self.assertIn("^", refused)
        self.make("{ orders: forever, events: 6w, runs: 30d }").rondom("validate", expect=0)

    def test_sizes_and_what_they_will_be(self):
        shop = self.make("{ orders: 2y }", [order(i, 100) for i in range(300)])
        self.run_all(shop)
        sizes = json.loads(shop.rondom("store", "size", "-o", "json", expect=0).stdout)
        kinds = {kind["kind"]: kind for kind in sizes["kinds"]}
        self.assertEqual(kinds["orders"]["rows"], 300)
        self.assertEqual(kinds["orders"]["kept_days"], 732)
        self.assertIsNone(kinds["orders"]["bytes_a_day"], "one run tells no pace")
        self.assertEqual(kinds["people and what stands of them"]["rows"], 1)
        taken = (shop.folder / "var/rondom.db").stat().st_size
        self.assertLess(abs(sizes["bytes"] - taken), 0.1 * taken)
        text = shop.rondom("store", "size", expect=0).stdout.decode()
        self.assertIn("three runs", text)

        # Three runs in ten days, with a hundred orders a day.
        orders = [order(i, 100) for i in range(1300)]
        self.fill(shop, orders[:800])
        self.run_all(shop)
        self.fill(shop, orders)
        self.run_all(shop)
        with sqlite3.connect(shop.folder / "var/rondom.db") as database:
            database.execute("UPDATE run SET started_at=started_at-10*86400000000 WHERE ordinal=1")
        sizes = json.loads(shop.rondom("store", "size", "-o", "json", expect=0).stdout)
        orders = {kind["kind"]: kind for kind in sizes["kinds"]}["orders"]
        each = orders["bytes"] / orders["rows"]
        self.assertAlmostEqual(orders["bytes_a_day"], 100 * each, delta=5 * each)
        soon, late = orders["in_days"]["30"], orders["in_days"]["365"]
        self.assertEqual(soon["bytes"], soon["if_nothing_is_forgotten"])
        self.assertAlmostEqual(soon["bytes"], orders["bytes"] + 3000 * each, delta=200 * each)
        self.assertEqual(late["bytes"], late["if_nothing_is_forgotten"], "nothing is 732 days old by then")
        # They are a hundred days old: of those kept 200 days, all that is here is gone in a year.
        self.say(shop, "{ orders: 200d }")
        sizes = json.loads(shop.rondom("store", "size", "-o", "json", expect=0).stdout)
        late = {kind["kind"]: kind for kind in sizes["kinds"]}["orders"]["in_days"]["365"]
        self.assertAlmostEqual(late["bytes"], 200 * 100 * each, delta=1500 * each)
        self.assertIn("if nothing were forgotten", shop.rondom("store", "size", expect=0).stdout.decode())


if __name__ == "__main__":
    unittest.main()
