// extract: takes what a source pushes and cuts it into batches for the rest of the pipeline.
//
// Sink runs on the thread that called Source::read and blocks while `window_bytes` of records are
// not yet stored: that is the back-pressure a plugin feels, and what a kill makes the next run read
// again (with the plugin host's own credit and the connector's distance between checkpoints). Order
// is kept: batch numbers follow the source's own order, and checkpoints and refresh marks stay
// behind the records they cover.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/base.h"
#include "plugin/plugin.h"
#include "store/store.h"

namespace rondom::extract {

/// A record inside Batch::bytes.
struct RawRecord {
  std::uint32_t offset = 0;
  std::uint32_t size = 0;
  plugin::Operation operation = plugin::Operation::upsert;
  bool unreadable = false;    // then the bytes are an excerpt and `problem` says why
  std::uint32_t problem = 0;  // index into Batch::problems
  std::uint32_t origin = 0;   // index into Batch::origins
  std::uint64_t position = 0;
  Timestamp changed_at = no_time;
};

enum class Mark : std::uint8_t { none, refresh_begin, refresh_complete };

/// Records of one stream in source order, owned. A mark is an event of its own without records.
struct Batch {
  std::uint64_t number = 0;  // 0, 1, 2, … over the whole read
  std::string stream;
  std::string bytes;
  std::vector<RawRecord> records;
  std::vector<std::string> problems;
  std::vector<std::string> origins;
  std::vector<store::Checkpoint> checkpoints;
  Mark mark = Mark::none;
  std::string token;  // refresh_begin: the connector's name for the generation
  std::string_view text(const RawRecord& record) const {
    return std::string_view(bytes).substr(record.offset, record.size);
  }
};

struct Limits {
  std::size_t batch_records = 50'000;
  std::size_t batch_bytes = 20u << 20;
  std::size_t window_bytes = 48u << 20;    // taken from the source and not yet stored
  std::size_t batches_in_window_max = 64;  // the same for batches that hold hardly anything
};

class Sink final : public plugin::ReadSink {
 public:
  explicit Sink(Limits limits) : limits_(limits) {}

  // the source's thread
  Status records(const plugin::SourceBatch& batch) override;
  Status checkpoint(std::string_view stream, std::string_view state_json) override;
  Status refresh_begin(std::string_view stream, std::string_view generation) override;
  Status refresh_complete(std::string_view stream) override;
  /// The read ended (well or not): hands over what is left; take() then ends.
  void finish();

  // workers
  /// The next batch, or nothing at the end or after stop(). Any number of threads.
  std::optional<Batch> take();
  /// A batch of this size was stored (or dropped): its share of the window is free again.
  void stored(std::size_t bytes);
  /// Refuses further pushes: the consumer failed or was cancelled.
  void stop();

 private:
  Status wait_for_room(const plugin::SourceBatch& batch);
  Status hand_over();
  Status hand_over(Batch batch);
  Batch& current_for(std::string_view stream);

  Limits limits_;
  Batch current_;
  bool has_current_ = false;
  std::uint64_t next_number_ = 0;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Batch> waiting_;
  std::size_t bytes_in_window_ = 0;
  std::size_t batches_in_window_ = 0;
  bool finished_ = false;
  bool stopped_ = false;
};

}  // namespace rondom::extract
