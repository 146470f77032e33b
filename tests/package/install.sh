#!/usr/bin/env bash
# usage: install.sh <cmake> <build folder> <prefix>
# Installs into an emptied prefix, and fails if an installed header includes a header of Sake that is
# not installed.
set -euo pipefail
cmake=$1 build=$2 prefix=$3

rm -rf "$prefix"
"$cmake" --install "$build" --prefix "$prefix" >"$prefix.log"

status=0
while read -r header; do
  if [[ ! -f $prefix/include/$header ]]; then
    echo "an installed header includes <$header>, which is not installed"
    status=1
  fi
done < <(grep -rhoP '^\s*#\s*include\s*<\Ksake/[^>]+' "$prefix/include" | sort -u)
while IFS=: read -r from header; do
  if [[ ! -f ${from%/*}/$header ]]; then
    echo "$from includes \"$header\", which is not installed"
    status=1
  fi
done < <(grep -roP '^\s*#\s*include\s*"\K[^"]+' "$prefix/include")
exit $status
