// A folder of a test case, empty at its beginning and gone at its end.
#pragma once

#include <filesystem>
#include <string>

namespace rondom::test {

class Folder {
 public:
  explicit Folder(const std::string& name)
      : path_(std::filesystem::path(RONDOM_BINARY_DIR) / "test-folders" / name) {
    std::filesystem::remove_all(path_);
    std::filesystem::create_directories(path_);
  }
  ~Folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  Folder(const Folder&) = delete;
  Folder& operator=(const Folder&) = delete;

  std::string file(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

}  // namespace rondom::test
