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

# The only reactor answers while a worker computes, before the result is ready. The work starts small: a
# sanitizer, or a loaded machine, takes many times as long for it.
fib() {
  local a=0 b=1 i
  for ((i = 0; i < $1; ++i)); do
    read -r a b <<<"$b $((a + b))"
  done
  echo "$a"
}

seen=no
for n in 32 34 36 38 40 42; do
  request "/fib/$n" --output "$scratch/number" &
  computing=$!
  while [[ $seen == no ]] && kill -0 "$computing" 2>/dev/null; do
    ask /ping
    expect_status 200
    if grep -qx 'pong, workers busy: 1' "$scratch/body"; then seen=yes; else expect_body 'pong, workers busy: 0'; fi
  done
  wait "$computing"
  [[ $(<"$scratch/number") == "$(fib "$n")" ]] || fail "fib($n)" "$(fib "$n")" "$(<"$scratch/number")"
  [[ $seen == no ]] || break
done
[[ $seen == yes ]] || fail 'the reactor' 'a pong while a worker computes' 'a pong afterwards'

finish
