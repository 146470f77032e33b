#!/usr/bin/env bash
# usage: in_debian.sh <release> <folder> <clone> <command> [argument]…
#
# Runs a command as root, in the clone, in a Debian of that release. debootstrap makes the Debian in
# <folder> the first time; it is kept, with the packages that the command installs. Inside, the clone
# has the same path as outside, and its build/ is <folder>/build. Mounts and processes end with this
# script, however it ends, because they are in namespaces of their own.
set -euo pipefail
release=$1 folder=$2 clone=$3
shift 3
root=$folder/root

fail() {
  printf 'in_debian.sh: %s\n' "$*" >&2
  exit 1
}

# Packages that a machine of that release often has, and that a build there must cope with.
already_there() {
  case $release in
    bookworm) echo libboost-dev ;; # Boost 1.74, which 1.81 conflicts with
  esac
}

# mirror: the Debian mirror of apt on this machine; empty if debootstrap's default is enough
mirror() {
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Label: Debian' 2>/dev/null \
    | grep '^https\?:' | sort | uniq | sed -n 1p || true
}

# proxy: the proxy of apt on this machine
proxy() {
  apt-config dump | grep -i '^Acquire::[a-z:]*Proxy ' || true
}

make_root() {
  local -a from=() packages
  rm -rf --one-file-system "$root"
  mkdir -p "$folder"
  mapfile -t from < <(mirror)
  mapfile -t packages < <(already_there)
  eval "$(apt-config shell http_proxy Acquire::http::Proxy)"
  export http_proxy
  debootstrap --variant=minbase "$release" "$root" "${from[@]}" >"$folder/debootstrap.log" 2>&1 || {
    tail -n 20 "$folder/debootstrap.log" >&2
    fail "debootstrap cannot make $release (the whole log: $folder/debootstrap.log)"
  }
  proxy >"$root/etc/apt/apt.conf.d/90proxy"
  echo force-unsafe-io >"$root/etc/dpkg/dpkg.cfg.d/unsafe-io" # a damaged root is made again
  if ((${#packages[@]})); then
    enter sh -c 'apt-get -qq update && apt-get -qq install -y --no-install-recommends "$@"' - \
      "${packages[@]}" >>"$folder/debootstrap.log" 2>&1 </dev/null
  fi
  touch "$folder/made"
}

# cache: the folder of ccache. Root must not write to a user's own cache.
cache() {
  if [[ -z ${SUDO_UID:-} ]] && command -v ccache >/dev/null; then
    ccache --get-config cache_dir
  else
    echo "$folder/ccache"
  fi
}

# enter <command> [argument]…: runs it there; it ends with this script at the latest
enter() {
  local keep
  keep=$(cache)
  mkdir -p "$keep" "$folder/build" "$root$clone" "$root/ccache"
  cp -L /etc/resolv.conf /etc/hosts "$root/etc/"
  # unshare itself ignores SIGTERM.
  setpriv --pdeathsig KILL unshare --mount --pid --fork --kill-child bash -euc '
    root=$1 clone=$2 build=$3 cache=$4
    shift 4
    mount -t proc proc "$root/proc"
    mount --rbind /dev "$root/dev"
    mount --rbind /sys "$root/sys"
    mount --bind "$cache" "$root/ccache"
    mount --bind "$clone" "$root$clone"
    mount --bind "$build" "$root$clone/build"
    exec chroot "$root" env -i PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
      HOME=/root LANG=C.UTF-8 CCACHE_DIR=/ccache DEBIAN_FRONTEND=noninteractive \
      sh -c "cd \"\$0\" && exec \"\$@\"" "$clone" "$@"
  ' - "$root" "$clone" "$folder/build" "$keep" "$@"
}

((EUID == 0)) || fail "needs root"
command -v debootstrap >/dev/null || fail "needs debootstrap"
unshare --mount true || fail "this root may not mount (it lacks CAP_SYS_ADMIN)"
# The mount needs the folder build/ in the clone, also before the first build.
mkdir -p "$clone/build"
# One process at a time makes it, also where an earlier one was not ended with its script.
mkdir -p "$folder"
exec {lock}>"$folder/lock"
flock "$lock"
[[ -f $folder/made ]] || make_root
exec {lock}>&-
enter "$@"
