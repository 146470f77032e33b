#!/usr/bin/env bash
# usage: unbuilt.sh <cmake> <source folder> <scratch folder> [cmake argument]…
# If a library is not built, as after ./sake run, the installation names the target to build and
# installs no file.
set -euo pipefail
cmake=$1 source=$2 scratch=$3
shift 3

fail() {
  printf 'FAILED: %s\n' "$*"
  exit 1
}

rm -rf "$scratch"
mkdir -p "$scratch"
"$cmake" -S "$source" -B "$scratch/build" -DSAKE_BUILD_TESTS=OFF -DSAKE_BUILD_BENCH=OFF \
  -DSAKE_BUILD_EXAMPLES=OFF "$@" >"$scratch/configure.log"

# All libraries but the last one.
for library in http routing actors runtime; do
  mkdir -p "$scratch/build/$library"
  touch "$scratch/build/$library/libsake_$library.a"
done
if "$cmake" --install "$scratch/build" --prefix "$scratch/prefix" >"$scratch/install.log" 2>&1; then
  fail "the installation of what is not built succeeded"
fi
# CMake wraps its message.
said=$(tr -s ' \n' ' ' <"$scratch/install.log")
[[ $said =~ Build\ first:.*--target\ ([a-z_]+) ]] || fail "what to build is not said: ${said: -400}"
[[ ! -e $scratch/prefix ]] || fail "installed by halves: $(find "$scratch/prefix" | head -n 3)"
grep -q "^build ${BASH_REMATCH[1]}: phony" "$scratch/build/build.ninja" \
  || fail "there is no target ${BASH_REMATCH[1]}"
