#include "cli/doctor.h"

#include <sys/stat.h>

#include <algorithm>
#include <filesystem>

namespace rondom::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t files_looked_at_max = 1'000;
constexpr std::size_t findings_of_files_max = 20;
constexpr unsigned others_write = 022, others_do_anything = 077;

}  // namespace

std::optional<std::int64_t> days_until_full(const std::vector<PastRun>& runs, std::int64_t records,
                                            std::int64_t store_bytes, std::int64_t free_bytes,
                                            Timestamp now) {
  const std::optional<double> pace = records_a_day(runs, now);
  if (!pace || *pace <= 0 || records <= 0) return std::nullopt;
  const double bytes_a_day =
      *pace * static_cast<double>(store_bytes) / static_cast<double>(records);
  constexpr double most = 36'500;
  return static_cast<std::int64_t>(
      std::min(most, static_cast<double>(free_bytes) / std::max(bytes_a_day, 1e-9)));
}

std::vector<Finding> look_at_files(const std::string& state_folder, unsigned user) {
  std::vector<Finding> out;
  std::error_code failed;
  const auto add = [&](const std::string& what, const char* why, const std::string& cure) {
    if (out.size() < findings_of_files_max) out.push_back({false, "files", what, why, cure});
  };
  struct stat folder {};
  if (::stat(state_folder.c_str(), &folder) != 0) return out;  // the first run makes it
  if ((folder.st_mode & others_write) != 0) {
    add("others may write in " + state_folder, "they could put another store or other tokens there",
        "chmod go-w " + state_folder);
  }
  std::size_t seen = 0;
  for (fs::recursive_directory_iterator at(state_folder, failed), end; !failed && at != end;
       at.increment(failed)) {
    if (++seen > files_looked_at_max) break;
    struct stat file {};
    const std::string path = at->path().string();
    if (::lstat(path.c_str(), &file) != 0) continue;
    if (file.st_uid != user) {
      add(path + " belongs to user " + std::to_string(file.st_uid) + ", not to " +
              std::to_string(user),
          "whoever runs Rondom cannot change it", "chown " + std::to_string(user) + " " + path);
    }
    if (S_ISREG(file.st_mode) && (file.st_mode & others_do_anything) != 0 &&
        at.depth() == 0) {  // copies of the project's files are no secret
      add("others may use " + path, "the state folder holds people's data, tokens and the audit",
          "chmod 600 " + path);
    }
    if (S_ISSOCK(file.st_mode) && (file.st_mode & 07) != 0) {
      add("everybody may use " + path, "whoever is let in there acts as the service",
          "chmod 660 " + path);
    }
  }
  return out;
}

}  // namespace rondom::cli
