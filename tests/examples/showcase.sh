#!/usr/bin/env bash
# usage: showcase.sh <path of sake-showcase>
. "$(dirname "$0")/lib.sh"

program=$1
source=$(dirname "$0")/../../examples/showcase
page=$source/page

# ---- the command line -----------------------------------------------------------------------------

# refused <text> <argument>…: expects exit status 2, and the text on standard error
refused() {
  local code=0 said
  said=$("$program" "${@:2}" 2>&1 >/dev/null) || code=$?
  ((code == 2)) || fail "exit status with ${*:2}" 2 "$code"
  [[ $said == *"$1"* ]] || fail "message with ${*:2}" "$1" "$said"
}

refused 'there is no option --bogus' --bogus
refused '--port wants a number from 0 to 65535' --port 65536
refused '--port wants a number from 0 to 65535' --port=80a
refused '--port wants a value' --port
refused '--reactors wants a number' --reactors -1
refused '--no-worker-pool takes no value' --no-worker-pool=1
help=$("$program" --help) || fail 'exit status with --help' 0 "$?"
for option in --port --host --reactors --workers --no-worker-pool --help --version; do
  [[ $help == *"$option"* ]] || fail '--help' "$option" "$help"
done

[[ $("$program" --version) =~ ^sake\ [0-9]+\.[0-9]+\.[0-9]+$ ]] \
  || fail '--version' 'sake <version>' "$("$program" --version)"

# ---- the page -------------------------------------------------------------------------------------

start "$program" --port 0 --workers 1

ask /
expect_status 200
expect_header Content-Type 'text/html; charset=utf-8'
expect_header_like Content-Security-Policy "^default-src 'none'; script-src 'self';"
expect_header X-Content-Type-Options nosniff
expect_header Cache-Control no-cache
cmp "$scratch/body" "$page/index.html"

declare -A types=(
  [html]='text/html; charset=utf-8'
  [css]='text/css; charset=utf-8'
  [js]='text/javascript; charset=utf-8'
  [svg]='image/svg+xml'
  [cpp]='text/plain; charset=utf-8'
)
for file in "$page"/* "$source/routes.cpp"; do
  name=${file##*/}
  ask "/$name"
  expect_status 200
  expect_header Content-Type "${types[${name##*.}]}"
  cmp "$scratch/body" "$file"
  tag=$(header ETag)
  ask "/$name" --header "If-None-Match: \"other\", $tag"
  expect_status 304
  expect_header ETag "$tag"
  ask "/$name" --header 'If-None-Match: "other"'
  expect_status 200
done

# Every link of the page leads to this server.
mapfile -t links < <(grep -ohE '(href|src)="[^"]+"|from "[^"]+"' "$page"/*.{html,js} | sed -E 's/^[^"]*"\.?//; s/"$//' | sort -u)
((${#links[@]} >= 6)) || fail 'what the page refers to' 'six files' "${links[*]}"
for link in "${links[@]}"; do
  ask "$link"
  expect_status 200
done
if grep -HnE 'https?://|@import|url\(' "$page"/*.{html,css,js}; then
  fail 'the page' 'nothing from elsewhere' 'the lines above'
fi

ask /runtime
expect_header Cache-Control no-store
expect_body_like '^\{"reactors":1,"workers":1,"cores":[1-9][0-9]*\}$'

# ---- the routes that it shows ---------------------------------------------------------------------

# First, because the request that the page shows may block the reactor so long that the route moves.
ask /fib-inline/20
expect_body '{"n":20,"fib":6765,"on":"reactor"}'

shown=0
while read -r method path content; do
  if [[ -n $content ]]; then
    ask "$path" --request "$method" --data "$content"
  else
    ask "$path" --request "$method"
  fi
  if [[ $path == /oops ]]; then expect_status 500; else expect_status 200; fi
  expect_header_like Server-Timing '^sake;dur=[0-9]+\.[0-9]{3}$'
  expect_header Cache-Control no-store
  shown=$((shown + 1))
done < <(sed -nE 's,^ *// \[([A-Z]+ [^]]+)\] .*,\1,p' "$source/routes.cpp")
((shown >= 10)) || fail 'routes shown' 'at least 10' "$shown"

ask /fib/20
expect_body '{"n":20,"fib":6765,"on":"pool"}'
ask /primes/100
expect_body '{"below":100,"primes":25}'
ask /guests --data '{"name":"Ema"}'
expect_body '{"guests":["You","Ema"]}'
ask /guests --data '{"name":7}'
expect_status 400
ask /cellar/2011
expect_status 403
ask /echo --header 'Content-Type: text/x-poem' --data-binary 'first snow'
expect_header Content-Type text/x-poem
expect_body 'first snow'
for bad in /fib/41 /fib-inline/x /primes/1000001 /sleep/10001; do
  ask "$bad"
  expect_status 400
done

# ---- its output -----------------------------------------------------------------------------------

tried=0
while read -r -t 50 -u "$said" line && [[ $line != Ctrl* ]]; do
  if [[ $line == curl\ * ]]; then
    asked=$line
    eval "$line --silent --show-error --fail --noproxy '*' --max-time 50 --output /dev/null" \
      || fail 'a command that was printed' 'success' "exit status $?"
    tried=$((tried + 1))
  fi
done
((tried == 3)) || fail 'commands printed' 3 "$tried"

code=0
busy=$("$program" --port "${url##*:}" 2>&1) || code=$?
((code == 1)) || fail 'exit status on a busy port' 1 "$code"
[[ $busy == *'cannot listen'* ]] || fail 'message on a busy port' 'cannot listen …' "$busy"

finish

# ---- without the pool -----------------------------------------------------------------------------

start "$program" --port=0 --no-worker-pool
ask /runtime
expect_body_like '"workers":0'
ask /fib/20
expect_body '{"n":20,"fib":6765,"on":"reactor"}'
finish
