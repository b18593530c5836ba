// audit: who looked at whom, and who gave orders: one line of JSON each, only ever added.
//
// Each line holds the hash of the one before it, so that a line cannot be changed, taken out or put
// in without the rest telling. What is cut off at the end is not told by the file itself: keep a
// copy of the last hash elsewhere (docs/guide/api.md). Of people it holds profile ids and nothing
// else. Any thread.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"

namespace rondom::service {

inline constexpr const char* audit_file = "audit.jsonl";  // in the state folder

struct AuditEntry {
  std::string who;      // "token reporting", "user 1000"
  std::string what;     // "GET /api/v1/profiles/{profile}", "command profile show"
  std::string subject;  // a profile's id, what was renamed, or empty
  int status = 0;       // what was answered; of commands and orders 0, as they are written before
  std::string about{};  // of an order: the job or item, and the guards that were accepted; bounded
};

class Audit {
 public:
  /// Nothing is opened yet. A file that does not follow from its beginning is kept beside it as
  /// FILE.damaged-TIME (-2 and so on when there is one), and the first line of the new one says so;
  /// so it does when the file was moved or removed while it was written to.
  Audit(std::string file, const Clock& clock) : file_(std::move(file)), clock_(clock) {}
  ~Audit();
  Audit(const Audit&) = delete;
  Audit& operator=(const Audit&) = delete;

  /// On the disk when it returns ok. ErrorCode::unavailable: it cannot be written, so nothing may
  /// be shown.
  Status add(const AuditEntry& entry);

 private:
  Status open();
  Status append(const AuditEntry& entry);
  void say_first(const std::string& why);
  bool is_there() const;

  const std::string file_;
  const Clock& clock_;
  std::mutex mutex_;  // guards what follows
  int descriptor_ = -1;
  std::string previous_;
  std::deque<std::string> first_;  // to be said before anything else, and not said yet
};

struct AuditCheck {
  std::int64_t entries = 0;
  std::string last_hash;
  std::int64_t begun_anew = 0;  // entries that say that what stood before them was damaged or gone
  std::vector<std::string> damaged{};  // files beside it that were put aside; sorted
};
/// Reads it all, and looks for what was put aside. ErrorCode::data: the line that does not follow
/// from the one before it.
Result<AuditCheck> check_audit(const std::string& file);

}  // namespace rondom::service
