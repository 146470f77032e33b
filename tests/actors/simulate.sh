#!/usr/bin/env bash
# usage: simulate.sh <path of sake-simulate>
# The built-in simulation finds no error, is repeatable, and finds a lost reply. Its command line is read
# like those of all bench programs.
set -euo pipefail
program=$1

fail() {
  printf 'FAILED: %s\n' "$1" >&2
  exit 1
}

# run <wanted exit status> [argument]…: sets $said to the standard output
run() {
  local code=0
  said=$("$program" "${@:2}") || code=$?
  ((code == $1)) || fail "sake-simulate ${*:2} ended with $code, not $1: $said"
}

# refuse [argument]…: an invalid command line ends with 2 and one line with the reason
refuse() {
  local why
  why=$(run 2 "$@" 2>&1 >/dev/null) || fail "$* is not refused: $why"
  [[ $why == "sake-simulate: "* && $why != *$'\n'* ]] || fail "$* is refused with: $why"
}

line='^seeds=200 seconds=[0-9.]+ findings=([0-9]+) trace=([0-9a-f]{16})$'

run 0 --seeds 200
[[ $said =~ $line && ${BASH_REMATCH[1]} == 0 ]] || fail "the last line is $said"
trace=${BASH_REMATCH[2]}
run 0 --seeds=200 --threads=1
[[ $said =~ $line && ${BASH_REMATCH[2]} == "$trace" ]] || fail "another trace: $trace, then $said"
run 0 --seeds 200 --seed 201
[[ $said =~ $line && ${BASH_REMATCH[2]} != "$trace" ]] || fail "other seeds, the same trace: $said"

run 1 --seeds 200 --plant-bug
[[ ${said##*$'\n'} =~ $line && ${BASH_REMATCH[1]} != 0 ]] || fail "the defect was not found: $said"
[[ $said =~ ^seed\ ([0-9]+)\  ]] || fail "no seed stands before the finding: $said"
seed=${BASH_REMATCH[1]}
findings=${said%$'\n'*}
while IFS= read -r finding; do
  [[ $finding =~ ^seed\ [0-9]+\ \(trace\  && ${#finding} -le 310 ]] || fail "no finding: $finding"
done <<<"$findings"
[[ ${said##*$'\n'} == *" findings=$(wc -l <<<"$findings") "* ]] || fail "not one line each: $said"
run 1 --seeds 1 --seed "$seed" --plant-bug

# Several nodes.
run 0 --seeds 200 --nodes 3
[[ $said =~ $line && ${BASH_REMATCH[1]} == 0 ]] || fail "of nodes the last line is $said"
trace=${BASH_REMATCH[2]}
run 0 --seeds=200 --nodes 3 --threads=1
[[ $said =~ $line && ${BASH_REMATCH[2]} == "$trace" ]] || fail "of nodes another trace: $trace, then $said"
run 1 --seeds 200 --nodes 3 --plant-bug

run 0 --help
[[ $said == "usage: sake-simulate "*--seeds* ]] || fail "the help is $said"
refuse --seeds none
refuse --nodes 1
refuse --seeds=
refuse --seeds 0
refuse --seeds
refuse --sedes 1
refuse --plant-bug=yes
