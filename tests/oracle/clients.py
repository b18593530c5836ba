"""What our connectors ask, said again by clients that are not ours: the same method, address and body, or it is named.

    RONDOM_BUILD=build/release RONDOM_SOURCE=. python3 tests/oracle/clients.py

Runs the project configs/sandbox against stand-ins and takes down every request. Each that a client has a call for
is made by that client against other stand-ins, and must arrive there the same. Needs npm and its registry; says so
when it skips.
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import unittest
import urllib.parse

HERE = pathlib.Path(__file__).resolve().parent
sys.path[:0] = [str(HERE.parent / "sandbox"), str(HERE.parent / "cli")]
import population  # noqa: E402
import sandbox  # noqa: E402
from project import Project  # noqa: E402

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"])
INSTALL_SECONDS = 90


def calls_of_hubspot(request):
    path, body = request["path"], request["body"]
    for pattern, method in ((r"/crm/v3/objects/contacts/batch/upsert", "crm.contacts.batchApi.upsert"),
                            (r"/crm/v3/objects/contacts/batch/update", "crm.contacts.batchApi.update"),
                            (r"/crm/v3/objects/contacts/batch/archive", "crm.contacts.batchApi.archive"),
                            (r"/crm/v3/objects/contacts/search", "crm.contacts.searchApi.doSearch")):
        if re.fullmatch(pattern, path):
            return [method, body]
    member = re.fullmatch(r"/crm/v3/lists/(\w+)/memberships/(add|remove)", path)
    return ["crm.lists.membershipsApi." + member[2], member[1], body] if member else None


def calls_of_mailchimp(request):
    query = dict(urllib.parse.parse_qsl(request["query"]))
    query.update({name: query[name].split(",") for name in ("fields", "exclude_fields") if name in query})
    member = re.fullmatch(r"/3\.0/lists/(\w+)/members", request["path"])
    if member and request["method"] == "GET":
        return ["lists.getListMembersInfo", member[1], query]
    return ["lists.getAllLists", query] if request["path"] == "/3.0/lists" else None


def calls_of_mautic(request):
    query, path = dict(urllib.parse.parse_qsl(request["query"])), request["path"]
    if path == "/api/stats/lead_donotcontact":
        return ["stats.getStatsFromATable", "lead_donotcontact", query]
    if path == "/api/contacts" and request["method"] == "GET":
        return ["contacts.listContacts", query]
    member = re.fullmatch(r"/api/segments/(\d+)/contact/(\d+)/remove", path)
    return ["segments.removeContactFromSegment", int(member[1]), int(member[2])] if member else None


# What a client adds or leaves out by itself, and who of them can make which calls.
CLIENTS = {
    "hubspot": (calls_of_hubspot, {"crm.contacts.batchApi.upsert", "crm.lists.membershipsApi.add", "crm.lists.membershipsApi.remove",
                                   "crm.contacts.searchApi.doSearch"}),
    "mailchimp": (calls_of_mailchimp, {"lists.getListMembersInfo", "lists.getAllLists"}),
    "mautic": (calls_of_mautic, {"stats.getStatsFromATable", "contacts.listContacts", "segments.removeContactFromSegment"}),
}


def shape(request):
    """What has to be equal."""
    return request["method"], request["path"], sorted(urllib.parse.parse_qsl(request["query"])), request["body"] or {}


def requests_of(running, name):
    server = running.servers[name]
    return (server.mautic if name == "mautic" else server.system).requests


class Clients(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        if not shutil.which("npm"):
            raise unittest.SkipTest("SKIPPED: there is no npm here")

    def setUp(self):
        self.people = population.people(40)

    def start(self):
        running = sandbox.Sandbox()
        self.addCleanup(running.close)
        running.fill(self.people)
        return running

    def asked_by_us(self):
        """Every request of two runs, between which somebody says no."""
        ours = self.start()
        project = Project(self)
        shutil.copytree(SOURCE / "configs/sandbox", project.folder, dirs_exist_ok=True,
                        ignore=shutil.ignore_patterns("var", "out", "env", "secrets", "data"))
        ours.write_to(project.folder, self.people)
        project.rondom("--env", "sandbox", "run", "--all", expect=(0, 3))
        ours.servers["hubspot"].system.opt_out(next(one.email for one in self.people if one.may_be_mailed))
        project.rondom("--env", "sandbox", "run", "--all", expect=(0, 3))
        return ours

    def install(self, name):
        folder = pathlib.Path(tempfile.mkdtemp(prefix="rondom-oracle-"))
        self.addCleanup(shutil.rmtree, folder, ignore_errors=True)
        shutil.copytree(HERE / name, folder, dirs_exist_ok=True)
        try:
            installed = subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--fetch-retries=0"], cwd=folder,
                                       check=False, capture_output=True, text=True, timeout=INSTALL_SECONDS)
        except subprocess.TimeoutExpired:
            self.skipTest(f"SKIPPED: npm ci took over {INSTALL_SECONDS} s")
        if installed.returncode != 0:
            self.skipTest("SKIPPED: npm ci failed, perhaps there is no registry: " + installed.stderr[-300:])
        return folder

    def test_the_same_requests(self):
        ours = self.asked_by_us()
        for name, (call_of, expected) in CLIENTS.items():
            with self.subTest(client=name):
                asked, calls = [], []
                for request in requests_of(ours, name):
                    call = call_of(request)
                    if call and shape(request) not in asked:
                        asked.append(shape(request))
                        calls.append(call)
                self.assertEqual(expected, {call[0] for call in calls}, "not every call was made at all")
                folder = self.install(name)
                theirs = self.start()
                # Nobody's answer matters here; a contact that is not there is an error of the client's.
                said = subprocess.run(["node", "call.mjs", theirs.servers[name].address, json.dumps(calls)], cwd=folder, check=False,
                                      capture_output=True, text=True, timeout=60)
                heard = [shape(request) for request in requests_of(theirs, name)]
                for wanted in asked:
                    self.assertIn(wanted, heard, said.stderr[-1500:])
                print(f"{name}: {len(asked)} requests are those of its client")


if __name__ == "__main__":
    unittest.main()
