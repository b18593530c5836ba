"""Every stand-in of this folder at once, filled with made-up people, for a project that names them:

    python3 tests/sandbox/sandbox.py [--people 200] [--port 8801] [PROJECT]

PROJECT (default configs/sandbox) gets env/sandbox.yaml with the addresses, secrets/ with what the stand-ins want to
hear, data/shop.db, and out/audience-manager, the folder that files are delivered to. Ends with Ctrl-C or with standard input. Nothing of it leaves this machine.
"""
import argparse
import pathlib
import signal
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import hubspot  # noqa: E402
import klaviyo  # noqa: E402
import mailchimp  # noqa: E402
import matomo  # noqa: E402
import mautic  # noqa: E402
import population  # noqa: E402
import salesforce  # noqa: E402

# name: module, secret
SYSTEMS = {
    "salesforce": (salesforce, salesforce.CLIENT_SECRET),
    "mailchimp": (mailchimp, mailchimp.API_KEY),
    "matomo": (matomo, matomo.TOKEN),
    "hubspot": (hubspot, hubspot.TOKEN),
    "mautic": (mautic, mautic.PASSWORD),
    "klaviyo": (klaviyo, klaviyo.API_KEY),
}


class Sandbox:
    """Running stand-ins: servers by name. Call close() at the end."""

    def __init__(self, first_port=0):
        self.servers = {}
        self.now = time.time()  # of the visits, and of the orders made in them
        for nth, (name, (module, _)) in enumerate(SYSTEMS.items()):
            try:
                self.servers[name] = module.serve(first_port + nth if first_port else 0)
            except OSError as error:
                self.close()
                raise SystemExit(f"sandbox: port {first_port + nth} for {name}: {error.strerror}; choose others with --port")

    def fill(self, everybody):
        population.fill_crm(self.servers["salesforce"].system, everybody)
        population.fill_mailing(self.servers["mailchimp"].system, everybody)
        population.fill_analytics(self.servers["matomo"].system, everybody, self.now)

    def write_to(self, project, everybody):
        """What a project needs to find the stand-ins."""
        environment = project / "env" / "sandbox.yaml"
        environment.parent.mkdir(parents=True, exist_ok=True)
        addresses = "".join(f"  {name}_url: {server.address}\n" for name, server in self.servers.items())
        environment.write_text(f"# Written by sandbox.py: where the stand-ins listen this time.\nvars:\n{addresses}deliver: send\n",
                               encoding="utf-8")
        (project / "out" / "audience-manager").mkdir(parents=True, exist_ok=True)  # where a synchroniser would look
        secrets = project / "secrets"
        secrets.mkdir(mode=0o700, exist_ok=True)
        for name, (_, secret) in SYSTEMS.items():
            path = secrets / name.upper()
            path.touch(mode=0o600)
            path.write_text(secret, encoding="utf-8")
        population.write_shop(project / "data" / "shop.db", everybody, self.now)

    def close(self):
        for server in self.servers.values():
            server.shutdown()
            server.server_close()


def main():
    parser = argparse.ArgumentParser(description="Stand-ins for every system, filled with made-up people.")
    parser.add_argument("project", nargs="?", type=pathlib.Path,
                        default=pathlib.Path(__file__).resolve().parents[2] / "configs" / "sandbox")
    parser.add_argument("--people", type=int, default=200)
    parser.add_argument("--port", type=int, default=8801, help="the first of them; 0: any that are free")
    options = parser.parse_args()
    everybody = population.people(options.people)
    sandbox = Sandbox(options.port)
    sandbox.fill(everybody)
    sandbox.write_to(options.project, everybody)
    print(f"Stand-ins with {options.people} made-up people, as long as this runs:\n")
    for name, server in sandbox.servers.items():
        print(f"  {name:<12}{server.address}   requests: {server.address}/__requests   state: {server.address}/__state")
    print(f"""
In another terminal:

  alias rondom='{pathlib.Path(__file__).resolve().parents[2]}/build/release/bin/rondom -C {options.project} --env sandbox'
  rondom check                    # does every system answer?
  rondom run --all                # read, unify, deliver
  rondom run --all                # nothing changes
  rondom profile find {everybody[0].email}
  curl -d '{{"kind":"status","status":429,"path":"/contacts","retry_after":1}}' {sandbox.servers["hubspot"].address}/__fault
                                  # and run again: what a vendor's limit looks like

Ctrl-C ends them; what they hold is forgotten. Delete {options.project}/var before starting anew.""", flush=True)
    try:
        if sys.stdin.isatty():
            signal.pause()
        else:
            sys.stdin.read()
    except KeyboardInterrupt:
        print()
    sandbox.close()


if __name__ == "__main__":
    main()
