#!/usr/bin/env bash
# Builds the fuzzers and runs each for SECONDS (default 15): run.sh [SECONDS]. A crash fails, and its
# input is kept in build/asan-ubsan/crashes.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-15}
build=build/asan-ubsan
packaging/install-dependencies.sh --checks
cmake --preset asan-ubsan >/dev/null
cmake --build --preset asan-ubsan -j "$(nproc)" --target fuzzers
mkdir -p "$build/crashes"
fuzz() {
  fuzzer=$1
  name=$(basename "$fuzzer")
  corpus=$build/corpus/$name
  seeds=tests/fuzz/seeds/${name#fuzz_}
  mkdir -p "$corpus"
  log=$build/corpus/$name.log
  if ! "$fuzzer" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
    -artifact_prefix="$build/crashes/" "$corpus" $([ -d "$seeds" ] && echo "$seeds") >"$log" 2>&1; then
    tail -60 "$log"
    echo "$name: FAILED"
    return 1
  fi
  echo "$name: $(grep -a number_of_executed_units "$log" | tr -dc 0-9) inputs in $seconds s, clean"
}
export -f fuzz
export seconds build
# One a core; xargs ends with an error when one of them failed.
printf '%s\n' "$build"/fuzzers/fuzz_* | xargs -P "$(nproc)" -I{} bash -c 'fuzz {}'
