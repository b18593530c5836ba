#include "plugin/host/filter.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sys/prctl.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

#include "plugin/host/witness.h"

#ifdef __clang__  // libseccomp's macros are C99
#pragma clang diagnostic ignored "-Wc99-extensions"
#pragma clang diagnostic ignored "-Wmissing-field-initializers"
#endif

namespace rondom::plugin::host {
namespace {

// Calls that the kernel may have and the library for filters need not know; one number on every
// machine.
struct YoungCall {
  std::string_view name;
  int number;
};
constexpr std::array young_calls = {
    YoungCall{"fchmodat2", 452}, YoungCall{"setxattrat", 463}, YoungCall{"removexattrat", 466},
    YoungCall{"open_tree_attr", 467}, YoungCall{"file_setattr", 469}};
// Those of Linux 6.18 end before it. Numbers are given in order, the same on every machine.
constexpr std::uint32_t first_unknown_call = 471;
constexpr std::uint32_t x32_calls = 0x40000000;  // refused by every filter of the library

constexpr std::uint32_t all_bits = 0xffffffff;

int number_of(const char* call) {
  const int number = ::seccomp_syscall_resolve_name(call);
  if (number != __NR_SCMP_ERROR) return number;
  const auto* young = std::find_if(young_calls.begin(), young_calls.end(),
                                   [call](const YoungCall& one) { return one.name == call; });
  return young == young_calls.end() ? number : young->number;
}

}  // namespace

Error not_confined(const char* what, int number) {
  return {ErrorCode::not_permitted, std::string("The plugin host cannot be confined: ") + what +
                                        " failed (" + std::strerror(number < 0 ? -number : number) +
                                        ")."};
}

scmp_arg_cmp low_half(unsigned number, std::uint32_t value) {
  return low_half(number, all_bits, value);
}

scmp_arg_cmp low_half(unsigned number, std::uint32_t bits, std::uint32_t value) {
  return scmp_arg_cmp{number, SCMP_CMP_MASKED_EQ, bits, value};
}

Filter::Filter() : context_(::seccomp_init(SCMP_ACT_ALLOW)) {
  // For every thread there is.
  if (context_ != nullptr) ::seccomp_attr_set(context_, SCMP_FLTATR_CTL_TSYNC, 1);
}

Filter::~Filter() {
  if (context_ != nullptr) ::seccomp_release(context_);
}

void Filter::refuse(const char* deed, std::initializer_list<const char*> calls, int error) {
  for (const char* call : calls) add(call, SCMP_ACT_TRAP, deed, error, {});
}

void Filter::refuse_when(const char* deed, const char* call,
                         std::initializer_list<scmp_arg_cmp> conditions, int error) {
  add(call, SCMP_ACT_TRAP, deed, error, conditions);
}

void Filter::hide(std::initializer_list<const char*> calls) {
  for (const char* call : calls) add(call, SCMP_ACT_ERRNO(ENOSYS), nullptr, ENOSYS, {});
}

void Filter::deny(std::initializer_list<const char*> calls) {
  for (const char* call : calls) add(call, SCMP_ACT_ERRNO(EPERM), nullptr, EPERM, {});
}

void Filter::deny_when(const char* call, std::initializer_list<scmp_arg_cmp> conditions) {
  add(call, SCMP_ACT_ERRNO(EPERM), nullptr, EPERM, conditions);
}

Status Filter::load() {
  if (context_ == nullptr) return not_confined("seccomp_init", ENOMEM);
  if (failed_ != 0) return not_confined("a seccomp rule", failed_);
  const int number = ::seccomp_load(context_);
  return number == 0 ? Status() : Status(not_confined("seccomp", number));
}

void Filter::add(const char* call, std::uint32_t action, const char* deed, int error,
                 std::initializer_list<scmp_arg_cmp> conditions) {
  const int number = number_of(call);
  if (number == __NR_SCMP_ERROR || context_ == nullptr) return;
  if (deed != nullptr) witness::expect(number, error, deed, call);
  const int result = ::seccomp_rule_add_array(
      context_, action, number, static_cast<unsigned>(conditions.size()), conditions.begin());
  if (result != 0) failed_ = result;
}

Status hide_unknown_calls() {
  // The library for filters has no rule about a range of calls.
  sock_filter steps[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                         BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, first_unknown_call, 0, 2),
                         BPF_JUMP(BPF_JMP | BPF_JGE | BPF_K, x32_calls, 1, 0),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program = {sizeof steps / sizeof steps[0], steps};
  if (::prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0) return {};
  return not_confined("seccomp", errno);
}

}  // namespace rondom::plugin::host
