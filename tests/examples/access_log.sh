#!/usr/bin/env bash
# usage: access_log.sh <path of sake-example-access_log>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

ask /hello/you --header 'X-Request-Id: abc'
expect_status 200
expect_log 'access; method=GET target=/hello/you protocol=HTTP/1.1 status=200 outcome=sent received=0 sent='
expect_log 'route=/hello/:name peer=127.0.0.1:'
expect_log 'request_id=abc'

ask /echo --data-binary 12345
expect_body 12345
expect_log 'target=/echo protocol=HTTP/1.1 status=200 outcome=sent received=5 sent='

# No handler and no middleware makes these responses.
ask /nowhere --http1.0
expect_status 404
expect_log 'method=GET target=/nowhere protocol=HTTP/1.0 status=404 '
ask /hello/you --header 'Host: a b'
expect_status 400
expect_log 'access; method="" target="" protocol=HTTP/1.1 status=400 '

finish
