#!/bin/sh
# Makes the packages of a build: package.sh BUILD. They are BUILD/packages/*.deb, the same bytes for the same
# build, whoever makes them and whenever: every time in them is SOURCE_DATE_EPOCH, or that of the last commit.
set -eu
build=$(CDPATH= cd -- "$1" && pwd)
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
export SOURCE_DATE_EPOCH="${SOURCE_DATE_EPOCH:-$(git -C "$here" log -1 --format=%ct)}"
export LC_ALL=C.UTF-8 TZ=UTC
umask 022
python3 -B "$here/files.py" "$build" "$build/package-files"
rm -rf "$build/packages"
cpack --config "$build/CPackConfig.cmake" >"$build/package.log" 2>&1 ||
  { cat "$build/package.log" >&2; exit 1; }
ls "$build/packages"/*.deb
