// CurlTransport: Transport over libcurl. TLS is always verified; HTTP/2 where TLS offers it;
// compressed replies are decoded; connections are kept and used again. Redirects, retries and
// authentication are not its business.
//
// Any thread, several at a time; each running exchange has a connection of its own or a kept one.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "net/transport.h"

namespace rondom::net {

struct CurlOptions {
  std::string proxy;    // empty = http_proxy, https_proxy and no_proxy of the environment
  std::string ca_file;  // empty = the system's certificates
  std::string user_agent = "Rondom";
  std::size_t kept_connections_max = 8;
};

class CurlTransport final : public Transport {
 public:
  CurlTransport(CurlOptions options, const Clock& clock);
  ~CurlTransport() override;
  Outcome exchange(const WireRequest& request, WireSink& sink, Interrupt& interrupt) override;

 private:
  struct Slot;
  struct Inside;
  std::unique_ptr<Inside> inside_;
};

}  // namespace rondom::net
