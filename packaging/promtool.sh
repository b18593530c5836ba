#!/bin/sh
# Prints the folder of promtool, which checks the alert rules: promtool.sh FOLDER. Where it is missing it is taken out of
# Debian's package prometheus into FOLDER; the package is not installed, as it would start a service. Best effort: where
# that cannot be done it says why and prints nothing, and the tests that want promtool say that they are skipped.
set -eu
folder=$1

if found=$(command -v promtool); then
  dirname "$found"
  exit 0
fi
if [ ! -x "$folder/usr/bin/promtool" ]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  chmod 755 "$work" # apt downloads as a user of its own
  (
    cd "$work" &&
      { apt-get -q download prometheus || { apt-get -q update && apt-get -q download prometheus; }; } &&
      dpkg-deb -x prometheus_*.deb unpacked
  ) >"$work/log" 2>&1 || { echo "no promtool: $(tail -n 1 "$work/log")" >&2; exit 0; }
  mkdir -p "$folder/usr/bin"
  mv "$work/unpacked/usr/bin/promtool" "$folder/usr/bin/promtool"
fi
(cd "$folder/usr/bin" && pwd)
