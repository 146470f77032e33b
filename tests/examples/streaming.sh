#!/usr/bin/env bash
# usage: streaming.sh <path of sake-example-streaming>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

# An upload is counted as it arrives, with or without a known length.
seq 1 300000 >"$scratch/numbers"
counted='{"octets":1988895,"lines":300000}'
ask /count --data-binary "@$scratch/numbers"
expect_status 200
expect_body "$counted"
ask /count --header 'Transfer-Encoding: chunked' --data-binary "@$scratch/numbers"
expect_body "$counted"
ask /count --data ''
expect_body '{"octets":0,"lines":0}'

# A download is written in chunks to the last octet, slowly if the client reads slowly.
ask /numbers/300000
expect_status 200
expect_header Transfer-Encoding chunked
cmp "$scratch/numbers" "$scratch/body" || fail 'the content' 'all numbers' 'something else'
ask /numbers/300000 --limit-rate 4M
cmp "$scratch/numbers" "$scratch/body" || fail 'the slow content' 'all numbers' 'something else'
ask /numbers/3 --http1.0
expect_header Transfer-Encoding ''
expect_body $'1\n2\n3'
ask /numbers/300000 --head
expect_status 200
ask /numbers/many
expect_status 400

# Both at once.
ask /shout --data 'no need to shout'
expect_status 200
expect_body 'NO NEED TO SHOUT'

finish
