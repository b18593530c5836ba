"""Holds the requests of a log against a vendor's API description (OpenAPI 3), stricter than it was written: an object
that lists its members has no others. Needs the Debian packages python3-yaml and python3-jsonschema."""
import copy
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


def closed(schema):
    """The schema, with objects that have no members but those listed."""
    if isinstance(schema, list):
        return [closed(one) for one in schema]
    if not isinstance(schema, dict):
        return schema
    out = {name: closed(value) for name, value in schema.items()}
    if isinstance(out.get("properties"), dict) and "type" in out and "additionalProperties" not in out:
        out["additionalProperties"] = False
    if out.pop("nullable", False) is True and isinstance(out.get("type"), str):
        out["type"] = [out["type"], "null"]
    return out


class Description:
    def __init__(self, file):
        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        self.document = yaml.load(pathlib.Path(file).read_text(encoding="utf-8"), loader)
        self.components = {"components": closed(copy.deepcopy(self.document.get("components", {})))}
        self.paths = {re.compile(re.sub(r"\\\{[^}]*\\\}", "[^/]+", re.escape(path))): item
                      for path, item in self.document["paths"].items()}

    def allow(self, schema, members):
        """Members that the vendor added after this description was written."""
        self.components["components"]["schemas"][schema]["properties"].update(members)

    def operation(self, method, path):
        for pattern, item in self.paths.items():
            if pattern.fullmatch(path) and method.lower() in item:
                return item[method.lower()]
        return None

    def problems(self, request):
        """What is wrong with a request {method, path, query, body}; None when it is not described here."""
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
        content = operation.get("requestBody", {}).get("content", {}).get("application/json")
        if content is None:
            return found + (["there is a body"] if request["body"] else [])
        validator = jsonschema.Draft7Validator({**self.components, **closed(content["schema"])})
        return found + [f"{'/'.join(map(str, error.path))}: {error.message}"
                        for error in validator.iter_errors(request["body"])]

    @staticmethod
    def fits(schema, value):
        kind = schema.get("type")
        if "enum" in schema and value not in schema["enum"]:
            return False
        if kind == "integer":
            return value.isdigit() and int(value) <= schema.get("maximum", 2**63)
        return value in ("true", "false") if kind == "boolean" else True
