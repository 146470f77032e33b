#!/usr/bin/env bash
# usage: blobs.sh <path of sake-example-blobs>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

ask /
expect_status 200
expect_header Content-Type text/plain

ask /blobs/numbers
expect_status 404
seq 1 1000000 >"$scratch/numbers"
ask /blobs/numbers --upload-file "$scratch/numbers"
expect_status 204
for _ in 1 2 3; do
  ask /blobs/numbers
  expect_status 200
  cmp "$scratch/numbers" "$scratch/body" || fail 'the content' 'all numbers' 'something else'
done

# The new content replaces the old one.
ask /blobs/numbers --request PUT --data 'few'
expect_status 204
ask /blobs/numbers
expect_body 'few'

# Past the limit of the route.
head -c 70000000 /dev/zero >"$scratch/large"
ask /blobs/large --upload-file "$scratch/large"
expect_status 413
ask /blobs/large
expect_status 404

finish
