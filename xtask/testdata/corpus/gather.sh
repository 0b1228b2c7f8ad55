#!/bin/sh
# Gathers real Dockerfiles to test against: those in the source packages that packages.txt names, fetched by this machine's own apt.
#
#     gather.sh [--limit FILES] [--packages LIST] [DIRECTORY]
#
# Fills DIRECTORY (target/dockerfile-corpus) with PACKAGE/path__of__the__file. A file whose content is already there is left
# out, and a package that is there is not fetched again, so that a second run only adds what is missing. About 230 MB are
# fetched for the whole list and thrown away again. Needs apt-get, GNU tar and network; no root, and apt's own state stays as it is.
set -eu

here=$(cd "$(dirname "$0")" && pwd)
limit=100000
packages=$here/packages.txt
destination=

usage() {
    sed -n 's/^# \{0,1\}//; 2,8p' "$0" >&2
    exit 2
}

while [ $# -gt 0 ]; do
    case $1 in
    --limit | --packages)
        [ $# -ge 2 ] || usage
        case $1 in
        --limit) limit=$2 ;;
        --packages) packages=$2 ;;
        esac
        shift 2
        ;;
    -*) usage ;;
    *)
        [ -z "$destination" ] || usage
        destination=$1
        shift
        ;;
    esac
done
case $limit in '' | *[!0-9]*) usage ;; esac
destination=${destination:-$here/../../../target/dockerfile-corpus}
mkdir -p "$destination"
destination=$(cd "$destination" && pwd)
sums=$destination/SHA256SUMS
touch "$sums"

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
trap 'exit 1' HUP INT TERM

# The machine's sources of binary packages serve source packages, too. They get a state of their own.
apt() {
    apt-get -qq -o Dir::State::lists="$work/lists" -o Dir::Cache="$work/cache" \
        -o Dir::Etc::sourcelist="$work/none" -o Dir::Etc::sourceparts="$work/sources" \
        -o APT::Sandbox::User="$(id -un)" -o Acquire::Retries=2 "$@"
}
mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/sources" "$work/fetched"
: >"$work/none"
for file in /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources; do
    [ -f "$file" ] || continue
    sed 's/^Types:.*/Types: deb-src/; s/^deb /deb-src /' "$file" >"$work/sources/$(basename "$file" .list).${file##*.}"
done
echo "reading the index of source packages" >&2
apt update || echo "apt-get update complains; going on with what it has" >&2

# Dockerfile, Dockerfile.alpine, alpine.Dockerfile, Containerfile, but neither templates of them nor programs about them.
is_dockerfile='(^|/)((docker|container)file([._-][^/]*)?|[^/]*[._-](docker|container)file)$'
is_other='\.(adoc|c|cpp|css|dockerignore|ejs|el|erb|erl|ftl|go|h|hbs|html|in|ini|j2|java|jinja2?|js|json|lang|lua|md|mustache|nanorc|nix|patch|php|pl|png|py|rb|rs|rst|sh|svg|template|tm[a-z]+|toml|tpl|ts|txt|vim|vue|xml|ya?ml)$'

count() {
    wc -l <"$sums" | tr -d ' '
}

# Takes the Dockerfiles of one tarball, whose members are below one folder.
take() {
    package=$1
    tarball=$2
    tar --quoting-style=literal -tf "$tarball" | grep -iE "$is_dockerfile" | grep -ivE "$is_other" >"$work/members" || return 0
    rm -rf "$work/tree"
    mkdir "$work/tree"
    tar -xf "$tarball" -C "$work/tree" --no-same-owner --no-same-permissions --verbatim-files-from -T "$work/members" || return 0
    find "$work/tree" -type f -size -512k | LC_ALL=C sort >"$work/files"
    while IFS= read -r file; do
        [ "$(count)" -lt "$limit" ] || return 0
        sum=$(sha256sum <"$file")
        sum=${sum%% *}
        ! grep -q "^$sum " "$sums" || continue
        name=${file#"$work"/tree/}
        name=$(printf '%s' "${name#*/}" | sed 's,/,__,g')
        # Two tarballs of a package can carry a file each by one name.
        [ ! -e "$destination/$package/$name" ] || name=$(printf '%.8s' "$sum").$name
        mkdir -p "$destination/$package"
        cp "$file" "$destination/$package/$name"
        chmod 644 "$destination/$package/$name"
        printf '%s  %s\n' "$sum" "$package/$name" >>"$sums"
    done <"$work/files"
}

touch "$destination/PACKAGES"
grep -v '^#' "$packages" | while IFS= read -r package; do
    [ -n "$package" ] || continue
    if [ "$(count)" -ge "$limit" ]; then
        echo "that makes the $limit files asked for" >&2
        break
    fi
    ! grep -qxF "$package" "$destination/PACKAGES" || continue
    before=$(count)
    if (cd "$work/fetched" && apt source --download-only --only-source "$package") >"$work/log" 2>&1; then
        for tarball in "$work"/fetched/*.tar.*; do
            case $tarball in *.asc) continue ;; esac
            take "$package" "$tarball"
        done
        # A package cut off by the limit is to be looked at again.
        [ "$(count)" -ge "$limit" ] || echo "$package" >>"$destination/PACKAGES"
        echo "$package: $(($(count) - before)) new files" >&2
    else
        echo "$package: not fetched: $(tail -n 1 "$work/log")" >&2
    fi
    rm -rf "$work/fetched"
    mkdir "$work/fetched"
done
echo "$(count) distinct files in $destination" >&2
