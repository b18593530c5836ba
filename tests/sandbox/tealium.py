"""A stand-in for Tealium's API v3, on loopback and in memory: tealium.py [--port N]

What it follows is in README.md; faults and state are those of stand_in.py, and besides:
  expire   every token ends before the request is looked at
"""
import json
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import stand_in  # noqa: E402

ACCOUNT, PROFILE, USER, KEY = "acme", "main", "sync@acme.example", "open-sesame"
REGION = "/eu-central-1"  # where the token says that calls go; a path here, a host there
EVENTS_MAX, BYTES_MAX = 10, 1 << 20
VISITOR_IDS = {"5688": "customer_id", "5690": "rondom_id", "5691": "email_address"}  # Visitor ID attributes
NAMES = {"customer_id": "Customer ID", "rondom_operation": "Rondom operation", "first_name": "First name"}


class Hub(stand_in.System):
    def __init__(self):
        super().__init__()
        self.tokens, self.issued = set(), 0
        self.events = []    # as they came, whole: one that comes twice is here twice
        self.visitors = {}  # attributes by tealium_visitor_id
        self.deleted = []   # (attributeId, attributeValue)
        self.poison = None  # an event that holds this text spoils its request
        self.special = None

    def state(self):
        return {"events": self.events, "visitors": self.visitors, "deleted": self.deleted}

    def take_fault(self, method, path):
        fault = super().take_fault(method, path)
        self.special = fault if fault and fault["kind"] == "expire" else None
        return fault

    def take(self, event):
        self.events.append(event)
        visitor = self.visitors.setdefault(event["tealium_visitor_id"], {"visits": 0})
        visitor["visits"] += 1
        visitor.update({name: value for name, value in event.items() if not name.startswith("tealium_")})

    def find(self, attribute, value):
        name = VISITOR_IDS.get(attribute)
        return next(((guid, one) for guid, one in self.visitors.items() if name and one.get(name) == value), (None, None))


def problem_of(body):
    """Why a bulk request is refused whole."""
    if not isinstance(body, dict) or not isinstance(body.get("shared"), dict) or not isinstance(body.get("events"), list):
        return "Invalid JSON"
    if not 1 <= len(body["events"]) <= EVENTS_MAX:
        return "Too many events in the request"
    for event in body["events"]:
        whole = {**body["shared"], **event}
        for name in ("tealium_account", "tealium_profile", "tealium_event", "tealium_visitor_id"):
            if not whole.get(name):
                return f"Missing {name}"
        if not all(isinstance(value, str) for value in whole.values()):
            return "Invalid value of an attribute"
    return None


class Handler(stand_in.Handler):
    server_version = "awselb/2.0"
    MESSAGES = {401: "Unauthorized", 404: "Resource not found", 429: "Too many requests", 500: "Internal Server Error"}

    def error(self, status):
        return {"message": self.MESSAGES.get(status, f"status {status}")}

    def refuse_as(self, status, message):
        self.reply(status, {"message": message})

    def authorize(self, path, _body):
        fault, self.system.special = self.system.special, None
        if fault:
            self.system.tokens.clear()
        if path.startswith("/v3/auth/") or self.headers.get("Authorization", "").removeprefix("Bearer ") in self.system.tokens:
            return True
        self.refuse(401)
        return False

    def sign_in(self, _query, given, account, profile):
        if not given.get("username") or not given.get("key"):
            return self.refuse_as(400, "Missing username or key")
        if (account, profile, given["username"], given["key"]) != (ACCOUNT, PROFILE, USER, KEY):
            return self.refuse_as(401, "Invalid credentials")
        self.system.issued += 1
        token = f"eyJ0eXAi.token-{self.system.issued}"
        self.system.tokens.add(token)
        return self.reply(200, {"token": token, "host": self.server.address + REGION})

    def bulk(self, _query, body):
        if len(json.dumps(body)) > BYTES_MAX:
            return self.refuse_as(413, "Payload too large")
        problem = problem_of(body)
        if not problem and self.system.poison and self.system.poison in json.dumps(body):
            problem = "Invalid JSON key"
        if problem:
            return self.refuse_as(400, problem)
        for event in body["events"]:
            self.system.take({**body["shared"], **event})
        return self.reply(200, b"")

    def visitor(self, query, _body, account, profile):
        given = dict(query)
        if not given.get("attributeId") or not given.get("attributeValue"):
            return self.refuse_as(400, "You are missing an attribute Id or Attribute Value")
        if (account, profile) != (ACCOUNT, PROFILE):
            return self.refuse(404)
        _, found = self.system.find(given["attributeId"], given["attributeValue"])
        if found is None:
            return self.refuse_as(404, "Visitor not found in system")
        pretty = given.get("prettyName") == "true"
        return self.reply(200, {"live": False, "visitor": {
            "metrics": {"Lifetime visit count" if pretty else "21": found["visits"]},
            "properties": {NAMES.get(name, name) if pretty else str(number): value
                           for number, (name, value) in enumerate(sorted(found.items())) if name != "visits"},
            "secondary_ids": {name: found[name] for name in VISITOR_IDS.values() if name in found},
            "badges": {"Fan": True}, "audiences": {}}})

    def erase(self, _query, body, _account, _profile):
        if not body.get("attributeId") or not body.get("attributeValue"):
            return self.refuse_as(400, "You are missing an attribute Id or Attribute Value")
        guid, _ = self.system.find(body["attributeId"], body["attributeValue"])
        if guid is None:
            return self.refuse_as(404, "Visitor not found in system")
        self.system.deleted.append([body["attributeId"], body["attributeValue"]])
        del self.system.visitors[guid]  # days later at Tealium
        return self.reply(200, {"transactionId": f"txn_{len(self.system.deleted)}"})

    def ids(self, _query, _body, _account, _profile):
        return self.reply(200, VISITOR_IDS)


PLACE = r"/accounts/([^/]+)/profiles/([^/]+)"
Handler.ROUTES = [
    ("POST", f"/v3/auth{PLACE}", "sign_in"),
    ("POST", f"{REGION}/v3/collect/bulk-event", "bulk"),
    ("GET", f"{REGION}/v3/customer/visitor{PLACE}", "visitor"),
    ("DELETE", f"{REGION}/v3/privacy/visitor{PLACE}", "erase"),
    ("GET", f"{REGION}/v3/privacy/visitor{PLACE}/ids", "ids"),
]


def serve(port=0):
    return stand_in.serve(Handler, Hub(), port)


if __name__ == "__main__":
    stand_in.main("A stand-in for Tealium on loopback.", lambda _: (Handler, Hub()))
