#include "conformance/writing.h"

#include <algorithm>

#include "conformance/child.h"

namespace rondom::conformance {

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

Delivery deliver(const Subject& subject, std::int64_t later) {
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

}  // namespace rondom::conformance
