"""The part of SOQL that the stand-in for Salesforce understands; everything else is refused as MALFORMED_QUERY.

SELECT fields FROM object [WHERE condition] [ORDER BY fields [ASC]] [LIMIT number], with = != < <= > >= IN, AND, OR and
parentheses, and texts, times, whole numbers, true, false and null. No subqueries, functions, aliases, LIKE or relations.
"""
import re

TOKEN = re.compile(r"\s*(?:(?P<text>'(?:[^'\\]|\\.)*')|(?P<time>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d+)?(?:Z|[+-]\d\d:?\d\d))"
                   r"|(?P<number>-?\d+)|(?P<word>[A-Za-z][A-Za-z0-9_]*)|(?P<sign><=|>=|!=|=|<|>|\(|\)|,))")
ESCAPED = {"n": "\n", "r": "\r", "t": "\t"}


class Malformed(Exception):
    """code and message as Salesforce would say them."""

    def __init__(self, message, code="MALFORMED_QUERY"):
        super().__init__(message)
        self.code = code


def tokens_of(text):
    found, at = [], 0
    while text[at:].strip():
        match = TOKEN.match(text, at)
        if not match:
            raise Malformed(f"unexpected token at {at}")
        found.append((match.lastgroup, match.group(match.lastgroup)))
        at = match.end()
    return found


class Query:
    def __init__(self, text):
        self.tokens = tokens_of(text)
        self.at = 0
        self.used = []  # every field that is named
        self.order, self.limit, self.where = [], None, None
        self.word("SELECT")
        self.fields = self.names()
        self.word("FROM")
        self.object = self.name()
        if self.take("WHERE"):
            self.where = self.any_of()
        if self.take("ORDER"):
            self.word("BY")
            self.order = self.names()
            self.take("ASC")
        if self.take("LIMIT"):
            kind, value = self.next()
            if kind != "number":
                raise Malformed("LIMIT wants a number")
            self.limit = int(value)
        if self.at != len(self.tokens):
            raise Malformed(f"unexpected token: {self.tokens[self.at][1]}")
        self.used += self.fields + self.order

    # ── parsing ────────────────────────────────────────────────────────────────────────────────
    def next(self):
        if self.at >= len(self.tokens):
            raise Malformed("unexpected end of the query")
        self.at += 1
        return self.tokens[self.at - 1]

    def take(self, expected):
        if self.at < len(self.tokens) and self.tokens[self.at][0] in ("word", "sign") \
                and self.tokens[self.at][1].upper() == expected:
            self.at += 1
            return True
        return False

    def word(self, expected):
        if not self.take(expected):
            raise Malformed(f"expected {expected}")

    def name(self):
        kind, value = self.next()
        if kind != "word":
            raise Malformed(f"unexpected token: {value}")
        return value

    def names(self):
        names = [self.name()]
        while self.take(","):
            names.append(self.name())
        return names

    def value(self):
        kind, value = self.next()
        if kind == "text":
            return re.sub(r"\\(.)", lambda match: ESCAPED.get(match.group(1), match.group(1)), value[1:-1])
        if kind == "time":
            return ("time", value[:19])
        if kind == "number":
            return int(value)
        if kind == "word" and value.lower() in ("true", "false", "null"):
            return {"true": True, "false": False, "null": None}[value.lower()]
        raise Malformed(f"unexpected token: {value}")

    def any_of(self):
        """Salesforce wants parentheses where AND and OR meet."""
        first = self.comparison()
        for word, join in (("AND", all), ("OR", any)):
            if self.take(word):
                parts = [first, self.comparison()]
                while self.take(word):
                    parts.append(self.comparison())
                return lambda row, parts=parts, join=join: join(part(row) for part in parts)
        return first

    def comparison(self):
        if self.take("("):
            inner = self.any_of()
            self.word(")")
            return inner
        field = self.name()
        self.used.append(field)
        if self.take("IN"):
            self.word("(")
            values = [self.value()]
            while self.take(","):
                values.append(self.value())
            self.word(")")
            return lambda row: any(equal(row.get(field), value) for value in values)
        kind, sign = self.next()
        if kind != "sign" or sign in "(),":
            raise Malformed(f"unexpected token: {sign}")
        value = self.value()
        return lambda row: holds(row.get(field), sign, value)

    # ── evaluation ─────────────────────────────────────────────────────────────────────────────
    def rows(self, records):
        found = [row for row in records if self.where is None or self.where(row)]
        if self.order:
            found.sort(key=lambda row: [(row.get(field) is not None, row.get(field)) for field in self.order])
        return found if self.limit is None else found[:self.limit]


def equal(found, value):
    if isinstance(value, tuple):
        return found is not None and found[:19] == value[1]
    if isinstance(found, str) and isinstance(value, str):
        return found.lower() == value.lower() or found == value  # texts are compared without case
    return found == value


def holds(found, sign, value):
    if sign in ("=", "!="):
        return equal(found, value) == (sign == "=")
    if found is None or value is None:
        return False
    if isinstance(value, tuple):
        found, value = found[:19], value[1]
    return {"<": found < value, "<=": found <= value, ">": found > value, ">=": found >= value}[sign]
