"""A stand-in for systemd: starts a service of a root as its unit says, as far as a process can do that to itself (user,
folders, system calls, a network of its own), and listens to what it says of itself."""
import ctypes
import os
import re
import shlex
import signal
import socket
import subprocess
import time

import root as roots

ALLOW, REFUSE = 0x7FFF0000, 0x00050001  # SCMP_ACT_ALLOW; SCMP_ACT_ERRNO(EPERM)
NO_NEW_PRIVILEGES = 38


def settings(text):
    """[(key, value)] of a unit, in order."""
    return [tuple(part.strip() for part in line.split("=", 1)) for line in text.splitlines() if re.match(r"^[A-Z]\w*=", line)]


def filter_of(unit):
    """Names of the system calls that a unit's SystemCallFilter= leaves, as this machine's systemd knows its groups."""
    groups, name = {}, None
    for line in subprocess.run(["systemd-analyze", "syscall-filter", "--no-pager"], check=True, capture_output=True, text=True).stdout.splitlines():
        line = re.sub(r"\x1b\[[0-9;]*m", "", line)
        if line.startswith("@"):
            name = line.strip()
            groups[name] = []
        elif name and line.startswith(" ") and not line.strip().startswith("#"):
            groups[name].append(line.strip())

    def calls(word):
        return {call for part in groups[word] for call in calls(part)} if word.startswith("@") else {word}

    left = set()
    for _, value in [one for one in settings(unit) if one[0] == "SystemCallFilter"]:
        named = {call for word in value.lstrip("~").split() for call in calls(word)}
        left = left - named if value.startswith("~") else left | named
    return left


class Filter:
    """Made before, laid on in the child: after it no library can be looked for."""

    def __init__(self, names):
        self.seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
        self.seccomp.seccomp_init.restype = ctypes.c_void_p
        self.context = ctypes.c_void_p(self.seccomp.seccomp_init(ctypes.c_uint32(REFUSE)))
        self.process = ctypes.CDLL(None, use_errno=True)
        for name in names:
            number = self.seccomp.seccomp_syscall_resolve_name(name.encode())
            if number >= 0:
                self.seccomp.seccomp_rule_add(self.context, ctypes.c_uint32(ALLOW), number, ctypes.c_uint(0))

    def lay_on(self):
        if self.process.prctl(NO_NEW_PRIVILEGES, 1, 0, 0, 0) != 0 or self.seccomp.seccomp_load(self.context) != 0:
            raise OSError("the filter cannot be laid on")


class Service:
    def __init__(self, root, watchdog_seconds, change_unit=lambda text: text):
        self.root = root
        self.unit = change_unit((root / "usr/lib/systemd/system/rondom.service").read_text(encoding="utf-8"))
        self.watchdog_seconds = watchdog_seconds
        self.listener = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.address = root / "run/notify"
        self.address.unlink(missing_ok=True)
        self.listener.bind(str(self.address))
        self.address.chmod(0o666)
        self.said = []
        self.process = None
        self.log = root / "tmp/service.log"

    def words(self, key):
        """The command of a line of the unit."""
        return shlex.split(dict(settings(self.unit))[key].replace("$RONDOM_FLAGS", ""))

    def start(self, words=None):
        """What ExecStart says, or another program in its place."""
        uid, gid = self.root.numbers("rondom")
        run = self.root / "run/rondom"
        run.mkdir(mode=0o750, exist_ok=True)
        os.chown(run, uid, gid)
        limits = Filter(filter_of(self.unit))

        def become():
            roots.own_network()
            os.chroot(self.root.path)
            os.chdir("/var/lib/rondom")
            os.setgroups([gid])
            os.setgid(gid)
            os.setuid(uid)
            os.umask(0o077)
            os.environ.clear()
            os.environ.update(PATH="/usr/bin:/bin", LANG="C.UTF-8", NOTIFY_SOCKET="/run/notify", WATCHDOG_PID=str(os.getpid()),
                              WATCHDOG_USEC=str(self.watchdog_seconds * 1_000_000))
            limits.lay_on()

        with open(self.log, "wb") as log:
            self.process = subprocess.Popen(words or self.words("ExecStart"), preexec_fn=become, stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    def wait_for(self, key, seconds=30, after=0):
        """The first message from number `after` on that has the key, as a dictionary, and the number behind it."""
        ends = time.monotonic() + seconds
        while True:
            for number, message in enumerate(self.said[after:], after):
                if key in message:
                    return message, number + 1
            self.listener.settimeout(max(0.01, ends - time.monotonic()))
            try:
                text = self.listener.recv(65536).decode()
            except TimeoutError as late:
                raise AssertionError(f"no {key} within {seconds} s; said: {self.said[after:]}\n{self.told()[-3000:]}") from late
            self.said.append(dict(line.split("=", 1) for line in text.strip().splitlines()))

    def told(self):
        return self.log.read_text(encoding="utf-8", errors="replace")

    def ask(self, *words, **more):
        """A verb of somebody on this machine."""
        return self.root.run(*words, **more)

    def signal(self, number):
        self.process.send_signal(number)

    def stop(self, seconds=60):
        """Exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(timeout=seconds)

    def close(self):
        if self.process and self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        self.listener.close()
