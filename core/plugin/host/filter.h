// filter: the system calls that a plugin host gives up, as a seccomp filter.
//
// What a filter refuses is noted (witness.h) unless it says otherwise. Several filters of one
// process hold together: the strictest answer counts, and none can be taken back. One thread.
//
// The kernel compares arguments as 64 bits where most calls look at 32: every rule about such an
// argument says so with `low_half`, or a plugin would pass by it with a bit that nobody reads.
#pragma once

#include <seccomp.h>

#include <cerrno>
#include <cstdint>
#include <initializer_list>

#include "base/result.h"

namespace rondom::plugin::host {

/// The argument `number` of a call, of which the kernel reads 32 bits, is `value`.
scmp_arg_cmp low_half(unsigned number, std::uint32_t value);
/// … has these of its `bits`.
scmp_arg_cmp low_half(unsigned number, std::uint32_t bits, std::uint32_t value);

/// A filter that allows what no rule names.
class Filter {
 public:
  Filter();
  ~Filter();
  Filter(const Filter&) = delete;
  Filter& operator=(const Filter&) = delete;

  /// The call fails with `error` and is noted as `deed`.
  void refuse(const char* deed, std::initializer_list<const char*> calls, int error = EPERM);
  void refuse_when(const char* deed, const char* call,
                   std::initializer_list<scmp_arg_cmp> conditions, int error = EPERM);
  /// As if this kernel had no such call; libraries go on without.
  void hide(std::initializer_list<const char*> calls);
  /// Fails and is not noted.
  void deny(std::initializer_list<const char*> calls);
  void deny_when(const char* call, std::initializer_list<scmp_arg_cmp> conditions);
  /// NOT_PERMITTED with a sentence when it does not take hold.
  Status load();

 private:
  void add(const char* call, std::uint32_t action, const char* deed, int error,
           std::initializer_list<scmp_arg_cmp> conditions);
  scmp_filter_ctx context_;
  int failed_ = 0;
};

/// "The plugin host cannot be confined: …", by an error number of the system.
Error not_confined(const char* what, int number);

/// Calls that are younger than this program are not there: what they do cannot be known. Needs no
/// new privileges to be given up before.
Status hide_unknown_calls();

// What is refused, by theme (filter_rules.cpp).
void refuse_other_processes(Filter& filter);
void refuse_system(Filter& filter);
void refuse_sockets(Filter& filter, bool network);
/// Modes, owners, times and attributes of files, which no Landlock holds, by whatever name or
/// descriptor; `has_files` = libraries may try it on files that they made, and are not noted.
void refuse_file_facts(Filter& filter, bool has_files);
/// Making, removing and renaming.
void refuse_file_changes(Filter& filter);
/// Opening by name for anything but reading.
void refuse_writing(Filter& filter);
/// Memory that no limit counts.
void refuse_uncounted_memory(Filter& filter);

}  // namespace rondom::plugin::host
