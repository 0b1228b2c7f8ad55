#!/bin/busybox sh
# Starts PostgreSQL from Debian's packages as the official image does, for machines that no registry reaches: the same
# variables (POSTGRES_USER, POSTGRES_PASSWORD, POSTGRES_DB, PGDATA), the same place of the data, the same user number.
set -eu

PGDATA=${PGDATA:-/var/lib/postgresql/data}
POSTGRES_USER=${POSTGRES_USER:-postgres}
POSTGRES_DB=${POSTGRES_DB:-$POSTGRES_USER}
bin=$(echo /usr/lib/postgresql/*/bin)

bb() { /bin/busybox "$@"; }

if [ "$(bb id -u)" = 0 ]; then
    bb mkdir -p /tmp /run/postgresql /usr/local/bin "$PGDATA"
    bb chmod 1777 /tmp
    bb ln -sf /bin/busybox /bin/sh
    bb ln -sf "$bin/pg_isready" /usr/local/bin/pg_isready
    echo 'root:x:0:0:root:/:/bin/sh' > /etc/passwd
    echo 'postgres:x:999:999::/var/lib/postgresql:/bin/sh' >> /etc/passwd
    echo 'postgres:x:999:' > /etc/group
    bb chown -R 999:999 "$PGDATA" /run/postgresql
    exec gosu postgres "$0" "$@"
fi

if [ ! -s "$PGDATA/PG_VERSION" ]; then
    (umask 077 && printf '%s\n' "$POSTGRES_PASSWORD" > /tmp/password)
    "$bin/initdb" --pgdata="$PGDATA" --username="$POSTGRES_USER" --pwfile=/tmp/password --auth-local=trust \
        --auth-host=scram-sha-256 --encoding=UTF8 --locale=C --no-instructions
    bb rm /tmp/password
    echo 'host all all all scram-sha-256' >> "$PGDATA/pg_hba.conf"
    if [ "$POSTGRES_DB" != postgres ]; then
        printf 'create database "%s"\n' "$POSTGRES_DB" | "$bin/postgres" --single -D "$PGDATA" postgres
    fi
fi
exec "$bin/postgres" -D "$PGDATA" -c listen_addresses='*' -c unix_socket_directories=/run/postgresql "$@"
