# Keeps a PostgreSQL server: does what the lines of its standard input say, and when that is closed, because whoever
# started this has ended, it stops the server and removes its folder.
# Arguments: the folder of the programs, the folder of the data, the port, settings.
programs=$1 data=$2 port=$3
shift 3
settings=()
for setting in "$@"; do settings+=(-c "$setting"); done

as() {
  # The server refuses to run as root.
  if [ "$(id -u)" = 0 ]; then
    runuser -u postgres -- "$@"
  else
    "$@"
  fi </dev/null
}

pid() { head -n 1 "$data/postmaster.pid" 2>/dev/null; }
trap '' INT TERM
cd /

while read -r command argument; do
  case $command in
    init)
      as "$programs/initdb" --no-sync -A trust -U postgres -E UTF8 --no-locale -D "$data" >/dev/null
      ;;
    copy)
      as "$programs/pg_basebackup" -h 127.0.0.1 -p "$argument" -U postgres -D "$data" -R -X stream -c fast --no-sync
      ;;
    start)
      started=yes
      # A server that was killed leaves processes which are a moment longer there than it is.
      (for _ in $(seq 50); do
        as "$programs/postgres" -D "$data" -p "$port" -c listen_addresses=127.0.0.1 \
          -c unix_socket_directories= -c max_connections=300 "${settings[@]}" >>"$data/server.log" 2>&1
        grep -q "shared memory block" "$data/server.log" || break
        : >"$data/server.log"
        sleep 0.1
      done) &
      ;;
    kill)
      # All at once, as a machine that loses its power. One that notices that its parent is gone lets others see what no
      # standby has yet. So they are stopped first, and none is born or ends meanwhile.
      server=$(pid)
      parent=$(ps -o ppid= -p "$server")
      kill -STOP "$server"
      all=("$server" $(pgrep -P "$server"))
      kill -STOP "${all[@]}" 2>/dev/null
      kill -9 "${all[@]}" 2>/dev/null
      # `runuser` stops when its child does, and has to see that it ended.
      kill -CONT $parent
      ;;
    promote)
      as "$programs/pg_ctl" -s -D "$data" promote
      ;;
  esac
done

# One that is still starting has no number yet.
for _ in $(seq 100); do
  server=$(pid)
  [ -n "$started" ] && [ -z "$server" ] || break
  sleep 0.05
done
if [ -n "$server" ]; then
  kill -INT "$server" 2>/dev/null
  for _ in $(seq 100); do
    kill -0 "$server" 2>/dev/null || break
    sleep 0.05
  done
  kill -9 "$server" 2>/dev/null
fi
wait
rm -rf "$data"
