#!/usr/bin/env bash
# usage: bench_server.sh <path of sake-bench-server>
# The routes of the bench server answer as documented, within their limits and above them.
. "$(dirname "$0")/../examples/lib.sh"

# expect <path> <status> <content> [curl argument]…
expect() {
  ask "$1" "${@:4}"
  expect_status "$2"
  expect_body "$3"
}

# Workers of the idle class would get no CPU time while other tests use the cores.
start "$1" --port 0 --reactors 2 --workers 2 --worker-scheduling normal --worker-pinning off

expect / 200 'Sake, ready to be measured.'
expect /ping 200 pong
expect /health 200 ok
expect /plaintext 200 'Hello, World!'
expect /json 200 '{"message":"Hello, World!"}'
expect /users/7 200 7
expect /echo 200 abc --data abc

# CPU on the pool and on the reactor.
expect /fib/10 200 55
expect /fib-inline/10 200 55
expect /fib/41 400 'n is a whole number from 0 to 40'
expect /slow/5 200 5
expect /slow/10001 400 'ms is a whole number from 0 to 10000'
expect /slow/-1 400 'ms is a whole number from 0 to 10000'
expect /slow-count 200 1
expect /batch/1 200 1
expect /busy/1 200 1
ask /offload-trips/3
expect_status 200

# The duration is changed while the server runs, up to a duration that moves the route to the pool.
expect /variable/50 200 50 --request PUT
expect /variable 200 reactor
expect /variable/x 400 'us is a whole number of microseconds, up to 10 seconds' --request PUT
ask /variable/50
expect_status 405
expect_header Allow 'OPTIONS, PUT'
expect /variable/200000 200 200000 --request PUT
expect /variable 200 reactor
expect /variable 200 pool

# Actors: supervised, by key, many at once.
for _ in 1 2; do
  expect /flaky 200 ok
  expect /flaky 200 ok
  ask /flaky
  expect_status 500
done
expect /keyed/a 200 1
expect /keyed/b 200 1
expect /keyed/a 200 2
expect /hits 200 1
expect /hits 200 2
for kind in coroutine actor per-request keyed/7 pool; do
  expect "/hop/$kind" 200 'Hello, World!'
done
expect /scheduled 200 'Hello, World!'
expect /scheduled-hits 200 1
expect /scheduled-hits 200 2
expect /ask/0 200 0
expect /ask/1000 200 1000
expect /ask/1001 400 'n is a whole number from 0 to 1000'

# Two requests run, sixteen wait, others get Retry-After; the health check overtakes them all.
declare -a clients=()
for n in {1..60}; do
  request /busy/300 --dump-header "$scratch/busy.$n" --output /dev/null &
  clients+=($!)
done
# count <regular expression>: the number of answers of /busy with a matching line so far
count() { { grep -il -- "$1" "$scratch"/busy.* 2>/dev/null || true; } | wc -l; }
for _ in {1..400}; do
  if (($(count '^HTTP/1.1 503') > 0)); then break; fi
  sleep 0.01
done
expect /health 200 ok
asked=/busy/300
for each in "${clients[@]}"; do
  wait "$each" || fail 'curl' 'an answer' "exit status $?"
done
served=$(count '^HTTP/1.1 200') shed=$(count '^HTTP/1.1 503') told=$(count '^Retry-After: [1-9]')
((served >= 18 && shed > 0 && served + shed == 60 && told == shed)) \
  || fail 'the 60 clients' '18 served or some more, the rest told when to come back' \
    "$served served, $shed refused, $told told"

finish

# Without adaptive mode the route stays on its reactor.
start "$1" --port 0 --reactors 1 --adaptive off
expect /variable/100000 200 100000 --request PUT
for _ in 1 2 3; do expect /variable 200 reactor; done
finish
