"""Plugins that were not installed with Rondom: whom a project lets in, and what a hostile one can do.

Each plugin of tests/plugin/hostile/acts does one forbidden thing and says what of it worked. Every one must be
contained, and the report of the run must say which plugin it was and what it did."""
import ctypes
import errno
import grp
import hashlib
import json
import os
import pathlib
import re
import select
import shutil
import signal
import socket
import struct
import subprocess
import unittest

from project import BUILD, RONDOM, Project

ACTS = (BUILD / "tests" / "plugins" / "acts").resolve()
SANITIZED = bool(os.environ.get("RONDOM_SANITIZE"))


def core_pattern_is_a_file():
    return not pathlib.Path("/proc/sys/kernel/core_pattern").read_text(encoding="ascii").startswith("|")


def sha256(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def child_of(pid):
    """The process that this one starts; waits for it."""
    while True:
        for folder in pathlib.Path("/proc").glob("[0-9]*"):
            try:
                if f"PPid:\t{pid}\n" in (folder / "status").read_text(encoding="ascii", errors="replace"):
                    return int(folder.name)
            except (FileNotFoundError, ProcessLookupError):
                pass


def lose_landlock():
    """As on a kernel without it: landlock_create_ruleset is no call there."""
    load, equal, give = 0x20, 0x15, 0x06
    allow, no_such_call = 0x7fff0000, 0x00050000 | errno.ENOSYS
    steps = b"".join(struct.pack("HBBI", *step) for step in
                     ((load, 0, 0, 0), (equal, 0, 1, 444), (give, 0, 0, no_such_call), (give, 0, 0, allow)))
    libc, text = ctypes.CDLL(None, use_errno=True), ctypes.create_string_buffer(steps)
    program = ctypes.create_string_buffer(struct.pack("HxxxxxxP", 4, ctypes.addressof(text)))
    for words in ((38, 1, 0, 0, 0), (22, 2, ctypes.addressof(program), 0, 0)):  # PR_SET_NO_NEW_PRIVS, PR_SET_SECCOMP
        if libc.prctl(*(ctypes.c_ulong(word) for word in words)) != 0:
            raise OSError(ctypes.get_errno(), "prctl")


def project_with(test, plugin, trusted=None, target="", limits="", folder=None):
    """A project that reads from one plugin of ACTS; trusted: its entry of rondom.yaml, None = as it needs none."""
    project = Project(test)
    project.hostile = True
    connector = plugin.replace("_", "-")
    entry = "{ allow: [] }" if trusted is None else trusted
    project.write("rondom.yaml", f"""
        project: trust
        plugins: ["{folder or ACTS}"]
        plugin_limits: {{ silent_seconds: 20{", " if limits else ""}{limits} }}
        {f"trusted_plugins: {{ {connector}: {entry} }}" if entry else ""}
        connections:
          crm: {{ connector: {connector}, config: {{ target: "{target}" }} }}
        """)
    project.write("jobs/read.yaml", """
        job: read
        source: crm
        streams:
          - stream: s
            entity: person
            key: .id
            map: { name.full: .id }
        """)
    return project


class Hostile(unittest.TestCase):
    def contained(self, plugin, said, refused, **more):
        """Runs it; the job must fail with a sentence that holds `said` and name what was refused."""
        project = project_with(self, plugin, **more)
        report = json.loads(project.rondom("-o", "json", "run", "read", expect=1).stdout)
        job = report["jobs"][0]
        connector = plugin.replace("_", "-")
        self.assertEqual("failed", job["status"])
        if said == "did:":
            self.assertTrue(job["error"].endswith(" did:") or job["error"] == "did:", job["error"])
        else:
            self.assertIn(f'Connector "{connector}" of plugin "{connector}"', job["error"])
            self.assertIn(said, job["error"])
        told = [f'Connector "{connector}" of plugin "{connector}" tried to {deed} and was refused.' for deed in refused]
        self.assertEqual(told, job.get("refused", []))
        if told:
            text = project.rondom("run", "read", expect=1).stdout.decode()
            for sentence in told:
                self.assertIn(f"! read: {sentence}", text)
        return job

    def test_forks(self):
        self.contained("forks", "did:", ["start a process (clone)", "start a process (vfork)"])

    def test_starts_a_program_with_every_signal_blocked(self):
        self.contained("spawns", "was killed by signal 31 (SYS) for asking the system what no plugin may in read().", [])

    def test_opens_a_socket(self):
        with socket.create_server(("127.0.0.1", 0)) as server:
            server.setblocking(False)
            self.contained("opens_socket", "did:", ["open a socket (socket)"], target=server.getsockname()[1])
            with self.assertRaises(BlockingIOError):
                server.accept()

    def test_reads_a_file_without_a_grant(self):
        project = Project(self)
        secret = project.write("secret.txt", "x")
        self.contained("reads_file", "did:", [f"open the file {secret}"], target=secret)

    def test_reads_a_file_outside_its_grants(self):
        project = Project(self)
        secret, granted = project.write("secret.txt", "x"), project.write("granted/a.txt", "x")
        allow = f'{{ allow: [files], paths: ["{granted.parent}"] }}'
        self.contained("reads_other_file", "did:", [f"open the file {secret}"], target=secret, trusted=allow)
        inside = project_with(self, "reads_other_file", trusted=allow, target=granted)
        self.assertIn(b"did: read", inside.rondom("run", "read", expect=1).stdout)

    def test_a_folder_that_is_missing_grants_nothing_above_it(self):
        allow = "{ allow: [files], paths: [import], writes: [done/made/] }"
        project = project_with(self, "reads_other_file", trusted=allow, target="rondom.yaml")
        job = json.loads(project.rondom("-o", "json", "run", "read", expect=1).stdout)["jobs"][0]
        self.assertEqual("did:", job["error"])
        self.assertIn("tried to open the file rondom.yaml and was refused", job["refused"][0])
        self.assertTrue((project.folder / "done/made").is_dir())
        self.assertFalse((project.folder / "import").exists())
        # A name with an ending is a file's, and nobody knows how an empty one of it looks.
        project = project_with(self, "reads_other_file", trusted=allow.replace("done/made/", "out/done.csv"), target="x")
        self.assertIn(f"plugin reads-other-file may change {project.folder}/out/done.csv, which is not there: make it first, "
                      "or name its folder in trusted_plugins", project.rondom("run", "read").stdout.decode())
        self.assertFalse((project.folder / "out").exists())

    CHANGES = [f"change files ({call})" for call in ("chmod", "chown", "utimensat", "setxattr", "truncate", "setxattrat")]

    def test_changes_modes_and_owners(self):
        """No opening of a file, so no Landlock holds it: its mode, owner, times and attributes."""
        victim = Project(self).write("victim.txt", "x")
        victim.chmod(0o640)
        before = victim.stat()
        library = ACTS / "act_changes_modes.so"
        mode = library.stat().st_mode
        self.contained("changes_modes", "did:", [*self.CHANGES, f"open the file {victim}"], target=victim)
        self.assertEqual(mode, library.stat().st_mode)
        # Who may read a file holds a descriptor of it, and that is all that it needs for the rest.
        self.contained("changes_modes_inside", "did:", self.CHANGES, target=victim,
                       trusted=f'{{ allow: [files], paths: ["{victim.parent}"] }}')
        after = victim.stat()
        self.assertEqual((0o640, before.st_mtime_ns, before.st_ctime_ns, 1),
                         (after.st_mode & 0o777, after.st_mtime_ns, after.st_ctime_ns, after.st_size))

    def test_traces_its_parent(self):
        self.contained("ptraces_parent", "did:", ["reach into another process (ptrace)",
                                                   "reach into another process (process_vm_readv)"])

    @unittest.skipIf(SANITIZED, "the shadow of a sanitizer is larger than any limit")
    def test_allocates_without_end(self):
        job = self.contained("allocates", "It had reached the memory limit of 128 MiB (plugin_limits.memory_mb).",
                             [], limits="memory_mb: 128")
        self.assertIn("was killed by signal 11 (SEGV) in read()", job["error"])

    def test_fills_its_output(self):
        project = project_with(self, "fills_stdout")
        result = project.rondom("-o", "json", "run", "read", expect=1)
        self.assertEqual(['Connector "fills-stdout" of plugin "fills-stdout" tried to fill its output (more than 1000 '
                          'lines) and was refused.'], json.loads(result.stdout)["jobs"][0]["refused"])
        self.assertLess(result.stderr.count(b"\n"), 1100)

    def test_signals_its_parent(self):
        self.contained("signals_parent", "did:", ["signal another process (kill)", "signal another process (fcntl)",
                                                   "signal another process (ioctl)", "change limits (prlimit64)"])

    def test_reads_endlessly(self):
        self.contained("reads_endlessly", "pushed more than 1000 records without a checkpoint "
                       "(plugin_limits.records_without_checkpoint) and was ended.", [],
                       limits="records_without_checkpoint: 1000")

    def test_forges_frames(self):
        self.contained("forges_frames", "sent a frame that only the engine may send in read() and was ended.", [])

    def test_tells_its_secrets(self):
        project = project_with(self, "tells", target="${secret:token}")
        secret = {"RONDOM_SECRET_TOKEN": "tell-nobody-of-this"}  # Project.search() looks for it in what is said
        result = project.rondom("-o", "json", "run", "read", expect=1, environment=secret)
        self.assertIn("plugin tells: my secret is •••", result.stderr.decode())
        self.assertIn("tried to open the file ••• and was refused", result.stdout.decode())

    def test_asks_for_secrets_of_others(self):
        project = project_with(self, "asks_secrets", target="${secret:own}")
        settings = project.folder / "rondom.yaml"
        settings.write_text(settings.read_text() + '  mail: { connector: file, config: { path: "${secret:mautic}" } }\n')
        secrets = {f"RONDOM_SECRET_{name}": f"tell-nobody-{name}" for name in ("OWN", "MAUTIC", "STORE_DSN")}
        result = project.rondom("-o", "json", "run", "read", expect=1, environment=secrets)
        self.assertEqual("did: own", json.loads(result.stdout)["jobs"][0]["error"][-8:])

    def test_tells_a_secret_of_several_lines(self):
        """A log is written line by line, and no line of it is the whole secret."""
        project = project_with(self, "tells", target="${secret:token}")
        key = "-----BEGIN KEY-----\nfirst-line-of-the-key\nlast-line-of-the-key=\n-----END KEY-----"
        result = project.rondom("-o", "json", "run", "read", expect=1, environment={"RONDOM_SECRET_TOKEN": key})
        said = result.stderr.decode()
        self.assertEqual(["my secret is -----BEGIN KEY-----", "•••", "•••", "-----END KEY-----"],
                         re.findall("plugin tells: (.*)", said))
        self.assertIn("•••?•••", result.stdout.decode())

    def test_fills_the_log(self):
        project = project_with(self, "fills_the_log")
        result = project.rondom("-o", "json", "run", "read", expect=1)
        self.assertEqual(['Connector "fills-the-log" of plugin "fills-the-log" tried to fill the log (more than 10000 lines '
                          'or 4 MiB in one call) and was refused.'], json.loads(result.stdout)["jobs"][0]["refused"])
        self.assertLess(result.stderr.count(b"\n"), 10_100)

    @unittest.skipIf(SANITIZED, "no limit of memory holds there")
    def test_takes_memory_of_other_kinds(self):
        self.contained("shares_memory", "did:", ["take memory that no limit counts (mmap)"])

    def test_hangs_when_it_is_loaded(self):
        """Whoever is killed for it takes along the process that the library is loaded in."""
        library = shutil.copy(ACTS / "act_hangs_when_loaded.so", Project(self).folder)
        host = subprocess.Popen([BUILD / "bin" / "rondom-plugin-host", "--manifest", library])
        self.addCleanup(host.wait)
        self.addCleanup(host.kill)
        loading = child_of(host.pid)
        left = os.pidfd_open(loading)
        self.addCleanup(os.close, left)
        host.kill()
        waiting = select.poll()
        waiting.register(left, select.POLLIN)
        ended = bool(waiting.poll(10_000))
        if not ended:
            os.kill(loading, signal.SIGKILL)
        self.assertTrue(ended)

    def test_writes_when_it_is_loaded(self):
        project = project_with(self, "writes_when_loaded")
        for more in ({}, {"preexec_fn": lose_landlock}):
            result = subprocess.run([RONDOM, "-C", project.folder, "-o", "json", "run", "read"], capture_output=True,
                                    check=False, **more)
            job = json.loads(result.stdout)["jobs"][0]
            self.assertEqual("did:", job["error"])
            self.assertIn("tried to change files (mkdir) and was refused", job["refused"][0])
            self.assertIn("tried to open the file /tmp/rondom-writes-when-loaded-", job["refused"][1])

    def test_what_needs_no_landlock(self):
        """Debian 12 has an early one, and some kernels have none."""
        victim = Project(self).write("victim.txt", "x")
        for plugin in ("changes_modes", "signals_parent"):
            project = project_with(self, plugin, target=victim)
            result = subprocess.run([RONDOM, "-C", project.folder, "run", "read"], capture_output=True, check=False,
                                    preexec_fn=lose_landlock)
            self.assertIn(b"This kernel has no Landlock", result.stderr)
            self.assertRegex(result.stdout.decode(), "did:\n")

    def test_a_link_in_its_folder_is_not_followed(self):
        """It could be turned to another library after everybody has looked."""
        project = Project(self)
        folder = project.folder / "plugins"
        folder.mkdir()
        for suffix in (".so", ".plugin.json"):
            (folder / f"act_forks{suffix}").symlink_to(ACTS / f"act_forks{suffix}")
        user = project_with(self, "forks", folder=folder)
        self.assertIn("act_forks.plugin.json is not used: it is a symbolic link",
                      user.rondom("validate", expect=78).stderr.decode())
        (folder / "act_forks.plugin.json").unlink()
        shutil.copy(ACTS / "act_forks.plugin.json", folder)
        self.assertIn("act_forks.plugin.json is not used: its library act_forks.so is a symbolic link",
                      user.rondom("validate", expect=78).stderr.decode())


class Consent(unittest.TestCase):
    """Who is let in: docs/decisions/0018-trust.md."""

    def refused(self, project, place, said, hint):
        for words, code in ((("validate",), 78), (("run", "--all"), 78), (("check",), 78)):
            problem = json.loads(project.rondom("-o", "json", *words, expect=code).stdout)
            first = problem["error"] if "error" in problem else problem["errors"][0]
            self.assertEqual(place, (first["file"], first["line"], first["column"]))
            self.assertIn(said, first["message"])
            self.assertIn(hint, first["hint"])

    def test_a_plugin_of_another_folder_has_to_be_named(self):
        project = project_with(self, "reads_other_file", trusted="", target="x")
        library = ACTS / "act_reads_other_file.so"
        self.refused(project, ("rondom.yaml", 6, 3),
                     f"connector reads-other-file is of plugin reads-other-file ({library}), which this project does "
                     "not trust", "trusted_plugins: { reads-other-file: { allow: [files], paths: [FOLDER], sha256: "
                     f'"{sha256(library)}" }} }}')

    def test_what_it_asks_for_has_to_be_allowed(self):
        project = project_with(self, "reads_other_file", target="x")
        self.refused(project, ("rondom.yaml", 4, 20), "connector reads-other-file of plugin reads-other-file asks for "
                     "files, which its allow does not name", "if it may, write allow: [files, …]")

    def test_another_build_than_the_pinned_one_is_refused(self):
        library, project = ACTS / "act_forks.so", None
        project = project_with(self, "forks", trusted=f'{{ sha256: "{sha256(library)}" }}')
        project.rondom("validate", expect=0)
        project = project_with(self, "forks", trusted=f'{{ sha256: "{"0" * 64}" }}')
        self.refused(project, ("rondom.yaml", 4, 37), "plugin forks is another build than the one that is trusted: "
                     f"{library} has sha256 {sha256(library)}", "write that one if you trust this build too")

    def test_entries_that_mean_nothing_are_refused(self):
        for entry, said in (("{ allow: [files] }", "plugin forks may use files, but paths names none"),
                            ("{ paths: [.] }", "plugin forks has paths, but may not use files"),
                            ("{ writes: [.] }", "plugin forks has paths, but may not use files"),
                            ("{ sha256: abc }", "sha256 must be 64 digits of 0-9 and a-f"),
                            ("{ allow: [sockets] }", "allow must be one of files, network; it is sockets")):
            project = project_with(self, "forks", trusted=entry)
            self.assertIn(said, project.rondom("validate", expect=78).stderr.decode())
        project = project_with(self, "forks", limits="memory_mb: 1")
        self.assertIn("memory_mb must be between 64 and 1048576", project.rondom("validate", expect=78).stderr.decode())
        project.write("rondom.yaml", "project: x\ntrusted_plugins: { mautick: {} }\n")
        (project.folder / "jobs" / "read.yaml").unlink()
        self.assertIn("rondom.yaml:2:20: error: there is no plugin mautick",
                      project.rondom("validate", expect=78).stderr.decode())

    def test_what_was_installed_with_rondom_needs_no_entry(self):
        project = Project(self)
        project.write("rondom.yaml", "project: x\nconnections: { out: { connector: file, config: { path: . } } }\n")
        project.rondom("validate", expect=0)

    def test_an_environment_cannot_trust(self):
        project = project_with(self, "forks", trusted="")
        project.write("env/prod.yaml", "trusted_plugins: { forks: {} }\n")
        said = project.rondom("--env", "prod", "validate", expect=78).stderr.decode()
        self.assertIn("env/prod.yaml:1:1", said)

    def test_show_says_what_is_asked_and_what_is_allowed(self):
        project = project_with(self, "reads_other_file", trusted="{ allow: [files], paths: [data] }")
        shown = json.loads(project.rondom("-o", "json", "connectors", "show", "reads-other-file", expect=0).stdout)[0]
        self.assertEqual((["files"], "by rondom.yaml, files in data, any build", sha256(ACTS / "act_reads_other_file.so")),
                         (shown["needs"], shown["trust"], shown["sha256"]))
        self.assertRegex(shown["confined_by"], r"^seccomp, (no )?Landlock")
        text = project.rondom("connectors", "show", "forks", expect=0).stdout.decode()
        self.assertRegex(text, r"trust +not usable here: connector forks is of plugin forks")
        text = project.rondom("connectors", "show", "file", expect=0).stdout.decode()
        self.assertRegex(text, r"trust +installed with Rondom")

    def test_who_can_change_a_folder_above_can_change_the_plugin(self):
        project = Project(self)
        folder = project.folder / "open" / "plugins"
        folder.mkdir(parents=True)
        for suffix in (".so", ".plugin.json"):
            shutil.copy(ACTS / f"act_forks{suffix}", folder)
        user = project_with(self, "forks", folder=folder)
        user.rondom("validate", expect=0)
        folder.parent.chmod(0o777)
        said = user.rondom("validate", expect=78).stderr.decode()
        self.assertIn(f"is in a folder that others can change: {folder.parent} (chmod go-w)", said)
        folder.parent.chmod(0o1777)  # as /tmp: only its owner renames what is in it
        user.rondom("validate", expect=0)


    @unittest.skipUnless(os.geteuid() == 0, "only root can take another group")
    def test_a_group_of_others_is_others(self):
        """That it is this user's group as well says nothing of who else is in it."""
        project = Project(self)
        folder = project.folder / "plugins"
        folder.mkdir()
        for suffix in (".so", ".plugin.json"):
            shutil.copy(ACTS / f"act_forks{suffix}", folder)
        group = next(one for one in grp.getgrall() if one.gr_gid != 0)
        library = folder / "act_forks.so"
        user = project_with(self, "forks", folder=folder)
        command = ["setpriv", "--egid", str(group.gr_gid), "--clear-groups", str(RONDOM), "-C", str(user.folder), "validate"]

        def said():
            return subprocess.run(command, capture_output=True, check=False).stderr.decode()
        library.chmod(0o775)
        self.assertEqual("", said())  # root's, with nobody else in it
        os.chown(library, 0, group.gr_gid)
        library.chmod(0o775)
        self.assertIn("its library act_forks.so can be changed by the others of its group (chmod g-w)", said())
        library.chmod(0o755)
        os.chown(folder, 0, group.gr_gid)
        folder.chmod(0o775)
        self.assertIn("can be changed by the others of its group (chmod g-w)", said())

    def test_presets_are_of_the_build_that_is_trusted(self):
        """What a withdrawal is, a preset says."""
        project = Project(self)
        folder = project.folder / "plugins"
        (folder / "act_forks.presets").mkdir(parents=True)
        for suffix in (".so", ".plugin.json"):
            shutil.copy(ACTS / f"act_forks{suffix}", folder)
        preset = folder / "act_forks.presets/people.yaml"
        preset.write_text("withdrawn: .opted_out == true\n")
        user = project_with(self, "forks", folder=folder)
        pin = json.loads(user.rondom("-o", "json", "connectors", "show", "forks", expect=0).stdout)[0]["sha256"]
        self.assertNotEqual(sha256(folder / "act_forks.so"), pin)
        user = project_with(self, "forks", folder=folder, trusted=f'{{ sha256: "{pin}" }}')
        user.rondom("validate", expect=0)
        preset.write_text("withdrawn: .opted_out == false\n")
        self.assertIn("plugin forks is another build than the one that is trusted", user.rondom("validate", expect=78)
                      .stderr.decode())
        preset.chmod(0o666)
        self.assertIn(f"is not used: of its presets, {preset} can be changed by everybody (chmod o-w)",
                      user.rondom("validate", expect=78).stderr.decode())
        preset.chmod(0o644)
        preset.parent.chmod(0o777)
        self.assertIn(f"{preset.parent} can be changed by everybody", user.rondom("validate", expect=78).stderr.decode())


class Terminal(unittest.TestCase):
    """What is printed for people is nothing that a terminal obeys, wherever it comes from."""
    OWN = re.compile(rb"\x1b\[(?:0|1|31|32|33)m")

    def quiet(self, project, *words, expect=None, shows=b"\\u001b[2J"):
        result = project.rondom(*words, expect=expect)
        said = self.OWN.sub(b"", result.stdout + result.stderr) if "always" in words else result.stdout + result.stderr
        self.assertEqual([], re.findall(rb"[\x00-\x08\x0b-\x1f\x7f]", said), words)
        text = said.decode()  # it is UTF-8
        self.assertEqual([], re.findall("[\x80-\x9f\u2028-\u202e\u2066-\u2069]", text), words)
        self.assertIn(shows, said, words)
        return result

    def test_of_a_plugin(self):
        project = project_with(self, "paints")
        run = self.quiet(project, "run", "read", expect=1)
        self.assertIn(b"did: paint\\u001b[2J\\u001b]0;trusted\\u0007\\u001b[31m\\u009bm\\u202e\\u000d\xef\xbf\xbd", run.stdout)
        for said in (b"logged\\u001b[2J", b"printed\\u001b[2J"):
            self.assertIn(said, run.stderr)
        self.quiet(project, "connectors", "show", "paints", expect=0)
        self.quiet(project, "connectors", "list", expect=0)
        shown = self.quiet(project, "--color", "always", "connectors", "show", "paints", expect=0)
        self.assertIn(b"\x1b[1mpaints\x1b[0m", shown.stdout)
        # Whoever reads JSON gets what was said.
        job = json.loads(project.rondom("-o", "json", "run", "read", expect=1).stdout)["jobs"][0]
        self.assertIn("did: paint\x1b[2J\x1b]0;trusted\x07\x1b[31m\x9bm\u202e\r", job["error"])
        installing = Project(self)
        installing.write("rondom.yaml", "project: shop\nplugins: [plugins]\n")
        self.quiet(installing, "plugin", "install", ACTS / "act_paints.so", expect=0)

    def test_of_a_record(self):
        project = Project(self)
        project.write("rondom.yaml", """
            project: shop
            connections: { crm: { connector: file, config: { path: . } } }
            """)
        project.write("jobs/read.yaml", """
            job: read
            source: crm
            streams:
              - { stream: people, options: { path: people.jsonl }, entity: person, key: .id,
                  map: { name.full: .name, email: .email } }
            """)
        name = "Anna\x1b[2J\x9b31m\u202e\rBram\nrun ok"
        project.write("people.jsonl", json.dumps({"id": "1", "name": name, "email": "anna@example.com"}) + "\n" + json.dumps({"name": name}) + "\n")
        project.rondom("run", "--all", expect=3)
        self.quiet(project, "preview", "read", expect=0)
        self.quiet(project, "quarantine", "show", expect=0)
        self.quiet(project, "profile", "explain", "anna@example.com", expect=0)


class Exports(unittest.TestCase):
    def test_every_plugin_exports_one_symbol(self):
        """What else a library exports may meet its namesake in another one."""
        libraries = sorted((BUILD / "plugins").glob("*.so")) + sorted(ACTS.glob("*.so"))
        self.assertGreaterEqual(len(list((BUILD / "plugins").glob("*.so"))), 10)
        for library in libraries:
            symbols = subprocess.run(["nm", "-D", "--defined-only", library], capture_output=True, check=True).stdout
            self.assertEqual([b"rondom_plugin_v1"], [line.split()[-1] for line in symbols.splitlines()], library)


class Debugging(unittest.TestCase):
    @unittest.skipIf(SANITIZED, "a sanitizer has a report of its own")
    def test_a_crash_says_where(self):
        project = project_with(self, "crashes", target="0")
        job = json.loads(project.rondom("-o", "json", "run", "read", expect=1).stdout)["jobs"][0]
        self.assertEqual('Connector "crashes" of plugin "crashes" was killed by signal 11 (SEGV) in read().', job["error"])
        trace = job["trace"]
        self.assertLessEqual(len(trace), 32)
        self.assertRegex(trace[0], r"^at act_crashes\.so\+0x[0-9a-f]+ \(inner[a-z.0-9]*\+0x[0-9a-f]+\)$")
        self.assertTrue(any("read_it+0x" in line for line in trace), trace)
        text = project.rondom("run", "read", expect=1).stdout.decode()
        self.assertIn("inner+0x", text)

    @unittest.skipIf(SANITIZED, "a sanitizer ends the process itself")
    def test_cores_are_left_on_purpose_only(self):
        project = project_with(self, "crashes", target="0")
        limits = ["prlimit", "--core=unlimited", str(RONDOM), "-C", str(project.folder), "-o", "json"]
        for more, left in (([], False), (["--core-dumps"], True)):
            result = subprocess.run([*limits, *more, "run", "read"], cwd=project.folder, capture_output=True, check=False)
            error = json.loads(result.stdout)["jobs"][0]["error"]
            if left and core_pattern_is_a_file():
                self.assertIn("and left a core dump", error)
            elif not left:
                self.assertNotIn("core dump", error)
            self.assertEqual(left, b"a crash may leave a core dump" in result.stderr)

    def test_a_plugin_runs_under_a_wrapper(self):
        project = project_with(self, "forks")
        wrapper = project.write("my tools/wrap.sh", """
            #!/bin/sh
            printf '%s\\n' "$@" > "$(dirname "$0")/words"
            shift 3
            exec "$@"
            """)
        wrapper.chmod(0o755)
        command = f"'{wrapper}' one\\ word '$HOME' \"it's\""
        result = project.rondom("--plugin-host-wrapper", command, "-o", "json", "run", "read", expect=1)
        self.assertIn("plugins run under", result.stderr.decode())
        self.assertEqual(1, len(json.loads(result.stdout)["jobs"]))
        words = (wrapper.parent / "words").read_text().splitlines()
        self.assertEqual(["one word", "$HOME", "it's"], words[:3])
        self.assertTrue(words[3].endswith("rondom-plugin-host"), words)
        # What is refused stays refused.
        self.assertIn("start a process (clone)", result.stdout.decode())
        self.assertIn("a ' is not closed", project.rondom("--plugin-host-wrapper", "it's", "run", "read", expect=2)
                      .stderr.decode())


if __name__ == "__main__":
    unittest.main()
