"""The sql source against real servers: PostgreSQL, MariaDB and SQLite files."""
import json
import os
import pathlib
import signal
import sqlite3
import subprocess
import sys
import time
import unittest

from databases import PASSWORD, Mariadb, Postgresql, Sqlite
from project import RONDOM, Project

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
TYPES = {
    "postgresql": ("""
        CREATE TABLE kinds (id int PRIMARY KEY, big bigint, amount numeric(30,10), ratio double precision, yes boolean,
          day date, local timestamp, moment timestamptz, doc jsonb, tags text[], counts int[], raw bytea, word text,
           nothing text);
        INSERT INTO kinds VALUES (1, 9223372036854775807, 12.50, 0.1, true, '2026-03-14', '2026-03-14 10:00:00.5',
          '2026-03-14 10:00:00+01', '{"a": [1, null]}', '{"a,b",NULL,"c\\"d"}', '{1,2}', '\\x00ff', 'Zoë "q"', NULL),
          (2, -1, 12345678901234567890.1234567891, 'NaN', false, 'infinity', NULL, 'infinity', 'null', '{}', NULL,
           '', '', NULL);
        """,
        {"id": 1, "big": 9223372036854775807, "amount": "number 12.5000000000", "ratio": "number 0.1", "yes": True,
         "day": "2026-03-14",
         "local": "2026-03-14T10:00:00.5", "moment": "2026-03-14T09:00:00Z", "doc": {"a": [1, None]},
         "tags": ["a,b", None, 'c"d'], "counts": [1, 2], "raw": "AP8=", "word": 'Zoë "q"', "nothing": None},
        {"id": 2, "big": -1, "amount": "12345678901234567890.1234567891", "ratio": "NaN", "yes": False,
         "day": "infinity",
         "local": None, "moment": "infinity", "doc": None, "tags": [], "counts": None, "raw": "", "word": "",
          "nothing": None}),
    "mariadb": ("""
        CREATE TABLE kinds (id int PRIMARY KEY, big bigint unsigned, amount decimal(30,10), ratio double, yes boolean,
          day date, local datetime(1), moment timestamp, doc json, bits bit(9), padded int(6) zerofill, raw blob,
           word text);
        SET time_zone = '+01:00'; SET sql_mode = '';
        INSERT INTO kinds VALUES (1, 9223372036854775807, 12.50, 0.1, true, '2026-03-14', '2026-03-14 10:00:00.5',
          '2026-03-14 10:00:00', '{"a": [1, null]}', b'100000001', 42, x'00ff', 'Zoë "q"'),
          (2, 18446744073709551615, 12345678901234567890.1234567891, 1e300, false, '0000-00-00', NULL, '2026-01-01',
           NULL,
           NULL, NULL, '', '');
        """,
        {"id": 1, "big": 9223372036854775807, "amount": "number 12.5000000000", "ratio": "number 0.1", "yes": True,
         "day": "2026-03-14",
         "local": "2026-03-14T10:00:00.5", "moment": "2026-03-14T09:00:00Z", "doc": {"a": [1, None]}, "bits": 257,
         "padded": 42, "raw": "AP8=", "word": 'Zoë "q"'},
        {"id": 2, "big": "18446744073709551615", "amount": "12345678901234567890.1234567891", "ratio": "1e300",
         "yes": False,
         "day": "0000-00-00", "local": None, "moment": "2025-12-31T23:00:00Z", "doc": None, "bits": None,
          "padded": None,
         "raw": "", "word": ""}),
    "sqlite": ("""
        CREATE TABLE kinds (id integer PRIMARY KEY, big bigint, amount decimal(10,2), ratio real, yes boolean, day date,
          local datetime, doc json, raw blob, word text);
        INSERT INTO kinds VALUES (1, 9223372036854775807, 12.5, 0.1, 1, '2026-03-14', '2026-03-14 10:00:00.5',
          '{"a": [1, null]}', x'00ff', 'Zoë "q"'), (2, -1, '1e5x', 1e300, 0, '', NULL, '{broken', x'', 7);
        """,
        {"id": 1, "big": 9223372036854775807, "amount": "number 12.5", "ratio": "number 0.1", "yes": True,
         "day": "2026-03-14", "local": "2026-03-14T10:00:00.5", "doc": {"a": [1, None]}, "raw": "AP8=", "word": 'Zoë "q"'},
        {"id": 2, "big": -1, "amount": "1e5x", "ratio": "1e+300", "yes": False, "day": "", "local": None,
         "doc": "{broken", "raw": "", "word": "7"}),
}


POINTS_MAX = 400
SANITIZED = bool(os.environ.get("RONDOM_SANITIZE"))


class Reads:
    """What every database must do; `self.db` is the server."""

    server = None

    @classmethod
    def setUpClass(cls):
        cls.db = cls.server(cls)

    def setUp(self):
        self.environment = {"RONDOM_SECRET_DB_PASSWORD": PASSWORD}

    def table(self, rows, name="orders", minute=1):
        """`rows` rows that all share one cursor value."""
        self.db.run(f"""DROP TABLE IF EXISTS {name};
            CREATE TABLE {name} (id int NOT NULL PRIMARY KEY, email varchar(100), updated_at {self.db.moment});
            INSERT INTO {name} SELECT n, 'klant@example.com', '2026-01-01 10:{minute:02d}:00' FROM
            ({self.db.numbers.format(count=rows)}) AS source;""")

    def project(self, options, config=None, stream="orders", cursor="cursor: .updated_at"):
        project = Project(self)
        project.write("rondom.yaml", f"""
            project: shop
            deliver: send
            secrets: [env]
            defaults: {{ country: NL, language: nl, currency: EUR, time_zone: UTC }}
            connections:
              db: {{ connector: sql, config: {json.dumps(config or self.db.config())} }}
            """)
        project.write("jobs/read.yaml", f"""
            job: read
            source: db
            streams:
              - stream: {stream}
                options: {json.dumps(options)}
                entity: person
                key: .id
                {cursor}
                map:
                  custom.email: .email
            """)
        return project

    def read(self, project, expect=0, **more):
        report = project.run_json("read", expect=expect, environment=self.environment, **more)
        return report["jobs"][0]["streams"][0]

    def failure(self, project, *verb):
        result = project.rondom(*(verb or ("run", "read")), environment=self.environment)
        self.assertNotEqual(0, result.returncode)
        text = (result.stdout + result.stderr).decode()
        self.assertNotIn(PASSWORD, text)
        return text

    def raw(self, project, limit=20):
        shown = project.rondom("-o", "json", "preview", "read", "--limit", limit, expect=0,
                               environment=self.environment).stdout
        return [one["raw"] for one in json.loads(shown)]

    def test_first_unchanged_incremental_with_ties_at_every_border(self):
        self.table(1_000)
        project = self.project({"cursor": "updated_at", "page_rows": 97, "overlap": 60})
        first = self.read(project)
        self.assertEqual((1_000, 1_000), (first["read"], first["new"]))
        again = self.read(project)  # the newest cursor value is read again: it may have grown since
        self.assertEqual((1_000, 1_000), (again["read"], again["unchanged"]))
        self.db.run(f"INSERT INTO orders VALUES (2001, 'new@example.com', '2026-01-01 11:00:00'); "
                    f"UPDATE orders SET email = 'changed@example.com', updated_at = {self.db.shift} WHERE id = 5;"
                    f"INSERT INTO orders VALUES (2002, 'undated@example.com', NULL);")
        third = self.read(project)
        self.assertEqual((2, 1), (third["new"], third["changed"]))
        fourth = self.read(project)  # only what lies within the overlap, and what has no date
        self.assertEqual((3, 3), (fourth["read"], fourth["unchanged"]))

    def test_full_refresh_sees_what_is_gone(self):
        self.table(50)
        project = self.project({"page_rows": 7})
        self.assertEqual(50, self.read(project)["new"])
        self.db.run("DELETE FROM orders WHERE id IN (7, 50)")
        second = self.read(project)
        self.assertEqual((48, 2), (second["unchanged"], second["tombstoned"]))

    def test_deleted_column_removes(self):
        self.table(20)
        self.db.run("ALTER TABLE orders ADD gone int")
        for options, cursor in (({"cursor": "updated_at", "deleted": "gone"}, "cursor: .updated_at"),
                                ({"deleted": "gone"}, "")):
            with self.subTest(options):
                self.db.run("UPDATE orders SET gone = NULL")
                project = self.project(options, cursor=cursor)
                self.assertEqual(20, self.read(project)["new"])
                self.db.run(f"UPDATE orders SET gone = 1, updated_at = {self.db.shift} WHERE id = 3")
                self.assertEqual(1, self.read(project)["deleted"])
                self.assertNotIn(b"/3\"", project.export())

    def test_a_word_that_says_no_deletes_nothing(self):
        self.table(6)
        self.db.run("ALTER TABLE orders ADD gone varchar(5)")
        for number, word in enumerate(("0", "N", "false", "No", "", "Y"), 1):
            self.db.run(f"UPDATE orders SET gone = '{word}' WHERE id = {number}")
        counts = self.read(self.project({"deleted": "gone"}, cursor=""))
        self.assertEqual((5, 1), (counts["new"], counts["deleted"]))

    def test_the_later_number_of_a_cursor_is_the_later_version(self):
        for kind, step in (("bigint", 1), ("decimal(12,2)", 0.25)):
            with self.subTest(kind):
                self.table(9)
                self.db.run(f"ALTER TABLE orders ADD place {kind}; ALTER TABLE orders ADD gone int")
                self.db.run("UPDATE orders SET place = id")
                project = self.project({"cursor": "place", "deleted": "gone"}, cursor="")
                self.assertEqual(9, self.read(project)["new"])
                for number, email in enumerate(("second@example.com", "third@example.com"), 1):
                    self.db.run(f"UPDATE orders SET email = '{email}', place = 9 + {number * step} WHERE id = 5")
                    counts = self.read(project)
                    self.assertEqual((1, 0), (counts["changed"], counts["quarantined"]))
                    self.assertEqual(1, self.values(project).count(email))
                self.db.run(f"UPDATE orders SET gone = 1, place = 9 + {3 * step} WHERE id = 5")
                self.assertEqual(1, self.read(project)["deleted"])
                self.db.run(f"UPDATE orders SET gone = 0, place = 9 + {4 * step} WHERE id = 5")
                self.assertEqual(1, self.read(project)["changed"])
                self.assertEqual(9, len(self.values(project)))

    def test_a_row_is_gone_when_its_clock_says_so_wherever_that_hangs(self):
        self.table(5)
        self.db.run("ALTER TABLE orders ADD gone int")
        for zone in ("America/New_York", "Europe/Amsterdam"):
            for cursor in ("cursor: .updated_at", ""):
                with self.subTest(zone=zone, cursor=cursor):
                    self.db.run("UPDATE orders SET gone = 0, updated_at = '2026-01-01 10:00:00'")
                    project = self.project({"cursor": "updated_at", "deleted": "gone"}, cursor=cursor)
                    settings = project.folder / "rondom.yaml"
                    settings.write_text(settings.read_text().replace("time_zone: UTC", f"time_zone: {zone}"))
                    self.assertEqual(5, self.read(project)["new"])
                    for minute, gone, counted in ((10, 1, "deleted"), (20, 0, "changed")):
                        self.db.run(f"UPDATE orders SET gone = {gone}, updated_at = '2026-01-01 10:{minute}:00' "
                                    "WHERE id = 3")
                        self.assertEqual(1, self.read(project)[counted], counted)

    def test_a_late_row_of_a_fractional_cursor(self):
        self.table(20)
        self.db.run("ALTER TABLE orders ADD place decimal(10,2)")
        self.db.run("UPDATE orders SET place = id + 0.5")
        project = self.project({"cursor": "place"}, cursor="")
        self.db.run("DELETE FROM orders WHERE id = 7")
        self.assertEqual(19, self.read(project)["new"])
        # It was being saved while the others were read.
        self.db.run("INSERT INTO orders VALUES (7, 'klant@example.com', '2026-01-01 10:01:00', 7.5)")
        self.assertEqual(1, self.read(project)["new"])

    def points(self, step):
        """Numbers of things that the connector says to the engine or its server, until a run has none of that number."""
        self.over = False
        for point in range(1, POINTS_MAX, step):
            yield point
            if self.over:
                return
        self.fail("a run says more than it should")

    @unittest.skipIf(SANITIZED, "a sanitizer interposes the C library itself")
    def test_killed_at_every_page(self):
        """Two points of each page at least: before and after what it says of it."""
        self.table(400)
        options = {"page_rows": 100}
        whole = self.project(options)
        self.read(whole)
        last = 0
        for point in self.points(2):
            project = self.project(options)
            with project.held_at(point, "run", "read", "--batch", "100", environment=self.environment) as held:
                self.over = not held.reached
                if held.reached:
                    last = point
                    held.kill()
            self.read(project)
            self.assertEqual(whole.export(), project.export(), point)
        project = self.project(options)
        inside = last - (3 if self.db.driver == "sqlite" else 8)  # more than a page before the end
        with project.held_at(inside, "run", "read", "--batch", "100", environment=self.environment) as held:
            self.assertTrue(held.becomes(lambda: any(state["after"] for state in project.checkpoints())))
            held.kill()
        self.assertLess(self.read(project)["read"], 400, "nothing was resumed")
        self.assertEqual(whole.export(), project.export())

    def test_rows_changed_between_pages_are_not_lost(self):
        self.table(400)
        project = self.project({"cursor": "updated_at", "page_rows": 10})
        self.read(project)
        self.db.run(f"UPDATE orders SET email = 'x@example.com', updated_at = {self.db.shift} WHERE id % 2 = 0")
        self.assertEqual(200, self.read(project)["changed"])
        self.assertEqual(0, self.read(project)["changed"])

    def values(self, project):
        return [json.loads(line)["values"]["custom"]["email"] for line in project.export().splitlines()]

    @unittest.skipIf(SANITIZED, "a sanitizer interposes the C library itself")
    def test_rows_that_change_while_pages_are_read(self):
        changed = 0
        for options, cursor in (({"cursor": "updated_at"}, "cursor: .updated_at"), ({}, "")):
            for point in self.points(4 if self.db.driver == "sqlite" else 9):
                with self.subTest(options=options, point=point):
                    self.table(400)
                    project = self.project({"page_rows": 50, **options}, cursor=cursor)
                    with project.held_at(point, "run", "read", "--batch", "50", environment=self.environment) as held:
                        self.over = not held.reached
                        if self.over:
                            break
                        try:
                            self.db.run(f"""BEGIN;
                                UPDATE orders SET email = 'early@example.com', updated_at = {self.db.shift} WHERE id = 1;
                                UPDATE orders SET email = 'late@example.com', updated_at = {self.db.shift} WHERE id = 400;
                                INSERT INTO orders SELECT 0, 'new@example.com', updated_at FROM orders WHERE id = 1;
                                {"DELETE FROM orders WHERE id = 399;" if not options else ""} COMMIT;""")
                        except sqlite3.OperationalError:  # it stands where it holds the file
                            continue
                    changed += 1
                    self.assertEqual(0, held.engine.returncode)
                    self.assertGreaterEqual(1, self.values(project).count("late@example.com"))
                    second = self.read(project)
                    values = self.values(project)
                    for email in ("early@example.com", "late@example.com", "new@example.com"):
                        self.assertEqual(1, values.count(email), email)
                    self.assertEqual((401 if options else 400, 0), (len(values), second["quarantined"]))
        self.assertGreater(changed, 4)

    def test_types(self):
        made, *rows = TYPES[self.db.driver]
        self.db.run(made)
        project = self.project({"key": ["id"]}, stream="kinds", cursor="")
        project.write("jobs/read.yaml", (project.folder / "jobs/read.yaml").read_text().replace(".email", ".word"))
        for expected, raw in zip(rows, self.raw(project), strict=True):
            got = json.loads(raw, parse_float=lambda digits: f"number {digits}")
            self.assertEqual(list(expected), list(got))
            self.assertEqual(expected, got)

    def test_errors_say_where_and_why(self):
        self.table(3)
        self.assertIn("did you mean orders?", self.failure(self.project({}, stream="ordrs")))
        self.assertIn("did you mean updated_at?", self.failure(self.project({"cursor": "update_at"})))
        for query, why in (("DELETE FROM orders", "line 1, column 1: a query begins with SELECT or WITH"),
                           ("SELECT 1; SELECT 2", "line 1, column 11: only one statement"),
                           ("SELECT 1) x; DROP TABLE orders", "line 1, column 9: a ) without its ("),
                           ("SELECT id\nFORM orders WHERE", "line 2")):
            self.assertIn(why, self.failure(self.project({"query": query, "key": ["id"]})))
        self.assertIn("two rows have the same key",
                      self.failure(self.project({"query": "SELECT 1 AS id, email FROM orders", "key": ["id"]})))
        self.assertIn("key", self.failure(self.project({"query": "SELECT 1"})))

    def test_discovered(self):
        self.table(3)
        shown = self.project({}).rondom("-o", "json", "discover", "db", expect=0, environment=self.environment).stdout
        orders = next(one for one in json.loads(shown)["streams"] if one["stream"] == "orders")
        self.assertEqual(["id"], orders["key"])
        self.assertEqual([("id", "integer"), ("email", "text"), ("updated_at", "time")],
                         [(field["name"], field["type"]) for field in orders["fields"]])

    def test_example_and_preset(self):
        self.db.run("""DROP TABLE IF EXISTS orders; DROP TABLE IF EXISTS customer;
            CREATE TABLE customer (id int PRIMARY KEY, firstname text, lastname text, email text);
            CREATE TABLE orders (id int PRIMARY KEY, customer_id int, created_at timestamp NULL,
              updated_at timestamp NULL, state varchar(20), total decimal(12,4), currency char(3));
            INSERT INTO customer VALUES (1, 'Anna', 'Bakker', 'anna@example.com'),
              (2, 'Bram', 'Vos', 'bram@example.com');
            INSERT INTO orders VALUES (10, 1, '2026-03-01 09:00:00', '2026-03-02 09:00:00', 'complete', 12.5000, 'EUR'),
              (11, 2, '2026-03-01 10:00:00', '2026-03-01 10:00:00', 'pending', 0.10, 'EUR'),
              (12, NULL, '2026-03-01 10:00:00', '2026-03-01 10:00:00', 'pending', 3, 'EUR');""")
        project = self.project({})
        settings = (project.folder / "rondom.yaml").read_text()
        project.write("rondom.yaml", settings.replace("  db: {", "  webshop: {"))
        (project.folder / "jobs/read.yaml").unlink()
        project.write("jobs/webshop.yaml", (SOURCE / "plugins/sql/example/webshop.yaml").read_text())
        project.write("sql/orders.sql", (SOURCE / "plugins/sql/example/orders.sql").read_text())
        project.rondom("validate", expect=0, environment=self.environment)
        report = project.run_json("webshop", expect=0, environment=self.environment)
        streams = {one["stream"]: one for one in report["jobs"][0]["streams"]}
        self.assertEqual((2, 2), (streams["customers"]["new"], streams["orders"]["new"]))
        self.assertEqual(0, report["profiles"]["waiting"])

    def test_odd_names_are_quoted(self):
        quote = "`" if self.db.driver == "mariadb" else '"'
        name = f"{quote}Or'der; DROP TABLE x --{quote}"
        self.db.run(f"DROP TABLE IF EXISTS {name}; CREATE TABLE {name} (id int PRIMARY KEY, email text);"
                    f"INSERT INTO {name} VALUES (1, 'a')")
        project = self.project({"table": "Or'der; DROP TABLE x --"}, cursor="")
        self.assertEqual(1, self.read(project)["new"])

    @unittest.skipIf(os.environ.get("RONDOM_SANITIZE"), "a sanitizer keeps freed memory")
    def test_memory_is_flat(self):
        def peak(rows):
            self.db.run("DROP TABLE IF EXISTS big;"
                        "CREATE TABLE big (id int NOT NULL PRIMARY KEY, email varchar(2000));"
                        f"INSERT INTO big SELECT n, '{'x' * 1900}' FROM ({self.db.numbers.format(count=rows)}) AS s")
            project = self.project({"page_rows": 1_000_000}, stream="big", cursor="")
            process = subprocess.Popen([str(RONDOM), "-C", str(project.folder), "run", "read"],
                                       env={**os.environ, **self.environment}, stdout=subprocess.DEVNULL)
            most = 0
            while process.poll() is None:
                most = max(most, self.host_peak(process.pid))
            self.assertEqual(0, process.returncode)
            return most
        small, large = peak(4_000), peak(16_000)  # 8 and 30 MB of rows in one statement
        self.assertGreater(small, 0)
        self.assertLess(large - small, 4_000, f"kB of the plugin host: {small} and {large}")

    @staticmethod
    def host_peak(parent):
        """VmHWM in kB of the plugin host that `parent` started."""
        most = 0
        try:
            with open(f"/proc/{parent}/task/{parent}/children", encoding="utf-8") as file:
                children = file.read().split()
            for child in children:
                with open(f"/proc/{child}/status", encoding="utf-8") as file:
                    facts = dict(line.split(":", 1) for line in file)
                if facts["Name"].strip() == "rondom-plugin-h":  # before its exec it is a copy of the engine
                    most = max(most, int(facts.get("VmHWM", "0").split()[0]))
        except (OSError, ValueError):
            pass  # it has just ended
        return most


class Servers(Reads):
    def test_wrong_password(self):
        project = self.project({})
        for secret in ("Fietsbel-99", ""):
            self.environment = {"RONDOM_SECRET_DB_PASSWORD": secret or " "}
            text = self.failure(project, "check")
            self.assertIn("reader", text)
            self.assertNotIn("Fietsbel-99", text)

    def test_by_name_over_tcp_and_dsn(self):
        self.table(3)
        self.assertEqual(3, self.read(self.project({}, self.db.tcp()))["new"])
        config = {"dsn": "${secret:DSN}", **{name: value for name, value in self.db.tcp().items() if name == "ca_file"}}
        self.environment["RONDOM_SECRET_DSN"] = (f"{self.db.driver}://reader:{PASSWORD.replace('%', '%25')}"
                                   f"@localhost:{self.db.port}/shop")
        self.assertEqual(3, self.read(self.project({}, config))["new"])

    def test_certificate_is_checked(self):
        self.table(3)
        config = self.db.tcp()
        config["ca_file"] = "/etc/ssl/certs/ca-certificates.crt"
        self.assertIn("certificate", self.failure(self.project({}, config), "check"))

    def test_server_that_is_not_there(self):
        text = self.failure(self.project({}, {**self.db.tcp(), "port": 1}))
        self.assertIn("localhost:1", text)

    def test_statement_that_takes_too_long(self):
        self.table(5)
        sleep = "pg_sleep(20)" if self.db.driver == "postgresql" else "SLEEP(20)"
        project = self.project({"query": f"SELECT o.*, {sleep} AS waited FROM orders o", "key": ["id"]},
                               self.db.config(statement_timeout_seconds=1))
        self.assertIn("a statement was stopped; statement_timeout_seconds is 1", self.failure(project))

    def test_interrupted_while_the_database_thinks(self):
        self.table(5)
        sleep = "pg_sleep(60)" if self.db.driver == "postgresql" else "SLEEP(60)"
        project = self.project({"query": f"SELECT o.*, {sleep} AS waited FROM orders o", "key": ["id"]})
        with subprocess.Popen([str(RONDOM), "-C", str(project.folder), "run", "read"], stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, env={**os.environ, **self.environment}) as process:
            end = time.monotonic() + 15
            while not self.sleepers() and time.monotonic() < end:
                time.sleep(0.02)
            process.send_signal(signal.SIGINT)
            self.assertNotEqual(0, process.wait(timeout=10))

    def test_lost_connection_is_worth_another_try(self):
        self.table(5)
        sleep = "pg_sleep(20)" if self.db.driver == "postgresql" else "SLEEP(20)"
        query = f"SELECT o.*, {sleep} AS waited FROM orders o"
        project = self.project({"query": query, "key": ["id"]})
        with subprocess.Popen([str(RONDOM), "-C", str(project.folder), "run", "read"], stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, env={**os.environ, **self.environment}) as process:
            end = time.monotonic() + 15
            while not self.kill_sleeper() and time.monotonic() < end:
                time.sleep(0.05)
            text = process.communicate(timeout=30)[0].decode()
        self.assertEqual(75, process.returncode, text)
        self.assertIn(self.db.place, text)


class PostgresqlReads(Servers, unittest.TestCase):
    server = Postgresql

    def sleepers(self):
        return self.db.run("SELECT pid FROM pg_stat_activity WHERE usename = 'reader' AND state = 'active' "
                           "AND query LIKE '%pg_sleep%rondom_query%'").split()

    def kill_sleeper(self):
        self.db.place = "PostgreSQL, shop at"
        found = self.sleepers()
        for one in found:
            self.db.run(f"SELECT pg_terminate_backend({one})")
        return bool(found)

    def test_missing_permission(self):
        self.table(3)
        text = self.failure(self.project({}, self.db.config(user="other")))
        self.assertIn("permission denied for table orders; GRANT SELECT", text)

    def test_syntax_error_has_its_place(self):
        self.table(3)
        text = self.failure(self.project({"query": "SELECT id,\n  é.x\nFROM orders o", "key": ["id"]}))
        self.assertIn("query, line 2, column 3", text)


class MariadbReads(Servers, unittest.TestCase):
    server = Mariadb

    def sleepers(self):
        return self.db.run("SELECT id FROM information_schema.processlist WHERE user = 'reader' "
                           "AND info LIKE '%SLEEP(%rondom_query%'").split()

    def kill_sleeper(self):
        self.db.place = "MariaDB, shop at"
        found = self.sleepers()
        for one in found:
            self.db.run(f"KILL CONNECTION {one}")
        return bool(found)

    def test_account_that_requires_encryption(self):
        self.table(3)
        self.assertEqual(3, self.read(self.project({}, self.db.tcp(user="safe")))["new"])
        config = {**self.db.tcp(user="safe"), "tls": "off"}
        self.assertIn("Access denied", self.failure(self.project({}, config), "check"))

    def test_table_that_may_not_be_read(self):
        self.table(3)
        self.assertIn("or the account may not see it", self.failure(self.project({}, self.db.config(user="other"))))
        query = {"query": "SELECT * FROM orders", "key": ["id"]}
        self.assertIn("GRANT SELECT", self.failure(self.project(query, self.db.config(user="other"))))

    def test_keys_that_a_collation_calls_equal(self):
        self.db.run("DROP TABLE IF EXISTS codes; CREATE TABLE codes (code varchar(9), email text);"
                    "INSERT INTO codes VALUES ('a', '1'), ('A', '2'), ('á', '3'), ('b', '4'), ('B', '5')")
        project = self.project({"table": "codes", "key": ["code"], "page_rows": 1}, cursor="")
        project.write("jobs/read.yaml", (project.folder / "jobs/read.yaml").read_text().replace(".id", ".code"))
        self.assertEqual(5, self.read(project)["new"])


class SqliteReads(Reads, unittest.TestCase):
    server = Sqlite

    def test_nothing_is_written(self):
        self.table(3)
        before = (self.db.folder / "shop.db").read_bytes()
        self.read(self.project({}))
        self.assertEqual(before, (self.db.folder / "shop.db").read_bytes())

    def test_file_that_is_none(self):
        self.assertIn("there is no file", self.failure(self.project({}, self.db.config(file="/nonexistent/x.db"))))
        project = self.project({}, self.db.config(file="x.db"))
        project.write("x.db", "no database " * 100)
        self.assertIn("not a database", self.failure(project))


if __name__ == "__main__":
    sys.exit(unittest.main())
