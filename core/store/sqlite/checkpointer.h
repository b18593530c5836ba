// Checkpointer: copies the write-ahead log back into the database file, off the writer's thread.
//
// Owns a connection and a thread. The writer tells it after each commit how large the log is.
// Failures are not reported: the log only grows, and the writer itself waits at wal_bytes_max.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

#include "store/sqlite/connection.h"

namespace rondom::store {

class Checkpointer {
 public:
  explicit Checkpointer(std::unique_ptr<Connection> connection);
  ~Checkpointer();
  Checkpointer(const Checkpointer&) = delete;
  Checkpointer& operator=(const Checkpointer&) = delete;

  void wal_grew(std::int64_t bytes);

 private:
  void work();

  std::unique_ptr<Connection> connection_;
  std::mutex mutex_;
  std::condition_variable wake_;
  bool wanted_ = false;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace rondom::store
