"""Records the cassettes of our connectors' fixtures anew, against the stand-ins of tests/sandbox:

    RONDOM_BUILD=build/debug RONDOM_SOURCE=. python3 tests/conformance/record_fixtures.py [plugin …]

Each fixtures/conformance.yaml is used as it is, but for the address of the system and the time. Few people, all of
example.com."""
import datetime
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

SOURCE = pathlib.Path(os.environ["RONDOM_SOURCE"]).resolve()
BUILD = pathlib.Path(os.environ["RONDOM_BUILD"]).resolve()
sys.path.insert(0, str(SOURCE / "tests" / "sandbox"))
import ga4, hubspot, klaviyo, mailchimp, matomo, mautic, salesforce, tealium  # noqa: E401,E402

PEOPLE = [("anna", "Anna", "Bakker"), ("bart", "Bart", "de Wit"), ("carla", "Carla", "Smit"),
          ("dirk", "Dirk", "Visser"), ("eva", "Eva", "Mulder"), ("fons", "Fons", "Kok")]
NOW = datetime.datetime.now(datetime.timezone.utc).replace(microsecond=0)
MARCH = 1_772_700_000  # seconds: 2026-03-05


def email(name):
    return f"{name}@example.com"


def fill_hubspot(system):
    hubspot.LIST_PAGE_MAX = 100
    for number, (name, first, last) in enumerate(PEOPLE):
        system.add("contacts", {"email": email(name), "firstname": first, "lastname": last}, (MARCH + (number + 1) // 2) * 1000)
    system.opt_out(email("eva"), (MARCH + 9) * 1000)


def fill_klaviyo(system):
    for number, (name, first, last) in enumerate(PEOPLE):
        system.add({"email": email(name), "first_name": first, "last_name": last}, MARCH + (number + 1) // 2)


def fill_mailchimp(system):
    for number, (name, first, last) in enumerate(PEOPLE):
        member = system.add({"email_address": email(name), "merge_fields": {"FNAME": first, "LNAME": last}})
        member["timestamp_opt"] = member["last_changed"] = mailchimp.stamp(MARCH + (number + 1) // 2)


def fill_matomo(system):
    for number in range(24):  # three pages, with visits of one second at the end of each
        system.add(number + 1, int(NOW.timestamp()) - 7200 + number // 3, userId=email(PEOPLE[number % 6][0]))


def fill_mautic(system):
    for name, first, last in PEOPLE:
        system.create({"email": email(name), "firstname": first, "lastname": last})
    for contact in list(system.contacts.values())[:3]:
        system.add_dnc(contact, "email", 1, "no more")


def fill_salesforce(system):
    system.polls = 1
    for number, (name, first, last) in enumerate(PEOPLE):
        system.add("Contact", salesforce.stamp(datetime.datetime.fromtimestamp(MARCH + (number + 1) // 2, datetime.timezone.utc)), FirstName=first, LastName=last, Email=email(name))


def fill_ga4(system):
    for number, (name, _first, _last) in enumerate(PEOPLE):
        system.add(number % 3, "c-" + name, sessions=number + 1)


def fill_tealium(system):
    for number, (name, first, _last) in enumerate(PEOPLE):
        system.visitors[f"guid-{number}"] = {"visits": 1, "customer_id": f"customer-{number}", "email_address": email(name),
                                             "first_name": first}


SYSTEMS = {"hubspot": (hubspot, fill_hubspot), "klaviyo": (klaviyo, fill_klaviyo), "mailchimp": (mailchimp, fill_mailchimp),
           "matomo": (matomo, fill_matomo), "mautic": (mautic, fill_mautic), "salesforce": (salesforce, fill_salesforce),
           "ga4": (ga4, fill_ga4), "tealium": (tealium, fill_tealium)}


def entries(text):
    """The texts of the connectors of a conformance.yaml."""
    return re.split(r"(?m)^(?=  - connector:)", text)[1:]


def without_doubles(text):
    """Whole runs are recorded one after the other: what was asked the same way and answered the same is kept twice at
    most, as a run asks for its token and its page again."""
    seen, kept = {}, []
    for line in text.splitlines():
        seen[line] = seen.get(line, 0) + 1
        if seen[line] <= 2:
            kept.append(line)
    return "\n".join(kept) + "\n"


def record(name):
    module, fill = SYSTEMS[name]
    fixtures = SOURCE / "plugins" / name / "fixtures"
    yaml = fixtures / "conformance.yaml"
    stamp = NOW.strftime("%Y-%m-%dT%H:%M:%SZ")
    text = re.sub(r"(?m)^    now: .*$", f"    now: {stamp}", yaml.read_text())
    for entry in entries(text):
        cassette = re.search(r"cassette: (\S+)", entry)
        if not cassette:
            continue
        server = module.serve()
        fill(getattr(server, name, None) or server.system)
        address = re.search(r'url: "(https://[^"/]+)', entry)[1]
        folder = pathlib.Path(tempfile.mkdtemp())
        shutil.copytree(fixtures, folder, dirs_exist_ok=True)
        (folder / "conformance.yaml").write_text("connectors:\n" + entry.replace(address, server.address))
        (folder / cassette[1]).unlink(missing_ok=True)
        tape = folder / cassette[1]
        done = subprocess.run([BUILD / "bin" / "rondom", "--record", tape, "plugin", "run",
                               BUILD / "plugins" / (name + ".so"), "--fixtures", folder], capture_output=True, check=False)
        print(name, cassette[1], done.returncode, done.stderr.decode().strip()[:300])
        bare, plain = server.address.removeprefix("http://"), address.removeprefix("https://")
        said = without_doubles(tape.read_text()).replace(server.address, address).replace(bare, plain)
        (fixtures / cassette[1]).write_text(said)
        print("  ", len(said), "bytes,", said.count("\n") - 1, "exchanges")
        server.shutdown()
        shutil.rmtree(folder)
    yaml.write_text(text)


if __name__ == "__main__":
    for one in sys.argv[1:] or SYSTEMS:
        record(one)
