#!/usr/bin/env bash
# The long campaigns: run.sh BUILD_FOLDER. Every test under AddressSanitizer and UBSan, 500
# kills, 500 rounds of chaos, 10,000 runs of one service, the 10 GB line, 100,000 histories of consents, a million phone numbers, the packages in an empty Debian, ten minutes of each fuzzer.
set -euo pipefail
build=$1
here=$(cd "$(dirname "$0")/.." && pwd)
export RONDOM_BUILD=$build RONDOM_SOURCE=$(cd "$here/.." && pwd)
echo "== every test under AddressSanitizer and UBSan"
"$here/layout/sanitize.sh" asan-ubsan
echo "== 500 kills"
RONDOM_KILLS=${RONDOM_KILLS:-500} RONDOM_KILL_SEED=${RONDOM_KILL_SEED:-$(date +%s)} python3 -B "$here/cli/test_kill.py" -v
echo "== 500 rounds of whatever can happen"
RONDOM_CHAOS_ROUNDS=${RONDOM_CHAOS_ROUNDS:-500} RONDOM_CHAOS_SEED=${RONDOM_CHAOS_SEED:-$(date +%s)} python3 -B "$here/cli/test_chaos.py" -v
echo "== the newest commits lost, in 60 ways"
RONDOM_LOST_CUTS=60 python3 -B "$here/cli/test_lost_commits.py"
echo "== 10,000 runs under one service, with people asking"
python3 -B "$here/bench/service_load.py" "$build" --runs "${RONDOM_SERVICE_RUNS:-10000}" --grows 5
echo "== a 10 GB line"
RONDOM_GIANT_LINE_BYTES=$((10 << 30)) python3 -B "$here/cli/test_hostile.py" -v Hostile.test_a_giant_line_from_a_pipe
echo "== 100,000 histories of consents"
RONDOM_CONSENT_HISTORIES=${RONDOM_CONSENT_HISTORIES:-100000} "$build/bin/unit_activate" -t activate_consent_histories
echo "== a million phone numbers"
RONDOM_PHONE_NUMBERS=${RONDOM_PHONE_NUMBERS:-1000000} "$build/bin/unit_normalize" -t phone/fast_path_equals_the_library --log_level=message
echo "== the packages in an empty Debian"
python3 -B "$here/../packaging/test/test_installation.py" -v
echo "== fuzzers, 10 minutes each"
"$here/fuzz/run.sh" "${RONDOM_FUZZ_SECONDS:-600}"
