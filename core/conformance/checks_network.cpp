// What a connector does when its system fails it: statuses, lost answers, broken and odd replies.
#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "base/text.h"
#include "conformance/checks.h"
#include "conformance/driver.h"
#include "conformance/measure.h"

namespace rondom::conformance {
namespace {

using Json = nlohmann::json;

constexpr std::size_t requests_tried_max = 12;
constexpr std::uint32_t status_ok_max = 299;
constexpr int nested_lists = 100'000;

Fault reply(std::uint32_t status, std::string body, std::vector<net::Header> headers = {}) {
  Fault fault;
  fault.kind = Fault::Kind::reply;
  fault.status = status;
  fault.headers = std::move(headers);
  fault.headers.push_back({"Content-Type", "application/json"});
  fault.body = std::move(body);
  return fault;
}

Script at_request(std::size_t wanted, Fault fault) {
  return [wanted, fault = std::move(fault)](std::size_t request) {
    return request == wanted ? fault : Fault();
  };
}

Script always(Fault fault) {
  return [fault = std::move(fault)](std::size_t) { return fault; };
}

struct Failing {
  const char* name;
  Fault fault;
  std::vector<rondom_code> codes;
  bool delay = false;  // must be passed on
};

std::vector<Failing> failings() {
  return {
      {"status 401", reply(401, R"({"message":"no"})"), {RONDOM_E_AUTH}},
      {"status 403", reply(403, R"({"message":"no"})"), {RONDOM_E_AUTH, RONDOM_E_NOT_PERMITTED}},
      {"status 429 with Retry-After",
       reply(429, R"({"message":"slow down"})", {{"Retry-After", "7200"}}),
       {RONDOM_E_RATE_LIMITED},
       true},
      {"status 500", reply(500, R"({"message":"oops"})"), {RONDOM_E_TRANSIENT}},
      {"no answer in time", lost_answer(), {RONDOM_E_TRANSIENT, RONDOM_E_UNAVAILABLE}}};
}

std::string names_of(const std::vector<rondom_code>& codes) {
  std::string out;
  for (const rondom_code code : codes) out += (out.empty() ? "" : " or ") + code_name(code);
  return out;
}

bool is_json(const std::string& text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string::npos && (text[first] == '{' || text[first] == '[') &&
         Json::accept(text);
}

/// Every object of a document gets a member that nobody knows.
void add_members(Json& json) {
  if (json.is_object()) {
    for (auto& [name, value] : json.items()) add_members(value);
    json["conformance_added"] = Json{{"since", "v9"}};
  } else if (json.is_array()) {
    for (Json& item : json) add_members(item);
  }
}

struct Broken {
  const char* name;
  bool is_loss;  // what it held cannot have been read: success would be a lie
  void (*change)(std::string& body);
};

const std::array<Broken, 8>& broken_replies() {
  static const std::array<Broken, 8> kinds = {{
      {"a reply that ends in the middle", true,
       [](std::string& body) { body.resize(body.size() / 2); }},
      {"a malformed reply", true, [](std::string& body) { body = R"({"results":[{"id":)"; }},
      {"a page of HTML", true,
       [](std::string& body) { body = "<html><body><h1>It works!</h1></body></html>"; }},
      {"100,000 lists in each other", true,
       [](std::string& body) { body.assign(nested_lists, '['); }},
      {"bytes that are no UTF-8", false,
       [](std::string& body) { body.insert(body.size() / 2, "\xff\xfe\x80"); }},
      {"an empty reply", false, [](std::string& body) { body.clear(); }},
      {"a JSON list in place of everything", false, [](std::string& body) { body = "[42,null]"; }},
      {"a JSON text in place of everything", false, [](std::string& body) { body = "\"no\""; }},
  }};
  return kinds;
}

std::string first_violation(const Opened& opened, const std::vector<Pushed>& pushed) {
  if (!opened.violations().empty()) return joined(opened.violations());
  for (const Pushed& one : pushed) {
    if (one.kind != Pushed::Kind::record || one.unreadable) continue;
    if (!is_utf8(one.text) || !Json::accept(one.text)) return "a record that is no JSON in UTF-8";
  }
  return {};
}

/// Requests whose answer was a good one: those are the ones worth breaking.
std::vector<std::size_t> good_requests(const std::vector<Exchange>& exchanges) {
  std::set<std::size_t> numbers;
  for (const Exchange& exchange : exchanges) {
    if (exchange.status <= status_ok_max) numbers.insert(exchange.request);
  }
  const std::vector<std::size_t> all(numbers.begin(), numbers.end());
  std::vector<std::size_t> some;
  for (const std::size_t i : spread(all.size(), requests_tried_max)) some.push_back(all[i]);
  return some;
}

const Exchange& exchange_of(const std::vector<Exchange>& exchanges, std::size_t request) {
  return *std::find_if(exchanges.begin(), exchanges.end(),
                       [&](const Exchange& one) { return one.request == request; });
}

struct Tried {
  ReadSeen seen;
  std::string problem;  // a rule that was broken
};
Tried read_with(const Subject& subject, const Script& script) {
  FakeHost host(subject, script);
  Opened opened(subject, host);
  Tried tried;
  if (!opened.open().ok()) return {{}, "open() failed"};
  ReadPlan plan;
  plan.streams = streams_of(*subject.fixture);
  tried.seen = opened.read(plan);
  tried.problem = first_violation(opened, tried.seen.pushed);
  return tried;
}

bool completed(const ReadSeen& seen, const std::string& stream) {
  return std::any_of(seen.pushed.begin(), seen.pushed.end(), [&](const Pushed& one) {
    return one.kind == Pushed::Kind::refresh_complete && one.stream == stream;
  });
}

/// Up to the last checkpoint: what Rondom would have kept.
std::size_t kept(const std::vector<Pushed>& pushed) {
  for (std::size_t i = pushed.size(); i > 0; --i) {
    if (pushed[i - 1].kind == Pushed::Kind::checkpoint) return i;
  }
  return 0;
}

/// After a failed read another one goes on from what was kept.
Finding go_on(const Subject& subject, const Baseline& base, const ReadSeen& first,
              const std::string& when) {
  const std::size_t safe = kept(first.pushed);
  FakeHost host(subject);
  const ReadSeen second = read_from(subject, resumed(subject, first.pushed, safe), host);
  if (!second.answer.ok()) {
    return failed("that the next read goes on after " + when, to_text(second.answer));
  }
  std::vector<Pushed> before(first.pushed.begin(),
                             first.pushed.begin() + static_cast<std::ptrdiff_t>(safe));
  std::vector<Pushed> both = before;
  both.insert(both.end(), second.pushed.begin(), second.pushed.end());
  const auto gone = missing(base.seen.pushed, both);
  if (!gone.empty()) {
    return failed("every record, when the read after " + when + " goes on from the checkpoint",
                  number(gone.size(), "record") + " of " + gone.front()->stream + " did not come");
  }
  for (const StreamFixture& stream : subject.fixture->streams) {
    const StreamFacts* facts = facts_of(subject, stream);
    if (facts == nullptr || !facts->key.empty()) continue;
    std::vector<Pushed> theirs = records_of(before);
    std::erase_if(theirs, [&](const Pushed& one) { return one.stream != stream.stream; });
    const std::size_t doubled = theirs.size() - missing(theirs, second.pushed).size();
    std::vector<Pushed> all = records_of(base.seen.pushed);
    std::erase_if(all, [&](const Pushed& one) { return one.stream != stream.stream; });
    if (doubled > 0 && records_of(both).size() > all.size()) {
      return failed("that records of " + stream.stream +
                        ", which has no key, do not come again from before the checkpoint",
                    number(doubled, "record") + " came again");
    }
  }
  return passed();
}

}  // namespace

Finding check_reachability(const Subject& subject) {
  if (subject.table.check == nullptr) return skipped("it has no check()");
  FakeHost healthy(subject);
  {
    Opened opened(subject, healthy);
    Answer answer = opened.open();
    if (answer.ok()) answer = opened.check();
    if (!answer.ok()) return failed("that check() passes on the fixture", to_text(answer));
  }
  if (healthy.requests() == 0) return skipped("check() asks nothing over HTTP");
  for (const Failing& failing : failings()) {
    FakeHost host(subject, always(failing.fault));
    Opened opened(subject, host);
    opened.open();
    const Answer answer = opened.check();
    const std::string expected = names_of(failing.codes) + " from check() after " + failing.name;
    if (std::find(failing.codes.begin(), failing.codes.end(), answer.code) == failing.codes.end()) {
      return failed(expected, to_text(answer));
    }
    if (answer.message.empty()) return failed(expected + ", with a sentence", "no message");
    if (failing.delay && answer.retry_after_ms == 0) {
      return failed(expected + ", with the time to wait", "no retry_after_ms");
    }
  }
  return passed();
}

Finding check_retry(const Subject& subject) {
  const Baseline base = baseline(subject);
  for (const std::size_t request : good_requests(base.exchanges)) {
    const std::string when = "no answer to request " + std::to_string(request + 1) + " (" +
                             brief(exchange_of(base.exchanges, request)) + ")";
    const Tried tried = read_with(subject, at_request(request, lost_answer()));
    if (!tried.problem.empty()) return failed("the rules kept after " + when, tried.problem);
    const auto gone = missing(base.seen.pushed, tried.seen.pushed);
    if (tried.seen.answer.ok()) {
      if (gone.empty()) continue;
      return failed("that read() says so when there is " + when,
                    "OK, and " + number(gone.size(), "record") + " of " + gone.front()->stream +
                        " did not come");
    }
    if (tried.seen.answer.code != RONDOM_E_TRANSIENT &&
        tried.seen.answer.code != RONDOM_E_UNAVAILABLE) {
      return failed("E_TRANSIENT or E_UNAVAILABLE after " + when, to_text(tried.seen.answer));
    }
    for (const Pushed* record : gone) {
      if (completed(tried.seen, record->stream)) {
        return failed("no refresh_complete of " + record->stream + " after " + when,
                      "one, which would remove what did not come");
      }
    }
    Finding finding = go_on(subject, base, tried.seen, when);
    if (finding.outcome != Outcome::passed) return finding;
  }
  return passed();
}

Finding check_bad_replies(const Subject& subject) {
  const Baseline base = baseline(subject);
  for (const std::size_t request : good_requests(base.exchanges)) {
    const Exchange& exchange = exchange_of(base.exchanges, request);
    for (const Broken& broken : broken_replies()) {
      Fault fault;
      fault.kind = Fault::Kind::change;
      fault.change = broken.change;
      const Tried tried = read_with(subject, at_request(request, fault));
      const std::string when = std::string(broken.name) + " to request " +
                               std::to_string(request + 1) + " (" + brief(exchange) + ")";
      if (!tried.problem.empty()) return failed("the rules kept after " + when, tried.problem);
      if (tried.seen.answer.code == RONDOM_E_INTERNAL) {
        return failed("an error that speaks of the reply after " + when,
                      to_text(tried.seen.answer));
      }
      const auto gone = missing(base.seen.pushed, tried.seen.pushed);
      if (broken.is_loss && is_json(exchange.reply) && tried.seen.answer.ok() && !gone.empty()) {
        return failed("an error after " + when,
                      "OK, and " + number(gone.size(), "record") + " did not come");
      }
    }
  }
  return passed();
}

Finding check_schema_drift(const Subject& subject) {
  const Baseline base = baseline(subject);
  const auto changed = std::make_shared<std::size_t>(0);
  Fault fault;
  fault.kind = Fault::Kind::change;
  fault.change = [changed](std::string& body) {
    if (!is_json(body)) return;
    Json json = Json::parse(body);
    add_members(json);
    body = json.dump();
    ++*changed;
  };
  const Tried tried = read_with(subject, always(fault));
  if (*changed == 0) return skipped("its system does not answer in JSON");
  const std::string expected = "the same records when every object of a reply has one more member";
  if (!tried.problem.empty()) return failed(expected, tried.problem);
  if (!tried.seen.answer.ok()) return failed(expected, to_text(tried.seen.answer));
  const std::size_t before = records_of(base.seen.pushed).size();
  const std::size_t now = records_of(tried.seen.pushed).size();
  if (now < before) {
    return failed(expected, std::to_string(now) + " records instead of " + std::to_string(before));
  }
  return passed();
}

}  // namespace rondom::conformance
