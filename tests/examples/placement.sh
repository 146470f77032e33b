#!/usr/bin/env bash
# usage: placement.sh <path of sake-example-placement>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

expect_thread() {
  ask "$1"
  expect_status 200
  expect_body_like "$2"
}

expect_thread /by-nature '^sake-reactor-'
expect_thread /reactor '^sake-reactor-'
expect_thread /worker '^sake-worker-'
expect_thread /images '^sake-images-'
expect_thread /detached '^sake-detached-'
expect_thread /scheduler '^caf\.'

expect_thread /actor '^sake-reactor-'
expect_thread /actor/images/7 '^sake-images-'
expect_thread /actor/scheduler '^caf\.'

ask /images/workers/1 --request PUT
expect_status 200
expect_body '1 workers'
for _ in 1 2 3; do
  expect_thread /images '^sake-images-0$'
done
ask /images/workers/3 --request PUT
expect_status 200
ask /images/workers/0 --request PUT
expect_status 400
expect_body 'cannot resize the pool "images": workers must be 1 to 1024'

finish
