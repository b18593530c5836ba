#!/usr/bin/env bash
# Builds the fuzzers and runs each for SECONDS (default 15): run.sh [SECONDS]. A crash fails, and its
# input is kept in build/fuzz/crashes.
set -euo pipefail
cd "$(dirname "$0")/../.."
seconds=${1:-15}
packaging/install-dependencies.sh --checks
cmake --preset fuzz >/dev/null
cmake --build --preset fuzz -j "$(nproc)" --target fuzz_record fuzz_expression fuzz_yaml fuzz_frames fuzz_csv fuzz_json_lines
mkdir -p build/fuzz/crashes
for fuzzer in build/fuzz/fuzzers/fuzz_*; do
  name=$(basename "$fuzzer")
  corpus=build/fuzz/corpus/$name
  mkdir -p "$corpus"
  seeds=tests/fuzz/seeds/${name#fuzz_}
  echo "== $name, $seconds s"
  "$fuzzer" -max_total_time="$seconds" -max_len=65536 -rss_limit_mb=2048 -timeout=10 -print_final_stats=1 \
    -artifact_prefix=build/fuzz/crashes/ "$corpus" $([ -d "$seeds" ] && echo "$seeds") 2>&1 | tail -8
done
