# shellcheck shell=bash
# Starting and watching a part of ours: build/release/bin/NAME --config deploy/local/config/NAME.yaml, from
# the repository's root (the configuration's paths begin there), with the caller's environment.

# A service drains within 25 s of SIGTERM.
SERVICE_STOP_SECONDS=30

# Starts the process; whoever wants it ready waits for that (part_settled).
service_start() {
  local name=$1 base=${1%%#*}
  need_service_ports "$name"
  rm -f "$RUN/$name.addr" "$RUN/$name.addr".*
  cd "$ROOT" || fail "cannot enter $ROOT"
  if is_replica "$name"; then
    process_start "$name" "$LOGS/$name.log" env BONGSU_ADDRESS_FILE="$RUN/$name.addr" \
      MANAGEMENT_ADDRESS="$HOST:0" HTTP_ADDRESS="$HOST:0" GRPC_ADDRESS="$HOST:0" \
      "$BIN/$base" --config "$(part_config "$name")"
  else
    process_start "$name" "$LOGS/$name.log" env BONGSU_ADDRESS_FILE="$RUN/$name.addr" \
      "$BIN/$base" --config "$(part_config "$name")"
  fi
}

need_service_ports() {
  local address
  is_replica "$1" && return
  for address in "$(part_field "$1" 3)" "$(part_field "$1" 4)"; do
    [ "$address" = - ] || need_free_port "$1" "${address##*:}"
  done
}

service_ready() {
  local management
  process_alive "$1" || return 1
  management=$(part_management "$1")
  if [ -n "$management" ]; then
    [ "$(http_status "http://$management/readyz")" = 200 ]
  else
    ! is_replica "$1" && port_open "$(part_field "$1" 3 | sed 's/.*://')"
  fi
}

http_status() { curl -s -o /dev/null -m 2 -w '%{http_code}' "$1" 2>/dev/null || true; }

service_why() {
  local management answer
  process_alive "$1" || { printf 'not running'; return; }
  management=$(part_management "$1")
  [ -n "$management" ] || { printf 'has not said where it listens'; return; }
  answer=$(curl -s -m 2 "http://$management/readyz" 2>/dev/null | tr -s '\r\n\t ' ' ' | cut -c1-160) || true
  printf 'not ready: %s' "${answer:-no answer on $management}"
}

service_stop() { process_end "$1" TERM "$SERVICE_STOP_SECONDS"; }
