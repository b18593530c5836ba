// Compares a page of docs/reference with the text it is made from. With RONDOM_WRITE_REFERENCE=1 in
// the environment the page is written first: that is how pages are made anew.
#pragma once

#include <boost/test/unit_test.hpp>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace rondom::test {

inline void check_reference_page(const std::string& name, const std::string& expected) {
  const std::string file = std::string(RONDOM_SOURCE_DIR) + "/docs/reference/" + name;
  if (std::getenv("RONDOM_WRITE_REFERENCE") != nullptr) {
    std::ofstream(file, std::ios::binary | std::ios::trunc) << expected;
  }
  std::ifstream in(file, std::ios::binary);
  std::stringstream text;
  text << in.rdbuf();
  BOOST_TEST((text.str() == expected),
             file << " is out of date: run this test with RONDOM_WRITE_REFERENCE=1");
}

}  // namespace rondom::test
