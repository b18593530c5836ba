#include "engine/starter_job.h"

#include <algorithm>
#include <array>
#include <map>
#include <set>

namespace rondom::engine {

namespace {

struct Guess {
  std::string_view target;
  std::array<std::string_view, 12> names;  // of fields: small letters and digits only
};

// Names that English, Dutch, German and French exports use.
constexpr std::array person_guesses{
    Guess{"name.given", {"firstname", "givenname", "voornaam", "vorname", "prenom", "fname"}},
    Guess{"name.initials", {"initials", "voorletters", "initialen"}},
    Guess{"name.surname_prefix", {"tussenvoegsel", "infix", "surnameprefix"}},
    Guess{"name.surname",
          {"lastname", "surname", "familyname", "achternaam", "nachname", "nom", "lname"}},
    Guess{"name.full", {"fullname", "name", "naam", "displayname", "contactname"}},
    Guess{"birth_date",
          {"birthdate", "birthday", "dateofbirth", "dob", "geboortedatum", "geburtsdatum"}},
    Guess{"gender", {"gender", "sex", "geslacht", "geschlecht"}},
    Guess{"language", {"language", "taal", "sprache", "locale", "preferredlanguage"}},
    Guess{"occupation", {"jobtitle", "occupation", "functie", "beroep"}},
    Guess{"email", {"email", "emailaddress", "mail", "emailadres", "courriel", "emailaddress1"}},
    Guess{"phone",
          {"mobile", "mobilephone", "phone", "phonenumber", "telephone", "telefoon", "mobiel",
           "telefoonnummer", "tel", "telefon", "handy", "cellphone"}},
};
constexpr std::array organization_guesses{
    Guess{"name",
          {"name", "companyname", "company", "accountname", "naam", "bedrijfsnaam", "organisatie"}},
    Guess{"website", {"website", "url", "homepage"}},
    Guess{"industry", {"industry", "branche", "sector"}},
    Guess{"identifier.kvk", {"kvk", "kvknumber", "kvknummer"}},
    Guess{"identifier.vat", {"vat", "vatnumber", "btwnummer", "vatid"}},
    Guess{"email", {"email", "emailaddress", "mail", "emailadres"}},
    Guess{"phone", {"phone", "phonenumber", "telephone", "telefoon", "tel"}},
};
constexpr std::array order_guesses{
    Guess{"at",
          {"orderdate", "createdat", "datecreated", "created", "date", "besteldatum", "placedat",
           "datecreatedgmt"}},
    Guess{"total", {"total", "totalprice", "grandtotal", "totaal", "amount", "bedrag"}},
};
constexpr std::array address_guesses{
    Guess{"street",
          {"street", "address", "address1", "straat", "adres", "addressline1", "strasse"}},
    Guess{"house_number", {"housenumber", "huisnummer", "hausnummer"}},
    Guess{"postcode", {"postcode", "zip", "zipcode", "postalcode", "plz"}},
    Guess{"locality", {"city", "town", "plaats", "woonplaats", "locality", "ort", "ville"}},
    Guess{"subdivision", {"state", "province", "provincie", "region"}},
    Guess{"country", {"country", "land", "countrycode", "pays"}},
};
constexpr std::array key_guesses{"id", "uuid", "key", "number", "code", "klantnummer"};
constexpr std::array cursor_guesses{"updatedat", "modifiedat",      "lastmodifieddate",
                                    "changed",   "systemmodstamp",  "lastchanged",
                                    "gewijzigd", "datemodifiedgmt", "updated"};

std::string plain(std::string_view name) {
  std::string out;
  for (const char c : lower_ascii(name)) {
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9')) out += c;
  }
  return out;
}

bool is_word(std::string_view name) {
  const auto letter = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
  };
  return !name.empty() && letter(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return letter(c) || (c >= '0' && c <= '9'); });
}

std::string custom_name(std::string_view name) {
  std::string out;
  for (const char c : lower_ascii(name)) {
    const bool fits = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    out += fits ? c : '_';
  }
  return out;
}

bool holds(std::string_view text, std::initializer_list<std::string_view> words) {
  return std::any_of(words.begin(), words.end(), [&](std::string_view word) {
    return text.find(word) != std::string_view::npos;
  });
}

class StreamWriter {
 public:
  StreamWriter(const StarterJob& job, const plugin::CatalogStream& stream)
      : job_(job), stream_(stream), preset_(job.preset), preset_map_(&job.preset_map) {
    for (const StarterJob::Preset& own : job.own_presets) {
      if (!job.preset.empty() || own.stream != stream.name) continue;
      preset_ = own.name;
      preset_map_ = &own.map;
    }
    for (const plugin::CatalogField& field : stream.fields)
      fields_.emplace(plain(field.name), &field);
  }

  std::string write() {
    std::string name = stream_.name;
    if (!is_word(name)) {
      name.clear();
      append_json_string(name, stream_.name);
    }
    out_ += "  - stream: " + name + "\n";
    const std::string_view entity = guessed_entity();
    if (preset_.empty() || !has_entity(*preset_map_)) {
      out_ += "    entity: " + std::string(entity) +
              "   # or another one: docs/reference/attributes.md\n";
    }
    write_key();
    write_cursor();
    if (!preset_.empty()) {
      write_preset();
      return out_;
    }
    out_ += "    map:\n";
    if (entity == "order") {
      for (const Guess& guess : order_guesses) take(guess);
      out_ += "      # party: { to: customers, key: .customer_id }   # whose order it is\n";
    } else if (entity == "organization") {
      for (const Guess& guess : organization_guesses) take(guess);
    } else {
      for (const Guess& guess : person_guesses) take(guess);
    }
    if (entity != "order") write_address();
    write_rest();
    return out_;
  }

 private:
  static bool has_entity(const config::Node& preset) {
    return preset.find("entity") != nullptr || preset.find("records") != nullptr;
  }

  std::string_view guessed_entity() const {
    const std::string name = plain(stream_.name);
    if (holds(name, {"order", "bestelling", "invoice", "factuur"})) return "order";
    if (holds(name,
              {"account", "company", "companies", "organization", "organisation", "bedrijf"})) {
      return "organization";
    }
    return "person";
  }

  const plugin::CatalogField* find(const std::string& name) const {
    const auto found = fields_.find(name);
    return found == fields_.end() ? nullptr : found->second;
  }

  void write_key() {
    std::vector<std::string> parts;
    for (const std::string& part : stream_.key) parts.push_back(field_expression(part));
    const char* why = "of the source's catalog";
    for (std::size_t i = 0; parts.empty() && i < key_guesses.size(); ++i) {
      if (const auto* field = find(key_guesses[i])) {
        parts.push_back(field_expression(field->name));
        used_.insert(field->name);
        why = "guessed: what tells records apart";
      }
    }
    used_.insert(stream_.key.begin(), stream_.key.end());
    if (parts.empty()) {
      out_ +=
          "    # key: .…   # needed: the field, or [.several, .fields], that tells records apart\n";
      return;
    }
    std::string text;
    for (const std::string& part : parts) text += (text.empty() ? "" : ", ") + part;
    out_ += "    key: " + (parts.size() > 1 ? "[" + text + "]" : text) + "   # " + why + "\n";
  }

  void write_cursor() {
    const plugin::CatalogField* const declared = find(stream_.cursor);
    if (declared != nullptr && (declared->type == "integer" || declared->type == "decimal")) {
      out_ += "    # cursor: .…   # a time of change, if it has one; versions are ordered by " +
              stream_.cursor + "\n";
      return;
    }
    const plugin::CatalogField* field = nullptr;
    for (std::size_t i = 0; field == nullptr && i < cursor_guesses.size(); ++i) {
      field = find(cursor_guesses[i]);
    }
    const std::string name = !stream_.cursor.empty() ? stream_.cursor
                             : field != nullptr      ? field->name
                                                     : std::string();
    used_.insert(name);
    out_ += name.empty() ? "    # cursor: .…   # when a record last changed, if it says so\n"
                         : "    cursor: " + field_expression(name) + "   # when it last changed\n";
  }

  void write_preset() {
    out_ += "    preset: " + preset_ + "\n";
    const config::Node* map = preset_map_->find("map");
    if (map == nullptr && !has_entity(*preset_map_)) map = preset_map_;
    if (map == nullptr || map->members.empty()) return;
    out_ +=
        "    # What the preset fills. A key of map: replaces its key, ~ removes it.\n    # map:\n";
    for (const auto& [name, value] : map->members) {
      std::string text = value.is_scalar() ? value.text : config::to_json(value);
      if (const auto line = text.find('\n'); line != std::string::npos) text.resize(line);
      out_ += "    #   " + name.text + ": " + text + "\n";
    }
  }

  void take(const Guess& guess) {
    const std::string_view target = guess.target;
    // A name in one text is only for who has no parts.
    if (target == "name.full" && wrote_name_) return;
    for (const std::string_view name : guess.names) {
      const plugin::CatalogField* field = name.empty() ? nullptr : find(std::string(name));
      if (field == nullptr || !used_.insert(field->name).second) continue;
      std::string value = field_expression(field->name);
      if (target == "total") {
        const plugin::CatalogField* currency = find("currency");
        if (currency != nullptr) used_.insert(currency->name);
        std::string argument;
        append_json_string(argument, job_.currency.empty() ? "EUR" : job_.currency);
        value +=
            " | money(" + (currency != nullptr ? field_expression(currency->name) : argument) + ")";
      }
      out_ += "      " + std::string(target) + ": " + value + remark(*field) + "\n";
      wrote_name_ = wrote_name_ || target == "name.surname";
      wrote_any_ = true;
      return;
    }
  }

  void write_address() {
    std::string parts;
    for (const Guess& guess : address_guesses) {
      for (const std::string_view name : guess.names) {
        const plugin::CatalogField* field = name.empty() ? nullptr : find(std::string(name));
        if (field == nullptr || !used_.insert(field->name).second) continue;
        parts +=
            "          " + std::string(guess.target) + ": " + field_expression(field->name) + "\n";
        break;
      }
    }
    if (parts.empty()) return;
    parts[8] = '-';
    out_ += "      addresses:\n" + parts;
    wrote_any_ = true;
  }

  void write_rest() {
    bool first = true;
    for (const plugin::CatalogField& field : stream_.fields) {
      if (used_.count(field.name) != 0) continue;
      const bool needed = !wrote_any_;  // a map may not be empty
      if (first && !needed)
        out_ += "      # Not mapped yet; keep as custom.NAME what you want to use:\n";
      first = first && needed;
      out_ += std::string(needed ? "      " : "      # ") + "custom." + custom_name(field.name) +
              ": " + field_expression(field.name) + remark(field) + "\n";
      wrote_any_ = true;
    }
  }

  static std::string remark(const plugin::CatalogField& field) {
    std::string text = "   # " + field.type;
    if (!field.example.empty()) text += ", such as " + excerpt(field.example, example_bytes_max);
    // Nothing that a source says ends the comment.
    std::replace_if(
        text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < ' '; }, ' ');
    return text;
  }

  static constexpr std::size_t example_bytes_max = 40;
  const StarterJob& job_;
  const plugin::CatalogStream& stream_;
  std::string preset_;  // empty: the map is guessed
  const config::Node* preset_map_;
  std::map<std::string, const plugin::CatalogField*> fields_;  // by plain name; the first of each
  std::set<std::string> used_;
  std::string out_;
  bool wrote_name_ = false, wrote_any_ = false;
};

}  // namespace

std::string field_expression(std::string_view name) {
  std::string out;
  bool odd = false;
  for (const std::string_view part : split(name, '.')) {
    out += '.';
    if (is_word(part)) {
      out += part;
      continue;
    }
    append_json_string(out, part);
    odd = true;
  }
  if (!odd) return out;
  const bool trap = out.find_first_of(":#{}[],&*!|>'%@`\\") != std::string::npos;
  if (!trap) return out;
  std::string quoted = "'";
  for (const char c : out) quoted += c == '\'' ? std::string("''") : std::string(1, c);
  return quoted + "'";
}

std::string starter_job(const StarterJob& job) {
  std::string out = "# A first version, made from what " + job.source +
                    " says it has: names of fields are guessed. Next:\n#   rondom preview " +
                    job.name + "   what becomes of a few records\n#   rondom run " + job.name +
                    "\njob: " + job.name + "\nsource: " + job.source +
                    "\n# schedule: { every: 1h }\nstreams:\n";
  for (const plugin::CatalogStream& stream : job.streams) out += StreamWriter(job, stream).write();
  return out;
}

}  // namespace rondom::engine
