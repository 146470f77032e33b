# Functions for the drivers of the examples: start a program, send it requests, end it. Sourced.
#
#   start "$1" 127.0.0.1:0                # waits for the banner; sets $url
#   ask /hello/you --header 'A: b'        # one request; further arguments go to curl
#   expect_status 200
#   expect_header Content-Type 'text/plain; charset=utf-8'
#   expect_body 'Hello, you!'
#   finish                                # SIGTERM; the program must end with 0
#
# The first failed expectation ends the driver with 1.
# shellcheck shell=bash
set -euo pipefail

scratch=$(mktemp -d)
pid='' url='' asked=''

# Ends the program if it still runs, and shows its output after a failure.
clean_up() {
  local code=$?
  if [[ -n $pid ]]; then kill -KILL "$pid" 2>/dev/null || true; fi
  if ((code != 0)) && [[ -s $scratch/log ]]; then sed 's/^/  log: /' "$scratch/log" >&2; fi
  rm -rf "$scratch"
}
trap clean_up EXIT

# fail <what> <wanted> <got>
fail() {
  printf 'FAILED%s: %s\n  wanted: %s\n  got:    %s\n' "${asked:+ ($asked)}" "$1" "$2" "$3" >&2
  exit 1
}

# start <program> [argument]…: its standard output stays open at descriptor $said
start() {
  local line=''
  exec {said}< <(exec "$@" 2>"$scratch/log")
  pid=$!
  read -r -t 50 -u "$said" line || fail 'the program did not start' 'a banner' "$line"
  [[ $line =~ ^sake\ listens\ on\ (http://127\.0\.0\.1:[0-9]+)( |$) ]] \
    || fail 'the first line' 'sake listens on http://127.0.0.1:<port> …' "$line"
  url=${BASH_REMATCH[1]}
}

# request <path> [curl argument]…: runs curl without the user's configuration and proxies
request() {
  curl -q --silent --show-error --noproxy '*' --max-time 50 --path-as-is "${@:2}" "$url$1"
}

# ask <path> [curl argument]…: sets $status, $scratch/headers and $scratch/body
ask() {
  asked=$*
  status=$(request "$@" --dump-header "$scratch/headers" --output "$scratch/body" \
    --write-out '%{http_code}') || fail 'curl' 'an answer' "exit status $?"
}

# header <name>: its value in the last answer
header() {
  awk -v name="${1,,}" 'BEGIN { FS = ": " } tolower($1) == name { sub(/^[^:]*: /, ""); sub(/\r$/, ""); print }' \
    "$scratch/headers"
}

expect_status() {
  [[ $status == "$1" ]] || fail 'the status' "$1" "$status ($(<"$scratch/body"))"
}

# expect_header <name> <value>; an empty value: the field must be absent
expect_header() {
  local got
  got=$(header "$1")
  [[ $got == "$2" ]] || fail "the field $1" "$2" "$got"
}

# expect_header_like <name> <regular expression>
expect_header_like() {
  local got
  got=$(header "$1")
  [[ $got =~ $2 ]] || fail "the field $1" "$2" "$got"
}

expect_body() {
  local got
  got=$(<"$scratch/body")
  [[ $got == "$1" ]] || fail 'the content' "$1" "$got"
}

# expect_body_like <regular expression>
expect_body_like() {
  local got
  got=$(<"$scratch/body")
  [[ $got =~ $1 ]] || fail 'the content' "$1" "$got"
}

# expect_log <part of a line>: waits for it on standard error, because the log has its own thread
expect_log() {
  local tries=200
  until grep -qF -- "$1" "$scratch/log"; do
    ((--tries)) || fail 'the log' "$1" "$(<"$scratch/log")"
    sleep 0.05
  done
}

# finish: sends SIGTERM and expects the program to end with 0
finish() {
  local code=0
  asked='SIGTERM'
  kill -TERM "$pid"
  wait "$pid" || code=$?
  pid=''
  ((code == 0)) || fail 'the exit status' 0 "$code"
}
