// The client over a transport in memory: attempts, waits, redirects, what is refused.
#include <boost/test/unit_test.hpp>

#include "fake_net.h"

using namespace rondom;
using namespace rondom::net;
using namespace rondom::net::test;

namespace {

ErrorCode code_of(const Status& status) {
  return status.ok() ? ErrorCode::failure : status.error().code;
}
bool says(const Status& status, const std::string& part) {
  return !status.ok() && status.error().message.find(part) != std::string::npos;
}

const Step busy{Outcome::Kind::complete, 429, {{"Retry-After", "3"}}, "slow down", true};
const Step lost{Outcome::Kind::lost, 0, {}, "", true};
const Step refused{Outcome::Kind::not_sent, 0, {}, "", false};
const Step broken{Outcome::Kind::complete, 500, {}, "oops", true};

}  // namespace

BOOST_AUTO_TEST_SUITE(net_client)

BOOST_AUTO_TEST_CASE(a_reply_gets_through) {
  World world;
  world.transport.steps = {{Outcome::Kind::complete, 200, {}, "hello", true}};
  BOOST_TEST(world.send("POST", "/people?x=1", "a body of some length").ok());
  BOOST_TEST(world.sink.text == "hello");
  BOOST_TEST(world.transport.seen.at(0).url == "https://api.example.com/people?x=1");
  BOOST_TEST(world.transport.seen.at(0).body == "a body of some length");
}

BOOST_AUTO_TEST_CASE(a_busy_server_is_waited_for_and_asked_again) {
  World world;
  world.transport.steps = {busy, busy, {}};
  BOOST_TEST(world.send("POST", "/people", "body").ok());
  BOOST_TEST(world.transport.seen.size() == 3u);
  BOOST_TEST(world.transport.seen.at(2).body == "body");
  BOOST_TEST(world.sink.heads == 1);
  BOOST_TEST(world.sleeper.waits == (std::vector<std::int64_t>{3'000, 3'000}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(limits_that_come_with_every_answer_do_not_say_that_nothing_was_done) {
  for (const Header& everyday : {Header{"X-RateLimit-Reset", "0"}, Header{"RateLimit-Reset", "1"},
                                 Header{"RateLimit", "limit=100, remaining=97;t=1"}}) {
    World world;
    world.transport.steps = {{Outcome::Kind::complete, 503, {everyday}, "later", true}, {}};
    BOOST_TEST(world.send("POST", "/people", "body").ok());
    BOOST_TEST(world.transport.seen.size() == 1u, everyday.name);
    BOOST_TEST(world.sink.status == 503u);
  }
}

BOOST_AUTO_TEST_CASE(patience_ends) {
  World world;
  for (int i = 0; i < 20; ++i) world.transport.steps.push_back(busy);
  const Status status = world.send("GET");
  BOOST_TEST((code_of(status) == ErrorCode::rate_limited));
  BOOST_TEST(status.error().retry_after_ms == 3'000);
  BOOST_TEST(world.transport.seen.size() == 6u);
  BOOST_TEST(world.sink.heads == 0);

  World long_wait;
  long_wait.transport.steps = {{Outcome::Kind::complete, 503, {{"Retry-After", "3600"}}, "", true}};
  const Status later = long_wait.send("POST");
  BOOST_TEST((code_of(later) == ErrorCode::transient));
  BOOST_TEST(later.error().retry_after_ms == 3'600'000);
  BOOST_TEST(long_wait.transport.seen.size() == 1u);

  World moving;
  moving.transport.steps = {{Outcome::Kind::complete, 477, {{"Retry-After", "86400"}}, "", true}};
  const Status tomorrow = moving.send("POST");
  BOOST_TEST((code_of(tomorrow) == ErrorCode::transient));
  BOOST_TEST(tomorrow.error().retry_after_ms == 86'400'000);
  BOOST_TEST(moving.transport.seen.size() == 1u);
}

BOOST_AUTO_TEST_CASE(a_refusal_that_passes_is_waited_for) {
  World world;
  world.transport.steps = {{Outcome::Kind::complete, 423, {}, "locked", true},
                           {Outcome::Kind::complete, 409, {{"Retry-After", "2"}}, "", true},
                           {}};
  BOOST_TEST(world.send("POST", "/people", "body").ok());
  BOOST_TEST(world.transport.seen.size() == 3u);
  BOOST_TEST(world.sleeper.waits.back() == 2'000);
  for (const Step& refused_for_good :
       {Step{Outcome::Kind::complete, 422, {{"X-RateLimit-Reset", "1"}}, "no", true},
        Step{Outcome::Kind::complete, 401, {{"Retry-After", "1"}}, "no", true}}) {
    World answered;
    answered.transport.steps = {refused_for_good, {}};
    BOOST_TEST(answered.send("POST", "/people", "body").ok());
    BOOST_TEST(answered.sink.status == refused_for_good.status);
    BOOST_TEST(answered.transport.seen.size() == 1u);
  }
}

BOOST_AUTO_TEST_CASE(a_post_of_unknown_fate_is_never_repeated) {
  World world;
  world.transport.steps = {lost, {}};
  const Status status = world.send("POST", "/people", "body");
  BOOST_TEST((code_of(status) == ErrorCode::unavailable));
  BOOST_TEST(says(status, "not known whether"));
  BOOST_TEST(world.transport.seen.size() == 1u);

  World answered;
  answered.transport.steps = {broken, {}};
  BOOST_TEST(answered.send("POST", "/people", "body").ok());
  BOOST_TEST(answered.sink.status == 500u);
  BOOST_TEST(answered.sink.text == "oops");
  BOOST_TEST(answered.transport.seen.size() == 1u);

  World idempotent;
  idempotent.transport.steps = {lost, broken, {}};
  Request request;
  request.method = "POST";
  request.url = "/people";
  request.idempotent = true;
  BOOST_TEST(idempotent.client->send(request, idempotent.sink, idempotent.interrupt).ok());
  BOOST_TEST(idempotent.sink.status == 200u);
}

BOOST_AUTO_TEST_CASE(what_never_left_is_sent_again_whatever_it_is) {
  World world;
  world.transport.steps = {refused, refused, {}};
  BOOST_TEST(world.send("POST", "/people", "body").ok());
  BOOST_TEST(world.transport.seen.size() == 3u);

  World never;
  for (int i = 0; i < 20; ++i) never.transport.steps.push_back(refused);
  BOOST_TEST((code_of(never.send("POST")) == ErrorCode::transient));
  BOOST_TEST(never.transport.seen.size() == 6u);
}

BOOST_AUTO_TEST_CASE(a_streamed_body_is_sent_again_only_when_it_was_not_touched) {
  World world;
  world.transport.steps = {refused, busy, {}};
  OneWayBody body("streamed");
  Request request;
  request.method = "PUT";
  request.url = "/people";
  request.stream = &body;
  const Status status = world.client->send(request, world.sink, world.interrupt);
  BOOST_TEST((code_of(status) == ErrorCode::rate_limited));
  BOOST_TEST(world.transport.seen.size() == 2u);
  BOOST_TEST(world.transport.seen.at(1).body == "streamed");
}

BOOST_AUTO_TEST_CASE(a_small_reply_that_is_cut_off_is_had_again) {
  World world;
  world.transport.steps = {{Outcome::Kind::lost, 200, {}, "half", true},
                           {Outcome::Kind::complete, 200, {}, "the whole", true}};
  BOOST_TEST(world.send("GET").ok());
  BOOST_TEST(world.sink.text == "the whole");

  World large;
  large.transport.steps = {
      {Outcome::Kind::lost, 200, {}, std::string(held_reply_bytes_max + 1, 'x'), true}, {}};
  BOOST_TEST((code_of(large.send("GET")) == ErrorCode::transient));
  BOOST_TEST(large.transport.seen.size() == 1u);
  BOOST_TEST(large.sink.heads == 1);
}

BOOST_AUTO_TEST_CASE(redirects_stay_at_home) {
  const auto to = [](const char* where) {
    return Step{Outcome::Kind::complete, 302, {{"Location", where}}, "", true};
  };
  World near;
  near.transport.steps = {to("/elsewhere?a=b"), {}};
  BOOST_TEST(near.send("GET").ok());
  BOOST_TEST(near.transport.seen.at(1).url == "https://api.example.com/elsewhere?a=b");
  for (const char* far : {"https://evil.example/", "//evil.example/", "http://api.example.com/",
                          "https://api.example.com:8443/"}) {
    World world;
    world.transport.steps = {to(far), {}};
    BOOST_TEST((code_of(world.send("GET")) == ErrorCode::not_permitted), far);
    BOOST_TEST(world.transport.seen.size() == 1u);
  }
  for (const char* where :
       {"https://api.example.com/people", "https://api.example.com:8443/people"}) {
    ClientOptions plain;
    plain.base_url = "http://api.example.com";
    plain.allow_plain_http = true;
    World world(plain);
    world.transport.steps = {to(where), {}};
    const bool usual = std::string_view(where).find(":8443") == std::string_view::npos;
    BOOST_TEST(world.send("GET").ok() == usual, where);
  }
  World circle;
  for (int i = 0; i < 20; ++i) circle.transport.steps.push_back(to("/people"));
  BOOST_TEST((code_of(circle.send("GET")) == ErrorCode::data));
  BOOST_TEST(circle.transport.seen.size() == 6u);
  World post;
  post.transport.steps = {to("/people"), {}};
  BOOST_TEST(post.send("POST").ok());
  BOOST_TEST(post.sink.status == 302u);
}

BOOST_AUTO_TEST_CASE(what_a_connector_may_not_do_is_refused_before_anything_is_sent) {
  ClientOptions options;
  options.credentials.kind = Credentials::Kind::bearer;
  options.credentials.secret = "s3cret-token";
  World world(options);
  BOOST_TEST((code_of(world.send("GET", "https://evil.example/")) == ErrorCode::not_permitted));
  BOOST_TEST((code_of(world.send("GET", "http://api.example.com/")) == ErrorCode::not_permitted));
  for (const Header& header :
       {Header{"Authorization", "x"}, Header{"host", "x"}, Header{"Content-Length", "1"},
        Header{"Proxy-Authorization", "x"}, Header{"X-A", "b\r\nX-C: d"}, Header{"X A", "b"}}) {
    Request request;
    request.method = "GET";
    request.url = "/people";
    request.headers = {header};
    BOOST_TEST(!world.client->send(request, world.sink, world.interrupt).ok(), header.name);
  }
  BOOST_TEST((code_of(world.send("GE T")) == ErrorCode::internal));
  BOOST_TEST(world.transport.seen.empty());
}

BOOST_AUTO_TEST_CASE(a_sink_that_has_enough_is_obeyed) {
  World world;
  world.transport.steps = {{Outcome::Kind::complete, 200, {}, "hello", true}};
  Request request;
  request.method = "GET";
  request.url = "/people";
  world.sink.stop_after = 2;
  const Status status = world.client->send(request, world.sink, world.interrupt);
  BOOST_TEST(says(status, "Seen enough."));
}

BOOST_AUTO_TEST_CASE(an_interrupt_ends_it) {
  World world;
  world.transport.steps = {busy, {}};
  world.interrupt.request();
  BOOST_TEST((code_of(world.send("GET")) == ErrorCode::cancelled));
}

BOOST_AUTO_TEST_CASE(the_rate_is_kept_and_shared) {
  ClientOptions options;
  options.budget.requests_per_second = 4;
  World world(options);
  for (int i = 0; i < 3; ++i) BOOST_TEST(world.send("GET").ok());
  BOOST_TEST(world.sleeper.waits == (std::vector<std::int64_t>{250, 250}),
             boost::test_tools::per_element());
}

BOOST_AUTO_TEST_CASE(a_request_has_a_time_for_everything) {
  World world;
  for (int i = 0; i < 20; ++i) world.transport.steps.push_back(busy);
  Request request;
  request.method = "GET";
  request.url = "/people";
  request.timeout_ms = 5'000;
  const Status status = world.client->send(request, world.sink, world.interrupt);
  BOOST_TEST((code_of(status) == ErrorCode::rate_limited));
  BOOST_TEST(world.transport.seen.size() == 2u);
}

BOOST_AUTO_TEST_CASE(nothing_secret_or_personal_is_said) {
  ClientOptions options;
  options.credentials.kind = Credentials::Kind::api_key_query;
  options.credentials.query = "key";
  options.credentials.secret = "s3cret-token";
  World world(options);
  world.transport.steps = {busy, lost};
  world.transport.steps[1].status = 0;
  const Status status = world.send("POST", "/people/jan@example.com");
  BOOST_TEST(world.transport.seen.at(0).url ==
             "https://api.example.com/people/jan@example.com?key=s3cret-token");
  const std::string said = status.error().message + world.log;
  BOOST_TEST(said.find("s3cret") == std::string::npos);
  BOOST_TEST(said.find("jan@") == std::string::npos);
  BOOST_TEST(said.find("api.example.com") != std::string::npos);
}

BOOST_AUTO_TEST_SUITE_END()
