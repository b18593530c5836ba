// ingest_worker: what one map worker does with one batch. Private to the engine.
#pragma once

#include <atomic>
#include <deque>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "engine/plans.h"
#include "pipeline/extract/extract.h"
#include "pipeline/map/map.h"
#include "pipeline/normalize/normalize.h"
#include "store/store.h"

namespace rondom::engine {

/// A batch ready for the store. Rows view `raw.bytes` and `arena`, so it moves as a whole.
struct PreparedBatch {
  extract::Batch raw;
  Arena arena{256 * 1024};
  std::vector<store::Row> rows;
  std::vector<store::Output> outputs;                   // spans of rows point here
  std::deque<std::vector<store::Output>> late_outputs;  // of rows mapped by map_again()
  std::deque<std::vector<store::Output>> refusals;      // of rows that are refused
  std::vector<std::string> raw_blocks;                  // kept raw texts of mapped rows
  std::vector<std::uint64_t> mapped_keys;  // sorted key hashes of rows that are not `unchanged`
  std::uint64_t known_after = 0;           // batches below this number were applied when we asked
  std::int64_t busy_microseconds = 0;
};

/// One per thread. Owns its mappers, normalizer and store reader.
class IngestWorker {
 public:
  struct Streams {
    struct Entry {
      const StreamPlan* plan = nullptr;
      store::StreamId id = 0;
    };
    std::map<std::string, Entry, std::less<>> by_name;
  };

  IngestWorker(const config::Project& project, const config::Job& job, const Streams& streams,
               std::unique_ptr<store::Store> reader);
  ~IngestWorker();

  /// Activities before these are no records: what holds nothing else is filtered.
  void leave_out(const store::Cutoffs& cutoffs) { left_out_ = cutoffs; }

  /// `applied` counts the batches that the writer has committed.
  Status prepare(PreparedBatch& batch, const std::atomic<std::uint64_t>& applied);

  /// Maps every record of a batch, asking nothing; for texts that are kept already. Needs no
  /// reader.
  void map_all(PreparedBatch& batch);

  /// Maps one row again that was taken for unchanged; for the writer, when an earlier batch of the
  /// same read touched its key.
  void map_again(PreparedBatch& batch, std::size_t row);

 private:
  void lay_out_rows(PreparedBatch& batch);
  void map_rows(PreparedBatch& batch, bool keep_raw);
  void map_record(PreparedBatch& batch, std::size_t record, map::Mapper& mapper,
                  std::vector<store::Output>& outputs);
  Status skip_unchanged(PreparedBatch& batch, const Streams::Entry& stream,
                        const std::atomic<std::uint64_t>& applied, map::Mapper& mapper);
  map::Mapper& mapper_for(std::string_view stream);
  void refuse(store::Row& row, Arena& arena, std::string_view stage, std::string_view reason);
  void hear_refusals(PreparedBatch& batch, store::Row& row, map::Mapper& mapper,
                     const normalize::Context& context);

  normalize::Context defaults_;
  store::Cutoffs left_out_;
  const Streams& streams_;
  std::unique_ptr<store::Store> reader_;
  std::unique_ptr<expression::Cleaners> cleaners_ = normalize::make_cleaners();
  std::map<std::string, map::Mapper, std::less<>> mappers_;
  normalize::Normalizer normalizer_;
  store::RawPacker raw_packer_;
  Arena scratch_;
  std::map<std::string, int, std::less<>> batches_until_probe_;
};

}  // namespace rondom::engine
