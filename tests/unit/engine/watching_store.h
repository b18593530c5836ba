// A store that remembers what ingest applied, and lets a test hold or fail a call.
#pragma once

#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "unit/engine/forwarding_store.h"

namespace rondom::engine::test {

/// What the store and its readers share. Any thread.
class Watch {
 public:
  /// Called before batch n (0, 1, …) is applied; a failure fails the apply.
  std::function<Status(std::size_t n)> before_apply;
  /// Called on a worker's thread when it asks what is known, the nth time (1, 2, …) over all
  /// workers.
  std::function<void(std::size_t n)> at_known;

  void wait_for_known(std::size_t calls) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return known_calls_ >= calls; });
  }
  void wait_for_applied(std::size_t batches) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return applied_.size() >= batches; });
  }
  /// "a:mapped b:unchanged" of each batch applied; (n) behind a key: outputs, when not one for a
  /// mapped row and none for others.
  std::vector<std::string> applied() const {
    const std::lock_guard lock(mutex_);
    return applied_;
  }

  void note_known() {
    std::size_t calls;
    {
      const std::lock_guard lock(mutex_);
      calls = ++known_calls_;
      changed_.notify_all();
    }
    if (at_known) at_known(calls);
  }
  std::size_t next_apply() const {
    const std::lock_guard lock(mutex_);
    return applied_.size();
  }
  void note_applied(std::string text) {
    const std::lock_guard lock(mutex_);
    applied_.push_back(std::move(text));
    changed_.notify_all();
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t known_calls_ = 0;
  std::vector<std::string> applied_;
};

class WatchingStore final : public ForwardingStore {
 public:
  WatchingStore(store::Store& inner, Watch& watch) : ForwardingStore(inner), watch_(watch) {}
  WatchingStore(std::unique_ptr<store::Store> inner, Watch& watch)
      : ForwardingStore(std::move(inner)), watch_(watch) {}

  Result<std::unique_ptr<store::Store>> open_reader() const override {
    RONDOM_TRY_ASSIGN(auto reader, inner_->open_reader());
    return std::unique_ptr<store::Store>(new WatchingStore(std::move(reader), watch_));
  }
  Result<std::vector<store::KnownRow>> known(store::StreamId stream,
                                             std::span<const std::uint64_t> key_hashes) override {
    auto rows = inner_->known(stream, key_hashes);
    watch_.note_known();
    return rows;
  }
  Result<store::StreamCounts> apply(const store::IngestBatch& batch) override {
    if (watch_.before_apply) RONDOM_TRY(watch_.before_apply(watch_.next_apply()));
    std::string text = describe(batch);
    auto counts = inner_->apply(batch);
    if (counts.ok()) watch_.note_applied(std::move(text));
    return counts;
  }
  using ForwardingStore::apply;

 private:
  static std::string describe(const store::IngestBatch& batch) {
    static constexpr const char* words[] = {"mapped", "unchanged", "removed", "filtered",
                                            "refused"};
    std::string text;
    for (const store::Row& row : batch.rows) {
      if (!text.empty()) text += ' ';
      text += std::string(row.key) + ":" + words[static_cast<std::size_t>(row.kind)];
      const std::size_t usual = row.kind == store::RowKind::mapped ? 1 : 0;
      if (row.outputs.size() != usual) text += "(" + std::to_string(row.outputs.size()) + ")";
    }
    for (const store::Checkpoint& checkpoint : batch.checkpoints) {
      text += " " + checkpoint.scope + "=" + checkpoint.state;
    }
    return text;
  }

  Watch& watch_;
};

}  // namespace rondom::engine::test
