#include "net/peer_rates.h"

#include <algorithm>

namespace rondom::net {

bool PeerRates::take(std::string_view peer, std::int64_t now) {
  if (per_second_ <= 0) return true;
  const std::string name(peer);
  auto found = buckets_.find(name);
  if (found == buckets_.end()) {
    if (buckets_.size() >= peers_max_) forget_one();
    found = buckets_.emplace(name, Bucket{per_second_, now}).first;
  }
  Bucket& bucket = found->second;
  const double seconds = static_cast<double>(now - bucket.at) / 1e6;
  bucket.tokens = std::min(per_second_, bucket.tokens + seconds * per_second_);
  bucket.at = now;
  if (bucket.tokens < 1) return false;
  bucket.tokens -= 1;
  return true;
}

void PeerRates::forget_one() {
  const auto oldest = std::min_element(
      buckets_.begin(), buckets_.end(),
      [](const auto& one, const auto& other) { return one.second.at < other.second.at; });
  buckets_.erase(oldest);
}

}  // namespace rondom::net
