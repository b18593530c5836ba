"""A stand-in for Mautic's REST API, on loopback and in memory: mautic.py [--port N] [--no-merge] [--state FILE]

Prints its address, then answers until standard input ends or a signal comes. What it follows is in README.md.
Faults are set, and state and requests read back, under /__ (see Control).
"""
import argparse
import base64
import datetime
import http.server
import json
import pathlib
import re
import sys
import threading
import time
import urllib.parse

BATCH_MAX = 200  # api_batch_max_limit
USER, PASSWORD = "api", "sesame"
CLIENT, CLIENT_SECRET = "rondom", "open-sesame"
CORE_FIELDS = {"title": 64, "firstname": 64, "lastname": 64, "company": 191, "position": 64, "email": 191,
               "phone": 64, "mobile": 64, "points": 11, "address1": 191, "address2": 191, "city": 191, "zipcode": 191,
               "country": 191, "preferred_locale": 191, "loyalty_tier": 32}


def now():
    return datetime.datetime.now(datetime.timezone.utc)


def failure(message, code, details=None):
    error = {"message": message, "code": code, "type": None}
    if details:
        error["details"] = details
    return error


class Mautic:
    def __init__(self, merge=True):
        self.lock = threading.RLock()
        self.merge = merge
        self.contacts, self.segments, self.dnc = {}, {}, []
        self.tokens, self.requests, self.faults = set(), [], []
        self.poison = None  # a batch that holds this text is refused whole
        self.locked = set()  # ids of contacts that the account may see and not change
        self.batch_dnc = True  # an edit takes doNotContact
        self.next_contact = self.next_dnc = 1
        self.add_segment("newsletter-nl")

    def save(self, path):
        """Everything that it holds, for load() of a later one."""
        part = path.with_name(path.name + ".part")
        part.write_text(json.dumps({
            "contacts": list(self.contacts.values()), "dnc": self.dnc, "next": [self.next_contact, self.next_dnc],
            "segments": [[number, one["alias"], sorted(one["members"])] for number, one in self.segments.items()]}))
        part.replace(path)

    def load(self, path):
        saved = json.loads(path.read_text())
        self.contacts = {one["id"]: one for one in saved["contacts"]}
        self.dnc, (self.next_contact, self.next_dnc) = saved["dnc"], saved["next"]
        self.segments = {number: {"alias": alias, "members": set(members)} for number, alias, members in saved["segments"]}

    def add_segment(self, alias):
        self.segments[len(self.segments) + 1] = {"alias": alias, "members": set()}

    # ── contacts ───────────────────────────────────────────────────────────────────────────────
    def show(self, contact):
        fields = {alias: {"alias": alias, "group": "core", "value": contact["fields"].get(alias)}
                  for alias in CORE_FIELDS}
        return {"id": contact["id"], "isPublished": True, "dateAdded": contact["added"], "dateModified": contact["modified"],
                "points": int(contact["fields"].get("points") or 0),
                "fields": {"core": fields, "all": {"id": contact["id"],
                                                   **{a: contact["fields"].get(a) for a in CORE_FIELDS}}},
                "doNotContact": [{"id": row["id"], "channel": row["channel"], "channelId": row["channel_id"],
                                  "reason": row["reason"], "comments": row["comments"]}
                                 for row in self.dnc if row["lead_id"] == contact["id"]],
                "tags": []}

    def problem(self, given):
        email = given.get("email")
        if email is not None and email != "" and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(email)):
            return failure("email: This field should be a valid email.", 400, {"email": ["This field should be a valid email."]})
        for name, value in given.items():
            if name in CORE_FIELDS and value is not None and len(str(value)) > CORE_FIELDS[name]:
                return failure(f"{name}: This value is too long.", 400, {name: ["This value is too long."]})
        return None

    def apply(self, contact, given, whole=False):
        if whole:
            contact["fields"] = {}
        blank = whole or given.get("overwriteWithBlank", False)  # else what is empty is skipped
        for name, value in given.items():  # fields that it does not know are ignored without a word
            if name in CORE_FIELDS and (blank or value not in (None, "")):
                contact["fields"][name] = None if value is None else str(value)
        contact["modified"] = now().isoformat()
        if self.batch_dnc:
            self.set_dnc(contact, given.get("doNotContact") or [])

    def set_dnc(self, contact, entries):
        """As preSaveEntity does: reason 0 takes the channel's entry away, any other sets one; manual by default."""
        for entry in entries:
            channel, reason = entry.get("channel") or "email", int(entry.get("reason", 3))
            if reason == 0:
                self.remove_dnc(contact, channel)
            else:
                self.add_dnc(contact, channel, reason, entry.get("comments") or "")

    def remove_dnc(self, contact, channel):
        self.dnc = [row for row in self.dnc if (row["lead_id"], row["channel"]) != (contact["id"], channel)]

    def by_email(self, email):
        for contact in self.contacts.values():
            if email and (contact["fields"].get("email") or "").lower() == str(email).lower():
                return contact
        return None

    def create(self, given):
        """The entity, or an error, and the status code."""
        error = self.problem(given)
        if error:
            return error, 400
        contact = self.by_email(given.get("email")) if self.merge else None
        if contact:
            self.apply(contact, given)
            return contact, 200
        contact = {"id": self.next_contact, "fields": {}, "added": now().isoformat(), "modified": None}
        self.next_contact += 1
        self.contacts[contact["id"]] = contact
        self.apply(contact, given)
        contact["modified"] = None
        return contact, 201

    def edit(self, identifier, given, method):
        contact = self.contacts.get(int(identifier or 0))
        if not contact:
            if method == "PATCH":
                return failure("Item was not found.", 404), 404
            return self.create(given)
        error = self.problem(given)
        if error:
            return error, 400
        if self.merge:
            contact = self.merged(contact, given.get("email"))
        self.apply(contact, given, whole=method == "PUT")
        return contact, 200

    def merged(self, contact, email):
        """An edit that names an e-mail merges the contact with another one that has it, for good."""
        for other in list(self.contacts.values()):
            if other is not contact and email and (other["fields"].get("email") or "").lower() == str(email).lower():
                kept, lost = sorted((contact, other), key=lambda one: one["id"])
                kept["fields"] = {**lost["fields"], **kept["fields"]}
                self.drop(lost["id"])
                return kept
        return contact

    def drop(self, identifier):
        contact = self.contacts.pop(identifier)
        for segment in self.segments.values():
            segment["members"].discard(identifier)
        self.dnc = [row for row in self.dnc if row["lead_id"] != identifier]
        return contact

    def add_dnc(self, contact, channel, reason, comments, channel_id=None):
        for row in self.dnc:
            if row["lead_id"] == contact["id"] and row["channel"] == channel:
                if row["reason"] in (reason, 1):  # the same again is nothing; an own unsubscribe is not replaced
                    return
                row.update(reason=reason, comments=comments, date_added=now().strftime("%Y-%m-%d %H:%M:%S"))
                return
        self.dnc.append({"id": self.next_dnc, "lead_id": contact["id"], "date_added": now().strftime("%Y-%m-%d %H:%M:%S"),
                         "reason": reason, "comments": comments, "channel": channel, "channel_id": channel_id})
        self.next_dnc += 1


def conditions(query):
    """where[0][col]=… as a list of (col, expr, val); val of orX and andX is such a list."""
    tree = {}
    for name, value in query:
        path = re.findall(r"\[([^\]]*)\]", name) if name.startswith("where[") else None
        if not path:
            continue
        at = tree
        for part in path[:-1]:
            at = at.setdefault(part, {})
        at[path[-1]] = value

    def build(node):
        out = []
        for key in sorted(node, key=int):
            one = node[key]
            value = one.get("val")
            out.append((one.get("col"), one.get("expr"), build(value) if isinstance(value, dict) else value))
        return out
    return build(tree)


def holds(row, condition):
    column, expression, value = condition
    if expression == "orX":
        return any(holds(row, one) for one in value)
    if expression == "andX":
        return all(holds(row, one) for one in value)
    found = row.get(column)
    if column in ("id", "lead_id", "reason"):
        found, value = int(found), int(value)
    else:
        found, value = str(found or "").lower(), str(value).lower()
    return {"eq": found == value, "neq": found != value, "gt": found > value, "gte": found >= value,
            "lt": found < value, "lte": found <= value}[expression]


def php_array(entries):
    """PHP writes an array whose keys are 0, 1, 2 … as a list, and any other as an object."""
    whole = list(entries) == list(range(len(entries)))
    return list(entries.values()) if whole else {str(key): value for key, value in entries.items()}


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server_version = "Mautic"
    disable_nagle_algorithm = True  # head and body are two writes

    def log_message(self, *_):
        pass

    @property
    def mautic(self):
        return self.server.mautic

    def reply(self, status, body, headers=()):
        if self.replaced is not None and status < 400:
            body = self.replaced
        text = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        for name, value in headers:
            self.send_header(name, value)
        self.end_headers()
        if self.cut:
            self.wfile.write(text[:len(text) // 2])
            self.wfile.flush()
            self.close_connection = True
            self.connection.close()
            return
        self.wfile.write(text)

    def refuse(self, status, message, headers=()):
        self.reply(status, {"errors": [failure(message, status)]}, headers)

    def allowed(self):
        given = self.headers.get("Authorization", "")
        if given.startswith("Bearer "):
            return given[7:] in self.mautic.tokens
        if given.startswith("Basic "):
            return base64.b64decode(given[6:]).decode() == f"{USER}:{PASSWORD}"
        return False

    def handle_any(self):
        self.cut, self.replaced = False, None
        split = urllib.parse.urlsplit(self.path)
        query = urllib.parse.parse_qsl(split.query, keep_blank_values=True)
        size = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(size)
        try:
            given = json.loads(body) if body else {}
        except ValueError:
            given = dict(urllib.parse.parse_qsl(body.decode()))
        with self.mautic.lock:
            if split.path.startswith("/__"):
                return Control(self).answer(split.path, given)
            self.mautic.requests.append({"method": self.command, "path": split.path, "query": split.query, "body": given})
            fault = self.take_fault(split.path)
            if fault and self.before(fault):
                return None
            if fault and fault["kind"] == "body":  # does it, and answers this instead
                self.replaced = fault["body"]
            if fault and fault["kind"] in ("cut", "vanish"):
                self.cut = fault["kind"] == "cut"
            if fault and fault["kind"] == "vanish":  # applied, but nobody hears of it
                self.wfile.write = lambda _: None  # type: ignore[method-assign]
                self.answer(split.path, query, given)
                del self.wfile.write
                self.close_connection = True
                self.connection.close()
                return None
            return self.answer(split.path, query, given)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = handle_any

    def take_fault(self, path):
        for fault in self.mautic.faults:
            if fault.get("method", self.command) == self.command and re.search(fault.get("path", ""), path):
                if fault.get("skip", 0) > 0:
                    fault["skip"] -= 1
                    return None
                fault["times"] = fault.get("times", 1) - 1
                if fault["times"] <= 0:
                    self.mautic.faults.remove(fault)
                return fault
        return None

    def before(self, fault):
        """True when the fault is the whole answer."""
        if fault["kind"] == "status":
            headers = [("Retry-After", str(fault["retry_after"]))] if "retry_after" in fault else []
            self.refuse(fault["status"], "The server is busy." if fault["status"] != 429 else "Too many requests.", headers)
            return True
        if fault["kind"] == "slow":
            time.sleep(fault["seconds"])
        return False

    def answer(self, path, query, given):
        if path == "/oauth/v2/token":
            if (given.get("grant_type"), given.get("client_id"), given.get("client_secret")) != (
                    "client_credentials", CLIENT, CLIENT_SECRET):
                return self.reply(400, {"error": "invalid_client", "error_description": "The client credentials are invalid"})
            token = f"token-{len(self.mautic.tokens) + 1}"
            self.mautic.tokens.add(token)
            return self.reply(200, {"access_token": token, "expires_in": 3600, "token_type": "bearer"})
        if not self.allowed():
            return self.reply(401, {"errors": [failure("API authorization denied.", 401)]},
                              [("WWW-Authenticate", 'Basic realm="Mautic"')])
        for method, pattern, action in ROUTES:
            match = re.fullmatch(pattern, path)
            if match and self.command in method.split("|"):
                return getattr(self, action)(query, given, *match.groups())
        return self.refuse(404, "Requested URL not found: " + path)

    # ── routes ─────────────────────────────────────────────────────────────────────────────────
    def list_contacts(self, query, _given):
        options = dict(query)
        found = []
        wanted = conditions(query)
        for contact in self.mautic.contacts.values():
            row = {"id": contact["id"], "dateAdded": contact["added"], "dateModified": contact["modified"], **contact["fields"]}
            if all(holds(row, one) for one in wanted):
                found.append(contact)
        found.sort(key=lambda one: one["id"])
        start, limit = int(options.get("start", 0)), int(options.get("limit", 30))
        page = {str(one["id"]): self.mautic.show(one) for one in found[start:start + limit]}
        return self.reply(200, {"total": str(len(found)), "contacts": page})

    def batch(self, given, each):
        if isinstance(given, dict):
            given = [given[key] for key in sorted(given, key=int)] if all(k.isdigit() for k in given) else [given]
        if len(given) > BATCH_MAX:
            return self.refuse(400, f"Batch limit of {BATCH_MAX} exceeded.")
        if self.mautic.poison and self.mautic.poison in json.dumps(given):
            return self.refuse(400, "A listener of a plugin did not take the request.")
        entities, codes, errors = {}, {}, {}
        for key, one in enumerate(given):
            entity, code = each(one)
            codes[key] = code
            if code >= 400:
                errors[key] = entity
            else:
                entities[key] = self.mautic.show(entity)
        payload = {"contacts": php_array(entities), "statusCodes": php_array(codes)}
        if errors:
            payload["errors"] = php_array(errors)
        return payload

    def batch_new(self, _query, given):
        payload = self.batch(given, self.mautic.create)
        return self.reply(201, payload) if payload else None

    def batch_edit(self, _query, given):
        payload = self.batch(given, lambda one: self.mautic.edit(
            one.get("id"), {k: v for k, v in one.items() if k != "id"}, self.command))
        return self.reply(200, payload) if payload else None

    def batch_delete(self, query, _given):
        ids = [int(text) for text in dict(query).get("ids", "").split(",") if text]
        if len(ids) > BATCH_MAX:
            return self.refuse(400, f"Batch limit of {BATCH_MAX} exceeded.")
        entities, errors = {}, {}
        for key, identifier in enumerate(ids):
            if identifier in self.mautic.locked:
                errors[key] = failure("You do not have access to the requested area/action.", 403)
            elif identifier in self.mautic.contacts:
                entities[key] = self.mautic.show(self.mautic.drop(identifier))
            else:
                errors[key] = failure("Item was not found.", 404)
        payload = {"contacts": php_array(entities)}
        if errors:
            payload["errors"] = php_array(errors)
        return self.reply(200, payload)

    def list_segments(self, query, _given):
        found = {str(number): {"id": number, "alias": one["alias"], "name": one["alias"]}
                 for number, one in self.mautic.segments.items()}
        start, limit = int(dict(query).get("start", 0)), int(dict(query).get("limit", 30))
        page = dict(list(found.items())[start:start + limit])
        return self.reply(200, {"total": len(found), "lists": page})

    def segment_add_many(self, _query, given, number):
        segment = self.mautic.segments.get(int(number))
        if not segment:
            return self.refuse(404, "Item was not found.")
        details = {}
        for identifier in given.get("ids", []):
            known = int(identifier) in self.mautic.contacts and int(identifier) not in self.mautic.locked
            details[str(identifier)] = {"success": known}
            if known:
                segment["members"].add(int(identifier))
        return self.reply(200, {"success": 1, "details": details})

    def segment_one(self, _query, _given, number, identifier, what):
        segment, contact = self.mautic.segments.get(int(number)), self.mautic.contacts.get(int(identifier))
        if not segment or not contact:
            return self.refuse(404, "Item was not found.")
        (segment["members"].add if what == "add" else segment["members"].discard)(contact["id"])
        return self.reply(200, {"success": 1})

    def dnc_one(self, _query, given, identifier, channel, what):
        contact = self.mautic.contacts.get(int(identifier))
        if not contact:
            return self.refuse(404, "Item was not found.")
        if what == "remove":
            before = len(self.mautic.dnc)
            self.mautic.remove_dnc(contact, channel)
            return self.reply(200, {"recordFound": before > len(self.mautic.dnc), "contact": self.mautic.show(contact)})
        reason = int(given.get("reason", 3))
        if reason == 0:
            return self.refuse(400, "Invalid reason code given")
        self.mautic.add_dnc(contact, channel, reason, given.get("comments") or "", given.get("channelId"))
        return self.reply(200, {"contact": self.mautic.show(contact)})

    def list_fields(self, query, _given):
        start, limit = int(dict(query).get("start", 0)), int(dict(query).get("limit", 30))
        fields = [{"id": n, "alias": alias, "label": alias, "type": "email" if alias == "email" else "text",
                   "isUniqueIdentifer": alias == "email", "charLengthLimit": size, "isPublished": True}
                  for n, (alias, size) in enumerate(CORE_FIELDS.items(), 1)]
        return self.reply(200, {"total": len(fields), "fields": fields[start:start + limit]})

    def stats_dnc(self, query, _given):
        rows = [row for row in self.mautic.dnc if all(holds(row, one) for one in conditions(query))]
        rows.sort(key=lambda row: (row["date_added"], row["id"]))
        start, limit = int(dict(query).get("start", 0)), int(dict(query).get("limit", 100))
        page = [{name: None if value is None else str(value) for name, value in row.items()}
                for row in rows[start:start + limit]]
        return self.reply(200, {"total": len(rows), "stats": page})


class Control:
    """POST /__fault {"kind": status|slow|cut|vanish|body, "path": regex, "method", "times", "skip", …}; GET /__state;
    GET /__requests; POST /__contact {fields}; POST /__dnc {"email", "reason", "channel"}."""

    def __init__(self, handler):
        self.handler, self.mautic = handler, handler.mautic

    def answer(self, path, given):
        mautic = self.mautic
        if path == "/__fault":
            mautic.faults.append(given)
        elif path == "/__contact":
            mautic.create(given)
        elif path == "/__expire_tokens":
            mautic.tokens.clear()
        elif path == "/__dnc":
            mautic.add_dnc(mautic.by_email(given["email"]), given.get("channel", "email"), given.get("reason", 1),
                           given.get("comments", "user unsubscribed"))
        elif path == "/__requests":
            return self.handler.reply(200, mautic.requests)
        elif path != "/__state":
            return self.handler.refuse(404, path)
        return self.handler.reply(200, {
            "contacts": [mautic.show(one) for one in mautic.contacts.values()], "dnc": mautic.dnc,
            "segments": {one["alias"]: sorted(one["members"]) for one in mautic.segments.values()}})


ROUTES = [
    ("GET", r"/api/contacts", "list_contacts"),
    ("POST", r"/api/contacts/batch/new", "batch_new"),
    ("PUT|PATCH", r"/api/contacts/batch/edit", "batch_edit"),
    ("DELETE", r"/api/contacts/batch/delete", "batch_delete"),
    ("POST", r"/api/contacts/(\d+)/dnc/(\w+)/(add|remove)", "dnc_one"),
    ("GET", r"/api/segments", "list_segments"),
    ("POST", r"/api/segments/(\d+)/contacts/add", "segment_add_many"),
    ("POST", r"/api/segments/(\d+)/contact/(\d+)/(add|remove)", "segment_one"),
    ("GET", r"/api/fields/contact", "list_fields"),
    ("GET", r"/api/stats/lead_donotcontact", "stats_dnc"),
]


def serve(port=0, merge=True):
    """A running server; server.address is its address. Call shutdown() and server_close() at the end."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    server.daemon_threads = True
    server.mautic = Mautic(merge)
    server.address = f"http://127.0.0.1:{server.server_address[1]}"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main():
    parser = argparse.ArgumentParser(description="A stand-in for Mautic on loopback.")
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--no-merge", action="store_true", help="a second contact with one e-mail is a double")
    parser.add_argument("--state", type=pathlib.Path, help="what it holds is kept in this file for the next time")
    options = parser.parse_args()
    server = serve(options.port, not options.no_merge)
    if options.state and options.state.exists():
        server.mautic.load(options.state)
    print(server.address, flush=True)
    sys.stdin.read()
    server.shutdown()
    if options.state:
        with server.mautic.lock:
            server.mautic.save(options.state)


if __name__ == "__main__":
    main()
