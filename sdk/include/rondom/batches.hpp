// Batches: what a destination sends at once, and which record spoils a batch refused as a whole.
//
//   for (const Range part : batches_of(sizes, 500, 4u << 20)) {
//     RONDOM_TRY(bisect(part, send, refused, not_sent));
//   }
//
// Pure but for the functions that are passed in. Positions are the caller's own.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "result.hpp"

namespace rondom {
inline namespace sdk_v1 {

/// Requests that bisect() spends on one batch: enough for a batch of 1,000 that is bad throughout.
inline constexpr std::size_t bisect_requests_max = 2'000;

/// Positions begin … end - 1.
struct Range {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::size_t size() const { return end - begin; }
};

/// Splits records of these sizes (bytes, as they are sent) in order. One that is larger than
/// bytes_max stands alone: the system says what it thinks of it. 0 = no limit of that kind.
inline std::vector<Range> batches_of(const std::vector<std::size_t>& sizes, std::size_t count_max,
                                     std::size_t bytes_max) {
  std::vector<Range> batches;
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const bool full = batches.empty() || (count_max != 0 && batches.back().size() >= count_max) ||
                      (bytes_max != 0 && bytes + sizes[i] > bytes_max);
    if (full) {
      batches.push_back({i, i});
      bytes = 0;
    }
    batches.back().end = i + 1;
    bytes += sizes[i];
  }
  return batches;
}

/// Splits `count` records by number only.
inline std::vector<Range> batches_of(std::size_t count, std::size_t count_max) {
  return batches_of(std::vector<std::size_t>(count, 0), count_max, 0);
}

/// Sends a batch; one that is refused whole is sent again in halves until each record to blame is
/// found, in order.
///   send      ok: the answer was taken, whatever it says of single records. Code::data: refused
///             whole, and nothing of it was applied. Any other failure ends the sending.
///   refused   one record that is refused on its own, and why.
///   not_sent  what that failure concerns: the range it was met with, then what was not tried.
inline Status bisect(Range whole, const std::function<Status(Range)>& send,
                     const std::function<void(std::size_t, const Failure&)>& refused,
                     const std::function<void(Range, const Failure&)>& not_sent) {
  std::vector<Range> waiting;  // the next one last
  if (whole.size() > 0) waiting.push_back(whole);
  for (std::size_t requests = 0; !waiting.empty(); ++requests) {
    const Range part = waiting.back();
    waiting.pop_back();
    const Status status =
        requests < bisect_requests_max
            ? send(part)
            : Status(Code::transient, "Too many records were refused (bisect_requests_max).");
    if (status.ok()) continue;
    if (status.code() != Code::data) {
      not_sent(part, status.error());
      const Failure cause{status.code() == Code::unavailable ? Code::transient : status.code(),
                          "Not tried: " + status.error().message};
      for (; !waiting.empty(); waiting.pop_back()) not_sent(waiting.back(), cause);
      return status.error();
    }
    if (part.size() == 1) {
      refused(part.begin, status.error());
      continue;
    }
    const std::size_t middle = part.begin + part.size() / 2;
    waiting.push_back({middle, part.end});
    waiting.push_back({part.begin, middle});
  }
  return {};
}

}  // namespace sdk_v1
}  // namespace rondom
