"""jsforce against the stand-in for Salesforce: check_salesforce.py. Installs the packages of the lock file beside a copy."""
import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "sandbox"))
import salesforce  # noqa: E402

EXPECTED = {"described": True, "found": 249, "foundWithDeleted": 250, "refused": "INVALID_FIELD", "bulk": [249, 'van "der" 1, jr'],
            "upserted": ["done", "STRING_TOO_LONG"], "updated": ["done"], "deleted": ["done"], "deletedAgain": ["ENTITY_IS_DELETED"],
            "ingested": [[['de "Boer", jr', "true"]], ["STRING_TOO_LONG"], 0]}


def main():
    if not shutil.which("npm"):
        print("SKIPPED: there is no npm here")
        return 0
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(HERE / "salesforce", folder, dirs_exist_ok=True)
        try:
            installed = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"], cwd=folder,
                                       check=False, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, timeout=90)
        except subprocess.TimeoutExpired:
            print("SKIPPED: npm ci took over 90 s")
            return 0
        if installed.returncode != 0:
            print("SKIPPED: npm ci failed, perhaps there is no registry:", installed.stderr.decode()[-300:])
            return 0
        server = salesforce.serve()
        server.system.tokens.add("a-token")
        server.system.batch = 100
        for n in range(250):
            server.system.add("Contact", LastName=f'van "der" {n}, jr')
        server.system.delete("Contact", next(iter(server.system.records["Contact"])))
        said = subprocess.run(["node", "check.mjs", server.address, "a-token"], cwd=folder, check=False, timeout=60,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        server.shutdown()
        if said.returncode != 0:
            print(said.stderr.decode()[-2000:])
            return 1
        seen = json.loads(said.stdout)
        for name, value in EXPECTED.items():
            if seen.get(name) != value:
                print(f"{name}: jsforce saw {seen.get(name)}, expected {value}")
        print("as expected" if seen == EXPECTED else "NOT as expected")
        return 0 if seen == EXPECTED else 1


if __name__ == "__main__":
    sys.exit(main())
