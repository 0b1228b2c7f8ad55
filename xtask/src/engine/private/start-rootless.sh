# Runs as root of a user namespace made by rootlesskit, which has set up the network, and becomes dockerd.
# Arguments: dockerd and its arguments.
set -eu

# Copied up from the machine; dockerd would take the machine's sockets for its own.
rm -rf /run/docker /run/containerd /run/xtables.lock
exec "$@"
