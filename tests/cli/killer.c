/* killer: preloaded into the program under test, ends it with SIGKILL at one chosen point.
 *
 * A point is a system call that changes something outside the process: a write to a file, pipe or
 * socket, a rename, a flush, a truncation. RONDOM_KILL_PROGRAM names the program (others are left
 * alone), RONDOM_KILL_AT the number of the point, counted from 1; the call itself is not made.
 * With RONDOM_KILL_CHILDREN=1 only points at which a child process runs are counted, at the chosen one
 * all children are killed, and the program goes on.
 * With RONDOM_KILL_HOLD=PATH nothing is killed: at the point the program writes a byte into the pipe
 * PATH.held and stands still until somebody opens the pipe PATH.go.
 * RONDOM_KILL_COUNT names a file that gets the number of points when the program ends by itself,
 * RONDOM_KILL_MARK one that is created by a kill that hit somebody.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

extern char* program_invocation_short_name;

static atomic_long points;
static long kill_at;
static int armed;
static int children_instead;
static pid_t owner;

__attribute__((constructor)) static void arm(void) {
  const char* program = getenv("RONDOM_KILL_PROGRAM");
  const char* at = getenv("RONDOM_KILL_AT");
  armed = program != NULL && strcmp(program, program_invocation_short_name) == 0;
  kill_at = at == NULL ? 0 : strtol(at, NULL, 10);
  children_instead = getenv("RONDOM_KILL_CHILDREN") != NULL;
  owner = getpid();
}

/* Sends a signal to every child that has not ended; 0 only counts them. */
static int signal_children(int number) {
  int reached = 0;
  DIR* processes = opendir("/proc");
  if (processes == NULL) return 0;
  for (struct dirent* entry = readdir(processes); entry != NULL; entry = readdir(processes)) {
    const long process = strtol(entry->d_name, NULL, 10);
    char path[64];
    char stat[512];
    if (process <= 0) continue;
    snprintf(path, sizeof path, "/proc/%ld/stat", process);
    FILE* file = fopen(path, "r");
    if (file == NULL) continue;
    const size_t size = fread(stat, 1, sizeof stat - 1, file);
    fclose(file);
    stat[size] = '\0';
    const char* after_name = strrchr(stat, ')'); /* then " STATE PARENT …" */
    if (after_name == NULL || strlen(after_name) < 5 || after_name[2] == 'Z') continue;
    if (strtol(after_name + 3, NULL, 10) != (long)owner) continue;
    if (kill((pid_t)process, number) == 0) ++reached;
  }
  closedir(processes);
  return reached;
}

static void mark(void) {
  const char* file = getenv("RONDOM_KILL_MARK");
  if (file != NULL) close(open(file, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
}

__attribute__((destructor)) static void report(void) {
  const char* file = getenv("RONDOM_KILL_COUNT");
  if (!armed || file == NULL || getpid() != owner) return;
  FILE* out = fopen(file, "w");
  if (out == NULL) return;
  fprintf(out, "%ld\n", atomic_load(&points));
  fclose(out);
}

#define NEXT(type, name) ((type)dlsym(RTLD_NEXT, name))

/* Stands still until it is let go. */
static void hold(const char* pipes) {
  char name[512];
  char byte = 0;
  snprintf(name, sizeof name, "%s.held", pipes);
  const int held = open(name, O_WRONLY | O_CLOEXEC);
  if (held < 0 || NEXT(ssize_t(*)(int, const void*, size_t), "write")(held, "h", 1) != 1) _exit(99);
  close(held);
  snprintf(name, sizeof name, "%s.go", pipes);
  const int go = open(name, O_RDONLY | O_CLOEXEC);
  if (go < 0 || read(go, &byte, 1) < 0) _exit(99);
  close(go);
}

static void point(void) {
  if (!armed || getpid() != owner) return;
  if (children_instead && signal_children(0) == 0) return;
  const long now = atomic_fetch_add(&points, 1) + 1;
  if (kill_at == 0 || now != kill_at) return;
  const char* pipes = getenv("RONDOM_KILL_HOLD");
  if (pipes != NULL) {
    hold(pipes);
    return;
  }
  if (children_instead) {
    if (signal_children(SIGKILL) > 0) mark();
    return;
  }
  mark();
  kill(getpid(), SIGKILL);
}

ssize_t write(int fd, const void* data, size_t size) {
  point();
  return NEXT(ssize_t(*)(int, const void*, size_t), "write")(fd, data, size);
}
ssize_t writev(int fd, const struct iovec* parts, int count) {
  point();
  return NEXT(ssize_t(*)(int, const struct iovec*, int), "writev")(fd, parts, count);
}
ssize_t pwrite(int fd, const void* data, size_t size, off_t at) {
  point();
  return NEXT(ssize_t(*)(int, const void*, size_t, off_t), "pwrite")(fd, data, size, at);
}
ssize_t pwrite64(int fd, const void* data, size_t size, off64_t at) {
  point();
  return NEXT(ssize_t(*)(int, const void*, size_t, off64_t), "pwrite64")(fd, data, size, at);
}
ssize_t send(int fd, const void* data, size_t size, int flags) {
  point();
  return NEXT(ssize_t(*)(int, const void*, size_t, int), "send")(fd, data, size, flags);
}
ssize_t sendmsg(int fd, const struct msghdr* message, int flags) {
  point();
  return NEXT(ssize_t(*)(int, const struct msghdr*, int), "sendmsg")(fd, message, flags);
}
int fdatasync(int fd) {
  point();
  return NEXT(int (*)(int), "fdatasync")(fd);
}
int fsync(int fd) {
  point();
  return NEXT(int (*)(int), "fsync")(fd);
}
int rename(const char* from, const char* to) {
  point();
  return NEXT(int (*)(const char*, const char*), "rename")(from, to);
}
int ftruncate(int fd, off_t size) {
  point();
  return NEXT(int (*)(int, off_t), "ftruncate")(fd, size);
}
int ftruncate64(int fd, off64_t size) {
  point();
  return NEXT(int (*)(int, off64_t), "ftruncate64")(fd, size);
}
