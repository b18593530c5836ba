#include "pipeline/resolve/probabilistic/model.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/base.h"
#include "pipeline/resolve/probabilistic/shipped.h"

namespace rondom::probabilistic {
namespace {

struct KindNames {
  Kind kind;
  std::string_view name;
  std::array<std::string_view, 8> levels;
  std::size_t count;
};

constexpr auto kinds = std::to_array<KindNames>({
    {Kind::given_name,
     "given_name",
     {"exact", "swapped", "nickname", "close", "initial", "alike", "unlike", "other"},
     8},
    {Kind::surname, "surname", {"exact", "close", "part", "alike", "other"}, 5},
    {Kind::organization_name,
     "organization_name",
     {"exact", "words", "close", "alike", "other"},
     5},
    {Kind::birth_date, "birth_date", {"exact", "typo", "partial", "near", "year", "other"}, 6},
    {Kind::email, "email", {"exact", "local", "close", "other"}, 4},
    {Kind::phone, "phone", {"exact", "tail", "typo", "other"}, 4},
    {Kind::identifier, "identifier", {"exact", "typo", "near", "other"}, 4},
    {Kind::address,
     "address",
     {"exact", "near", "street_area", "street", "postcode", "locality", "other"},
     7},
    {Kind::postcode, "postcode", {"exact", "typo", "area", "other"}, 4},
    {Kind::locality, "locality", {"exact", "close", "other"}, 3},
    {Kind::text, "text", {"exact", "close", "other"}, 3},
});

constexpr auto parts = std::to_array<std::string_view>({"given",
                                                        "surname",
                                                        "names",
                                                        "given_start_3",
                                                        "given_start_2",
                                                        "surname_start_4",
                                                        "surname_start_2",
                                                        "birth_date",
                                                        "birth_year",
                                                        "email",
                                                        "email_local",
                                                        "phone_tail",
                                                        "identifier",
                                                        "street_number",
                                                        "postcode",
                                                        "locality",
                                                        "organization_name",
                                                        "organization_word",
                                                        "organization_start_5",
                                                        "website"});

}  // namespace

Millibits millibits(double ratio) {
  constexpr double unit = 1000;
  return static_cast<Millibits>(std::lround(unit * std::log2(ratio)));
}

std::span<const std::string_view> level_names(Kind kind) {
  const KindNames& found = kinds[static_cast<std::size_t>(kind)];
  return {found.levels.data(), found.count};
}

std::string_view kind_name(Kind kind) {
  return kinds[static_cast<std::size_t>(kind)].name;
}

std::string_view part_name(Part part) {
  return parts[static_cast<std::size_t>(part)];
}

std::string fingerprint(const Model& model) {
  constexpr std::size_t digits_shown = 16;
  return sha256_hex(print_model(model)).substr(0, digits_shown);
}

const char* shipped_model(std::string_view name) {
  for (const auto& [known, text] : shipped_models) {
    if (known == name) return text;
  }
  return nullptr;
}

}  // namespace rondom::probabilistic
