"""Holds the requests of a log against a vendor's API description (OpenAPI 3), stricter than it was written: an object
that lists its members has no others. Needs the Debian packages python3-yaml and python3-jsonschema."""
import copy
import json
import pathlib
import re
import urllib.parse

try:
    import jsonschema
    import yaml
except ImportError as missing:  # the caller says so aloud
    MISSING = str(missing)
else:
    MISSING = None

HEADERS_OF_OTHERS = ("authorization", "accept", "content-type")  # no parameters, whatever a description lists


def closed(schema):
    """The schema, with objects that have no members but those listed."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    out = {name: closed(value) for name, value in schema.items()}
    if isinstance(out.get("properties"), dict) and "type" in out and "additionalProperties" not in out:
        out["additionalProperties"] = False
    if isinstance(out.get("nullable"), bool) and out.pop("nullable"):
        if isinstance(out.get("type"), str):
            out["type"] = [out["type"], "null"]
        elif "type" not in out:  # of a choice or a reference: JSON Schema knows no such word
            out = {"anyOf": [out, {"type": "null"}]}
    return out


class Description:
    def __init__(self, file, parameter="[^/]+"):
        """parameter: what may stand for one in a path."""
        text = pathlib.Path(file).read_text(encoding="utf-8")
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.document = json.loads(text) if str(file).endswith(".json") else yaml.load(text, loader)
        self.components = {"components": closed(copy.deepcopy(self.document.get("components", {})))}
        self.paths = {re.compile(re.sub(r"\\\{[^}]*\\\}", lambda _: parameter, re.escape(path))): item
                      for path, item in self.document["paths"].items()}

    def allow(self, schema, members):
        """Members that the vendor added after this description was written."""
        self.components["components"]["schemas"][schema]["properties"].update(members)

    def operation(self, method, path):
        for pattern, item in self.paths.items():
            if pattern.fullmatch(path) and method.lower() in item:
                operation = item[method.lower()]
                named = [*item.get("parameters", []), *operation.get("parameters", [])]
                return {**operation, "parameters": [self.resolved(one) for one in named]}
        return None

    def resolved(self, value):
        for step in value["$ref"].split("/")[1:] if "$ref" in value else ():
            value = (self.document if step == "components" else value)[step]
        return value

    def problems(self, request):
        """What is wrong with a request {method, path, query, headers, body}; None when it is not described here."""
        operation = self.operation(request["method"], request["path"])
        if operation is None:
            return None
        found = []
        known = {one["name"]: one for one in operation.get("parameters", []) if one.get("in") == "query"}
        given = dict(urllib.parse.parse_qsl(request["query"], keep_blank_values=True))
        for name, value in given.items():
            if name not in known:
                found.append(f"the parameter {name} is not described")
            elif not self.fits(known[name].get("schema", {}), value):
                found.append(f"the parameter {name} is {value!r}")
        found += [f"the parameter {name} is missing" for name, one in known.items()
                  if one.get("required") and name not in given]
        headers = {name.lower(): value for name, value in request.get("headers", {}).items()}
        found += [f"the header {one['name']} is missing" for one in operation.get("parameters", [])
                  if one.get("in") == "header" and one.get("required")
                  and one["name"].lower() not in (*headers, *HEADERS_OF_OTHERS)]
        media = operation.get("requestBody", {}).get("content", {})
        if not media:
            return found + (["there is a body"] if request["body"] else [])
        kind = headers.get("content-type", next(iter(media))).split(";")[0]
        if kind not in media:
            return found + [f"the content type {kind} is not described"]
        if kind == "application/x-www-form-urlencoded":
            form = media[kind]["schema"]
            fields = request["body"] if isinstance(request["body"], dict) else {}
            found += [f"the field {name} is {value!r}" for name, value in fields.items()
                      if name not in form["properties"] or not self.fits(form["properties"][name], value)]
            return found + [f"the field {name} is missing" for name in form.get("required", []) if name not in fields]
        validator = jsonschema.Draft7Validator({**self.components, **closed(media[kind]["schema"])})
        return found + [f"{'/'.join(map(str, error.path))}: {error.message}"
                        for error in validator.iter_errors(request["body"])]

    @classmethod
    def fits(cls, schema, value):
        kind = schema.get("type")
        if kind == "array":  # written with commas
            return all(cls.fits(schema.get("items", {}), one) for one in value.split(","))
        if "enum" in schema and value not in schema["enum"]:
            return False
        if kind == "integer":
            return value.isdigit() and schema.get("minimum", 0) <= int(value) <= schema.get("maximum", 2**63)
        return value in ("true", "false") if kind == "boolean" else True
