#!/bin/sh
# Installs what building and testing Rondom needs on Debian 12. Idempotent: does nothing, and needs no
# privileges, when everything is there. Run as root, or as a user who may use sudo.
set -eu

packages="
  build-essential cmake ninja-build ccache pkg-config git ca-certificates
  libboost-dev libboost-filesystem-dev libboost-system-dev libboost-test-dev
  libcurl4-openssl-dev libssl-dev nlohmann-json3-dev libspdlog-dev libyaml-cpp-dev libsimdjson-dev
  libsqlite3-dev libpq-dev libmariadb-dev libicu-dev libphonenumber-dev libcli11-dev zlib1g-dev libzstd-dev
  libxxhash-dev libseccomp-dev libgoogle-perftools-dev postgresql python3
  mariadb-server-core mariadb-client-core
  python3-yaml python3-jsonschema
"
# Only for `make lint`, the sanitizer runs, the fuzzers, and what is looked at of the package.
check_packages="clang-14 clang-tidy-14 clang-format-14 libclang-rt-14-dev
  lintian debootstrap systemd man-db groff zsh fish"

if [ "${1:-}" = "--checks" ]; then
  packages="$packages $check_packages"
fi

missing=""
for package in $packages; do
  if ! dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed'; then
    missing="$missing $package"
  fi
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -eq 0 ]; then
  as_root=""
elif command -v sudo >/dev/null 2>&1; then
  as_root="sudo"
else
  echo "These packages are missing, and installing them takes root:$missing" >&2
  exit 77
fi

echo "installing:$missing"
# The postgresql package would create and start a cluster of its own; the tests bring a private one.
if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
  $as_root mkdir -p /etc/postgresql-common
  printf 'create_main_cluster = false\n' | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
fi
export DEBIAN_FRONTEND=noninteractive
$as_root apt-get update -q
# shellcheck disable=SC2086
$as_root apt-get install -q -y --no-install-recommends $missing
