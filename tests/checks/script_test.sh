#!/usr/bin/env bash
# usage: script_test.sh <path of ./sake>
# Tests the output and exit status of ./sake without installing or building: the system's package tools
# are replaced by programs that record their calls.
set -euo pipefail
sake=$1

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0
as_user=()

# A clone with a blank in its path, and only the files that the script reads.
clone="$scratch/a clone"
mkdir -p "$clone/cmake" "$scratch/bin"
cp "$sake" "$clone/sake"
cp "$(dirname "$sake")/CMakeLists.txt" "$clone/"
cat >"$clone/cmake/packages.txt" <<'TEXT'
# group  dependency            # what for
build  alpha (>= 2:3.1)        # a version
build  beta1 | beta (>= 1.81)  # a choice
run    gamma                   # plain
test   gamma                   # twice
test   gnat                    # a name for each letter, as there are more than fit one line
test   grouse
test   goldfinch
test   guillemot
test   greenshank
test   goosander
test   gyrfalcon
beside beta1                   # may be unpacked below build/
on     delta
certs  openssl
TEXT

# Only these programs exist for the script under test.
for program in bash awk cat chmod cp cut dirname env grep head mkdir mv nproc paste printf readlink rm sed sort \
  tail tee touch xargs; do
  ln -s "$(command -v "$program")" "$scratch/bin/$program"
done

# fake <name>: makes a program; its script is standard input
fake() {
  { echo '#!/usr/bin/env bash'; cat; } >"$scratch/bin/$1"
  chmod +x "$scratch/bin/$1"
}

# installed <line>…: sets the packages that dpkg-query reports
installed() {
  printf '%s\n' "$@" >"$scratch/installed"
}

# run_sake <argument>…: runs the script with the fake programs
run_sake() {
  code=0
  output=$(cd / && HOME=$scratch PATH=$scratch/bin "${as_user[@]}" "$clone/sake" "$@" 2>&1) || code=$?
  # The path of a log may be longer than a line.
  long=$(awk -v path="$scratch" 'length > 80 && !index($0, path)' <<<"$output")
  check "./sake $* prints lines of at most 80 columns, not: $long" [ -z "$long" ]
}

# expect <what> <code> <text>: checks the exit status and output of the last run
expect() {
  if [[ $code -ne $2 || $output != *"$3"* ]]; then
    printf 'FAILED: %s\nexpected exit status %s and: %s\ngot exit status %s and:\n%s\n\n' \
      "$1" "$2" "$3" "$code" "$output"
    status=1
  fi
}

# refute <what> <text>: checks that the last run did not print the text
refute() {
  if [[ $output == *"$2"* ]]; then
    printf 'FAILED: %s\nunexpected: %s\nin:\n%s\n\n' "$1" "$2" "$output"
    status=1
  fi
}

# check <what> <command>…
check() {
  local what=$1
  shift
  if ! "$@"; then
    printf 'FAILED: %s\n' "$what"
    status=1
  fi
}

run_sake help
expect "help is printed" 0 "usage: ./sake <command>"
run_sake
expect "no command prints the help" 0 "usage: ./sake <command>"
run_sake --version
expect "the version is that of CMakeLists.txt" 0 "sake $(sed -n 's/^  VERSION //p' "$clone/CMakeLists.txt")"
run_sake nonsense
expect "an unknown command is an error" 1 "unknown command: nonsense"

run_sake run
expect "another distribution: it says so" 1 "not Debian"
expect "another distribution: it lists what to install" 1 "alpha (>= 2:3.1)"
expect "another distribution: it lists choices" 1 "beta1 | beta (>= 1.81)"

fake dpkg-query <<TEXT
echo "\$*" >>"$scratch/queries"
cat "$scratch/installed"
TEXT
fake dpkg <<TEXT
exec "$(command -v dpkg)" "\$@"
TEXT
fake apt-get <<TEXT
echo "\$*" >>"$scratch/apt"
echo "dlstatus:1:30.0:Retrieving file 1 of 2"
echo "what apt prints else"
echo "pmstatus:alpha:amd64:90.5:Unpacking alpha (amd64)"
TEXT
fake cmake <<'TEXT'
printf 'CMake Error: configured with %s %s\n' "$1" "$2"
printf '%s\n' "${@:3}"
exit 1
TEXT

# Neither root nor sudo: no tool is called, and the user is told the packages to request.
installed 'installed alpha 2:3.1-1'
chmod 755 "$scratch"
as_user=()
if ((EUID == 0)); then as_user=("$(command -v setpriv)" --reuid 65534 --clear-groups); fi
run_sake run
expect "without rights it says what to do" 1 \
  'apt-get update && apt-get satisfy "beta1 | beta (>= 1.81), gamma"'
run_sake test
expect "without rights a long list is one command in several lines" 1 ' \
    '
run_sake test --on trixie
expect "without rights it says that a Debian root needs root" 1 "a Debian root can only be made by root"
as_user=()

# A sudo that requires a password without a terminal.
fake sudo <<'TEXT'
echo "sudo: a terminal is required to read the password" >&2
exit 1
TEXT
if ((EUID == 0)); then as_user=("$(command -v setpriv)" --reuid 65534 --clear-groups); fi
mkdir -p "$clone/build"
chmod 777 "$clone/build"
run_sake run
expect "a sudo without a terminal: what it said" 1 "sudo: a terminal is required"
expect "a sudo without a terminal: what to do by hand" 1 \
  'apt-get update && apt-get satisfy "beta1 | beta (>= 1.81), gamma"'
as_user=()
rm -rf "$clone/build"

# With rights: a fake sudo that runs its command, for tests by an ordinary user.
fake sudo <<'TEXT'
exec "$@"
TEXT
rm -f "$scratch/queries"

installed 'installed alpha 2:3.1-1' 'installed beta 1.83.0' 'installed gamma 1'
run_sake run
expect "with every package there it goes on to configure" 1 "CMake Error: configured with --preset release"
refute "with every package there it installs nothing" "installing"
check "dpkg-query is called once" [ "$(wc -l <"$scratch/queries")" -eq 1 ]
check "apt-get is not called when nothing is missing" [ ! -e "$scratch/apt" ]

installed 'installed alpha 2:3.0-1' 'installed beta 1.74.0' 'config-files gamma 1'
run_sake run
expect "what is too old or removed is missing" 1 "installing from Debian: alpha beta1|beta gamma"
check "the package lists are updated first" grep -q '^-qq .*update$' "$scratch/apt"
check "apt-get gets the dependencies as they are written" \
  grep -q 'satisfy .*--no-remove alpha (>= 2:3.1), beta1 | beta (>= 1.81), gamma$' "$scratch/apt"

expect "it shows how far the download is" 1 "    downloading: 30 %"
expect "it shows how far the installation is" 1 "    installing: 90 %"
refute "apt's own words go to the log" "what apt prints else"
check "apt's own words are in the log" grep -q "what apt prints else" "$clone/build/log/packages.log"

# Another version of a package that may be unpacked is installed: apt would have to remove it.
fake apt-get <<TEXT
echo "\$*" >>"$scratch/apt"
case "\$*" in
  *beta1*satisfy* | *satisfy*beta1*)
    echo "E: Packages need to be removed but remove is disabled." >&2
    exit 100 ;;
  "download beta1") touch beta1_1.81_all.deb ;;
esac
TEXT
fake dpkg-deb <<'TEXT'
[[ $1 == -x && $2 == beta1_1.81_all.deb ]] && mkdir -p "$3/usr/include/beta1"
TEXT
rm "$scratch/apt"
run_sake run
expect "where another version is installed it says what it unpacks" 1 "unpacking beta1 into build/packages"
expect "where another version is installed CMake is told of what was unpacked" 1 \
  "-DCMAKE_PREFIX_PATH=$clone/build/packages/usr"
check "the headers are unpacked below build/" [ -d "$clone/build/packages/usr/include/beta1" ]
check "what may not be unpacked is installed" grep -q 'satisfy .*--no-remove alpha (>= 2:3.1), gamma$' "$scratch/apt"
check "nothing is removed" [ "$(grep -c satisfy "$scratch/apt")" -eq "$(grep -c -e --no-remove "$scratch/apt")" ]
installed 'installed alpha 2:3.1-1' 'installed beta 1.74.0' 'installed gamma 1'
run_sake run
refute "what was unpacked is not missing any more" "installing"
expect "what was unpacked is used again" 1 "-DCMAKE_PREFIX_PATH=$clone/build/packages/usr"
run_sake test --preset dev
check "the tests are configured with what was unpacked" \
  grep -q -e "-DCMAKE_PREFIX_PATH=$clone/build/packages/usr" "$clone/build/log/dev-configure.log"
rm -rf "$clone/build"

# The same if the package is not available.
fake dpkg-deb <<'TEXT'
exit 1
TEXT
run_sake run
expect "without the package it says what to do" 1 'apt-get satisfy "beta1 | beta (>= 1.81)"'
check "a package that was not unpacked is missing still" [ ! -e "$clone/build/packages/beta1.unpacked" ]
rm -rf "$clone/build"

installed 'installed alpha 2:3.1-1' 'installed beta1 1.0' 'installed gamma 1'
run_sake build
refute "the first of a choice meets it in any version" "beta"
run_sake build --preset nonsense
expect "an unknown preset is an error" 1 "unknown preset: nonsense"

# ---- the tests of several presets ---------------------------------------------------------------

# One preset does not compile, the tests of another fail.
installed 'installed alpha 2:3.1-1' 'installed beta1 1.0' 'installed gamma 1' 'installed gnat 1' \
  'installed grouse 1' 'installed goldfinch 1' 'installed guillemot 1' 'installed greenshank 1' \
  'installed goosander 1' 'installed gyrfalcon 1'
fake cmake <<TEXT
case "\$*" in
  "--build --preset dev"*) echo "actors/shard.cpp:9:1: error: no such thing"; exit 1 ;;
  "--build --preset tsan"*) ls "$clone/build/log" >"$scratch/logs when tsan is built" ;;
  "--preset "*) mkdir -p "build/\$2" ;;
esac
TEXT
fake ctest <<'TEXT'
case "$*" in
  "--preset release"*"--exclude-regex ^checks/headers"*) echo "100% tests passed, 0 tests failed out of 2" ;;
  "--preset release"*) echo "100% tests passed, 0 tests failed out of 3" ;;
  *) echo "50% tests passed, 2 tests failed out of 4"; exit 8 ;;
esac
TEXT
for program in ls sleep wc; do ln -s "$(command -v $program)" "$scratch/bin/$program"; done
run_sake test
expect "the tests that pass are told" 1 "    release  0 of 3 tests failed; built in"
expect "what does not compile is told, with its first error" 1 \
  "    dev      could not be built: shard.cpp:9:1: error: no such thing"
expect "the tests that fail are told" 1 "    tsan     2 of 4 tests failed"
expect "a preset that fails does not keep the next from its turn" 1 "    fuzz     2 of 4 tests failed"
check "the next preset is built while tests run" grep -q release-test.log "$scratch/logs when tsan is built"
run_sake test --preset release
expect "tests that pass are a success" 0 "everything passed"

# The release build in a Debian comes first.
mkdir -p "$clone/tests/debian"
cat >"$clone/tests/debian/in_debian.sh" <<TEXT
#!/usr/bin/env bash
case "\${*:4}" in
  "./sake build -D"*) mkdir -p "$clone/build/on/trixie/build/log" && echo "a.cpp: warning: odd" >"$clone/build/on/trixie/build/log/release-build.log" ;;
  "ctest --preset release"*exclude*) exit 1 ;;
  "ctest --preset release"*) echo "100% tests passed, 0 tests failed out of 7" ;;
  *) exit 1 ;;
esac
TEXT
chmod +x "$clone/tests/debian/in_debian.sh"
installed 'installed alpha 2:3.1-1' 'installed beta1 1.0' 'installed gamma 1' 'installed gnat 1' \
  'installed grouse 1' 'installed goldfinch 1' 'installed guillemot 1' 'installed greenshank 1' \
  'installed goosander 1' 'installed gyrfalcon 1' 'installed debootstrap 1'
run_sake test --everywhere
expect "the tests in a Debian are told" 1 "    trixie   0 of 7 tests failed; built in"
expect "warnings there are a failure" 1 "    trixie   built with 1 warnings"
expect "what is tested here is tested as well, but for the headers" 1 "    release  0 of 2 tests failed; built in"
rm -rf "$clone/tests"

fake cmake <<'TEXT'
exit 1
TEXT
run_sake test --preset dev
expect "what cannot be configured is told" 1 "    dev      could not be built"
refute "an error of the run before is not told again" "no such thing"
fake cmake <<'TEXT'
case "$*" in "--preset "*) mkdir -p "build/$2" ;; esac
TEXT
fake ctest <<'TEXT'
echo "100% tests passed, 0 tests failed out of 3"
kill -9 0
TEXT
run_sake test --preset release
expect "tests that are killed are a failure" 1 "tests were ended by a signal"
rm -rf "$clone/build"

# ---- signals ------------------------------------------------------------------------------------

# await <command>…: until it succeeds, 20 s at most
await() {
  local i
  for ((i = 0; i < 200; ++i)); do
    if "$@"; then return 0; fi
    sleep 0.1
  done
  return 1
}

is_over() {
  [[ ! -e /proc/$1 ]] || grep -q '^State:[[:space:]]*Z' "/proc/$1/status"
}

# The compiler is a grandchild of the script, behind a pipe.
fake cmake <<TEXT
case "\$*" in
  "--build "*)
    sleep 60 &
    echo \$! >"$scratch/compiler"
    wait
    ;;
  "--preset "*) mkdir -p "build/\$2" ;;
esac
TEXT
for command in "test --preset dev" build; do
  for signal in TERM HUP; do
    rm -rf "$clone/build" "$scratch/compiler"
    # shellcheck disable=SC2086
    HOME=$scratch PATH=$scratch/bin "$clone/sake" $command >"$scratch/said" 2>&1 &
    script=$!
    check "./sake $command builds" await test -s "$scratch/compiler"
    kill -"$signal" $script
    check "SIG$signal ends the compilers of ./sake $command" await is_over "$(<"$scratch/compiler")"
    code=0
    wait $script 2>/dev/null || code=$?
    check "SIG$signal ends ./sake $command, not status $code" [ $code -gt 128 ]
  done
done
rm -rf "$clone/build"

# ---- in a Debian of another release -------------------------------------------------------------

run_sake test --on nonsense
expect "an unknown release is an error" 1 "unknown release: nonsense"
run_sake test --on
expect "a missing release is an error" 1 "--on wants a release"

# ---- certificates -------------------------------------------------------------------------------

folder="$scratch/certs of nodes"
installed 'installed alpha 2:3.1-1'
run_sake certs "$folder"
expect "without openssl it is installed" 1 "installing from Debian: openssl"
rm -rf "$clone/build" "$folder"
ln -s "$(command -v openssl)" "$scratch/bin/openssl"

# has <node> <line>: whether the text of a certificate holds that
has() { openssl x509 -in "$folder/$1.crt" -noout -text | grep -q -- "$2"; }

run_sake certs "$folder"
expect "certificates are made without a name of a node" 0 "made $folder/ca.crt"
for node in node1 node2 node3; do
  expect "each file of $node is told" 0 "made $folder/$node.key
made $folder/$node.crt"
  check "the certificate of $node is good for a server" \
    openssl verify -x509_strict -purpose sslserver -CAfile "$folder/ca.crt" "$folder/$node.crt" >/dev/null
  check "the certificate of $node is good for a client" \
    openssl verify -x509_strict -purpose sslclient -CAfile "$folder/ca.crt" "$folder/$node.crt" >/dev/null
  check "without an address $node is on loopback" \
    has $node 'IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1, DNS:localhost$'
  check "the name of $node is in its certificate" has $node "Subject: CN *= *$node\$"
  check "the key of $node is for its owner only" [ "$(stat -c %a "$folder/$node.key")" = 600 ]
  check "the key of $node is that of its certificate" \
    [ "$(openssl pkey -in "$folder/$node.key" -pubout)" = "$(openssl x509 -in "$folder/$node.crt" -noout -pubkey)" ]
done
check "the key of the authority is for its owner only" [ "$(stat -c %a "$folder/ca.key")" = 600 ]
check "a node uses a key on P-256" has node1 'NIST CURVE: P-256'
check "a node has two purposes" has node1 'TLS Web Server Authentication, TLS Web Client Authentication'
check "a certificate is good for 824 days" openssl x509 -in "$folder/node1.crt" -noout -checkend $((824 * 86400)) >/dev/null
refute "no serial number is left behind" ca.srl
expect "the options of a node are told" 0 "--node.certificate $(printf %q "$folder/node1.crt")"
expect "the authority is told as an option" 0 "--node.authority $(printf %q "$folder/ca.crt")"

before=$(cat "$folder"/*)
run_sake certs "$folder/"
expect "a second run tells what it keeps" 0 "kept $folder/node1.crt"
refute "a second run makes nothing" "made "
check "a second run changes nothing" [ "$before" = "$(cat "$folder"/*)" ]

run_sake certs "$folder" a:10.0.0.7,db.example.org b:::1 'c:[2001:db8::7]' node1
expect "a further node gets its certificate" 0 "made $folder/a.crt"
expect "the options of the first node are told" 0 "--node.key $(printf %q "$folder/a.key")"
check "addresses and host names are in the certificate" has a ' IP Address:10.0.0.7, DNS:db.example.org$'
check "an IPv6 address is in the certificate" has b ' IP Address:0:0:0:0:0:0:0:1$'
check "an IPv6 address in brackets is in the certificate" has c ' IP Address:2001:DB8:0:0:0:0:0:7$'
check "the authority signs later certificates" openssl verify -CAfile "$folder/ca.crt" "$folder/a.crt" >/dev/null
run_sake certs "$folder" a:10.0.0.7
expect "a certificate for the same address is kept" 0 "kept $folder/a.crt"
run_sake certs "$folder" a:10.0.0.8
expect "a certificate for another address is an error" 1 "is not for 10.0.0.8"

rm "$folder/a.crt" "$folder/b.key"
before=$(cat "$folder/a.key")
run_sake certs "$folder" a b
expect "a certificate is made for the key that is there" 0 "kept $folder/a.key
made $folder/a.crt"
check "the key that is there stays" [ "$before" = "$(cat "$folder/a.key")" ]
expect "where the key is missing both are made" 0 "made $folder/b.key
made $folder/b.crt"

mv "$folder/ca.key" "$scratch/ca.key"
run_sake certs "$folder"
expect "with every certificate there the key of the authority may be elsewhere" 0 "kept $folder/node3.crt"
run_sake certs "$folder" d
expect "without the key of the authority nothing is signed" 1 "ca.key is missing"
check "the key of an authority is not made again" [ ! -e "$folder/ca.key" ]
rm "$folder/ca.crt"
run_sake certs "$folder"
expect "a certificate of another authority is an error" 1 "is not its authority"

run_sake certs
expect "a missing folder is an error" 1 "certs wants a folder"
run_sake certs --quick
expect "an unknown argument of certs is an error" 1 "unknown arguments: --quick"
for node in 'a b' ca "$(printf '%065d' 1)" --quick 'a:b/c' a: a:1.2.3.4, a:10.0.0.256 a:1.2.3 ':1.2.3.4'; do
  run_sake certs "$scratch/none" "$node"
  check "the malformed node $node is an error" [ $code -eq 1 ]
  check "nothing is made for the malformed node $node" [ ! -e "$scratch/none" ]
done
rm -rf "$clone/build"

exit $status
