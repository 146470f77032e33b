#!/usr/bin/env bash
# usage: ask_two.sh <path of sake-example-ask_two>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

# Two actors are asked at once.
ask /offers/tea
expect_status 200
expect_body '{"item":"tea","price":4,"count":120}'
ask /offers/silk
expect_body '{"item":"silk","price":0,"count":0}'

# An actor that does not answer delays the response only until the time limit.
ask /reviews/tea
expect_status 200
expect_body 'no reviews just now'

finish
