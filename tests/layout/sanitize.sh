#!/usr/bin/env bash
# Builds the tests with a sanitizer preset and runs them: sanitize.sh asan-ubsan | tsan
set -euo pipefail
cd "$(dirname "$0")/../.."
preset=$1
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" -j "$(nproc)"
export ASAN_OPTIONS=detect_leaks=1:abort_on_error=0
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1
cd "build/$preset"
ctest --output-on-failure -j "$(nproc)" -LE no-sanitizer
