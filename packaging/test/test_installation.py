"""The packages in an empty Debian 12: test_installation.py BUILD. Installed, used, upgraded, removed, purged."""
import functools
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import unittest

import root as roots
from manager import Service

HERE = pathlib.Path(__file__).resolve().parent.parent
BUILD = pathlib.Path(os.environ.get("RONDOM_BUILD", HERE.parent / "build/release")).resolve()
UNIT = "usr/lib/systemd/system/rondom.service"


def make_packages():
    """{name: file}"""
    made = subprocess.run([HERE / "package.sh", BUILD], check=True, stdout=subprocess.PIPE, text=True).stdout.split()
    return {path.name.split("_")[0]: path for path in map(pathlib.Path, made)}


packages = functools.cache(make_packages)


def next_version(package, folder, change):
    """The same package as it may be later: another version, with `change` made to its files."""
    tree = folder / "tree"
    subprocess.run(["dpkg-deb", "-R", package, tree], check=True)
    control = tree / "DEBIAN/control"
    control.write_text(control.read_text().replace("Version: ", "Version: 9:"))
    change(tree)
    later = folder / "later.deb"
    subprocess.run(["dpkg-deb", "--build", "--root-owner-group", tree, later], check=True, stdout=subprocess.DEVNULL)
    return later


class Package(unittest.TestCase):
    def test_the_same_build_makes_the_same_bytes(self):
        def sums():
            return {name: hashlib.sha256(path.read_bytes()).hexdigest() for name, path in make_packages().items()}

        first = sums()
        self.assertEqual({"rondom", "rondom-sdk-dev"}, set(first))
        self.assertEqual(first, sums())

    def test_lintian_finds_nothing(self):
        if not shutil.which("lintian"):
            self.skipTest("lintian is missing: packaging/install-dependencies.sh --checks")
        said = subprocess.run(["lintian", "--tag-display-limit", "0", "--fail-on", "error,warning", *packages().values()],
                              capture_output=True, text=True, check=False)
        self.assertEqual((0, ""), (said.returncode, said.stdout), said.stderr)

    def test_nothing_of_the_machine_that_built_it_is_inside(self):
        with tempfile.TemporaryDirectory() as folder:
            subprocess.run(["dpkg-deb", "-x", packages()["rondom"], folder], check=True)
            told = [path.relative_to(folder) for path in pathlib.Path(folder).rglob("*")
                    if path.is_file() and not path.is_symlink() and str(HERE.parent).encode() in path.read_bytes()]
            self.assertEqual([], told)


class Installed(unittest.TestCase):
    """One root for all, as each step is about what the one before left."""

    def setUp(self):
        held = roots.debian()
        self.root = held.__enter__()
        self.addCleanup(held.__exit__, None, None, None)
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rondom-packages-"))
        self.addCleanup(shutil.rmtree, self.folder)
        self.packages = packages()
        self.root.apt("update")

    def install(self, path, *options):
        shutil.copy(path, self.root / "tmp/one.deb")
        said = self.root.apt("install", *options, "/tmp/one.deb")
        (self.root / "tmp/one.deb").unlink()
        return said

    def test_a_life(self):
        self.install(self.packages["rondom"])
        for step in (self.files, self.program, self.demo, self.unit, self.confinement, self.service, self.upgrade, self.purge):
            with self.subTest(step.__name__):
                step()

    def files(self):
        for name, owner in (("/etc/rondom", "root:rondom 750"), ("/etc/rondom/rondom.yaml", "root:rondom 640"),
                            ("/var/lib/rondom", "rondom:rondom 750"), ("/run/rondom", "rondom:rondom 750")):
            self.assertEqual(owner, self.root.owner(name), name)
        for name in ("usr/share/man/man1/rondom.1.gz", "usr/share/man/man5/rondom.yaml.5.gz", "usr/share/zsh/vendor-completions/_rondom",
                     "usr/share/bash-completion/completions/rondom", "usr/share/fish/vendor_completions.d/rondom.fish",
                     "usr/share/rondom/alerts/rondom.rules.yaml", "usr/share/rondom/grafana/rondom.json", "usr/share/doc/rondom/copyright"):
            self.assertTrue((self.root / name).is_file(), name)
        self.assertEqual("/etc/rondom/rondom.yaml", self.root.run("dpkg-query", "-W", "-f", "${Conffiles}", "rondom").stdout.split()[0])
        # Enabled for the next start of the machine; nothing was started here, where no systemd runs.
        self.assertTrue((self.root / "etc/systemd/system/multi-user.target.wants/rondom.service").is_symlink())

    def program(self):
        self.assertIn("rondom 0", self.root.run("rondom", "version").stdout)
        said = self.root.run("rondom", "-C", "/etc/rondom", "validate", user="rondom")
        self.assertEqual(("1 files, no errors · no system was contacted\n", ""), (said.stdout, said.stderr))
        connectors = json.loads(self.root.run("rondom", "-o", "json", "connectors", "list", user="nobody").stdout)
        plugins = {path.stem for path in (self.root / "usr/lib/rondom/plugins").glob("*.so")}
        self.assertLess({"file", "sql"}, plugins)
        self.assertEqual(plugins, {connector["plugin"] for connector in connectors})

    def demo(self):
        said = self.root.run("rondom", "demo", "/tmp/shop", user="nobody")
        self.assertEqual("", said.stderr)
        self.assertIn("newsletter → marketing  created 1,907", said.stdout)
        self.assertEqual(0, self.root.run("rondom", "-C", "/tmp/shop", "test", user="nobody").returncode)
        shutil.rmtree(self.root / "tmp/shop")

    def unit(self):
        if not (self.root / "usr/bin/systemd-analyze").exists():
            self.fail("the package's own dependency brings systemd")
        self.root.run("systemd-analyze", "security", "--offline=true", "--threshold=12", "/" + UNIT)
        said = self.root.run("systemd-analyze", "verify", "--man=no", "/" + UNIT)
        self.assertEqual(("", ""), (said.stdout, said.stderr))

    def add_job(self):
        """A source of two people, read every two seconds; none of it is the package's."""
        self.root.write("/srv/crm/people.csv", "id,name,email\n1,Anna,anna@example.com\n2,Bram,bram@example.com\n")
        self.settings = self.root / "etc/rondom/rondom.yaml"
        self.packaged = self.settings.read_text(encoding="utf-8")
        self.settings.write_text(self.packaged + "connections: { crm: { connector: file, config: { path: /srv/crm } } }\n", encoding="utf-8")
        self.root.write("/etc/rondom/jobs/crm.yaml", """
job: crm
source: crm
schedule: { every: 2s }
streams:
  - { stream: people, options: { path: people.csv }, entity: person, key: .id, map: { email: .email, name.given: .name } }
""")

    def confinement(self):
        """Under the unit's own filter a plugin host locks itself in; without its last line it could not."""
        self.add_job()
        for change, confined in ((lambda unit: unit, True),
                                 (lambda unit: unit.replace("SystemCallFilter=landlock_create_ruleset", "SystemCallFilter=#"), False)):
            one = Service(self.root, 30, change)
            try:
                one.start(["/usr/bin/rondom", "-C", "/etc/rondom", "run", "crm"])
                ended = one.process.wait(timeout=60)
                if confined:
                    self.assertEqual(0, ended, one.told())
                self.assertEqual(confined, "landlock" not in one.told().lower() and "warning" not in one.told(), one.told())
            finally:
                one.close()
        self.assertEqual("rondom:rondom 600", self.root.owner("/var/lib/rondom/rondom.db"))

    def service(self):
        """As systemd would see it, with the packaged configuration and one job."""
        one = Service(self.root, watchdog_seconds=6)
        try:
            one.start()
            ready, after = one.wait_for("READY")
            self.assertEqual("1", ready["READY"])
            self.assertIn("jobs", ready["STATUS"])
            for _ in range(2):
                _, after = one.wait_for("WATCHDOG", seconds=6, after=after)
            self.assertRegex(one.ask("rondom", "-C", "/etc/rondom", "health", user="rondom").stdout, r"(?m)^ready$")
            self.runs_by_schedule(one)
            self.reload(one)
            self.nobody_else_owns_anything(one)
            after = len(one.said)
            self.assertEqual(0, one.stop(), one.told())
            one.wait_for("STOPPING", seconds=5, after=after)
            one.ask("rondom", "-C", "/etc/rondom", "health", user="rondom", expect=69)
            said = one.ask("rondom", "-C", "/etc/rondom", "run", "crm", expect=77)
            self.assertIn("runuser -u rondom -- rondom", said.stderr)
            # What a kill leaves, a socket that nobody answers at, is in nobody's way.
            one.start()
            _, after = one.wait_for("READY", after=len(one.said))
            one.signal(signal.SIGKILL)
            one.process.wait(timeout=10)
            one.start()
            _, after = one.wait_for("READY", after=after)
            self.assertEqual(0, one.stop(), one.told())
            self.assertNotIn("anna@example.com", one.told())
        finally:
            one.close()
        self.settings.write_text(self.packaged, encoding="utf-8")
        (self.root / "etc/rondom/jobs/crm.yaml").unlink()

    def runs_of(self, one):
        said = one.ask("rondom", "-C", "/etc/rondom", "-o", "json", "runs")
        return len(json.loads(said.stdout))

    def runs_by_schedule(self, one):
        before = self.runs_of(one)
        ends = time.monotonic() + 30
        while self.runs_of(one) < before + 2:
            self.assertLess(time.monotonic(), ends, one.told())
            time.sleep(0.5)  # the schedule is in whole seconds, and nothing else tells of a run
        self.assertIn("Anna", one.ask("rondom", "-C", "/etc/rondom", "profile", "show", "anna@example.com").stdout)

    def reload(self, one):
        for damage, code in (("", 0), ("sorce: crm\n", 78), ("", 0)):
            with self.subTest(damage):
                job = self.root / "etc/rondom/jobs/crm.yaml"
                right = job.read_text(encoding="utf-8")
                job.write_text(right + damage, encoding="utf-8")
                after = len(one.said)
                said = one.ask(*one.words("ExecReload"), user="rondom", expect=code)
                job.write_text(right, encoding="utf-8")
                told, after = one.wait_for("RELOADING", seconds=5, after=after)
                self.assertGreater(int(told["MONOTONIC_USEC"]), 0)
                told, _ = one.wait_for("READY", seconds=5, after=after)
                self.assertEqual(code != 0, "reload" in told["STATUS"], told)
                self.assertEqual(code != 0, "crm.yaml" in said.stdout + said.stderr, said.stderr)
        after = len(one.said)
        one.signal(signal.SIGHUP)
        _, after = one.wait_for("RELOADING", after=after)
        one.wait_for("READY", after=after)
        self.runs_by_schedule(one)

    def nobody_else_owns_anything(self, one):
        """Verbs of root go through the socket: what they write belongs to the service."""
        one.ask("rondom", "-C", "/etc/rondom", "profile", "members")
        one.ask("rondom", "-C", "/etc/rondom", "run", "crm")
        self.assertEqual("", self.root.run("find", "/var/lib/rondom", "/run/rondom", "!", "-user", "rondom").stdout)
        self.assertEqual("rondom:rondom 660", self.root.owner("/run/rondom/control.sock"))
        one.ask("rondom", "-C", "/etc/rondom", "status", user="nobody", expect=None)
        self.assertEqual("", self.root.run("find", "/var/lib/rondom", "!", "-user", "rondom").stdout)

    def upgrade(self):
        settings = self.root / "etc/rondom/rondom.yaml"
        mine = settings.read_text().replace("project: rondom\n", "project: acme\n")
        settings.write_text(mine)
        settings.chmod(0o600)
        self.root.write("/var/lib/rondom/kept", "state", owner="rondom")

        def change(tree):
            with open(tree / "etc/rondom/rondom.yaml", "a", encoding="utf-8") as out:
                out.write("# a later version says more\n")

        self.install(next_version(self.packages["rondom"], self.folder, change), "-o", "Dpkg::Options::=--force-confold")
        self.assertEqual(mine, settings.read_text())
        self.assertEqual("root:rondom 600", self.root.owner("/etc/rondom/rondom.yaml"))  # what somebody changed stays
        self.assertIn("a later version", (self.root / "etc/rondom/rondom.yaml.dpkg-dist").read_text())
        self.assertEqual("state", (self.root / "var/lib/rondom/kept").read_text())

    def purge(self):
        self.root.write("/etc/rondom/secrets/crm_token", "s3cret", 0o600, "rondom")
        self.root.write("/etc/rondom/jobs/crm.yaml", "job: crm\n")
        self.root.apt("remove", "rondom")
        self.assertTrue((self.root / "etc/rondom/jobs/crm.yaml").exists())  # removed is not forgotten
        self.assertTrue((self.root / "var/lib/rondom/kept").exists())
        self.root.apt("purge", "rondom")
        self.assertEqual([], self.left_behind())

    def left_behind(self):
        """Names with rondom in them, but for what apt and dpkg remember of every package they ever saw."""
        return [name for name in self.root.run("find", "/", "-xdev", "-path", "/proc", "-prune", "-o", "-iname", "*rondom*",
                                               "-print").stdout.split()
                if not name.startswith(("/var/lib/apt/", "/var/cache/apt/"))]

    def test_the_sdk_builds_a_connector(self):
        for name in ("rondom", "rondom-sdk-dev"):
            self.install(self.packages[name])
        self.root.apt("install", "g++", "cmake", "make")
        self.root.run("sh", "-c", "cd /tmp && rondom plugin new acme-crm --kind source")
        self.root.run("cmake", "-S", "/tmp/acme-crm", "-B", "/tmp/acme-crm/build")
        self.root.run("cmake", "--build", "/tmp/acme-crm/build")


if __name__ == "__main__":
    if reason := roots.why_not():
        print(f"skipped: {reason}")
        sys.exit(0)
    roots.within_namespaces()
    unittest.main()
