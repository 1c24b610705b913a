# shellcheck shell=bash
# Bringing parts up and taking them down, and saying so.

READY_SECONDS=60

# One up or down at a time.
take_lock() {
  exec 9> "$RUN/lock"
  flock -n 9 || fail "another deploy/local/up or down is at work"
}

# bring_up NAME...: starts what is not running or is not what it was started from, then waits for all.
bring_up() {
  local name
  declare -A began=()
  for name in "$@"; do
    if process_alive "$name"; then
      part_is_current "$name" && { wait_until 10 part_settled "$name" || true; } && part_ready "$name" &&
        { part "$name" "$(part_address "$name")" "running"; continue; }
      part_stop "$name" || part_kill "$name" || fail "$name does not end" "$LOGS/$name.log"
    fi
    began[$name]=$(now_tenths)
    part_start "$name"
    [ "$(part_kind "$name")" != infra ] || { wait_ready "$name" "${began[$name]}"; unset "began[$name]"; }
  done
  for name in "$@"; do
    [ -z "${began[$name]:-}" ] || wait_ready "$name" "${began[$name]}"
  done
}

wait_ready() {
  wait_until "$READY_SECONDS" part_settled "$1" || true
  part_ready "$1" || fail "$1 does not come up: $(part_why "$1")" "$LOGS/$1.log"
  part "$1" "$(part_address "$1")" "started in $(seconds_since "$2")"
}

# take_down NAME...: all are asked at once, then waited for; what does not end in time is killed.
take_down() {
  local name failed=0
  for name in "$@"; do
    (take_one_down "$name") &
  done
  for name in $(jobs -p); do wait "$name" || failed=1; done
  return "$failed"
}

take_one_down() {
  local began
  began=$(now_tenths)
  if process_gone "$1"; then process_forget "$1"; return; fi
  if part_stop "$1"; then
    part "$1" "" "stopped in $(seconds_since "$began")"
  else
    part_kill "$1" || fail "$1 does not end" "$LOGS/$1.log"
    part "$1" "" "did not end within $(seconds_since "$began") and was killed"
  fi
}
