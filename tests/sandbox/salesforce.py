"""A stand-in for a Salesforce organisation, on loopback and in memory: salesforce.py [--port N]

Prints its address, then answers until standard input ends or a signal comes. What it follows is in README.md.
Faults are set, and requests read back, under /__ (see stand_in.py); besides the kinds that are told there:
  expire   every token ends before the request is looked at
  repeat   a query is answered with its first page, whatever was asked for
  circle   the results of a job name the same page as the next, again and again
  call     what(organisation) is done first; only from the same process
"""
import base64
import csv
import datetime
import io
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import time

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import soql  # noqa: E402
import stand_in  # noqa: E402

VERSION = "/services/data/v62.0"
TOKEN = "/services/oauth2/token"
CLIENT, CLIENT_SECRET, USER, REFRESH_TOKEN = "rondom-app", "open-sesame", "sync@example.com", "refresh-me"
AUDIENCES = ("https://login.salesforce.com", "https://test.salesforce.com")
COLLECTION_MAX = 200
NAMES = {"LastName": 80, "FirstName": 40, "Salutation": 40, "Title": 128, "Phone": 40, "MobilePhone": 40}
COMMON = [("Id", "id", 18), ("IsDeleted", "boolean", 0), ("CreatedDate", "datetime", 0),
          ("LastModifiedDate", "datetime", 0), ("SystemModstamp", "datetime", 0), ("LastViewedDate", "datetime", 0)]
MAILING = [("MailingStreet", "textarea", 255), ("MailingCity", "string", 40), ("MailingPostalCode", "string", 20),
           ("MailingCountry", "string", 80), ("MailingAddress", "address", 0)]
OWN = [("Rondom_Id__c", "string", 36), ("In_Newsletter__c", "boolean", 0)]
SCHEMA = {
    "Contact": ("003", [*[(n, "string", s) for n, s in NAMES.items()], *MAILING, ("Email", "email", 80),
                        ("Birthdate", "date", 0), ("AccountId", "reference", 18), ("HasOptedOutOfEmail", "boolean", 0), ("EmailBouncedDate", "datetime", 0),
                        ("Score__c", "double", 0), ("Age__c", "double", 0), *OWN]),
    "Lead": ("00Q", [*[(n, "string", s) for n, s in NAMES.items()], ("Company", "string", 255), ("Email", "email", 80),
                     ("Status", "picklist", 255), ("IsConverted", "boolean", 0), ("HasOptedOutOfEmail", "boolean", 0),
                     ("EmailBouncedDate", "datetime", 0), *OWN]),
    "Account": ("001", [("Name", "string", 255), ("Website", "url", 255), ("ParentId", "reference", 18),
                        ("NumberOfEmployees", "int", 0), ("AnnualRevenue", "currency", 0)]),
    "Opportunity": ("006", [("Name", "string", 120), ("AccountId", "reference", 18), ("StageName", "picklist", 255),
                            ("Amount", "currency", 0), ("Probability", "percent", 0), ("CloseDate", "date", 0),
                            ("IsClosed", "boolean", 0), ("IsWon", "boolean", 0)]),
}
READ_ONLY = {"Id", "IsDeleted", "CreatedDate", "LastModifiedDate", "SystemModstamp", "LastViewedDate", "MailingAddress",
             "Age__c"}
REQUIRED = {"Contact": "LastName", "Lead": "LastName", "Account": "Name", "Opportunity": "Name"}


def stamp(moment=None):
    return (moment or datetime.datetime.now(datetime.timezone.utc)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


def problem(code, message, fields=()):
    return {"statusCode": code, "message": message, "fields": list(fields)}


class Organisation(stand_in.System):
    def __init__(self):
        super().__init__()
        self.instance = None         # address in the token's reply; None: where it was asked
        self.ahead = 0               # seconds that the clock of its answers is ahead
        self.special = None          # a fault of the kinds that only this stand-in has
        self.records = {name: {} for name in SCHEMA}
        self.hidden = set()          # (object, field): field-level security
        self.tokens = set()
        self.jobs, self.cursors = {}, {}
        self.batch = 2_000           # records of one answer to a query
        self.polls = 0               # answers "InProgress" of a job before it is complete
        self.ingests = {}            # jobs that write, by id
        self.no_reasons = False      # results of ingest jobs have no sf__Error
        self.stops = None            # (state, rows): how an ingest job ends before its end, and after how many rows
        self.locked = {}             # record key or id -> times that it cannot be locked
        self.duplicate_rule = False  # Contact: no two with one e-mail
        self.public_key = None       # PEM; None: signatures of assertions are not looked at
        self.next = 1

    def state(self):
        return {name: list(rows.values()) for name, rows in self.records.items()}

    def take_fault(self, method, path):
        fault = super().take_fault(method, path)
        self.special = fault if fault and fault["kind"] in ("expire", "repeat", "circle", "call") else None
        return fault

    def control_record(self, body):
        self.add(body["object"], **body["fields"])

    def fields(self, name):
        return [field for field in COMMON + SCHEMA[name][1] if (name, field[0]) not in self.hidden]

    def add(self, name, modified=None, **values):
        number = self.next
        self.next += 1
        digits = ""
        for _ in range(10):
            number, rest = divmod(number, 36)
            digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[rest] + digits
        identifier = SCHEMA[name][0] + "5e" + digits + "AAA"
        when = modified or stamp()
        self.records[name][identifier] = {
            "Id": identifier, "IsDeleted": False, "CreatedDate": when, "LastModifiedDate": when, "SystemModstamp": when,
            **{field: False for field, kind, _ in SCHEMA[name][1] if kind == "boolean"}, **values}
        return identifier

    def change(self, name, identifier, modified=None, **values):
        row = self.records[name][identifier]
        row.update(values)
        row["SystemModstamp"] = row["LastModifiedDate"] = modified or stamp()

    def delete(self, name, identifier):
        self.change(name, identifier, IsDeleted=True)

    def find(self, identifier):
        for name, rows in self.records.items():
            if identifier in rows:
                return name, rows[identifier]
        return None, None

    # ── queries ────────────────────────────────────────────────────────────────────────────────
    def parse(self, text, bulk=False):
        query = soql.Query(text)
        if query.object not in SCHEMA:
            raise soql.Malformed(f"sObject type '{query.object}' is not supported.", "INVALID_TYPE")
        known = {field[0]: field[1] for field in self.fields(query.object)}
        for field in query.used:
            if field not in known:
                raise soql.Malformed(f"No such column '{field}' on entity '{query.object}'.", "INVALID_FIELD")
            if bulk and known[field] == "address":
                raise soql.Malformed("Selecting compound data not supported in Bulk Query", "FUNCTIONALITY_NOT_ENABLED")
        return query

    def found(self, query, everything):
        rows = [row for row in self.records[query.object].values() if everything or not row["IsDeleted"]]
        return [row["Id"] for row in query.rows(rows)]

    def show(self, query, identifier):
        row = self.records[query.object][identifier]
        return {"attributes": {"type": query.object, "url": f"{VERSION}/sobjects/{query.object}/{identifier}"},
                **{field: row.get(field) for field in query.fields}}

    def page(self, query, identifiers, start=0):
        """The rest is found again by the ids that were found first, with the values of that time."""
        end = start + self.batch
        reply = {"totalSize": len(identifiers), "done": end >= len(identifiers),
                 "records": [self.show(query, identifier) for identifier in identifiers[start:end]]}
        if not reply["done"]:
            cursor = f"0r8xx{len(self.cursors):010d}"
            self.cursors[cursor] = (query, identifiers, end)
            reply["nextRecordsUrl"] = f"{VERSION}/query/{cursor}-{end}"
        return reply

    def csv_of(self, job, start, count):
        """As Bulk writes it: everything quoted, times with Z, floating numbers as Java does."""
        query, identifiers = job["parsed"], job["ids"]
        out = io.StringIO()
        writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
        writer.writerow(query.fields)
        kinds = {field[0]: field[1] for field in COMMON + SCHEMA[query.object][1]}
        for values in job["rows"][start:start + count]:
            writer.writerow([bulk_text(value, kinds[field]) for field, value in zip(query.fields, values)])
        return out.getvalue(), len(identifiers[start:start + count])

    # ── writing ────────────────────────────────────────────────────────────────────────────────
    def refusal(self, name, row, given, new, allow_duplicates):
        sizes = {field[0]: (field[1], field[2]) for field in self.fields(name)}
        for field, value in given.items():
            if field in READ_ONLY and field != "Id":
                return problem("INVALID_FIELD_FOR_INSERT_UPDATE", f"Unable to create/update fields: {field}.", [field])
            kind, size = sizes.get(field, ("", 0))
            if size and isinstance(value, str) and len(value) > size:
                return problem("STRING_TOO_LONG", f"{field}: data value too large (max length={size})", [field])
            if kind == "email" and value and not re.fullmatch(r"[^@\s]+@[^@\s]+\.[^@\s]+", value):
                return problem("INVALID_EMAIL_ADDRESS", f"{field}: invalid email address: {value}", [field])
            if kind == "boolean" and not isinstance(value, bool):
                return problem("INVALID_TYPE_ON_FIELD_IN_RECORD", f"{field}: value not of required type", [field])
        if new and not given.get(REQUIRED[name]):
            return problem("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{REQUIRED[name]}]", [REQUIRED[name]])
        for other in self.records[name].values():
            same = other is not row and not other["IsDeleted"]
            if same and given.get("Rondom_Id__c") and other.get("Rondom_Id__c") == given["Rondom_Id__c"]:
                return problem("DUPLICATE_VALUE", "duplicate value found: Rondom_Id__c duplicates value on record", [])
            if same and self.duplicate_rule and not allow_duplicates and given.get("Email") \
                    and (other.get("Email") or "").lower() == given["Email"].lower():
                return problem("DUPLICATES_DETECTED", "Use one of these records?", [])
        return None

    def save(self, name, given, external, allow_duplicates):
        given = {field: value for field, value in given.items() if field != "attributes"}
        key = given.get(external or "Id")
        if self.locked.get(key, 0) > 0:
            self.locked[key] -= 1
            return {"success": False, "errors": [problem("UNABLE_TO_LOCK_ROW", "unable to obtain exclusive access")]}
        rows = self.records[name]
        if external:
            row = next((one for one in rows.values() if one.get(external) == key and not one["IsDeleted"]), None)
        else:
            row = rows.get(key)
            if row is None or row["IsDeleted"]:
                return {"success": False, "errors": [problem("ENTITY_IS_DELETED", "entity is deleted")]}
        error = self.refusal(name, row, given, row is None, allow_duplicates)
        if error:
            return {"success": False, "errors": [error]}
        identifier = row["Id"] if row else self.add(name)
        self.change(name, identifier, **{field: value for field, value in given.items() if field != "Id"})
        return {"id": identifier, "success": True, "errors": [], **({"created": row is None} if external else {})}


def ingest_value(text, kind):
    """What a cell of an upload says; INVALID where the type does not fit."""
    if text == "#N/A":
        return False if kind == "boolean" else None
    if kind == "boolean":
        return {"true": True, "false": False, "1": True, "0": False}.get(text.lower(), text)
    if kind in ("double", "currency", "int"):
        try:
            return int(text) if kind == "int" else float(text)
        except ValueError:
            return text
    return text


def as_csv(names, rows):
    out = io.StringIO()
    writer = csv.writer(out, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerows([names, *rows])
    return out.getvalue().encode()


def bulk_text(value, kind):
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if kind == "datetime":
        return value.replace("+0000", "Z")
    if kind in ("double", "currency", "percent"):
        number = float(value)
        if abs(number) >= 1e7:
            digits, power = f"{number:.15E}".split("E")
            digits = digits.rstrip("0")
            return (digits + "0" if digits.endswith(".") else digits) + "E" + str(int(power))
        return repr(number)
    return str(value)


def signature_holds(assertion, public_key):
    head, payload, signature = assertion.split(".")
    with tempfile.TemporaryDirectory() as folder:
        key, sign = pathlib.Path(folder) / "key.pem", pathlib.Path(folder) / "signature"
        key.write_text(public_key)
        sign.write_bytes(base64.urlsafe_b64decode(signature + "=" * (-len(signature) % 4)))
        return subprocess.run(["openssl", "dgst", "-sha256", "-verify", str(key), "-signature", str(sign)],
                              input=f"{head}.{payload}".encode(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                              check=False).returncode == 0


ERRORS = {403: ("REQUEST_LIMIT_EXCEEDED", "TotalRequests Limit exceeded."), 401: ("INVALID_SESSION_ID", "Session expired or invalid"),
          404: ("NOT_FOUND", "The requested resource does not exist"), 503: ("SERVER_UNAVAILABLE", "The server is busy.")}


class Handler(stand_in.Handler):
    server_version = "sfdcedge"

    @property
    def org(self):
        return self.system

    def date_time_string(self, timestamp=None):
        return super().date_time_string((timestamp or time.time()) + self.org.ahead)

    def error(self, status):
        code, message = ERRORS.get(status, ("UNKNOWN_EXCEPTION", f"status {status}"))
        return [{"errorCode": code, "message": message}]

    def refuse_as(self, status, code, message):
        self.reply(status, [{"errorCode": code, "message": message}])

    def authorize(self, path, _body):
        fault, self.org.special = self.org.special, None
        self.kind = fault["kind"] if fault else ""
        if self.kind == "expire":
            self.org.tokens.clear()
        if self.kind == "call":
            fault["what"](self.org)
        if path == TOKEN or self.headers.get("Authorization", "").removeprefix("Bearer ") in self.org.tokens:
            return True
        self.refuse(401)
        return False

    def answered(self, action, *arguments):
        """What a query is refused for becomes the answer."""
        try:
            return action(*arguments)
        except soql.Malformed as error:
            return self.refuse_as(400, error.code, str(error))

    def token(self, _query, given):
        error = None
        grant = given.get("grant_type", "")
        if grant == "client_credentials":
            if (given.get("client_id"), given.get("client_secret")) != (CLIENT, CLIENT_SECRET):
                error = "invalid_client"
        elif grant == "refresh_token":
            if (given.get("client_id"), given.get("client_secret")) != (CLIENT, CLIENT_SECRET):
                error = "invalid_client"
            elif given.get("refresh_token") != REFRESH_TOKEN:
                error = "invalid_grant"
        elif grant == "urn:ietf:params:oauth:grant-type:jwt-bearer":
            error = self.assertion_error(given.get("assertion", ""))
        else:
            error = "unsupported_grant_type"
        if error:
            return self.reply(400, {"error": error, "error_description": "authentication failure"})
        token = f"00Dxx!token-{len(self.org.requests)}"
        self.org.tokens.add(token)
        instance = self.org.instance or self.server.address
        return self.reply(200, {"access_token": token, "instance_url": instance, "token_type": "Bearer",
                                "id": f"{instance}/id/00Dxx/005xx", "issued_at": "0"})

    def assertion_error(self, assertion):
        try:
            head, payload, _ = (part + "=" * (-len(part) % 4) for part in assertion.split("."))
            header, claims = (json.loads(base64.urlsafe_b64decode(part)) for part in (head, payload))
        except ValueError:
            return "invalid_grant"
        good = header.get("alg") == "RS256" and claims.get("iss") == CLIENT and claims.get("sub") == USER \
            and claims.get("aud") in AUDIENCES and time.time() - 5 < claims.get("exp", 0) < time.time() + 305
        if good and self.org.public_key:
            good = signature_holds(assertion, self.org.public_key)
        return None if good else "invalid_grant"

    # ── routes ─────────────────────────────────────────────────────────────────────────────────
    def limits(self, _query, _given):
        return self.reply(200, {"DailyApiRequests": {"Max": 100_000, "Remaining": 99_000}})

    def record_count(self, query, _given):
        names = [name for name in dict(query).get("sObjects", "").split(",") if name in SCHEMA]
        return self.reply(200, {"sObjects": [{"name": name, "count": len(self.org.records[name])} for name in names]})

    def describe(self, _query, _given, name):
        if name not in SCHEMA or (name, "*") in self.org.hidden:
            return self.refuse(404)
        fields = [{"name": field, "type": kind, "length": size, "createable": field not in READ_ONLY,
                   "updateable": field not in READ_ONLY, "filterable": True, "externalId": field == "Rondom_Id__c",
                   "calculated": field == "Age__c"} for field, kind, size in self.org.fields(name)]
        return self.reply(200, {"name": name, "queryable": True, "createable": True, "fields": fields})

    def query(self, query, _given, everything):
        text = dict(query).get("q", "")
        if self.kind == "repeat":
            text = re.sub(r" WHERE .*? ORDER", " ORDER", text)

        def answer():
            parsed = self.org.parse(text)
            self.reply(200, self.org.page(parsed, self.org.found(parsed, everything == "All")))
        return self.answered(answer)

    def query_more(self, _query, _given, cursor, start):
        if cursor not in self.org.cursors:
            return self.refuse_as(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        parsed, identifiers, _ = self.org.cursors[cursor]
        return self.reply(200, self.org.page(parsed, identifiers, int(start)))

    def job_create(self, _query, given):
        if given.get("operation") not in ("query", "queryAll"):
            return self.refuse_as(400, "INVALIDJOB", "operation is not supported")
        return self.answered(self.job_make, given)

    def job_make(self, given):
        parsed = self.org.parse(given.get("query", ""), bulk=True)
        identifier = f"7505e{len(self.org.jobs):010d}AAA"
        ids = self.org.found(parsed, given["operation"] == "queryAll")
        rows = [[self.org.records[parsed.object][one].get(field) for field in parsed.fields] for one in ids]
        self.org.jobs[identifier] = {"parsed": parsed, "ids": ids, "rows": rows, "polls": self.org.polls,
                                     "state": "UploadComplete"}
        return self.reply(200, {"id": identifier, "operation": given["operation"], "object": parsed.object,
                                "state": "UploadComplete", "contentType": "CSV", "lineEnding": "LF"})

    def job_show(self, _query, _given, identifier):
        job = self.org.jobs.get(identifier)
        if not job:
            return self.refuse(404)
        if job["state"] != "Failed":
            job["polls"] -= 1
            job["state"] = "InProgress" if job["polls"] >= 0 else "JobComplete"
        return self.reply(200, {"id": identifier, "state": job["state"], "errorMessage": job.get("error", "")})

    def job_results(self, query, _given, identifier):
        job = self.org.jobs.get(identifier)
        if not job or job["state"] != "JobComplete":
            return self.refuse(404)
        query = dict(query)
        if self.kind == "circle":
            return self.reply(200, b'"Id"\n', [("Sforce-Locator", query.get("locator", "round")), ("Sforce-NumberOfRecords", "0"),
                                               ("Content-Type", "text/csv")])
        start = int(base64.b64decode(query["locator"]).decode()) if query.get("locator") else 0
        count = int(query.get("maxRecords", 100_000))
        text, rows = self.org.csv_of(job, start, count)
        more = start + count < len(job["ids"])
        locator = base64.b64encode(str(start + count).encode()).decode() if more else "null"
        return self.reply(200, text.encode(), [("Sforce-Locator", locator), ("Sforce-NumberOfRecords", str(rows)),
                                               ("Content-Type", "text/csv")])

    # ── ingest jobs ────────────────────────────────────────────────────────────────────────────
    def ingest_create(self, _query, given):
        name, external = given.get("object"), given.get("externalIdFieldName")
        if name not in SCHEMA or (name, "*") in self.org.hidden:
            return self.refuse_as(400, "INVALIDENTITY", f"Unsupported object: {name}")
        if given.get("operation") not in ("upsert", "update") or given.get("contentType", "CSV") != "CSV":
            return self.refuse_as(400, "INVALIDJOB", "the operation or content is not supported")
        if (given["operation"] == "upsert") != (external in {field[0] for field in self.org.fields(name)}):
            return self.refuse_as(400, "INVALIDJOB", "the external id field does not fit the operation")
        identifier = f"7508d{len(self.org.ingests):010d}AAA"
        self.org.ingests[identifier] = {
            "id": identifier, "object": name, "operation": given["operation"], "externalIdFieldName": external,
            "lineEnding": given.get("lineEnding", "LF"), "columnDelimiter": given.get("columnDelimiter", "COMMA"),
            "contentType": "CSV", "state": "Open", "numberRecordsProcessed": 0, "numberRecordsFailed": 0,
            "contentUrl": f"{VERSION[1:]}/jobs/ingest/{identifier}/batches", "polls": self.org.polls}
        return self.reply(200, self.ingest_shown(identifier))

    def ingest_shown(self, identifier):
        hidden = ("upload", "polls", "names", "rows", "done", "failed", "unprocessed")
        return {name: value for name, value in self.org.ingests[identifier].items() if name not in hidden and value is not None}

    def ingest_upload(self, _query, given, identifier):
        job = self.org.ingests.get(identifier)
        if not job:
            return self.refuse(404)
        if job["state"] != "Open" or "upload" in job or not isinstance(given, bytes) or len(given) > 150_000_000:
            return self.refuse_as(400, "INVALIDJOBSTATE", "data of this job was uploaded already, or is too much, or none")
        if self.headers.get("Content-Type", "").split(";")[0] != "text/csv":
            return self.refuse_as(400, "CLIENTINPUTERROR", "Content-Type must be text/csv")
        job["upload"] = given
        return self.reply(201)

    def ingest_change(self, _query, given, identifier):
        job = self.org.ingests.get(identifier)
        if not job:
            return self.refuse(404)
        state = given.get("state")
        allowed = {"UploadComplete": ("Open",), "Aborted": ("Open", "UploadComplete", "InProgress")}.get(state, ())
        if job["state"] not in allowed:
            return self.refuse_as(400, "INVALIDJOBSTATE", f"a job that is {job['state']} cannot become {state}")
        if state == "UploadComplete":
            names, *job["rows"] = csv.reader(io.StringIO(job.get("upload", b"").decode(), newline=""))
            job["names"], job["state"] = names, state
        else:
            self.ingest_work(job, 0)
            job["state"] = state
        return self.reply(200, self.ingest_shown(identifier))

    def ingest_show(self, _query, _given, identifier):
        job = self.org.ingests.get(identifier)
        if not job:
            return self.refuse(404)
        if job["state"] in ("UploadComplete", "InProgress"):
            job["polls"] -= 1
            job["state"] = "InProgress" if job["polls"] >= 0 else "JobComplete"
            if job["state"] == "JobComplete":
                job["state"], rows = self.org.stops or ("JobComplete", None)
                self.ingest_work(job, rows)
        return self.reply(200, self.ingest_shown(identifier))

    def ingest_work(self, job, count):
        """Does the first rows, or all. An upload that names a field that is not there is done nothing of."""
        name, external, names = job["object"], job["externalIdFieldName"], job.get("names", [])
        kinds = {field[0]: field[1] for field in self.org.fields(name)}
        unknown = [field for field in names if field not in kinds]
        if unknown:
            job["state"], job["errorMessage"], count = "Failed", f"InvalidBatch : Field name not found : {unknown[0]}", 0
        rows = job.get("rows", [])
        count = len(rows) if count is None else count
        job["done"], job["failed"], job["unprocessed"] = [], [], rows[count:]
        for row in rows[:count]:
            given = {field: ingest_value(text, kinds[field]) for field, text in zip(names, row) if text != ""}
            if "spoiler" in row:  # what a trigger throws
                result = {"success": False, "errors": [problem("CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "BeforeInsert failed")]}
            else:
                result = self.org.save(name, given, external, False)
            if result["success"]:
                job["done"].append([result["id"], str(result.get("created", False)).lower(), *row])
            else:
                error = result["errors"][0]
                said = f"{error['statusCode']}:{error['message']}:{','.join(error['fields'])} --"
                job["failed"].append([row[0] if not external else "", said, *row])
        job["numberRecordsProcessed"], job["numberRecordsFailed"] = count, len(job["failed"])

    def ingest_results(self, _query, _given, identifier, what):
        job = self.org.ingests.get(identifier)
        if not job or job["state"] not in ("JobComplete", "Failed", "Aborted"):
            return self.refuse(404)
        kind, more = {"successfulResults": ("done", ["sf__Id", "sf__Created"]), "failedResults": ("failed", ["sf__Id", "sf__Error"]),
                      "unprocessedrecords": ("unprocessed", [])}[what]
        rows = list(reversed(job.get(kind, [])))  # the order is not promised
        if self.org.no_reasons and kind == "failed":
            more, rows = more[:1], [row[:1] + row[2:] for row in rows]
        return self.reply(200, as_csv(more + job.get("names", []), rows), [("Content-Type", "text/csv")])

    def collection_update(self, _query, given):
        return self.collection(given, None, None)

    def collection_upsert(self, _query, given, name, external):
        known = [field[0] for field in self.org.fields(name)] if name in SCHEMA else []
        if external not in known:
            return self.refuse_as(404, "NOT_FOUND", "Provided external ID field does not exist or is not accessible")
        return self.collection(given, name, external)

    def collection(self, given, name, external):
        records = given.get("records")
        if not isinstance(records, list) or len(records) > COLLECTION_MAX:
            return self.refuse_as(400, "INVALID_INPUT", "record limit reached. cannot submit more than 200 records")
        targets = []
        records = [{"Id" if field.lower() == "id" else field: value for field, value in record.items()} for record in records]
        for record in records:
            target = record.get("attributes", {}).get("type")
            if target not in SCHEMA or (name and target != name) or bool(record.get("Id")) == bool(external):
                return self.refuse_as(400, "INVALID_INPUT", "the records do not fit the request")
            known = {field[0] for field in self.org.fields(target)}
            for field in record:
                if field != "attributes" and field not in known:
                    return self.refuse_as(400, "INVALID_FIELD", f"No such column '{field}' on sobject of type {target}")
            if any(str(value) == "spoiler" for value in record.values()):  # what a trigger throws at a whole request
                return self.refuse_as(400, "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", "execution of BeforeInsert failed")
            targets.append(target)
        allowed = "allowSave=true" in self.headers.get("Sforce-Duplicate-Rule-Header", "")
        return self.reply(200, [self.org.save(target, record, external, allowed)
                                for target, record in zip(targets, records)])

    def collection_delete(self, query, _given):
        results = []
        for identifier in dict(query).get("ids", "").split(","):
            name, row = self.org.find(identifier)
            if row is None or row["IsDeleted"]:
                results.append({"success": False, "errors": [problem("ENTITY_IS_DELETED", "entity is deleted")]})
            else:
                self.org.delete(name, identifier)
                results.append({"id": identifier, "success": True, "errors": []})
        return self.reply(200, results)


Handler.ROUTES = [
    ("POST", TOKEN, "token"),
    ("GET", VERSION + r"/limits", "limits"),
    ("GET", VERSION + r"/limits/recordCount", "record_count"),
    ("GET", VERSION + r"/sobjects/(\w+)/describe", "describe"),
    ("GET", VERSION + r"/query(|All)", "query"),
    ("GET", VERSION + r"/query/(\w+)-(\d+)", "query_more"),
    ("POST", VERSION + r"/jobs/query", "job_create"),
    ("GET", VERSION + r"/jobs/query/(\w+)", "job_show"),
    ("GET", VERSION + r"/jobs/query/(\w+)/results", "job_results"),
    ("POST", VERSION + r"/jobs/ingest", "ingest_create"),
    ("GET", VERSION + r"/jobs/ingest/(\w+)", "ingest_show"),
    ("PATCH", VERSION + r"/jobs/ingest/(\w+)", "ingest_change"),
    ("PUT", VERSION + r"/jobs/ingest/(\w+)/batches", "ingest_upload"),
    ("GET", VERSION + r"/jobs/ingest/(\w+)/(successfulResults|failedResults|unprocessedrecords)/?", "ingest_results"),
    ("PATCH", VERSION + r"/composite/sobjects", "collection_update"),
    ("PATCH", VERSION + r"/composite/sobjects/(\w+)/(\w+)", "collection_upsert"),
    ("DELETE", VERSION + r"/composite/sobjects", "collection_delete"),
]


def serve(port=0):
    """A running server; server.system is the organisation. Call shutdown() and server_close() at the end."""
    return stand_in.serve(Handler, Organisation(), port)


if __name__ == "__main__":
    stand_in.main("A stand-in for a Salesforce organisation on loopback.", lambda _: (Handler, Organisation()))
