#!/usr/bin/env bash
# usage: counter.sh <path of sake-example-counter>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

# One actor for all requests, each on its own connection.
for n in 1 2 3; do
  ask /visit
  expect_status 200
  expect_body "visit $n"
done

# One actor for each request.
ask /hello/you
expect_status 200
expect_body 'Hello, you!'
ask /hello/me
expect_body 'Hello, me!'

finish
