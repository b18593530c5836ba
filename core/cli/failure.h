// failure: what a verb says when it cannot do its work.
//
// People read a sentence on standard error. Programs that asked for -o json or jsonl also get one
// object on standard output, and only one: {"error":{"code","message","exit_code", …}}. What is
// wrong with a file has "file", "line", "column" and "hint" of the first problem, and all of them
// in "problems". Called from the main thread alone.
#pragma once

#include <string>

#include "cli/cli.h"

namespace rondom::cli {

/// Whether failures are answered on standard output too. Decided by the words of the command line,
/// so that one that cannot be parsed is answered as well.
void answer_failures_as_asked(int argc, const char* const* argv);
/// The verb has begun to print its own answer, which a second object would spoil.
void answer_has_begun();

/// The object of an error; for errors that are printed otherwise than by fail().
void answer_error(const Error& error);
/// The object of mistakes in the project's files.
void answer_problems(const config::Diagnostics& diagnostics);
/// [{"file","line","column","message","hint"}, …] by place.
std::string json_of(const std::vector<config::Diagnostic>& problems);

}  // namespace rondom::cli
