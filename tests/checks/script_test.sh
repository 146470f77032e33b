#!/usr/bin/env bash
# usage: script_test.sh <path of ./sake>
# What ./sake says and returns where it must not install or build: with the system's package tools
# replaced by programs that record how they were called.
set -euo pipefail
sake=$1

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
status=0
as_user=()

# A clone with a blank in its path, and only those files that the script reads.
clone="$scratch/a clone"
mkdir -p "$clone/cmake" "$scratch/bin"
cp "$sake" "$clone/sake"
cat >"$clone/cmake/packages.txt" <<'TEXT'
# group  dependency            # what for
build  alpha (>= 2:3.1)        # a version
build  beta1 | beta (>= 1.81)  # a choice
run    gamma                   # plain
test   gamma                   # twice
TEXT

# Only these programs exist for the script under test.
for program in bash awk cat cp cut dirname env grep head mkdir nproc paste printf readlink rm sed sort tail \
  tee touch xargs; do
  ln -s "$(command -v "$program")" "$scratch/bin/$program"
done

# fake <name>: a program that does what standard input says
fake() {
  { echo '#!/usr/bin/env bash'; cat; } >"$scratch/bin/$1"
  chmod +x "$scratch/bin/$1"
}

# installed <line>…: what dpkg-query knows
installed() {
  printf '%s\n' "$@" >"$scratch/installed"
}

# run_sake <argument>…: runs the script in the world of the fakes
run_sake() {
  code=0
  output=$(cd / && PATH=$scratch/bin "${as_user[@]}" "$clone/sake" "$@" 2>&1) || code=$?
}

# expect <what> <code> <text>: of the last run
expect() {
  if [[ $code -ne $2 || $output != *"$3"* ]]; then
    printf 'FAILED: %s\nexpected exit status %s and: %s\ngot exit status %s and:\n%s\n\n' \
      "$1" "$2" "$3" "$code" "$output"
    status=1
  fi
}

# refute <what> <text>: the last run did not say it
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
TEXT
fake cmake <<'TEXT'
echo "CMake Error: configured with $*"
exit 1
TEXT

# Neither root nor sudo: nothing is called, and the user learns what to ask for.
installed 'installed alpha 2:3.1-1'
chmod 755 "$scratch"
as_user=()
if ((EUID == 0)); then as_user=("$(command -v setpriv)" --reuid 65534 --clear-groups); fi
run_sake run
expect "without rights it says what to do" 1 \
  'apt-get update && apt-get satisfy "beta1 | beta (>= 1.81), gamma"'
as_user=()

# With rights: a sudo that does as it is told stands in for those who test as a user.
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
check "the package lists are updated first" grep -q '^-qq update$' "$scratch/apt"
check "apt-get gets the dependencies as they are written" \
  grep -q 'satisfy .*--no-remove alpha (>= 2:3.1), beta1 | beta (>= 1.81), gamma$' "$scratch/apt"

installed 'installed alpha 2:3.1-1' 'installed beta1 1.0' 'installed gamma 1'
run_sake build
refute "the first of a choice meets it in any version" "installing"
run_sake build --preset nonsense
expect "an unknown preset is an error" 1 "unknown preset: nonsense"

exit $status
