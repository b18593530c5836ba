// What is sent again, when, and how servers say how long to wait.
#include <boost/test/unit_test.hpp>

#include "net/retry.h"

using namespace rondom;
using namespace rondom::net;

BOOST_AUTO_TEST_SUITE(net_retry)

BOOST_AUTO_TEST_CASE(a_request_is_repeated_only_when_it_cannot_be_doubled) {
  using Kind = Outcome::Kind;
  struct Row {
    const char* method;
    Kind outcome;
    std::uint32_t status;
    bool told;
    bool again;
  };
  const Row rows[] = {
      {"GET", Kind::lost, 0, false, true},         {"POST", Kind::lost, 0, false, false},
      {"PATCH", Kind::lost, 0, false, false},      {"PUT", Kind::lost, 0, false, true},
      {"DELETE", Kind::lost, 0, false, true},      {"POST", Kind::not_sent, 0, false, true},
      {"GET", Kind::not_sent, 0, false, true},     {"GET", Kind::untrusted, 0, false, false},
      {"GET", Kind::too_large, 0, false, false},   {"GET", Kind::stopped, 0, false, false},
      {"GET", Kind::interrupted, 0, false, false}, {"GET", Kind::complete, 500, false, true},
      {"POST", Kind::complete, 500, false, false}, {"GET", Kind::complete, 502, false, true},
      {"POST", Kind::complete, 502, false, false}, {"GET", Kind::complete, 503, false, true},
      {"POST", Kind::complete, 503, false, false}, {"POST", Kind::complete, 503, true, true},
      {"POST", Kind::complete, 504, false, false}, {"POST", Kind::complete, 429, false, true},
      {"GET", Kind::complete, 429, true, true},    {"POST", Kind::complete, 425, false, true},
      {"GET", Kind::complete, 408, false, true},   {"POST", Kind::complete, 408, false, false},
      {"GET", Kind::complete, 501, false, false},  {"GET", Kind::complete, 404, false, false},
      {"GET", Kind::complete, 400, false, false},  {"GET", Kind::complete, 401, false, false},
      {"GET", Kind::complete, 422, false, false},  {"POST", Kind::complete, 423, false, true},
      {"POST", Kind::complete, 477, true, true},   {"POST", Kind::complete, 477, false, false},
      {"POST", Kind::complete, 409, true, true},   {"POST", Kind::complete, 403, true, true},
      {"POST", Kind::complete, 401, true, false},  {"POST", Kind::complete, 408, true, false},
  };
  for (const Row& row : rows) {
    Attempt attempt;
    attempt.outcome = row.outcome;
    attempt.status = row.status;
    attempt.idempotent = is_idempotent(row.method);
    if (row.told) attempt.told_wait_ms = 1'000;
    BOOST_TEST(is_repeatable(attempt) == row.again,
               row.method << " " << static_cast<int>(row.outcome) << " " << row.status);
    attempt.body_repeatable = false;
    BOOST_TEST(!is_repeatable(attempt));
  }
}

BOOST_AUTO_TEST_CASE(waits_grow_with_jitter_over_their_whole_length) {
  const RetryPolicy policy;
  Attempt attempt;
  attempt.outcome = Outcome::Kind::not_sent;
  const std::int64_t ceilings[] = {500, 1'000, 2'000, 4'000, 8'000};
  for (int number = 1; number <= 5; ++number) {
    attempt.number = number;
    BOOST_TEST(decide(policy, attempt, 0.0).wait_ms == 0);
    BOOST_TEST(decide(policy, attempt, 0.5).wait_ms == ceilings[number - 1] / 2);
    BOOST_TEST(decide(policy, attempt, 0.5).retry);
  }
  attempt.number = policy.attempts_max;
  BOOST_TEST(!decide(policy, attempt, 0.5).retry);
  RetryPolicy patient;
  patient.attempts_max = 100;
  attempt.number = 60;
  BOOST_TEST(decide(patient, attempt, 0.5).wait_ms == patient.longest_wait_ms / 2);
}

BOOST_AUTO_TEST_CASE(what_the_server_says_comes_first_up_to_a_limit) {
  const RetryPolicy policy;
  Attempt attempt;
  attempt.status = 429;
  attempt.told_wait_ms = 20'000;
  BOOST_TEST(decide(policy, attempt, 0.0).wait_ms == 20'000);
  attempt.told_wait_ms = 0;
  BOOST_TEST(decide(policy, attempt, 0.9).wait_ms == 450);
  attempt.told_wait_ms = policy.longest_told_ms + 1;
  BOOST_TEST(!decide(policy, attempt, 0.0).retry);
  attempt.told_wait_ms = 20'000;
  attempt.waited_ms = policy.waits_total_ms - 19'999;
  BOOST_TEST(!decide(policy, attempt, 0.0).retry);
}

BOOST_AUTO_TEST_CASE(every_spelling_of_a_wait_is_read) {
  const Timestamp now = parse_time("2026-03-14T12:00:00Z").value();
  const std::int64_t seconds = now / microseconds_per_second;
  struct Row {
    std::vector<Header> headers;
    std::int64_t wait_ms;  // -1 = nothing is said
  };
  const Row rows[] = {
      {{{"Retry-After", "7"}}, 7'000},
      {{{"retry-after", " 0.5 "}}, 500},
      {{{"Retry-After", "Sat, 14 Mar 2026 12:00:30 GMT"}}, 30'000},
      {{{"Retry-After", "Sat, 14 Mar 2026 11:00:00 GMT"}}, 0},
      // The server's own clock is the one its date means.
      {{{"Date", "Sat, 14 Mar 2026 12:00:20 GMT"},
        {"Retry-After", "Sat, 14 Mar 2026 12:00:30 GMT"}},
       10'000},
      {{{"Retry-After-Ms", "250"}, {"Retry-After", "7"}}, 250},
      {{{"RateLimit-Reset", "12"}}, 12'000},
      {{{"X-RateLimit-Reset", std::to_string(seconds + 40)}}, 40'000},
      {{{"X-Rate-Limit-Reset", std::to_string((seconds + 40) * 1'000)}}, 40'000},
      {{{"RateLimit", "\"default\";r=0;t=9"}}, 9'000},
      {{{"Retry-After", "soon"}}, -1},
      {{{"Retry-After", "-5"}}, -1},
      {{{"Retry-After", "nan"}}, -1},
      {{{"Retry-After", ""}}, -1},
      {{}, -1},
  };
  for (const Row& row : rows) {
    const std::string shown = row.headers.empty() ? "none" : row.headers.back().value;
    BOOST_TEST(told_wait_ms(row.headers, now).value_or(-1) == row.wait_ms, shown);
  }
}

BOOST_AUTO_TEST_SUITE_END()
