#include "engine/activity_sweep.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cstring>
#include <mutex>
#include <optional>
#include <thread>

#include "base/scratch_file.h"
#include "engine/activities.h"

namespace rondom::engine {

namespace {

constexpr std::size_t profiles_per_step = 1'000;
constexpr store::RecordId records_per_step = 20'000;
// Whole pages of the file system: what covers one is not cleared before it is written.
constexpr std::size_t chunk_size = 8'192;
constexpr std::size_t ranges_at_once_max = 8;  // of more, those who are asked for lie too far apart
constexpr int prefix_bits = 20;

/// What stands before the bytes of an activity that was put aside.
struct Head {
  store::RecordId id = 0;
  Timestamp observed_at = no_time, at = no_time;
  std::uint32_t profile = 0;
  store::StreamId stream = 0;
  std::uint32_t key = 0, source_key = 0, canonical = 0;  // bytes of each
  std::uint32_t entity = 0;
};

std::uint64_t hash_of(const std::vector<store::RecordId>& members) {
  return hash64(
      {reinterpret_cast<const char*>(members.data()), members.size() * sizeof(store::RecordId)});
}

std::size_t list_of(Entity entity) {
  std::size_t list = 0;
  while (list < activity_lists_count && activity_lists()[list].entity != entity) ++list;
  return list;
}

/// Ranges of bytes in a scratch file, written a bit at a time.
class Aside {
 public:
  Aside(ScratchFile file, std::size_t ranges) : file_(std::move(file)), ranges_(ranges) {}

  Status add(std::size_t range, const Head& head, const store::StoredRecord& record) {
    Range& to = ranges_[range];
    to.waiting.append(reinterpret_cast<const char*>(&head), sizeof head);
    to.waiting.append(record.key).append(record.source_key).append(record.canonical);
    return to.waiting.size() < chunk_size ? Status()
                                          : write(to, to.waiting.size() / chunk_size * chunk_size);
  }
  /// Nothing is added after it.
  Status finish() {
    for (Range& range : ranges_) {
      if (!range.waiting.empty()) RONDOM_TRY(write(range, range.waiting.size()));
      range.waiting.shrink_to_fit();
    }
    return {};
  }
  std::size_t bytes(std::size_t range) const { return ranges_[range].bytes; }
  Status read(std::size_t range, std::string& out) const {
    for (const Chunk& chunk : ranges_[range].chunks) {
      RONDOM_TRY(file_.read(chunk.at, chunk.bytes, out));
    }
    return {};
  }

 private:
  struct Chunk {
    std::uint64_t at = 0;
    std::uint32_t bytes = 0;
  };
  struct Range {
    std::string waiting;
    std::vector<Chunk> chunks;
    std::size_t bytes = 0;
  };
  Status write(Range& range, std::size_t bytes) {
    const std::string_view first = std::string_view(range.waiting).substr(0, bytes);
    RONDOM_TRY_ASSIGN(const std::uint64_t at, file_.append(first));
    range.chunks.push_back({at, static_cast<std::uint32_t>(bytes)});
    range.bytes += bytes;
    range.waiting.erase(0, bytes);
    return {};
  }

  ScratchFile file_;
  std::vector<Range> ranges_;
};

}  // namespace

/// What one thread reads with, and what it put aside.
class ActivitySweep::Lane {
 public:
  /// It only tells who is who, at whatever moment.
  Lane(const config::Project& project, store::Store& in) : store(&in), reader(project, in, 0) {}
  Lane(const config::Project& project, std::unique_ptr<store::Store> in) : Lane(project, *in) {
    own = std::move(in);
  }

  std::unique_ptr<store::Store> own;
  store::Store* store;
  ActivityReader reader;
  std::vector<Actor> actors;
  std::optional<Aside> aside;
  bool is_full = false;  // the file takes no more
  Status status;
};

struct ActivitySweep::Kept {
  std::vector<Aside> files;
};

ActivitySweep::ActivitySweep() : kept_(std::make_unique<Kept>()) {}
ActivitySweep::~ActivitySweep() = default;

/// Does it in every lane at once; the first failure is what is returned.
template <typename Work>
Status ActivitySweep::in_all(std::vector<std::unique_ptr<Lane>>& lanes, const Work& work) {
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < lanes.size(); ++i) {
    others.emplace_back([&work, &lane = *lanes[i]] { lane.status = work(lane); });
  }
  lanes.front()->status = work(*lanes.front());
  for (std::thread& other : others) other.join();
  for (const auto& lane : lanes) RONDOM_TRY(lane->status);
  return {};
}

/// Who they are, and everything that an activity of theirs may say it was done by.
Status ActivitySweep::read_profiles(const Question& question,
                                    std::vector<std::unique_ptr<Lane>>& lanes,
                                    store::ProfileId after) {
  std::mutex mutex;
  last_ = after;
  bool ended = false;
  RONDOM_TRY(in_all(lanes, [&](Lane& lane) -> Status {
    while (true) {
      std::vector<store::Profile> page;
      std::uint32_t first = 0;
      {
        const std::lock_guard<std::mutex> lock(mutex);
        if (ended || swept_.size() >= question.limits.profiles_max) return {};
        RONDOM_TRY_ASSIGN(page, lane.store->scan_profiles(last_, profiles_per_step));
        ended = page.empty();
        if (ended) return {};
        last_ = page.back().id;
        std::erase_if(page, [&](const auto& one) { return one.entity != question.entity; });
        first = static_cast<std::uint32_t>(swept_.size());
        for (const store::Profile& one : page) swept_.push_back({one.id, hash_of(one.members)});
      }
      RONDOM_TRY_ASSIGN(const auto actors, lane.reader.actors(page));
      for (const ActivityReader::Actor& one : actors) {
        lane.actors.push_back({one.hash, first + one.profile});
      }
    }
  }));
  for (const auto& lane : lanes) {
    actors_.insert(actors_.end(), lane->actors.begin(), lane->actors.end());
    lane->actors = {};
  }
  std::sort(actors_.begin(), actors_.end());
  return {};
}

void ActivitySweep::index_actors() {
  first_actor_.assign((std::size_t{1} << prefix_bits) + 1,
                      static_cast<std::uint32_t>(actors_.size()));
  for (std::size_t i = actors_.size(); i-- > 0;) {
    first_actor_[actors_[i].hash >> (64 - prefix_bits)] = static_cast<std::uint32_t>(i);
  }
  // A prefix that nobody has begins where the next one does.
  for (std::size_t i = first_actor_.size() - 1; i-- > 0;) {
    const bool nobody = first_actor_[i] == actors_.size() ||
                        actors_[first_actor_[i]].hash >> (64 - prefix_bits) != i;
    if (nobody) first_actor_[i] = first_actor_[i + 1];
  }
}

Status ActivitySweep::read_activities(const Question& question,
                                      std::vector<std::unique_ptr<Lane>>& lanes,
                                      store::RecordId last_record) {
  std::atomic<store::RecordId> next = 0;
  std::atomic<bool> is_full = false;
  const auto put_aside = [&](Lane& lane, const store::StoredRecord& record) -> Status {
    const ActivityHead said = activity_head_of(record.canonical);
    const std::uint64_t hash = said.actor;
    // The first bits tell the kind of identifier before they tell who: many may share them.
    const std::size_t prefix = hash >> (64 - prefix_bits);
    const auto end = actors_.begin() + first_actor_[prefix + 1];
    auto actor = std::lower_bound(actors_.begin() + first_actor_[prefix], end, Actor{hash, 0});
    for (; actor != end && actor->hash == hash; ++actor) {
      Head head;
      head.id = record.id;
      head.observed_at = record.observed_at;
      const auto at = parse_time(said.at);
      head.at = at.ok() ? *at : no_time;
      head.profile = actor->profile;
      head.stream = record.stream;
      head.key = static_cast<std::uint32_t>(record.key.size());
      head.source_key = static_cast<std::uint32_t>(record.source_key.size());
      head.canonical = static_cast<std::uint32_t>(record.canonical.size());
      head.entity = static_cast<std::uint32_t>(record.entity);
      RONDOM_TRY(lane.aside->add(head.profile / profiles_per_range, head, record));
    }
    return {};
  };
  return in_all(lanes, [&](Lane& lane) -> Status {
    while (!is_full) {
      const store::RecordId after = next.fetch_add(records_per_step);
      if (after >= last_record) break;
      RONDOM_TRY(lane.store->scan_activities(
          after, after + records_per_step, [&](const store::StoredRecord& record) {
            const std::size_t list = list_of(record.entity);
            const bool wanted = list < activity_lists_count && question.lists.test(list);
            if (wanted && !is_full && !put_aside(lane, record).ok()) is_full = true;
          }));
    }
    if (is_full || !lane.aside->finish().ok()) lane.is_full = true;
    return {};
  });
}

Result<std::unique_ptr<ActivitySweep>> ActivitySweep::make(const Question& question,
                                                           store::Store& store,
                                                           store::ProfileId after,
                                                           std::size_t threads) {
  std::unique_ptr<ActivitySweep> sweep;
  const SweepLimits& limits = question.limits;
  RONDOM_TRY_ASSIGN(const store::RecordId last_record, store.last_record_id());
  const store::ProfileId to_come =
      std::max(limits.profiles_min, last_record / limits.records_per_profile);
  RONDOM_TRY_ASSIGN(const auto far_on, store.scan_profiles(after + to_come, 1));
  if (far_on.empty()) return sweep;

  sweep.reset(new ActivitySweep());
  sweep->range_bytes_max_ = limits.range_bytes_max;
  std::vector<std::unique_ptr<Lane>> lanes;
  lanes.push_back(std::make_unique<Lane>(*question.project, store));
  while (lanes.size() < threads) {
    RONDOM_TRY_ASSIGN(auto reader, store.open_reader());
    lanes.push_back(std::make_unique<Lane>(*question.project, std::move(reader)));
  }
  RONDOM_TRY(sweep->read_profiles(question, lanes, after));
  sweep->index_actors();
  const std::size_t ranges = sweep->swept_.size() / profiles_per_range + 1;
  const std::string folder = config::state_folder(*question.project);
  for (const auto& lane : lanes) {
    Result<ScratchFile> file = ScratchFile::make(folder);
    if (!file.ok()) return std::unique_ptr<ActivitySweep>();
    lane->aside.emplace(std::move(*file), ranges);
  }
  RONDOM_TRY(sweep->read_activities(question, lanes, last_record));
  for (const auto& lane : lanes) {
    if (lane->is_full) return std::unique_ptr<ActivitySweep>();
    sweep->kept_->files.push_back(std::move(*lane->aside));
  }
  sweep->actors_ = {};
  sweep->first_actor_ = {};
  return sweep;
}

Result<std::vector<ActivitySweep::Found>> ActivitySweep::of(
    std::span<const store::Profile> profiles, std::string& buffer) const {
  std::vector<Found> found(profiles.size());
  std::vector<std::pair<std::uint32_t, std::size_t>> asked;  // place in swept_, in profiles
  for (std::size_t i = 0; i < profiles.size(); ++i) {
    const auto swept =
        std::lower_bound(swept_.begin(), swept_.end(), profiles[i].id,
                         [](const Swept& one, store::ProfileId id) { return one.id < id; });
    if (swept == swept_.end() || swept->id != profiles[i].id) continue;
    if (swept->members != hash_of(profiles[i].members)) continue;
    asked.emplace_back(static_cast<std::uint32_t>(swept - swept_.begin()), i);
  }
  std::sort(asked.begin(), asked.end());
  std::vector<std::size_t> ranges;
  for (const auto& [place, i] : asked) {
    const std::size_t range = place / profiles_per_range;
    if (ranges.empty() || ranges.back() != range) ranges.push_back(range);
  }
  if (ranges.size() > ranges_at_once_max) return found;
  buffer.clear();
  std::size_t bytes = 0;
  for (const std::size_t range : ranges) {
    for (const Aside& file : kept_->files) bytes += file.bytes(range);
  }
  if (bytes > range_bytes_max_) return found;
  for (const std::size_t range : ranges) {
    for (const Aside& file : kept_->files) RONDOM_TRY(file.read(range, buffer));
  }

  for (const auto& [place, i] : asked) found[i].known = true;
  const char* from = buffer.data();
  const char* const end = from + buffer.size();
  while (from < end) {
    Head head;
    std::memcpy(&head, from, sizeof head);
    from += sizeof head;
    const auto text = [&](std::uint32_t size) {
      const std::string_view view(from, size);
      from += size;
      return view;
    };
    FoundActivity one;
    one.id = head.id;
    one.stream = head.stream;
    one.entity = static_cast<Entity>(head.entity);
    one.observed_at = head.observed_at;
    one.at = head.at;
    one.key = text(head.key);
    one.source_key = text(head.source_key);
    one.canonical = text(head.canonical);
    const auto of = std::lower_bound(asked.begin(), asked.end(),
                                     std::pair<std::uint32_t, std::size_t>(head.profile, 0));
    if (of != asked.end() && of->first == head.profile) found[of->second].activities.push_back(one);
  }
  for (Found& one : found) {
    std::sort(one.activities.begin(), one.activities.end(),
              [](const FoundActivity& a, const FoundActivity& b) {
                return a.at != b.at ? a.at > b.at : a.id > b.id;
              });
  }
  return found;
}

}  // namespace rondom::engine
