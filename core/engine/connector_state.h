// connector_state: what a connector keeps for itself between its runs (state_put of the plugin
// interface), in a file of the job that is replaced as a whole. Private to the engine; any thread.
#pragma once

#include <mutex>
#include <string>
#include <string_view>

#include "base/result.h"

namespace rondom::engine {

inline constexpr std::size_t state_keys_max = 1'000;
inline constexpr std::size_t state_key_bytes_max = 200;
inline constexpr std::size_t state_bytes_max = 16u << 20;  // all of a job's

class ConnectorState {
 public:
  explicit ConnectorState(std::string path) : path_(std::move(path)) {}

  /// Empty when the key is unknown. bad_state when the file is damaged.
  Result<std::string> get(std::string_view key) const;
  /// Durable on return, outside every transaction. An empty value takes the key out.
  Status put(std::string_view key, std::string_view value);

 private:
  const std::string path_;
  mutable std::mutex mutex_;
};

}  // namespace rondom::engine
