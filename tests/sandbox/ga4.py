"""A stand-in for the Google Analytics Data API and Google's token address, on loopback and in memory: ga4.py [--port N]

What it follows is in README.md; faults and state are those of stand_in.py, and besides:
  expire   every token ends before the request is looked at
  call     what(system) is done first; only from the same process
"""
import base64
import datetime
import json
import pathlib
import re
import sys
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import stand_in  # noqa: E402
from salesforce import signature_holds  # noqa: E402

PROPERTY = "213025502"
EMAIL, USER = "sync@shop-project.example", "owner@shop.example"
CLIENT, CLIENT_SECRET, REFRESH_TOKEN = "rondom-app", "open-sesame", "refresh-me"
SCOPE = "https://www.googleapis.com/auth/analytics.readonly"
ROWS_MAX = 250_000
DIMENSIONS = ["date", "customUser:crm_id", "customUser:tier", "sessionDefaultChannelGroup", "country", "deviceCategory"]
METRICS = {"sessions": "TYPE_INTEGER", "screenPageViews": "TYPE_INTEGER", "ecommercePurchases": "TYPE_INTEGER",
           "purchaseRevenue": "TYPE_CURRENCY", "userEngagementDuration": "TYPE_SECONDS"}
QUOTAS = {"tokensPerDay": 200_000, "tokensPerHour": 40_000, "tokensPerProjectPerHour": 14_000, "concurrentRequests": 10,
          "serverErrorsPerProjectPerHour": 10, "potentiallyThresholdedRequestsPerHour": 120}


class Refused(Exception):
    """A request that Google answers with 400 INVALID_ARGUMENT."""


class Property(stand_in.System):
    def __init__(self):
        super().__init__()
        self.today = datetime.datetime.now(datetime.timezone.utc).date()  # in the property's time zone
        self.events = []  # what was measured: dimensions and metrics
        self.tokens = set()
        self.public_key = None  # PEM; None: signatures are not looked at
        self.quota = dict(QUOTAS)
        self.cost = 3
        self.metadata = {"currencyCode": "EUR", "timeZone": "Europe/Amsterdam"}
        self.blocked = set()  # metrics that the user may not see
        self.special = None
        self.issued = 0

    def state(self):
        return {"events": self.events, "quota": self.quota}

    def take_fault(self, method, path):
        fault = super().take_fault(method, path)
        self.special = fault if fault and fault["kind"] in ("expire", "call") else None
        return fault

    def add(self, days_ago, person=None, channel="Direct", sessions=1, **more):
        day = self.today - datetime.timedelta(days=days_ago)
        event = {"date": day.strftime("%Y%m%d"), "sessionDefaultChannelGroup": channel, "sessions": sessions, **more}
        if person is not None:
            event["customUser:crm_id"] = person
        self.events.append(event)
        return event

    def day(self, text):
        if match := re.fullmatch(r"(\d+)daysAgo", text):
            return self.today - datetime.timedelta(days=int(match[1]))
        if text in ("today", "yesterday"):
            return self.today - datetime.timedelta(days=text == "yesterday")
        try:
            return datetime.date.fromisoformat(text)
        except ValueError:
            raise Refused(f"Invalid date: {text}.") from None

    def chosen(self, asked, known, what):
        names = [one.get("name") for one in asked]
        for name in names:
            if name not in known:
                raise Refused(f"Field {name} is not a valid {what}.")
        if len(set(names)) != len(names):
            raise Refused(f"Duplicate {what}.")
        return names

    def report(self, request):
        dimensions = self.chosen(request.get("dimensions", []), DIMENSIONS, "dimension")
        metrics = self.chosen(request.get("metrics", []), METRICS, "metric")
        if len(dimensions) > 9 or len(metrics) > 10 or not metrics:
            raise Refused("Requests are limited to 9 dimensions and 10 metrics.")
        (wanted,) = request["dateRanges"]
        start, end = self.day(wanted["startDate"]), self.day(wanted["endDate"])
        if start > end:
            raise Refused("start_date must not be after end_date.")
        sums = {}
        for event in self.events:
            if not start <= datetime.datetime.strptime(event["date"], "%Y%m%d").date() <= end:
                continue
            if not fits(request.get("dimensionFilter"), event):
                continue
            row = sums.setdefault(tuple(event.get(name, "(not set)") for name in dimensions), [0] * len(metrics))
            for place, name in enumerate(metrics):
                row[place] += 0 if name in self.blocked else event.get(name, 0)
        rows = [(key, row) for key, row in sums.items() if any(row)]
        for order in reversed(request.get("orderBys", [])):
            place = dimensions.index(order["dimension"]["dimensionName"])
            rows.sort(key=lambda one: one[0][place], reverse=order.get("desc", False))
        offset, limit = int(request.get("offset", 0)), int(request.get("limit", 10_000))
        if limit <= 0 or offset < 0:
            raise Refused("limit must be positive.")
        shown = rows[offset:offset + min(limit, ROWS_MAX)]
        reply = {"dimensionHeaders": [{"name": name} for name in dimensions],
                 "metricHeaders": [{"name": name, "type": METRICS[name]} for name in metrics],
                 "metadata": dict(self.metadata), "kind": "analyticsData#runReport"}
        if self.blocked:
            reply["metadata"]["schemaRestrictionResponse"] = {"activeMetricRestrictions": [
                {"metricName": name, "restrictedMetricTypes": ["REVENUE_DATA"]} for name in sorted(self.blocked)]}
        if shown:  # Google leaves out what is empty or nothing
            reply["rows"] = [{"dimensionValues": [{"value": value} for value in key],
                              "metricValues": [{"value": str(value)} for value in row]} for key, row in shown]
            reply["rowCount"] = len(rows)
        return reply


def fits(expression, event):
    """The part of a FilterExpression that tests use: one exact filter, or none."""
    if not expression:
        return True
    wanted = expression["filter"]
    return event.get(wanted["fieldName"], "(not set)") == wanted["stringFilter"]["value"]


class Handler(stand_in.Handler):
    server_version = "ESF"
    STATUS = {400: "INVALID_ARGUMENT", 401: "UNAUTHENTICATED", 403: "PERMISSION_DENIED", 404: "NOT_FOUND",
              429: "RESOURCE_EXHAUSTED", 500: "INTERNAL", 503: "UNAVAILABLE"}

    def error(self, status, message=None):
        return {"error": {"code": status, "message": message or f"status {status}", "status": self.STATUS.get(status, "UNKNOWN")}}

    def authorize(self, path, _body):
        fault, self.system.special = self.system.special, None
        if fault and fault["kind"] == "expire":
            self.system.tokens.clear()
        if fault and fault["kind"] == "call":
            fault["what"](self.system)
        if path == "/token" or self.headers.get("Authorization", "").removeprefix("Bearer ") in self.system.tokens:
            return True
        self.refuse(401)
        return False

    def token(self, _query, given):
        error = None
        if given.get("grant_type") == "refresh_token":
            if (given.get("client_id"), given.get("client_secret")) != (CLIENT, CLIENT_SECRET):
                error = "invalid_client"
            elif given.get("refresh_token") != REFRESH_TOKEN:
                error = "invalid_grant"
        elif given.get("grant_type") == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            error = None if self.assertion_holds(given.get("assertion", "")) else "invalid_grant"
        else:
            error = "unsupported_grant_type"
        if error:
            return self.reply(400, {"error": error, "error_description": "Bad Request"})
        self.system.issued += 1
        token = f"ya29.token-{self.system.issued}"
        self.system.tokens.add(token)
        return self.reply(200, {"access_token": token, "expires_in": 3599, "token_type": "Bearer"})

    def assertion_holds(self, assertion):
        try:
            head, payload, _ = (part + "=" * (-len(part) % 4) for part in assertion.split("."))
            header, claims = (json.loads(base64.urlsafe_b64decode(part)) for part in (head, payload))
        except ValueError:
            return False
        now = time.time()
        # Google takes one hour at most; a subject is somebody that the account may act for, or is not there at all.
        good = header.get("alg") == "RS256" and claims.get("iss") == EMAIL and claims.get("scope") == SCOPE \
            and claims.get("aud") == self.server.address + "/token" and claims.get("sub", USER) == USER \
            and now - 5 < claims.get("exp", 0) <= claims.get("iat", 0) + 3600 and claims["iat"] < now + 5
        if good and self.system.public_key:
            good = signature_holds(assertion, self.system.public_key)
        return good

    def run_report(self, _query, given, number):
        if number != PROPERTY:
            return self.reply(403, self.error(403, "User does not have sufficient permissions for this property."))
        for name in ("tokensPerHour", "tokensPerDay", "tokensPerProjectPerHour"):
            if self.system.quota[name] < self.system.cost:
                return self.reply(429, self.error(429, "Exhausted property tokens for a project per hour. These quota tokens "
                                                       "will return in under an hour."))
            self.system.quota[name] -= self.system.cost
        try:
            reply = self.system.report(given)
        except Refused as refused:
            return self.reply(400, self.error(400, str(refused)))
        if given.get("returnPropertyQuota"):
            reply["propertyQuota"] = {
                name: {"remaining": left, **({"consumed": self.system.cost} if name.startswith("tokens") else {})}
                for name, left in self.system.quota.items()}
        return self.reply(200, reply)

    def metadata(self, _query, _given, number):
        if number != PROPERTY:
            return self.reply(403, self.error(403, "User does not have sufficient permissions for this property."))
        return self.reply(200, {
            "name": f"properties/{number}/metadata",
            "dimensions": [{"apiName": name, "uiName": name, "category": "Other",
                            **({"customDefinition": True} if ":" in name else {})} for name in DIMENSIONS],
            "metrics": [{"apiName": name, "uiName": name, "type": kind} for name, kind in METRICS.items()]})


Handler.ROUTES = [
    ("POST", "/token", "token"),
    ("POST", r"/v1beta/properties/(\d+):runReport", "run_report"),
    ("GET", r"/v1beta/properties/(\d+)/metadata", "metadata"),
]


def serve(port=0):
    return stand_in.serve(Handler, Property(), port)


if __name__ == "__main__":
    stand_in.main("A stand-in for Google Analytics on loopback.", lambda _: (Handler, Property()))
