#!/usr/bin/env bash
# Derived attributes, where the program computes them: attributes.sh BUILD_FOLDER [PEOPLE]
#
# Puts customers with 14 orders and 6 events each into a store, by the program, and computes 500 attributes of
# everybody from it (attributes.cpp). 100,000 people unless told: the whole of 1,000,000 takes a quarter of an hour
# to load and 6 GB. The store is kept for the next time.
set -euo pipefail
build=$1
people=${2:-100000}
here=$(cd "$(dirname "$0")" && pwd)
project=${RONDOM_BENCH_FOLDER:-$build/bench}/attributes-$people
echo
echo "== 500 attributes of $people customers with 20 activities each"
mkdir -p "$project/data"
cp -r "$here/attributes/." "$project/"
if [ ! -e "$project/loaded" ]; then
  rm -rf "$project/var"
  "$build/bin/bench-generate-activities" "$project/data" "$people"
  "$build/bin/rondom" -C "$project" -q -o json run --all --as-of 2026-03-14 > "$project/load.json"
  touch "$project/loaded"
fi
"$build/bin/bench-attributes" "$project" 1
"$build/bin/bench-attributes" "$project" 2
