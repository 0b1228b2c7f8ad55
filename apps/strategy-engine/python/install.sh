#!/bin/sh
# install.sh ROOT PACKAGE...: installs packages with apk and leaves what they added, trimmed and compiled, below ROOT.
# The package manager decides what belongs to a package; no path or version of Python is written down here.
set -eu
root=$1
shift
find / -xdev \( -path /proc -o -path /sys -o -path /dev -o -path /tmp \) -prune -o ! -type d -print > /tmp/before
apk add --no-cache "$@"
exec python3 -I -B "$(dirname "$0")/trim.py" "$root" /tmp/before
