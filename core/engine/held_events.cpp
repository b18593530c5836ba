#include "engine/held_events.h"

#include <utility>

namespace rondom::engine {

void HeldEvents::records(const plugin::SourceBatch& batch) {
  Event& event = events_.emplace_back(
      Event{Kind::records, std::string(batch.stream), std::string(batch.origin), {}});
  for (const plugin::SourceRecord& record : batch.records) {
    event.records.push_back({std::string(record.json), std::string(record.problem), record});
    bytes_ += record.json.size() + record.problem.size();
  }
}

void HeldEvents::checkpoint(std::string_view stream, std::string_view state) {
  events_.push_back({Kind::checkpoint, std::string(stream), std::string(state), {}});
  bytes_ += state.size();
}

void HeldEvents::refresh_begin(std::string_view stream, std::string_view token) {
  events_.push_back({Kind::refresh_begin, std::string(stream), std::string(token), {}});
}

Status HeldEvents::release(const Event& event, plugin::ReadSink& sink) {
  if (event.kind == Kind::checkpoint) return sink.checkpoint(event.stream, event.text);
  if (event.kind == Kind::refresh_begin) return sink.refresh_begin(event.stream, event.text);
  std::vector<plugin::SourceRecord> records;
  records.reserve(event.records.size());
  for (const Record& record : event.records) {
    plugin::SourceRecord& one = records.emplace_back(record.as);
    one.json = record.json;
    one.problem = record.problem;
  }
  return sink.records({event.stream, event.text, records});
}

Status HeldEvents::release(plugin::ReadSink& sink) {
  const std::deque<Event> events = std::exchange(events_, {});
  bytes_ = 0;
  for (const Event& event : events) RONDOM_TRY(release(event, sink));
  return {};
}

void HeldEvents::drop() {
  events_.clear();
  bytes_ = 0;
}

}  // namespace rondom::engine
