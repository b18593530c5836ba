#!/usr/bin/env bash
# Reading by HTTP from an endpoint on loopback: reading.sh BUILD_FOLDER [RECORDS] [MILLISECONDS] [RECORDS_FOR_MEMORY]
#
# In one go and three rounds: a bare libcurl loop that follows pages of 200 records, each answered after 20 ms, and
# the program with a source that reads the same pages one after the other, maps them and stores them. Then once as
# many as RECORDS_FOR_MEMORY without the wait, for the memory that a long read takes.
set -euo pipefail
build=$1
records=${2:-100000}
wait=${3:-20}
many=${4:-1000000}
here=$(cd "$(dirname "$0")" && pwd)
project=${RONDOM_BENCH_FOLDER:-$build/bench}/reading
rm -rf "$project"
mkdir -p "$project/env" "$project/jobs"
cp -r "$here/reading/." "$project/"
ln -sfn "$build/tests/plugins/bench-http" "$project/plugins"
coproc endpoint { "$build/bin/bench-endpoint"; }
read -r address <&"${endpoint[0]}"
trap 'exec {endpoint[1]}>&-' EXIT
echo "vars: { endpoint: \"$address\" }" > "$project/env/bench.yaml"
job() { sed -e "s/OF/$1/" -e "s/WAIT/$2/" "$here/reading/people.yaml" > "$project/jobs/people.yaml"; }
run() {
  rm -rf "$project/var"
  "$build/bin/rondom" -C "$project" --env bench -q -o json run --all --as-of 2026-03-14 > "$project/$1.json"
}

echo
echo "== reading $records records by HTTP, 200 a page, $wait ms a page"
job "$records" "$wait"
for round in 1 2 3; do
  "$build/bin/bench-get" "$address/people?from=0&of=$records&size=200&wait=$wait" | tee "$project/bare-$round.txt"
  run "run-$round"
done
job "$many" 0
run "many"
python3 "$here/reading.py" "$project" 3 "$records" "$many"
