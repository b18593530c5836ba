#!/usr/bin/env bash
# clang-format over every file, clang-tidy over the bodies that RONDOM_TIDY names (default: all of core
# and plugins). Needs the checks' packages (packaging/install-dependencies.sh --checks).
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files '*.h' '*.hpp' '*.cpp' | xargs clang-format-14 --dry-run -Werror
echo "clang-format: clean"
cmake --preset release >/dev/null
read -r -a patterns <<<"${RONDOM_TIDY:-core/*.cpp plugins/*.cpp}"
git ls-files "${patterns[@]}" | grep -v '/tests/' |
  xargs -P "$(nproc)" -n 4 clang-tidy-14 -p build/release --quiet 2>/dev/null
echo "clang-tidy: clean"
