// Who is told what, and how often; and that it arrives.
#include "service/notices.h"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "service/notice_delivery.h"
#include "unit/service/support.h"

namespace rondom::service::test {
namespace {

using nlohmann::json;

constexpr std::int64_t minute_long = 60 * second;
constexpr std::int64_t hour_long = 60 * minute_long;
constexpr std::int64_t told_again = 24 * hour_long;

RunOutcome ended(const std::string& status, const std::string& code = "",
                 std::int64_t refused = 0) {
  RunOutcome outcome;
  outcome.status = status;
  outcome.error_code = code;
  outcome.refused = refused;
  if (!outcome.good()) outcome.error = "it did not";
  return outcome;
}

/// A job and what is told of it.
struct ToldJob {
  /// The kinds that are told when it ends so, a time after the last.
  std::string after(std::int64_t time, const RunOutcome& outcome,
                    StopReason stopped = StopReason::none) {
    now += time;
    last = notices_of("crm", outcome, stopped, told_again, now, troubles);
    return kinds();
  }
  std::string stream_after(std::int64_t time, bool stale) {
    now += time;
    last = notices_of_stream("crm", "contacts", stale, now - hour_long, told_again, now, troubles);
    return kinds();
  }
  std::string kinds() const {
    std::string text;
    for (const Notice& one : last)
      text += (text.empty() ? "" : " ") + std::string(to_text(one.kind));
    return text;
  }
  Timestamp now = at("2027-06-01T06:00:00Z");
  Troubles troubles;
  std::vector<Notice> last;
};

}  // namespace

BOOST_AUTO_TEST_SUITE(notices)

BOOST_AUTO_TEST_CASE(a_trouble_is_told_once_then_after_a_day_then_when_it_is_over) {
  ToldJob job;
  BOOST_TEST(job.after(0, ended("done")) == "");
  BOOST_TEST(job.after(minute_long, ended("failed", "auth")) == "failed");
  const Timestamp since = job.now;
  int told = 0;
  for (int i = 0; i < 23 * 60; ++i)
    told += job.after(minute_long, ended("failed", "auth")) != "" ? 1 : 0;
  BOOST_TEST(told == 0);
  BOOST_TEST(job.after(hour_long, ended("failed", "auth")) == "failed");
  BOOST_TEST(job.last[0].since == since);
  BOOST_TEST(job.last[0].times == 23 * 60 + 2);
  BOOST_TEST(job.after(minute_long, ended("done")) == "recovered");
  BOOST_TEST(job.last[0].since == since);
  BOOST_TEST(job.last[0].error == "");
  BOOST_TEST(job.after(minute_long, ended("done")) == "");
}

BOOST_AUTO_TEST_CASE(another_way_to_fail_is_told_too) {
  ToldJob job;
  BOOST_TEST(job.after(0, ended("failed", "auth")) == "failed");
  BOOST_TEST(job.after(minute_long, ended("failed", "transient")) == "failed");
  BOOST_TEST(job.after(minute_long, ended("timed_out")) == "failed");
  BOOST_TEST(job.after(minute_long, ended("guarded")) == "stopped");
  for (int i = 0; i < 20; ++i) {  // in turns
    BOOST_TEST(job.after(minute_long, ended("failed", "auth")) == "");
    BOOST_TEST(job.after(minute_long, ended("failed", "transient")) == "");
  }
  BOOST_TEST(job.after(minute_long, ended("done")) == "recovered");  // once for all of them
}

BOOST_AUTO_TEST_CASE(what_comes_and_goes_makes_no_storm) {
  ToldJob job;
  int told = 0;
  for (int i = 0; i < 24 * 60; ++i) {  // every half minute_long another end, for a day
    told += job.after(minute_long / 2, ended("failed", "transient")) != "" ? 1 : 0;
    told += job.after(minute_long / 2, ended("done")) != "" ? 1 : 0;
  }
  BOOST_TEST(told == 2 * 24 * 4);  // its beginning and its end, each quarter of an hour_long
}

BOOST_AUTO_TEST_CASE(refused_records_are_a_trouble_of_their_own) {
  ToldJob job;
  BOOST_TEST(job.after(0, ended("failed", "auth")) == "failed");
  BOOST_TEST(job.after(hour_long, ended("partial", "", 3)) == "quarantined recovered");
  BOOST_TEST(job.last[0].refused == 3);
  BOOST_TEST(job.after(hour_long, ended("partial", "", 5)) == "");
  BOOST_TEST(job.after(hour_long, ended("failed", "auth")) == "failed");
  BOOST_TEST(job.after(hour_long, ended("done")) == "recovered");
}

BOOST_AUTO_TEST_CASE(what_somebody_wanted_is_no_trouble) {
  ToldJob job;
  BOOST_TEST(job.after(0, ended("cancelled"), StopReason::asked) == "");
  BOOST_TEST(job.after(hour_long, ended("cancelled"), StopReason::shutdown) == "");
  BOOST_TEST(job.after(hour_long, ended("done")) == "");
}

BOOST_AUTO_TEST_CASE(a_stale_stream_is_told_like_any_other_trouble) {
  ToldJob job;
  BOOST_TEST(job.stream_after(0, true) == "stale");
  BOOST_TEST(job.last[0].stream == "contacts");
  BOOST_TEST(job.stream_after(minute_long, true) == "");
  BOOST_TEST(job.after(minute_long, ended("done")) == "");  // not what a run ends
  BOOST_TEST(job.stream_after(minute_long, false) == "recovered");
  BOOST_TEST(job.last[0].stream == "contacts");
}

BOOST_AUTO_TEST_CASE(a_clock_that_is_set_back_keeps_nothing_quiet_for_longer) {
  ToldJob job;
  BOOST_TEST(job.after(0, ended("failed", "auth")) == "failed");
  BOOST_TEST(job.after(-1'000 * hour_long, ended("failed", "auth")) == "");
  BOOST_TEST(job.after(told_again, ended("failed", "auth")) == "failed");
}

BOOST_AUTO_TEST_CASE(ways_to_fail_are_bounded) {
  ToldJob job;
  for (int i = 0; i < 1'000; ++i) job.after(1, ended("failed", "code" + std::to_string(i)));
  BOOST_TEST(job.troubles.size() == troubles_of_a_job_max + 1);
}

BOOST_AUTO_TEST_CASE(a_message_says_what_is_the_matter) {
  ToldJob job;
  job.after(0, ended("failed", "auth"));
  Notice notice = job.last[0];
  notice.project = "acme";
  notice.environment = "prod";
  notice.id = "msg_1";
  const json body = json::parse(body_of(notice));
  BOOST_TEST(body["type"] == "job.failed");
  BOOST_TEST(body["timestamp"] == "2027-06-01T06:00:00Z");
  BOOST_TEST(body["text"] == "Rondom, project acme (prod): job crm failed: it did not");
  BOOST_TEST(body["data"]["error_code"] == "auth");
  BOOST_TEST(body["data"]["job"] == "crm");
  BOOST_TEST(body["data"]["times"] == 1);
}

BOOST_AUTO_TEST_CASE(signatures_follow_standard_webhooks) {
  // printf 'msg_1.1614265330.{"test":1}' | openssl dgst -sha256 -hmac secret -binary | base64
  const auto signature = webhook_signature("whsec_c2VjcmV0", "msg_1", "1614265330", "{\"test\":1}");
  BOOST_TEST(signature.value() == "v1,QTPsNtUl5ljVC24ltrGTnDfdMzoI41I8pX7Fh+GbUss=");
  BOOST_TEST(webhook_signature("c2VjcmV0", "msg_1", "1614265330", "{\"test\":1}").value() ==
             *signature);
  BOOST_TEST(!webhook_signature("whsec_no base64!", "a", "1", "").ok());
  BOOST_TEST(!webhook_signature("", "a", "1", "").ok());
}

BOOST_AUTO_TEST_SUITE_END()

}  // namespace rondom::service::test
