// SortedChanges: any number of changes, given back in order of key and, within a key, of arrival.
//
// Sorts sort_run_bytes at a time in memory; full runs go to nameless files that vanish with this
// object, also when the process dies. One thread: add() as often as needed, then finish(), then
// next() until it says no.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "byte_sink.h"
#include "bytes.h"
#include "rondom/result.hpp"

namespace rondom::file {

struct Change {
  enum class Kind : char { create = 'c', update = 'u', remove = 'd' };
  std::string key;
  Kind kind = Kind::update;
  std::string fields;  // a JSON object
};

class SortedChanges {
 public:
  /// `path`: where runs are written, under a name that is taken away at once.
  explicit SortedChanges(std::string path, std::size_t run_bytes = sort_run_bytes);
  ~SortedChanges();
  SortedChanges(const SortedChanges&) = delete;
  SortedChanges& operator=(const SortedChanges&) = delete;

  Status add(Change change);
  Status finish();
  /// False at the end or on a failure.
  bool next(Change& change);
  const Status& failure() const { return failure_; }

 private:
  class Run;
  Status spill();
  Status merge_runs();
  Status start_merge();
  bool next_merged(Change& change);

  std::string path_;
  std::size_t run_bytes_;
  std::vector<Change> memory_;
  std::size_t memory_bytes_ = 0;
  std::size_t memory_at_ = 0;
  std::vector<std::unique_ptr<Run>> runs_;
  std::vector<std::size_t> heap_;  // indexes of runs_, smallest (key, run) first
  Status failure_;
};

}  // namespace rondom::file
