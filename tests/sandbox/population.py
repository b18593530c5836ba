"""Made-up people, as different systems hold them: the same person here and there, with and without a no.

Everything comes from the number of a person, so that a test can say what has to come out without asking Rondom.
"""
import datetime
import sqlite3

import mailchimp

GIVEN = ["Anna", "Bram", "Sanne", "Daan", "Lisa", "Thijs", "Eva", "Ruben", "Fleur", "Joost", "Noor", "Sem", "Maud"]
SURNAMES = ["Jansen", "Bakker", "Visser", "Smit", "Meijer", "Mulder", "Bos", "Vos", "Peters", "Dekker", "Kok"]
LONG_AGO = datetime.datetime(2026, 3, 1, 10, tzinfo=datetime.timezone.utc)


class Person:
    """One made-up person, and which systems hold them."""

    def __init__(self, number):
        self.number = number
        self.given, self.surname = GIVEN[number % len(GIVEN)], SURNAMES[number % len(SURNAMES)]
        self.email = f"{self.given}.{self.surname}.{number}@example.com".lower()
        self.in_crm = number % 10 < 7
        self.in_mailing = number % 3 != 2
        self.in_shop = number % 2 == 0
        self.visits = number % 5 == 0
        self.opted_out = self.in_crm and number % 10 == 4
        self.unsubscribed = self.in_mailing and number % 12 == 3
        self.bounced = self.in_mailing and number % 12 == 7
        self.orders = 1 + number % 3 if self.in_shop else 0
        self.first_order = 10 * number + 1  # numbers of one person's orders follow one another

    @property
    def last_order(self):
        return self.first_order + self.orders - 1

    @property
    def known(self):
        return self.in_crm or self.in_mailing or self.in_shop or self.visits

    @property
    def may_be_mailed(self):
        return self.in_mailing and not (self.opted_out or self.unsubscribed or self.bounced)


def people(count):
    return [Person(number) for number in range(count)]


def fill_crm(system, everybody):
    # A day after the mailing's yes, so that a no in the CRM is the newer word.
    stamp = (LONG_AGO + datetime.timedelta(days=1)).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    account = system.add("Account", stamp, Name="Fietsenbedrijf B.V.", Website="fietsen.example")
    for one in everybody:
        if one.in_crm:
            system.add("Contact", stamp, FirstName=one.given, LastName=one.surname, Email=one.email, AccountId=account,
                       MailingCity="Utrecht", HasOptedOutOfEmail=one.opted_out)


def fill_mailing(system, everybody):
    for one in everybody:
        if not one.in_mailing:
            continue
        member = system.add({"email_address": one.email, "merge_fields": {"FNAME": one.given, "LNAME": one.surname}})
        if one.unsubscribed:
            system.unsubscribe(one.email)
        if one.bounced:
            member["status"] = "cleaned"
        member["last_changed"] = member["timestamp_opt"] = mailchimp.stamp(LONG_AGO.timestamp() + one.number)


def visit_of(one, now):
    """When a visitor was at the web shop, in epoch seconds."""
    return int(now) - 86_400 - one.number * 60


def fill_analytics(system, everybody, now):
    """Of who visits and buys, the analytics see the last order of the shop as well."""
    for one in everybody:
        if not one.visits:
            continue
        visit = system.add(one.number + 1, visit_of(one, now), userId=one.email)
        if one.orders:
            visit["actionDetails"].append({
                "type": "ecommerceOrder", "orderId": str(one.last_order), "timestamp": visit_of(one, now),
                "revenue": 20 + one.orders - 1 + 0.5, "itemDetails": [{"itemSKU": "CITY-7", "itemName": "Stadsfiets 7",
                                                                        "quantity": 1, "price": 20}]})


def write_shop(path, everybody, now):
    """The web shop's database, made anew."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)
    shop = sqlite3.connect(path)
    shop.executescript("""
        CREATE TABLE customer (id INTEGER PRIMARY KEY, firstname TEXT, lastname TEXT, email TEXT);
        CREATE TABLE orders (id INTEGER PRIMARY KEY, customer_id INTEGER, created_at TIMESTAMP, updated_at TIMESTAMP,
                             state TEXT, total DECIMAL(10,2), currency TEXT);
        """)
    for one in everybody:
        if one.in_shop:  # people write capitals in shops
            shop.execute("INSERT INTO customer VALUES (?,?,?,?)", (one.number + 1, one.given, one.surname, one.email.upper()))
        for nth in range(one.orders):
            number = one.first_order + nth
            at = LONG_AGO + datetime.timedelta(hours=number % 2_000)
            if one.visits and number == one.last_order:
                at = datetime.datetime.fromtimestamp(visit_of(one, now) - 4, datetime.timezone.utc)
            when = at.strftime("%Y-%m-%d %H:%M:%S")
            shop.execute("INSERT INTO orders VALUES (?,?,?,?,?,?,?)",
                         (number, one.number + 1, when, when, "complete", f"{20 + nth}.50", "EUR"))
    shop.commit()
    shop.close()
