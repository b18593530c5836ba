#!/usr/bin/env bash
# clang-tidy over all bodies of core and plugins. RONDOM_TIDY_CHECKS changes
# the checks, e.g. "-clang-analyzer-*", which leaves a third of the time. With RONDOM_TIDY_TOGETHER=1 bodies are
# looked at as they are built, several in one: a third of the time again, but a missing #include does not show.
# Needs the checks' packages (packaging/install-dependencies.sh --checks).
set -euo pipefail
cd "$(dirname "$0")/../.."
if [ -n "${RONDOM_TIDY_TOGETHER:-}" ]; then
  build=build/asan-ubsan
  cmake --preset asan-ubsan >/dev/null
  bodies() {
    python3 -c '
import json, sys
for entry in json.load(open(sys.argv[1])):
    name = entry["file"]
    mine = name.endswith((".cpp", ".cxx")) and ("/core/" in name or "/plugins/" in name)
    if mine and "/tests/" not in name + open(name).read():
        print(name)' "$build/compile_commands.json" | sort -u
  }
else
  build=build/debug
  cmake --preset debug >/dev/null
  bodies() { git ls-files 'core/*.cpp' 'plugins/*.cpp' | grep -v '/tests/'; }
fi
test "$(bodies | wc -l)" -gt 20
bodies | xargs -P "$(nproc)" -n 2 clang-tidy-14 -p "$build" --quiet --checks="${RONDOM_TIDY_CHECKS:-}" 2>/dev/null
echo "clang-tidy: clean"
