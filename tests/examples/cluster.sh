#!/usr/bin/env bash
# usage: cluster.sh <path of sake-example-cluster>
# Two nodes on loopback: the front gives its work to the other, which dies and comes back.
. "$(dirname "$0")/lib.sh"

program=$1
other=''
trap 'if [[ -n $other ]]; then kill -KILL "$other" 2>/dev/null || true; fi; clean_up' EXIT

# free_port: one that nothing listens on
free_port() {
  python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

front_port=$(free_port) worker_port=$(free_port)
start_worker() {
  "$program" --address 127.0.0.1:0 --workers 1 --node.name worker \
    --node.listen "127.0.0.1:$worker_port" --node.join "127.0.0.1:$front_port" \
    >"$scratch/worker" 2>&1 &
  other=$!
}

# expect_node <state>: waits until the front sees the worker in it
expect_node() {
  local tries=200
  until request /nodes | grep -q "\"name\":\"worker\",[^}]*\"state\":\"$1\""; do
    ((--tries)) || fail 'the state of the worker' "$1" "$(request /nodes)"
    sleep 0.05
  done
}

start "$program" --address 127.0.0.1:0 --workers 1 --node.name front \
  --node.listen "127.0.0.1:$front_port" --node.role front
ask /burn/1
expect_status 503
expect_header Retry-After 1

start_worker
expect_node up
ask /burn/1
expect_status 200
expect_body_like '^worker worked 1 ms for 127\.0\.0\.1:[0-9]+$'

kill -KILL "$other"
wait "$other" 2>/dev/null || true
expect_node died
start_worker
expect_node up
ask /burn/1
expect_status 200

kill -TERM "$other"
wait "$other"
other=''
expect_node left
expect_log 'node left'
finish
