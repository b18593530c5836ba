"""The page about one customer: a file of its own that any browser shows, and that says what the other verbs say."""
import html.parser
import json
import stat
import unittest

import project

HOSTILE = "<script>alert('1')</script> \"q\" & </title> \u202egnp.exe"
EVENTS = 70
SHOWN = 60
VOID = {"meta", "br"}

SETTINGS = """
    project: shop
    defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
    customer: .orders | exists
    connections:
      crm: { connector: file, config: { path: in } }
      shop: { connector: file, config: { path: in } }
      out: { connector: file, config: { path: out } }
    purposes:
      news: { channel: email, legal_basis: consent, label: { nl: "Nieuws & <b>meer</b>" } }
    """

CRM = """
    job: crm
    source: crm
    streams:
      - stream: people
        options: { path: people.jsonl, mode: full }
        key: .id
        cursor: .at
        entity: person
        map:
          name.given: .name.given
          name.surname: .name.surname
          birth_date: .born
          emails: [ { value: .email } ]
          phone: .phone
          tag: .tag
          custom.remark: .remark
          relations: [ { when: .house != null, type: same_household, to: people, key: .house, role: partner } ]
          consents:
            - { when: .consent != null, purpose: news, contact: .email, status: .consent, at: .consent_at, evidence: .remark }
      - stream: events
        options: { path: events.jsonl, mode: full }
        key: .id
        entity: event
        map: { party: { to: people, key: .who }, type: .type, at: .at, channel: web, subject: .subject }
    """

SHOP = """
    job: shop
    source: shop
    streams:
      - stream: customers
        options: { path: customers.jsonl, mode: full }
        key: .id
        cursor: .at
        entity: person
        map: { name.full: .name, email: .email, phone: .phone }
      - stream: orders
        options: { path: orders.jsonl, mode: full }
        key: .id
        entity: order
        map:
          party: { to: customers, key: .customer }
          at: .at
          number: .id
          status: .status
          total: .total | money("EUR")
          lines:
            for_each: .lines
            map: { name: .what, quantity: .pieces }
    """

PEOPLE = [
    {"id": 1, "at": "2026-01-10T10:00:00Z", "name": {"given": "Anna", "surname": HOSTILE}, "email": "anna@example.com",
     "born": "1980-02-29", "phone": "06 - 1234 5678", "tag": "vip", "remark": HOSTILE, "house": 2, "consent": "granted",
     "consent_at": "2026-01-01T23:30:00Z"},
    {"id": 2, "at": "2026-01-10T10:00:00Z", "name": {"given": "Bram", "surname": "Bakker"}, "email": "bram@example.com",
     "consent": "withdrawn", "consent_at": "2026-02-01T10:00:00Z"},
]
CUSTOMERS = [{"id": 8, "at": "2025-01-01T10:00:00Z", "name": "Anna Oudenaam", "email": "anna@example.com", "phone": "0201234567"}]
ORDERS = [
    {"id": 71, "customer": 8, "at": "2025-12-31T23:30:00Z", "status": "paid", "total": 19.95, "lines": [{"what": HOSTILE, "pieces": 2}]},
    {"id": 72, "customer": 8, "at": "2026-02-03T10:00:00Z", "status": "paid", "total": 100, "lines": []},
    {"id": 73, "customer": 8, "at": "2026-02-04T10:00:00Z", "status": "cancelled", "total": 500, "lines": []},
]


class Reader(html.parser.HTMLParser):
    """The page as a browser takes it: its text, its elements and their attributes; stops at what is not closed."""

    def __init__(self, text):
        super().__init__(convert_charrefs=True)
        self.open, self.elements, self.words, self.styles = [], [], [], []
        self.feed(text)
        self.close()
        assert not self.open, self.open

    def handle_starttag(self, tag, attrs):
        self.elements.append((tag, dict(attrs), tuple(self.open)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open[-1] == tag, (tag, self.open)
        self.open.pop()

    def handle_data(self, data):
        (self.styles if "style" in self.open else self.words).append(data)

    @property
    def text(self):
        return " ".join(" ".join(self.words).split())

    def all(self, tag):
        return [attrs for name, attrs, _ in self.elements if name == tag]


class Page(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.owner = Page()
        made = cls.project = project.Project(cls.owner)
        cls.addClassCleanup(cls.owner.doCleanups)
        events = [{"id": n, "who": 1, "type": "page_view", "subject": f"view {n:02}", "at": f"2026-01-{n % 28 + 1:02}T12:00:{n % 60:02}Z"}
                  for n in range(EVENTS)]
        for name, rows in (("people", PEOPLE), ("customers", CUSTOMERS), ("orders", ORDERS), ("events", events)):
            made.write(f"in/{name}.jsonl", "".join(json.dumps(row) + "\n" for row in rows))
        made.write("rondom.yaml", SETTINGS)
        made.write("jobs/crm.yaml", CRM)
        made.write("jobs/shop.yaml", SHOP)
        made.write("jobs/letter.yaml", """
            job: letter
            destination: out
            schedule: { after: [crm, shop] }
            purpose: news
            options: { path: letter.jsonl }
            on_withdrawal: delete
            map: { email: .permitted.email, spent: .spent | amount }
            """)
        made.write("merge.yaml", """
            trust: [crm, shop]
            person: [ { of: name.*, rule: trust, as_one: true }, { of: "*", rule: most_recent } ]
            """)
        made.write("attributes/all.yaml", """
            spent: { type: money, owner: finance@shop.example, definition: Paid & <i>counted</i>.,
                     value: .orders | where(.status == "paid") | sum(.total) }
            never: { type: money, owner: finance@shop.example, definition: Of refunds.,
                     value: .orders | where(.status == "refunded") | sum(.total) }
            double: { like: standard.age, owner: crm@shop.example }
            """)
        made.rondom("run", "--all", "--as-of", "2026-03-01", expect=0)

    def page(self, of, *options):
        said = self.project.rondom("profile", "page", of, "--as-of", "2026-03-01", *options, expect=0).stdout.decode()
        return said if options else Reader(said)

    def test_it_stands_alone_and_what_people_wrote_stays_text(self):
        page = self.page("crm.people/1")
        self.assertEqual([], page.all("script"))
        for tag, attrs, _ in page.elements:
            self.assertNotIn(tag, ("link", "img", "iframe", "object", "form", "base", "b", "i"))
            for name, value in attrs.items():
                self.assertFalse(name.startswith("on") or name in ("src", "srcset", "style", "xlink:href"), (tag, name))
                if name == "href":
                    self.assertRegex(value, r"^#\w+$")
        self.assertNotRegex("".join(page.styles), r"url\(|@import|<")
        self.assertIn("<script>alert('1')</script> \"q\" & </title> \\u202egnp.exe", page.text)
        whole = "".join(page.words) + "".join(value or "" for _, attrs, _ in page.elements for value in attrs.values())
        self.assertNotIn("\u202e", whole)
        for shown in ("Nieuws & <b>meer</b>", "Paid & <i>counted</i>."):
            self.assertIn(shown, page.text)

    def test_who_reads_it_with_a_screen_reader_finds_the_way(self):
        page = self.page("crm.people/1")
        self.assertEqual({"lang": "en"}, page.all("html")[0])
        self.assertEqual(1, len(page.all("h1")))
        sections = [attrs for attrs in page.all("section")]
        headings = {attrs["id"] for attrs in page.all("h2")}
        self.assertEqual(headings, {attrs["aria-labelledby"] for attrs in sections})
        self.assertGreaterEqual(len(sections), 8)
        ids = {attrs["id"] for attrs in sections}
        self.assertLessEqual({attrs["href"][1:] for attrs in page.all("a")}, ids)
        self.assertEqual(len(page.all("table")), len(page.all("caption")))
        self.assertEqual([], [attrs for attrs in page.all("th") if attrs.get("scope") not in ("col", "row", "rowgroup")])
        # Shown as cards, these elements would lose their meaning without roles.
        roles = {"table": {"table"}, "thead": {"rowgroup"}, "tbody": {"rowgroup"}, "tr": {"row"}, "td": {"cell"},
                 "th": {"columnheader", "rowheader"}, "ol": {"list"}}
        for tag, wanted in roles.items():
            self.assertEqual(wanted, {attrs.get("role") for attrs in page.all(tag)}, tag)
        pictures = page.all("svg")
        self.assertEqual(2, len(pictures))
        for picture in pictures:
            self.assertEqual("img", picture["role"])
            self.assertGreater(len(picture["aria-label"]), 20)
        self.assertIn("prefers-color-scheme: dark", "".join(page.styles))
        self.assertIn("@media print", "".join(page.styles))

    def test_it_says_what_the_verbs_say(self):
        page = self.page("crm.people/1")
        explained = json.loads(self.project.rondom("-o", "json", "profile", "explain", "crm.people/1", "--as-of", "2026-03-01",
                                                   expect=0).stdout)
        for value in explained["values"]:
            self.assertIn(value["record"], page.text)
            self.assertIn(value["rule"], page.text)
            for loser in value["over"]:
                self.assertIn(f"{loser['value']} {loser['record']}", page.text)
        self.assertTrue(any(value["over"] for value in explained["values"]))
        self.assertIn("same e-mail anna@example.com → shop.customers/8", page.text)
        self.assertIn("news: yes", page.text)
        self.assertIn("granted 2026-01-02 for anna@example.com", page.text)  # where the project is
        self.assertIn("written as 06 - 1234 5678 : " + self.cleaned(explained, "phones.value"), page.text)
        self.assertIn("same household Bram Bakker partner crm.people/2", page.text)
        self.assertIn("119.95 EUR", page.text)
        self.assertIn("of 2 orders: shop.orders/72 , shop.orders/71", page.text)
        self.assertIn("Without a value: never", page.text)
        self.assertIn("letter → out acknowledged", page.text)
        self.assertIn("email , spent", page.text)

    @staticmethod
    def cleaned(explained, attribute):
        return next(one["cleaned_by"] for one in explained["values"] if one["attribute"] == attribute and "cleaned_by" in one)

    def test_what_happened_is_told_newest_first_and_within_bounds(self):
        page = self.page("crm.people/1")
        times = [attrs["datetime"] for attrs in page.all("time")]
        self.assertEqual(SHOWN, len(times))
        self.assertEqual(sorted(times, reverse=True), times)
        self.assertIn(f"{EVENTS + len(ORDERS) + 1 - SHOWN} older ones are not shown", page.text)
        self.assertIn("Order 73 · 500.00 EUR · cancelled", page.text)
        spent, happened = (attrs["aria-label"] for attrs in page.all("svg"))
        # Paid at 00:30 on 1 January where the shop is; what was cancelled brought nothing in.
        self.assertEqual("119.95 EUR in 24 months, most in 2026-02: 100.00 EUR", spent)
        bars = [text for text in page.words if "EUR, 1 order" in text]
        self.assertEqual(["2026-01: 19.95 EUR, 1 order", "2026-02: 100.00 EUR, 1 order"], bars)
        self.assertIn("order · 3, consent · 1, page view · 70", happened)

    def test_who_said_no_is_shown_with_the_reason(self):
        page = self.page("bram@example.com")
        self.assertIn("news: no, withdrawn", page.text)
        self.assertIn("withheld: withdrawn", page.text)
        self.assertEqual(1, len(page.all("svg")))  # nothing was paid
        self.assertIn("There is one record only.", page.text)

    def test_the_file_is_the_same_page_and_only_its_owner_may_read_it(self):
        path = self.project.write("pages/old.html", "what stood there")
        path.chmod(0o644)
        for name in ("pages/old.html", "pages/new/anna.html"):
            said = self.page("crm.people/1", "--html", str(self.project.folder / name))
            path = self.project.folder / name
            self.assertEqual(f"{path}\n", said)
            self.assertEqual(0o600, stat.S_IMODE(path.stat().st_mode))
            again = self.project.rondom("profile", "page", "crm.people/1", "--as-of", "2026-03-01", expect=0).stdout.decode()
            self.assertEqual(again, path.read_text(encoding="utf-8"))
        nowhere = self.project.rondom("profile", "page", "crm.people/1", "--html", str(path / "below.html"))
        self.assertNotEqual(0, nowhere.returncode)
        self.assertIn(b"cannot", nowhere.stderr)
        self.assertEqual(1, self.project.rondom("profile", "page", "nobody@example.com").returncode)


if __name__ == "__main__":
    unittest.main()
