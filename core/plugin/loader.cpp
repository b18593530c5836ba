#include "plugin/loader.h"

#include <boost/dll/shared_library.hpp>
#include <exception>
#include <filesystem>
#include <vector>

#include "plugin/abi.h"

namespace rondom::plugin {
namespace {

constexpr const char* entry_symbol = "rondom_plugin_v1";
constexpr int majors_tried_max = 9;

/// Never destroyed: Boost's destructor would unload the libraries.
std::vector<boost::dll::shared_library>& loaded_libraries() {
  static auto* libraries = new std::vector<boost::dll::shared_library>();
  return *libraries;
}

/// "GLIBCXX_3.4.32" out of "version `GLIBCXX_3.4.32' not found", or empty.
std::string missing_version(const std::string& message) {
  const std::string before = "version `";
  const std::size_t from = message.find(before);
  if (from == std::string::npos) return {};
  const std::size_t start = from + before.size();
  const std::size_t end = message.find('\'', start);
  if (end == std::string::npos || message.find("not found", end) == std::string::npos) return {};
  return message.substr(start, end - start);
}

/// What the dynamic linker said, without the words Boost puts around it.
std::string linker_message(const std::string& message) {
  const std::string before = "dlerror system message: ";
  const std::size_t from = message.find(before);
  if (from == std::string::npos) return message;
  const std::size_t start = from + before.size();
  const std::size_t end = message.rfind("):");
  return message.substr(start, end == std::string::npos || end < start ? end : end - start);
}

std::string file_name(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

Error no_entry(const boost::dll::shared_library& library, const std::string& path) {
  for (int major = 2; major <= majors_tried_max; ++major) {
    if (library.has("rondom_plugin_v" + std::to_string(major))) {
      return {ErrorCode::internal, "Plugin file " + file_name(path) +
                                       " was built for another major version of the plugin "
                                       "interface (" +
                                       std::to_string(major) + "); this Rondom has version 1."};
    }
  }
  return {ErrorCode::internal, "File " + file_name(path) + " is no Rondom plugin: it does not " +
                                   "export " + entry_symbol + "."};
}

}  // namespace

std::string explain_load_failure(const std::string& path, const std::string& message) {
  const std::string version = missing_version(message);
  const std::string subject = "Plugin file " + file_name(path) + " ";
  if (version.starts_with("GLIBCXX_") || version.starts_with("CXXABI_")) {
    return subject + "was built with a newer C++ compiler than this system has (it needs " +
           version + "); build it on this system, or install a newer libstdc++.";
  }
  if (version.starts_with("GLIBC_")) {
    return subject + "was built on a newer system than this one (it needs " + version +
           "); build it on this system.";
  }
  return subject + "cannot be loaded: " + linker_message(message) + ".";
}

Result<const rondom_plugin*> load_plugin(const std::string& path) {
  boost::dll::shared_library library;
  try {
    library.load(path, boost::dll::load_mode::rtld_now | boost::dll::load_mode::rtld_local);
  } catch (const std::exception& exception) {
    return Error{ErrorCode::internal, explain_load_failure(path, exception.what())};
  }
  loaded_libraries().push_back(library);
  if (!library.has(entry_symbol)) return no_entry(library, path);
  const auto entry = library.get<const rondom_plugin*()>(entry_symbol);
  const rondom_plugin* plugin = entry();
  RONDOM_TRY(check_table(plugin, file_name(path)));
  return plugin;
}

}  // namespace rondom::plugin
