#include "engine/connector_state.h"

#include <sys/stat.h>

#include <cerrno>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "engine/durable_file.h"

namespace rondom::engine {
namespace {

using Json = nlohmann::json;

Result<Json> read(const std::string& path) {
  struct stat facts {};
  if (::lstat(path.c_str(), &facts) != 0) {
    if (errno == ENOENT) return Json::object();
    return Error{ErrorCode::unavailable,
                 "What the connector keeps in " + path + " is unreachable."};
  }
  std::ifstream in(path, std::ios::binary);
  const std::string text{std::istreambuf_iterator<char>(in), {}};
  Json kept = in.bad() || text.empty() ? Json() : Json::parse(text, nullptr, false);
  if (!kept.is_object()) {
    return Error{ErrorCode::bad_state,
                 "What the connector kept in " + path +
                     " is unreadable. Remove it when nothing that it began is at work any more."};
  }
  return kept;
}

}  // namespace

Result<std::string> ConnectorState::get(std::string_view key) const {
  const std::lock_guard lock(mutex_);
  RONDOM_TRY_ASSIGN(const Json kept, read(path_));
  const auto found = kept.find(key);
  return found != kept.end() && found->is_string() ? found->get<std::string>() : std::string();
}

Status ConnectorState::put(std::string_view key, std::string_view value) {
  const std::lock_guard lock(mutex_);
  RONDOM_TRY_ASSIGN(Json kept, read(path_));
  if (value.empty()) {
    if (kept.erase(std::string(key)) == 0) return {};
  } else {
    kept[std::string(key)] = value;
  }
  const std::string text = kept.dump(-1, ' ', false, Json::error_handler_t::replace);
  if (key.size() > state_key_bytes_max || kept.size() > state_keys_max ||
      text.size() > state_bytes_max) {
    return {ErrorCode::data, "The connector wants to keep more than fits."};
  }
  if (!replace_durably(path_, text)) {
    return {ErrorCode::unavailable, "What the connector keeps cannot be written to " + path_ + "."};
  }
  return {};
}

}  // namespace rondom::engine
