#!/usr/bin/env bash
# clang-format over every file, clang-tidy over all bodies of core and plugins. RONDOM_TIDY_CHECKS changes
# the checks, e.g. "-clang-analyzer-*", which leaves a third of the time. Needs the checks' packages
# (packaging/install-dependencies.sh --checks).
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files '*.h' '*.hpp' '*.cpp' | xargs clang-format-14 --dry-run -Werror
echo "clang-format: clean"
# Each body by itself, so that it is seen to include what it uses.
cmake --preset debug >/dev/null
git ls-files 'core/*.cpp' 'plugins/*.cpp' | grep -v '/tests/' |
  xargs -P "$(nproc)" -n 4 clang-tidy-14 -p build/debug --quiet --checks="${RONDOM_TIDY_CHECKS:-}" 2>/dev/null
echo "clang-tidy: clean"
