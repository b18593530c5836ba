#!/usr/bin/env bash
# clang-format over every file, clang-tidy over what a change can break. Needs the checks' packages
# (packaging/install-dependencies.sh --checks).
set -euo pipefail
cd "$(dirname "$0")/../.."
git ls-files '*.h' '*.hpp' '*.cpp' | xargs clang-format-14 --dry-run -Werror
echo "clang-format: clean"
cmake --preset release >/dev/null
git ls-files 'core/*.cpp' 'plugins/*.cpp' | grep -v '/tests/' |
  xargs -P "$(nproc)" -n 4 clang-tidy-14 -p build/release --quiet --warnings-as-errors='*' 2>/dev/null
echo "clang-tidy: clean"
