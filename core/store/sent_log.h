// SentLog: what was committed as in flight, once more in a file beside a SQLite store, before it is
// sent. Private to core/store.
//
// A damaged tail of the store's own log takes the newest commits with it, and with them what a
// destination was told. This file does not go with it. One line a commit: its number, a checksum,
// the deliveries, of which it holds no value: their fields are hashes, and which consent decided is
// left out. It is emptied when the store is closed with nothing left in its log. One thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "store/store.h"

namespace rondom::store {

/// Then a new file; the one before the last is given up.
inline constexpr std::int64_t sent_log_bytes_max = 32LL << 20;

/// Where the database keeps the number of the last one.
inline constexpr std::string_view sent_number_key = "sent";

class SentLog {
 public:
  struct Entry {
    std::int64_t number = 0;
    std::string destination;
    std::string deliveries;  // as deliveries_text() has it
  };

  /// `store`: its file. Makes nothing yet.
  explicit SentLog(std::string store, std::int64_t bytes_max = sent_log_bytes_max)
      : store_(std::move(store)), file_(store_ + "-sent"), bytes_max_(bytes_max) {}
  ~SentLog();
  SentLog(const SentLog&) = delete;
  SentLog& operator=(const SentLog&) = delete;

  const std::string& store() const { return store_; }

  /// What came after that commit, in order. A line that was not written to its end was never sent.
  Result<std::vector<Entry>> after(std::int64_t number) const;
  /// Takes the room for an entry on the disk, so that add() does not fail for want of it.
  Status reserve(const Entry& entry);
  /// Durable on return.
  Status add(const Entry& entry);
  /// Nothing of it is needed any more.
  void clear();

 private:
  Status open();
  std::string older() const { return file_ + ".1"; }

  std::string store_, file_;
  std::int64_t bytes_max_;  // of one file
  int descriptor_ = -1;
  std::int64_t bytes_ = 0;
};

}  // namespace rondom::store
