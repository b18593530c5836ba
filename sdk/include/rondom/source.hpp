// Source: base class of what reads records from a system.
//
// The SDK makes one object per configured source and calls it from one thread at a time. A method
// that throws is reported as a defect of the plugin. Constructors take the configuration and touch
// neither network nor files:
//
//   class Contacts final : public rondom::Source {
//    public:
//     static constexpr auto spec = rondom::Spec<Config>("acme-crm", "Contacts of Acme CRM.")…;
//     Contacts(Config config, rondom::Context& context);
//     …
//   };
//   RONDOM_PLUGIN("acme", "1.0.0", rondom::source<Contacts>())
//
// A source of a system that a destination of the same plugin writes to says in which streams that
// comes back. What a job writes there is then no evidence when it is read (docs/decisions/0014):
//
//     static constexpr std::array<std::string_view, 1> written_streams{"contacts"};
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "catalog.hpp"
#include "context.hpp"
#include "record_writer.hpp"
#include "result.hpp"

namespace rondom {
inline namespace sdk_v1 {

struct ReadStream {
  std::string name;
  std::string options_json;  // the job's options for this stream, a JSON object
  std::string state_json;    // last stored checkpoint; empty = start from nothing
  std::string generation;    // of a refresh that is to be resumed; empty = none
};

struct ReadRequest {
  std::vector<ReadStream> streams;
  std::uint64_t records_max = 0;  // preview: at most this many per stream; 0 = no limit
};

class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  /// Can we reach it with these credentials? Changes nothing there.
  virtual Status check() { return {}; }
  /// What there is to read.
  virtual Result<Catalog> discover() {
    return Failure{Code::unsupported, "This source does not list its streams."};
  }
  /// The same for a connector that needs the options of a stream to know.
  virtual Result<Catalog> discover_with_options(std::string_view /*options_json*/) {
    return discover();
  }
  /// Pushes records and checkpoints until there is nothing left, or a Status of `out` fails.
  virtual Status read(const ReadRequest& request, RecordWriter& out) = 0;
};

}  // namespace sdk_v1
}  // namespace rondom
