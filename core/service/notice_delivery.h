// notice_delivery: one message to one who is told, by HTTP or by a program. Any thread; waits until
// it is done.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "base/base.h"
#include "config/config.h"
#include "net/interrupt.h"
#include "service/notices.h"

namespace rondom::net {
class Transport;
}

namespace rondom::service {

class NoticeDelivery {
 public:
  /// `root`: of the project, where a command stands. All but it must live longer.
  NoticeDelivery(std::string root, const Clock& clock, Random& random);
  ~NoticeDelivery();

  /// Within the target's time. What it fails with holds no secret. ErrorCode::bad_config: a secret
  /// that is not there or no address; cancelled: interrupted.
  Status deliver(const config::NotifyTarget& target, const config::Secrets& secrets,
                 const Notice& notice, net::Interrupt& interrupt);

 private:
  Status post(const config::NotifyTarget& target, const config::Secrets& secrets,
              const Notice& notice, net::Interrupt& interrupt);
  Status run(const config::NotifyTarget& target, const Notice& notice, net::Interrupt& interrupt);

  const std::string root_;
  const Clock& clock_;
  Random& random_;
  std::unique_ptr<net::Transport> transport_;
};

/// webhook-signature of Standard Webhooks: "v1," and the HMAC-SHA-256 of "id.seconds.body" in
/// base64. Source:
/// https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
/// ErrorCode::bad_config: the key is no base64.
Result<std::string> webhook_signature(std::string_view key, std::string_view id,
                                      std::string_view seconds, std::string_view body);

}  // namespace rondom::service
