// Writes the four exports of the demo shop into a folder: generate-demo FOLDER
//
// A CRM as Dutch spreadsheets write it (semicolons, Windows-1252), an e-mail platform and a web
// analytics tool as JSON lines, web shop orders as CSV. About 5,000 people; duplicates, typing
// slips, a family with one address, somebody deceased, two people under one CRM id and rows that
// are broken.
#include <cstdio>
#include <fstream>
#include <string>

#include "support/people.h"

namespace {

using rondom::support::Dice;
using rondom::support::iso_date;
using rondom::support::make_person;
using rondom::support::Person;
using rondom::support::upper_case;
using rondom::support::with_typo;

constexpr std::uint64_t seed = 20'260'314;
constexpr std::uint64_t people = 5'000;

// The few letters of our names beyond ASCII, as Windows-1252 has them; others become '?'.
std::string windows_1252(const std::string& utf8) {
  std::string out;
  for (std::size_t i = 0; i < utf8.size(); ++i) {
    const auto c = static_cast<unsigned char>(utf8[i]);
    if (c < 0x80) {
      out += utf8[i];
    } else if (c == 0xc3 && i + 1 < utf8.size()) {
      out += static_cast<char>(static_cast<unsigned char>(utf8[++i]) + 0x40);
    } else {
      out += '?';
      ++i;
    }
  }
  return out;
}

std::string full_surname(const Person& person) {
  return person.surname_prefix.empty() ? person.surname
                                       : person.surname_prefix + " " + person.surname;
}

std::string timestamp(Dice& dice, int year) {
  char text[40];
  std::snprintf(
      text, sizeof text, "%sT%02d:%02d:%02dZ",
      iso_date(year, 1 + static_cast<int>(dice.roll(12)), 1 + static_cast<int>(dice.roll(28)))
          .c_str(),
      static_cast<int>(dice.roll(24)), static_cast<int>(dice.roll(60)),
      static_cast<int>(dice.roll(60)));
  return text;
}

void crm_row(std::ofstream& out, const std::string& id, const Person& p, const std::string& email,
             const std::string& mobile, const std::string& birth, const std::string& deceased,
             const std::string& changed) {
  out << windows_1252(id + ";" + (p.woman ? "Mevr." : "Dhr.") + ";" + p.given + ";" +
                      p.surname_prefix + ";" + p.surname + ";" + email + ";" + mobile + ";" +
                      birth + ";" + p.street + ";" + p.house_number + ";" + p.postcode + ";" +
                      p.city + ";" + deceased + ";" + changed + "\r\n");
}

void write_crm(const std::string& folder) {
  std::ofstream out(folder + "/crm_contacten.csv", std::ios::binary);
  out << "Id;Aanhef;Voornaam;Tussenvoegsel;Achternaam;E-mail;Mobiel;Geboortedatum;Straat;"
         "Huisnummer;"
         "Postcode;Plaats;Overleden;Gewijzigd\r\n";
  Dice dice(seed + 1);
  std::uint64_t next_id = 100'000;
  for (std::uint64_t i = 0; i < people; ++i) {
    if (i % 10 >= 7) continue;  // 70 % are in the CRM
    Person p = make_person(seed, i);
    char birth[16];
    std::snprintf(birth, sizeof birth, "%02d-%02d-%04d", p.birth_day, p.birth_month, p.birth_year);
    const std::string id = std::to_string(next_id++);
    const std::string mobile =
        dice.chance(60) ? p.mobile.substr(0, 2) + "-" + p.mobile.substr(2) : "";
    const std::string email = dice.chance(85) ? p.email : "";
    crm_row(out, id, p, email, mobile, dice.chance(70) ? birth : "", "", timestamp(dice, 2025));
    if (dice.chance(6)) {  // entered again by a colleague, with a typing slip or in capitals
      Person again = p;
      if (dice.chance(50))
        again.given = with_typo(p.given, dice);
      else
        again.surname = upper_case(p.surname);
      crm_row(out, std::to_string(next_id++), again, p.email, mobile, birth, "",
              timestamp(dice, 2026));
    }
  }
  // A family with one address.
  Person anna = make_person(seed, 9'001), bram = make_person(seed, 9'002);
  anna.given = "Anna", bram.given = "Bram";
  anna.surname_prefix = bram.surname_prefix = "van den";
  anna.surname = bram.surname = "Berg";
  anna.woman = true, bram.woman = false;
  crm_row(out, "900001", anna, "thuis@example.com", "", "29-02-1980", "", "2026-01-10T09:00:00Z");
  crm_row(out, "900002", bram, "thuis@example.com", "", "03-11-1978", "", "2026-01-10T09:05:00Z");
  // Deceased, but still on the mailing list.
  Person henk = make_person(seed, 9'003);
  henk.given = "Henk", henk.surname_prefix = "", henk.surname = "Jansen", henk.woman = false;
  crm_row(out, "900003", henk, "henk.jansen@example.org", "06-19000003", "12-05-1941", "ja",
          "2026-02-01T12:00:00Z");
  // Two people under one CRM id, saved at the same second.
  Person first = make_person(seed, 9'004), second = make_person(seed, 9'005);
  crm_row(out, "900004", first, first.email, "", "", "", "2026-02-02T10:00:00Z");
  crm_row(out, "900004", second, second.email, "", "", "", "2026-02-02T10:00:00Z");
  // Rows that are broken.
  out << "900005;Dhr.;Piet;;Bakker;piet@example.net;;31-02-1990;Kerkstraat;1;1011 AB;Amsterdam;;"
         "2026-02-03T10:00:00Z\r\n";
  out << "900006;Mevr.;Truus;de;Vries;truus@example.net;;;Kerkstraat;2\r\n";
  out << ";Dhr.;Zonder;;Nummer;zonder@example.net;;;;;;;;2026-02-03T10:00:00Z\r\n";
}

void write_mailer(const std::string& folder) {
  std::ofstream out(folder + "/nieuwsbrief.jsonl", std::ios::binary);
  Dice dice(seed + 2);
  const auto line = [&](const std::string& id, const std::string& email, const std::string& given,
                        const std::string& surname, const char* status, const std::string& opt_in,
                        const std::string& changed) {
    out << "{\"id\":\"" << id << "\",\"email_address\":\"" << email << "\",\"status\":\"" << status
        << "\",\"merge_fields\":{\"FNAME\":\"" << given << "\",\"LNAME\":\"" << surname
        << "\"},\"timestamp_opt\":\"" << opt_in << "\",\"last_changed\":\"" << changed
        << "\",\"tags\":[{\"id\":1,\"name\":\"" << (dice.chance(30) ? "vip" : "nieuwsbrief")
        << "\"}]}\n";
  };
  for (std::uint64_t i = 0; i < people; ++i) {
    if (i % 10 < 3 || i % 10 == 9) continue;  // 60 % get the newsletter, partly the CRM's people
    const Person p = make_person(seed, i);
    const unsigned luck = static_cast<unsigned>(dice.roll(100));
    const char* status = luck < 82 ? "subscribed" : luck < 95 ? "unsubscribed" : "cleaned";
    const std::string email =
        dice.chance(20) ? upper_case(p.email.substr(0, 1)) + p.email.substr(1) : p.email;
    line("m" + std::to_string(i), email, p.given, full_surname(p), status, timestamp(dice, 2024),
         timestamp(dice, 2025));
  }
  line("m900001", "thuis@example.com", "Anna", "van den Berg", "subscribed", "2024-05-01T10:00:00Z",
       "2024-05-01T10:00:00Z");
  line("m900003", "henk.jansen@example.org", "Henk", "Jansen", "subscribed", "2019-05-01T10:00:00Z",
       "2019-05-01T10:00:00Z");
  out << "{\"id\":\"m900009\",\"email_address\":\"afgebroken@example.com\",\"status\":\"subsc\n";
}

void write_orders(const std::string& folder) {
  std::ofstream out(folder + "/bestellingen.csv", std::ios::binary);
  out << "order_id,customer_id,email,billing_name,billing_zip,billing_city,billing_country,total,"
         "currency,status,created_at,updated_at,items\n";
  static constexpr const char* skus[] = {"FIETS-STAD", "FIETS-E", "HELM", "LAMP", "SLOT", "BAND"};
  static constexpr int prices[] = {64'900, 219'900, 4'995, 2'450, 3'995, 1'795};
  Dice dice(seed + 3);
  for (std::uint64_t n = 0; n < 3'000; ++n) {
    const std::uint64_t who = dice.roll(people);
    const Person p = make_person(seed, who);
    const bool guest = dice.chance(25);
    const std::size_t item = dice.roll(6);
    const int quantity = 1 + static_cast<int>(dice.roll(2));
    const int total = prices[item] * quantity;
    const std::string at = timestamp(dice, 2025);
    char amount[32], unit[32];
    std::snprintf(amount, sizeof amount, "%d.%02d", total / 100, total % 100);
    std::snprintf(unit, sizeof unit, "%d.%02d", prices[item] / 100, prices[item] % 100);
    const char* status = dice.chance(88) ? "complete" : "refunded";
    out << 50'000 + n << ',' << (guest ? std::string("0") : std::to_string(who + 1)) << ','
        << p.email << ",\"" << p.given << ' ' << full_surname(p) << "\"," << p.postcode << ','
        << p.city << ",NL," << amount << ",EUR," << status << ',' << at << ',' << at
        << ",\"[{\"\"sku\"\":\"\"" << skus[item] << "\"\",\"\"qty\"\":" << quantity
        << ",\"\"price\"\":\"\"" << unit << "\"\"}]\"\n";
  }
  out << "59999,0,kapot@example.com,\"Kapot\",1011 AB,Amsterdam,NL,veel,EUR,complete,"
         "2026-01-01T10:00:00Z,2026-01-01T10:00:00Z,[]\n";
}

void write_visits(const std::string& folder) {
  std::ofstream out(folder + "/bezoeken.jsonl", std::ios::binary);
  static constexpr const char* pages[] = {"/", "/fietsen", "/e-bikes", "/aanbiedingen", "/contact"};
  Dice dice(seed + 4);
  for (std::uint64_t n = 0; n < 2'000; ++n) {
    const std::uint64_t who = dice.roll(people);
    const Person p = make_person(seed, who);
    const bool known = dice.chance(40);
    const std::uint64_t at = 1'735'689'600 + dice.roll(34'000'000);
    char visitor[24];
    std::snprintf(visitor, sizeof visitor, "%016llx",
                  static_cast<unsigned long long>((who + 1) * 0x9e3779b97f4aULL));
    out << "{\"idVisit\":" << 700'000 + n << ",\"visitorId\":\"" << visitor
        << "\",\"userId\":" << (known ? "\"" + p.email + "\"" : "null")
        << ",\"serverTimestamp\":" << at << ",\"actionDetails\":[";
    const std::uint64_t actions = 1 + dice.roll(4);
    for (std::uint64_t a = 0; a < actions; ++a) {
      out << (a > 0 ? "," : "") << "{\"type\":\"action\",\"url\":\"https://shop.example"
          << pages[dice.roll(5)] << "\",\"timestamp\":" << at + a * 20 << "}";
    }
    out << "]}\n";
  }
  out << "{\"idVisit\":799999,\"visitorId\":\n";
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: generate-demo FOLDER\n");
    return 2;
  }
  const std::string folder = argv[1];
  write_crm(folder);
  write_mailer(folder);
  write_orders(folder);
  write_visits(folder);
  return 0;
}
