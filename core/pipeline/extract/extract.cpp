#include "pipeline/extract/extract.h"

#include <algorithm>
#include <utility>

namespace rondom::extract {

namespace {

std::uint32_t index_of(std::vector<std::string>& texts, std::string_view text) {
  if (texts.empty() || texts.back() != text) texts.emplace_back(text);
  return static_cast<std::uint32_t>(texts.size() - 1);
}

}  // namespace

Batch& Sink::current_for(std::string_view stream) {
  if (!has_current_) {
    current_ = Batch{};
    current_.stream = stream;
    has_current_ = true;
  }
  return current_;
}

/// Blocks while these bytes, with the batch that is being filled, do not fit in the window.
Status Sink::wait_for_room(const plugin::SourceBatch& batch) {
  std::size_t bytes = has_current_ ? current_.bytes.size() : 0;
  for (const plugin::SourceRecord& record : batch.records) bytes += record.json.size();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] {
    return stopped_ || batches_in_window_ == 0 || bytes_in_window_ + bytes <= limits_.window_bytes;
  });
  if (stopped_) return {ErrorCode::cancelled, "reading was stopped"};
  return {};
}

Status Sink::records(const plugin::SourceBatch& batch) {
  RONDOM_TRY(wait_for_room(batch));
  if (has_current_ && current_.stream != batch.stream) RONDOM_TRY(hand_over());
  for (const plugin::SourceRecord& record : batch.records) {
    if (record.json.size() > limits::record_bytes_max) {
      return {ErrorCode::internal, "the connector pushed a record above the size limit"};
    }
    if (has_current_ && (current_.records.size() >= limits_.batch_records ||
                         current_.bytes.size() + record.json.size() > limits_.batch_bytes)) {
      RONDOM_TRY(hand_over());
    }
    Batch& current = current_for(batch.stream);
    RawRecord raw;
    raw.offset = static_cast<std::uint32_t>(current.bytes.size());
    raw.size = static_cast<std::uint32_t>(record.json.size());
    raw.operation = record.operation;
    raw.position = record.position;
    raw.changed_at = record.changed_at;
    raw.origin = index_of(current.origins, batch.origin);
    if (!record.problem.empty()) {
      raw.unreadable = true;
      raw.problem = index_of(current.problems, record.problem);
    }
    current.bytes += record.json;
    current.records.push_back(raw);
  }
  return {};
}

Status Sink::checkpoint(std::string_view stream, std::string_view state_json) {
  Batch& current = current_for(has_current_ ? std::string_view(current_.stream) : stream);
  for (store::Checkpoint& known : current.checkpoints) {
    if (known.scope == stream) {
      known.state = state_json;
      return {};
    }
  }
  current.checkpoints.push_back({std::string(stream), std::string(state_json)});
  return {};
}

Status Sink::refresh_begin(std::string_view stream, std::string_view generation) {
  RONDOM_TRY(hand_over());
  Batch batch;
  batch.stream = stream;
  batch.mark = Mark::refresh_begin;
  batch.token = generation;
  return hand_over(std::move(batch));
}

Status Sink::refresh_complete(std::string_view stream) {
  RONDOM_TRY(hand_over());
  Batch batch;
  batch.stream = stream;
  batch.mark = Mark::refresh_complete;
  return hand_over(std::move(batch));
}

Status Sink::hand_over() {
  if (!has_current_) return {};
  has_current_ = false;
  return hand_over(std::move(current_));
}

Status Sink::hand_over(Batch batch) {
  std::unique_lock lock(mutex_);
  // One batch always fits, however large: it is cut by batch_bytes before.
  changed_.wait(lock, [&] {
    return stopped_ || batches_in_window_ == 0 ||
           (bytes_in_window_ + batch.bytes.size() <= limits_.window_bytes &&
            batches_in_window_ < limits_.batches_in_window_max);
  });
  if (stopped_) return {ErrorCode::cancelled, "reading was stopped"};
  batch.number = next_number_++;
  bytes_in_window_ += batch.bytes.size();
  ++batches_in_window_;
  waiting_.push_back(std::move(batch));
  changed_.notify_all();
  return {};
}

void Sink::finish() {
  (void)hand_over();  // a stopped consumer does not want it any more
  const std::lock_guard lock(mutex_);
  finished_ = true;
  changed_.notify_all();
}

std::optional<Batch> Sink::take() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return stopped_ || finished_ || !waiting_.empty(); });
  if (stopped_ || waiting_.empty()) return std::nullopt;
  Batch batch = std::move(waiting_.front());
  waiting_.pop_front();
  changed_.notify_all();
  return batch;
}

void Sink::stored(std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  bytes_in_window_ -= std::min(bytes, bytes_in_window_);
  if (batches_in_window_ > 0) --batches_in_window_;
  changed_.notify_all();
}

void Sink::stop() {
  const std::lock_guard lock(mutex_);
  stopped_ = true;
  changed_.notify_all();
}

}  // namespace rondom::extract
