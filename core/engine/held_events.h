// held_events: what a source pushed, kept for a while instead of handed on. Private to the engine.
// One thread.
#pragma once

#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "plugin/plugin.h"

namespace rondom::engine {

class HeldEvents {
 public:
  static constexpr std::size_t events_max = 64;
  static constexpr std::size_t bytes_max = 4u << 20;

  void records(const plugin::SourceBatch& batch);
  void checkpoint(std::string_view stream, std::string_view state);
  void refresh_begin(std::string_view stream, std::string_view token);
  bool empty() const { return events_.empty(); }
  bool is_full() const { return events_.size() >= events_max || bytes_ >= bytes_max; }
  /// In their order, and nothing is held any more.
  Status release(plugin::ReadSink& sink);
  void drop();

 private:
  enum class Kind : std::uint8_t { records, checkpoint, refresh_begin };
  struct Record {
    std::string json, problem;
    plugin::SourceRecord as;  // all but the texts
  };
  struct Event {
    Kind kind = Kind::records;
    std::string stream, text;  // origin, state or token
    std::vector<Record> records;
  };
  static Status release(const Event& event, plugin::ReadSink& sink);

  std::deque<Event> events_;
  std::size_t bytes_ = 0;
};

}  // namespace rondom::engine
