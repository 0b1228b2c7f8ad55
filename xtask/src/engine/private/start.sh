# Runs as root in a mount and network namespace of its own, and becomes dockerd. The pid stays the same throughout:
# slirp4netns is pointed at it from outside.
# Arguments: the run directory, then dockerd and its arguments.
set -eu
run=$1
shift

tries=0
until grep -q '^ *tap0:' /proc/net/dev; do
    tries=$((tries + 1))
    if [ "$tries" -gt 500 ]; then
        echo "the network did not come up: slirp4netns made no tap0" >&2
        exit 1
    fi
    sleep 0.02
done

# Names are resolved by slirp4netns, wherever the machine's own resolver listens.
printf 'nameserver 10.0.2.3\n' >"$run/resolv.conf"
if [ -e /etc/resolv.conf ]; then
    mount --bind "$run/resolv.conf" /etc/resolv.conf
fi

# A containerd or Docker of the machine has its sockets here, and dockerd would take them for its own.
for directory in /run/containerd /run/docker; do
    mkdir -p "$directory"
    mount -t tmpfs -o mode=0711 tmpfs "$directory"
done

echo 1 >/proc/sys/net/ipv4/ip_forward
exec "$@"
