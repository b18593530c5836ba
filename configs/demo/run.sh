#!/bin/sh
# The demo: run.sh BUILD_FOLDER. Makes the exports once, runs everything, shows what came of it.
set -eu
build=$1
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
rondom="$build/bin/rondom -C $here"

if [ ! -e "$here/data/crm_contacten.csv" ]; then
  mkdir -p "$here/data"
  "$build/bin/generate-demo" "$here/data"
fi

echo "\$ rondom -C configs/demo run --all"
code=0
$rondom run --all || code=$?
# 3 = done, some records refused: the demo has broken rows on purpose.
[ "$code" -eq 0 ] || [ "$code" -eq 3 ] || exit "$code"

echo
echo "\$ rondom -C configs/demo profile explain crm.contacts/900001"
$rondom profile explain crm.contacts/900001
echo
echo "\$ rondom -C configs/demo quarantine list"
$rondom quarantine list
echo
echo "The audience file:"
ls -l "$here"/out/*.jsonl
echo
echo "What to try next:"
echo "  $build/bin/rondom -C configs/demo profile find thuis@example.com        a family with one address"
echo "  $build/bin/rondom -C configs/demo profile explain crm.contacts/900003   deceased, so not mailed"
echo "  $build/bin/rondom -C configs/demo quarantine show                        the broken rows"
echo "  $build/bin/rondom -C configs/demo plan newsletter                        what would be sent now"
echo "  make demo                                                                again: nothing changes"
