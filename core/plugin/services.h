// services: what a plugin can ask of its host, behind one C++ interface, and the C table over it.
//
// ServiceBackend is implemented twice: over the engine's HostServices (in this process) and over
// frames (in a plugin host). A HostTable borrows its backend and must outlive every instance opened
// with it. Functions of both may be called from any thread.
#pragma once

#include <rondom/plugin.h>

#include <cstdint>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "plugin/frames.h"
#include "plugin/plugin.h"

namespace rondom::plugin {

class ServiceBackend {
 public:
  virtual ~ServiceBackend() = default;
  virtual void log(std::string_view level, std::string_view message) = 0;
  virtual Result<std::string> call(Service service, std::string_view name,
                                   std::string_view value) = 0;
  virtual Status http(const net::Request& request, net::ReplySink& sink) = 0;
  virtual std::int64_t now_us() = 0;
  virtual Status sleep_ms(std::uint64_t milliseconds) = 0;
  virtual bool cancelled() = 0;
  /// Descriptors of the user's streams, or nullptr when the connector has none.
  virtual const rondom_ext_streams* standard_streams() = 0;
};

/// The rondom_host of one instance. No exception leaves its functions.
class HostTable {
 public:
  explicit HostTable(ServiceBackend& backend);
  HostTable(const HostTable&) = delete;
  HostTable& operator=(const HostTable&) = delete;
  const rondom_host* abi() const { return &abi_; }

 private:
  rondom_host abi_{};
};

/// Over the engine's callbacks, in this process.
class LocalServices final : public ServiceBackend {
 public:
  explicit LocalServices(HostServices services) : services_(std::move(services)) {}

  void log(std::string_view level, std::string_view message) override;
  Result<std::string> call(Service service, std::string_view name, std::string_view value) override;
  Status http(const net::Request& request, net::ReplySink& sink) override;
  std::int64_t now_us() override { return clock_.now(); }
  Status sleep_ms(std::uint64_t milliseconds) override;
  bool cancelled() override { return interrupt_.requested(); }
  const rondom_ext_streams* standard_streams() override { return nullptr; }

  /// From any thread: wakes sleepers, ends exchanges, and every later question answers yes.
  void cancel() { interrupt_.request(); }

 private:
  HostServices services_;
  SystemClock clock_;
  net::Interrupt interrupt_;
};

/// Answers a service call from the engine's callbacks; a missing callback is `unsupported`.
Result<std::string> call_service(const HostServices& services, Service service,
                                 std::string_view name, std::string_view value);

}  // namespace rondom::plugin
