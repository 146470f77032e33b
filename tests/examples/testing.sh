#!/usr/bin/env bash
# usage: testing.sh <path of sake-example-testing>
. "$(dirname "$0")/lib.sh"

# It is a test program, so it needs no requests.
said=$("$1") || fail 'its tests' 'all of them pass' "$said"
[[ $said == *'All tests passed'* ]] || fail 'its tests' 'All tests passed' "$said"
