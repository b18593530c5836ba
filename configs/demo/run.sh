#!/bin/sh
# The demo: run.sh BUILD SANDBOX [FOLDER]
#
# BUILD holds bin/rondom and bin/generate-demo, SANDBOX the stand-in mautic.py, FOLDER (default: this one) is where
# data, profiles and Mautic's contacts stay for the next time; another one gets a copy of the project. Runs the shop's jobs,
# lets a few people react in Mautic, runs them again, and shows what came of it.
set -eu
build=$1
sandbox=$2
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
folder=${3:-$here}
if [ "$folder" != "$here" ]; then
  mkdir -p "$folder"
  cp -R "$here/rondom.yaml" "$here/identity.yaml" "$here/merge.yaml" "$here/jobs" "$here/audiences" "$here/tests" "$folder/"
fi
rondom="$build/bin/rondom -C $folder"
export RONDOM_SECRET_MAUTIC=sesame # the stand-in's; it is on this machine and holds nobody

say() { printf '\n── %-62s %s\n' "$1" "${2:-}"; }
run() { # 3 = done, some records refused: the demo has broken rows on purpose
  code=0
  $rondom --env sandbox run --all >"$pipes/report" || code=$?
  [ "$code" -eq 0 ] || [ "$code" -eq 3 ] || { cat "$pipes/report"; exit "$code"; }
}
sent() { sed -n '/^SEND/,/^[!A]/p' "$pipes/report" | sed '/^[!A]/d'; }

mkdir -p "$folder/data" "$folder/var" "$folder/env"
[ -e "$folder/data/crm_contacten.csv" ] || "$build/bin/generate-demo" "$folder/data"

# The stand-in lives as long as its standard input is open: it ends with this script, however that ends.
pipes=$(mktemp -d)
trap 'rm -rf "$pipes"' EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkfifo "$pipes/alive" "$pipes/address"
python3 -B "$sandbox/mautic.py" --state "$folder/var/mautic.json" <"$pipes/alive" >"$pipes/address" &
mautic=$!
exec 3>"$pipes/alive"
read -r address <"$pipes/address" || { echo "The stand-in for Mautic did not start." >&2; exit 1; }
printf '# Written by run.sh: where the stand-in listens this time.\nvars: { mautic_url: "%s" }\n' "$address" \
  >"$folder/env/sandbox.yaml"

echo "A bicycle shop: four exports in, one profile per customer, a newsletter out to a file and to Mautic,"
echo "and what people answer comes back."

say "1  Read everything, unify, send" "rondom run --all"
run
cat "$pipes/report"

say "2  The newsletter is out; people and mail servers react in Mautic"
python3 -B "$here/react.py" "$address" | tee "$pipes/reactions"

say "3  Run again: who said no is written no more, at either place" "rondom run --all"
run
sed -n '/^READ/p; /^mautic-feedback/,/do_not_contact/p' "$pipes/report"
sent
first=$(awk 'NR == 1 { print $2 }' "$pipes/reactions")
echo
echo "$first:"
$rondom profile explain "$first" | sed -n 's/^MAY/ MAY/p'

say "4  And once more: nothing changes" "rondom run --all"
run
sent
sed -n '/^All/p' "$pipes/report"

say "5  What was merged" "rondom profile members"
$rondom profile members >"$pipes/members.csv"
awk -F, 'NR > 1 { profile[$1]++; records++ }
  END { for (one in profile) { size[profile[one]]++; profiles++ }
        printf "%d records about people became %d profiles:\n", records, profiles
        for (n = 1; n <= 50; n++) if (n in size) printf "%6d of %d record%s\n", size[n], n, n == 1 ? "" : "s" }' \
  "$pipes/members.csv"

say "6  What was refused, and why" "rondom quarantine list"
$rondom quarantine list

say "7  One profile explained" "rondom profile explain crm.contacts/900001"
$rondom profile explain crm.contacts/900001

say "8  All of one customer on a page, for any browser" "rondom profile page crm.contacts/102222 --html …"
$rondom profile page crm.contacts/102222 --html "$folder/customer.html"

exec 3>&-
wait "$mautic"

say "Try next"
next() { printf '  %-52s %s\n' "$1" "$2"; }
echo "  alias rondom='$rondom'"
next "rondom profile find thuis@example.com" "a family with one address"
next "rondom profile explain crm.contacts/900003" "deceased, so not mailed"
next "rondom quarantine show" "the broken rows themselves"
next "rondom plan newsletter" "what would be sent now"
next "rondom test" "the shop's own rules, as tests"
next "make demo" "again: nothing changes any more"
