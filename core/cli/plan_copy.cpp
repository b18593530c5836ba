#include "cli/plan_copy.h"

#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <filesystem>
#include <vector>

namespace rondom::cli {

namespace {

constexpr std::string_view prefix = "plan-";
constexpr const char* parts[] = {"", "-wal", "-shm", ".lock"};

void remove_copy(const std::string& file) {
  for (const char* const part : parts) {
    std::error_code ignored;  // the next plan tries again
    std::filesystem::remove(file + part, ignored);
  }
}

/// Is `name` ("plan-4711.db…") of a process that no longer is?
bool is_left_behind(std::string_view name) {
  if (!name.starts_with(prefix)) return false;
  name.remove_prefix(prefix.size());
  int process = 0;
  const auto [end, failed] = std::from_chars(name.data(), name.data() + name.size(), process);
  const std::string_view rest(end, static_cast<std::size_t>(name.data() + name.size() - end));
  if (failed != std::errc() || process <= 0 || !rest.starts_with(".db")) return false;
  return kill(process, 0) != 0 && errno == ESRCH;
}

}  // namespace

PlanCopy::PlanCopy(const config::Project& project) {
  const std::filesystem::path folder = config::state_folder(project);
  std::error_code ignored;  // opening the copy says what is wrong
  std::filesystem::create_directories(folder, ignored);
  std::vector<std::filesystem::path> left;
  for (const auto& entry : std::filesystem::directory_iterator(folder, ignored)) {
    if (is_left_behind(entry.path().filename().string())) left.push_back(entry.path());
  }
  for (const auto& path : left) std::filesystem::remove(path, ignored);
  file_ = (folder / (std::string(prefix) + std::to_string(getpid()) + ".db")).string();
}

PlanCopy::~PlanCopy() {
  remove_copy(file_);
}

}  // namespace rondom::cli
