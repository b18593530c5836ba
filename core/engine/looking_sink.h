// looking_sink: looks at the fields of what a source pushes, on its way. Private to the engine.
#pragma once

#include <map>
#include <string>

#include "engine/drift.h"
#include "engine/fields_seen.h"
#include "engine/held_events.h"
#include "engine/ingest.h"
#include "engine/ingest_worker.h"
#include "pipeline/extract/extract.h"

namespace rondom::engine {

/// Hands on what a source pushes, and looks at its fields: whether they are those of earlier reads,
/// and, in streams that are read from their start and whose fields no saved catalog tells, whether
/// they are those that the map reads. A few changed records say too little for that. Of a refresh
/// in which fields seem to have vanished the first records are held until they are enough to tell,
/// or all. The source's thread; before it begins and after it ended, the one that owns the store.
class LookingSink final : public plugin::ReadSink {
 public:
  LookingSink(const IngestJob& job, const plugin::ReadRequest& request, extract::Sink& sink);

  /// What earlier reads saw. Before the first record.
  Status remember_before(const IngestWorker::Streams& streams, store::Store& store);
  /// What the next read is compared with. What stopped this one is told again until it is accepted.
  Status keep(const IngestWorker::Streams& streams, store::Store& store) const;
  void tell(JobReport& report) const;
  /// ErrorCode::guarded: what is not as it was shall not be read, as the job says.
  const Status& stopped() const { return stopped_; }
  const std::string& guard_id() const { return guard_id_; }

  Status records(const plugin::SourceBatch& batch) override;
  Status checkpoint(std::string_view scope, std::string_view state) override;
  Status refresh_begin(std::string_view stream, std::string_view token) override;
  Status refresh_complete(std::string_view stream) override;
  /// The read ended, well or not: hands on what is still held.
  Status finish();

 private:
  struct Looked {
    const config::SourceStream* stream = nullptr;
    FieldsSeen fields;
    bool whole = false;    // read from its start
    bool resumed = false;  // a refresh that an earlier run began
    bool untold = false;   // by a saved catalog
    DriftWatch watch;
    bool is_judged = false;               // all that is looked at
    std::vector<std::string> not_missed;  // vanished fields that the map does not read
  };
  static void look_at(const plugin::SourceBatch& batch, Looked& looked);
  bool is_to_hold(const Looked& looked) const;
  Status release();
  Status check_drift(Looked& looked);
  Status stop(const std::string& stream, const std::string& why);
  static void tell_drift(const Looked& looked, JobReport& report);

  const IngestJob& job_;
  extract::Sink& sink_;
  std::map<std::string, Looked, std::less<>> streams_;
  HeldEvents held_;
  std::string held_stream_;  // of held_, which holds events of one alone
  Status stopped_;
  std::string guard_id_, stopped_stream_;
};

}  // namespace rondom::engine
