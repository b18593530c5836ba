#include "unit/store/private_postgresql.h"

#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <vector>

namespace rondom::test {
namespace {

constexpr int start_attempts_max = 600;
constexpr int attempt_milliseconds = 50;
constexpr const char* server_user = "postgres";

const passwd* unprivileged_user() {
  const passwd* user = getpwnam(server_user);
  return user ? user : getpwnam("nobody");
}

/// Starts a program without output; as the unprivileged user when this process is root.
int start_program(const std::vector<std::string>& arguments, bool as_user) {
  const passwd* user = as_user && geteuid() == 0 ? unprivileged_user() : nullptr;
  const pid_t parent = getpid();
  const pid_t child = fork();
  if (child != 0) return child;
  if (user && (setgid(user->pw_gid) != 0 || setuid(user->pw_uid) != 0)) _exit(127);
  prctl(PR_SET_PDEATHSIG, SIGQUIT);
  if (getppid() != parent) _exit(127);
  const int nowhere = open("/dev/null", O_RDWR);
  for (int descriptor = 0; descriptor < 3; ++descriptor) dup2(nowhere, descriptor);
  if (chdir("/") != 0) _exit(127);
  std::vector<char*> pointers;
  for (const std::string& argument : arguments)
    pointers.push_back(const_cast<char*>(argument.c_str()));
  pointers.push_back(nullptr);
  execv(pointers[0], pointers.data());
  _exit(127);
}

bool run_program(const std::vector<std::string>& arguments, bool as_user) {
  const int child = start_program(arguments, as_user);
  int status = 0;
  return child > 0 && waitpid(child, &status, 0) == child && WIFEXITED(status) &&
         WEXITSTATUS(status) == 0;
}

std::string find_programs() {
  std::error_code error;
  std::string newest;
  for (const auto& version : std::filesystem::directory_iterator("/usr/lib/postgresql", error)) {
    const std::string programs = version.path().string() + "/bin";
    if (std::filesystem::exists(programs + "/initdb") && programs > newest) newest = programs;
  }
  return newest;
}

}  // namespace

PrivatePostgresql& PrivatePostgresql::instance() {
  static PrivatePostgresql server;
  return server;
}

PrivatePostgresql::PrivatePostgresql() {
  programs_ = find_programs();
  if (programs_.empty()) {
    missing_ = "PostgreSQL server not installed";
  } else if (const char* given = std::getenv("RONDOM_TEST_POSTGRESQL"); given && *given) {
    dsn_ = given;
  } else {
    start();
  }
}

void PrivatePostgresql::start() {
  std::string pattern = "/tmp/rondom-postgresql-XXXXXX";
  if (!mkdtemp(pattern.data())) {
    missing_ = "no temporary directory for a PostgreSQL server";
    return;
  }
  directory_ = pattern;
  const passwd* user = unprivileged_user();
  if (geteuid() == 0 && (!user || chown(pattern.c_str(), user->pw_uid, user->pw_gid) != 0)) {
    missing_ = "no unprivileged user to run a PostgreSQL server";
    return;
  }
  const std::string data = directory_ + "/data";
  if (!run_program({programs_ + "/initdb", "-D", data, "-U", server_user, "-A", "trust", "-E",
                    "UTF8", "--locale=C", "--no-sync"},
                   true)) {
    missing_ = "PostgreSQL's initdb failed";
    return;
  }
  server_ = start_program({programs_ + "/postgres", "-D", data, "-k", directory_, "-c",
                           "listen_addresses=", "-c", "fsync=off", "-c", "shared_buffers=64MB"},
                          true);
  dsn_ = "host=" + directory_ + " user=" + server_user + " dbname=postgres";
  for (int attempt = 0; attempt < start_attempts_max; ++attempt) {
    if (execute("SELECT 1")) return;
    poll(nullptr, 0, attempt_milliseconds);
  }
  missing_ = "the private PostgreSQL server did not start";
}

bool PrivatePostgresql::execute(const std::string& sql) const {
  return run_program(
      {programs_ + "/psql", "-X", "-q", "-v", "ON_ERROR_STOP=1", "-d", dsn_, "-c", sql}, false);
}

PrivatePostgresql::~PrivatePostgresql() {
  if (server_ > 0) {
    kill(server_, SIGINT);
    waitpid(server_, nullptr, 0);
  }
  std::error_code ignored;
  if (!directory_.empty()) std::filesystem::remove_all(directory_, ignored);
}

}  // namespace rondom::test
