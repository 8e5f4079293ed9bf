# shellcheck shell=bash
# Sourced by scripts/services and scripts/test.

# Where Debian keeps servers, and an ordinary user's PATH does not look.
PATH=$PATH:/usr/sbin:/sbin

die() {
  echo "$(basename "$0"): $*" >&2
  exit 1
}

# Lets go of what the caller had open: a server that kept a pipe or a lock would hold its reader up for ever.
# To be called in a subshell, since it takes bash's own descriptors too.
close_inherited() {
  local fd
  for fd in /proc/self/fd/*; do
    fd=${fd##*/}
    [ "$fd" -le 2 ] || exec {fd}>&-
  done
}

# apt_install PACKAGE...: says what it does in one line, and shows apt's own words only where it fails.
apt_install() {
  local as_root=() log
  command -v apt-get >/dev/null || die "needs $*, and there is no apt-get here to install it"
  if [ "$EUID" -ne 0 ]; then
    command -v sudo >/dev/null || die "needs $*: as root, apt-get install $*"
    as_root=(sudo)
  fi
  echo "installing $*" >&2
  log=$(mktemp)
  # Into a file, since a package may start a server, which would keep a pipe open.
  (
    close_inherited
    "${as_root[@]}" apt-get update -q &&
      "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive \
        apt-get install -q -y --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"
  ) >"$log" 2>&1 </dev/null || {
    tail -n 20 "$log" >&2
    die "could not install $*; all of apt's words are in $log"
  }
  rm -f "$log"
}

# A copy of the lock stands beside the packages that it has named.
PACKAGES_LOCK=node_modules/.installed-lock.json

# Whether the packages of npm are there as they are locked, in the folder that one is in.
has_packages() {
  cmp --quiet package-lock.json "$PACKAGES_LOCK"
}

# Fetches them where they are not. Nothing of theirs is run.
install_packages() {
  has_packages || { npm ci --ignore-scripts --silent && cp package-lock.json "$PACKAGES_LOCK"; }
}
