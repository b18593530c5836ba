// What a destination does with a batch, and what it says of it.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <nlohmann/json.hpp>

#include "conformance/checks.h"
#include "conformance/child.h"
#include "conformance/driver.h"
#include "conformance/measure.h"
#include "conformance/writing.h"

namespace rondom::conformance {
namespace {

using Folder = std::map<std::string, std::string>;  // path -> bytes

constexpr std::size_t requests_failed_max = 6;
constexpr std::uint32_t server_error = 500;
constexpr std::uint32_t bad_request = 400;

Folder folder_now() {
  Folder files;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(".")) {
    if (!entry.is_regular_file()) continue;
    std::ifstream in(entry.path(), std::ios::binary);
    files[entry.path().string()] = {std::istreambuf_iterator<char>(in), {}};
  }
  return files;
}

bool is_hidden(const std::string& path) {
  return std::filesystem::path(path).filename().string().starts_with(".");
}

std::multiset<std::string> requests_of(const std::vector<Exchange>& exchanges) {
  std::multiset<std::string> requests;
  for (const Exchange& exchange : exchanges) {
    std::string text = exchange.method + " " + exchange.url + "\n";
    for (const net::Header& header : exchange.headers) {
      text += header.name + ": " + header.value + "\n";
    }
    requests.insert(text + "\n" + exchange.body);
  }
  return requests;
}

Script failing(Fault fault) {
  return [fault = std::move(fault)](std::size_t) { return fault; };
}

Fault reply(std::uint32_t status) {
  Fault fault;
  fault.kind = Fault::Kind::reply;
  fault.status = status;
  fault.headers = {{"Content-Type", "application/json"}};
  fault.body = R"({"message":"refused"})";
  return fault;
}

bool only_asks(const Exchange& exchange) {
  return exchange.method == "GET" || exchange.method == "HEAD";
}

/// Every request from `first` on ends in `fault`: what may be said then of records that the system
/// would have taken.
struct Failure {
  Fault fault;
  std::string when;  // "status 500"
  std::size_t first = 0;
  bool may_be_refused = false;  // it is an answer that refuses for good
  bool may_have_arrived = false;
};

Finding judge_failure(const Subject& subject, const Failure& failure) {
  FakeHost host(subject, [&failure](std::size_t request) {
    return request < failure.first ? Fault() : failure.fault;
  });
  Opened opened(subject, host);
  opened.open();
  const Written written = opened.write(operations_of(*subject.fixture));
  const std::vector<Exchange> exchanges = host.exchanges();
  const bool wrote = std::any_of(exchanges.begin(), exchanges.end(), [&](const Exchange& exchange) {
    return exchange.request >= failure.first && !only_asks(exchange);
  });
  // Certain that it did not arrive, or that twice is once: else a retry is a double.
  const bool may_retry = !failure.may_have_arrived || !wrote || subject.info.idempotent_upsert;
  const std::string when = failure.first == 0
                               ? "when every request ends in " + failure.when
                               : "when each request from the " + std::to_string(failure.first + 1) +
                                     ". on ends in " + failure.when;
  for (std::size_t i = 0; i < written.outcomes.size(); ++i) {
    const std::uint32_t outcome = written.outcomes[i];
    if (failure.first == 0 && outcome == RONDOM_OUTCOME_ACCEPTED) {
      // Silence until flush() is no acceptance yet, if flush() then fails.
      if (written.answer.ok() && host.requests() == 0 && !opened.flush().ok()) return passed();
      return failed("that no record is accepted " + when, outcomes_text(written));
    }
    if (is_rejected(*subject.fixture, i)) continue;
    if (outcome == RONDOM_OUTCOME_REJECTED && !failure.may_be_refused) {
      return failed(
          "that no record is rejected " + when + ": nobody refused it, and it would be lost",
          outcomes_text(written));
    }
    if (failure.first == 0 && outcome == RONDOM_OUTCOME_RETRY && !may_retry) {
      return failed("unknown " + when + ": what may have arrived would be sent twice",
                    outcomes_text(written));
    }
  }
  if (!opened.violations().empty())
    return failed("the rules kept " + when, joined(opened.violations()));
  return passed();
}

/// The same fields for somebody whom the system does not know.
std::string of_a_stranger(const std::string& fields_json) {
  auto fields = nlohmann::ordered_json::parse(fields_json, nullptr, false);
  if (!fields.is_object()) return fields_json;
  for (auto& [name, value] : fields.items()) {
    if (value.is_string()) value = "never" + value.get<std::string>();
  }
  return fields.dump();
}

/// Rondom looks up what may have arrived before it sends it again: a new instance must know it.
Finding look_up_after(const Subject& subject) {
  const std::string expected = "look_up() that knows what was written, and only that";
  {
    FakeHost host(subject, {}, between_deliveries_us);
    Opened opened(subject, host);
    opened.open();
    Operation never = operations_of(*subject.fixture).front();
    never.id = "operation-never-written";
    never.record.key = "profile-never-written";
    never.record.remote_id.clear();
    never.record.fields_json = of_a_stranger(never.record.fields_json);
    const Written found = opened.look_up({never});
    if (found.outcomes.front() == RONDOM_OUTCOME_ACCEPTED) {
      return failed(expected, "accepted for an operation that was never written");
    }
  }
  FakeHost host(subject, {}, between_deliveries_us);
  Opened opened(subject, host);
  opened.open();
  const Written found = opened.look_up(operations_of(*subject.fixture));
  if (!found.answer.ok()) return failed(expected, outcomes_text(found) + unanswered_text(host));
  for (std::size_t i = 0; i < found.outcomes.size(); ++i) {
    if (is_rejected(*subject.fixture, i) || found.outcomes[i] == RONDOM_OUTCOME_ACCEPTED) continue;
    // Where twice is once, it may be sent again instead of being found.
    if (subject.info.idempotent_upsert && found.outcomes[i] == RONDOM_OUTCOME_RETRY) continue;
    return failed(expected, outcomes_text(found) + unanswered_text(host));
  }
  return passed();
}

}  // namespace

Finding check_write_twice(const Subject& subject) {
  const Folder empty = folder_now();
  const Delivery first = deliver(subject);
  const Folder once = folder_now();
  if (subject.info.can_look_up) {
    Finding found = look_up_after(subject);
    if (found.outcome != Outcome::passed || !subject.info.idempotent_upsert) return found;
  }
  if (!subject.info.idempotent_upsert) {
    return skipped(
        "it declares neither idempotent upsert nor look up: Rondom keeps what may have arrived");
  }
  if (!subject.declared.uses_http && once == empty) {
    return skipped("what it writes is neither sent over HTTP nor in its folder");
  }
  const Delivery second = deliver(subject, between_deliveries_us);
  const Folder twice = folder_now();
  for (const auto& now : twice) {
    if (is_hidden(now.first)) continue;  // the connector's own memory, which nobody else reads
    const bool same = std::any_of(once.begin(), once.end(),
                                  [&](const auto& file) { return file.second == now.second; });
    if (!same) return failed("files with the same bytes when the same is written twice", now.first);
  }
  const auto a = requests_of(first.exchanges);
  const auto b = requests_of(second.exchanges);
  if (a == b) return passed();
  std::string which = std::to_string(a.size()) + " and then " + std::to_string(b.size());
  for (const std::string& request : b) {
    if (a.contains(request)) continue;
    which = "a new " + request.substr(0, request.find_first_of("?\n"));
    break;
  }
  return failed("the same requests, byte for byte, when the same operations are sent again later",
                which);
}

Finding check_partial_failure(const Subject& subject) {
  const Delivery delivery = deliver(subject);
  if (!delivery.violations.empty()) {
    return failed("results for records of the batch", joined(delivery.violations));
  }
  for (const std::uint32_t index : subject.fixture->rejects) {
    if (delivery.written.messages[index].empty()) {
      return failed("a reason for the rejected record " + std::to_string(index), "none");
    }
  }
  if (!subject.declared.uses_http) {
    return subject.fixture->rejects.empty()
               ? skipped("it has no HTTP, and no record of the fixture is refused (rejects:)")
               : passed();
  }
  std::size_t requests = 0;
  for (const Exchange& exchange : delivery.exchanges) {
    requests = std::max(requests, exchange.request + 1);
  }
  for (const std::size_t first : spread(requests, requests_failed_max)) {
    for (const Failure& failure : {Failure{reply(server_error), "status 500", first, false, false},
                                   Failure{reply(bad_request), "status 400", first, true, false},
                                   Failure{lost_answer(), "no answer", first, false, true}}) {
      Finding finding = judge_failure(subject, failure);
      if (finding.outcome != Outcome::passed) return finding;
    }
  }
  return passed();
}

Finding check_small_batches(const Subject& subject) {
  FakeHost host(subject);
  Opened opened(subject, host);
  const Answer open = opened.open();
  if (!open.ok()) return failed("that the fixture's configuration opens", to_text(open));
  const Written none = opened.write({});
  if (!none.answer.ok()) return failed("OK for a batch without records", to_text(none.answer));
  std::vector<Operation> one = operations_of(*subject.fixture);
  const std::size_t index = is_rejected(*subject.fixture, 0) && one.size() > 1 ? 1 : 0;
  one = {one[index]};
  const Written single = opened.write(one);
  const std::uint32_t wanted =
      is_rejected(*subject.fixture, index) ? RONDOM_OUTCOME_REJECTED : RONDOM_OUTCOME_ACCEPTED;
  if (single.outcomes.front() != wanted) {
    return failed(std::string("a batch of one that is ") + outcome_name(wanted),
                  outcomes_text(single) + unanswered_text(host));
  }
  if (!opened.violations().empty()) return failed("the rules kept", joined(opened.violations()));
  return passed();
}

Finding check_flush_after_failure(const Subject& subject) {
  if (subject.declared.uses_http) {
    FakeHost host(subject, failing(reply(server_error)));
    Opened opened(subject, host);
    opened.open();
    opened.write(operations_of(*subject.fixture));
    const Answer flushed = opened.flush();
    if (flushed.code == RONDOM_E_INTERNAL) {
      return failed("that flush() returns after a write that failed", to_text(flushed));
    }
    if (!opened.violations().empty()) return failed("the rules kept", joined(opened.violations()));
  }
  // An instance that failed is used again: the next write must not remember the failure.
  const std::shared_ptr<bool> broken = std::make_shared<bool>(true);
  const Script script = [broken](std::size_t) { return *broken ? lost_answer() : Fault(); };
  FakeHost host(subject, script);
  Opened opened(subject, host);
  opened.open();
  if (subject.declared.uses_http) opened.write(operations_of(*subject.fixture), "session-0");
  std::vector<Operation> bad = operations_of(*subject.fixture);
  for (Operation& operation : bad) operation.record.fields_json = "{";
  opened.write(bad, "session-0");
  opened.flush("session-0");
  *broken = false;
  const Written written = opened.write(operations_of(*subject.fixture));
  if (!as_the_fixture_says(*subject.fixture, written)) {
    return failed("that a write after a failed one is not harmed by it",
                  outcomes_text(written) + unanswered_text(host));
  }
  const Answer flushed = opened.flush();
  if (!flushed.ok()) return failed("OK from flush() after a good write", to_text(flushed));
  if (!opened.violations().empty()) return failed("the rules kept", joined(opened.violations()));
  return passed();
}

}  // namespace rondom::conformance
