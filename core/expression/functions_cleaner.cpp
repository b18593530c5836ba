// Functions that clean a text as an attribute of that type would.
#include <algorithm>
#include <array>

#include "expression/cleaners.h"
#include "expression/function.h"

namespace rondom::expression {

namespace {

using Kind = Cleaners::Kind;

constexpr std::size_t cleaned_bytes_max = 4'096;  // what is longer is none of these
constexpr std::size_t parts_max = 16;             // of a name or an address
constexpr std::size_t cleaning_steps = 400;       // a phone number takes as long as these

bool is_country_code(std::string_view text) {
  return text.size() == 2 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool prepare_country(LiteralArguments literals, const Library*, std::shared_ptr<const Prepared>&,
                     std::size_t& argument, Problem& problem) {
  if (literals.size() < 2 || !literals[1].is_text() || is_country_code(literals[1].as_text())) {
    return true;
  }
  argument = 1;
  problem.message = "this is no country code";
  problem.hint = "two capital letters such as NL (ISO 3166)";
  return false;
}

/// The country that the call names, else the record's own.
bool country_of(Call& call, Cleaners& cleaners, std::string_view& out) {
  out = call.scope().country;
  if (!call.has(1)) return true;
  std::string_view text;
  bool null = false;
  if (!call.text(1, text, null)) return false;
  if (null || text.size() > cleaned_bytes_max) return true;
  const Value read = cleaners.clean(Kind::country, text, {}, *call.scope().arena);
  if (read.is_text() && is_country_code(read.as_text())) out = read.as_text();
  return true;
}

template <Kind kind>
bool cleaned(Call& call, Value& out) {
  std::string_view text;
  std::string_view country;
  bool null = false;
  out = Value();
  if (!call.text(0, text, null)) return false;
  if (null) return true;
  out = Value::text(text);
  if (text.size() > cleaned_bytes_max) return true;
  Cleaners* const cleaners = call.scope().cleaners;
  if (cleaners == nullptr) return call.fail("texts cannot be cleaned here");
  if (!call.evaluation().step(cleaning_steps) || !country_of(call, *cleaners, country))
    return false;
  // A text may be written anew, with its parts named.
  constexpr bool parts = kind == Kind::name || kind == Kind::address;
  const std::size_t room = text.size() * 2 + (parts ? parts_max * sizeof(Member) : 0);
  if (!call.evaluation().reserve(room)) return false;
  out = cleaners->clean(kind, text, country, *call.scope().arena);
  return true;
}

constexpr std::array<Function, 7> cleaner_table{{
    {{"email", "email(text)", "An e-mail address in the form in which addresses are compared.",
      ".contact | email", R"({"contact":" Anna.Jansen@Example.COM"})",
      R"("anna.jansen@example.com")"},
     1,
     1,
     "t",
     StaticType::text,
     cleaned<Kind::email>,
     nullptr},
    {{"phone", "phone(text[, country])",
      "A phone number in E.164, read by the rules of the country where it names none itself.",
      R"(.tel | phone("BE"))", R"({"tel":"0470 12 34 56"})", R"("+32470123456")"},
     1,
     2,
     "tt",
     StaticType::text,
     cleaned<Kind::phone>,
     prepare_country},
    {{"postcode", "postcode(text[, country])", "A postcode as its country writes it.",
      ".zip | postcode(.land)", R"({"zip":"1234ab","land":"Nederland"})", R"("1234 AB")"},
     1,
     2,
     "tt",
     StaticType::text,
     cleaned<Kind::postcode>,
     prepare_country},
    {{"country", "country(text)", "The ISO 3166 code of a country's name or code.",
      ".land | country", R"({"land":"Duitsland"})", R"("DE")"},
     1,
     1,
     "t",
     StaticType::text,
     cleaned<Kind::country>,
     nullptr},
    {{"language", "language(text)", "The BCP 47 tag of a language's name or code.",
      ".taal | language", R"({"taal":"Nederlands"})", R"("nl")"},
     1,
     1,
     "t",
     StaticType::text,
     cleaned<Kind::language>,
     nullptr},
    {{"name", "name(text[, country])",
      "The parts of a person's whole name, called as the attributes below `name`. In a map: `{ "
      "value: (.contact | name).surname }`.",
      ".contact | name", R"({"contact":"ANNA VAN DER BERG"})",
      R"({"full":"Anna van der Berg","given":"Anna","surname_prefix":"van der","surname":"Berg"})"},
     1,
     2,
     "tt",
     StaticType::object,
     cleaned<Kind::name>,
     prepare_country},
    {{"address", "address(text[, country])",
      "The parts of a whole address, called as the fields of `addresses`.", ".place | address",
      R"({"place":"Kerkstraat 12a, 3511 KX Utrecht"})",
      R"({"street":"Kerkstraat","house_number":"12","house_number_suffix":"a","postcode":"3511 KX","locality":"Utrecht","full":"Kerkstraat 12a, 3511 KX Utrecht"})"},
     1,
     2,
     "tt",
     StaticType::object,
     cleaned<Kind::address>,
     prepare_country},
}};

}  // namespace

std::span<const Function> cleaner_functions() {
  return cleaner_table;
}

}  // namespace rondom::expression
