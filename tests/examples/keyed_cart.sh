#!/usr/bin/env bash
# usage: keyed_cart.sh <path of sake-example-keyed_cart>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

# Each customer has one cart on all connections.
ask /carts/ann/tea --request PUT
expect_status 200
expect_body 'tea: 1'
ask /carts/bob/rice --request PUT
expect_body 'rice: 1'
ask /carts/ann/tea --request PUT
expect_body 'tea: 2'
ask /carts/bob/rice --request DELETE
expect_body ''
ask /carts/ann
expect_body 'tea: 2'
ask /carts/carl
expect_body ''

finish
