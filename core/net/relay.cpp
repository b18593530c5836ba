#include "net/relay.h"

namespace rondom::net {
namespace {

bool is_redirect(std::uint32_t status) {
  return status == 301 || status == 302 || status == 303 || status == 307 || status == 308;
}

}  // namespace

Relay::Then Relay::judge() {
  if (status_ == 401 && may_renew && sent_.can_rewind()) return Then::renew;
  if (is_redirect(status_) && may_redirect && !location().empty()) return Then::redirect;
  if (status_ < 400) return Then::deliver;
  Attempt& attempt = progress_.attempt;
  attempt.outcome = Outcome::Kind::complete;
  attempt.status = status_;
  attempt.body_repeatable = sent_.can_rewind();
  attempt.told_wait_ms.reset();
  if (status_ == 429) attempt.told_wait_ms = told_wait_ms(headers_, now_);
  if ((status_ < 500 && status_ != 429) || status_ == 503)
    attempt.told_wait_ms = retry_after_ms(headers_, now_);
  decision_ = decide(policy_, attempt, chance_);
  if (decision_.retry) return Then::retry;
  return certainly_not_applied(status_, attempt.told_wait_ms.has_value()) ? Then::give_up
                                                                          : Then::deliver;
}

}  // namespace rondom::net
