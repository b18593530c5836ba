"""A stand-in for HubSpot's API, on loopback and in memory: hubspot.py [--port N] [--search-limit N]

Prints its address, then answers until standard input ends. What it follows is in README.md. Faults are set, and
state and requests read back, under /__ (see stand_in.py and the control_ functions).
"""
import datetime
import re
import uuid

import stand_in

TOKEN = "pat-sesame"
CLIENT = ("rondom", "open-sesame")
BATCH_MAX, SEARCH_PAGE_MAX, LIST_PAGE_MAX, FILTERS_MAX = 100, 200, 100, 6
MODIFIED = {"contacts": "lastmodifieddate", "companies": "hs_lastmodifieddate", "deals": "hs_lastmodifieddate"}
READ_ONLY = {"hs_object_id", "lastmodifieddate", "hs_lastmodifieddate", "createdate", "hs_email_optout",
             "hs_email_hard_bounce_reason_enum", "hs_merged_object_ids"}
PROPERTIES = {
    "contacts": ["email", "firstname", "lastname", "phone", "mobilephone", "city", "zip", "address", "country",
                 "lifecyclestage", "customer_number", "associatedcompanyid", "hs_email_optout",
                 "hs_email_hard_bounce_reason_enum", "hs_merged_object_ids", "hs_object_id", "lastmodifieddate",
                 "createdate"],
    "companies": ["name", "domain", "industry", "hs_object_id", "hs_lastmodifieddate", "createdate"],
    "deals": ["dealname", "amount", "deal_currency_code", "dealstage", "closedate", "hs_object_id",
              "hs_lastmodifieddate", "createdate"]}
UNIQUE = {"email", "customer_number"}


def iso(milliseconds):
    moment = datetime.datetime.fromtimestamp(milliseconds / 1000, datetime.timezone.utc)
    return moment.strftime("%Y-%m-%dT%H:%M:%S.") + f"{milliseconds % 1000:03d}Z"


def now():
    return int(datetime.datetime.now(datetime.timezone.utc).timestamp() * 1000)


def milliseconds(text):
    if str(text).isdigit():
        return int(text)
    return int(datetime.datetime.fromisoformat(str(text).replace("Z", "+00:00")).timestamp() * 1000)


def failure(message, category="VALIDATION_ERROR", **more):
    return {"status": "error", "message": message, "correlationId": str(uuid.uuid4()), "category": category, **more}


class HubSpot(stand_in.System):
    def __init__(self, search_limit=10_000):
        super().__init__()
        self.search_limit = search_limit
        self.objects = {kind: {} for kind in PROPERTIES}
        self.properties = {kind: list(names) for kind, names in PROPERTIES.items()}
        self.associations, self.owners = {}, []
        self.lists = {"77": set()}
        self.subscriptions = {901: "Newsletter", 902: "Offers"}
        self.statuses, self.opted_out = {}, {}
        self.unanswerable = set()  # addresses of which it can tell nothing
        self.tokens, self.next_id, self.next_token = {TOKEN}, 101, 1

    def state(self):
        return {"objects": {kind: list(all_.values()) for kind, all_ in self.objects.items()},
                "lists": {name: sorted(ids) for name, ids in self.lists.items()}, "opted_out": sorted(self.opted_out),
                "statuses": [[address, one, status] for (address, one), (status, _) in sorted(self.statuses.items())]}

    # ── for tests ──────────────────────────────────────────────────────────────────────────────
    def control_add(self, body):
        """{"kind", "properties", "at": milliseconds}"""
        self.add(body["kind"], body["properties"], body.get("at"))

    def control_expire_tokens(self, _body):
        self.tokens.clear()

    def add(self, kind, properties, at=None):
        number, at = self.next_id, at or now()
        self.next_id += 1
        one = {"id": str(number), "properties": {"hs_object_id": str(number), "createdate": iso(at), **properties},
               "createdAt": iso(at), "updatedAt": iso(at), "archived": False}
        one["properties"][MODIFIED[kind]] = iso(at)
        self.objects[kind][str(number)] = one
        return one

    def change(self, kind, one, properties, at=None):
        at = at or now()
        one["properties"].update(properties)
        one["properties"][MODIFIED[kind]] = one["updatedAt"] = iso(at)

    def archive(self, kind, number, at=None):
        one = self.objects[kind].get(number)
        if one and not one["archived"]:
            one["archived"], one["archivedAt"] = True, iso(at or now())
            for ids in self.lists.values():
                ids.discard(number)

    def opt_out(self, address, at=None):
        self.opted_out.setdefault(address.lower(), iso(at or now()))
        one = self.find("contacts", "email", address)
        if one:
            self.change("contacts", one, {"hs_email_optout": "true"}, at)

    def live(self, kind):
        return [one for one in self.objects[kind].values() if not one["archived"]]

    def find(self, kind, name, value):
        for one in self.live(kind):
            if str(one["properties"].get(name) or "").lower() == str(value).lower() != "":
                return one
        return None


def shown(one, names):
    """With the default properties and those that were asked for; unknown ones are left out without a word."""
    wanted = [name for name in names if name] or ["createdate", "email", "firstname", "lastname"]
    own = one["properties"]
    picked = {name: own.get(name) for name in wanted}
    picked.update((name, own[name]) for name in ("hs_object_id", *MODIFIED.values()) if name in own)
    out = {"id": one["id"], "properties": picked, "createdAt": one["createdAt"], "updatedAt": one["updatedAt"],
           "archived": one["archived"]}
    if one["archived"]:
        out["archivedAt"] = one["archivedAt"]
    return out


class Handler(stand_in.Handler):
    server_version = "HubSpot"

    def error(self, status):
        if status == 429:
            return failure("You have reached your secondly limit.", "RATE_LIMITS", policyName="SECONDLY")
        if status in (423, 477):
            return failure({423: "Locked", 477: "Migration in Progress"}[status], "SERVER_ERROR")
        return failure({404: "resource not found"}.get(status, "internal error"),
                       "OBJECT_NOT_FOUND" if status == 404 else "SERVER_ERROR")

    def fault_headers(self, fault):
        day = [("Retry-After", "86400")] if fault["status"] == 477 and "retry_after" not in fault else []
        return day + [("X-HubSpot-RateLimit-Daily", "250000"), ("X-HubSpot-RateLimit-Daily-Remaining", "248578")]

    def authorize(self, path, body):
        if path == "/oauth/v1/token" or self.headers.get("Authorization", "")[7:] in self.system.tokens:
            return True
        self.reply(401, failure("Authentication credentials not found or expired.", "EXPIRED_AUTHENTICATION"))
        return False

    def bad(self, message, category="VALIDATION_ERROR", **more):
        self.reply(400, failure(message, category, **more))

    def token(self, _query, body):
        if (body.get("grant_type"), body.get("client_id"), body.get("client_secret")) != ("refresh_token", *CLIENT):
            self.reply(400, {"status": "BAD_CLIENT_ID", "message": "missing or invalid client id"})
            return
        token = f"access-{self.system.next_token}"
        self.system.next_token += 1
        self.system.tokens.add(token)
        self.reply(200, {"access_token": token, "expires_in": 1800, "refresh_token": body["refresh_token"],
                         "token_type": "bearer"})

    # ── reading ────────────────────────────────────────────────────────────────────────────────
    def list_properties(self, _query, _body, kind):
        self.reply(200, {"results": [
            {"name": name, "type": "datetime" if "date" in name else "string", "fieldType": "text", "label": name,
             "groupName": "information", "hasUniqueValue": name in UNIQUE,
             "modificationMetadata": {"readOnlyValue": name in READ_ONLY, "archivable": True,
                                      "readOnlyDefinition": True}} for name in self.system.properties[kind]]})

    def list_objects(self, query, _body, kind):
        options = dict(query)
        limit, after = int(options.get("limit", 10)), int(options.get("after", 0))
        if not 1 <= limit <= LIST_PAGE_MAX:
            self.bad(f"limit must be at most {LIST_PAGE_MAX}")
            return
        if len(self.path) > 8_000:
            self.reply(414, failure("URI too long"))
            return
        archived = options.get("archived") == "true"
        found = [one for one in self.system.objects[kind].values()
                 if one["archived"] == archived and int(one["id"]) > after]
        found.sort(key=lambda one: int(one["id"]))
        names = options.get("properties", "").split(",")
        body = {"results": [shown(one, names) for one in found[:limit]]}
        if len(found) > limit:
            last = found[limit - 1]["id"]
            body["paging"] = {"next": {"after": last, "link": f"https://api.hubapi.com{self.path}&after={last}"}}
        self.reply(200, body)

    def search(self, _query, body, kind):
        limit, after = int(body.get("limit", 10)), int(body.get("after") or 0)
        if limit > SEARCH_PAGE_MAX or len(body.get("sorts", [])) > 1:
            self.bad("limit or sorts out of range")
            return
        if after + limit > self.system.search_limit:
            self.bad(f"paging past {self.system.search_limit} results is not supported")
            return
        found = [one for one in self.system.live(kind) if any(
            all(self.holds(one, wanted) for wanted in group["filters"]) for group in body["filterGroups"])]
        for sort in body.get("sorts", []):
            # What is equal comes in no order that one could rely on.
            found.sort(key=lambda one: (self.sortable(one, sort["propertyName"]), hash((one["id"], len(found)))),
                       reverse=sort["direction"] == "DESCENDING")
        page = [shown(one, body.get("properties", [])) for one in found[after:after + limit]]
        answer = {"total": len(found), "results": page}
        if len(found) > after + limit:
            answer["paging"] = {"next": {"after": str(after + limit)}}
        self.reply(200, answer)

    @staticmethod
    def sortable(one, name):
        value = one["properties"].get(name) or ""
        if name == "hs_object_id":
            return int(value)
        return milliseconds(value) if name in MODIFIED.values() else str(value)

    def holds(self, one, wanted):
        name, value = wanted["propertyName"], wanted["value"]
        found = self.sortable(one, name)
        value = int(value) if name == "hs_object_id" else milliseconds(value) if name in MODIFIED.values() else value
        return {"EQ": found == value, "GT": found > value, "GTE": found >= value, "LT": found < value,
                "LTE": found <= value}[wanted["operator"]]

    def batch_read(self, _query, body, kind):
        if not self.batch_fits(body):
            return
        name, found, errors = body.get("idProperty") or "hs_object_id", [], []
        for given in body["inputs"]:
            one = self.system.find(kind, name, given["id"])
            if one:
                found.append(shown(one, body["properties"]))
            else:
                errors.append(given["id"])
        answer = self.completed(found)
        if errors:
            answer.update(numErrors=1, errors=[{"status": "error", "category": "OBJECT_NOT_FOUND",
                                                "message": "Could not get some objects", "context": {"ids": errors}}])
        self.reply(207 if errors else 200, answer)

    def read_associations(self, _query, body, kind, other):
        results = []
        for given in body["inputs"]:
            ids = self.system.associations.get((kind, given["id"], other), [])
            begin = int(given.get("after") or 0)
            if ids[begin:]:
                one = {"from": {"id": given["id"]}, "to": [
                    {"toObjectId": number, "associationTypes": [{"category": "HUBSPOT_DEFINED", "typeId": 1,
                                                                 "label": None}]} for number in ids[begin:begin + 2]]}
                if ids[begin + 2:]:
                    one["paging"] = {"next": {"after": str(begin + 2)}}
                results.append(one)
        self.reply(200 if len(results) == len(body["inputs"]) else 207, self.completed(results))

    def list_owners(self, query, _body):
        options = dict(query)
        limit, after = int(options.get("limit", 100)), int(options.get("after", 0))
        body = {"results": self.system.owners[after:after + limit]}
        if len(self.system.owners) > after + limit:
            body["paging"] = {"next": {"after": str(after + limit)}}
        self.reply(200, body)

    # ── writing ────────────────────────────────────────────────────────────────────────────────
    @staticmethod
    def completed(results):
        return {"status": "COMPLETE", "results": results, "startedAt": iso(now()), "completedAt": iso(now())}

    def batch_fits(self, body):
        if not isinstance(body.get("inputs"), list) or not 0 < len(body["inputs"]) <= BATCH_MAX:
            self.bad(f"inputs must hold 1 to {BATCH_MAX} entries")
            return False
        return True

    def problem(self, kind, properties):
        for name, value in properties.items():
            if name not in self.system.properties[kind]:
                return f'Property "{name}" does not exist', "PROPERTY_DOESNT_EXIST"
            if name in READ_ONLY:
                return f'"{name}" is a read only property', "READ_ONLY_VALUE"
            if name == "email" and value and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
                return f"Email address {value} is invalid", "INVALID_EMAIL"
            if len(value or "") > 200:
                return f"{name} is too long", "INVALID_LENGTH"
        return None

    def write_batch(self, body, kind, each, partial):
        """each(input) -> (object, new) or an error. All or nothing, unless the vendor answers 207 here."""
        if not self.batch_fits(body):
            return
        errors, good = [], []
        for given in body["inputs"]:
            problem = self.problem(kind, given["properties"])
            if problem:
                errors.append((given, failure(problem[0], "VALIDATION_ERROR", errors=[{"code": problem[1]}])))
            else:
                good.append(given)
        if errors and not partial:
            self.bad("Property values were not valid: " + str([error["message"] for _, error in errors]),
                     errors=[error["errors"][0] for _, error in errors])
            return
        results = []
        for given in good:
            done = each(given)
            if "category" in done:
                errors.append((given, done))
                continue
            results.append(dict(done, objectWriteTraceId=given["objectWriteTraceId"])
                           if "objectWriteTraceId" in given else done)
        answer = self.completed(results)
        if errors:
            answer.update(numErrors=len(errors), errors=[
                {**error, "context": {**error.get("context", {}), "objectWriteTraceId": [given["objectWriteTraceId"]]}
                    if "objectWriteTraceId" in given else error.get("context", {})} for given, error in errors])
        self.reply(207 if errors else 200, answer)

    def upsert(self, _query, body, kind):
        names = {given.get("idProperty") for given in body.get("inputs", [])}
        if len(names) != 1 or not names <= UNIQUE:
            self.bad("idProperty must be one property with unique values")
            return
        name = names.pop()

        def each(given):
            one = self.system.find(kind, name, given["id"])
            new = one is None
            if new:
                one = self.system.add(kind, {name: given["id"], **given["properties"]})
            else:
                self.system.change(kind, one, given["properties"])
            return {**shown(one, [name]), "new": new}
        self.write_batch(body, kind, each, partial=name != "email")  # no partial upserts by e-mail

    def update(self, _query, body, kind):
        def each(given):
            one = self.system.objects[kind].get(given["id"])
            if one is None or one["archived"]:
                return failure("Could not get some objects", "OBJECT_NOT_FOUND", context={"ids": [given["id"]]})
            self.system.change(kind, one, given["properties"])
            return shown(one, [])
        self.write_batch(body, kind, each, partial=True)

    def archive(self, _query, body, kind):
        if self.batch_fits(body):
            for given in body["inputs"]:
                self.system.archive(kind, given["id"])
            self.reply(204)

    def memberships(self, _query, body, name, how):
        if name not in self.system.lists:
            self.refuse(404)
            return
        for number in body:
            (self.system.lists[name].add if how == "add" else self.system.lists[name].discard)(str(number))
        self.reply(200, {"recordsIdsAdded": body if how == "add" else [], "recordIdsMissing": [],
                         "recordIdsRemoved": body if how == "remove" else []})

    # ── communication preferences ──────────────────────────────────────────────────────────────
    def statuses_of(self, address):
        out = []
        for number, name in self.system.subscriptions.items():
            status, at = self.system.statuses.get((address.lower(), number), ("NOT_SPECIFIED", iso(0)))
            out.append({"channel": "EMAIL", "source": "api", "status": status, "subscriberIdString": address,
                        "subscriptionId": number, "subscriptionName": name, "timestamp": at})
        return out

    def tell_statuses(self, body, member, each):
        """207 where there is one of whom nothing can be told; what its error looks like is a guess."""
        if not self.batch_fits(body):
            return
        answer = self.completed([{"subscriberIdString": address, member: each(address)} for address in body["inputs"]
                                 if address.lower() not in self.system.unanswerable])
        bad = [address for address in body["inputs"] if address.lower() in self.system.unanswerable]
        if bad:
            answer.update(numErrors=len(bad), errors=[
                failure(f"Could not read the statuses of {address}", context={"subscriberIdString": [address]})
                for address in bad])
        self.reply(207 if bad else 200, answer)

    def read_statuses(self, _query, body):
        self.tell_statuses(body, "statuses", self.statuses_of)

    def read_unsubscribed(self, _query, body):
        self.tell_statuses(body, "wideStatuses", lambda address: [
            {"channel": "EMAIL", "status": "UNSUBSCRIBED", "subscriberIdString": address,
             "timestamp": self.system.opted_out[address.lower()], "wideStatusType": "PORTAL_WIDE"}]
            if address.lower() in self.system.opted_out else [])

    def unsubscribe_all(self, query, body):
        if dict(query).get("channel") != "EMAIL":
            self.bad("channel is required")
        elif self.batch_fits(body):
            for address in body["inputs"]:
                self.system.opt_out(address)
            self.reply(200, self.completed([{"subscriberIdString": address, "statuses": self.statuses_of(address)}
                                            for address in body["inputs"]]))

    def write_statuses(self, _query, body):
        if self.batch_fits(body):
            for one in body["inputs"]:
                self.system.statuses[one["subscriberIdString"].lower(), one["subscriptionId"]] = \
                    one["statusState"], iso(now())
                contact = self.system.find("contacts", "email", one["subscriberIdString"])
                if contact:
                    self.system.change("contacts", contact, {})
            self.reply(200, self.completed([]))

    ROUTES = [
        ("POST", r"/oauth/v1/token", "token"),
        ("GET", r"/crm/v3/properties/(\w+)", "list_properties"),
        ("GET", r"/crm/v3/owners", "list_owners"),
        ("GET", r"/crm/v3/objects/(\w+)", "list_objects"),
        ("POST", r"/crm/v3/objects/(\w+)/search", "search"),
        ("POST", r"/crm/v3/objects/(\w+)/batch/read", "batch_read"),
        ("POST", r"/crm/v3/objects/(\w+)/batch/upsert", "upsert"),
        ("POST", r"/crm/v3/objects/(\w+)/batch/update", "update"),
        ("POST", r"/crm/v3/objects/(\w+)/batch/archive", "archive"),
        ("POST", r"/crm/v4/associations/(\w+)/(\w+)/batch/read", "read_associations"),
        ("PUT", r"/crm/v3/lists/(\w+)/memberships/(add|remove)", "memberships"),
        ("POST", r"/communication-preferences/v4/statuses/batch/read", "read_statuses"),
        ("POST", r"/communication-preferences/v4/statuses/batch/unsubscribe-all/read", "read_unsubscribed"),
        ("POST", r"/communication-preferences/v4/statuses/batch/unsubscribe-all", "unsubscribe_all"),
        ("POST", r"/communication-preferences/v4/statuses/batch/write", "write_statuses"),
    ]


def serve(port=0, search_limit=10_000):
    return stand_in.serve(Handler, HubSpot(search_limit), port)


if __name__ == "__main__":
    stand_in.main("A stand-in for HubSpot on loopback.", lambda options: (Handler, HubSpot(options.search_limit)),
                  lambda parser: parser.add_argument("--search-limit", type=int, default=10_000,
                                                     help="results that one search shows"))
