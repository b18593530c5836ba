"""An empty Debian 12 in a folder, and commands run in it. Nothing outside of it changes: mounts, processes and the
network are those of namespaces, which end with the test. Needs root and debootstrap."""
import contextlib
import ctypes
import fcntl
import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile

SUITE = "bookworm"
CLONE_NEWNET = 0x40000000
IFF_UP = 1
SIOCSIFFLAGS = 0x8914


def why_not():
    """What keeps this machine from running the test, or nothing."""
    if os.geteuid() != 0:
        return "it takes root to make a Debian in a folder"
    if not shutil.which("debootstrap") or not shutil.which("unshare"):
        return "debootstrap is missing: packaging/install-dependencies.sh --checks"
    return ""


def within_namespaces():
    """Starts this program again with mounts and processes of its own, once."""
    if os.environ.get("RONDOM_IN_NAMESPACES") != "1":
        os.environ["RONDOM_IN_NAMESPACES"] = "1"
        os.execvp("unshare", ["unshare", "--mount", "--pid", "--fork", "--kill-child", "--mount-proc",
                              sys.executable, "-B", *sys.argv])


def archive():
    """Where this machine takes Debian from."""
    said = subprocess.run(["apt-get", "indextargets", "--format", "$(REPO_URI)", "Created-By: Packages", f"Codename: {SUITE}"],
                          check=True, capture_output=True, text=True).stdout.split()
    return said[0]


@contextlib.contextmanager
def debian():
    """A Root. RONDOM_TEST_ROOT may name one that debootstrap made before, which is copied."""
    folder = pathlib.Path(tempfile.mkdtemp(prefix="rondom-root-"))
    path = folder / "root"
    try:
        if os.environ.get("RONDOM_TEST_ROOT"):
            subprocess.run(["cp", "-a", "--reflink=auto", os.environ["RONDOM_TEST_ROOT"], path], check=True)
        else:
            subprocess.run(["debootstrap", "--variant=minbase", SUITE, path, archive()], check=True, stdout=subprocess.DEVNULL)
        shutil.copy("/etc/resolv.conf", path / "etc/resolv.conf")
        subprocess.run(["mount", "-t", "proc", "proc", path / "proc"], check=True)
        yield Root(path)
    finally:
        subprocess.run(["umount", path / "proc"], check=False, stderr=subprocess.DEVNULL)
        if not os.path.ismount(path / "proc"):
            shutil.rmtree(folder)


class Root:
    def __init__(self, path):
        self.path = path

    def __truediv__(self, name):
        return self.path / str(name).lstrip("/")

    def command(self, *words, user=None, environment=None):
        return {"args": ["chroot", *([f"--userspec={user}:{'nogroup' if user == 'nobody' else user}"] if user else []), str(self.path), *map(str, words)],
                "env": {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C.UTF-8", "HOME": "/tmp", "DEBIAN_FRONTEND": "noninteractive",
                        **(environment or {})}}

    def run(self, *words, user=None, expect=0, **more):
        result = subprocess.run(**self.command(*words, user=user, **more), capture_output=True, text=True, encoding="utf-8",
                                timeout=900, check=False, stdin=subprocess.DEVNULL)
        if expect is not None and result.returncode != expect:
            raise AssertionError(f"{' '.join(map(str, words))}: exit {result.returncode}, expected {expect}\n{result.stdout[-3000:]}"
                                 f"\n{result.stderr[-3000:]}")
        return result

    def apt(self, *words, **more):
        return self.run("apt-get", "-q", "-y", "--no-install-recommends", *words, **more)

    def write(self, name, text, mode=0o644, owner=None):
        path = self / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        path.chmod(mode)
        if owner:
            shutil.chown(path, *self.numbers(owner))
        return path

    def numbers(self, user):
        fields = next(line for line in (self / "etc/passwd").read_text().splitlines() if line.startswith(user + ":")).split(":")
        return int(fields[2]), int(fields[3])

    def owner(self, name):
        """user:group mode, as the root's own users are called."""
        return self.run("stat", "-c", "%U:%G %a", name).stdout.strip()


def own_network():
    """To be called in a child: a network with nothing but a loopback, so that the service meets no other."""
    if ctypes.CDLL(None, use_errno=True).unshare(CLONE_NEWNET) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, SIOCSIFFLAGS, struct.pack("16sh14x", b"lo", IFF_UP))


def end(process, seconds, sent=signal.SIGTERM):
    process.send_signal(sent)
    return process.wait(timeout=seconds)
