#!/usr/bin/env bash
# usage: middleware.sh <path of sake-example-middleware>
. "$(dirname "$0")/lib.sh"

token='Authorization: Bearer open-sesame'
timed='^app;dur=[0-9]+\.[0-9]+$'

start "$1" 127.0.0.1:0

ask /
expect_status 200
expect_header_like Server-Timing "$timed"
expect_body 'open to everybody'
expect_log 'answered; path=/ status=200 method=GET route="GET /" peer=127.0.0.1:'

# A request without the token is refused, but still logged and timed.
ask /cave/
expect_status 401
expect_header WWW-Authenticate Bearer
expect_header_like Server-Timing "$timed"
expect_log 'answered; path=/cave/ status=401 method=GET '
ask /cave/treasure/coin
expect_status 401

ask /cave/ --header "$token"
expect_status 200
expect_header WWW-Authenticate ''
expect_body 'welcome, Ali'

# The middleware of a route runs behind that of its groups.
ask /cave/treasure/coin --header "$token"
expect_status 400
expect_body 'the query parameter please is missing'
ask '/cave/treasure/coin?please=yes' --header "$token"
expect_status 200
expect_body 'one coin for you'
expect_log 'answered; path=/cave/treasure/coin status=200 method=GET '

# A handler that throws, and a path without a route.
ask /cave/collapse --header "$token"
expect_status 500
expect_header_like Server-Timing "$timed"
expect_log 'answered; path=/cave/collapse status=500 method=GET '
ask /nowhere
expect_status 404
expect_header_like Server-Timing "$timed"
expect_log 'answered; path=/nowhere status=404 method=GET '

finish
