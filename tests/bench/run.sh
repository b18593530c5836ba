#!/usr/bin/env bash
# The benchmark of DESIGN §8, rows 1 to 3, activation and the plugin boundary: run.sh BUILD_FOLDER [RECORDS…]
#
# Generates JSON lines from a seed (kept for the next time), then measures in one go: bare sorted
# inserts of the same bytes, the first sync into SQLite with a file destination, and the same again as
# a full refresh in which nothing changed. Up to a million records three rounds are measured, inserts and
# sync in turn, and the median ratio counts: on a shared machine one pair says little. States machine,
# data and command; quote ratios, not digits.
set -euo pipefail
build=$1
shift
sizes=("$@")
[ ${#sizes[@]} -gt 0 ] || sizes=(1000000 10000000)
here=$(cd "$(dirname "$0")" && pwd)
work=${RONDOM_BENCH_FOLDER:-$build/bench}
mkdir -p "$work"

echo "machine  $(grep -m1 'model name' /proc/cpuinfo | cut -d: -f2 | xargs), $(nproc) cores, $(free -g | awk '/Mem/{print $2}') GiB"
echo "build    $(grep CMAKE_BUILD_TYPE: "$build/CMakeCache.txt" | cut -d= -f2), $("$build/bin/rondom" version)"
for size in "${sizes[@]}"; do
  project=$work/$size
  if [ ! -e "$project/data/b.jsonl" ]; then
    rm -rf "$project"
    mkdir -p "$project/data"
    "$build/bin/bench-generate" "$project/data" "$size"
  fi
  cp -r "$here/project/." "$project/"
  cat "$project"/data/*.jsonl > /dev/null
  echo
  echo "== $size records, $(du -sh "$project/data" | cut -f1) of JSON lines"
  rounds=3
  [ "$size" -le 1000000 ] || rounds=1
  for ((round = 1; round <= rounds; round++)); do
    rm -rf "$project/var" "$project/out" "$project/bare.db"*
    mkdir -p "$project/out"
    "$build/bin/bench-insert" "$project/bare.db" "$project/data/a.jsonl" "$project/data/b.jsonl" \
      | tee "$project/bare-$round.txt"
    rm -f "$project/bare.db"*
    "$build/bin/rondom" -C "$project" -q -o json run --all --as-of 2026-03-14 > "$project/first-$round.json"
  done
  "$build/bin/rondom" -C "$project" -q -o json run --all --as-of 2026-03-14 > "$project/refresh.json"
  python3 "$here/summary.py" "$size" "$project" "$rounds"
done
if [ -x "$build/bin/bench-boundary" ]; then
  echo
  ingest=$(python3 -c 'import json, sys
stages = json.load(open(sys.argv[1]))["stages"]
print(round((stages["map"] + stages["store"]) * 1e9 / int(sys.argv[2])))' "$project/first-1.json" "$size")
  "$build/bin/bench-boundary" "$ingest"
fi
"$here/activation.sh" "$build"
"$here/reading.sh" "$build"
"$here/attributes.sh" "$build"
"$here/compile.sh"
