#!/usr/bin/env bash
# usage: events.sh <path of sake-example-events>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

ask /
expect_status 200
expect_body_like EventSource

# first_lines <count> [curl argument]…: the first lines of the endless event stream
first_lines() {
  { request /ticks --no-buffer "${@:2}" 2>/dev/null || true; } | head -n "$1"
}

asked=/ticks
got=$(first_lines 10)
wanted=$'retry: 1000\n\nid: 1\nevent: tick\ndata: 1\n\nid: 2\nevent: tick\ndata: 2'
[[ $got == "$wanted" ]] || fail 'the first events' "$wanted" "$got"

# A client that reconnects continues behind its last event.
got=$(first_lines 5 --header 'Last-Event-ID: 41')
wanted=$'retry: 1000\n\nid: 42\nevent: tick\ndata: 42'
[[ $got == "$wanted" ]] || fail 'the next event' "$wanted" "$got"

ask /ticks --head
expect_status 200
expect_header Content-Type text/event-stream
expect_header Cache-Control no-store

# A client that is still connected gets the end of the response.
request /ticks --no-buffer >"$scratch/ticks" 2>/dev/null &
listening=$!
until grep -q 'data: 3' "$scratch/ticks"; do sleep 0.05; done
finish
wait $listening || fail 'the end of the events' 'curl ends with 0' "curl ended with $?"
