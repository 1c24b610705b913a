# shellcheck shell=bash
# A private PostgreSQL 15 cluster in data/postgres, over TCP on the loopback only. PostgreSQL refuses to
# run as root: then it runs as the package's user `postgres`, whom we lead to the data directory.

POSTGRES_BIN=/usr/lib/postgresql/15/bin

postgres_address() { printf '%s:%s' "$HOST" "$POSTGRES_PORT"; }
postgres_password_file() { printf '%s/postgres/%s' "$SECRETS" "$1"; }

# postgres_uri [DATABASE]: the administrator's.
postgres_uri() {
  local secret
  secret=$(cat "$(postgres_password_file "$POSTGRES_ADMIN")")
  printf 'postgresql://%s:%s@%s/%s' "$POSTGRES_ADMIN" "$secret" "$(postgres_address)" "${1:-$POSTGRES_DATABASE}"
}

# admin_sql [DATABASE] < STATEMENTS. Secrets go in by stdin, never as arguments that ps would show.
admin_sql() {
  PGPASSWORD=$(cat "$(postgres_password_file "$POSTGRES_ADMIN")") PGCONNECT_TIMEOUT=3 \
    psql -h "$HOST" -p "$POSTGRES_PORT" -U "$POSTGRES_ADMIN" -d "${1:-$POSTGRES_DATABASE}" \
    -X -q -A -t -v ON_ERROR_STOP=1 -f -
}

as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    (cd / && exec setpriv --reuid=postgres --regid=postgres --init-groups "$@")
  else
    "$@"
  fi
}

postgres_start() {
  local log=$LOGS/postgres.log data
  need_free_port postgres "$POSTGRES_PORT"
  [ -s "$DATA/postgres/PG_VERSION" ] || postgres_create
  data=$(readlink -f "$DATA/postgres")
  postgres_settings "$data"
  wait_until 60 postgres_try "$data" "$log" || fail "postgres does not answer on $(postgres_address)" "$log"
  echo "SELECT 1 FROM pg_database WHERE datname = '$POSTGRES_DATABASE'" | admin_sql postgres | grep -q 1 ||
    echo "CREATE DATABASE $POSTGRES_DATABASE" | admin_sql postgres
}

# One try to start. After a SIGKILL the old backends may take a moment to notice; until they are gone
# a new postmaster refuses, and is simply asked again.
postgres_try() {
  process_alive postgres || {
    postgres_drop_stale_pid "$1"
    if [ "$(id -u)" = 0 ]; then
      process_start postgres "$2" setpriv --reuid=postgres --regid=postgres --init-groups "$POSTGRES_BIN/postgres" -D "$1"
    else
      process_start postgres "$2" "$POSTGRES_BIN/postgres" -D "$1"
    fi
  }
  wait_until 10 postgres_up_or_dead && postgres_ready
}

# After a reboot the recorded pid may be somebody else's, which PostgreSQL would take for itself.
postgres_drop_stale_pid() {
  local pid
  pid=$(head -n1 "$1/postmaster.pid" 2>/dev/null) || return 0
  grep -qs postgres "/proc/$pid/cmdline" || rm -f "$1/postmaster.pid"
}

postgres_create() {
  local log=$LOGS/postgres-init.log place password
  make_secret "$(postgres_password_file "$POSTGRES_ADMIN")"
  place=$(postgres_place)
  password=$(mktemp)
  cat "$(postgres_password_file "$POSTGRES_ADMIN")" > "$password"
  [ "$(id -u)" != 0 ] || chown postgres: "$password" "$place.new"
  as_postgres "$POSTGRES_BIN/initdb" -D "$place.new" -U "$POSTGRES_ADMIN" --pwfile="$password" -A "$POSTGRES_AUTH" \
    --encoding=UTF8 --locale=C.UTF-8 --data-checksums > "$log" 2>&1 ||
    { rm -f "$password"; fail "postgres could not make its data directory" "$log"; }
  rm -f "$password"
  mv "$place.new" "$place"
  [ "$place" = "$DATA/postgres" ] || ln -sfn "$place" "$DATA/postgres"
}

# Makes an empty PLACE.new and prints PLACE: data/postgres, or below /var/lib where the user postgres
# may not walk to the repository (one that lies in /root).
postgres_place() {
  local place=$DATA/postgres
  if [ "$(id -u)" = 0 ] && ! as_postgres test -x "$DATA"; then
    place=/var/lib/bongsu-local/$(printf '%s' "$DATA" | sha256sum | cut -c1-12)
    warn "postgres may not enter $(shown_path "$DATA"): its data lies in $place" >&2
  fi
  rm -rf "$place" "$place.new"
  mkdir -p "$place.new"
  chmod 700 "$place.new"
  printf '%s' "$place"
}

postgres_settings() {
  local data=$1 file
  sed "s|@PORT@|$POSTGRES_PORT|" "$LOCAL/postgres/postgresql.conf" > "$data/postgresql.conf"
  printf 'host all all 127.0.0.1/32 %s\n' "$POSTGRES_AUTH" > "$data/pg_hba.conf"
  [ "$(id -u)" != 0 ] || for file in postgresql.conf pg_hba.conf; do chown postgres: "$data/$file"; done
}

postgres_up_or_dead() { postgres_ready || process_gone postgres; }

postgres_ready() {
  process_alive postgres && port_open "$POSTGRES_PORT" || return 1
  [ "$(echo 'SELECT 1' | admin_sql postgres 2>/dev/null)" = 1 ]
}

postgres_why() { process_alive postgres && printf 'does not answer a query' || printf 'not running'; }
postgres_stop() { process_end postgres INT 30; }
postgres_kill() { process_end postgres KILL 10; }

postgres_wipe() {
  local place
  place=$(readlink -f "$DATA/postgres" || true)
  [ -z "$place" ] || rm -rf "$place"
  rm -rf "$DATA/postgres"
}
