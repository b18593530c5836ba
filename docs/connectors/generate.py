"""Writes the pages of this folder from what the connectors say of themselves: generate.py RONDOM [FOLDER].

RONDOM is the program; the connectors beside it are asked with `connectors show`. A test holds the pages against it.
"""
import json
import pathlib
import subprocess
import sys

HEAD = "<!-- Written by generate.py from the connectors' own declarations. Do not edit. -->\n"
# Systems that have no public API that a program could speak: their files and tables are read and written instead.
BY_FILE = [
    ("Selligent / Marigold Engage", "file", "its exports and imports as CSV", "marigold-files"),
    ("Archie", "sql", "views of its database, and files", "archie-sql"),
]


def asked(rondom, *words):
    result = subprocess.run([rondom, "-o", "json", "connectors", *words], check=True, stdout=subprocess.PIPE, timeout=60)
    return json.loads(result.stdout)


def signing(schema):
    """How requests are signed, in a word or two for each alternative."""
    names = {"basic": "basic", "bearer": "token", "api_key": "API key", "api_key_query": "API key",
             "api_key_form": "API key", "token_login": "token for a key",
             "oauth2_client": "OAuth 2 client credentials", "oauth2_refresh": "OAuth 2 refresh token",
             "oauth2_jwt": "OAuth 2 JWT"}
    found = [names.get(one["kind"], one["kind"]) for one in schema.get("x-auth", [])]
    if not found:
        secrets = [name for name, about in schema.get("properties", {}).items() if about.get("x-secret")]
        found = [" and ".join(secrets)] if secrets else []
    return " or ".join(dict.fromkeys(found)) or "-"


def cell(text):
    return str(text).replace("|", "\\|").replace("\n", " ")


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + " --- |" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(map(cell, row)) + " |" for row in rows]) + "\n"


def facts_of(one):
    return (one["configuration"] or {}).get("x-facts", {})


def yes(flag):
    return "yes" if flag else "-"


def lines_of_code(folder):
    """Lines of C++ that are neither blank nor a comment, to the next 50, so that not every change shows here."""
    lines = [line.strip() for path in [*folder.glob("*.cpp"), *folder.glob("*.h")]
             for line in path.read_text(encoding="utf-8").splitlines()]
    count = sum(bool(line) and not line.startswith("//") for line in lines)
    return -(-count // 50) * 50


def catalogue(systems, examples, plugins):
    rows = []
    for name, parts in systems.items():
        source = next((one for one in parts if one["kind"] == "source"), None)
        destination = next((one for one in parts if one["kind"] == "destination"), None)
        streams = facts_of(source).get("streams", []) if source else []
        actions = {one["name"] for one in facts_of(destination).get("actions", [])} if destination else set()
        evidence = dict.fromkeys(one["kind"] for part in parts for one in facts_of(part).get("evidence", []))
        rows.append([
            f"[{parts[0]['title']}]({name}.md)", yes(source), yes(any(one["changes"] for one in streams)),
            yes(any(one["deletions"] for one in streams)), yes(any(one["feedback"] for one in streams)),
            yes(destination), " ".join(word for word in ("leave_segment", "unsubscribe", "delete") if word in actions) or "-",
            signing(parts[0]["configuration"]), ", ".join(evidence) or "-", f"{lines_of_code(plugins / parts[0]['plugin']):,}"])
    for title, connector, how, example in BY_FILE:
        if example in examples:
            rows.append([f"[{title}](../../configs/examples/{example}/README.md)", f"by `{connector}`", "", "", "", "", "", "-",
                         f"no public API: {how}; an example project, run in tests", ""])
    return HEAD + """
# Connectors

What each can do, as it says itself. **Incremental**: only what changed is read. **Deletions**: what is gone is noticed.
**Feedback**: withdrawals and bounces of what was delivered come back. **Takes out**: what a delivery can do beside
creating and updating. **Evidence**: what it was held against beside its author's reading of the documentation and a
stand-in of ours; none of them has been run against a live account of a vendor here. **Lines**: of C++, without blank ones
and comments, about. What of a vendor's bad days each is tested against: [survival](../reference/survival.md).

""" + table(["system", "reads", "incremental", "deletions", "feedback", "writes", "takes out", "signs in with", "evidence", "lines"], rows) + """
`rondom connectors list` and `rondom connectors show NAME` say the same of the connectors that are installed. Set-up at
the vendor, permissions and limits: the README of each plugin.
"""


def members(schema):
    rows = []
    for name, about in schema.get("properties", {}).items():
        if name == "network":
            continue
        kind = about.get("type", "any") + (", secret" if about.get("x-secret") else "")
        if name in schema.get("required", []):
            kind += ", required"
        choices = ", ".join(f"`{one}`" for one in about.get("enum", []))
        default = about.get("default", "")
        rows.append([f"`{name}`", kind, f"`{json.dumps(default)}`" if default != "" else "",
                     about.get("description", "") + (f" One of: {choices}." if choices else "")])
    return table(["", "type", "default", "what"], rows) if rows else "None.\n"


def page(name, parts):
    out = [HEAD, f"\n# {parts[0]['title']}\n\nConnector `{name}` {parts[0]['version']}; set-up, permissions and limits: "
                 f"[its README](../../plugins/{parts[0]['plugin']}/README.md).\n"]
    for one in parts:
        schema, facts = one["configuration"], facts_of(one)
        out.append(f"\n## {one['kind'].capitalize()}\n{schema['description']}\n")
        if "streams" in facts:
            out.append("\n" + table(["stream", "incremental", "deletions", "feedback", "what"], [
                [f"`{row['name']}`", yes(row["changes"]), yes(row["deletions"]), yes(row["feedback"]), row["what"]]
                for row in facts["streams"]]))
        if "actions" in facts:
            out.append("\n" + table(["action", "what happens"], [[f"`{row['name']}`", row["what"]] for row in facts["actions"]]))
        out.append("\n**Options of a " + ("stream" if one["kind"] == "source" else "job") + "**\n\n" + members(schema.get("x-options", {})))
    schema = parts[0]["configuration"]
    out.append("\n## Connection\n" + members(schema))
    for auth in schema.get("x-auth", []):
        out.append(f"\n- {auth['kind']}: " + ", ".join(f"`{field}`" for field in auth["fields"]) + "\n")
    http = schema.get("x-http")
    if http:
        hosts = [http["base_url"]] if "base_url" in http else []
        hosts += http["hosts"] + [f"the one in `{field}`" for field in
                                  ([http["base_url_field"]] if "base_url_field" in http else []) + http["host_fields"]]
        out.append("\nHosts it may speak to: " + ", ".join(hosts) + ".\n")
    if one["needs"]:
        out.append("\nNeeds: " + ", ".join(one["needs"]) + ".\n")
    evidence = {row["kind"]: row["what"] for part in parts for row in facts_of(part).get("evidence", [])}
    if evidence:
        out.append("\n## Evidence\n" + table(["kind", "what"], evidence.items()))
    return "".join(out).replace("\n\n- ", "\n- ")


def pages(rondom, repository):
    """What every file of this folder should hold, by name."""
    systems = {}
    for name in sorted({one["connector"] for one in asked(rondom, "list")}):
        systems[name] = [one for one in asked(rondom, "show", name) if one["configuration"]]
    examples = {path.parent.name for path in (repository / "configs/examples").glob("*/README.md")}
    found = {f"{name}.md": page(name, parts) for name, parts in systems.items()}
    found["README.md"] = catalogue(systems, examples, repository / "plugins")
    return found


if __name__ == "__main__":
    repository = pathlib.Path(__file__).resolve().parents[2]
    folder = pathlib.Path(sys.argv[2] if len(sys.argv) > 2 else repository / "docs/connectors")
    for name, text in pages(sys.argv[1], repository).items():
        (folder / name).write_text(text, encoding="utf-8")
