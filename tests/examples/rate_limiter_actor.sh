#!/usr/bin/env bash
# usage: rate_limiter_actor.sh <path of sake-example-rate_limiter_actor>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

# A burst of five passes. The sixth request is refused, unless it comes a whole second later.
refused=0
for ((i = 0; i < 20; i++)); do
  ask /api/time --header 'X-Client: ann'
  if [[ $status == 429 ]]; then
    refused=$((refused + 1))
    expect_header Retry-After 1
  else
    expect_status 200
  fi
  ((i >= 5)) || expect_status 200
done
((refused > 0)) || fail 'of 20 requests in a row' 'some refused' 'none'

# Each client has its own bucket; other routes have no limit.
ask /api/time --header 'X-Client: bob'
expect_status 200
ask /
expect_status 200

finish
