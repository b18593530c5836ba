#include "support/people.h"

#include <array>
#include <cstdio>

namespace rondom::support {

namespace {

constexpr std::array women = {
    "Anna",   "Sanne",  "Lisa",    "Emma",     "Julia",   "Sophie", "Eva",     "Lotte",  "Fleur",
    "Iris",   "Maria",  "Johanna", "Femke",    "Marieke", "Anouk",  "Esther",  "Ingrid", "Petra",
    "Yvonne", "Wilma",  "Hanneke", "Greet",    "Truus",   "Naomi",  "Noor",    "Sara",   "Zoë",
    "Renée",  "Fatima", "Aisha",   "Daniëlle", "Kim",     "Linda",  "Monique", "Saskia", "Tineke"};
constexpr std::array men = {
    "Bram",   "Daan",  "Jan",     "Pieter", "Sem",   "Lucas",  "Thijs", "Ruben",   "Jeroen",
    "Mark",   "Peter", "Hendrik", "Gerrit", "Kees",  "Willem", "Joost", "Bas",     "Niels",
    "Sander", "Erik",  "Robert",  "Dirk",   "Tom",   "Max",    "Finn",  "Mohamed", "Youssef",
    "René",   "André", "Frank",   "Marcel", "Arjan", "Wouter", "Stijn", "Hugo",    "Casper"};
struct Surname {
  const char* prefix;
  const char* name;
};
constexpr std::array surnames = {
    Surname{"", "Jansen"},        Surname{"de", "Vries"},     Surname{"van den", "Berg"},
    Surname{"van", "Dijk"},       Surname{"", "Bakker"},      Surname{"", "Visser"},
    Surname{"", "Smit"},          Surname{"", "Meijer"},      Surname{"de", "Boer"},
    Surname{"", "Mulder"},        Surname{"de", "Groot"},     Surname{"", "Bos"},
    Surname{"", "Vos"},           Surname{"", "Peters"},      Surname{"", "Hendriks"},
    Surname{"van", "Leeuwen"},    Surname{"", "Dekker"},      Surname{"", "Brouwer"},
    Surname{"de", "Wit"},         Surname{"", "Dijkstra"},    Surname{"", "Smits"},
    Surname{"de", "Graaf"},       Surname{"van der", "Meer"}, Surname{"", "Kok"},
    Surname{"", "Jacobs"},        Surname{"", "Vermeulen"},   Surname{"de", "Haan"},
    Surname{"van den", "Heuvel"}, Surname{"van der", "Veen"}, Surname{"van den", "Broek"},
    Surname{"", "Schouten"},      Surname{"van", "Beek"},     Surname{"", "Willems"},
    Surname{"van", "Vliet"},      Surname{"", "Hoekstra"},    Surname{"", "Maas"},
    Surname{"", "Verhoeven"},     Surname{"", "Koster"},      Surname{"van", "Dam"},
    Surname{"", "Prins"},         Surname{"", "Blom"},        Surname{"", "Huisman"},
    Surname{"", "Peeters"},       Surname{"de", "Jong"},      Surname{"", "Kuipers"},
    Surname{"van", "Veen"},       Surname{"", "Post"},        Surname{"", "Kuiper"},
    Surname{"", "Veenstra"},      Surname{"", "Kramer"},      Surname{"van den", "Brink"},
    Surname{"", "Scholten"},      Surname{"van", "Wijk"},     Surname{"", "Postma"},
    Surname{"", "Martens"},       Surname{"", "Vink"},        Surname{"de", "Ruiter"},
    Surname{"", "Timmermans"},    Surname{"", "Groen"},       Surname{"", "Gerritsen"},
    Surname{"", "Jonker"},        Surname{"van", "Loon"},     Surname{"", "Boer"},
    Surname{"van der", "Velde"},  Surname{"", "Willemsen"},   Surname{"", "Smeets"},
    Surname{"de", "Lange"},       Surname{"", "Driessen"},    Surname{"", "Yılmaz"},
    Surname{"", "El Amrani"},     Surname{"", "Nguyen"},      Surname{"", "Müller"}};
constexpr std::array streets = {"Dorpsstraat",
                                "Kerkstraat",
                                "Molenweg",
                                "Schoolstraat",
                                "Stationsweg",
                                "Hoofdstraat",
                                "Beukenlaan",
                                "Lindelaan",
                                "Wilhelminastraat",
                                "Julianastraat",
                                "Eikenlaan",
                                "Nieuwstraat",
                                "Parallelweg",
                                "Industrieweg",
                                "Prins Hendrikkade",
                                "Oude Gracht",
                                "Burgemeester de Vlugtlaan",
                                "Rozenstraat",
                                "Tulpstraat",
                                "Havenkade"};
struct City {
  const char* name;
  int postcode;  // lowest of its range
  int range;
};
constexpr std::array cities = {
    City{"Amsterdam", 1011, 90},  City{"Rotterdam", 3011, 80}, City{"Den Haag", 2491, 90},
    City{"Utrecht", 3511, 70},    City{"Eindhoven", 5611, 40}, City{"Groningen", 9711, 40},
    City{"Tilburg", 5011, 30},    City{"Almere", 1311, 30},    City{"Breda", 4811, 30},
    City{"Nijmegen", 6511, 30},   City{"Arnhem", 6811, 30},    City{"Haarlem", 2011, 25},
    City{"Enschede", 7511, 30},   City{"Zwolle", 8011, 25},    City{"Leiden", 2311, 20},
    City{"Maastricht", 6211, 15}, City{"Delft", 2611, 18},     City{"Deventer", 7411, 20},
    City{"Leeuwarden", 8911, 20}, City{"Middelburg", 4331, 8}};
constexpr std::array mail_domains = {"example.com", "example.org", "example.net", "mail.example",
                                     "post.example"};

// "Zoë van den Berg" -> letters an e-mail address can hold.
std::string plain_letters(std::string_view name) {
  std::string out;
  for (std::size_t i = 0; i < name.size(); ++i) {
    const auto c = static_cast<unsigned char>(name[i]);
    if (c >= 'A' && c <= 'Z')
      out += static_cast<char>(c + 32);
    else if (c >= 'a' && c <= 'z')
      out += static_cast<char>(c);
    else if (c == 0xc3 && i + 1 < name.size()) {
      const auto next = static_cast<unsigned char>(name[++i]);
      if (next == 0xab || next == 0xa9)
        out += 'e';
      else if (next == 0xbc)
        out += 'u';
    } else if (c == 0xc4) {
      ++i;
      out += 'i';
    }
  }
  return out;
}

}  // namespace

std::uint64_t Dice::next() {
  state_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = state_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return z ^ (z >> 31);
}

std::string iso_date(int year, int month, int day) {
  char text[32];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", year, month, day);
  return text;
}

Person make_person(std::uint64_t seed, std::uint64_t number) {
  Dice dice(seed ^ (number * 0xd1342543de82ef95ULL));
  Person person;
  person.number = number;
  person.woman = dice.chance(50);
  person.given = person.woman ? women[dice.roll(women.size())] : men[dice.roll(men.size())];
  const Surname& surname = surnames[dice.roll(surnames.size())];
  person.surname_prefix = surname.prefix;
  person.surname = surname.name;
  person.birth_year = 1935 + static_cast<int>(dice.roll(72));
  person.birth_month = 1 + static_cast<int>(dice.roll(12));
  person.birth_day = 1 + static_cast<int>(dice.roll(28));
  const char* domain = mail_domains[dice.roll(mail_domains.size())];
  person.email = plain_letters(person.given) + "." + plain_letters(person.surname) +
                 std::to_string(number) + "@" + domain;
  char digits[16];
  std::snprintf(digits, sizeof digits, "06%08llu",
                static_cast<unsigned long long>(10'000'000 + number % 40'000'000));
  person.mobile = digits;
  person.street = streets[dice.roll(streets.size())];
  person.house_number = std::to_string(1 + dice.roll(240));
  const City& city = cities[dice.roll(cities.size())];
  person.city = city.name;
  std::string letters;
  letters += static_cast<char>('A' + dice.roll(26));
  letters += static_cast<char>('B' + dice.roll(17));
  person.postcode =
      std::to_string(city.postcode +
                     static_cast<int>(dice.roll(static_cast<std::uint64_t>(city.range)))) +
      " " + letters;
  return person;
}

std::string with_typo(std::string_view text, Dice& dice) {
  std::string out(text);
  if (out.size() < 4) return out;
  // Only between ASCII letters, so that no UTF-8 character is cut.
  const std::size_t at = 1 + dice.roll(out.size() - 2);
  if (static_cast<unsigned char>(out[at]) >= 0x80 ||
      static_cast<unsigned char>(out[at + 1]) >= 0x80) {
    return out;
  }
  switch (dice.roll(3)) {
    case 0: std::swap(out[at], out[at + 1]); break;
    case 1: out.insert(at, 1, out[at]); break;
    default: out.erase(at, 1);
  }
  return out;
}

std::string upper_case(std::string_view ascii) {
  std::string out(ascii);
  for (char& c : out) {
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 32);
  }
  return out;
}

}  // namespace rondom::support
