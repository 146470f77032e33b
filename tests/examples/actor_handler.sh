#!/usr/bin/env bash
# usage: actor_handler.sh <path of sake-example-actor_handler>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

# A dynamic actor with state.
ask /visitors
expect_status 200
expect_body '{"visitors":0}'
for n in 1 2 3; do
  ask /visit
  expect_status 200
  expect_header Content-Type 'text/plain; charset=utf-8'
  expect_body "visit $n"
done

# The same actor, asked by a coroutine.
ask /visitors
expect_header Content-Type 'application/json'
expect_body '{"visitors":3}'

# A typed actor.
ask /hello/you
expect_status 200
expect_body 'Hello, you!'

# A typed actor with state, for every method.
ask /wish
expect_status 200
expect_body 'none yet'
ask /wish --request PUT --data '{"text":"a long life"}'
expect_status 200
ask /wish --request PUT --data '{"text":7}'
expect_status 400
expect_body 'content is not the JSON expected: text: expected a string, found a number (octet 8)'
ask /wish
expect_body 'a long life'
ask /wish --head
expect_status 200
expect_header Content-Length 12

finish
