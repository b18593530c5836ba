#include "engine/ingest.h"

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

#include "engine/ingest_worker.h"
#include "engine/looking_sink.h"

namespace rondom::engine {

namespace {

using SteadyClock = std::chrono::steady_clock;

std::int64_t microseconds_since(SteadyClock::time_point start) {
  return std::chrono::duration_cast<std::chrono::microseconds>(SteadyClock::now() - start).count();
}

// Prepared batches on their way to the writer, which wants them in the source's order. Bounded by
// the number of workers: each holds at most one until the writer has room.
class OrderedQueue {
 public:
  explicit OrderedQueue(std::size_t room) : room_(room) {}

  // Blocks while the batch is too far ahead of the writer; false once closed.
  bool put(std::unique_ptr<PreparedBatch> batch) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return closed_ || batch->raw.number < next_ + room_; });
    if (closed_) return false;
    const std::uint64_t number = batch->raw.number;
    waiting_.emplace(number, std::move(batch));
    changed_.notify_all();
    return true;
  }

  // The next batch in order; nullptr when all producers are done and nothing is left, or when
  // somebody asked to stop while there was none: a source may be silent for long.
  std::unique_ptr<PreparedBatch> take(const Cancel* cancel) {
    std::unique_lock lock(mutex_);
    const auto ready = [&] { return closed_ || waiting_.count(next_) != 0 || producers_ == 0; };
    while (!changed_.wait_for(lock, cancel_poll, ready)) {
      if (cancel != nullptr && cancel->requested()) return nullptr;
    }
    const auto found = waiting_.find(next_);
    if (closed_ || found == waiting_.end()) return nullptr;
    auto batch = std::move(found->second);
    waiting_.erase(found);
    ++next_;
    changed_.notify_all();
    return batch;
  }

  bool all_done() const {
    const std::lock_guard lock(mutex_);
    return producers_ == 0 && waiting_.empty();
  }
  void add_producer() { ++producers_; }
  void producer_done() {
    const std::lock_guard lock(mutex_);
    --producers_;
    changed_.notify_all();
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    changed_.notify_all();
  }

 private:
  static constexpr std::chrono::milliseconds cancel_poll{100};
  std::size_t room_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::map<std::uint64_t, std::unique_ptr<PreparedBatch>> waiting_;
  std::uint64_t next_ = 0;
  std::size_t producers_ = 0;
  bool closed_ = false;
};

// The first failure of any thread wins; the others are its echo.
class FirstError {
 public:
  void set(const Status& status) {
    if (status.ok()) return;
    const std::lock_guard lock(mutex_);
    if (error_.ok()) error_ = status;
  }
  Status get() const {
    const std::lock_guard lock(mutex_);
    return error_;
  }

 private:
  mutable std::mutex mutex_;
  Status error_;
};

// Applies batches in order; the only one that writes.
class Writer {
 public:
  Writer(const IngestJob& job, const IngestWorker::Streams& streams, store::Store& store,
         IngestWorker& mapper, const extract::Limits& limits, JobReport& report)
      : job_(job),
        streams_(streams),
        store_(store),
        mapper_(mapper),
        limits_(limits),
        report_(report) {
    for (const auto& [name, entry] : streams_.by_name) {
      report_.streams.emplace_back().stream = name;
    }
  }

  Status resume_refreshes() {
    for (const auto& [name, entry] : streams_.by_name) {
      RONDOM_TRY_ASSIGN(const std::optional<store::Refresh> refresh,
                        store_.unfinished_refresh(entry.id));
      if (refresh.has_value()) generations_[name] = refresh->generation;
    }
    return {};
  }

  Status apply(PreparedBatch& batch) {
    if (batch.raw.mark == extract::Mark::refresh_begin) return begin_refresh(batch.raw);
    if (batch.raw.mark == extract::Mark::refresh_complete) return complete_refresh(batch.raw);
    if (batch.rows.empty() && batch.raw.checkpoints.empty()) return {};
    const auto start = SteadyClock::now();
    map_touched_rows_again(batch);
    // A checkpoint of all streams may come alone: it is written with any one of them.
    const auto found = batch.raw.stream.empty() ? streams_.by_name.begin()
                                                : streams_.by_name.find(batch.raw.stream);
    if (found == streams_.by_name.end()) {
      return {ErrorCode::internal, "a checkpoint for an unknown stream: " + batch.raw.stream};
    }
    store::IngestBatch ingest;
    ingest.stream = found->second.id;
    ingest.job = job_.job->name;
    ingest.run = job_.run;
    ingest.map_fingerprint = found->second.plan->fingerprint;
    const auto generation = generations_.find(found->first);
    ingest.generation = generation == generations_.end() ? 0 : generation->second;
    ingest.keep_raw = found->second.plan->stream->keep_raw;
    ingest.rows = std::move(batch.rows);
    ingest.raw_blocks = std::move(batch.raw_blocks);
    ingest.checkpoints = std::move(batch.raw.checkpoints);
    // What a guard stopped is to come again.
    std::erase_if(ingest.checkpoints, [&](const store::Checkpoint& checkpoint) {
      return held_back_.count(checkpoint.scope) != 0 ||
             (checkpoint.scope.empty() && !held_back_.empty());
    });
    RONDOM_TRY_ASSIGN(const store::StreamCounts counts, store_.apply(ingest));
    stream_report(found->first).counts += counts;
    remember(batch);
    job_.timers->add("map", batch.busy_microseconds);
    job_.timers->add("store", microseconds_since(start));
    return {};
  }

  /// The first guard that stopped a stream, if any.
  const Status& guarded() const { return guarded_; }

  store::StreamCounts counts() const {
    store::StreamCounts all;
    for (const StreamReport& stream : report_.streams) all += stream.counts;
    return all;
  }

 private:
  StreamReport& stream_report(std::string_view name) {
    for (StreamReport& stream : report_.streams) {
      if (stream.stream == name) return stream;
    }
    return report_.streams.front();
  }

  Status begin_refresh(const extract::Batch& batch) {
    const auto found = streams_.by_name.find(batch.stream);
    if (found == streams_.by_name.end()) {
      return {ErrorCode::internal, "a refresh of an unknown stream: " + batch.stream};
    }
    RONDOM_TRY_ASSIGN(const std::optional<store::Refresh> open,
                      store_.unfinished_refresh(found->second.id));
    const bool resume = open.has_value() && open->token == batch.token;
    RONDOM_TRY_ASSIGN(const store::Refresh refresh,
                      store_.begin_refresh(found->second.id, batch.token, resume));
    generations_[batch.stream] = refresh.generation;
    return {};
  }

  Status complete_refresh(const extract::Batch& batch) {
    const auto found = streams_.by_name.find(batch.stream);
    if (found == streams_.by_name.end() || generations_.count(batch.stream) == 0) {
      return {ErrorCode::internal, "the end of a refresh that did not begin: " + batch.stream};
    }
    const store::StreamId id = found->second.id;
    StreamReport& report = stream_report(batch.stream);
    RONDOM_TRY_ASSIGN(const std::optional<store::Refresh> open, store_.unfinished_refresh(id));
    const bool complete = !open.has_value() || !open->keyless_refused;
    if (complete) {
      RONDOM_TRY_ASSIGN(const store::RefreshEnd end, store_.count_unseen(id));
      if (const Status guard = check_guard(batch.stream, end); !guard.ok()) {
        // The refresh stays open: the next run goes on here. Other streams are none the worse.
        held_back_.insert(batch.stream);
        if (guarded_.ok()) guarded_ = guard;
        return {};
      }
    } else {
      report.note =
          "refresh not complete: a row without a readable key was refused, so nothing was "
          "tombstoned";
    }
    RONDOM_TRY_ASSIGN(const std::int64_t tombstoned, store_.end_refresh(id, job_.run));
    report.counts.tombstoned += tombstoned;
    report.refresh_complete = complete;
    generations_.erase(batch.stream);
    return {};
  }

  Status check_guard(const std::string& stream, const store::RefreshEnd& end) {
    // Small sets are free, but not to vanish altogether: an empty export is rarely meant.
    if (end.unseen == 0 || (end.unseen <= guard_floor_records && end.unseen < end.live)) return {};
    const double percent = 100.0 * static_cast<double>(end.unseen) / static_cast<double>(end.live);
    if (percent <= job_.job->tombstones_percent_max) return {};
    const std::string id = hex64(Hasher()
                                     .add(job_.job->name)
                                     .add(stream)
                                     .add(static_cast<std::uint64_t>(end.live))
                                     .add(static_cast<std::uint64_t>(end.unseen))
                                     .value())
                               .substr(0, 8);
    const auto& accepted = job_.options->accepted_guards;
    if (std::find(accepted.begin(), accepted.end(), id) != accepted.end()) return {};
    if (report_.guard_id.empty()) report_.guard_id = id;
    char share[32];
    std::snprintf(share, sizeof share, "%.1f %% (limit %.1f %%)", percent,
                  job_.job->tombstones_percent_max);
    return {ErrorCode::guarded, stream + " would lose " + with_thousands(end.unseen) + " of " +
                                    with_thousands(end.live) + " records, " + share +
                                    "; nothing was tombstoned. If that is right: rondom run " +
                                    job_.job->name + " --accept " + id};
  }

  // A row was taken for unchanged before an earlier batch of this read touched its key.
  void map_touched_rows_again(PreparedBatch& batch) {
    for (std::size_t i = 0; i < batch.rows.size(); ++i) {
      if (batch.rows[i].kind != store::RowKind::unchanged) continue;
      const std::uint64_t key = hash64(batch.rows[i].key);
      for (const Touched& touched : touched_) {
        if (touched.number >= batch.known_after &&
            std::binary_search(touched.keys.begin(), touched.keys.end(), key)) {
          batch.rows[i].kind = store::RowKind::mapped;
          mapper_.map_again(batch, i);
          break;
        }
      }
    }
  }

  void remember(PreparedBatch& batch) {
    touched_.push_back({batch.raw.number, batch.raw.bytes.size(), std::move(batch.mapped_keys)});
    touched_bytes_ += touched_.back().bytes;
    // Whoever asked before a batch was applied was in the source's window together with it.
    while (touched_.size() > 1 && (touched_bytes_ > limits_.window_bytes ||
                                   touched_.size() > limits_.batches_in_window_max)) {
      touched_bytes_ -= touched_.front().bytes;
      touched_.pop_front();
    }
  }

  struct Touched {
    std::uint64_t number = 0;
    std::size_t bytes = 0;
    std::vector<std::uint64_t> keys;
  };

  const IngestJob& job_;
  const IngestWorker::Streams& streams_;
  store::Store& store_;
  IngestWorker& mapper_;
  const extract::Limits limits_;
  JobReport& report_;
  std::map<std::string, std::int64_t, std::less<>> generations_;
  std::set<std::string, std::less<>> held_back_;  // streams that a guard stopped
  Status guarded_;
  std::deque<Touched> touched_;
  std::size_t touched_bytes_ = 0;
};

Result<plugin::ReadRequest> make_request(const IngestJob& job, const IngestWorker::Streams& streams,
                                         store::Store& store) {
  plugin::ReadRequest request;
  RONDOM_TRY_ASSIGN(const auto whole, store.checkpoint(job.job->name, ""));
  for (const StreamPlan& plan : *job.plans) {
    plugin::ReadStream stream;
    stream.name = plan.stream->stream;
    stream.options_json = plan.stream->options_json;
    RONDOM_TRY_ASSIGN(const auto state, store.checkpoint(job.job->name, stream.name));
    if (state.has_value())
      stream.state_json = *state;
    else if (whole.has_value())
      stream.state_json = *whole;
    const auto found = streams.by_name.find(stream.name);
    RONDOM_TRY_ASSIGN(const auto refresh, store.unfinished_refresh(found->second.id));
    if (refresh.has_value()) stream.generation = refresh->token;
    request.streams.push_back(std::move(stream));
  }
  return request;
}

void run_worker(IngestWorker& worker, extract::Sink& sink, OrderedQueue& queue,
                const std::atomic<std::uint64_t>& applied, FirstError& error) {
  try {
    while (auto raw = sink.take()) {
      auto batch = std::make_unique<PreparedBatch>();
      batch->raw = std::move(*raw);
      if (const Status prepared = worker.prepare(*batch, applied); !prepared.ok()) {
        error.set(prepared);
        queue.close();
        break;
      }
      if (!queue.put(std::move(batch))) break;
    }
  } catch (const std::exception& defect) {
    error.set({ErrorCode::internal, std::string("a map worker failed: ") + defect.what()});
    queue.close();
  }
  queue.producer_done();
}

}  // namespace

void StageTimers::add(std::string_view stage, std::int64_t microseconds) {
  for (Entry& entry : entries_) {
    if (entry.stage == stage) {
      entry.microseconds += microseconds;
      return;
    }
  }
  entries_.push_back({std::string(stage), microseconds});
}

std::vector<StageTime> StageTimers::times() const {
  std::vector<StageTime> times;
  for (const Entry& entry : entries_) {
    times.push_back({entry.stage, static_cast<double>(entry.microseconds) / 1e6});
  }
  return times;
}

Status ingest(const IngestJob& job, plugin::Source& source, store::Store& store,
              JobReport& report) {
  IngestWorker::Streams streams;
  for (const StreamPlan& plan : *job.plans) {
    RONDOM_TRY_ASSIGN(const store::Stream known,
                      store.stream(job.job->connection, plan.stream->stream, job.job->name));
    streams.by_name[plan.stream->stream] = {&plan, known.id};
  }
  RONDOM_TRY_ASSIGN(const plugin::ReadRequest request, make_request(job, streams, store));

  const std::size_t threads = std::max<std::size_t>(1, job.options->threads);
  std::vector<std::unique_ptr<IngestWorker>> workers;
  for (std::size_t i = 0; i < threads; ++i) {
    RONDOM_TRY_ASSIGN(auto reader, store.open_reader());
    workers.push_back(
        std::make_unique<IngestWorker>(*job.project, *job.job, streams, std::move(reader)));
    workers.back()->leave_out(job.leave_out);
  }
  IngestWorker writer_mapper(*job.project, *job.job, streams, nullptr);
  writer_mapper.leave_out(job.leave_out);
  extract::Limits limits;
  limits.batch_records = job.options->batch_records;
  Writer writer(job, streams, store, writer_mapper, limits, report);
  RONDOM_TRY(writer.resume_refreshes());

  extract::Sink sink(limits);
  LookingSink looking(job, request, sink);
  RONDOM_TRY(looking.remember_before(streams, store));
  OrderedQueue queue(threads + 1);
  std::atomic<std::uint64_t> applied{0};
  FirstError error;
  Status read_status;
  for (std::size_t i = 0; i < threads; ++i) queue.add_producer();

  std::thread reader([&] {
    try {
      read_status = source.read(request, looking);
      if (const Status held = looking.finish(); read_status.ok()) read_status = held;
    } catch (const std::exception& defect) {
      read_status = {ErrorCode::internal, std::string("reading failed: ") + defect.what()};
    }
    sink.finish();
  });
  std::vector<std::thread> mappers;
  for (auto& worker : workers) {
    mappers.emplace_back([&, w = worker.get()] { run_worker(*w, sink, queue, applied, error); });
  }

  const Cancel* cancel = job.surroundings->cancel;
  const auto stop_asked = [&] { return cancel != nullptr && cancel->requested(); };
  const Status stopped(ErrorCode::cancelled, "stopped on request; the next run continues here");
  while (auto batch = queue.take(cancel)) {
    if (stop_asked()) {
      error.set(stopped);
      break;
    }
    if (const Status done = writer.apply(*batch); !done.ok()) {
      error.set(done);
      break;
    }
    applied.store(batch->raw.number + 1, std::memory_order_release);
    sink.stored(batch->raw.bytes.size());
    if (job.options->progress) {
      const store::StreamCounts so_far = writer.counts();
      job.options->progress(
          {job.job->name, "read", so_far.read, 0, so_far.created, so_far.quarantined});
    }
  }
  if (stop_asked() && !queue.all_done()) error.set(stopped);
  if (!error.get().ok()) {
    source.cancel();
    sink.stop();
  }
  queue.close();
  sink.stop();
  reader.join();
  for (std::thread& mapper : mappers) mapper.join();
  looking.tell(report);
  RONDOM_TRY(looking.keep(streams, store));
  RONDOM_TRY(error.get());
  if (!looking.stopped().ok()) report.guard_id = looking.guard_id();
  RONDOM_TRY(looking.stopped());
  RONDOM_TRY(read_status);
  return writer.guarded();
}

}  // namespace rondom::engine
