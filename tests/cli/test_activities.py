"""What somebody did besides ordering: shown shortly, and an opportunity of two systems once."""
import json
import unittest

import project

SETTINGS = """
    project: bikes
    defaults: { country: NL, currency: EUR, time_zone: Europe/Amsterdam }
    connections:
      crm: { connector: file, config: { path: crm } }
      quotes: { connector: file, config: { path: quotes } }
    """

CRM = """
    job: crm
    source: crm
    streams:
      - stream: people
        options: { path: people.jsonl, mode: full }
        key: .id
        entity: person
        map: { name.full: .name, email: .email }
      - stream: deals
        options: { path: deals.jsonl, mode: full }
        key: .id
        entity: opportunity
        map:
          party: { to: people, key: .who }
          number: .number
          at: .at
          name: .name
          stage: .stage
          amount: .amount | money("EUR")
      - stream: needs
        options: { path: needs.jsonl, mode: full }
        key: .id
        entity: need
        map: { party: { to: people, key: .who }, at: .at, subject: .subject, status: { const: open } }
    """

QUOTES = """
    job: quotes
    source: quotes
    streams:
      - stream: offers
        options: { path: offers.jsonl, mode: full }
        key: .id
        entity: opportunity
        map: { actor.email: .email, number: .reference, at: .sent, stage: .stage, amount: .amount | money("EUR"), phase: .phase }
    """

ATTRIBUTES = """
    pipeline:
      type: money
      owner: sales@bikes.example
      definition: What open opportunities may bring.
      value: .opportunities | where(.stage == "open") | sum(.amount)
    """


def bikes(test, needs):
    made = project.Project(test)
    made.write("rondom.yaml", SETTINGS)
    made.write("jobs/crm.yaml", CRM)
    made.write("jobs/quotes.yaml", QUOTES)
    made.write("attributes/pipeline.yaml", ATTRIBUTES)
    made.write("merge.yaml", "trust: [quotes, crm]\n")
    files = {
        "crm/people": [{"id": "P1", "name": "Anna Jansen", "email": "anna@example.com"}],
        "crm/deals": [{"id": "006A", "who": "P1", "number": "O-77", "at": "2026-01-05T10:00:00Z", "name": "Ten e-bikes",
                       "stage": "open", "amount": 20000},
                      {"id": "006B", "who": "P1", "at": "2026-02-05T10:00:00Z", "name": "Service", "stage": "open",
                       "amount": 500}],
        "crm/needs": [{"id": number, "who": "P1", "at": f"2026-01-{number:02}T10:00:00Z", "subject": f"bike {number}"}
                      for number in range(1, needs + 1)],
        "quotes/offers": [{"id": 9, "email": "anna@example.com", "reference": "o-77", "sent": "2026-02-20T10:00:00Z",
                           "stage": "open", "amount": 18500, "phase": "offer sent"}],
    }
    for name, records in files.items():
        made.write(name + ".jsonl", "".join(json.dumps(one) + "\n" for one in records).encode())
    made.rondom("run", "--all", "--as-of", "2026-03-14", expect=0)
    return made


class Activities(unittest.TestCase):
    def test_an_opportunity_of_two_systems_counts_once(self):
        made = bikes(self, needs=0)
        asked = ("anna@example.com", "--as-of", "2026-03-14")

        def pipeline():
            said = made.rondom("attribute", "why", "pipeline", *asked, "-o", "json", expect=0)
            return json.loads(said.stdout)
        told = pipeline()
        # The trusted one's amount counts; what it leaves out, the other says.
        self.assertEqual(told["value"]["amount"], "19000.00")
        self.assertEqual(told["of"][0]["records"], ["quotes.offers/9, crm.deals/006A", "crm.deals/006B"])
        shown = json.loads(made.rondom("profile", "show", *asked, "-o", "json", expect=0).stdout)
        deals = shown["activities"]["opportunities"]
        self.assertEqual(deals["count"], 2)
        self.assertEqual([one["records"] for one in deals["newest"]],
                         [["quotes.offers/9", "crm.deals/006A"], ["crm.deals/006B"]])
        self.assertEqual(deals["newest"][0]["values"]["name"], "Ten e-bikes")
        self.assertEqual(deals["newest"][0]["values"]["phase"], "offer sent")
        made.write("merge.yaml", "trust: [crm, quotes]\n")
        self.assertEqual(pipeline()["value"]["amount"], "20500.00")
        # Another number is another one.
        offers = made.folder / "quotes/offers.jsonl"
        offers.write_text(offers.read_text().replace("o-77", "o-78"))
        made.rondom("run", "--all", "--as-of", "2026-03-14", expect=0)
        self.assertEqual(pipeline()["value"]["amount"], "39000.00")

    def test_what_happened_at_one_moment_stands_in_one_order_whoever_else_tells(self):
        made = bikes(self, needs=0)
        asked = ("anna@example.com", "--as-of", "2026-03-14")
        made.write("attributes/stages.yaml", """
            newest_deal:
              type: text
              owner: sales@bikes.example
              definition: The name of the newest opportunity.
              value: (.opportunities | first).name
            """)

        def stands(deals, offers):
            for name, records in (("crm/deals", deals), ("quotes/offers", offers)):
                made.write(name + ".jsonl", "".join(json.dumps(one) + "\n" for one in records).encode())
            made.rondom("run", "--all", "--as-of", "2026-03-14", expect=0)
            shown = json.loads(made.rondom("profile", "show", *asked, "-o", "json", expect=0).stdout)
            said = made.rondom("attribute", "why", "newest_deal", *asked, "-o", "json", expect=0)
            return ([one["records"][0] for one in shown["activities"]["opportunities"]["newest"]],
                    json.loads(said.stdout)["value"])

        def deal(key):
            return {"id": key, "who": "P1", "at": "2026-02-05T10:00:00Z", "name": key, "stage": "open", "amount": 1}
        # The later name comes first from the CRM, so that the order they came in would be another one.
        deals = [deal("D2"), deal("D1"), deal("D3")]
        expected = ["crm.deals/D1", "crm.deals/D2", "crm.deals/D3"]
        offer = {"id": 9, "email": "bea@example.com", "reference": "o-9", "sent": "2025-02-20T10:00:00Z",
                 "stage": "open", "amount": 1, "phase": "offer sent"}
        self.assertEqual(stands(deals, [offer]), (expected, "D1"))
        offer["email"] = "anna@example.com"
        self.assertEqual(stands(deals, [offer]), (expected + ["quotes.offers/9"], "D1"))

    def test_what_they_did_is_shown_shortly_and_within_bounds(self):
        made = bikes(self, needs=28)
        asked = ("anna@example.com", "--as-of", "2026-03-14")
        text = made.rondom("profile", "show", *asked, expect=0).stdout.decode()
        self.assertRegex(text, r"OPPORTUNITIES +what +more +told by")
        self.assertRegex(text, r"Opportunity o-77 · Ten e-bikes · 18500.00 EUR · open +offer sent")
        self.assertRegex(text, r"NEEDS +what")
        self.assertIn("Need · bike 28 · open", text)
        self.assertIn("Need · bike 24 · open", text)
        self.assertNotIn("bike 23", text)
        self.assertIn("… and 23 older", text)
        self.assertNotIn("SURVEY ANSWERS", text)
        shown = json.loads(made.rondom("profile", "show", *asked, "-o", "json", expect=0).stdout)
        needs = shown["activities"]["needs"]
        self.assertEqual((needs["count"], len(needs["newest"])), (28, 20))
        self.assertEqual(needs["newest"][0]["values"]["subject"], "bike 28")
        self.assertEqual(shown["activities"]["survey_answers"], {"count": 0, "newest": []})


if __name__ == "__main__":
    unittest.main()
