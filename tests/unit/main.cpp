#define BOOST_TEST_MODULE rondom
#include <boost/test/unit_test.hpp>
