// ChangeSet: turns the outcome of versions into sorted writes of every table concerned. Private.
//
// One per transaction (or chunk of it) and stream. settle() collects, flush() writes table by
// table.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "store/bitmap.h"
#include "store/catalog.h"
#include "store/key_state.h"
#include "store/raw_blocks.h"
#include "store/recent_postings.h"
#include "store/versions.h"

namespace rondom::store {

class ChangeSet {
 public:
  /// `raw_blocks` came with the batch whose rows point into them; they live as long as this.
  ChangeSet(Database& database, Catalog& catalog, RecentPostings& recent, Arena& arena,
            StreamId stream, bool keep_raw, std::span<const std::string> raw_blocks = {});

  /// Room for so many keys.
  void reserve(std::size_t keys);
  /// Writes what differs between `before` (with details) and `versions`. `source_key` is the key's
  /// text. Returns the first record of the key, 0 = it has none.
  RecordId settle(const KeyState& before, KeyVersions& versions, std::string_view source_key);
  /// The same, and of these records (sorted), which no version makes any longer, nothing remains:
  /// the key no longer names them.
  RecordId settle_without(const KeyState& before, KeyVersions& versions,
                          std::string_view source_key, std::span<const RecordId> forgotten);
  /// Raw records of copies that are set aside must be read before this.
  Status flush();

 private:
  struct Changed {
    RecordId id = 0;
    bool party = false;
    bool was_live = false, is_live = false;
    bool content = false;  // canonical or liveness differs: postings too
    bool refers = false;   // to another record, now or before
    std::string_view old_canonical;
    bool new_owner = false;  // it is somebody else's now
  };
  void place_raw(const KeyState& before, std::vector<Version>& versions);
  std::vector<RecordId> settle_records(const KeyState& before, const Version* top,
                                       std::string_view source_key);
  // change_set_refused.cpp
  void settle_refused(const KeyState& before, const std::vector<Version>& versions,
                      const Version* top, std::string_view source_key,
                      std::vector<RecordId>& records);
  /// False: that is what is kept already.
  bool write_refusals(const KeyState& before, const Output& refused, std::string_view canonical,
                      Timestamp observed_at, std::string_view source_key,
                      std::vector<RecordId>& records);
  void mark_spoken_for(RecordId id, bool spoken_for);
  Status flush_refused();
  void settle_versions(const KeyState& before, const std::vector<Version>& versions,
                       const Version* top);
  void settle_key(const KeyState& before, const std::vector<Version>& versions, const Version* top,
                  const std::vector<RecordId>& records);
  void write_record(const KeyState& before, const Output& output, const Version& top, RecordId id,
                    std::string_view source_key, const RecordRow* old);
  void withdraw_record(const KeyState& before, const RecordRow& old);
  void note_withdrawn(const RecordRow& old);
  void forget_record(const RecordRow& old);
  Cell others_cell(const std::vector<RecordId>& records);
  Status flush_marks();
  Status flush_new_owners();
  Status flush_key_marks();
  Status flush_links();

  Database& database_;
  Catalog& catalog_;
  RecentPostings& recent_;
  Arena& arena_;
  StreamId stream_;
  bool keep_raw_;
  RawBlocks raw_;
  std::vector<Changed> changed_;
  std::vector<std::pair<RecordId, bool>> key_marks_;  // first record of a key, is the key live now?
  std::vector<std::pair<RecordId, const Output*>> live_;  // of the key that is being settled
  std::vector<std::pair<RecordId, bool>>
      spoken_for_;                              // live records: do refused rows say something?
  std::vector<std::int64_t> refused_contacts_;  // about which one says something new
  std::int64_t refused_run_ = 0;
  std::span<const RecordId> forgotten_;  // of the key that is being settled
  Rows keys_, record_inserts_, record_updates_, output_keys_;
  Rows record_erases_, output_key_erases_;
  Rows version_upserts_, version_erases_, activity_upserts_, activity_erases_;
};

}  // namespace rondom::store
