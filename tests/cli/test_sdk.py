"""The SDK as somebody else uses it: installed to a prefix, in folders outside the repository, by the guides' own words."""
import functools
import json
import os
import pathlib
import re
import shutil
import socket
import stat
import subprocess
import tempfile
import threading
import time
import unittest

from project import BUILD, Project

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
BUILT = BUILD / "sdk-plugins"
CLANG = shutil.which("clang++-14") or shutil.which("clang++")
PREFIX = pathlib.Path(tempfile.mkdtemp(prefix="rondom-prefix-"))
unittest.addModuleCleanup(shutil.rmtree, PREFIX, ignore_errors=True)
# No more of this build than what an installation is found by.
ENVIRONMENT = {"PATH": f"{PREFIX / 'bin'}:{os.environ['PATH']}", "CMAKE_PREFIX_PATH": str(PREFIX), "HOME": str(PREFIX),
               "LANG": "C.UTF-8", "CMAKE_BUILD_TYPE": "Debug"}


def install(component, prefix):
    subprocess.run(["cmake", "--install", BUILD, "--component", component, "--prefix", prefix], check=True,
                   stdout=subprocess.DEVNULL, timeout=120)


@functools.cache
def install_all():
    for component in ("rondom", "sdk"):
        install(component, PREFIX)


def steps_of(guide):
    """A guide as a script: blocks called sh are run, blocks behind a comment with a file's name are written there."""
    script, name = ["set -eu", "trap 'kill $(jobs -p) 2>/dev/null || true' EXIT"], None
    for found in re.finditer(r"^<!-- file: (.+?) -->$|^```(\w*)\n(.*?)^```$", guide, re.M | re.S):
        if found[1]:
            name = found[1]
        elif name:
            script.append(f"mkdir -p $(dirname {name})\ncat >{name} <<'END_OF_FILE'\n{found[3]}END_OF_FILE")
            name = None
        elif found[2] == "sh":
            script.append(found[3])
    return "\n".join(script)


def blocks_of(guide):
    return dict(re.findall(r"^<!-- file: (.+?) -->\n```\w*\n(.*?)^```$", guide, re.M | re.S))


class Outside(unittest.TestCase):
    """An empty folder outside the repository."""

    def setUp(self):
        if os.environ.get("RONDOM_SANITIZE"):
            self.skipTest("what is built outside is built without a sanitizer")
        install_all()
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="rondom-outside-"))
        self.addCleanup(shutil.rmtree, self.folder, ignore_errors=True)

    def run_in(self, *words, folder=None, expect=0, **more):
        result = subprocess.run([str(word) for word in words], cwd=folder or self.folder, stdin=subprocess.DEVNULL,
                                stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=300, check=False,
                                env={**ENVIRONMENT, **more})
        self.assertEqual(expect, result.returncode, f"{words}\n{result.stdout[-4000:]}")
        return result.stdout


class Guides(Outside):
    def followed(self, name):
        guide = (SOURCE / "docs/guide" / name).read_text(encoding="utf-8")
        return self.run_in("bash", "-c", steps_of(guide))

    def test_a_source(self):
        said = self.followed("source.md")
        self.assertIn("acme-crm 1.0.0 is installed in", said)
        self.assertRegex(said, r"conformance_acme-crm .*Passed")
        reads = [line.split() for line in said.splitlines() if line.startswith("acme  contacts")]
        self.assertEqual([["5", "5", "-"], ["1", "-", "-"]], [line[2:5] for line in reads])
        self.assertEqual("1", reads[1][8])  # unchanged
        self.assertIn("name.surname         Vries", said)

    def test_a_destination(self):
        said = self.followed("destination.md")
        self.assertRegex(said, r"conformance_acme-mail .*Passed")
        self.assertIn("created 2  rejected 1", said)
        self.assertIn("Refused: blocked domain", said)
        self.assertIn("unchanged 2  nothing changed", said)

    def test_the_examples_are_those_of_the_guides(self):
        for guide, example in (("source.md", "paging-source/acme-crm.cpp"), ("destination.md", "batch-destination/acme-mail.cpp")):
            file = SOURCE / "sdk/examples" / example
            blocks = blocks_of((SOURCE / "docs/guide" / guide).read_text(encoding="utf-8"))
            self.assertEqual(file.read_text(encoding="utf-8"), blocks[file.name])
        lines = (SOURCE / "sdk/examples/paging-source/acme-crm.cpp").read_text(encoding="utf-8").splitlines()
        self.assertLessEqual(len(lines), 60)


class Scaffold(Outside):
    """What `plugin new` makes builds, passes its test and runs, as its README says."""

    def made(self, name, kind, **more):
        before = time.monotonic()
        self.run_in("rondom", "plugin", "new", name, "--kind", kind)
        folder = self.folder / name
        readme = (folder / "README.md").read_text(encoding="utf-8")
        build, *runs = re.findall(r"```sh\n(.*?)```", readme, re.S)
        said = self.run_in("bash", "-euc", build, folder=folder, CMAKE_BUILD_TYPE="", **more)
        print(f"\n{name}: made, built and tested in {time.monotonic() - before:.1f} s")
        self.assertRegex(said, rf"conformance_{name} .*Passed")
        self.assertNotRegex(said, "warning:")
        left = [path for path in folder.rglob("*") if path.is_file() and "build" not in path.parts
                and re.search(r"@[A-Z]+@", path.read_text(encoding="utf-8"))]
        self.assertEqual([], left)
        ran = self.run_in("bash", "-euc", "".join(runs[:-1]), folder=folder)  # the last one installs it
        return folder, ran

    def test_source(self):
        folder, ran = self.made("acme-crm", "source")
        self.assertRegex(ran, r"acme-crm  contacts +5 +5 ")
        self.assertIn('"surname":"Jansen"', ran)
        exported = self.run_in("nm", "-D", "--defined-only", folder / "build/plugins/acme-crm.so").split()
        self.assertEqual("rondom_plugin_v1", exported[-1])
        self.assertEqual(3, len(exported))

    @unittest.skipUnless(CLANG, "SKIPPED: no clang is installed (Debian package clang-14)")
    def test_destination_by_clang(self):
        folder, ran = self.made("acme-mail", "destination", CXX=CLANG)
        self.assertIn("CAPTURED, NOT SENT", ran)
        self.assertEqual(2, ran.count("created 3"))
        self.assertIn("clang", self.run_in("readelf", "-p", ".comment", folder / "build/plugins/acme-mail.so"))

    def test_refused(self):
        for name, says in (("Acme", "starts with a letter"), ("acme--crm", "single dashes"), ("acme-", "single dashes"),
                           ("test", "a word of CMake"), ("../acme", "a-z, 0-9"), ("a" * 41, "at most 40"), ("1a", "letter")):
            with self.subTest(name):
                self.assertIn(says, self.run_in("rondom", "plugin", "new", name, "--kind", "source", expect=2))
        (self.folder / "acme").symlink_to("nowhere")
        self.assertIn("is there already", self.run_in("rondom", "plugin", "new", "acme", "--kind", "source", expect=2))
        self.assertEqual(["acme"], os.listdir(self.folder))


class SdkAlone(Outside):
    """Without the program a plugin is built all the same; its manifest is written where it is installed."""

    def test_without_the_program(self):
        prefix = self.folder / "prefix"
        install("sdk", prefix)
        alone = {"CMAKE_PREFIX_PATH": str(prefix), "PATH": os.environ["PATH"]}
        example = prefix / "share/doc/rondom-sdk-dev/examples/paging-source"
        said = self.run_in("cmake", "-S", example, "-B", "build", **alone)
        self.assertIn("rondom-plugin-host is not installed here", said)
        self.assertIn("no conformance test of acme-crm", said)
        self.run_in("cmake", "--build", "build", **alone)
        library = self.folder / "build/plugins/acme-crm.so"
        self.assertEqual([library.name], os.listdir(library.parent))
        (self.folder / "rondom.yaml").write_text("project: shop\nplugins: [plugins]\n")
        self.run_in("rondom", "plugin", "install", library)
        self.assertIn("acme-crm", self.run_in("rondom", "connectors", "list"))
        # The same by pkg-config, with no build system at all; only looked at, the compiler has done its work above.
        flags = self.run_in("pkg-config", "--cflags", "--libs", "rondom-sdk",
                            PKG_CONFIG_PATH=str(prefix / "share/pkgconfig"))
        script = re.search(r"--version-script=(\S+)", flags)[1]
        self.assertIn("rondom_plugin_v1", pathlib.Path(script).read_text(encoding="utf-8"))
        include = pathlib.Path(re.search(r"-I(\S+)", flags)[1])
        self.assertTrue((include / "rondom/sdk.hpp").exists())

    def test_debian_package(self):
        self.run_in("python3", "-B", SOURCE / "packaging/files.py", BUILD, BUILD / "package-files")
        # Of the two packages that packaging/package.sh makes, the one that is soon made.
        self.run_in("cpack", "--config", BUILD / "CPackConfig.cmake", "-D", "CPACK_COMPONENTS_ALL=sdk;sdk_package", "-B", self.folder)
        package = next(self.folder.glob("rondom-sdk-dev_*_all.deb"))
        about = self.run_in("dpkg-deb", "--info", package)
        self.assertIn("Package: rondom-sdk-dev", about)
        self.assertIn("Architecture: all", about)
        self.run_in("dpkg-deb", "--extract", package, self.folder / "root")
        held = {str(path.relative_to(self.folder / "root")) for path in (self.folder / "root").rglob("*") if path.is_file()}
        for name in ("include/rondom/sdk.hpp", "share/cmake/RondomSDK/RondomSDKConfig.cmake", "share/pkgconfig/rondom-sdk.pc",
                     "share/rondom/template/source/NAME.cpp.in", "share/doc/rondom-sdk-dev/copyright"):
            self.assertIn("usr/" + name, held)
        self.assertEqual(set(), {name for name in held if not name.startswith(("usr/include/rondom/", "usr/share/"))})


class Install(unittest.TestCase):
    """`plugin install`: whole or not at all, and only what is a plugin."""

    def setUp(self):
        self.project = Project(self)
        self.project.write("rondom.yaml", "project: shop\nplugins: [plugins]\n")
        self.plugins = self.project.folder / "plugins"

    def given(self, name, library):
        """A copy of a built plugin, to be installed."""
        copy = self.project.folder / name
        copy.parent.mkdir(exist_ok=True)
        shutil.copy(library, copy)
        return copy

    def refused(self, file, says, expect=(1, 2, 69, 70, 77)):
        before = sorted(self.plugins.rglob("*")) if self.plugins.exists() else []
        result = self.project.rondom("plugin", "install", file, expect=expect)
        self.assertEqual(b"", result.stdout)
        self.assertIn(says, result.stderr.decode())
        self.assertEqual(before, sorted(self.plugins.rglob("*")) if self.plugins.exists() else [])

    def test_installed(self):
        file = self.given("in/acme-mail.so", BUILT / "acme-mail.so")
        (file.parent / "acme-mail.presets").mkdir()
        (file.parent / "acme-mail.presets/members.yaml").write_text("entity: person\n")
        said = json.loads(self.project.rondom("-o", "json", "plugin", "install", file, expect=0).stdout)
        self.assertEqual(("acme-mail", "1.0.0", None, 1), tuple(said[name] for name in ("plugin", "version", "version_before", "presets")))
        self.assertEqual([{"connector": "acme-mail", "kind": "destination", "asks": ['the address in "url"'], "needs": []}], said["connectors"])
        self.assertEqual({"acme-mail.plugin.json", pathlib.Path(said["library"]).name}, {path.name for path in self.plugins.iterdir() if path.is_file()})
        for path in self.plugins.iterdir():
            self.assertEqual(0, path.stat().st_mode & (stat.S_IWGRP | stat.S_IWOTH))
        shown = json.loads(self.project.rondom("-o", "json", "connectors", "show", "acme-mail", expect=0).stdout)
        self.assertEqual(said["library"], shown[0]["library"])

        # The same again changes nothing; with another preset it is another one, and nothing is left of the first.
        before = sorted(self.plugins.rglob("*"))
        self.assertIn("already", self.project.rondom("plugin", "install", file, expect=0).stdout.decode())
        self.assertEqual(before, sorted(self.plugins.rglob("*")))
        (file.parent / "acme-mail.presets/members.yaml").write_text("entity: organization\n")
        self.assertIn("replaces 1.0.0", self.project.rondom("plugin", "install", file, expect=0).stdout.decode())
        self.assertEqual(3, len(list(self.plugins.iterdir())))
        self.assertEqual(["entity: organization\n"], [path.read_text() for path in self.plugins.glob("*.presets/members.yaml")])

    def test_another_version(self):
        file = self.given("acme-crm.so", BUILT / "acme-crm.so")
        self.project.rondom("plugin", "install", file, expect=0)
        library = file.read_bytes()
        self.assertIn(b"\x001.0.0\x00", library)
        file.write_bytes(library.replace(b"\x001.0.0\x00", b"\x001.2.0\x00"))
        self.assertIn("acme-crm 1.2.0 replaces 1.0.0", self.project.rondom("plugin", "install", file, expect=0).stdout.decode())
        self.assertEqual(1, len(list(self.plugins.glob("*.so"))))

    def test_what_it_needs_is_said(self):
        said = self.project.rondom("plugin", "install", BUILT / "directory.so", expect=0).stdout.decode()
        self.assertRegex(said, r"needs +network\n")
        said = self.project.rondom("plugin", "install", BUILT / "vcards.so", expect=0).stdout.decode()
        self.assertRegex(said, r"asks +nobody over HTTP\n +needs +files\n")

    def test_no_plugin(self):
        hostile = BUILD / "tests/plugins/hostile"
        self.refused(self.project.folder / "missing.so", "is not there")
        self.refused(self.project.folder / "rondom.yaml", "does not end in .so")
        self.refused(self.project.write("text.so", "no library"), "text.so cannot be loaded")
        self.refused(hostile / "hostile_table_no_symbol.so", "is no Rondom plugin")
        self.refused(hostile / "hostile_table_other_major.so", "another major version")
        self.refused(hostile / "hostile_table_too_new.so", "update Rondom")
        self.refused(hostile / "hostile_table_empty.so", "a table of an impossible size")
        self.assertEqual([], list(self.plugins.iterdir()))

    def test_who_could_have_written_it(self):
        file = self.given("acme-crm.so", BUILT / "acme-crm.so")
        file.chmod(0o666)
        self.refused(file, "can be changed by everybody (chmod o-w)", expect=77)
        file.chmod(0o644)
        self.plugins.mkdir()
        self.plugins.chmod(0o777)
        self.refused(file, "can be changed by everybody (chmod o-w)", expect=77)

    def test_a_link_and_a_pipe(self):
        """A link is turned between a look and the reading; both are of one descriptor, and of no link."""
        link = self.project.folder / "linked.so"
        link.symlink_to(BUILT / "acme-crm.so")
        self.refused(link, "linked.so is a symbolic link; name the file itself", expect=77)
        os.mkfifo(self.project.folder / "pipe.so")
        self.refused(self.project.folder / "pipe.so", "pipe.so is no file", expect=2)

    def test_any_name(self):
        self.project.rondom("plugin", "install", self.given("in/library.so", BUILT / "acme-crm.so"), expect=0)

    def test_somebody_elses_connector(self):
        file = self.given("acme-crm.so", BUILT / "acme-crm.so")
        self.project.rondom("plugin", "install", file, expect=0)
        manifest = self.plugins / "acme-crm.plugin.json"
        manifest.write_text(manifest.read_text().replace('"plugin": "acme-crm"', '"plugin": "acme"'))
        self.refused(file, "acme-crm.plugin.json is that of plugin acme")
        manifest.rename(self.plugins / "acme.plugin.json")
        self.refused(file, "connector acme-crm is in")

    def test_cut_off_anywhere(self):
        """Whatever an installation that was killed left, the folder has one plugin, and the next one cleans up."""
        file = self.given("acme-crm.so", BUILT / "acme-crm.so")
        self.project.rondom("plugin", "install", file, expect=0)
        (self.plugins / ".install-abcdef").mkdir()
        (self.plugins / ".install-abcdef/library.so").write_bytes(b"half")
        (self.plugins / "acme-crm-0123456789ab.so").write_bytes(b"whole, but no manifest names it")
        (self.plugins / "acme-crm-0123456789ab.presets").mkdir()
        (self.plugins / "acme-crm-mine.so").write_bytes(b"somebody's")
        listed = json.loads(self.project.rondom("-o", "json", "connectors", "show", "acme-crm", expect=0).stdout)
        self.assertEqual(1, len(listed))
        self.project.rondom("plugin", "install", file, expect=0)
        self.assertEqual({"acme-crm.plugin.json", "acme-crm-mine.so", pathlib.Path(listed[0]["library"]).name},
                         set(os.listdir(self.plugins)))

    def test_no_folder_is_named(self):
        self.project.write("rondom.yaml", "project: shop\n")
        self.refused(BUILT / "acme-crm.so", "add plugins: [plugins]", expect=2)


class Examples(unittest.TestCase):
    """The examples in projects, beside plugins that were built in other ways."""

    def project_of(self, connections, jobs, trusted):
        project = Project(self)
        project.write("rondom.yaml", "project: shop\n" + f'plugins: ["{BUILT}"]\ntrusted_plugins:\n' +
                      "".join(f"  {name}: {allowed}\n" for name, allowed in trusted.items()) + "connections:\n" +
                      "".join(f"  {name}: {config}\n" for name, config in connections.items()))
        for name, stream in jobs.items():
            project.write(f"jobs/{name}.yaml", f"job: {name}\nsource: {name}\nstreams:\n  - {stream}\n")
        return project

    def test_side_by_side(self):
        fixtures = SOURCE / "sdk/examples/file-source/fixtures"
        entries = [{"id": "1", "mail": "anna@example.com"}, "no object", {"id": "2", "mail": "bram@example.org"}]
        with socket.create_server(("127.0.0.1", 0)) as server:
            answered = threading.Thread(target=self.list_once, args=(server, entries))
            answered.start()
            person = "entity: person, key: .id, map: { email: .mail }"
            connections = {"cards": f"{{ connector: vcards, config: {{ file: {fixtures / 'contacts.vcf'} }} }}",
                           "directory": f"{{ connector: directory, config: {{ host: 127.0.0.1, port: {server.getsockname()[1]} }} }}"}
            jobs = {"cards": "{ stream: cards, entity: person, key: .uid, map: { email: .email, name.full: .fn } }",
                    "directory": f"{{ stream: entries, {person} }}"}
            trusted = {"vcards": f"{{ allow: [files], paths: [{fixtures}] }}", "directory": "{ allow: [network] }"}
            if (BUILT / "other-fmt.so").exists():
                trusted["other-fmt"] = "{ allow: [] }"
                connections["marks"] = "{ connector: other-fmt }"
                jobs["marks"] = "{ stream: marks, entity: person, key: .id, map: { custom.logged: .logged, custom.fmt: .fmt } }"
            project = self.project_of(connections, jobs, trusted)
            report = project.run_json("--all", expect=3)
            answered.join()
        streams = {job["job"]: job["streams"][0] for job in report["jobs"]}
        self.assertEqual((3, 2, 1), tuple(streams["cards"][name] for name in ("read", "new", "quarantined")))
        self.assertEqual((3, 2, 1), tuple(streams["directory"][name] for name in ("read", "new", "quarantined")))
        profiles = {one["label"]: one["values"] for one in map(json.loads, project.export().splitlines())}
        self.assertEqual("Berg", profiles["cards.cards/urn:uuid:4fbe8971-0bc3-424c-9c26-36c3e1eff6b1"]["name"]["surname"])
        self.assertEqual({"value": "bram@example.org"}, profiles["cards.cards/2"]["emails"][0])  # and of directory.entries/2
        if "marks" in jobs:
            self.assertEqual({"logged": "warning:ours", "fmt": "N3fmt2v812format_errorE"}, profiles["marks.marks/00007"]["custom"])

    @staticmethod
    def list_once(server, entries):
        with server.accept()[0] as caller:
            if caller.makefile("rb").readline() == b"LIST\n":
                caller.sendall("".join(json.dumps(entry) + "\n" for entry in entries).encode() + b".\n")


if __name__ == "__main__":
    unittest.main()
