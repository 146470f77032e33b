#!/usr/bin/env bash
# usage: supervised.sh <path of sake-example-supervised>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

put() {
  ask "$1" --request PUT
}

put /accounts/ann/5
expect_status 200
expect_body 5
put /accounts/bob/1
put /accounts/ann/7
expect_body 12

# After each failure another actor starts without state, after the second a little later.
put /accounts/ann/much
expect_status 500
put /accounts/ann/3
expect_status 200
expect_body 3
put /accounts/ann/much
expect_status 500

# The third failure leads to quarantine, because most requests fail, for this account only.
put /accounts/ann/much
expect_status 500
put /accounts/ann/1
expect_status 503
expect_header_like Retry-After '^[12]$'
put /accounts/bob/1
expect_status 200
expect_body 2

# The account recovers.
for _ in {1..100}; do
  put /accounts/ann/1
  [[ $status == 503 ]] || break
  sleep 0.1
done
expect_status 200
expect_body 1

finish
