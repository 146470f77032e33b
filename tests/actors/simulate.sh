#!/usr/bin/env bash
# usage: simulate.sh <path of sake-simulate>
# The built-in simulation holds, does the same every time, and finds a reply that is lost.
set -euo pipefail
program=$1

fail() {
  printf 'FAILED: %s\n' "$1" >&2
  exit 1
}

# run <wanted exit status> [argument]…: fills $said, what goes to standard output
run() {
  local code=0
  said=$("$program" "${@:2}") || code=$?
  ((code == $1)) || fail "sake-simulate ${*:2} ended with $code, not $1: $said"
}

line='^seeds=200 seconds=[0-9.]+ findings=([0-9]+) trace=([0-9a-f]{16})$'

run 0 --seeds 200
[[ $said =~ $line && ${BASH_REMATCH[1]} == 0 ]] || fail "the last line is $said"
trace=${BASH_REMATCH[2]}
run 0 --seeds 200 --threads 1
[[ $said =~ $line && ${BASH_REMATCH[2]} == "$trace" ]] || fail "another trace: $trace, then $said"
run 0 --seeds 200 --seed 201
[[ $said =~ $line && ${BASH_REMATCH[2]} != "$trace" ]] || fail "other seeds, the same trace: $said"

run 1 --seeds 200 --plant-bug
[[ ${said##*$'\n'} =~ $line && ${BASH_REMATCH[1]} != 0 ]] || fail "the defect was not found: $said"
[[ $said =~ ^seed\ ([0-9]+)\  ]] || fail "no seed stands before the finding: $said"
run 1 --seeds 1 --seed "${BASH_REMATCH[1]}" --plant-bug

run 2 --seeds none 2>/dev/null
run 2 --seeds 0 2>/dev/null
run 2 --sedes 1 2>/dev/null
