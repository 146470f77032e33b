#!/usr/bin/env bash
# usage: json_api.sh <path of sake-example-json_api>
. "$(dirname "$0")/lib.sh"

start "$1" 127.0.0.1:0

ask /notes
expect_status 200
expect_header Content-Type 'application/json'
expect_body '[]'

ask /notes --data '{"title":"Rice","text":"two bags"}'
expect_status 201
expect_body '{"id":"1","title":"Rice","text":"two bags"}'

ask /notes --data '{"title":"Koji \"white\""}'
expect_status 201
expect_body '{"id":"2","title":"Koji \"white\""}'

ask /notes/2
expect_status 200
expect_body '{"id":"2","title":"Koji \"white\""}'

ask /notes
expect_body '[{"id":"1","title":"Rice","text":"two bags"},{"id":"2","title":"Koji \"white\""}]'

# Invalid JSON is answered with place and reason.
ask /notes --data '{"title":3}'
expect_status 400
expect_body_like 'title: expected a string, found a number'
ask /notes --data '{"text":"no title"}'
expect_status 400
expect_body_like 'title'
ask /notes --data '{"title":"Rice"'
expect_status 400
ask /notes --request POST
expect_status 400

ask /notes/1 --request DELETE
expect_status 200
expect_body '{"id":"1","title":"Rice","text":"two bags"}'

ask /notes/1 --request DELETE
expect_status 404
expect_header Content-Type 'application/json'
expect_body '{"error":"there is no such note"}'

ask /notes/1
expect_status 404

ask /notes
expect_body '[{"id":"2","title":"Koji \"white\""}]'

ask /notes --request PUT --data '{}'
expect_status 405
expect_header Allow 'GET, HEAD, OPTIONS, POST'

finish
