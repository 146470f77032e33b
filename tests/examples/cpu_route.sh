#!/usr/bin/env bash
# usage: cpu_route.sh <path of sake-example-cpu_route>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

# The same handler gives the same bytes on the pool and on the reactor.
ask /fib/20
expect_status 200
expect_header Content-Type 'text/plain; charset=utf-8'
expect_body 6765
ask /fib-inline/20
expect_status 200
expect_header Content-Type 'text/plain; charset=utf-8'
expect_body 6765

ask /fib-offload/20
expect_status 200
expect_header Content-Type 'application/json'
expect_body '{"n":20,"fib":6765}'

for bad in /fib/46 /fib/-1 /fib/ten /fib-inline/1x /fib-offload/0x1; do
  ask "$bad"
  expect_status 400
done

# The only reactor answers while a worker computes: it says so before the number is there.
request /fib/40 --output "$scratch/number" &
computing=$!
until ask /ping && grep -qx 'pong, workers busy: 1' "$scratch/body"; do
  expect_status 200
  expect_body 'pong, workers busy: 0'
  kill -0 "$computing" 2>/dev/null || fail 'the reactor' 'a pong while a worker computes' 'a pong afterwards'
done
wait "$computing"
[[ $(<"$scratch/number") == 102334155 ]] || fail 'fib(40)' 102334155 "$(<"$scratch/number")"

finish
