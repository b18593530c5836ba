"""Derived attributes from a project's files to audiences, deliveries, tests and the verbs that tell of them."""
import datetime
import json
import random
import unittest

import project

CUSTOMERS = [
    {"id": 1, "name": "Anna Jansen", "email": "anna@example.com", "born": "1980-02-29"},
    {"id": 2, "name": "Bram Bakker", "email": "bram@example.com", "born": "2009"},
    {"id": 3, "name": "Cato Visser", "email": "cato@example.com"},
]


def order(number, who, at, status, *lines):
    return {"id": number, "customer": who, "at": at, "status": status,
            "total": sum(price * pieces for _, price, pieces in lines),
            "lines": [{"category": category, "price": price, "pieces": pieces} for category, price, pieces in lines]}


ORDERS = [
    order(1, 1, "2024-12-31T23:30:00Z", "paid", ("city_bike", 500, 1)),  # 2025 in Amsterdam
    order(2, 1, "2025-06-01T10:00:00Z", "shipped", ("e_bike", 100, 2), ("city_bike", 25.5, 1)),
    order(3, 1, "2026-03-01T10:00:00Z", "paid", ("e_bike", 40, 1)),
    order(4, 1, "2026-03-02T10:00:00Z", "open", ("e_bike", 999, 1)),
    order(5, 2, "2026-03-10T10:00:00Z", "paid", ("city_bike", 60, 1)),
]

SETTINGS = """
    project: shop
    defaults: { country: NL, language: nl, currency: EUR, time_zone: Europe/Amsterdam }
    customer: .orders | within(365d) | exists
    connections:
      shop: { connector: file, config: { path: in } }
      out: { connector: file, config: { path: out } }
    purposes:
      news: { channel: email, legal_basis: legitimate_interests }
      post: { channel: post, legal_basis: legitimate_interests }
    """

SOURCE = """
    job: shop
    source: shop
    streams:
      - stream: customers
        options: { path: customers.jsonl, mode: full }
        key: .id
        entity: person
        map: { name.full: .name, email: .email, birth_date: .born }
      - stream: orders
        options: { path: orders.jsonl, mode: full }
        key: .id
        entity: order
        map:
          party: { to: customers, key: .customer }
          at: .at
          status: .status
          total: .total | money("EUR")
          lines:
            for_each: .lines
            map: { category: .category, quantity: .pieces, unit_price: .price | money("EUR") }
    """

ATTRIBUTES = """
    age: { like: standard.age, owner: crm@acme.example }
    age_at_least: { like: standard.age_at_least, owner: crm@acme.example }
    generation: { like: standard.generation, owner: crm@acme.example }
    recency: { like: standard.rfm_recency, owner: crm@acme.example }
    frequency: { like: standard.rfm_frequency, owner: crm@acme.example }
    spend_1y: { like: standard.rfm_monetary, owner: finance@acme.example, purposes: [news] }
    average_order: { like: standard.average_order, owner: finance@acme.example }
    first_order_at: { like: standard.first_order_at, owner: finance@acme.example }
    last_order_total: { like: standard.last_order_total, owner: finance@acme.example }
    spend_{year}:
      like: standard.spend_{year}
      owner: finance@acme.example
      expand: { year: { range: [2024, 2026] } }
    spend_{category}_{year}:
      like: standard.spend_{category}_{year}
      owner: finance@acme.example
      expand: { category: { vocabulary: product_category }, year: { range: [2025, 2026] } }
    big:
      type: boolean
      owner: finance@acme.example
      definition: Spent 100 or more in a year.
      value: .spend_1y >= 100
    """

VOCABULARY = """
    vocabulary: product_category
    terms:
      - { code: city_bike, label: { nl: Stadsfiets } }
      - { code: e_bike, label: { nl: Elektrische fiets } }
    """

# What a person works out by hand, as of 14 March 2026.
ANNA = {"customer": "true", "age": "46", "age_at_least": "46", "generation": "x", "recency": "13", "frequency": "2",
        "spend_1y": "265.50 EUR", "average_order": "255.17 EUR", "first_order_at": "2024-12-31T23:30:00Z",
        "last_order_total": "40.00 EUR", "spend_2024": "0.00 EUR", "spend_2025": "725.50 EUR",
        "spend_2026": "40.00 EUR", "spend_city_bike_2025": "525.50 EUR", "spend_city_bike_2026": "0.00 EUR",
        "spend_e_bike_2025": "200.00 EUR", "spend_e_bike_2026": "40.00 EUR", "big": "true"}
BRAM = {"customer": "true", "age": None, "age_at_least": "16", "generation": "z", "recency": "4", "frequency": "1",
        "spend_1y": "60.00 EUR", "average_order": "60.00 EUR", "spend_2025": "0.00 EUR", "big": "false"}
CATO = {"customer": "false", "age": None, "generation": None, "recency": None, "frequency": "0",
        "spend_1y": "0.00 EUR", "average_order": None, "first_order_at": None, "big": "false"}

EXPECTATIONS = "".join(
    f"        - {{ members: [shop.customers/{number}], " +
    ", ".join(f'{name}: {"~" if value is None else chr(34) + value + chr(34)}' for name, value in expected.items()) +
    " }\n" for number, expected in ((1, ANNA), (2, BRAM), (3, CATO)))


def shop(test):
    made = project.Project(test)
    made.write("rondom.yaml", SETTINGS)
    made.write("jobs/shop.yaml", SOURCE)
    made.write("attributes/value.yaml", ATTRIBUTES)
    made.write("vocabularies/product_category.yaml", VOCABULARY)
    for name, records in (("customers", CUSTOMERS), ("orders", ORDERS)):
        made.write(f"in/{name}.jsonl", "".join(json.dumps(one) + "\n" for one in records).encode())
    made.write("audiences/good.yaml", """
        audience: good
        all:
          - .customer
          - .spend_1y >= 50
          - any:
              - .big
              - (.orders | where(.status == "paid") | within(30d) | count) == 7
          - not: .events | where(.type == "complaint") | exists
        """)
    made.write("jobs/news.yaml", """
        job: news
        destination: out
        audience: good
        purpose: news
        options: { path: news }
        map:
          email: .permitted.email
          points: .spend_1y | amount | round
          last: .orders | max(.total) | amount
        """)
    return made


class Attributes(unittest.TestCase):
    def test_hand_computed_values_hold_in_project_tests(self):
        made = shop(self)
        given = "".join(f"    shop.{name}: in/{name}.jsonl\n" for name in ("customers", "orders"))
        made.write("tests/value.yaml", ("- test: what each is worth\n  as_of: 2026-03-14\n  given:\n" + given +
                                        "  expect:\n    profiles:\n" + EXPECTATIONS).encode())
        made.rondom("test", expect=0)
        wrong = made.folder / "tests/value.yaml"
        wrong.write_text(wrong.read_text().replace("265.50 EUR", "265.51 EUR"))
        said = made.rondom("test", expect=1).stdout.decode()
        self.assertIn("spend_1y of [shop.customers/1]", said)
        self.assertIn("265.50 EUR", said)
        self.assertIn("of 2 orders", said)

    def test_audiences_and_deliveries_read_them(self):
        made = shop(self)
        made.rondom("run", "--all", "--as-of", "2026-03-14", expect=0)
        def delivered():
            files = sorted((made.folder / "out/news").glob("*.jsonl"))
            return [json.loads(line) for file in files for line in file.read_text().splitlines()]
        sent = [one["record"] if "record" in one else one for one in delivered()]
        self.assertEqual([(one["email"], one["points"], one["last"]) for one in sent],
                         [("anna@example.com", 266, 999)])
        plan = made.rondom("plan", "news", "--as-of", "2026-03-14", expect=0).stdout.decode()
        self.assertIn("spend_1y", plan)
        # An order alone, without any change of the person, is enough to be sent again; so is time.
        with (made.folder / "in/orders.jsonl").open("a") as orders:
            orders.write(json.dumps(order(6, 1, "2026-03-13T10:00:00Z", "paid", ("e_bike", 10, 1))) + "\n")
        made.rondom("run", "--all", "--as-of", "2026-03-14", expect=0)
        self.assertEqual(delivered()[-1]["points"], 276)
        plan = made.rondom("plan", "news", "--as-of", "2026-06-02").stdout.decode()
        self.assertRegex(plan, r"\.spend_1y >= 50 2 → any of \(\.big; .*\) 0 → ")

    def test_a_day_sends_exactly_whom_the_plan_names(self):
        """Nothing is read in between: what a run sends is what the days alone changed, as loops over the orders tell."""
        dice = random.Random(7)
        first = datetime.datetime(2026, 3, 27, 12, tzinfo=datetime.timezone.utc)  # clocks go forward on the 29th
        customers = [{"id": number, "name": f"{dice.choice(project.GIVEN)} {dice.choice(project.SURNAMES)}",
                      "email": f"c{number}@example.com"} for number in range(60)]
        orders = []
        for customer in customers:
            for _ in range(dice.randrange(4)):
                # Near the edges of 365 days, or still to come.
                moment = (first - datetime.timedelta(days=dice.choice((365, 364, 363, 362, -1, -2, -3, 100)),
                                                     seconds=dice.randrange(-90_000, 90_000)))
                orders.append(order(len(orders), customer["id"], moment.strftime("%Y-%m-%dT%H:%M:%SZ"),
                                    dice.choice(("paid", "shipped", "open")),
                                    ("e_bike", dice.choice((30, 40, 60)), 1)))
        made = shop(self)
        for name, records in (("customers", customers), ("orders", orders)):
            made.write(f"in/{name}.jsonl", "".join(json.dumps(one) + "\n" for one in records).encode())
        made.write("jobs/news.yaml", """
            job: news
            destination: out
            audience: good
            purpose: news
            options: { path: news }
            on_leave: delete
            limits: { removals: 100%, changes: 100% }
            map: { email: .permitted.email, points: .spend_1y | amount | round, orders: .orders | count }
            """)
        made.write("audiences/good.yaml", "audience: good\nall:\n  - .spend_1y >= 50\n")

        def wanted(now):
            held = {}
            for customer in customers:
                mine = [(datetime.datetime.fromisoformat(one["at"].replace("Z", "+00:00")), one) for one in orders
                        if one["customer"] == customer["id"]]
                spent = sum(one["total"] for at, one in mine if one["status"] != "open" and
                            now - datetime.timedelta(days=365) < at <= now)
                if spent >= 50:
                    held[customer["email"]] = {"points": spent, "orders": sum(at <= now for at, _ in mine)}
            return held

        made.rondom("run", "shop", "--as-of", "2026-03-01", expect=0)
        addresses = {}  # by profile, from when they were planned first
        before, files, seen = {}, set(), {"create": 0, "update": 0, "delete": 0}
        for day in range(5):
            now = first + datetime.timedelta(days=day)
            as_of = ("--as-of", now.strftime("%Y-%m-%dT%H:%M:%SZ"))
            after = wanted(now)
            expected = {address: "create" for address in after if address not in before}
            expected |= {address: "delete" for address in before if address not in after}
            expected |= {address: "update" for address in after
                         if address in before and before[address] != after[address]}
            planned = json.loads(made.rondom("plan", "news", *as_of, "-o", "json", expect=(0, 4)).stdout)["jobs"][0]
            addresses |= {one["profile"]: one["fields"]["email"] for one in planned["changes"]
                          if one["action"] == "create"}
            named = {addresses[one["profile"]]: one["action"] for one in planned["changes"]}
            self.assertEqual(named, expected, as_of)
            made.rondom("run", "news", *as_of, expect=0)
            new = sorted(set((made.folder / "out/news").glob("*.jsonl")) - files)
            files.update(new)
            sent = [json.loads(line) for file in new for line in file.read_text().splitlines()]
            self.assertEqual({addresses[one["key"]] for one in sent}, set(expected), as_of)
            self.assertEqual(len(sent), len(expected))
            for one in sent:
                address = addresses[one["key"]]
                seen[expected[address]] += 1
                changed = {name: value for name, value in after.get(address, {}).items()
                           if before.get(address, {}).get(name) != value}
                self.assertEqual({name: one[name] for name in ("points", "orders") if name in one}, changed)
            before = after
        self.assertGreater(min(seen.values()), 3, seen)

    def test_who_turns_out_to_be_one_has_what_either_did_and_loses_it_again(self):
        made = shop(self)

        def values(*customers):
            made.write("in/customers.jsonl", "".join(json.dumps(one) + "\n" for one in customers).encode())
            made.rondom("run", "shop", "--as-of", "2026-03-14", expect=0)
            exported = made.rondom("profile", "export", "--as-of", "2026-03-14", expect=0).stdout.splitlines()
            return {tuple(one["members"]): (one["attributes"]["frequency"], one["attributes"]["spend_1y"]["amount"],
                                            one["attributes"].get("average_order", {}).get("amount"))
                    for one in map(json.loads, exported)}
        anna, bram = CUSTOMERS[0], CUSTOMERS[1]
        same = {**bram, "name": anna["name"], "email": anna["email"], "born": None}
        apart = {("shop.customers/1",): (2, "265.50", "255.17"), ("shop.customers/2",): (1, "60.00", "60.00")}
        self.assertEqual(values(anna, bram), apart)
        # 500 + 225.50 + 40 + 60 over 4 orders, of which three in a year.
        self.assertEqual(values(anna, same), {("shop.customers/1", "shop.customers/2"): (3, "325.50", "206.38")})
        self.assertEqual(values(anna, bram), apart)

    def test_verbs_tell_what_they_mean_and_why(self):
        made = shop(self)
        made.rondom("run", "shop", "--as-of", "2026-03-14", expect=0)
        listed = json.loads(made.rondom("attribute", "list", "-o", "json", expect=0).stdout)
        self.assertEqual(len(listed), 19)
        self.assertEqual([(one["name"], one["type"], one["owner"]) for one in listed if one["entity"] == "any"],
                         [("counted_orders", "orders", "")])
        self.assertEqual(listed[0]["name"], "customer")
        self.assertIn("spend_city_bike_2025", made.rondom("attribute", "list", expect=0).stdout.decode())
        shown = json.loads(made.rondom("attribute", "show", "spend_1y", "-o", "json", expect=0).stdout)
        self.assertEqual((shown["read_by"], shown["depends_on_time"], shown["like"]), (["big"], True,
                                                                                     "standard.rfm_monetary"))
        text = made.rondom("attribute", "show", "spend_city_bike_2025", expect=0).stdout.decode()
        self.assertIn("Besteed aan Stadsfiets in 2025", text)
        why = json.loads(made.rondom("attribute", "why", "spend_1y", "anna@example.com", "--as-of", "2026-03-14",
                                     "-o", "json", expect=0).stdout)
        self.assertEqual(why["value"], {"amount": "265.50", "currency": "EUR"})
        self.assertEqual(why["of"][0]["records"], ["shop.orders/3", "shop.orders/2"])
        self.assertEqual(why["changes_at"], "2026-06-01T10:00:00Z")
        why = made.rondom("attribute", "why", "big", "anna@example.com", "--as-of", "2026-03-14",
                          expect=0).stdout.decode()
        self.assertIn(".spend_1y is 265.50 EUR", why)
        self.assertIn("changes on 2026-06-01T10:00:00Z", why)
        self.assertIn("did you mean spend_1y?",
                      made.rondom("attribute", "show", "spend_1yr", expect=2).stderr.decode())
        exported = [json.loads(line) for line in
                    made.rondom("profile", "export", "--as-of", "2026-03-14", expect=0).stdout.splitlines()]
        self.assertEqual([one["attributes"].get("age") for one in exported], [46, None, None])
        self.assertNotIn("counted_orders", exported[0]["attributes"])
        self.assertEqual([one["attributes"]["frequency"] for one in exported], [2, 1, 0])
        shown = made.rondom("profile", "show", "bram@example.com", "--as-of", "2026-03-14", expect=0).stdout.decode()
        self.assertIn("ATTRIBUTES", shown)
        self.assertIn("60.00 EUR", shown)

    def test_what_counts_as_an_order_is_said_once(self):
        made = shop(self)
        made.write("audiences/good.yaml", "audience: good\nall:\n  - (.counted_orders | within(365d) | count) >= 2\n")
        names = ("frequency", "spend_1y", "average_order", "spend_e_bike_2026", "last_order_total")

        def values():
            made.rondom("run", "shop", "--as-of", "2026-03-14", expect=0)
            lines = made.rondom("profile", "export", "--as-of", "2026-03-14", expect=0).stdout.splitlines()
            mine = {json.loads(line)["members"][0]: json.loads(line)["attributes"] for line in lines}
            anna = mine["shop.customers/1"]
            return [anna[name]["amount"] if isinstance(anna[name], dict) else anna[name] for name in names]

        def members():
            said = made.rondom("audience", "show", "good", "--as-of", "2026-03-14", "-o", "json", expect=0).stdout
            return json.loads(said)["members"]

        self.assertEqual(values(), [2, "265.50", "255.17", "40.00", "40.00"])
        self.assertEqual(members(), 1)
        made.write("attributes/ours.yaml", """
            counted_orders:
              like: standard.counted_orders
              definition: Every order that was not cancelled.
              owner: finance@acme.example
              value: .orders | where(.status != "cancelled")
            """)
        # The open one of 999 euros counts in each of them now.
        self.assertEqual(values(), [3, "1264.50", "441.13", "1039.00", "999.00"])
        why = made.rondom("attribute", "why", "frequency", "anna@example.com", "--as-of", "2026-03-14",
                          expect=0).stdout.decode()
        self.assertIn(".counted_orders | within(365d) | count", why)
        self.assertIn('.orders | where(.status != "cancelled") | within(365d) | count', why)
        self.assertNotIn(".counted_orders is", why)
        why = made.rondom("attribute", "why", "counted_orders", "anna@example.com", "--as-of", "2026-03-14",
                          expect=0).stdout.decode()
        self.assertIn("attributes/ours.yaml:1", why)
        made.write("attributes/ours.yaml", """
            wrong: { type: integer, owner: x, definition: y, value: .counted_ordes | count }
            """)
        said = made.rondom("validate", expect=78).stderr.decode()
        self.assertIn("attributes/ours.yaml:1:57: error: no attribute counted_ordes", said)
        self.assertIn("did you mean counted_orders?", said)

    def test_a_table_tells_which_of_its_rules_decided(self):
        made = shop(self)
        made.write("attributes/next.yaml", """
            next_step:
              type: text
              owner: sales@acme.example
              definition: What to do next.
              rules:
                - { when: not .customer, value: introduce, because: Is no customer. }
                - when: .spend_1y >= 100
                  value: thank
                  because: Spent 100 or more in a year.
                - { when: .orders | within(7d) | exists, value: ask, because: Ordered this week. }
                - { value: inform, because: Nothing else. }
            buyer_{category}:
              type: text
              owner: sales@acme.example
              definition: Which buyer of {category}.
              expand: { category: { vocabulary: product_category } }
              rules:
                - when: .counted_orders | each(.lines) | where(.category == "{category}") | exists
                  value: "{category}"
                  because: Bought a {category}.
            """)
        made.write("tests/next.yaml", """
            - test: what to do next
              as_of: 2026-03-14
              given:
                shop.customers: in/customers.jsonl
                shop.orders: in/orders.jsonl
              expect:
                profiles:
                  - { members: [shop.customers/1], next_step: thank, buyer_e_bike: e_bike }
                  - { members: [shop.customers/2], next_step: ask, buyer_e_bike: ~ }
                  - { members: [shop.customers/3], next_step: introduce }
            """)
        made.rondom("test", expect=0)
        made.rondom("run", "shop", "--as-of", "2026-03-14", expect=0)

        def why(name, who, *more):
            return made.rondom("attribute", "why", name, who, "--as-of", "2026-03-14", *more, expect=0).stdout.decode()
        text = why("next_step", "bram@example.com")
        for line in ("next_step  ask", "  = rule 3 of 4   attributes/next.yaml:1",
                     "  1 no   Is no customer.   (not .customer)", "  2 no   Spent 100 or more in a year.   (.spend_1y >= 100)",
                     "  3 yes  Ordered this week.   (.orders | within(7d) | exists)", "  .spend_1y is 60.00 EUR",
                     "  (3) .orders | within(7d) | exists", "changes on 2026-03-17T10:00:00Z"):
            self.assertIn(line + "\n" if "changes" not in line else line, text)
        self.assertNotIn("Nothing else", text)
        told = json.loads(why("next_step", "bram@example.com", "-o", "json"))
        self.assertEqual(told["value"], "ask")
        self.assertEqual([(one["rule"], one["holds"], one["because"]) for one in told["rules"]],
                         [(1, False, "Is no customer."), (2, False, "Spent 100 or more in a year."),
                          (3, True, "Ordered this week.")])
        self.assertEqual(told["of"][0]["rule"], 3)
        self.assertEqual(told["attribute"]["rules"][3], {"value": "inform", "because": "Nothing else."})
        self.assertNotIn("value", told["attribute"])
        self.assertIn("= none of its 1 rules holds", why("buyer_e_bike", "bram@example.com"))
        self.assertIn("1 yes  Bought a Elektrische fiets.", why("buyer_e_bike", "anna@example.com"))
        shown = made.rondom("attribute", "show", "next_step", expect=0).stdout.decode()
        self.assertIn("thank: Spent 100 or more in a year. (.spend_1y >= 100)", shown)
        self.assertIn("inform: Nothing else. (always)", shown)
        page = made.folder / "bram.html"
        made.rondom("profile", "page", "bram@example.com", "--as-of", "2026-03-14", "--html", str(page), expect=0)
        html = page.read_text(encoding="utf-8")
        self.assertIn("<strong>rule 3 of 4</strong>", html)
        for words in ("Ordered this week.", "Is no customer.", "Spent 100 or more in a year."):
            self.assertIn(words, html)

    def test_what_is_wrong_in_a_table_is_said_with_its_place(self):
        made = shop(self)
        made.write("attributes/wrong.yaml", """
            a:
              type: integer
              owner: x
              definition: y
              rules:
                - { when: .orders | where(.totl > 1) | exists, value: 1, because: z }
                - { when: .orders | count, value: 2, because: z }
                - { when: .customer, value: many, because: z }
                - { value: 3, because: z }
            b:
              type: text
              owner: x
              definition: y
              rules:
                - { value: b, because: z }
                - { when: .a > 1, value: b }
            """)
        said = made.rondom("validate", expect=78).stderr.decode()
        for words in ("attributes/wrong.yaml:16:7: error: missing key because",
                      "attributes/wrong.yaml:15:7: error: a rule without when always holds"):
            self.assertIn(words, said)
        wrong = made.folder / "attributes/wrong.yaml"
        wrong.write_text(wrong.read_text().split("b:\n")[0])
        said = made.rondom("validate", expect=78).stderr.decode()
        for words in ("attributes/wrong.yaml:6:31: error: an order has no field totl",
                      "attributes/wrong.yaml:7:15: error: when is true or false, and this is a number",
                      "attributes/wrong.yaml:8:33: error: a is of type integer, and many is not"):
            self.assertIn(words, said)

    def test_what_is_wrong_is_said_with_its_place(self):
        made = shop(self)
        made.write("attributes/wrong.yaml", """
            total: { type: integer, owner: x, definition: y, value: .orders | where(.status == "paid") }
            first: { type: integer, owner: x, definition: y, value: .orders | sum(.totl) }
            ring: { type: integer, owner: x, definition: y, value: .gnir | minus(1) }
            gnir: { type: integer, owner: x, definition: y, value: .ring | minus(1) }
            email: { type: text, owner: x, definition: y, source: custom.x }
            late: { type: integer, owner: x, definition: y, value: .orders | each(.lines) | within(3d) | count }
            """)
        made.write("audiences/wrong.yaml", "audience: wrong\nall:\n  - .spend_1yr >= 100\n")
        made.write("jobs/letters.yaml", """
            job: letters
            destination: out
            purpose: post
            options: { path: letters }
            map: { name: .name.full, rich: .big }
            """)
        said = made.rondom("validate", expect=78).stderr.decode()
        for words in ("attributes/wrong.yaml:1:57: error: total is of type integer, and its value is a list",
                      "attributes/wrong.yaml:2:71: error: an order has no field totl",
                      "did you mean total?",
                      "attribute ring is computed from itself: ring -> gnir -> ring",
                      "attributes/wrong.yaml:5:1: error: a profile has a field email already",
                      "order lines have no time of their own",
                      "audiences/wrong.yaml:3:5: error: ", "did you mean",
                      "the map reads big, which may not be used for post"):
            self.assertIn(words, said)


if __name__ == "__main__":
    unittest.main()
