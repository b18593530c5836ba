#!/usr/bin/env bash
# Builds tests with a sanitizer preset and runs them: sanitize.sh asan-ubsan | tsan
# ThreadSanitizer looks at what has threads; the other one at everything, except tests with a label that
# RONDOM_LEAVE_OUT names or a name that RONDOM_LEAVE_OUT_NAMES does (patterns of ctest).
set -euo pipefail
cd "$(dirname "$0")/../.."
preset=$1
case "$preset" in
  tsan)
    targets=(unit_base unit_engine unit_activate unit_net unit_store unit_plugin)
    tests='^unit_(base|engine|activate|net|store|plugin)$'
    ;;
  *)
    targets=(all)
    tests='.'
    ;;
esac
cmake --preset "$preset" >/dev/null
cmake --build --preset "$preset" -j "$(nproc)" --target "${targets[@]}"
# No detect_leaks in ASAN_OPTIONS: it is on by itself, and the plugin host, whose sandbox forbids the
# search, turns it off for itself, which the environment would override.
export LSAN_OPTIONS=suppressions=$PWD/tests/layout/lsan.supp:print_suppressions=0
export UBSAN_OPTIONS=print_stacktrace=1
export TSAN_OPTIONS=halt_on_error=1
cd "build/$preset"
# One more than there are processors: many a test waits for processes of its own.
ctest --output-on-failure -j "$(($(nproc) + 1))" -R "$tests" -LE "no-sanitizer${RONDOM_LEAVE_OUT:+|$RONDOM_LEAVE_OUT}" \
  -E "^(${RONDOM_LEAVE_OUT_NAMES:-none})$" \
  --timeout 600
