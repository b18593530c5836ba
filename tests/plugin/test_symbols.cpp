// Names of a library's functions, which are the library's to choose.
#include <boost/test/unit_test.hpp>
#include <string>

#include "plugin/symbols.h"

using rondom::plugin::readable_symbol;

namespace {

/// A function whose argument is a template of itself, twice at each of `levels`.
std::string doubling(int levels) {
  std::string name = "_Z1f1pI1aS0_E";
  for (int i = 0; i < levels; ++i) {
    const std::string before = "S" + std::string(1, static_cast<char>('1' + i % 9)) + "_";
    name += "S_I" + before + before + "E";
  }
  return name;
}

}  // namespace

BOOST_AUTO_TEST_SUITE(plugin_symbols)

BOOST_AUTO_TEST_CASE(names_are_read_without_their_arguments) {
  for (const auto& [mangled, text] : {
           std::pair("read_it", "read_it"),
           std::pair("_Z5innerPi", "inner"),
           std::pair("_ZL5innerPi", "inner"),
           std::pair("_ZN4acme8Contacts4readERKN6rondom11ReadRequestE", "acme::Contacts::read"),
           std::pair("_ZNK4acme8Contacts4nameEv", "acme::Contacts::name"),
           std::pair("_ZN12_GLOBAL__N_15innerEi", "(anonymous namespace)::inner"),
           std::pair("_ZN4acme8ContactsC2Ev", "acme::Contacts::Contacts"),
           std::pair("_ZN4acme8ContactsD0Ev", "acme::Contacts::~Contacts"),
           std::pair("_ZNSt6thread4joinEv", "std::thread::join"),
           std::pair("_ZN6rondom6SourceI6ConfigE4readEv", "rondom::Source<>"),
       }) {
    BOOST_TEST(readable_symbol(mangled) == text);
  }
}

BOOST_AUTO_TEST_CASE(what_is_not_understood_stays_as_it_is) {
  for (const char* name : {"_Z", "_ZN", "_ZN9short", "_ZN99999999999999999999999x", "_Zli2_kPKc"}) {
    BOOST_TEST(readable_symbol(name) == name);
  }
  BOOST_TEST(readable_symbol("a\x1b[2Jb") == "a?[2Jb");
}

BOOST_AUTO_TEST_CASE(a_name_costs_no_more_than_its_bytes) {
  BOOST_TEST(readable_symbol(doubling(30)) == "f");
  BOOST_TEST(readable_symbol("_ZN4000" + std::string(4'000, 'x') + "E").size() == 200u);
  std::string long_one = "_ZN";
  for (int i = 0; i < 1'000; ++i) long_one += "1a";
  BOOST_TEST(readable_symbol(long_one + "E").size() == 200u);
}

BOOST_AUTO_TEST_SUITE_END()
