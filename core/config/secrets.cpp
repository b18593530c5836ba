#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "base/cleanse.h"
#include "config/references.h"

namespace rondom::config {
namespace {

constexpr std::size_t secret_bytes_max = 64u << 10;
constexpr std::size_t usual_secret_bytes = 8u << 10;
constexpr unsigned others_may = 077;  // any right for group or others
constexpr std::string_view reference_start = "${secret:";

struct Descriptor {
  int number = -1;
  ~Descriptor() {
    if (number >= 0) ::close(number);
  }
};

Result<std::optional<SecretAccess::File>> read_secret_file(const std::string& path) {
  const Error unreadable{ErrorCode::unavailable, path + " cannot be read"};
  const Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.number < 0) {
    if (errno == ENOENT || errno == ENOTDIR) return std::optional<SecretAccess::File>();
    if (errno == EACCES) return Error{ErrorCode::not_permitted, path + " may not be read"};
    return unreadable;
  }
  struct stat status = {};
  if (::fstat(file.number, &status) != 0 || !S_ISREG(status.st_mode)) {
    return Error{ErrorCode::bad_config, path + " is not a plain file"};
  }
  SecretAccess::File found;
  found.mode = status.st_mode & 0777U;
  found.content.resize(secret_bytes_max + 1);
  std::size_t filled = 0;
  while (filled < found.content.size()) {
    const ssize_t got =
        ::read(file.number, found.content.data() + filled, found.content.size() - filled);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return unreadable;
    if (got == 0) break;
    filled += static_cast<std::size_t>(got);
  }
  if (filled > secret_bytes_max) {
    return Error{ErrorCode::bad_config, path + " is larger than 64 kB"};
  }
  found.content.resize(filled);
  return std::optional<SecretAccess::File>(std::move(found));
}

std::optional<std::string> read_environment(const std::string& name) {
  const char* value = std::getenv(name.c_str());
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::string environment_name(std::string_view name) {
  std::string out = "RONDOM_SECRET_";
  for (const char c : name) {
    if (c == '-') {
      out += '_';
    } else {
      out += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
    }
  }
  return out;
}

using Found = std::optional<std::string>;

class OrderedSecrets final : public Secrets {
 public:
  OrderedSecrets(std::string root, std::vector<std::string> order, SecretAccess access)
      : root_(std::move(root)), order_(std::move(order)), access_(std::move(access)) {}

  Result<std::string> get(std::string_view name) const override {
    RONDOM_TRY_ASSIGN(Answer answer, look_up(name));
    return std::move(answer.value);
  }

  Result<std::string> place_of(std::string_view name) const override {
    RONDOM_TRY_ASSIGN(Answer answer, look_up(name));
    const CleansedAtEnd cleansed(answer.value);
    if (answer.value.empty()) {
      return Error{ErrorCode::bad_config, "secret " + std::string(name) + " from " +
                                              place(answer.source, name) + " is empty"};
    }
    return place(answer.source, name);
  }

 private:
  struct Answer {
    std::string source, value;
  };

  Result<Answer> look_up(std::string_view name) const {
    if (!is_plain_name(name)) {
      return Error{ErrorCode::bad_config, "a secret's name holds letters, digits, _ and - only"};
    }
    for (const std::string& source : order_) {
      RONDOM_TRY_ASSIGN(Found found, ask(source, std::string(name)));
      if (!found) continue;
      if (!is_utf8(*found)) {
        return Error{ErrorCode::bad_config,
                     "secret " + std::string(name) + " from " + source + " is not UTF-8 text"};
      }
      return Answer{source, std::move(*found)};
    }
    return Error{ErrorCode::bad_config, missing(name)};
  }

  static std::string place(std::string_view source, std::string_view name) {
    if (source == "env") return "env " + environment_name(name);
    return std::string(source) + "/" + std::string(name);
  }

  Result<Found> ask(const std::string& source, const std::string& name) const {
    if (source == "env") return access_.environment(environment_name(name));
    if (source == "credential") {
      const Found directory = access_.environment("CREDENTIALS_DIRECTORY");
      if (!directory || directory->empty()) return Found();
      // systemd guards this folder itself and may give its files group rights.
      return read(std::filesystem::path(*directory) / name, name, true);
    }
    const std::string directory = source.substr(std::string_view("file:").size());
    return read(std::filesystem::path(root_) / directory / name, name, false);
  }

  Result<Found> read(const std::filesystem::path& path, const std::string& name,
                     bool guarded) const {
    RONDOM_TRY_ASSIGN(std::optional<SecretAccess::File> file, access_.file(path.string()));
    if (!file) return Found();
    if (!guarded && (file->mode & others_may) != 0) {
      return Error{
          ErrorCode::not_permitted,
          "secret " + name + ": its file is open to other users; run chmod 600 " + path.string()};
    }
    // Editors and echo end a file with a line break that is not part of the secret.
    if (file->content.ends_with('\n')) file->content.pop_back();
    if (file->content.ends_with('\r')) file->content.pop_back();
    return Found(std::move(file->content));
  }

  std::string missing(std::string_view name) const {
    std::string asked;
    for (const std::string& source : order_) {
      if (!asked.empty()) asked += ", ";
      asked += source == "env" ? "env (" + environment_name(name) + ")" : source;
    }
    return "secret " + std::string(name) + " is not in " + (asked.empty() ? "any source" : asked);
  }

  std::string root_;
  std::vector<std::string> order_;
  SecretAccess access_;
};

/// Calls `copy(text)` for what stands between references and `fill(name)` for each reference.
template <typename Copy, typename Fill>
Status for_each_part(std::string_view text, Copy&& copy, Fill&& fill) {
  std::size_t done = 0;
  while (done < text.size()) {
    const std::size_t start = text.find(reference_start, done);
    if (start == std::string_view::npos) break;
    const std::size_t name = start + reference_start.size();
    const std::size_t end = text.find('}', name);
    if (end == std::string_view::npos) break;
    copy(text.substr(done, start - done));
    RONDOM_TRY(fill(text.substr(name, end - name)));
    done = end + 1;
  }
  copy(text.substr(done));
  return {};
}

Result<std::string> fill_secrets(std::string_view text, const Secrets& secrets, bool json) {
  std::string out;
  out.reserve(text.size() + usual_secret_bytes);  // what it outgrew would not be overwritten
  RONDOM_TRY(for_each_part(
      text, [&](std::string_view part) { out += part; },
      [&](std::string_view name) -> Status {
        Result<std::string> value = secrets.get(name);
        if (!value) return value.status();
        const CleansedAtEnd cleansed(*value);
        if (json) {
          append_json_escaped(out, *value);
        } else {
          out += *value;
        }
        return {};
      }));
  return out;
}

}  // namespace

SecretAccess system_secret_access() {
  return {read_environment, read_secret_file};
}

std::unique_ptr<Secrets> make_secrets(const Project& project) {
  return make_secrets(project, system_secret_access());
}

std::unique_ptr<Secrets> make_secrets(const Project& project, SecretAccess access) {
  return std::make_unique<OrderedSecrets>(project.root, project.secret_sources, std::move(access));
}

Result<std::string> resolve_secrets(std::string_view config_json, const Secrets& secrets) {
  // A reference can only stand inside a JSON string: outside of one, "$" is no JSON.
  return fill_secrets(config_json, secrets, true);
}

Result<std::string> resolve_secrets_in_text(std::string_view text, const Secrets& secrets) {
  return fill_secrets(text, secrets, false);
}

std::vector<std::string> secret_references(std::string_view text) {
  std::vector<std::string> names;
  const Status done = for_each_part(
      text, [](std::string_view) {},
      [&](std::string_view name) -> Status {
        names.emplace_back(name);
        return {};
      });
  return done ? names : std::vector<std::string>();
}

}  // namespace rondom::config
