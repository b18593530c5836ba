#include "bench/town.h"

#include <array>

namespace rondom::bench {
namespace {

using support::Dice;

constexpr std::array roots = {"bui",  "wester", "ooster", "vel",   "hout",  "goud",
                              "zand", "linden", "roo",    "eik",   "beu",   "har",
                              "stel", "kui",    "ril",    "dom",   "mees",  "pol",
                              "sche", "wiel",   "kamp",   "lange", "korte", "bier"};
constexpr std::array ends = {"stra",  "huis", "mans", "sen", "berg", "veld", "dijk", "ink",
                             "hoven", "kamp", "beek", "ma",  "wijk", "laar", "ker",  "ders"};

/// Few common ones, many rare ones.
std::string surname(Dice& dice) {
  const std::uint64_t kind = dice.roll(10);
  if (kind < 3) return support::make_person(1, dice.roll(100)).surname;
  std::string name = roots[dice.roll(roots.size())];
  if (kind > 5) name += roots[dice.roll(roots.size())];
  return name + ends[dice.roll(ends.size())];
}

}  // namespace

Town::Town(std::uint64_t people, std::uint64_t seed) : dice_(seed) {
  Somebody housemate;
  for (std::uint64_t number = 0; number < people; ++number) {
    Somebody one = somebody(seed, number);
    if (dice_.chance(45) && number > 0) {
      one.street = housemate.street, one.number = housemate.number;
      one.postcode = housemate.postcode;
      if (dice_.chance(70)) one.surname = housemate.surname;
      if (dice_.chance(20)) one.email = housemate.email;
    }
    for (std::uint64_t count = 1 + dice_.roll(3); count > 0; --count) {
      add(one);
      truth_.push_back(static_cast<std::uint32_t>(number));
    }
    housemate = std::move(one);
  }
}

std::vector<std::uint32_t> Town::truth_of(const std::vector<resolve::Candidate>& candidates) const {
  std::vector<std::uint32_t> out;
  for (const auto& one : candidates) out.push_back(truth_[static_cast<std::size_t>(one.id - 1)]);
  return out;
}

Town::Somebody Town::somebody(std::uint64_t seed, std::uint64_t number) {
  const support::Person person = support::make_person(seed, number);
  return {person.given,
          surname(dice_),
          support::iso_date(person.birth_year, person.birth_month, person.birth_day),
          person.email,
          "+316" + person.mobile.substr(2),
          surname(dice_) + "straat",
          person.house_number,
          std::to_string(1000 + dice_.roll(9000)) + static_cast<char>('A' + dice_.roll(20)) +
              static_cast<char>('A' + dice_.roll(20))};
}

void Town::add(const Somebody& one) {
  RecordBuilder builder;
  std::deque<std::string> said;  // which the builder views
  const auto say = [&](AttributeId id, std::string text, unsigned missing, unsigned slip,
                       std::uint32_t group) {
    if (dice_.chance(missing)) return;
    if (dice_.chance(slip)) text = support::with_typo(text, dice_);
    if (text.empty()) return;
    builder.add({id, group, said.emplace_back(std::move(text)), {}, Rule::none, {}});
  };
  say(attribute::name_given, one.given, 2, 5, 0);
  say(attribute::name_surname, one.surname, 1, 5, 0);
  say(attribute::birth_date, one.birth, 30, 0, 0);
  say(attribute::email_value,
      dice_.chance(15) ? "x" + std::to_string(dice_.next() >> 30) + "@example.net" : one.email, 10,
      2, 1);
  say(attribute::phone_value, one.phone, 40, 0, 1);
  if (dice_.chance(80)) {
    say(attribute::address_street, one.street, 0, 4, 1);
    say(attribute::address_house_number, one.number, 0, 0, 1);
    say(attribute::address_postcode, one.postcode, 5, 1, 1);
  }
  static constexpr std::array systems = {"crm.people/", "shop.customers/", "news.readers/"};
  const std::string system = systems[dice_.roll(systems.size())];
  const auto id = static_cast<store::RecordId>(candidates_.size() + 1);
  const std::string& name = texts_.emplace_back(system + std::to_string(id));
  const std::string& bytes = texts_.emplace_back(builder.bytes());
  candidates_.push_back(
      {id, Entity::person, name, std::string_view(name).substr(0, name.find('/')), bytes});
}

config::Identity contact_points_join() {
  config::Identity out;
  for (const char* space : {"email", "phone"}) {
    config::IdentifierRule rule;
    rule.name_space = space;
    rule.strength = config::IdentifierClass::strong;
    rule.max_per_profile = 5;
    out.identifiers.push_back(rule);
  }
  return out;
}

}  // namespace rondom::bench
