// What a destination does with a batch, and what it says of it.
#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>

#include "conformance/checks.h"
#include "conformance/child.h"
#include "conformance/driver.h"
#include "conformance/measure.h"

namespace rondom::conformance {
namespace {

using Folder = std::map<std::string, std::string>;  // path -> bytes

constexpr std::int64_t later_us = 3'600ll * 1'000'000;
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

const char* outcome_name(std::uint32_t outcome) {
  switch (outcome) {
    case RONDOM_OUTCOME_ACCEPTED: return "accepted";
    case RONDOM_OUTCOME_REJECTED: return "rejected";
    case RONDOM_OUTCOME_RETRY: return "retry";
    default: return "unknown";
  }
}

std::string outcomes_text(const Written& written) {
  std::string out;
  for (std::size_t i = 0; i < written.outcomes.size(); ++i) {
    out += (i == 0 ? "" : ", ") + std::to_string(i) + " " + outcome_name(written.outcomes[i]);
  }
  return to_text(written.answer) + "; " + out;
}

bool is_rejected(const Fixture& fixture, std::size_t index) {
  return std::find(fixture.rejects.begin(), fixture.rejects.end(), index) != fixture.rejects.end();
}

bool as_the_fixture_says(const Fixture& fixture, const Written& written) {
  if (!written.answer.ok() && fixture.rejects.empty()) return false;
  for (std::size_t i = 0; i < written.outcomes.size(); ++i) {
    const std::uint32_t wanted =
        is_rejected(fixture, i) ? RONDOM_OUTCOME_REJECTED : RONDOM_OUTCOME_ACCEPTED;
    if (written.outcomes[i] != wanted) return false;
  }
  return true;
}

std::string unanswered_text(const FakeHost& host) {
  const std::vector<std::string> unanswered = host.unanswered();
  return unanswered.empty() ? "" : " (the cassette has no answer to " + unanswered.front() + ")";
}

struct Delivery {
  Written written;
  std::vector<Exchange> exchanges;
  std::vector<std::string> violations;
};

/// Opens, writes everything, flushes, closes; ends the check when the fixture cannot be written.
Delivery deliver(const Subject& subject, std::int64_t later = 0) {
  FakeHost host(subject, {}, later);
  Opened opened(subject, host);
  const Answer answer = opened.open();
  if (!answer.ok()) conclude(failed("that the fixture's configuration opens", to_text(answer)));
  Delivery delivery;
  delivery.written = opened.write(operations_of(*subject.fixture));
  if (!as_the_fixture_says(*subject.fixture, delivery.written)) {
    conclude(failed("that the fixture's records are accepted, and those of rejects: rejected",
                    outcomes_text(delivery.written) + unanswered_text(host)));
  }
  const Answer flushed = opened.flush();
  if (!flushed.ok()) {
    conclude(failed("that flush() makes it durable", to_text(flushed) + unanswered_text(host)));
  }
  opened.close();
  delivery.exchanges = host.exchanges();
  delivery.violations = opened.violations();
  return delivery;
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

/// Everything the destination asks ends the same way: nothing can have been accepted.
Finding none_accepted(const Subject& subject, const Fault& fault, const std::string& when) {
  FakeHost host(subject, failing(fault));
  Opened opened(subject, host);
  opened.open();
  const Written written = opened.write(operations_of(*subject.fixture));
  const std::string expected = "that no record is accepted when every request ends in " + when;
  for (std::size_t i = 0; i < written.outcomes.size(); ++i) {
    if (written.outcomes[i] == RONDOM_OUTCOME_ACCEPTED) {
      // Silence until flush() is no acceptance yet, if flush() then fails.
      if (written.answer.ok() && host.requests() == 0 && !opened.flush().ok()) return passed();
      return failed(expected, outcomes_text(written));
    }
  }
  if (!opened.violations().empty()) return failed(expected, joined(opened.violations()));
  return passed();
}

}  // namespace

namespace {

/// Rondom looks up what may have arrived before it sends it again: a new instance must know it.
Finding look_up_after(const Subject& subject) {
  FakeHost host(subject, {}, later_us);
  Opened opened(subject, host);
  opened.open();
  std::vector<Operation> operations = operations_of(*subject.fixture);
  const std::size_t written = operations.size();
  Operation never = operations.front();
  never.id = "operation-never-written";
  never.record.key = "profile-never-written";
  operations.push_back(never);
  const Written found = opened.look_up(operations);
  const std::string expected = "look_up() that knows what was written, and only that";
  if (!found.answer.ok()) return failed(expected, outcomes_text(found) + unanswered_text(host));
  for (std::size_t i = 0; i < written; ++i) {
    if (!is_rejected(*subject.fixture, i) && found.outcomes[i] != RONDOM_OUTCOME_ACCEPTED) {
      return failed(expected, outcomes_text(found));
    }
  }
  if (!subject.declared.uses_http && found.outcomes[written] == RONDOM_OUTCOME_ACCEPTED) {
    return failed(expected, "accepted for an operation that was never written");
  }
  return passed();
}

}  // namespace

Finding check_write_twice(const Subject& subject) {
  const Folder empty = folder_now();
  const Delivery first = deliver(subject);
  const Folder once = folder_now();
  if (!subject.info.idempotent_upsert && subject.info.can_look_up) return look_up_after(subject);
  if (!subject.info.idempotent_upsert) {
    return skipped(
        "it declares neither idempotent upsert nor look up: Rondom keeps what may have arrived");
  }
  if (!subject.declared.uses_http && once == empty) {
    return skipped("what it writes is neither sent over HTTP nor in its folder");
  }
  const Delivery second = deliver(subject, later_us);
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
  for (const auto& [fault, when] :
       {std::pair(reply(server_error), "status 500"), std::pair(reply(bad_request), "status 400"),
        std::pair(lost_answer(), "no answer")}) {
    Finding finding = none_accepted(subject, fault, when);
    if (finding.outcome != Outcome::passed) return finding;
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
