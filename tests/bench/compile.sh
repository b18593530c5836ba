#!/usr/bin/env bash
# What a plugin pays for the SDK: seconds to compile a file that includes <rondom/sdk.hpp> and nothing else, and a whole
# paging source, by each compiler that is there, as the best of five. The same file with the standard library's
# headers that the SDK uses is the reference.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
echo '#include <rondom/sdk.hpp>' > "$work/sdk.cpp"
cat "$root"/sdk/include/rondom/*.hpp "$root"/sdk/include/rondom/detail/*.hpp | grep -h '^#include <' | grep -v rondom/ \
  | sort -u > "$work/standard.cpp"
cp "$root/sdk/examples/paging-source/acme-crm.cpp" "$work/paging-source.cpp"

best_of_five() {
  local best=999999 begin end
  for _ in 1 2 3 4 5; do
    begin=$(date +%s%N)
    "$@"
    end=$(date +%s%N)
    if (((end - begin) / 1000000 < best)); then best=$(((end - begin) / 1000000)); fi
  done
  echo "$best"
}

echo
for compiler in g++ clang++-14; do
  command -v "$compiler" > /dev/null || continue
  for optimisation in -O0 -O2; do
    line="compile $compiler $optimisation:"
    for file in standard sdk paging-source; do
      line+="  $file $(best_of_five "$compiler" -std=c++20 "$optimisation" -fPIC -I"$root/sdk/include" -c -o "$work/out.o" \
        "$work/$file.cpp") ms"
    done
    echo "$line"
  done
done
