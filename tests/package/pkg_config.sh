#!/usr/bin/env bash
# usage: pkg_config.sh <compiler> <library folder of the prefix> <module> <main.cpp> <program to build>
# Builds and runs a user's program with the flags that pkg-config prints for the installed tree.
set -euo pipefail
compiler=$1 libraries=$2 module=$3 source=$4 program=$5

export PKG_CONFIG_PATH=$libraries/pkgconfig
flags=$(pkg-config --cflags --libs "$module")
# pkg-config escapes blanks in paths for a shell.
eval "words=($flags)"
"$compiler" -std=c++20 "$source" -o "$program" "${words[@]}"
LD_LIBRARY_PATH=$libraries "$program"
