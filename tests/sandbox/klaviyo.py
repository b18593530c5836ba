"""A stand-in for Klaviyo's API (revision 2026-07-15), on loopback and in memory: klaviyo.py [--port N]

What it follows is in README.md; requests below /__ (faults, state) are those of stand_in.py, and POST /__profile
{attributes}, POST /__unsubscribe {"email"}.
"""
import base64
import datetime
import json
import re
import time
import urllib.parse

import stand_in

API_KEY = "pk_sesame"
LIST = "Xy12Zk"
PAGE_MAX, IMPORT_MAX, IMPORT_BYTES, PROFILE_BYTES = 100, 10_000, 5_000_000, 100_000
LIST_MAX, SUBSCRIBE_MAX, SUPPRESS_MAX = 1000, 1000, 100
ATTRIBUTES = ("email", "phone_number", "external_id", "first_name", "last_name", "organization", "locale", "title", "image")
NO = ("UNSUBSCRIBE", "SPAM_COMPLAINT", "USER_SUPPRESSED")
TIMESTAMP = "subscriptions.email.marketing.suppression.timestamp"


def stamp(seconds):
    return datetime.datetime.fromtimestamp(seconds, datetime.timezone.utc).isoformat()


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def cursor_of(place):
    return base64.urlsafe_b64encode(json.dumps(place).encode()).decode()


class Klaviyo(stand_in.System):
    def __init__(self):
        super().__init__()
        self.profiles, self.jobs = {}, {}
        self.list = set()  # ids of the profiles in LIST
        self.clock = time.time
        self.before_page = None  # called with the query of a list of profiles
        self.polls = 2  # until a job is complete
        self.end = "complete"  # or cancelled
        self.conflicts = []  # e-mail addresses whose import fails in the job
        self.nameless_errors = False
        self.double_opt_in = False
        self.refuse_cursors = False
        self.next_id = 1

    # ── profiles ───────────────────────────────────────────────────────────────────────────────
    def by(self, name, value):
        if not value:
            return None
        return next((one for one in self.profiles.values()
                     if (one.get(name) or "").lower() == str(value).lower()), None)

    def add(self, attributes, seconds=None):
        profile = {name: None for name in ATTRIBUTES}
        profile.update(id=f"01HZ{self.next_id:022d}", location={}, properties={}, created=stamp(self.clock()),
                       consent="NEVER_SUBSCRIBED", consent_at=None, method=None, custom=None, suppression=[], list_suppressions=[], asked=0)
        self.next_id += 1
        self.profiles[profile["id"]] = profile
        self.apply(profile, attributes, {}, True)
        if seconds is not None:
            profile["updated"] = seconds
        return profile

    def apply(self, profile, attributes, meta, clears):
        for name, value in attributes.items():
            if name in ("location", "properties"):
                profile[name].update({key: one for key, one in (value or {}).items() if clears or one is not None})
            elif value is not None or clears:
                profile[name] = value
        unset = meta.get("patch_properties", {}).get("unset", [])
        for name in ([unset] if isinstance(unset, str) else unset) if clears else []:
            profile["properties"].pop(name, None)
        profile["updated"] = self.clock()

    @staticmethod
    def invalid(attributes):
        """What is wrong at first sight: (member, sentence), or None."""
        email, phone = attributes.get("email"), attributes.get("phone_number")
        if email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(email)):
            return "email", f"Invalid email address {email}"
        if phone is not None and not re.fullmatch(r"\+[1-9]\d{6,14}", str(phone)):
            return "phone_number", "Invalid phone number format (Example of a valid format: +12345678901)"
        return None

    def owners(self, resource):
        """The profiles that a resource stands for, by its id and what identifies it."""
        found = {}
        for name in ("external_id", "email", "phone_number"):
            one = self.by(name, resource["attributes"].get(name))
            if one:
                found[one["id"]] = one
        if resource.get("id"):
            found[resource["id"]] = self.profiles.get(resource["id"])
        return found

    def say_no(self, email, reason="UNSUBSCRIBE", seconds=None):
        """What a person does with the link in a mail, a mailbox with a mail, or staff by hand."""
        profile, at = self.by("email", email), stamp(seconds if seconds is not None else self.clock())
        if reason == "UNSUBSCRIBE":
            profile.update(consent="UNSUBSCRIBED", consent_at=at)
        profile["suppression"] = [one for one in profile["suppression"] if one["reason"] != reason] + [
            {"reason": reason, "timestamp": at}]
        profile["updated"] = self.clock()

    def leave_list(self, email, number=LIST, reason="USER_SUPPRESSED", seconds=None):
        """A no to the mail of one list; of all other mail nothing is said."""
        at = stamp(seconds if seconds is not None else self.clock())
        self.by("email", email)["list_suppressions"].append({"list_id": number, "reason": reason, "timestamp": at})

    def show(self, profile, fields=None):
        shown = {name: profile[name] for name in ATTRIBUTES}
        shown.update(created=profile["created"], updated=stamp(profile["updated"]), last_event_date=None,
                     location=profile["location"], properties=profile["properties"])
        shown["subscriptions"] = {
            "email": {"marketing": {
                "can_receive_email_marketing": not profile["suppression"], "consent": profile["consent"],
                "consent_timestamp": profile["consent_at"], "last_updated": profile["consent_at"],
                "method": profile["method"], "method_detail": "", "custom_method_detail": profile["custom"],
                "double_optin": False, "suppression": profile["suppression"], "list_suppressions": profile["list_suppressions"]}},
            "sms": {"marketing": {"can_receive_sms_marketing": False, "consent": "NEVER_SUBSCRIBED",
                                  "consent_timestamp": None, "method": None, "method_detail": None, "last_updated": None}}}
        if fields is not None:
            shown = {name: value for name, value in shown.items() if name in fields}
        return {"type": "profile", "id": profile["id"], "attributes": shown,
                "links": {"self": f"https://a.klaviyo.com/api/profiles/{profile['id']}/"}}

    def state(self):
        return {"profiles": [self.show(one) for one in self.profiles.values()], "list": sorted(self.list)}

    def control_profile(self, given):
        self.add(given)

    def control_unsubscribe(self, given):
        self.say_no(given["email"])


class Handler(stand_in.Handler):
    server_version = "cloudflare"

    def authorize(self, _path, body):
        given = self.headers.get("Authorization", "")
        if given != "Klaviyo-API-Key " + API_KEY:
            self.errors(401, "not_authenticated", "Authentication credentials were not provided.", "/data/")
        elif self.headers.get("revision") != "2026-07-15":
            self.errors(400, "invalid", "The revision header is missing or not known.", "/data/")
        elif body and self.headers.get("Content-Type") != "application/vnd.api+json":
            self.errors(415, "unsupported_media_type", "Unsupported media type in request.", "/data")
        else:
            return True
        return False

    def error(self, status):
        detail = "Request was throttled. Expected available in 1 second." if status == 429 else "The server failed."
        return {"errors": [self.one_error("throttled" if status == 429 else "error", detail, "/data/", status)]}

    @staticmethod
    def one_error(code, detail, pointer, status=400, **meta):
        return {"id": "bf03176f-c362-4731-8c90-3f5da9c30fc7", "status": status, "code": code, "title": "Invalid input.",
                "detail": detail, "source": {"pointer": pointer}, "links": {}, "meta": meta}

    def errors(self, status, code, detail, pointer):
        self.reply(status, {"errors": [self.one_error(code, detail, pointer, status)]})

    def missing(self, what="profile"):
        self.errors(404, "not_found", f"A {what} with the given id does not exist.", "/data/id")

    def page(self, query, rows, path):
        """rows: (place, resource) in order; the cursor stands behind a place."""
        size = int(query.get("page[size]", 20))
        if not 1 <= size <= PAGE_MAX:
            return self.errors(400, "invalid", "Page size must be an integer between 1 and 100.", "page[size]")
        if "page[cursor]" in query:
            if self.system.refuse_cursors:
                return self.errors(400, "invalid", "Invalid cursor.", "page[cursor]")
            behind = tuple(json.loads(base64.urlsafe_b64decode(query["page[cursor]"])))
            rows = [one for one in rows if one[0] > behind]
        shown, following = rows[:size], None
        if len(rows) > size:
            following = f"{self.server.address}{path}?" + urllib.parse.urlencode({**query, "page[cursor]": cursor_of(shown[-1][0])})
        return self.reply(200, {"data": [one for _, one in shown],
                                "links": {"self": self.server.address + path, "next": following, "prev": None}})

    # ── routes ─────────────────────────────────────────────────────────────────────────────────
    def list_profiles(self, query, _given):
        query = dict(query)
        if self.system.before_page:
            self.system.before_page(query)
        found = list(self.system.profiles.values())
        text = query.get("filter", "")
        several = re.fullmatch(r'any\((\w+),\["(.*)"\]\)', text)
        than = re.fullmatch(r"(greater-than|greater-or-equal)\(([\w.]+),([^()'\"]+)\)", text)

        def at(one, name):
            if name == "updated":
                return one["updated"]
            return max((seconds_of(each["timestamp"]) for each in one["suppression"]), default=None)

        if several:
            values = [one.lower() for one in several[2].split('","')]
            if several[1] not in ("id", "email", "phone_number", "external_id") or len(values) > 100:
                return self.errors(400, "invalid", "Invalid filter provided.", "filter")
            found = [one for one in found if str(one.get(several[1]) or "").lower() in values]
        elif than and (than[2], than[1]) in (("updated", "greater-than"), (TIMESTAMP, "greater-or-equal")):
            least = seconds_of(than[3])
            found = [one for one in found if at(one, than[2]) is not None and
                     (at(one, than[2]) > least or (than[1] == "greater-or-equal" and at(one, than[2]) == least))]
        elif text:
            return self.errors(400, "invalid", "Invalid filter provided.", "filter")
        sort = query.get("sort", "id")
        if sort not in ("id", "updated", TIMESTAMP):
            return self.errors(400, "invalid", "Invalid sort provided.", "sort")
        fields = query["fields[profile]"].split(",") if "fields[profile]" in query else None
        rows = sorted((((0 if sort == "id" else at(one, sort), one["id"]), one) for one in found), key=lambda row: row[0])
        rows = [(place, self.system.show(one, fields)) for place, one in rows]
        if query.get("additional-fields[profile]") != "subscriptions":
            for _, one in rows:
                one["attributes"].pop("subscriptions", None)
        return self.page(query, rows, "/api/profiles")

    def import_one(self, _query, given):
        resource = given["data"]
        wrong = self.system.invalid(resource["attributes"])
        if wrong:
            return self.errors(400, "invalid", wrong[1], "/data/attributes/" + wrong[0])
        owners = self.system.owners(resource)
        if len(owners) > 1:
            return self.errors(409, "duplicate_profile", "A profile already exists with one of these identifiers.", "/data/attributes")
        profile = next(iter(owners.values()), None)
        if profile:
            self.system.apply(profile, resource["attributes"], resource.get("meta", {}), True)
            return self.reply(200, {"data": self.system.show(profile)})
        return self.reply(201, {"data": self.system.show(self.system.add(resource["attributes"]))})

    def one_profile(self, _query, given, number):
        profile = self.system.profiles.get(number)
        if not profile:
            return self.missing()
        resource = given["data"]
        wrong = self.system.invalid(resource["attributes"])
        if wrong:
            return self.errors(400, "invalid", wrong[1], "/data/attributes/" + wrong[0])
        if set(self.system.owners(resource)) - {number}:
            return self.errors(409, "duplicate_profile", "A profile already exists with one of these identifiers.", "/data/attributes")
        self.system.apply(profile, resource["attributes"], resource.get("meta", {}), True)
        return self.reply(200, {"data": self.system.show(profile)})

    def rows_or_errors(self, given, most):
        """The profiles of a job; None = refused whole, with a pointer to each bad row."""
        rows = given["data"]["attributes"]["profiles"]["data"]
        if not 1 <= len(rows) <= most:
            self.errors(400, "invalid", f"Between 1 and {most} profiles may be given.", "/data/attributes/profiles/data")
            return None
        bad = []
        for number, row in enumerate(rows):
            wrong = self.system.invalid(row["attributes"])
            if wrong:
                bad.append(self.one_error("invalid", wrong[1], f"/data/attributes/profiles/data/{number}/attributes/{wrong[0]}"))
        if bad:
            self.reply(400, {"errors": bad})
        return None if bad else rows

    def import_many(self, _query, given):
        if int(self.headers["Content-Length"]) > IMPORT_BYTES:
            return self.errors(413, "payload_too_large", "The payload is too large.", "/data")
        rows = self.rows_or_errors(given, IMPORT_MAX)
        if rows is None:
            return None
        if any(len(json.dumps(row)) > PROFILE_BYTES for row in rows):
            return self.errors(413, "payload_too_large", "A profile is too large.", "/data")
        lists = [one["id"] for one in given["data"].get("relationships", {}).get("lists", {}).get("data", [])]
        if any(one != LIST for one in lists):
            return self.errors(400, "invalid", "List ID does not exist.", "/data")
        job = {"id": f"job{len(self.system.jobs) + 1}", "polls": self.system.polls, "total": len(rows), "errors": []}
        self.system.jobs[job["id"]] = job
        for number, row in enumerate(rows):
            owners = self.system.owners(row)
            if len(owners) > 1 or None in owners.values() or row["attributes"].get("email") in self.system.conflicts:
                row_error = self.one_error("duplicate_profile", "A profile already exists with one of these identifiers.",
                                           f"/data/attributes/profiles/data/{number}/attributes")
                job["errors"].append({"type": "import-error", "id": f"{job['id']}-{number}", "attributes": {
                    **{name: row_error[name] for name in ("code", "title", "detail")},
                    "source": {"pointer": None if self.system.nameless_errors else row_error["source"]["pointer"]},
                    "original_payload": None if self.system.nameless_errors else row["attributes"]}})
                continue
            profile = next(iter(owners.values()), None)
            if profile:  # what is null is skipped, as the guide to bulk imports says
                self.system.apply(profile, row["attributes"], row.get("meta", {}), False)
            else:
                profile = self.system.add({name: one for name, one in row["attributes"].items() if one is not None})
            if lists:
                self.system.list.add(profile["id"])
        return self.reply(202, {"data": self.show_job(job)})

    def show_job(self, job):
        done = job["polls"] <= 0
        status = self.system.end if done else "queued" if job["polls"] > 1 else "processing"
        return {"type": "profile-bulk-import-job", "id": job["id"], "attributes": {
            "status": status, "created_at": stamp(self.system.clock()), "total_count": job["total"],
            "completed_count": job["total"] if done else 0, "failed_count": len(job["errors"]) if done else 0,
            "completed_at": None, "expires_at": None, "started_at": None}, "links": {"self": self.server.address}}

    def one_job(self, _query, _given, number):
        job = self.system.jobs.get(number)
        if not job:
            return self.missing("job")
        job["polls"] -= 1
        return self.reply(200, {"data": self.show_job(job)})

    def import_errors(self, query, _given, number):
        rows = [((n, one["id"]), one) for n, one in enumerate(self.system.jobs[number]["errors"])]
        return self.page(dict(query), rows, f"/api/profile-bulk-import-jobs/{number}/import-errors")

    def subscribe(self, _query, given):
        rows = self.rows_or_errors(given, SUBSCRIBE_MAX)
        if rows is None:
            return None
        for row in rows:
            profile = self.system.profiles.get(row.get("id")) or self.system.by("email", row["attributes"]["email"]) or \
                self.system.add({"email": row["attributes"]["email"]})
            profile["asked"] += 1
            if self.system.double_opt_in:
                continue
            profile.update(consent="SUBSCRIBED", consent_at=stamp(self.system.clock()), method="API",
                           custom=given["data"]["attributes"].get("custom_source"),
                           suppression=[one for one in profile["suppression"] if one["reason"] not in NO])
            profile["updated"] = self.system.clock()
            if "relationships" in given["data"]:
                self.system.list.add(profile["id"])
        return self.reply(202)

    def say_no(self, given, reason):
        rows = self.rows_or_errors(given, SUPPRESS_MAX)
        if rows is None:
            return None
        for row in rows:
            email = row["attributes"]["email"]
            if not self.system.by("email", email):
                self.system.add({"email": email})
            self.system.say_no(email, reason)
        return self.reply(202)

    def unsubscribe(self, _query, given):
        return self.say_no(given, "UNSUBSCRIBE")

    def suppress(self, _query, given):
        return self.say_no(given, "USER_SUPPRESSED")

    def unsuppress(self, _query, given):
        rows = self.rows_or_errors(given, SUPPRESS_MAX)
        for row in rows or []:
            profile = self.system.by("email", row["attributes"]["email"])
            if profile:
                profile["suppression"] = [one for one in profile["suppression"] if one["reason"] != "USER_SUPPRESSED"]
        return self.reply(202) if rows else None

    def one_list(self, _query, _given, number):
        if number != LIST:
            return self.missing("list")
        return self.reply(200, {"data": {"type": "list", "id": LIST, "attributes": {"name": "Newsletter"}}})

    def list_members(self, _query, given, number):
        if number != LIST:
            return self.missing("list")
        ids = [one["id"] for one in given["data"]]
        if len(ids) > LIST_MAX or not set(ids) <= set(self.system.profiles):
            return self.errors(400, "invalid", "A profile with one of these ids does not exist.", "/data")
        (self.system.list.update if self.command == "POST" else self.system.list.difference_update)(ids)
        return self.reply(204)

    def forget(self, _query, given):
        profile = given["data"]["attributes"]["profile"]["data"]
        number = profile.get("id") or (self.system.by("email", profile["attributes"].get("email")) or {}).get("id")
        if number not in self.system.profiles:
            return self.missing()
        del self.system.profiles[number]
        self.system.list.discard(number)
        return self.reply(202)


Handler.ROUTES = [
    ("GET", "/api/profiles", "list_profiles"),
    ("PATCH", r"/api/profiles/(\w+)", "one_profile"),
    ("POST", "/api/profile-import", "import_one"),
    ("POST", "/api/profile-bulk-import-jobs", "import_many"),
    ("GET", r"/api/profile-bulk-import-jobs/(\w+)", "one_job"),
    ("GET", r"/api/profile-bulk-import-jobs/(\w+)/import-errors", "import_errors"),
    ("POST", "/api/profile-subscription-bulk-create-jobs", "subscribe"),
    ("POST", "/api/profile-subscription-bulk-delete-jobs", "unsubscribe"),
    ("POST", "/api/profile-suppression-bulk-create-jobs", "suppress"),
    ("POST", "/api/profile-suppression-bulk-delete-jobs", "unsuppress"),
    ("POST", "/api/data-privacy-deletion-jobs", "forget"),
    ("GET", r"/api/lists/(\w+)", "one_list"),
    ("POST|DELETE", r"/api/lists/(\w+)/relationships/profiles", "list_members"),
]


def serve(port=0):
    return stand_in.serve(Handler, Klaviyo(), port)


if __name__ == "__main__":
    stand_in.main("A stand-in for Klaviyo on loopback.", lambda _: (Handler, Klaviyo()))
