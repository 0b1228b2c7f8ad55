#!/bin/sh
# install.sh ROOT PACKAGE...: installs packages with apk and leaves what they added, trimmed and compiled, below ROOT.
#
# Only what no running program reads is left out: tests, type stubs, headers, static libraries, build tools and manuals.
# Everything else is compiled ahead of time, because a read-only container can never write bytecode.
set -eu
root=$1
shift

files() {
    find / \( -path /proc -o -path /sys -o -path /dev -o -path /tmp -o -path /run -o -path "$root" \) -prune \
        -o ! -type d -print | sort
}

files > /tmp/before
apk add --no-cache "$@"

files | comm -13 /tmp/before - | grep -E \
    -e '/(numpy|pandas)/.*/tests?/' \
    -e '/(numpy|pandas)/(tests|f2py|distutils|doc)/' \
    -e '/numpy/core/include/|/numpy/_core/include/|/numpy/(core|_core)/lib/' \
    -e '/python3[^/]*/(test|idlelib|tkinter|turtledemo|lib2to3|ensurepip|pydoc_data|distutils|venv|config-[^/]*)/' \
    -e '/python3[^/]*/(turtle|pydoc|doctest)\.py$' \
    -e '/(dateutil|pytz)/(zoneinfo/.*\.tar\.gz|zoneinfo/[A-Z].*)$' \
    -e '\.(pyi|pxd|pyx|h|hpp|a|la|c|cpp|exe)$' \
    -e '/__pycache__/|/usr/share/(doc|man|lintian|python3|bug|binfmts|applications|pixmaps)/|/usr/include/' \
    -e '/usr/bin/(2to3|idle|pydoc|f2py|pygettext|pdb|py3clean|py3compile|py3versions)' \
    > /tmp/left-out || true
xargs rm -f < /tmp/left-out

# The modules' folders, as this Python sees them.
python3 -c 'import sys; print("\n".join(p for p in sys.path if p.startswith("/usr") and not p.endswith(".zip")))' |
    while read -r folder; do
        [ ! -d "$folder" ] || python3 -m compileall -q -j 0 --invalidation-mode unchecked-hash "$folder"
    done

# What was left out must not be missed: this fails here and now, not in the service.
python3 -I -c 'import json, numpy, pandas; assert pandas.Series([1.0, 2.0]).rolling(2).mean().iloc[-1] == 1.5'

mkdir -p "$root/lib/apk/db"
files | comm -13 /tmp/before - | sed 's#^/##' > /tmp/added
tar -c -f - -C / -T /tmp/added | tar -x -f - -C "$root"
# The list of installed packages goes along, so that scanners see them.
cp /lib/apk/db/installed "$root/lib/apk/db/installed"
