#!/usr/bin/env bash
# Activation to a batch HTTP endpoint on loopback: activation.sh BUILD_FOLDER [PROFILES]
#
# Makes profiles first, then measures in one go and three rounds: a bare libcurl loop that posts as many records
# of the same size and as many a request, and the job that activates all profiles, run by the program with a
# plugin on host HTTP. The rate of a job is that of its whole time, start of the plugin included.
set -euo pipefail
build=$1
profiles=${2:-200000}
here=$(cd "$(dirname "$0")" && pwd)
project=${RONDOM_BENCH_FOLDER:-$build/bench}/activation-$profiles
if [ ! -e "$project/data/b.jsonl" ]; then
  rm -rf "$project"
  mkdir -p "$project/data"
  "$build/bin/bench-generate" "$project/data" $((2 * profiles)) # half of them are the CRM's, one profile each
fi
cp -r "$here/activation/." "$project/"
mkdir -p "$project/env"
ln -sfn "$build/tests/plugins/bench-http" "$project/plugins"
coproc endpoint { "$build/bin/bench-endpoint"; }
read -r address <&"${endpoint[0]}"
trap 'exec {endpoint[1]}>&-' EXIT
echo "vars: { endpoint: \"$address\" }" > "$project/env/bench.yaml"
rondom="$build/bin/rondom -C $project --env bench -q -o json run --as-of 2026-03-14"

echo
echo "== activation of about $profiles profiles to a batch HTTP endpoint"
rm -rf "$project/var"
$rondom crm > "$project/crm.json"
cp -r "$project/var" "$project/var-unified"
for round in 1 2 3; do
  rm -rf "$project/var"
  cp -r "$project/var-unified" "$project/var"
  "$build/bin/bench-post" "$address" "$profiles" | tee "$project/bare-$round.txt"
  $rondom everybody > "$project/activation-$round.json"
done
rm -rf "$project/var-unified"
python3 "$here/activation.py" "$project" 3
