// notices: what somebody is told of jobs that fail, and when. Decides, and sends nothing: no clock,
// no process, no file.
//
// A trouble is one way in which one job does not do what it should. It is told once, again after
// `repeat` while it stays, and its end is told when its beginning was. One that comes and goes is
// told at most once in notice_rest. No personal data and no secret is in a notice. One thread.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "service/run_outcome.h"

namespace rondom::service {

/// The same trouble again within this, with an end between, is not told again yet.
inline constexpr std::int64_t notice_rest = 15 * 60 * microseconds_per_second;
/// Ways in which one job fails that are remembered apart; further ones count as one.
inline constexpr std::size_t troubles_of_a_job_max = 50;

enum class NoticeKind : std::uint8_t { failed, stopped, quarantined, stale, recovered, test };
const char* to_text(NoticeKind kind);

struct Notice {
  NoticeKind kind = NoticeKind::test;
  std::string id;  // of this message, the same each time that it is sent
  std::string project, environment;
  std::string job, stream;  // empty: of none
  std::string status;       // of the run: "failed", "timed_out", …
  std::string error, error_code, run;
  int exit_code = 0;
  std::int64_t refused = 0;
  Timestamp at = 0, since = no_time;  // since when the trouble is there
  std::int64_t times = 0;             // it was met since then
};
/// One sentence for people.
std::string sentence_of(const Notice& notice);
/// The message: {"type":"job.failed","timestamp":…,"text":…,"data":{…}}.
std::string body_of(const Notice& notice);

/// What of a trouble outlives the service.
struct Trouble {
  Timestamp since = no_time, told_at = no_time;
  std::int64_t times = 0;
  bool active = false;
  bool told = false;  // since it began: so its end is told
  bool operator==(const Trouble&) const = default;
};
/// By way: "failed/transient", "stopped", "quarantined", "stale/contacts".
using Troubles = std::map<std::string, Trouble>;

/// A run of this job ended so. `stopped`: why the service asked it to stop, when it did.
std::vector<Notice> notices_of(const std::string& job, const RunOutcome& outcome,
                               StopReason stopped, std::int64_t repeat, Timestamp now,
                               Troubles& troubles);
/// A stream is stale, or is not. `since`: its last completed read, no_time before the first.
std::vector<Notice> notices_of_stream(const std::string& job, const std::string& stream, bool stale,
                                      Timestamp since, std::int64_t repeat, Timestamp now,
                                      Troubles& troubles);

}  // namespace rondom::service
