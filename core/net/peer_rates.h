// peer_rates: how many requests each peer may still send: a bucket of tokens a peer that fills with
// time.
//
// Bounded: when as many peers are known as it keeps, the one that was silent longest is forgotten.
// One thread at a time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>

namespace rondom::net {

class PeerRates {
 public:
  /// `per_second` requests on average, as many at once. 0 = no limit.
  PeerRates(std::size_t per_second, std::size_t peers_max)
      : per_second_(static_cast<double>(per_second)), peers_max_(peers_max) {}

  /// Whether a request of this peer may pass now (monotonic microseconds), and counts it.
  bool take(std::string_view peer, std::int64_t now);
  std::size_t peers() const { return buckets_.size(); }

 private:
  struct Bucket {
    double tokens = 0;
    std::int64_t at = 0;
  };
  void forget_one();

  double per_second_;
  std::size_t peers_max_;
  std::unordered_map<std::string, Bucket> buckets_;
};

}  // namespace rondom::net
