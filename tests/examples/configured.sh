#!/usr/bin/env bash
# usage: configured.sh <path of sake-example-configured>
. "$(dirname "$0")/lib.sh"

program=$1
shipped=$(dirname "$0")/../../examples/sake.toml

# said <exit status> <argument>…: runs the program, which must end by itself, and keeps its output
said() {
  local code=0
  "$program" "${@:2}" >"$scratch/said" 2>&1 || code=$?
  ((code == $1)) || fail "exit status with ${*:2}" "$1" "$code"
}

# expect_said <line>
expect_said() {
  grep -qxF -- "$1" "$scratch/said" || fail 'what it printed' "$1" "$(<"$scratch/said")"
}

# ---- code, file, command line: each overrides the one before -----------------------------------

said 0 --print-config
expect_said 'workers = 1'
expect_said 'drain_deadline = "5s"'

said 0 --config "$shipped" --print-config
expect_said 'workers = 2'
expect_said 'drain_deadline = "5s"'
expect_said 'content_bytes = "4MiB"'

said 0 --config "$shipped" --workers 3 --print-config
expect_said 'workers = 3'
expect_said 'worker_scheduling = "batch"'

# The printed configuration can be read back.
cp "$scratch/said" "$scratch/effective.toml"
said 0 --config "$scratch/effective.toml" --print-config
cmp "$scratch/said" "$scratch/effective.toml"

said 0 --help
grep -q -- '--worker-max-queued N=1024' "$scratch/said" || fail '--help' 'options with defaults' "$(<"$scratch/said")"
[[ -z $(awk 'length > 80' "$scratch/said") ]] || fail '--help' 'lines of at most 80 columns' "$(<"$scratch/said")"
grep -q -- '--greeting TEXT' "$scratch/said" || fail '--help' "the program's own" "$(<"$scratch/said")"

# ---- all errors are reported at once --------------------------------------------------------------

cat >"$scratch/bad.toml" <<'TOML'
reactor = 2
workers = 5000

[deadlines]
request = "soon"
TOML
said 2 --config "$scratch/bad.toml" --worker-nice much --greting hi
expect_said "$scratch/bad.toml:1:1: unknown option \"reactor\"; did you mean \"reactors\"?"
expect_said "$scratch/bad.toml:2:11: workers must be 0 to 1024, not 5000"
expect_said "$scratch/bad.toml:5:11: deadlines.request wants a duration such as \"250ms\" or \"30s\", not \"soon\""
expect_said 'command line: --worker-nice wants a whole number, not "much"'
expect_said 'command line: unknown option "--greting"; did you mean "--greeting"?'
[[ $(wc -l <"$scratch/said") == 5 ]] || fail 'errors' 'five lines' "$(<"$scratch/said")"

# ---- while it runs -----------------------------------------------------------------------------------

sed 's/^workers = .*/workers = 1/' "$shipped" >"$scratch/sake.toml"
start "$program" --config "$scratch/sake.toml" --address 127.0.0.1:0 --greeting 'Well met!'
ask /
expect_body 'Well met!'
ask /workers
expect_body 1

sed -i 's/^workers = .*/workers = 3/' "$scratch/sake.toml"
kill -HUP "$pid"
until ask /workers && [[ $(<"$scratch/body") == 3 ]]; do expect_status 200; done

finish
