"""A stand-in for Mailchimp's Marketing API, on loopback and in memory: mailchimp.py [--port N]

What it follows is in README.md; requests below /__ (faults, state) are those of stand_in.py, and POST /__member
{fields, tags}, POST /__unsubscribe {"email"}.
"""
import base64
import datetime
import hashlib
import re
import time

import stand_in

BATCH_MAX, COUNT_MAX = 500, 1000
API_KEY, TOKEN = "sesame-us21", "open-sesame"
LIST = "a36b032126"
STATUSES = ("subscribed", "unsubscribed", "cleaned", "pending", "transactional")
MERGE_FIELDS = {"FNAME": "text", "LNAME": "text", "ADDRESS": "address", "PHONE": "phone", "BIRTHDAY": "birthday",
                "POINTS": "number", "CITY": "text"}
BY_ADMIN = "N/A (Unsubscribed by admin)"


def stamp(seconds):
    return datetime.datetime.fromtimestamp(int(seconds), datetime.timezone.utc).isoformat()


def seconds_of(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp()


def hash_of(email):
    return hashlib.md5(email.lower().encode()).hexdigest()


class Mailchimp(stand_in.System):
    def __init__(self):
        super().__init__()
        self.lists = {LIST: "Newsletter"}  # an address is in one of them only
        self.members, self.tags, self.forgotten = {}, {}, set()  # members by hash; tags: name by id
        self.before_page = None  # called with the query of a list of members, which it may change
        self.clock = time.time  # of last_changed
        self.exclusive = True  # is the moment of since_last_changed left out?
        self.next_web_id = 1

    def touch(self, member):
        member["last_changed"] = stamp(self.clock())

    def problem(self, given):
        """An error, or None: (title, detail, field errors)."""
        email = given.get("email_address")
        if email is not None and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", str(email)):
            return ("Invalid Resource", "Please provide a valid email address.", [])
        if email and "fake" in email:
            return ("Invalid Resource", f"{email} looks fake or invalid, please enter a real email address.", [])
        for name, value in (given.get("merge_fields") or {}).items():
            kind = MERGE_FIELDS.get(name)
            if kind == "number" and value != "" and not isinstance(value, (int, float)):
                return ("Invalid Resource", "Your merge fields were invalid.", [{"field": name, "message": "Please enter a number"}])
            if kind == "birthday" and value and not re.fullmatch(r"\d\d/\d\d", value):
                return ("Invalid Resource", "Your merge fields were invalid.", [{"field": name, "message": "Please enter a month (01-12) and a day (01-31)"}])
        return None

    def apply(self, member, given):
        for name, value in (given.get("merge_fields") or {}).items():
            if name in MERGE_FIELDS:
                member["merge_fields"][name] = value
        member["interests"].update(given.get("interests") or {})
        for name in ("language", "vip", "email_type", "ip_opt", "timestamp_opt", "ip_signup", "timestamp_signup"):
            if name in given:
                member[name] = given[name]
        self.touch(member)

    def add(self, given):
        """A new member; the caller saw to it that there is none yet."""
        email = given["email_address"]
        member = {"id": hash_of(email), "email_address": email, "unique_email_id": hash_of("u" + email)[:10],
                  "contact_id": hash_of("c" + email + str(self.next_web_id)), "full_name": "", "web_id": self.next_web_id,
                  "email_type": "html", "status": given.get("status", "subscribed"),
                  "merge_fields": {name: "" for name in MERGE_FIELDS}, "interests": {},
                  "stats": {"avg_open_rate": 0, "avg_click_rate": 0}, "ip_signup": "", "timestamp_signup": "",
                  "ip_opt": "192.0.2.1", "timestamp_opt": stamp(self.clock()), "member_rating": 2, "language": "",
                  "vip": False, "source": "API - Generic", "tags": [], "list_id": LIST, "by_themselves": False}
        self.next_web_id += 1
        self.members[member["id"]] = member
        self.apply(member, given)
        return member

    def set_status(self, member, status):
        """False where Mailchimp keeps it: whoever unsubscribed by themselves, bounced or is under review."""
        if status in ("subscribed", "pending") and (member["by_themselves"] or member["status"] == "cleaned"):
            return False
        if status == "unsubscribed" and member["status"] != status:
            member["unsubscribe_reason"] = BY_ADMIN
        if status != "unsubscribed":
            member.pop("unsubscribe_reason", None)
        member["status"] = status
        return True

    def unsubscribe(self, email, reason="No longer interested"):
        """What a person does with the link in a mail."""
        member = self.members[hash_of(email)]
        member.update(status="unsubscribed", unsubscribe_reason=reason, by_themselves=True)
        self.touch(member)

    def tag(self, member, name, active):
        known = [one for one in member["tags"] if one["name"].lower() == name.lower()]
        if active and not known:
            number = next((n for n, text in self.tags.items() if text.lower() == name.lower()), None)
            if number is None:
                number = len(self.tags) + 11401
                self.tags[number] = name
            member["tags"].append({"id": number, "name": name})
        if not active:
            member["tags"] = [one for one in member["tags"] if one not in known]

    def state(self):
        return {"members": [self.show(one, True) for one in self.members.values()]}

    def control_member(self, given):
        member = self.add(given)
        for name in given.get("tags", []):
            self.tag(member, name, True)

    def control_unsubscribe(self, given):
        self.unsubscribe(given["email"])

    def show(self, member, whole_tags=False):
        shown = {name: value for name, value in member.items() if name != "by_themselves"}
        shown["tags_count"] = len(member["tags"])
        shown["tags"] = member["tags"] if whole_tags else member["tags"][:50]
        shown["_links"] = [{"rel": "self", "href": "https://us21.api.mailchimp.com/3.0/lists/" + LIST, "method": "GET"}]
        return shown


class Handler(stand_in.Handler):
    server_version = "openresty"

    def authorize(self, _path, _body):
        given = self.headers.get("Authorization", "")
        known = given[7:] == TOKEN if given.startswith("Bearer ") else (
            given.startswith("Basic ") and base64.b64decode(given[6:]).decode().endswith(":" + API_KEY))
        if not known:
            self.problem(401, "API Key Invalid", "Your API key may be invalid, or you've attempted to access the wrong datacenter.")
        return known

    def error(self, status):
        return {"title": "Too Many Requests" if status == 429 else "Error", "status": status,
                "detail": "You have exceeded the limit of 10 simultaneous connections." if status == 429 else "The server failed."}

    def problem(self, status, title, detail, errors=()):
        body = {"type": "https://mailchimp.com/developer/marketing/docs/errors/", "title": title, "status": status,
                "detail": detail, "instance": "9d741ebc-c22a-4e34-af47-5463c4f5cd25"}
        if errors:
            body["errors"] = list(errors)
        self.reply(status, body)

    def missing(self):
        self.problem(404, "Resource Not Found", "The requested resource could not be found.")

    def known_list(self, name):
        if name not in self.system.lists:
            self.missing()
        return name in self.system.lists

    @property
    def vendor(self):
        return self.system

    # ── routes ─────────────────────────────────────────────────────────────────────────────────
    def ping(self, _query, _given):
        return self.reply(200, {"health_status": "Everything's Chimpy!"})

    def lists(self, _query, _given):
        return self.reply(200, {"lists": [{"id": number, "name": title} for number, title in self.system.lists.items()]})

    def merge_fields(self, query, _given, name):
        if not self.known_list(name):
            return None
        fields = [{"merge_id": n, "tag": tag, "name": tag, "type": kind, "required": False, "list_id": LIST}
                  for n, (tag, kind) in enumerate(MERGE_FIELDS.items(), 1)]
        return self.reply(200, {"merge_fields": fields[:int(dict(query).get("count", 10))], "total_items": len(fields)})

    def list_members(self, query, _given, name):
        if not self.known_list(name):
            return None
        query = dict(query)
        if self.vendor.before_page:
            self.vendor.before_page(query)
        count, offset = int(query.get("count", 10)), int(query.get("offset", 0))
        if count > COUNT_MAX:
            return self.problem(400, "Invalid Resource", "The count may be 1000 at most.")
        status = query.get("status")
        found = [one for one in self.vendor.members.values() if one["list_id"] == name
                 and (one["status"] == status if status else one["status"] != "archived")]
        if "since_last_changed" in query:
            least = seconds_of(query["since_last_changed"])
            found = [one for one in found if seconds_of(one["last_changed"]) > least
                     or (not self.vendor.exclusive and seconds_of(one["last_changed"]) == least)]
        if "before_last_changed" in query:
            most = seconds_of(query["before_last_changed"])
            found = [one for one in found if seconds_of(one["last_changed"]) < most
                     or (not self.vendor.exclusive and seconds_of(one["last_changed"]) == most)]
        if query.get("sort_field") == "last_changed":
            found.sort(key=lambda one: one["last_changed"], reverse=query.get("sort_dir") == "DESC")
        shown = [self.vendor.show(one) for one in found[offset:offset + count]]
        if "members._links" in query.get("exclude_fields", ""):
            for one in shown:
                del one["_links"]
        return self.reply(200, {"members": shown, "list_id": name, "total_items": len(found)})

    def batch(self, _query, given, name):
        if not self.known_list(name):
            return None
        members = given.get("members")
        if not isinstance(members, list) or len(members) > BATCH_MAX:
            return self.problem(400, "Invalid Resource", "The resource submitted could not be validated.",
                               [{"field": "members", "message": "This collection should contain 500 elements or less."}])
        for number, one in enumerate(members):
            if one.get("status") not in STATUSES or len(one.get("language", "")) > 10:
                return self.problem(400, "Invalid Resource", "The resource submitted could not be validated.",
                                   [{"field": f"members.{number}.language", "message": "This value should be 10 characters or less"}])
        made, updated, errors = [], [], []
        for one in members:
            email = str(one.get("email_address", ""))
            wrong = self.vendor.problem(one)
            known = self.vendor.members.get(hash_of(email))
            error = {"email_address": email, "error_code": "ERROR_GENERIC", "field": "", "field_message": ""}
            if hash_of(email) in self.vendor.forgotten:
                errors.append({**error, "error": f"{email} was permanently deleted and cannot be re-imported. The contact must re-subscribe to get back on the list."})
            elif wrong:
                field = wrong[2][0] if wrong[2] else {"field": "", "message": ""}
                errors.append({**error, "error": wrong[1], "field": field["field"], "field_message": field["message"]})
            elif known and not given.get("update_existing"):
                errors.append({**error, "error_code": "ERROR_CONTACT_EXISTS",
                               "error": f"{email} is already a list member, do you want to update? please provide update_existing:true in the request body"})
            elif known:
                self.vendor.set_status(known, one["status"])
                self.vendor.apply(known, one)
                updated.append(self.vendor.show(known))
            else:
                made.append(self.vendor.show(self.vendor.add(one)))
        return self.reply(200, {"new_members": made, "updated_members": updated, "errors": errors, "total_created": len(made),
                                "total_updated": len(updated), "error_count": len(errors)})

    def key_of(self, name):
        """The documented names of a member: MD5 of the address, the address itself, contact_id."""
        for key, member in self.vendor.members.items():
            if name in (key, member["contact_id"]) or name.lower() == member["email_address"].lower():
                return key
        return name

    def one_member(self, _query, given, _list, name):
        name = self.key_of(name)
        member = self.vendor.members.get(name)
        if not member:
            return self.missing()
        if self.command == "GET":
            return self.reply(200, self.vendor.show(member))
        if self.command == "DELETE":
            if member["status"] == "archived":
                return self.problem(405, "Method Not Allowed", "This list member cannot be removed. Please contact support.")
            member["status"] = "archived"
            self.vendor.touch(member)
            return self.reply(204)
        wrong = self.vendor.problem(given)
        if wrong:
            return self.problem(400, *wrong)
        email = given.get("email_address", member["email_address"])
        if hash_of(email) != name and hash_of(email) in self.vendor.members:
            return self.problem(400, "Member Exists", f"{email} is already a list member. Use PUT to insert or update list members.")
        if "status" in given and not self.vendor.set_status(member, given["status"]):
            return self.problem(400, "Member In Compliance State", f"{email} is in a compliance state due to unsubscribe, bounce, or "
                               "compliance review and cannot be subscribed.")
        self.vendor.apply(member, given)
        if hash_of(email) != name:
            del self.vendor.members[name]
            member.update(id=hash_of(email), email_address=email)
            self.vendor.members[member["id"]] = member
        return self.reply(200, self.vendor.show(member))

    def member_tags(self, query, given, _list, name):
        name = self.key_of(name)
        member = self.vendor.members.get(name)
        if not member:
            return self.missing()
        if self.command == "GET":
            return self.reply(200, {"tags": member["tags"][:int(dict(query).get("count", 10))], "total_items": len(member["tags"])})
        for tag in given["tags"]:
            self.vendor.tag(member, tag["name"], tag["status"] == "active")
        self.vendor.touch(member)
        return self.reply(204)

    def forget(self, _query, _given, _list, name):
        name = self.key_of(name)
        if not self.vendor.members.pop(name, None):
            return self.missing()
        self.vendor.forgotten.add(name)
        return self.reply(204)

    def tag_search(self, query, _given, name):
        if not self.known_list(name):
            return None
        found = [{"id": n, "name": name} for n, name in self.vendor.tags.items()
                 if name.lower().startswith(dict(query).get("name", "").lower())]
        return self.reply(200, {"tags": found, "total_items": len(found)})

    def add_segment(self, _query, given, name):
        if not self.known_list(name):
            return None
        number = len(self.vendor.tags) + 11401
        self.vendor.tags[number] = given["name"]
        return self.reply(200, {"id": number, "name": given["name"], "member_count": 0, "type": "static"})

    def segment(self, _query, given, _list, number):
        name = self.vendor.tags.get(int(number))
        if not name:
            return self.missing()
        added, removed, unknown = [], [], []
        for emails, active, into in ((given.get("members_to_add", []), True, added), (given.get("members_to_remove", []), False, removed)):
            if len(emails) > BATCH_MAX:
                return self.problem(400, "Invalid Resource", "Maximum allowed member items exceeded, please provide at most 500 items")
            for email in emails:
                member = self.vendor.members.get(hash_of(email))
                if not member or member["status"] == "archived":
                    unknown.append(email)
                    continue
                self.vendor.tag(member, name, active)
                self.vendor.touch(member)
                into.append(self.vendor.show(member))
        errors = [{"email_addresses": unknown, "error": "Email addresses not subscribed to the list were ignored"}] if unknown else []
        return self.reply(200, {"members_added": added, "members_removed": removed, "errors": errors, "total_added": len(added),
                                "total_removed": len(removed), "error_count": len(errors)})


LIST_PATH = r"/3.0/lists/(\w+)"
MEMBER = LIST_PATH + r"/members/([0-9a-f]{32})"
Handler.ROUTES = [
    ("GET", "/3.0/ping", "ping"),
    ("GET", "/3.0/lists", "lists"),
    ("POST", LIST_PATH, "batch"),
    ("GET", LIST_PATH + "/merge-fields", "merge_fields"),
    ("GET", LIST_PATH + "/members", "list_members"),
    ("GET|PATCH|DELETE", MEMBER, "one_member"),
    ("GET|POST", MEMBER + "/tags", "member_tags"),
    ("POST", MEMBER + "/actions/delete-permanent", "forget"),
    ("GET", LIST_PATH + "/tag-search", "tag_search"),
    ("POST", LIST_PATH + "/segments", "add_segment"),
    ("POST", LIST_PATH + r"/segments/(\d+)", "segment"),
]


def serve(port=0):
    return stand_in.serve(Handler, Mailchimp(), port)


if __name__ == "__main__":
    stand_in.main("A stand-in for Mailchimp on loopback.", lambda _: (Handler, Mailchimp()))
