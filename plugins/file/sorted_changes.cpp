#include "sorted_changes.h"

#include <string.h>

#include <algorithm>
#include <utility>

namespace rondom::file {

namespace {

constexpr std::size_t overhead_bytes = sizeof(Change);
constexpr std::size_t run_block_bytes = 256u << 10;

void append_size(std::string& out, std::size_t size) {
  const auto number = static_cast<std::uint32_t>(size);
  char bytes[sizeof number];
  memcpy(bytes, &number, sizeof number);
  out.append(bytes, sizeof bytes);
}

}  // namespace

/// One sorted run in a file, read from its start. Entry: two sizes, the kind, key, fields.
class SortedChanges::Run {
 public:
  static Result<std::unique_ptr<Run>> create(const std::string& path) {
    auto file = TemporaryFile::create(path);
    if (!file.ok()) return file.error();
    (*file)->make_nameless();
    return std::unique_ptr<Run>(new Run(std::move(*file)));
  }

  Status write(const Change& change) {
    entry_.clear();
    append_size(entry_, change.key.size());
    append_size(entry_, change.fields.size());
    entry_ += static_cast<char>(change.kind);
    entry_ += change.key;
    entry_ += change.fields;
    return file_->write(entry_);
  }

  Status rewind() {
    RONDOM_TRY(file_->flush());
    bytes_ = std::make_unique<DescriptorBytes>(file_->descriptor(), false, file_->path());
    if (!bytes_->seek(0)) return {Code::unavailable, file_->path() + " cannot be read back."};
    window_ = std::make_unique<Window>(*bytes_, run_block_bytes);
    return advance();
  }

  bool at_end() const { return at_end_; }
  Change& head() { return head_; }

  Status advance() {
    constexpr std::size_t fixed = 2 * sizeof(std::uint32_t) + 1;
    if (!fill(fixed)) {
      at_end_ = true;
      return window_->failed() ? Status(window_->failure().error()) : Status();
    }
    std::uint32_t sizes[2];
    memcpy(sizes, window_->begin(), sizeof sizes);
    head_.kind = static_cast<Change::Kind>(window_->begin()[sizeof sizes]);
    const std::size_t body = std::size_t{sizes[0]} + sizes[1];
    if (!fill(fixed + body)) return {Code::unavailable, file_->path() + " is cut off."};
    const char* text = window_->begin() + fixed;
    head_.key.assign(text, sizes[0]);
    head_.fields.assign(text + sizes[0], sizes[1]);
    window_->consume(fixed + body);
    return {};
  }

 private:
  explicit Run(std::unique_ptr<TemporaryFile> file) : file_(std::move(file)) {}
  bool fill(std::size_t size) {
    while (window_->size() < size) {
      if (!window_->more()) return false;
    }
    return true;
  }

  std::unique_ptr<TemporaryFile> file_;
  std::unique_ptr<DescriptorBytes> bytes_;
  std::unique_ptr<Window> window_;
  std::string entry_;
  Change head_;
  bool at_end_ = false;
};

SortedChanges::SortedChanges(std::string path, std::size_t run_bytes)
    : path_(std::move(path)), run_bytes_(run_bytes) {}
SortedChanges::~SortedChanges() = default;

Status SortedChanges::add(Change change) {
  memory_bytes_ += overhead_bytes + change.key.size() + change.fields.size();
  memory_.push_back(std::move(change));
  return memory_bytes_ < run_bytes_ ? Status() : spill();
}

Status SortedChanges::spill() {
  const auto by_key = [](const Change& a, const Change& b) { return a.key < b.key; };
  std::stable_sort(memory_.begin(), memory_.end(), by_key);
  auto run = Run::create(path_);
  if (!run.ok()) return run.error();
  for (const Change& change : memory_) RONDOM_TRY((*run)->write(change));
  memory_.clear();
  memory_bytes_ = 0;
  runs_.push_back(std::move(*run));
  return runs_.size() < sort_runs_max ? Status() : merge_runs();
}

/// All runs into one, so that the number of open files stays bounded.
Status SortedChanges::merge_runs() {
  auto merged = Run::create(path_);
  if (!merged.ok()) return merged.error();
  RONDOM_TRY(start_merge());
  Change change;
  while (next_merged(change)) RONDOM_TRY((*merged)->write(change));
  if (!failure_.ok()) return failure_.error();
  runs_.clear();
  runs_.push_back(std::move(*merged));
  return {};
}

Status SortedChanges::start_merge() {
  heap_.clear();
  for (std::size_t i = 0; i < runs_.size(); ++i) {
    RONDOM_TRY(runs_[i]->rewind());
    if (!runs_[i]->at_end()) heap_.push_back(i);
  }
  const auto later = [this](std::size_t a, std::size_t b) {
    const int order = runs_[a]->head().key.compare(runs_[b]->head().key);
    return order != 0 ? order > 0 : a > b;
  };
  std::make_heap(heap_.begin(), heap_.end(), later);
  return {};
}

bool SortedChanges::next_merged(Change& change) {
  if (heap_.empty()) return false;
  const auto later = [this](std::size_t a, std::size_t b) {
    const int order = runs_[a]->head().key.compare(runs_[b]->head().key);
    return order != 0 ? order > 0 : a > b;
  };
  std::pop_heap(heap_.begin(), heap_.end(), later);
  Run& run = *runs_[heap_.back()];
  std::swap(change, run.head());
  if (Status status = run.advance(); !status.ok()) {
    failure_ = std::move(status);
    return false;
  }
  if (run.at_end()) {
    heap_.pop_back();
  } else {
    std::push_heap(heap_.begin(), heap_.end(), later);
  }
  return true;
}

Status SortedChanges::finish() {
  if (runs_.empty()) {
    const auto by_key = [](const Change& a, const Change& b) { return a.key < b.key; };
    std::stable_sort(memory_.begin(), memory_.end(), by_key);
    return {};
  }
  if (!memory_.empty()) RONDOM_TRY(spill());
  return start_merge();
}

bool SortedChanges::next(Change& change) {
  if (!failure_.ok()) return false;
  if (!runs_.empty()) return next_merged(change);
  if (memory_at_ == memory_.size()) return false;
  change = std::move(memory_[memory_at_++]);
  return true;
}

}  // namespace rondom::file
