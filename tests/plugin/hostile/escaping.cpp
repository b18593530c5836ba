// Tries to leave its process and tells, as its failure, what it managed to do.
#include <fcntl.h>
#include <netinet/in.h>
#include <signal.h>
#include <sys/ipc.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/shm.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <thread>

#include "raw.h"

extern "C" char** environ;

namespace {

void try_files(std::string& done) {
  const std::string& path = raw::deed();  // "<folder> …"
  const std::string folder = path.substr(0, path.find(' '));
  if (::open((folder + "/readable.txt").c_str(), O_RDONLY) >= 0) done += " read-file";
  if (::open((folder + "/written.txt").c_str(), O_WRONLY | O_CREAT, 0600) >= 0) {
    done += " write-file";
  }
  if (::open("/etc/passwd", O_RDONLY) >= 0) done += " read-etc";
  if (::mkdir((folder + "/made").c_str(), 0700) == 0) done += " make-folder";
}

void try_processes(std::string& done) {
  const pid_t child = ::fork();
  if (child == 0) ::_exit(0);
  if (child > 0) done += " fork";
  if (::kill(::getppid(), 0) == 0) done += " kill";
  if (::ptrace(PTRACE_TRACEME, 0, nullptr, nullptr) == 0) done += " ptrace";
  if (::shmget(IPC_PRIVATE, 4096, 0600) >= 0) done += " shared-memory";
  if (::memfd_create("x", 0) >= 0) done += " memory-file";
  if (::prctl(PR_SET_DUMPABLE, 1, 0, 0, 0) == 0) done += " dumpable";
  struct sigaction refused {};
  refused.sa_handler = SIG_IGN;
  if (::sigaction(SIGSYS, &refused, nullptr) == 0) done += " deaf-witness";
  // The kernel reads 32 bits of these arguments.
  constexpr long high = 1l << 32;
  if (::syscall(SYS_prctl, PR_SET_DUMPABLE | high, 1l, 0l, 0l, 0l) == 0) done += " dumpable-unseen";
  unsigned long kernel_action[4] = {1};  // SIG_IGN
  if (::syscall(SYS_rt_sigaction, SIGSYS | high, kernel_action, nullptr, 8l) == 0) {
    done += " deaf-unseen";
  }
  rlimit core{};
  if (::getrlimit(RLIMIT_CORE, &core) == 0 && core.rlim_max != 0) done += " core-dump";
  for (char** variable = environ; *variable != nullptr; ++variable) {
    if (std::strncmp(*variable, "RONDOM_", 7) == 0) done += " environment";
  }
}

rondom_code read(rondom_instance*, const rondom_read_request*, rondom_read_out*,
                 rondom_error* error) {
  std::string done = "did:";
  for (int descriptor = 7; descriptor < 256; ++descriptor) {
    if (::fcntl(descriptor, F_GETFD) >= 0) done += " inherited-descriptor";
  }
  if (::socket(AF_INET, SOCK_STREAM, 0) >= 0) done += " socket";
  if (::socket(AF_INET, SOCK_RAW, IPPROTO_ICMP) >= 0) done += " raw-socket";
  if (::socket(AF_PACKET, SOCK_RAW, 0) >= 0) done += " packets";
  if (::socket(AF_ALG, SOCK_SEQPACKET, 0) >= 0) done += " kernel-ciphers";
  try_files(done);
  try_processes(done);
  bool ran = false;
  std::thread([&ran] { ran = true; }).join();
  if (ran) done += " thread";
  if (raw::is("exec")) {
    char program[] = "/bin/true";
    char* const arguments[] = {program, nullptr};
    ::execv(program, arguments);
    done += " survived-exec";
  }
  error->set(error->ctx, RONDOM_E_DATA, 0, {done.data(), done.size()}, {});
  return RONDOM_E_DATA;
}

rondom_connector make(const char* id, std::uint64_t capabilities) {
  rondom_connector table = raw::connector(RONDOM_KIND_SOURCE, id);
  table.read = &read;
  table.capabilities = capabilities;
  return table;
}
const rondom_connector plain = make("plain", 0);
const rondom_connector network = make("network", RONDOM_CAP_RAW_NETWORK);
const rondom_connector files = make("files", RONDOM_CAP_FILESYSTEM);
const rondom_connector* const connectors[] = {&plain, &network, &files};
const rondom_plugin plugin = raw::plugin(connectors, 3);

}  // namespace

extern "C" const rondom_plugin* rondom_plugin_v1(void) {
  return &plugin;
}
