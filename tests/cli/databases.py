"""Database servers of our own, run by an unprivileged user, behind one face."""
import os
import pathlib
import shutil
import signal
import socket
import sqlite3
import subprocess
import tempfile
import time
import unittest

from project import PrivatePostgresql

PASSWORD = "tulp%en-Bollen7"
START_SECONDS = 30


class OfClass:
    """What PrivatePostgresql asks of a test, for a server that a whole class shares."""

    def __init__(self, cls):
        self.addCleanup = cls.addClassCleanup

    @staticmethod
    def skipTest(why):  # noqa: N802
        print(f"\n{why}", flush=True)
        raise unittest.SkipTest(why)


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def make_certificate(run, folder):
    """A certificate of `localhost` that signs itself: server.key and server.crt in `folder`."""
    run("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2",
        "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-keyout", folder / "server.key", "-out", folder / "server.crt")
    run("chmod", "600", folder / "server.key")


class Postgresql:
    driver = "postgresql"

    def __init__(self, cls):
        self.server = PrivatePostgresql(OfClass(cls))
        self.port = free_port()
        folder, data = self.server.folder, self.server.folder / "data"
        self.server.call("createdb", "-h", folder, "-U", "rondom", "shop")
        make_certificate(self.call, data)
        self.call("sh", "-c", 'printf "local all rondom trust\\nlocal all all scram-sha-256\\n'
                  'hostssl all all all scram-sha-256\\n" > "$1"', "sh", data / "pg_hba.conf")
        self.ca = folder / "ca.crt"
        shutil.copy(data / "server.crt", self.ca)
        self.server.call("pg_ctl", "-D", data, "-w", "-m", "immediate", "-l", folder / "log", "-o",
                         f"-k {folder} -p {self.port} -c listen_addresses=localhost -c ssl=on -c fsync=off", "restart")
        self.run(f"CREATE ROLE reader LOGIN PASSWORD '{PASSWORD}'; GRANT pg_read_all_data TO reader; "
                 f"CREATE ROLE other LOGIN PASSWORD '{PASSWORD}'; GRANT USAGE ON SCHEMA public TO other")

    def call(self, *arguments):
        subprocess.run([*self.server.user, *map(str, arguments)], check=True, stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE, cwd="/")

    def run(self, text):
        done = subprocess.run([str(self.server.programs / "psql"), "-h", str(self.server.folder), "-p", str(self.port),
                               "-U", "rondom", "-d", "shop", "-v", "ON_ERROR_STOP=1", "-X", "-q", "-At", "-f", "-"],
                              input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def config(self, **more):
        return {"driver": "postgresql", "host": str(self.server.folder), "port": self.port, "database": "shop",
                "user": "reader", "password": "${secret:DB_PASSWORD}", **more}

    def tcp(self, **more):
        return self.config(host="localhost", ca_file=str(self.ca), **more)

    numbers = "SELECT n FROM generate_series(1, {count}) AS n"
    moment = "timestamptz"
    shift = "updated_at + interval '1 hour'"


class Mariadb:
    driver = "mariadb"
    texts = pathlib.Path("/usr/share/mysql")
    names = ("mysql_system_tables.sql", "mysql_system_tables_data.sql")

    def __init__(self, cls):
        program = shutil.which("mariadbd", path=os.environ.get("PATH", "") + ":/usr/sbin")
        if program is None or not all((self.texts / name).exists() for name in self.names):
            OfClass.skipTest("SKIPPED: no MariaDB server is installed (Debian package mariadb-server-core)")
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rondom-my-"))
        user = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
        if user:
            shutil.chown(self.folder, "nobody", "nogroup")
        cls.addClassCleanup(shutil.rmtree, self.folder, ignore_errors=True)
        data, self.socket, self.port = self.folder / "data", self.folder / "s", free_port()
        (data / "mysql").mkdir(parents=True)
        if user:
            for folder in (data, data / "mysql"):
                shutil.chown(folder, "nobody", "nogroup")
        # What mariadb-install-db does, less its help texts and its schema of views, which take seconds.
        made = ("CREATE DATABASE IF NOT EXISTS mysql;\nUSE mysql;\nSET @auth_root_socket=NULL;\n"
                "SET @skip_auth_anonymous=1;\n")
        made += "".join((self.texts / name).read_text() for name in self.names)
        small = ["--innodb-log-file-size=4M", "--innodb-buffer-pool-size=32M", "--innodb-flush-log-at-trx-commit=0"]
        subprocess.run([*user, program, "--no-defaults", "--bootstrap", f"--datadir={data}", "--skip-networking",
                        *small], input=made.encode(), check=True, cwd="/", stdout=subprocess.DEVNULL,
                       stderr=subprocess.PIPE)
        make_certificate(lambda *arguments: subprocess.run([*user, *map(str, arguments)], check=True, cwd="/",
                                                           stderr=subprocess.PIPE), data)
        self.ca = self.folder / "ca.crt"
        shutil.copy(data / "server.crt", self.ca)
        self.process = subprocess.Popen(  # pylint: disable=consider-using-with
            [*user, program, "--no-defaults", f"--datadir={data}", f"--socket={self.socket}", f"--port={self.port}",
             "--bind-address=127.0.0.1", "--skip-name-resolve", f"--pid-file={self.folder / 'pid'}", *small,
             f"--ssl-cert={data / 'server.crt'}", f"--ssl-key={data / 'server.key'}"],
            cwd="/", stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        cls.addClassCleanup(self.stop)
        end = time.monotonic() + START_SECONDS
        while True:
            try:
                self.run("CREATE DATABASE shop CHARACTER SET utf8mb4")
                break
            except AssertionError:
                if time.monotonic() > end or self.process.poll() is not None:
                    OfClass.skipTest("SKIPPED: the MariaDB server does not start")
                time.sleep(0.05)
        self.run(f"CREATE USER reader IDENTIFIED BY '{PASSWORD}'; GRANT SELECT ON shop.* TO reader;"
                 f"CREATE TABLE mine (id int);"
                 f"CREATE USER other IDENTIFIED BY '{PASSWORD}'; GRANT SELECT ON shop.mine TO other;"
                 f"CREATE USER safe IDENTIFIED BY '{PASSWORD}' REQUIRE SSL; GRANT SELECT ON shop.* TO safe")

    def stop(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def run(self, text, database=None):
        done = subprocess.run(["mariadb", "--no-defaults", f"--socket={self.socket}", "-uroot", "-N", "-B",
                               "--default-character-set=utf8mb4",
                               *([database] if database else ["shop"] if "CREATE DATABASE" not in text else [])],
                              input=text.encode(), stdout=subprocess.PIPE, stderr=subprocess.PIPE, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode()

    def config(self, **more):
        return {"driver": "mariadb", "host": str(self.socket), "database": "shop", "user": "reader",
                "password": "${secret:DB_PASSWORD}", **more}

    def tcp(self, **more):
        return self.config(host="localhost", port=self.port, ca_file=str(self.ca), **more)

    numbers = "SELECT seq AS n FROM seq_1_to_{count}"
    moment = "timestamp NULL"
    shift = "updated_at + INTERVAL 1 HOUR"


class Sqlite:
    driver = "sqlite"

    def __init__(self, cls):
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rondom-lite-"))
        cls.addClassCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run(self, text):
        with sqlite3.connect(self.folder / "shop.db", timeout=1) as one:
            one.executescript(text)

    def config(self, **more):
        return {"driver": "sqlite", "file": str(self.folder / "shop.db"), **more}

    numbers = "WITH RECURSIVE s(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {count}) SELECT n FROM s"
    moment = "timestamp"
    shift = "datetime(updated_at, '+1 hour')"
