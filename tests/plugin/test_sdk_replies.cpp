// What replies mean to connectors (sdk/include/rondom/http.hpp).
#include <boost/test/unit_test.hpp>

#include "rondom/sdk.hpp"

using rondom::Code;

BOOST_AUTO_TEST_SUITE(sdk_replies)

BOOST_AUTO_TEST_CASE(what_passes_is_no_fault_of_the_record) {
  struct Row {
    std::uint32_t status;
    const char* wait;  // Retry-After
    Code code;
    std::uint64_t retry_after_ms;
  };
  for (const Row& row : std::initializer_list<Row>{{423, "", Code::transient, 0},
                                                   {423, "2", Code::transient, 2'000},
                                                   {477, "86400", Code::transient, 86'400'000},
                                                   {477, "", Code::data, 0},
                                                   {409, "1", Code::transient, 1'000},
                                                   {409, "", Code::data, 0},
                                                   {403, "60", Code::transient, 60'000},
                                                   {403, "", Code::auth, 0},
                                                   {401, "60", Code::auth, 60'000},
                                                   {429, "60", Code::rate_limited, 60'000},
                                                   {429, "", Code::rate_limited, 0},
                                                   {302, "60", Code::data, 60'000},
                                                   {503, "60", Code::transient, 60'000}}) {
    rondom::HttpReply reply;
    reply.status = row.status;
    if (*row.wait != 0) reply.headers.push_back({"retry-after", row.wait});
    const rondom::Failure failure = rondom::http_failure(reply);
    BOOST_TEST((failure.code == row.code), row.status << " with Retry-After \"" << row.wait << '"');
    BOOST_TEST(failure.retry_after_ms == row.retry_after_ms);
    BOOST_TEST(rondom::http_not_applied(reply));
  }
}

BOOST_AUTO_TEST_SUITE_END()
