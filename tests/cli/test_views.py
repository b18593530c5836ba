"""Profiles and attributes as tables that analysts read with SQL."""
import json
import os
import signal
import sqlite3
import stat
import subprocess
import unittest

import project

SETTINGS = """
    project: shop
    defaults: { country: NL, currency: EUR }
    connections:
      shop: { connector: file, config: { path: in } }
    """

SOURCE = """
    job: shop
    source: shop
    streams:
      - stream: customers
        options: { path: customers.jsonl, mode: full }
        key: .id
        entity: person
        map: { name.given: .given, name.surname: .surname, email: .email, birth_date: .born, custom.tier: .tier }
      - stream: companies
        options: { path: companies.jsonl, mode: full }
        key: .id
        entity: organization
        map: { name: .name, email: .email }
      - stream: orders
        options: { path: orders.jsonl, mode: full }
        key: .id
        entity: order
        map: { party: { to: customers, key: .customer }, at: .at, total: .total | money("EUR") }
    """

VALUE = """
    spend: { definition: Ever., owner: shop@acme.example, type: money, value: .orders | sum(.total) }
    orders_made: { definition: Ever., owner: shop@acme.example, type: integer, value: .orders | count, when_missing: 0 }
    is_buyer: { definition: Ever., owner: shop@acme.example, type: boolean, value: .orders | exists }
    last_at: { definition: Last., owner: shop@acme.example, type: time, value: (.orders | latest).at }
    """

PEOPLE = [{"id": i, "given": f"Anna{i}", "surname": "O'Neill", "email": f"anna{i}@example.com",
           "born": "1980-02" if i == 1 else None, "tier": "go\\ld \"x\""} for i in range(1, 4)]
ORDERS = [{"id": 1, "customer": 1, "at": "2026-01-02T10:00:00Z", "total": 12.5},
          {"id": 2, "customer": 1, "at": "2026-02-02T10:00:00Z", "total": 7.49}]


class Views(unittest.TestCase):
    def make(self, views, attributes=VALUE, store=""):
        shop = project.Project(self)
        shop.write("jobs/shop.yaml", SOURCE)
        shop.write("attributes/value.yaml", attributes)
        shop.write("in/customers.jsonl", "".join(json.dumps(one) + "\n" for one in PEOPLE))
        shop.write("in/companies.jsonl", json.dumps({"id": 9, "name": "Acme", "email": "info@acme.example"}) + "\n")
        shop.write("in/orders.jsonl", "".join(json.dumps(one) + "\n" for one in ORDERS))
        self.say(shop, views, store)
        return shop

    def say(self, shop, views, store=""):
        shop.write("rondom.yaml", SETTINGS)
        with open(shop.folder / "rondom.yaml", "a", encoding="utf-8") as settings:
            settings.write(f"views: {views}\n" + (f"store: {store}\n" if store else ""))

    def ask(self, shop, sql, file="analysts/shop.db"):
        with sqlite3.connect(f"file:{shop.folder / file}?mode=ro", uri=True) as database:
            return database.execute(sql).fetchall()

    def check(self, ask):
        """The same answers from either database."""
        spend = "SELECT c.name_given, v.spend, v.spend_currency, v.orders_made, v.is_buyer FROM customers c " \
                "JOIN attributes_value v USING (profile_id) ORDER BY 1"
        self.assertEqual(ask(spend), [("Anna1", 19.99, "EUR", 2, 1), ("Anna2", None, None, 0, 0), ("Anna3", None, None, 0, 0)])
        self.assertEqual(ask("SELECT name_surname, email, birth_date, custom FROM customers WHERE name_given='Anna1'"),
                         [("O'Neill", "anna1@example.com", "1980-02", json.dumps({"tier": "go\\ld \"x\""}, separators=(",", ":")))])
        self.assertEqual(ask("SELECT last_at FROM attributes_value WHERE orders_made=2"), [("2026-02-02T10:00:00Z",)])
        self.assertEqual(ask("SELECT count(*) FROM organizations"), [(1,)])
        self.assertEqual(ask("SELECT profiles FROM about"), [(4,)])

    def test_a_run_leaves_tables_that_anybody_can_read(self):
        shop = self.make("{ sqlite: analysts/shop.db }")
        report = json.loads(shop.rondom("-q", "run", "--all", "-o", "json", expect=0).stdout)
        self.assertEqual(report["views"]["profiles"], 4)
        self.check(lambda sql: self.ask(shop, sql))
        file = shop.folder / "analysts/shop.db"
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o600)
        self.assertEqual(os.listdir(shop.folder / "analysts"), ["shop.db"])
        # Somebody who has it open goes on in what was; who opens it anew sees what is. Its mode is its owner's.
        os.chmod(file, 0o640)
        count = "SELECT count(*) FROM customers"
        shop.write("in/customers.jsonl", "".join(
            json.dumps(dict.fromkeys(PEOPLE[0]) | {"id": i, "email": f"anna{i}@example.com"}) + "\n" for i in range(1, 401)))
        shop.rondom("-q", "run", "--all", expect=0)
        open_one = sqlite3.connect(f"file:{file}?mode=ro", uri=True)
        self.addCleanup(open_one.close)
        self.assertEqual(open_one.execute(count).fetchall(), [(400,)])
        shop.write("in/customers.jsonl", json.dumps(PEOPLE[0]) + "\n")
        report = json.loads(shop.rondom("-q", "run", "--all", "-o", "json", expect=5).stdout)
        guard = next(job["accept"] for job in report["jobs"] if job["job"] == "shop")
        shop.rondom("-q", "run", "--all", "--accept", guard, expect=0)
        self.assertEqual(open_one.execute(count).fetchall(), [(400,)])
        self.assertEqual(self.ask(shop, count), [(1,)])
        self.assertEqual(stat.S_IMODE(file.stat().st_mode), 0o640)

    def test_an_environment_with_a_store_of_its_own_has_views_of_its_own(self):
        shop = self.make("{ sqlite: analysts/shop.db }")
        shop.write("env/shared.yaml", "deliver: capture\n")
        shop.write("env/test.yaml", "store: { sqlite: var/test.db }\n")
        shop.rondom("-q", "run", "--all", expect=0)
        made = (shop.folder / "analysts/shop.db").stat().st_ino
        shop.rondom("--env", "shared", "views", "refresh", expect=0)  # of the same store
        self.assertNotEqual((shop.folder / "analysts/shop.db").stat().st_ino, made)
        report = json.loads(shop.rondom("--env", "test", "-q", "run", "--all", "-o", "json", expect=0).stdout)
        self.assertIn("the views of another project or environment than shop (test)", report["views"]["note"])
        shop.rondom("--env", "test", "views", "refresh", expect=78)
        self.check(lambda sql: self.ask(shop, sql))
        shop.rondom("views", "refresh", expect=0)
        # Named by a variable, each has a file of its own.
        self.say(shop, "{ sqlite: \"analysts/${var:views}.db\" }", '{ sqlite: "var/${var:views}.db" }\nvars: { views: shop }')
        shop.write("env/test.yaml", "vars: { views: test }\n")
        for words in ((), ("--env", "test")):
            shop.rondom(*words, "-q", "run", "--all", expect=0)
            shop.rondom(*words, "views", "refresh", expect=0)
        self.check(lambda sql: self.ask(shop, sql, "analysts/test.db"))
        self.say(shop, "{ sqlite: analysts/test.db }", '{ sqlite: "var/${var:views}.db" }\nvars: { views: shop }')
        self.assertIn(b"another project or environment than shop;", shop.rondom("views", "refresh", expect=78).stderr)

    def test_only_when_asked(self):
        shop = self.make("{ sqlite: analysts/shop.db, refresh: never }")
        self.assertNotIn("views", json.loads(shop.rondom("-q", "run", "--all", "-o", "json", expect=0).stdout))
        self.assertFalse((shop.folder / "analysts").exists())
        told = json.loads(shop.rondom("views", "refresh", "-o", "json", expect=0).stdout)
        self.assertEqual((told["profiles"], told["views"], told["place"]), (4, 4, "analysts/shop.db"))
        self.check(lambda sql: self.ask(shop, sql))
        with_none = self.make("{ sqlite: analysts/shop.db }")
        with_none.write("rondom.yaml", SETTINGS)
        with_none.rondom("-q", "run", "--all", expect=0)
        self.assertIn(b"views", with_none.rondom("views", "refresh", expect=2).stderr)

    def test_hundreds_of_attributes_are_one_view_over_small_tables(self):
        many = "".join(f"a{i:03}: {{ definition: One., owner: shop@acme.example, type: integer, "
                       f"value: .orders | count, when_missing: 0 }}\n" for i in range(400))
        shop = self.make("{ sqlite: analysts/shop.db }", many)
        shop.rondom("-q", "run", "--all", expect=0)
        columns = [name for _, name, *_ in self.ask(shop, "PRAGMA table_info(attributes_value)")]
        self.assertEqual(columns, ["profile_id"] + [f"a{i:03}" for i in range(400)])
        tables = [name for name, in self.ask(shop, "SELECT name FROM sqlite_schema WHERE type='table' AND name LIKE 'kept_attributes_value%'")]
        self.assertEqual(len(tables), 3)
        for name in tables:
            self.assertLessEqual(len(self.ask(shop, f"PRAGMA table_info({name})")), 150)
        self.assertEqual(self.ask(shop, "SELECT a000, a399 FROM attributes_value ORDER BY 1 DESC LIMIT 1"), [(2, 2)])

    def test_what_cannot_be_written_leaves_what_was(self):
        shop = self.make("{ sqlite: analysts/shop.db }")
        shop.rondom("-q", "run", "--all", expect=0)
        self.say(shop, "{ sqlite: in/orders.jsonl/shop.db }")
        report = json.loads(shop.rondom("-q", "run", "--all", "-o", "json", expect=0).stdout)
        self.assertIn("cannot be written", report["views"]["note"])
        shop.rondom("views", "refresh", expect=69)
        self.check(lambda sql: self.ask(shop, sql))

    def test_the_store_is_never_replaced(self):
        shop = self.make("{ sqlite: analysts/shop.db }")
        shop.rondom("-q", "run", "--all", expect=0)
        store = shop.folder / "var/rondom.db"
        os.symlink("var", shop.folder / "same")
        before = store.stat().st_ino
        for name in ("./var/rondom.db", "in/../var/rondom.db", "same/rondom.db", str(store), "var/rondom.db-wal",
                     "var/rondom.db-shm", "var/rondom.db.lock", "var/rondom.db.schema-1", "var/rondom.db-journal"):
            with self.subTest(name):
                self.say(shop, f"{{ sqlite: {name} }}")
                self.assertIn(b"the views cannot be in", shop.rondom("validate", expect=78).stderr)
                shop.rondom("-q", "run", "--all", expect=78)
                shop.rondom("views", "refresh", expect=78)
                self.assertEqual(store.stat().st_ino, before)
        os.link(store, shop.folder / "analysts/hard.db")
        self.say(shop, "{ sqlite: analysts/hard.db }")
        shop.rondom("views", "refresh", expect=78)
        self.assertTrue(os.path.samefile(store, shop.folder / "analysts/hard.db"))
        self.say(shop, "{ sqlite: analysts/shop.db }")
        shop.rondom("views", "refresh", expect=0)

    def test_a_file_that_is_not_ours_is_never_replaced(self):
        shop = self.make("{ sqlite: analysts/shop.db }")
        shop.rondom("-q", "run", "--all", expect=0)
        shop.write("analysts/empty.db", "")
        sqlite3.connect(shop.folder / "analysts/own.db").execute("CREATE TABLE own(a)").connection.close()
        os.symlink("shop.db", shop.folder / "analysts/link.db")
        for name in ("jobs/shop.yaml", "in/customers.jsonl", "analysts/empty.db", "analysts/own.db", "analysts/link.db"):
            with self.subTest(name):
                file = shop.folder / name
                before = (file.lstat().st_ino, file.read_bytes())
                self.say(shop, f"{{ sqlite: {name} }}")
                report = json.loads(shop.rondom("-q", "run", "--all", "-o", "json", expect=0).stdout)
                self.assertIn(name, report["views"]["note"])
                self.assertIn(name.encode(), shop.rondom("views", "refresh", expect=78).stderr)
                self.assertEqual((file.lstat().st_ino, file.read_bytes()), before)
        self.check(lambda sql: self.ask(shop, sql))

    def held(self, shop):
        """A refresh that stands still while it writes."""
        for _ in range(50):
            writer = subprocess.Popen([str(project.RONDOM), "-C", str(shop.folder), "views", "refresh"],
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            self.addCleanup(lambda one=writer: (one.poll() is None and one.kill(), one.wait()))
            while writer.poll() is None:
                if any("building" in name for name in os.listdir(shop.folder / "analysts")):
                    writer.send_signal(signal.SIGSTOP)
                    os.waitid(os.P_PID, writer.pid, os.WSTOPPED | os.WEXITED | os.WNOWAIT)
                    if writer.poll() is None and any("building" in name for name in os.listdir(shop.folder / "analysts")):
                        return writer
                    writer.send_signal(signal.SIGCONT)
                    writer.wait()
        self.fail("it was never caught")

    def test_two_at_once_and_one_that_was_killed(self):
        shop = self.make("{ sqlite: analysts/shop.db }")
        shop.rondom("-q", "run", "--all", expect=0)
        writer = self.held(shop)
        shop.rondom("views", "refresh", expect=0)
        self.check(lambda sql: self.ask(shop, sql))
        writer.send_signal(signal.SIGCONT)
        self.assertEqual(writer.wait(), 0)
        self.check(lambda sql: self.ask(shop, sql))
        self.assertEqual(os.listdir(shop.folder / "analysts"), ["shop.db"])
        # What one leaves that was killed goes with the next; a file of somebody else stays.
        writer = self.held(shop)
        writer.kill()
        writer.wait()
        self.assertEqual(len(os.listdir(shop.folder / "analysts")), 2)
        shop.write("analysts/shop.db.building-theirs", "Theirs.")
        shop.rondom("views", "refresh", expect=0)
        self.assertEqual(sorted(os.listdir(shop.folder / "analysts")), ["shop.db", "shop.db.building-theirs"])
        self.check(lambda sql: self.ask(shop, sql))

    def test_what_an_analyst_wrote_is_not_played_into_the_next(self):
        shop = self.make("{ sqlite: analysts/shop.db }")
        shop.rondom("-q", "run", "--all", expect=0)
        file = shop.folder / "analysts/shop.db"
        analyst = sqlite3.connect(file, isolation_level=None)
        self.addCleanup(analyst.close)
        analyst.execute("PRAGMA journal_mode=WAL")
        analyst.execute("CREATE TABLE mine AS SELECT * FROM customers")
        self.assertIn("shop.db-wal", os.listdir(file.parent))
        shop.rondom("views", "refresh", expect=0)
        self.assertEqual(os.listdir(file.parent), ["shop.db"])
        self.assertEqual(self.ask(shop, "SELECT name FROM sqlite_schema WHERE name='mine'"), [])
        self.assertEqual(self.ask(shop, "PRAGMA integrity_check"), [("ok",)])
        self.check(lambda sql: self.ask(shop, sql))
        self.assertEqual(analyst.execute("SELECT count(*) FROM mine").fetchall(), [(3,)])

    def test_names_that_collide_are_found_before_anything_runs(self):
        owned = "definition: One., owner: shop@acme.example"
        count = f"{{ {owned}, type: integer, value: .orders | count, when_missing: 0 }}"
        money = f"{{ {owned}, type: money, value: .orders | sum(.total) }}"
        for files, word in (({"value": f"profile_id: {count}\n"}, "profile_id"),
                            ({"value": f"spend: {money}\nspend_currency: {count}\n"}, "spend_currency"),
                            ({"all": f"a: {count}\n", "All": f"b: {count}\n"}, "attributes_")):
            with self.subTest(word):
                shop = self.make("{ sqlite: analysts/shop.db }")
                os.remove(shop.folder / "attributes/value.yaml")
                for name, text in files.items():
                    shop.write(f"attributes/{name}.yaml", text)
                said = shop.rondom("validate", expect=78).stderr.decode()
                self.assertIn("view", said)
                self.assertIn(word, said)
                shop.write("rondom.yaml", SETTINGS)  # nobody's views, nobody's columns
                shop.rondom("validate", expect=0)

    def psql(self, server, text, user="rondom"):
        done = subprocess.run([str(server.programs / "psql"), "-h", str(server.folder), "-U", user, "-d", "shop", "-v",
                               "ON_ERROR_STOP=1", "-X", "-q", "-At", "-c", text], stdout=subprocess.PIPE,
                              stderr=subprocess.PIPE, check=False, timeout=60)
        return done.returncode, done.stdout.decode(), done.stderr.decode()

    def ask_server(self, server, sql, user="rondom"):
        code, out, error = self.psql(server, f"SET search_path TO rondom_views; SELECT coalesce(json_agg(q), '[]') FROM ({sql}) q", user)
        self.assertEqual(code, 0, error)
        return [tuple(row.values()) for row in json.loads(out)]

    def test_postgresql_and_a_role_that_may_only_look(self):
        server = project.PrivatePostgresql(self)
        dsn = server.database("shop")
        shop = self.make(f'{{ postgresql: "{dsn}" }}')
        shop.rondom("-q", "run", "--all", expect=0)

        def psql(text, user="rondom"):
            return self.psql(server, text, user)

        def ask(sql, user="rondom"):
            return self.ask_server(server, sql, user)
        self.check(ask)
        psql("CREATE ROLE analyst LOGIN; GRANT USAGE ON SCHEMA rondom_views TO analyst; "
             "GRANT SELECT ON rondom_views.customers, rondom_views.attributes_value, rondom_views.organizations, "
             "rondom_views.about TO analyst")
        shop.rondom("views", "refresh", expect=0)
        self.check(lambda sql: ask(sql, "analyst"))  # what was granted stays
        self.assertNotEqual(psql("DELETE FROM rondom_views.customers", "analyst")[0], 0)
        # A column less: the view is made anew; a file less: it goes, and the tables of before are gone.
        shop.write("attributes/value.yaml", VALUE.replace("orders_made", "made"))
        shop.rondom("views", "refresh", expect=0)
        self.assertEqual(ask("SELECT sum(made) FROM attributes_value"), [(2,)])
        os.remove(shop.folder / "attributes/value.yaml")
        shop.rondom("views", "refresh", expect=0)
        self.assertEqual(psql("SELECT viewname FROM pg_views WHERE schemaname='rondom_views' ORDER BY 1")[1].split(),
                         ["about", "customers", "organizations"])
        tables = psql("SELECT count(*) FROM pg_tables WHERE schemaname='rondom_views' AND tablename LIKE 'kept%'")[1]
        self.assertEqual(tables.strip(), "3")

        # Somebody who reads on in a transaction is not waited for without end, and nobody waits behind us.
        reader = subprocess.Popen([str(server.programs / "psql"), "-h", str(server.folder), "-U", "rondom", "-d", "shop", "-X",
                                   "-q", "-At"], stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.addCleanup(lambda: (reader.poll() is None and reader.kill(), reader.wait(), reader.stdin.close(), reader.stdout.close()))
        reader.stdin.write(b"BEGIN; SELECT count(*) FROM rondom_views.customers;\n")
        reader.stdin.flush()
        self.assertEqual(reader.stdout.readline(), b"3\n")
        writer = subprocess.Popen([str(project.RONDOM), "-C", str(shop.folder), "views", "refresh"], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.PIPE)
        self.addCleanup(lambda: (writer.poll() is None and writer.kill(), writer.wait(), writer.stderr.close()))
        waits, meanwhile = False, 0
        while writer.poll() is None:
            if not waits:
                waits = psql("SELECT count(*) FROM pg_locks WHERE NOT granted")[1].strip() != "0"
                continue
            self.assertEqual(ask("SELECT count(*) FROM customers"), [(3,)])
            meanwhile += writer.poll() is None
        self.assertEqual(writer.returncode, 75)
        self.assertIn(b"views are as they were", writer.stderr.read())
        self.assertGreater(meanwhile, 6)
        self.assertEqual(ask("SELECT profiles FROM about"), [(4,)])
        reader.stdin.write(b"COMMIT;\n")
        reader.stdin.close()
        self.assertEqual(reader.wait(), 0)
        shop.rondom("views", "refresh", expect=0)

    def test_postgresql_where_others_have_something(self):
        server = project.PrivatePostgresql(self)
        dsn = server.database("shop")
        shop = self.make(f'{{ postgresql: "{dsn}" }}')
        self.assertEqual(self.psql(server, "CREATE SCHEMA rondom_views; CREATE TABLE rondom_views.kept_notes(note text); "
                                           "CREATE VIEW rondom_views.customers AS SELECT 'theirs' AS note")[0], 0)
        note = json.loads(shop.rondom("-q", "run", "--all", "-o", "json", expect=0).stdout)["views"]["note"]
        self.assertIn("customers", note)
        self.assertEqual(self.ask_server(server, "SELECT * FROM customers"), [("theirs",)])
        self.assertEqual(self.psql(server, "DROP VIEW rondom_views.customers")[0], 0)
        for _ in range(2):
            shop.rondom("views", "refresh", expect=0)
            self.assertEqual(self.ask_server(server, "SELECT count(*) FROM kept_notes"), [(0,)])
        self.check(lambda sql: self.ask_server(server, sql))
        # Another project's are not replaced.
        other = self.make(f'{{ postgresql: "{dsn}" }}')
        other.write("rondom.yaml", (other.folder / "rondom.yaml").read_text(encoding="utf-8").replace("project: shop", "project: other"))
        other.write("in/customers.jsonl", "")
        note = json.loads(other.rondom("-q", "run", "--all", "-o", "json", expect=0).stdout)["views"]["note"]
        self.assertIn("project shop", note)
        other.rondom("views", "refresh", expect=78)
        self.check(lambda sql: self.ask_server(server, sql))
        # Nor are they by an environment that has a store of its own.
        shop.write("env/test.yaml", "store: { sqlite: var/test.db }\n")
        shop.rondom("--env", "test", "-q", "run", "--all", expect=0)
        self.assertIn(b"these are of shop (test)", shop.rondom("--env", "test", "views", "refresh", expect=78).stderr)
        self.check(lambda sql: self.ask_server(server, sql))


if __name__ == "__main__":
    unittest.main()
