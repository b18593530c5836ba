#include "pipeline/resolve/probabilistic/features.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "model/nicknames.h"
#include "pipeline/resolve/probabilistic/folding.h"

namespace rondom::probabilistic {
namespace {

constexpr std::size_t forms_max = 5;            // of one name
constexpr std::size_t contact_points_max = 16;  // of one kind, of one record
constexpr std::size_t addresses_max = 8;
constexpr std::size_t word_bytes_min = 3;  // shorter parts of a double surname are no name
constexpr std::size_t phone_tail_digits = 7;
constexpr std::string_view invalid_status = "invalid";  // of a contact point

/// "0000000", "1111222": typed to fill a field.
bool is_filler(std::string_view digits) {
  constexpr std::size_t different_min = 3;
  std::array<bool, 10> seen{};
  for (const char c : digits) seen[static_cast<std::size_t>(c - '0')] = true;
  return static_cast<std::size_t>(std::count(seen.begin(), seen.end(), true)) < different_min;
}

}  // namespace

struct Features::Reading {
  std::string_view full, given, initials, middle, nickname, prefix, surname, partner, organization;
  Date birth = 0;
  std::string_view website;
  struct ContactPoint {
    std::uint32_t group;
    std::string_view value;
    bool shared;           // a role mailbox: info@
    bool invalid = false;  // cannot be reached as it is written
  };
  std::vector<ContactPoint> emails, phones;
  static void drop(std::vector<ContactPoint>& points, std::uint32_t group) {
    points.erase(std::remove_if(points.begin(), points.end(),
                                [group](const ContactPoint& one) { return one.group == group; }),
                 points.end());
  }
  std::vector<std::pair<std::string_view, std::string_view>> identifiers;
  struct Place {
    std::uint32_t group;
    std::string_view street, number, suffix, unit, postcode, locality;
  };
  std::vector<Place> places;
  std::string scratch;

  Place& place(std::uint32_t group) {
    if (places.empty() || places.back().group != group) {
      const auto known = std::find_if(places.begin(), places.end(),
                                      [group](const Place& one) { return one.group == group; });
      if (known != places.end()) return *known;
      places.push_back({group, {}, {}, {}, {}, {}, {}});
    }
    return places.back();
  }
};

Features::Features(const Model& model, Usable usable)
    : model_(model), usable_(std::move(usable)), texts_(model.comparisons.size()) {}

void Features::read(const Cell& cell, Reading& reading) {
  switch (cell.attribute) {
    case attribute::identifier: reading.identifiers.emplace_back(cell.name, cell.value); break;
    case attribute::name_full: reading.full = cell.value; break;
    case attribute::name_given: reading.given = cell.value; break;
    case attribute::name_initials: reading.initials = cell.value; break;
    case attribute::name_middle: reading.middle = cell.value; break;
    case attribute::name_surname_prefix: reading.prefix = cell.value; break;
    case attribute::name_surname: reading.surname = cell.value; break;
    case attribute::name_partner_surname: reading.partner = cell.value; break;
    case attribute::name_nickname: reading.nickname = cell.value; break;
    case attribute::organization_name: reading.organization = cell.value; break;
    case attribute::website: reading.website = cell.value; break;
    case attribute::birth_date: {
      PartialDate date;
      if (parse_partial_date(cell.value, date)) {
        reading.birth = static_cast<Date>(date.year) * 10'000u + date.month * 100u + date.day;
      }
      break;
    }
    case attribute::email_value: reading.emails.push_back({cell.group, cell.value, false}); break;
    case attribute::email_status:
      if (cell.value == invalid_status) Reading::drop(reading.emails, cell.group);
      break;
    case attribute::phone_status:
      if (cell.value != invalid_status) break;
      for (auto& phone : reading.phones) phone.invalid |= phone.group == cell.group;
      break;
    case attribute::email_kind:
      for (auto& email : reading.emails) email.shared |= email.group == cell.group;
      break;
    case attribute::phone_value: reading.phones.push_back({cell.group, cell.value, false}); break;
    case attribute::address_street: reading.place(cell.group).street = cell.value; break;
    case attribute::address_full:
      if (reading.place(cell.group).street.empty()) reading.place(cell.group).street = cell.value;
      break;
    case attribute::address_house_number: reading.place(cell.group).number = cell.value; break;
    case attribute::address_house_number_suffix:
      reading.place(cell.group).suffix = cell.value;
      break;
    case attribute::address_unit: reading.place(cell.group).unit = cell.value; break;
    case attribute::address_postcode: reading.place(cell.group).postcode = cell.value; break;
    case attribute::address_locality: reading.place(cell.group).locality = cell.value; break;
    default: break;
  }
}

void Features::add_name(Lists<TextId>& list, std::size_t first, std::string_view folded) {
  const TextId id = names_.add(folded);
  if (id == sounds_.size()) sounds_.push_back({sound_of(folded), is_known_given_name(folded)});
  if (id == 0 || list.values.size() - first >= forms_max) return;
  if (std::find(list.values.begin() + static_cast<std::ptrdiff_t>(first), list.values.end(), id) ==
      list.values.end()) {
    list.values.push_back(id);
  }
}

std::string Features::folded(std::string_view name) {
  return fold_name(latin_.of(name));
}

void Features::add_given(const Reading& reading) {
  const std::size_t first = given_.values.size();
  std::string given = folded(reading.given);
  if (given.empty()) given = folded(reading.initials).substr(0, 1);
  add_name(given_, first, given);
  for (std::string_view word : words_of(given)) add_name(given_, first, word);
  add_name(given_, first, folded(reading.nickname));
  const std::string middle = folded(reading.middle);
  for (std::string_view word : words_of(middle)) {
    if (word.size() >= word_bytes_min) add_name(given_, first, word);
  }
  given_.close();
}

void Features::add_surnames(const Reading& reading) {
  const std::size_t first = surnames_.values.size();
  for (const std::string_view written : {reading.surname, reading.partner}) {
    const std::string surname = folded(written);
    add_name(surnames_, first, surname);
    if (!reading.prefix.empty() && written.data() == reading.surname.data()) {
      add_name(surnames_, first, folded(reading.prefix) + " " + surname);
    }
    const auto words = words_of(surname);
    if (words.size() < 2) continue;
    for (std::string_view word : words) {
      if (word.size() >= word_bytes_min && !is_surname_particle(word)) {
        add_name(surnames_, first, word);
      }
    }
  }
  surnames_.close();
}

void Features::add_organization(const Reading& reading) {
  const std::size_t first = surnames_.values.size();
  const std::string name = without_legal_form(folded(reading.organization));
  add_name(surnames_, first, name);
  surnames_.close();
  given_.close();
}

void Features::add_contacts(Reading& reading) {
  for (const auto& [group, value, shared, invalid] : reading.emails) {
    if (shared || !usable_("email", value)) continue;
    const std::string whole = lower_ascii(value);
    const std::string_view local = std::string_view(whole).substr(0, whole.find('@'));
    if (emails_.values.size() - (emails_.ends.empty() ? 0 : emails_.ends.back()) <
        contact_points_max) {
      reading.scratch.clear();
      std::copy_if(local.begin(), local.end(), std::back_inserter(reading.scratch),
                   [](char c) { return c >= '0' && c <= '9'; });
      emails_.values.push_back({words_.add(whole), words_.add(local), words_.add(reading.scratch)});
    }
  }
  emails_.close();
  for (const auto& [group, value, shared, invalid] : reading.phones) {
    if (!usable_("phone", value)) continue;
    reading.scratch.clear();
    for (const char c : value) {
      if (c >= '0' && c <= '9') reading.scratch += c;
    }
    const std::string_view digits = reading.scratch;
    if (digits.size() < phone_tail_digits || (invalid && is_filler(digits))) continue;
    if (phones_.values.size() - (phones_.ends.empty() ? 0 : phones_.ends.back()) <
        contact_points_max) {
      phones_.values.push_back(
          {invalid && digits.size() == phone_tail_digits ? 0 : words_.add(digits),
           words_.add(digits.substr(digits.size() - phone_tail_digits))});
    }
  }
  phones_.close();
  for (const auto& [space, value] : reading.identifiers) {
    if (!usable_(space, value)) continue;
    if (identifiers_.values.size() - (identifiers_.ends.empty() ? 0 : identifiers_.ends.back()) <
        contact_points_max) {
      identifiers_.values.push_back({spaces_.add(space), words_.add(lower_ascii(value))});
    }
  }
  identifiers_.close();
}

void Features::add_addresses(Reading& reading) {
  std::size_t added = 0;
  for (const Reading::Place& place : reading.places) {
    if (added == addresses_max) break;
    // Where only one of street and building is filled in, it is what the place is known by.
    std::string street = folded(place.street.empty() ? place.unit : place.street);
    std::string number = folded(place.number);
    if (number.empty()) split_number(street, number);
    if (!place.suffix.empty()) number += fold_name(place.suffix);
    const std::string postcode = compact_postcode(place.postcode);
    const Address address{words_.add(street),
                          words_.add(number),
                          place.street.empty() ? 0 : words_.add(folded(place.unit)),
                          words_.add(postcode),
                          words_.add(postcode_area(postcode)),
                          words_.add(folded(place.locality)),
                          is_whole_line(street)};
    if (address.street == 0 && address.postcode == 0 && address.locality == 0) continue;
    addresses_.values.push_back(address);
    ++added;
  }
  addresses_.close();
}

void Features::add(std::string_view canonical) {
  Reading reading;
  RecordReader reader(canonical);
  Cell cell;
  std::array<std::string_view, comparisons_max> texts{};
  while (reader.next(cell)) {
    read(cell, reading);
    for (std::size_t i = 0; i < model_.comparisons.size(); ++i) {
      const Comparison& comparison = model_.comparisons[i];
      if (comparison.kind == Kind::text && comparison.attribute == cell.attribute &&
          comparison.custom == cell.name && texts[i].empty()) {
        texts[i] = cell.value;
      }
    }
  }
  std::string han;
  if (reading.given.empty() && reading.surname.empty() && is_han_name(reading.full)) {
    han = latin_.of(reading.full);  // "wang jie": a syllable for each character
    const std::size_t end = std::min(han.find(' '), han.size());
    reading.surname = std::string_view(han).substr(0, end);
    reading.given = std::string_view(han).substr(std::min(end + 1, han.size()));
  }
  if (model_.entity == Entity::organization) {
    add_organization(reading);
  } else {
    add_given(reading);
    add_surnames(reading);
  }
  births_.push_back(reading.birth);
  birth_ids_.push_back(reading.birth == 0 ? 0 : words_.add(std::to_string(reading.birth)));
  websites_.push_back(words_.add(website_domain(reading.website)));
  add_contacts(reading);
  add_addresses(reading);
  for (std::size_t i = 0; i < model_.comparisons.size(); ++i) {
    if (model_.comparisons[i].kind == Kind::text) {
      texts_[i].push_back(words_.add(fold_name(texts[i])));
    }
  }
}

TextId Features::main_value(std::size_t comparison, std::uint32_t record) const {
  const auto first = [](std::span<const TextId> list) { return list.empty() ? 0 : list.front(); };
  switch (model_.comparisons[comparison].kind) {
    case Kind::given_name: return first(given(record));
    case Kind::surname:
    case Kind::organization_name: return first(surnames(record));
    case Kind::birth_date: return birth_ids_[record];
    case Kind::email: return emails(record).empty() ? 0 : emails(record).front().whole;
    case Kind::phone: return phones(record).empty() ? 0 : phones(record).front().whole;
    case Kind::address: return addresses(record).empty() ? 0 : addresses(record).front().street;
    case Kind::postcode: return addresses(record).empty() ? 0 : addresses(record).front().postcode;
    case Kind::locality: return addresses(record).empty() ? 0 : addresses(record).front().locality;
    case Kind::text: return texts_[comparison][record];
    case Kind::identifier: return 0;
  }
  return 0;
}

std::string_view Features::value_text(std::size_t comparison, TextId value) const {
  const Kind kind = model_.comparisons[comparison].kind;
  const bool name =
      kind == Kind::given_name || kind == Kind::surname || kind == Kind::organization_name;
  return name ? names_.text(value) : words_.text(value);
}

}  // namespace rondom::probabilistic
