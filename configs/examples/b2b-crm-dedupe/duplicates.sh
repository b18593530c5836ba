#!/bin/sh
# The records that are not alone: duplicates.sh [PROGRAM]   (after `rondom run --all`)
# One line a record, those of one profile together: profile, source, stream, key.
set -eu
here=$(CDPATH= cd -- "$(dirname -- "$0")" && pwd)
"${1:-rondom}" -C "$here" profile members |
  awk -F, 'NR > 1 { count[$1]++; line[NR] = $0; profile[NR] = $1 }
    END { for (n = 2; n <= NR; n++) if (count[profile[n]] > 1) print line[n] }'
