# Keeps a throw-away PostgreSQL: makes a cluster, starts it, and says its port. When the standard input ends, stops it
# and removes it. That pipe ends with whoever holds its other end, however that one ends: Ctrl-C and `kill -9` too.
#
# Arguments: the folder of PostgreSQL's programs, then ports to try.
set -eu
programs=$1
shift
folder=$(mktemp -d "${TMPDIR:-/tmp}/affiant-postgres.XXXXXX")
server=

end() {
    trap '' HUP INT TERM
    if [ -n "$server" ]; then
        # At once: nothing is to be kept.
        kill -QUIT "$server" 2>/dev/null || true
        wait "$server" || true
    fi
    rm -rf "$folder"
}
trap end EXIT
trap 'exit 1' HUP INT TERM
# Whoever waits for the port may be gone.
trap '' PIPE

failed() {
    cat log >&2
    exit 1
}

cd "$folder"
# Without a locale texts sort alike on every machine.
"$programs/initdb" -D data -U postgres --auth=trust --encoding=UTF8 --no-locale --no-sync >log 2>&1 || failed
# Tests kill clients, and not the machine that the server runs on: nothing is lost without fsync.
cat >>data/postgresql.conf <<END
listen_addresses = '127.0.0.1'
unix_socket_directories = '$folder'
max_connections = 200
fsync = off
END

for port; do
    # A child, and not `pg_ctl start`: that leaves the ended server to process 1, which in a container may never collect it.
    "$programs/postgres" -D data -p "$port" >>log 2>&1 &
    server=$!
    # The last line that the server keeps there is its state.
    until grep -qs '^ready' data/postmaster.pid; do
        sleep 0.1
        # Its port was taken meanwhile.
        kill -0 "$server" 2>/dev/null || continue 2
    done
    echo "$port"
    read -r _ || true
    exit
done
failed
