// Witness: what a plugin host notes down for the engine about the plugin it holds: each kind of
// thing that was refused, and where the plugin was when it crashed.
//
// A note is one line of at most note_bytes_max bytes on a pipe that the engine reads:
//   refused WHAT    once for each kind: "refused open a socket (socket)"
//   crash SIGNAL    followed by up to trace_frames_max lines "at MODULE+0xOFFSET (SYMBOL)"
//   memory          the memory limit was reached
// Never the content of memory. The pipe does not block: what does not fit is lost. When a manifest
// is made there is no engine, and notes go to standard error.
//
// The handlers run in the plugin's process. A plugin that means to can hide what it was refused; it
// cannot make it happen, which is the kernel's doing (sandbox.h).
// One object a process; install() once, from the main thread, before the plugin is loaded.
#pragma once

#include <cstdint>

namespace rondom::plugin::host::witness {

inline constexpr int note_bytes_max = 400;
inline constexpr int trace_frames_max = 32;

/// Takes SIGSYS and, outside sanitizers, the signals of a crash. Notes go to that descriptor.
void install(int notes, std::uint64_t memory_bytes);

/// From now on a SIGSYS of this system call (a number of this machine) fails with `error` and is
/// noted as `deed` and `call`, two texts that live for ever.
void expect(int system_call, int error, const char* deed, const char* call);

/// From now on open and openat are answered by openat2, and one that Landlock refuses is noted.
void watch_paths();

/// Notes that the memory limit is reached, when it is; async-signal-safe.
void note_memory();

}  // namespace rondom::plugin::host::witness
