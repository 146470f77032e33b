#!/usr/bin/env bash
# usage: hello.sh <path of sake-example-hello>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

ask /
expect_status 200
expect_body 'Try /hello/you'

ask /hello/you
expect_status 200
expect_header Content-Type 'text/plain; charset=utf-8'
expect_header Content-Length 12
expect_body 'Hello, you!'

ask '/hello/Zo%C3%AB%20B'
expect_body 'Hello, Zoë B!'

ask /hello/you --head
expect_status 200
expect_header Content-Length 12

ask /hello/
expect_status 404

ask /hello/you --request POST --data ''
expect_status 405
expect_header Allow 'GET, HEAD, OPTIONS'

finish
