// One value of each type through Normalizer::clean().
#include <boost/test/unit_test.hpp>

#include <string>
#include <utility>
#include <vector>

#include "pipeline/normalize/normalize.h"

namespace {

using namespace rondom;
using normalize::Context;

constexpr Context in_dutch{"NL", "nl", "EUR", "Europe/Amsterdam"};
constexpr Context american{"US", "en", "USD", "America/New_York"};

// The value, "" for nothing, "! message" for a refusal.
std::string clean(std::string_view name, std::string_view raw, const Context& context = in_dutch,
                  Entity entity = Entity::person) {
  static normalize::Normalizer normalizer;
  Arena arena;
  const AttributeInfo* info = attribute_by_name(entity, name);
  BOOST_REQUIRE(info != nullptr);
  const auto result = normalizer.clean(*info, raw, context, arena);
  return result.ok() ? std::string(result->value) : "! " + result.error().message;
}

void check(std::string_view name, const std::vector<std::pair<const char*, const char*>>& cases,
           const Context& context = in_dutch, Entity entity = Entity::person) {
  for (const auto& [raw, expected] : cases) {
    BOOST_TEST(clean(name, raw, context, entity) == expected, name << ": " << raw);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(values)

BOOST_AUTO_TEST_CASE(text) {
  check("occupation", {{"  Baker ", "Baker"},
                       {"Baker\t and\r\n cook", "Baker and cook"},
                       {"Caf\x65\xCC\x81", "Caf\xC3\xA9"},
                       {"\xC2\xA0zero\xE2\x80\x8Bwidth\xC2\xA0", "zerowidth"},
                       {"Bäcker  Meister", "Bäcker Meister"},
                       {"Bad \xFF bytes", "Bad \xFF bytes"},
                       {"", ""},
                       {"-", ""},
                       {" -- ", ""},
                       {"n/a", ""},
                       {"N/A", ""},
                       {"null", ""},
                       {"NULL", ""},
                       {"Null", "Null"},
                       {"none", "none"},
                       {"onbekend", "onbekend"}});
}

BOOST_AUTO_TEST_CASE(email) {
  const char* no = "! emails.value is no e-mail address";
  check("emails.value", {{"Sanne@Example.COM", "sanne@example.com"},
                         {" sanne@example.com ", "sanne@example.com"},
                         {"mailto:sanne@example.com?subject=x", "sanne@example.com"},
                         {"Sanne de Wit <sanne@example.com>", "sanne@example.com"},
                         {"<sanne@example.com>", "sanne@example.com"},
                         {"sanne@example.com.", "sanne@example.com"},
                         {"sanne+shop@example.com", "sanne+shop@example.com"},
                         {"\"san ne\"@example.com", "\"san ne\"@example.com"},
                         {"o'neil_x@example.co.uk", "o'neil_x@example.co.uk"},
                         {"jan@münchen.example", "jan@xn--mnchen-3ya.example"},
                         {"JÖRG@example.com", "jörg@example.com"},
                         {"", ""},
                         {"n/a", ""},
                         {"sanne", no},
                         {"sanne@", no},
                         {"@example.com", no},
                         {"a@b@example.com", no},
                         {"sanne@example", no},
                         {"san ne@example.com", no},
                         {".sanne@example.com", no},
                         {"san..ne@example.com", no},
                         {"sanne@-example.com", no},
                         {"sanne@exa_mple.com", no},
                         {"sanne@[192.0.2.1]", no},
                         {"sanne@192.0.2.1", no},
                         {"a@example.com; b@example.com", no}});
  BOOST_TEST(clean("emails.value", std::string(65, 'a') + "@example.com") == no);
  BOOST_TEST(clean("emails.value", std::string(64, 'a') + "@example.com") ==
             std::string(64, 'a') + "@example.com");
  BOOST_TEST(clean("emails.value", "a@" + std::string(64, 'b') + ".com") == no);
}

BOOST_AUTO_TEST_CASE(role_mailboxes) {
  BOOST_TEST(normalize::is_role_mailbox("info@example.com"));
  BOOST_TEST(normalize::is_role_mailbox("Sales+nl@example.com"));
  BOOST_TEST(normalize::is_role_mailbox("no-reply@example.com"));
  BOOST_TEST(!normalize::is_role_mailbox("sanne@example.com"));
  BOOST_TEST(!normalize::is_role_mailbox("information.desk@example.com"));
  BOOST_TEST(!normalize::is_role_mailbox("info"));
}

BOOST_AUTO_TEST_CASE(disposable_mailboxes) {
  BOOST_TEST(normalize::is_disposable_mailbox("a@mailinator.com"));
  BOOST_TEST(normalize::is_disposable_mailbox("a@inbox.mailinator.com"));
  BOOST_TEST(!normalize::is_disposable_mailbox("a@notmailinator.com"));
  BOOST_TEST(!normalize::is_disposable_mailbox("a@example.com"));
  BOOST_TEST(!normalize::is_disposable_mailbox("mailinator.com"));
}

BOOST_AUTO_TEST_CASE(encodings) {
  check("custom", {{"MÃ¼ller", "Müller"},
                   {"MÃ\xC5\x93LLER", "MÜLLER"},
                   {"JosÃ© GarcÃ\xC2\xAD"
                    "a",
                    "José García"},
                   {"â‚¬ 12", "€ 12"},
                   {"Câ€™est", "C’est"},
                   {"voilÃ\xC2\xA0 !", "voilà !"},
                   {"MÃƒÂ¼ller", "Müller"},
                   {"ÅukÃ¡cs", "Åukács"},
                   {"SÃO PAULO", "SÃO PAULO"},
                   {"Ãngela", "Ãngela"},
                   {"ÂGE", "ÂGE"},
                   {"«Âge»", "«Âge»"},
                   {"Zoë", "Zoë"},
                   {"Zoë MÃ¼ller", "Zoë Müller"},
                   {"Ä°stanbul", "İstanbul"},
                   {"JÃ", "JÃ"},
                   {"£5 Ã ", "£5 Ã"}});
}

BOOST_AUTO_TEST_CASE(dates) {
  const char* no = "! death.date is no date";
  check("death.date", {{"1980-05-12", "1980-05-12"},
                       {"12 mei 1980", "1980-05-12"},
                       {"12. März 1980", "1980-03-12"},
                       {"12. MÄRZ 1980", "1980-03-12"},
                       {"1er août 1980", "1980-08-01"},
                       {"12 FÉVRIER 1980", "1980-02-12"},
                       {"12 sept. 1980", "1980-09-12"},
                       {"12 de mayo de 1980", no},
                       {"12 mayo 1980", "1980-05-12"},
                       {"12 giugno 1980", "1980-06-12"},
                       {"mayor 1980", no},
                       {"janitor 1980", no},
                       {"12 marsh 1980", no},
                       {"1980-05", "1980-05"},
                       {"1980", "1980"},
                       {"--05-12", "--05-12"},
                       {"--02-29", "--02-29"},
                       {"19800512", "1980-05-12"},
                       {"12-5-1980", "1980-05-12"},
                       {"12/05/1980", "1980-05-12"},
                       {"12.05.1980", "1980-05-12"},
                       {"1980/5/12", "1980-05-12"},
                       {"1980-05-00", "1980-05"},
                       {"1980-00-00", "1980"},
                       {"05/1980", "1980-05"},
                       {"05/12", "--12-05"},
                       {"12 mei 1980", "1980-05-12"},
                       {"12-mrt-1980", "1980-03-12"},
                       {"May 12, 1980", "1980-05-12"},
                       {"12. März 1980", "1980-03-12"},
                       {"1er août 1980", "1980-08-01"},
                       {"May 1980", "1980-05"},
                       {"1980-05-12 00:00:00", "1980-05-12"},
                       {"1980-05-12T00:00:00Z", "1980-05-12"},
                       {"1979-12-31T23:00:00Z", "1980-01-01"},
                       {"1980-05-12T14:30:00Z", "1980-05-12"},
                       {"2000-02-29", "2000-02-29"},
                       {"0000-00-00", ""},
                       {"0000-00-00 00:00:00", ""},
                       {"00-00-0000", ""},
                       {"1970-01-01", "1970-01-01"},
                       {"1980-02-30", no},
                       {"1900-02-29", no},
                       {"31-04-1980", no},
                       {"05/25/1980", "1980-05-25"},
                       {"05-25-1980", "1980-05-25"},
                       {"25/05/1980", "1980-05-25"},
                       {"02/30/1980", no},
                       {"13/13/1980", no},
                       {"0/25/1980", no},
                       {"05/25", "--05-25"},
                       {"1980/25/05", no},
                       {"12-05-80", no},
                       {"05/25/80", no},
                       {"1980-13-01", no},
                       {"--02-30", no},
                       {"12 smarch 1980", no},
                       {"ooit", no},
                       {"198", no},
                       {"1980-05-12 25:00", no},
                       {"1-2-3-4-5", no}});
  check("death.date",
        {{"05/12/1980", "1980-05-12"},
         {"05/12", "--05-12"},
         {"20/8/1991", "1991-08-20"},
         {"08/20/1991", "1991-08-20"},
         {"25/12", "--12-25"},
         {"05/06/1980", "1980-05-06"},
         {"31/04/1980", no}},
        american);
  check("birth_date", {{"1900-01-01", ""},
                       {"01-01-1970", ""},
                       {"1970-01-01T00:00:00Z", ""},
                       {"1970-01-02", "1970-01-02"},
                       {"nope", "! birth_date is no date"}});
}

BOOST_AUTO_TEST_CASE(times) {
  const char* no = "! consents.at is no time";
  check("consents.at", {{"2026-03-14T21:04:05Z", "2026-03-14T21:04:05Z"},
                        {"2026-03-14T21:04:05+01:00", "2026-03-14T20:04:05Z"},
                        {"2026-03-14T21:04:05.25-0530", "2026-03-15T02:34:05.250000Z"},
                        {"2026-03-14 21:04:05", "2026-03-14T20:04:05Z"},
                        {"2026-07-14 21:04:05", "2026-07-14T19:04:05Z"},
                        {"2026-07-14 21:04:05 UTC", "2026-07-14T21:04:05Z"},
                        {"14-07-2026 21:04", "2026-07-14T19:04:00Z"},
                        {"2026-07-14", "2026-07-13T22:00:00Z"},
                        // the clocks go back at 03:00 and forward at 02:00
                        {"2025-10-26 02:30:00", "2025-10-26T00:30:00Z"},
                        {"2026-03-29 02:30:00", "2026-03-29T01:30:00Z"},
                        {"1773522245", "2026-03-14T21:04:05Z"},
                        {"1773522245000", "2026-03-14T21:04:05Z"},
                        {"0000-00-00 00:00:00", ""},
                        {"", ""},
                        {"2026", no},
                        {"2026-02-30 10:00:00", no},
                        {"2026-03-14 24:00:00", no},
                        {"gisteren", no}});
  BOOST_TEST(clean("consents.at", "2026-07-14 10:00:00", {"NL", "nl", "EUR", "UTC"}) ==
             "2026-07-14T10:00:00Z");
  BOOST_TEST(clean("consents.at", "2026-07-14 10:00:00", {"NL", "nl", "EUR", "Mars/Olympus"}) ==
             "! consents.at has an unknown time zone");
}

BOOST_AUTO_TEST_CASE(numbers) {
  const Entity order = Entity::order;
  check("lines.quantity",
        {{"3", "3"},
         {"3.0", "3"},
         {"-2.50", "-2.5"},
         {"1e3", "1000"},
         {"1.234,56", "1234.56"},
         {"1,234.56", "1234.56"},
         {"1 234,5", "1234.5"},
         {"1'234.5", "1234.5"},
         {"1.234.567", "1234567"},
         {"1,234,567", "1234567"},
         {"12,5", "12.5"},
         {"0,125", "0.125"},
         {"+7", "7"},
         {"007", "7"},
         {"1.234", "1.234"},
         {"1,234", "! lines.quantity is a number that can be read in two ways"},
         {"1.2.3", "! lines.quantity is no number"},
         {"1,23,456", "! lines.quantity is no number"},
         {"twee", "! lines.quantity is no number"},
         {"12 stuks", "! lines.quantity is no number"},
         {",5", "! lines.quantity is no number"},
         {"-", ""},
         {"99999999999999999999", "! lines.quantity is a number with too many digits"}},
        in_dutch, order);
}

BOOST_AUTO_TEST_CASE(money) {
  check("total",
        {{"1990 EUR", "1990 EUR"},
         {"-500 USD", "-500 USD"},
         {"19.90", "1990 EUR"},
         {"19.9", "1990 EUR"},
         {"20", "2000 EUR"},
         {"€ 1.234,56", "123456 EUR"},
         {"19,90 USD", "1990 USD"},
         {"JPY 500", "500 JPY"},
         {"£5", "500 GBP"},
         {"€ 12,-", "1200 EUR"},
         {"12,-", "1200 EUR"},
         {"12.--", "1200 EUR"},
         {"€12,50", "1250 EUR"},
         {"12,50 €", "1250 EUR"},
         {"12,50 euro", "1250 EUR"},
         {"EUR12.50", "1250 EUR"},
         {"1 234,50", "123450 EUR"},
         {"€ 1.234", "123400 EUR"},
         {"€ 1.234.567", "123456700 EUR"},
         {"€ 10.000", "1000000 EUR"},
         {"1.234", "! total has more decimals than its currency"},
         {"€ 1.234,-", "123400 EUR"},
         {"€ -5", "-500 EUR"},
         {"-€ 5", "-500 EUR"},
         {"\xE2\x88\x92"
          "5,00",
          "-500 EUR"},
         {"12,50-", "-1250 EUR"},
         {"(12,50)", "-1250 EUR"},
         {"CHF 1'234.50", "123450 CHF"},
         {"CHF 1’234.50", "123450 CHF"},
         {"Fr. 12.-", "1200 CHF"},
         {"12 zł", "1200 PLN"},
         {"$ 12", "! total has a dollar sign, and no dollar is known"},
         {"12,50 per stuk", "! total is no number"},
         {"--5", "! total is no number"},
         {"€", "! total is no number"},
         {"€ €", "! total is no number"},
         {"ca. 500", "! total is no number"},
         {"19.905", "! total has more decimals than its currency"},
         {"gratis", "! total is no number"}},
        in_dutch, Entity::order);
  BOOST_TEST(clean("total", "500", {"JP", "ja", "JPY", ""}, Entity::order) == "500 JPY");
  BOOST_TEST(clean("total", "5", {"NL", "nl", "", ""}, Entity::order) ==
             "! total has no currency and none is known");
}

BOOST_AUTO_TEST_CASE(salutations) {
  check("gender", {{"Geachte heer", "male"},
                   {"Geachte mevrouw", "female"},
                   {"Beste mevr.", "female"},
                   {"De heer", "male"},
                   {"Sehr geehrte Frau", "female"},
                   {"Sehr geehrter Herr", "male"},
                   {"Herrn", "male"},
                   {"Chère Madame", "female"},
                   {"Cher Monsieur", "male"},
                   {"Dear Mr", "male"},
                   {"Dear Ms.", "female"},
                   {"Estimada señora", "female"},
                   {"Sr.", "male"},
                   {"Sra.", "female"},
                   {"Gentile signora", "female"},
                   {"Sig.ra", "female"},
                   {"Signore", "male"},
                   {"Geachte heer/mevrouw", "! gender is no gender"},
                   {"Madame, Monsieur", "! gender is no gender"},
                   {"Dear customer", "! gender is no gender"}});
}

BOOST_AUTO_TEST_CASE(words) {
  check("test_record", {{"true", "true"},
                        {"1", "true"},
                        {"JA", "true"},
                        {"nee", "false"},
                        {"Off", "false"},
                        {"misschien", "! test_record is neither true nor false"}});
  check("country", {{"NL", "NL"},
                    {"nl", "NL"},
                    {"NLD", "NL"},
                    {"Nederland", "NL"},
                    {"the Netherlands", "NL"},
                    {"Holland", "NL"},
                    {"Allemagne", "DE"},
                    {"Duitsland", "DE"},
                    {"Deutschland", "DE"},
                    {"België", "BE"},
                    {"belgie", "BE"},
                    {"UK", "GB"},
                    {"Verenigd Koninkrijk", "GB"},
                    {"U.S.A.", "! country is no country"},
                    {"USA", "US"},
                    {"XX", "! country is no country"},
                    {"Narnia", "! country is no country"}});
  check("language", {{"nl", "nl"},
                     {"NL", "nl"},
                     {"nl_be", "nl-BE"},
                     {"fr-BE", "fr-BE"},
                     {"Nederlands", "nl"},
                     {"Dutch", "nl"},
                     {"Deutsch", "de"},
                     {"eng", "en"},
                     {"dut", "nl"},
                     {"zh-Hans-CN", "zh-CN"},
                     {"klingon!", "! language is no language"}});
  check("gender", {{"F", "female"},
                   {"V", "female"},
                   {"m", "male"},
                   {"Mevr.", "female"},
                   {"dhr.", "male"},
                   {"Mrs", "female"},
                   {"Mr.", "male"},
                   {"Herr", "male"},
                   {"vrouw", "female"},
                   {"non-binary", "nonbinary"},
                   {"unknown", "unknown"},
                   {"onbekend", "unknown"},
                   {"2", "female"},
                   {"blauw", "! gender is no gender"}});
  check(
      "emails.status",
      {{"Bounced", "bounced"},
       {"kapot", "! emails.status is none of active, bounced, invalid, blocked, moved, unknown"}});
  check("consents.basis", {{"Legitimate interest", "legitimate_interest"}, {"consent", "consent"}});
}

BOOST_AUTO_TEST_CASE(postcodes) {
  check("addresses.postcode", {{"1234ab", "1234 AB"},
                               {"1234 AB", "1234 AB"},
                               {"NL-1234 ab", "1234 AB"},
                               {"12 34 ab", "1234 AB"},
                               {"1234ss", "1234SS"},
                               {"x-1", "X-1"}});
  const auto in = [](std::string_view country) { return Context{country, "", "", ""}; };
  check("addresses.postcode", {{"B-1000", "1000"}, {"1000", "1000"}}, in("BE"));
  check("addresses.postcode", {{"D 10115", "10115"}, {"10115", "10115"}}, in("DE"));
  check("addresses.postcode", {{"75001", "75001"}}, in("FR"));
  check("addresses.postcode",
        {{"sw1a1aa", "SW1A 1AA"}, {"EC1A 1BB", "EC1A 1BB"}, {"m11ae", "M1 1AE"}}, in("GB"));
  check("addresses.postcode", {{"11455", "114 55"}}, in("SE"));
  check("addresses.postcode", {{"00950", "00-950"}}, in("PL"));
  check("addresses.postcode", {{" abc 12 ", "ABC 12"}}, in("BW"));
}

BOOST_AUTO_TEST_CASE(contacts_and_actors) {
  check("consents.contact", {{"Sanne@Example.com", "sanne@example.com"},
                             {"06-12345678", "+31612345678"},
                             {"not @ all", "not @ all"}});
  check("actor",
        {{"email:Sanne@Example.com", "email:sanne@example.com"},
         {"phone:06 12345678", "phone:+31612345678"},
         {"matomo_visitor:AbC", "matomo_visitor:AbC"},
         {"nobody", "nobody"}},
        in_dutch, Entity::event);
}

BOOST_AUTO_TEST_CASE(rules_are_told) {
  normalize::Normalizer normalizer;
  Arena arena;
  const auto rule = [&](std::string_view name, std::string_view raw) {
    return normalizer.clean(*attribute_by_name(Entity::person, name), raw, in_dutch, arena)->rule;
  };
  BOOST_TEST((rule("occupation", "Baker") == Rule::none));
  BOOST_TEST((rule("occupation", " Baker") == Rule::trimmed));
  BOOST_TEST((rule("emails.value", "A@example.com") == Rule::email));
  BOOST_TEST((rule("emails.value", " a@example.com") == Rule::trimmed));
  BOOST_TEST((rule("phones.value", "0612345678") == Rule::phone_national));
  BOOST_TEST((rule("birth_date", "12-5-1980") == Rule::date_format));
  BOOST_TEST((rule("birth_date", "05/25/1980") == Rule::date_format));
  BOOST_TEST((rule("country", "Nederland") == Rule::country_name));
  BOOST_TEST((rule("gender", "V") == Rule::gender_word));
  BOOST_TEST((rule("addresses.postcode", "1234ab") == Rule::postcode));
}

BOOST_AUTO_TEST_SUITE_END()
