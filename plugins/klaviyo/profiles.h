// profiles: who is at Klaviyo, who said no there, and whose mail bounces.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "api.h"

namespace rondom::klaviyo {

/// Each run looks back this far: what was being saved while the last one read has an earlier time.
inline constexpr std::int64_t overlap_seconds = 300;

/// What a job may say in the `options` of a stream.
struct StreamOptions {
  std::string mode;
};

class Profiles final : public Source {
 public:
  static constexpr auto spec = connection("Profiles of Klaviyo with their subscriptions.");
  static constexpr auto facts =
      Facts()
          .stream("profiles", "Every profile with its subscriptions. mode: full tells who is gone.",
                  reads_changes | reads_deletions)
          .stream("unsubscribed", "Who unsubscribed, complained or was suppressed by hand there.",
                  reads_changes | reads_feedback)
          .stream("bounced", "Addresses that Klaviyo gave up as their mail bounces.",
                  reads_changes | reads_feedback)
          .evidence("API description",
                    "Requests hold against the vendor's description of revision 2026-07-15; "
                    "known-bad ones are refused first.");
  static constexpr auto job_options =
      Spec<StreamOptions>("klaviyo-stream", "Options of a stream of the klaviyo source.")
          .field("mode", &StreamOptions::mode,
                 "changes: what changed since the last run; full: all of it, which also finds who "
                 "was deleted.")
          .fallback("changes")
          .choices("changes", "full");
  static constexpr std::array<std::string_view, 1> written_streams{"profiles"};

  Profiles(const Config& /*config*/, Context& context) : api_(context) {}

  Status check() override { return api_.check(); }
  Result<Catalog> discover() override;
  Status read(const ReadRequest& request, RecordWriter& out) override;

 private:
  enum class Kind { profiles, unsubscribed, bounced };
  /// Where reading goes on.
  struct Place {
    std::optional<std::int64_t> since;  // second up to which everything was read
    std::optional<std::int64_t> from;   // of a walk that was cut off: what it asked for,
    std::string cursor;                 // and its next page
    bool walking = false;
  };
  /// One stream on its way.
  struct Walk {
    const ReadStream& stream;
    RecordWriter& out;
    Kind kind;
    bool full = false;
    std::uint64_t records_max = 0, read = 0;
    Place place;
    std::int64_t last = 0;  // the latest time of change that came by
  };

  static Place place_of(const Json& state);
  static std::string state_of(const Place& place);
  static HttpRequest first_page(const Walk& walk);
  static Status tell(Walk& walk, const Json& profile);
  Status read_stream(const ReadStream& stream, std::uint64_t records_max, RecordWriter& out);
  Status walk(Walk& walk) const;

  Api api_;
};

}  // namespace rondom::klaviyo
