"""Fictional Europeans with a truth, from a seed: households, twins, father and son of one name, people who share a flat, who
moved, married or changed their e-mail address, desk phones, nicknames, slips of the pen, spread over three systems.

write(folder, people, seed, rates) makes crm.csv, shop.csv, news.csv and truth.csv. Names are common ones combined at random,
domains are example.*, telephone numbers are drawn; nobody in here exists.
"""
import csv
import random

# Given names with the forms that people use for them.
WOMEN = ["Johanna Hanna Jo", "Maria Marie Mia", "Elisabeth Els Liesbeth", "Anna Anneke", "Catharina Trijntje Karin", "Sofie",
         "Emma", "Lotte", "Fleur", "Sanne", "Eva", "Noor", "Isabella Bella", "Margaretha Greet Margriet", "Wilhelmina Mina",
         "Petronella Nel", "Ingrid", "Monique", "Claire", "Chantal", "Giulia", "Francesca", "Carmen", "Lucia", "Agnieszka",
         "Katarzyna Kasia", "Freya", "Astrid", "Heike", "Ursula", "Brigitte", "Nathalie", "Saskia", "Femke", "Marloes"]
MEN = ["Johannes Jan Hans", "Willem Wim", "Hendrik Henk", "Cornelis Kees Cor", "Pieter Piet", "Antonius Ton Anton", "Daan",
       "Bram", "Sem", "Lucas Luuk", "Thijs", "Ruben", "Robert Rob Bob", "Michael Mike", "Thomas Tom", "Joseph Joep",
       "Alexander Alex Sander", "Benjamin Ben", "Frederik Fred", "Gerardus Gerard", "Klaus", "Jürgen", "Stefan", "Pierre",
       "Jean", "Luc", "Giovanni Gianni", "Marco", "Javier", "Miguel", "Paweł", "Tomasz Tomek", "Lars", "Søren", "Björn"]
SURNAMES = ["de Jong", "Jansen", "de Vries", "van den Berg", "van Dijk", "Bakker", "Janssen", "Visser", "Smit", "Meijer",
            "de Boer", "Mulder", "de Groot", "Bos", "Vos", "Peters", "Hendriks", "van Leeuwen", "Dekker", "Brouwer", "de Wit",
            "Dijkstra", "Smits", "de Graaf", "van der Meer", "Müller", "Schmidt", "Schneider", "Fischer", "Weber", "Wagner",
            "Becker", "Hoffmann", "Koch", "Richter", "Klein", "Wolf", "Martin", "Bernard", "Dubois", "Durand", "Leroy",
            "Moreau", "Lefebvre", "Fournier", "Girard", "García", "Fernández", "López", "Martínez", "Sánchez", "Romero",
            "Rossi", "Russo", "Ferrari", "Esposito", "Bianchi", "Ricci", "Nowak", "Kowalski", "Wiśniewski", "Zieliński",
            "Nielsen", "Hansen", "Andersen", "Larsen", "Johansson", "Lindberg", "Nyström", "Virtanen", "O'Brien", "Murphy"]
BEGINNINGS = ["Bui", "Wester", "Ooster", "Vel", "Hout", "Goud", "Zand", "Linden", "Roo", "Eik", "Beu", "Har", "Stel", "Kui", "Ril",
              "Dom", "Mees", "Pol", "Sche", "Wiel", "Kamp", "Lange", "Korte", "Bier", "Vlas", "Kol", "Terp", "Hage", "Ber", "Sni"]
ENDS = ["stra", "huis", "mans", "sen", "berg", "veld", "dijk", "ink", "hoven", "kamp", "beek", "ma", "wijk", "laar", "ker", "ders"]
STREETS = ["Kerk", "Dorps", "School", "Molen", "Stations", "Linden", "Beuken", "Wilhelmina", "Juliana", "Prins Hendrik",
           "Oranje", "Nieuwe", "Markt", "Haven", "Kanaal", "Berg", "Bos", "Water", "Burgemeester", "Spoor"]
STREET_ENDS = ["straat", "laan", "weg", "plein", "kade", "dreef"]
TOWNS = ["Utrecht", "Groningen", "Zwolle", "Breda", "Arnhem", "Leiden", "Gent", "Antwerpen", "Haarlem", "Deventer"]
FIELDS = ["id", "first", "last", "suffix", "born", "mail", "phone", "street", "number", "zip", "town", "work"]

# How often what happens. Households: records say much, and what they say is true of housemates too.
HOUSEHOLDS = {"one address for all": 0.3, "landline": 0.3, "moved": 0.05, "married": 0.02, "desk phone": 0.1,
              "other address": 0.1, "initial": 0.05, "crossed": 0.02, "slip": 0.05, "slip in a date": 0.05,
              "missing": {"crm": {"phone": 0.2, "mail": 0.1}, "shop": {"born": 0.15, "phone": 0.1},
                          "news": {"phone": 0.5, "born": 0.1, "street number": 0.3}}}
# Systems: most records of the newsletter are a name and an address to write to, and that is often another one. Of some 6 %
# of the pairs nothing but the name is left, and it is no rare one.
SYSTEMS = dict(HOUSEHOLDS, **{"moved": 0.08, "married": 0.03, "other address": 0.15, "slip in a date": 0.04,
                              "missing": {"crm": {"phone": 0.2}, "shop": {"born": 0.5, "phone": 0.2},
                                          "news": {"born phone street number": 1, "zip town": 0.5}}})
# A town: nobody says when they were born, few names, few streets, and hardly anybody's contact points tell two people of one
# name apart from one person with two of them but by being others.
DENSE = dict(HOUSEHOLDS, **{"one town": 1, "names": 20, "surnames": 60, "other address": 0.03, "moved": 0.02,
                            "missing": {"crm": {"born": 1, "phone": 0.1}, "shop": {"born": 1, "mail": 0.1},
                                        "news": {"born": 1, "phone": 0.3}}})


class Town:
    """Draws people and households; the same seed draws the same ones."""

    def __init__(self, seed, rates):
        self.dice, self.rates = random.Random(seed), rates
        self.people = 0

    def some(self, values):
        """Early ones more often than late ones, as names are."""
        values = values[:self.rates.get("names", len(values))]
        return values[min(int(self.dice.expovariate(1.5 / len(values))), self.dice.randrange(len(values)))]

    def phone(self):
        return f"+316{self.dice.randrange(10_000_000, 60_000_000)}"

    def surname(self):
        if "surnames" in self.rates:
            return self.dice.choice(SURNAMES[:self.rates["surnames"]])
        if self.dice.random() < 0.4:
            return self.some(SURNAMES)
        return self.dice.choice(BEGINNINGS) + self.dice.choice(ENDS)

    def birth(self, first, last):
        return f"{self.dice.randrange(first, last)}-{self.dice.randrange(1, 13):02}-{self.dice.randrange(1, 29):02}"

    def home(self):
        return {"street": self.dice.choice(STREETS) + self.dice.choice(STREET_ENDS), "number": str(self.dice.randrange(1, 180)),
                "zip": f"{self.dice.randrange(1000, 9999)} {self.dice.choice('ABCDEFGHKLMNP')}{self.dice.choice('ABCDEFGHKLMNP')}",
                "town": TOWNS[0] if "one town" in self.rates else self.dice.choice(TOWNS)}

    def person(self, last, home, born, names=None, given=None):
        forms = (given or self.some(names or self.dice.choice([WOMEN, MEN]))).split()
        self.people += 1
        mail = f"{forms[-1]}.{last}{self.people}".replace(" ", "").replace("'", "").lower()
        mail = "".join(c for c in mail if c.isascii())
        return {"forms": forms, "last": last, "suffix": "", "born": born, "home": home, "work": "",
                "mail": f"{mail}@example.{self.dice.choice(['com', 'org', 'net'])}", "phone": self.phone()}

    def another(self, people):
        """A given name that nobody of these people has a form of."""
        taken = {form for person in people for form in person["forms"]}
        while True:
            forms = self.some(self.dice.choice([WOMEN, MEN]))
            if not taken & set(forms.split()):
                return forms

    def household(self):
        dice, last, home = self.dice, self.surname(), self.home()
        kind = dice.random()
        people = [self.person(last, home, self.birth(1935, 1992))]

        def joins(surname, born, given=None):
            people.append(self.person(surname, home, born, given=given or self.another(people)))

        if 0.35 < kind < 0.47:  # people who share a flat
            for _ in range(dice.randrange(1, 3)):
                joins(self.surname(), self.birth(1960, 2003))
        elif kind < 0.5 and kind > 0.47:  # father and son of one name
            father = self.person(last, home, self.birth(1930, 1960), names=MEN)
            son = self.person(last, home, self.birth(1962, 1995), given=" ".join(father["forms"]))
            if dice.random() < 0.5:
                father["suffix"], son["suffix"] = "Sr", "Jr"
            people = [father, son]
        elif kind > 0.5:  # a couple, half of them of one name
            joins(dice.choice([last, self.surname()]), self.birth(1935, 1992))
        if kind > 0.7:  # children
            for _ in range(dice.randrange(1, 4)):
                joins(last, self.birth(1990, 2008))
        if kind > 0.95:  # twins
            joins(last, people[-1]["born"])
        if len(people) > 1 and dice.random() < self.rates["one address for all"]:
            for person in people[1:]:
                person["mail"] = people[0]["mail"]
        if len(people) > 1 and dice.random() < self.rates["landline"]:
            line = self.phone()
            for person in people:
                person["phone"] = line
        return people

    def slip(self, text):
        if len(text) < 4:
            return text
        at, kind = self.dice.randrange(1, len(text) - 1), self.dice.randrange(4)
        if kind == 0:
            return text[:at] + text[at + 1] + text[at] + text[at + 2:]
        if kind == 1:
            return text[:at] + text[at + 1:]
        if kind == 2:
            return text[:at] + text[at] + text[at:]
        return text[:at] + self.dice.choice("abcdefghijklmnopqrstuvwxyz") + text[at + 1:]

    def record(self, person, system, desk):
        """What one system knows of somebody."""
        def happens(what):
            return self.dice.random() < self.rates[what]

        dice = self.dice
        if happens("moved"):
            person["home"] = self.home()  # and some systems do not know
        if happens("married"):
            person["last"] = dice.choice([self.surname(), person["last"] + "-" + self.some(SURNAMES)])
        said = {"first": dice.choice(person["forms"]) if dice.random() < 0.3 else person["forms"][0], "last": person["last"],
                "suffix": person["suffix"], "born": person["born"], "mail": person["mail"], "phone": person["phone"],
                "work": "", **person["home"]}
        if system == "crm" and happens("desk phone"):
            said["work"] = desk
        for field, missing in self.rates["missing"].get(system, {}).items():
            if dice.random() < missing:
                for each in field.split():
                    said[each] = ""
        if happens("other address"):
            said["mail"] = f"{said['first']}{dice.randrange(10_000_000)}@example.net".lower() if said["first"].isascii() else ""
        if happens("initial"):
            said["first"] = said["first"][0] + "."
        if happens("crossed"):
            said["first"], said["last"] = said["last"], said["first"]
        for field in ("first", "last", "street", "mail"):
            if happens("slip"):
                said[field] = self.slip(said[field])
        if said["born"] and happens("slip in a date"):
            year, month, day = said["born"].split("-")
            said["born"] = f"{year}-{day}-{month}" if int(day) <= 12 else f"{year}-{month}-{int(day) % 28 + 1:02}"
        return said


def write(folder, people, seed, rates):
    """About so many people; returns the number of records."""
    town = Town(seed, rates)
    rows = {"crm": [], "shop": [], "news": []}
    truth, number, made = [], 0, 0
    while made < people:
        desk = f"+3120{2_000_000 + made // 40 * 37:07}"
        for person in town.household():
            made += 1
            for system in town.dice.choices(["crm", "shop", "news"], [5, 4, 3], k=town.dice.choice([1, 1, 2, 2, 3])):
                number += 1
                rows[system].append({"id": f"{system}{number}", **town.record(person, system, desk)})
                truth.append([system, f"{system}{number}", made])
    for system, records in rows.items():
        town.dice.shuffle(records)
        with open(folder / f"{system}.csv", "w", encoding="utf-8", newline="") as file:
            writer = csv.DictWriter(file, FIELDS)
            writer.writeheader()
            writer.writerows(records)
    with open(folder / "truth.csv", "w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["source", "key", "cluster"])
        writer.writerows(truth)
    return number
