"""Requests against a vendor's Swagger 2 description: types, enumerations, required and unknown members."""
import json
import re


class Swagger:
    def __init__(self, file, base):
        self.base, self.paths = base, json.loads(file.read_text())["paths"]

    def problems(self, request):
        """The operation that a request is for, or None, and what is wrong with it; query is a dict."""
        for path, methods in self.paths.items():
            if re.fullmatch(self.base + re.sub(r"\{\w+\}", "[^/]+", path), request["path"]) and request["method"].lower() in methods:
                parameters = methods[request["method"].lower()]["parameters"]
                named = {one["name"]: one for one in parameters if one["in"] == "query"}
                found = [f"unknown parameter {name}" for name in request["query"] if name not in named]
                for name, text in request["query"].items():
                    about = named.get(name, {})
                    if about.get("type") == "integer" and int(text) > about.get("maximum", 10 ** 9):
                        found.append(f"{name} is too large")
                    if text not in about.get("enum", [text]):
                        found.append(f"{name} may not be {text}")
                for body in (one for one in parameters if one["in"] == "body"):
                    self.walk(request["body"], body["schema"], "body", found)
                return request["method"] + " " + path, found
        return None, []

    def walk(self, value, schema, where, found):
        kinds = {"object": dict, "array": list, "string": str, "boolean": bool, "integer": int, "number": (int, float)}
        if not isinstance(value, kinds.get(schema.get("type"), object)):
            found.append(f"{where} is no {schema['type']}")
        elif value not in schema.get("enum", [value]):
            found.append(f"{where} may not be {value}")
        elif isinstance(value, dict):
            properties = schema.get("properties")
            found += [f"{where} lacks {name}" for name in schema.get("required", []) if name not in value]
            for name, one in value.items() if properties else ():
                if name in properties:
                    self.walk(one, properties[name], f"{where}.{name}", found)
                else:
                    found.append(f"{where} has an unknown {name}")
        elif isinstance(value, list):
            for one in value:
                self.walk(one, schema.get("items", {}), where + "[]", found)
