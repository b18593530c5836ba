// The tables of names and addresses in tests/corpora, every row of them.
#include <boost/test/unit_test.hpp>
#include <string>
#include <utility>

#include "corpora.h"

namespace {

using namespace rondom;
using corpora::Outcome;
using corpora::Row;

constexpr int shown_max = 60;  // mismatches of a table; more of them is one mistake many times over

struct Column {
  const char* name;
  AttributeId id;
};

constexpr Column name_columns[] = {
    {"title", attribute::name_title_before},    {"given", attribute::name_given},
    {"initials", attribute::name_initials},     {"middle", attribute::name_middle},
    {"prefix", attribute::name_surname_prefix}, {"surname", attribute::name_surname},
    {"suffix", attribute::name_suffix},         {"after", attribute::name_title_after},
    {"nickname", attribute::name_nickname}};

constexpr Column address_columns[] = {{"street", attribute::address_street},
                                      {"number", attribute::address_house_number},
                                      {"suffix", attribute::address_house_number_suffix},
                                      {"unit", attribute::address_unit},
                                      {"postcode", attribute::address_postcode},
                                      {"locality", attribute::address_locality},
                                      {"country", attribute::address_country}};

template <typename Columns>
std::string expected_text(const Row& row, const Columns& columns) {
  std::string text;
  for (const Column& column : columns) {
    if (!row[column.name].empty()) text += std::string(column.name) + "=" + row[column.name] + "; ";
  }
  return text + "flag=" + row["flag"];
}

template <typename Columns>
std::string found_text(const std::string& bytes, const Columns& columns, const std::string& flag) {
  std::string text;
  for (const Column& column : columns) {
    const std::string value = corpora::value_of(bytes, column.id);
    if (!value.empty()) text += std::string(column.name) + "=" + value + "; ";
  }
  return text + "flag=" + flag;
}

std::string name_flag(const std::string& bytes) {
  if (corpora::has_rule(bytes, Rule::organization_name)) return "organization";
  if (corpora::value_of(bytes, attribute::test_record) == "true") return "test";
  if (corpora::has_rule(bytes, Rule::uncertain)) return "uncertain";
  return "";
}

std::string address_flag(const std::string& bytes) {
  if (corpora::has_rule(bytes, Rule::uncertain)) return "uncertain";
  if (corpora::value_of(bytes, attribute::address_status) == "invalid") return "invalid_postcode";
  return "";
}

class Judge {
 public:
  void compare(const Row& row, const std::string& raw, const std::string& expected,
               const std::string& found, const Outcome& outcome) {
    if (expected != found && ++wrong_ <= shown_max) {
      BOOST_ERROR(row.place << "\n  of       " << raw << "\n  expected " << expected
                            << "\n  got      " << found);
    }
    if (outcome.once != outcome.twice && ++wrong_ <= shown_max) {
      BOOST_ERROR(row.place << "\n  of       " << raw << "\n  normalising twice changes it");
    }
  }
  ~Judge() { BOOST_TEST(wrong_ == 0, wrong_ << " rows do not give what they should"); }

 private:
  int wrong_ = 0;
};

void check_names(const std::string& country, std::size_t least) {
  const auto rows = corpora::read_table("names/" + country + ".tsv");
  BOOST_TEST_MESSAGE(rows.size() << " names");
  BOOST_TEST(rows.size() >= least);
  Judge judge;
  for (const Row& row : rows) {
    const Outcome outcome = corpora::normalize_name(row);
    judge.compare(row, row["raw"], expected_text(row, name_columns),
                  found_text(outcome.once, name_columns, name_flag(outcome.once)), outcome);
  }
}

void check_addresses(const std::string& country, std::size_t least) {
  const auto rows = corpora::read_table("addresses/" + country + ".tsv");
  BOOST_TEST_MESSAGE(rows.size() << " addresses");
  BOOST_TEST(rows.size() >= least);
  Judge judge;
  for (const Row& row : rows) {
    const Outcome outcome = corpora::normalize_address(row);
    judge.compare(row, row["line"], expected_text(row, address_columns),
                  found_text(outcome.once, address_columns, address_flag(outcome.once)), outcome);
  }
}

}  // namespace

BOOST_AUTO_TEST_SUITE(corpus)

BOOST_AUTO_TEST_CASE(names_nl) {
  check_names("nl", 500);
}
BOOST_AUTO_TEST_CASE(names_be) {
  check_names("be", 500);
}
BOOST_AUTO_TEST_CASE(names_de) {
  check_names("de", 500);
}
BOOST_AUTO_TEST_CASE(names_fr) {
  check_names("fr", 500);
}
BOOST_AUTO_TEST_CASE(names_uk) {
  check_names("uk", 500);
}
BOOST_AUTO_TEST_CASE(names_generic) {
  check_names("generic", 100);
}
BOOST_AUTO_TEST_CASE(addresses_nl) {
  check_addresses("nl", 500);
}
BOOST_AUTO_TEST_CASE(addresses_be) {
  check_addresses("be", 500);
}
BOOST_AUTO_TEST_CASE(addresses_de) {
  check_addresses("de", 500);
}
BOOST_AUTO_TEST_CASE(addresses_fr) {
  check_addresses("fr", 500);
}
BOOST_AUTO_TEST_CASE(addresses_uk) {
  check_addresses("uk", 500);
}
BOOST_AUTO_TEST_CASE(addresses_generic) {
  check_addresses("generic", 100);
}

BOOST_AUTO_TEST_SUITE_END()
