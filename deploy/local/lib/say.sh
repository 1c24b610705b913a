# shellcheck shell=bash
# What a person reads: one line a part, one line a step, and what to do when something fails.
# Colours only on a terminal (NO_COLOR is respected); without a terminal, plain lines.

if [ -t 1 ] && [ -z "${NO_COLOR:-}" ] && [ "${TERM:-dumb}" != dumb ]; then
  BOLD=$'\e[1m' DIM=$'\e[2m' RED=$'\e[31m' GREEN=$'\e[32m' YELLOW=$'\e[33m' PLAIN=$'\e[0m' LIVE=1
else
  BOLD='' DIM='' RED='' GREEN='' YELLOW='' PLAIN='' LIVE=''
fi

say() { printf '%s\n' "$*"; }
title() { printf '\n%s%s%s\n' "$BOLD" "$*" "$PLAIN"; }
warn() { printf '%s%s%s\n' "$YELLOW" "$*" "$PLAIN" >&2; }

# fail MESSAGE [LOG]: the message, the log's last lines, and the end.
fail() {
  printf '\n%serror:%s %s\n' "$RED" "$PLAIN" "$1" >&2
  [ -z "${2:-}" ] || show_tail "$2" >&2
  exit 1
}

show_tail() {
  [ -s "$1" ] || { say "  (nothing in $(shown_path "$1"))"; return; }
  say "  the end of $(shown_path "$1"):"
  tail -n 25 "$1" | cut -c1-400 | sed 's/^/  | /'
}

shown_path() { printf '%s' "${1#"$ROOT"/}"; }

# part NAME ADDRESS TEXT: "kafka       127.0.0.1:9092    started in 3.9 s"
part() { printf '%s%-12s%s %-18s %s\n' "$GREEN" "$1" "$PLAIN" "$2" "$3"; }

# Tenths of a second since a moment that now_tenths gave.
now_tenths() { local now=${EPOCHREALTIME/[.,]/}; printf '%s' "${now%?????}"; }
seconds_since() { local tenths=$(($(now_tenths) - $1)); printf '%d.%d s' $((tenths / 10)) $((tenths % 10)); }

# step NAME TEXT LOG COMMAND...: runs a long command with its output in LOG. On a terminal the log's
# last line is shown as it goes; elsewhere a line every 20 s. Fails with the log's end.
step() {
  local name=$1 text=$2 log=$3 began status=0 child traps
  shift 3
  began=$(now_tenths)
  mkdir -p "$(dirname "$log")"
  : > "$log"
  "$@" > "$log" 2>&1 < /dev/null &
  child=$!
  # A command in the background does not hear the terminal's Ctrl-C: it ends with us.
  traps=$(trap -p INT TERM HUP)
  trap 'kill "$child" 2>/dev/null; exit 130' INT TERM HUP
  watch_step "$child" "$name" "$text" "$log" "$began"
  wait "$child" || status=$?
  trap - INT TERM HUP
  eval "$traps"
  [ -z "$LIVE" ] || printf '\r\e[K'
  [ "$status" = 0 ] || fail "$name: $text failed (status $status)" "$log"
  part "$name" "" "$text: $(seconds_since "$began")"
}

watch_step() {
  local child=$1 name=$2 text=$3 log=$4 began=$5 last beats=0 every=200
  [ -z "$LIVE" ] || every=3
  while kill -0 "$child" 2>/dev/null; do
    sleep 0.1
    beats=$((beats + 1))
    [ $((beats % every)) = 0 ] || continue
    last=$(tail -c 400 "$log" | tr '\r' '\n' | sed -n '/[^[:space:]]/h;${x;s/\x1b\[[0-9;]*m//g;p}')
    if [ -n "$LIVE" ]; then
      printf '\r\e[K%-12s %s %s%s  %s%s' "$name" "$text" "$DIM" "$(seconds_since "$began")" "${last:0:70}" "$PLAIN"
    else
      say "  ... $name: $text, $(seconds_since "$began")  ${last:0:90}"
    fi
  done
}

# The comment at the top of a command is its help.
usage_of() { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$1"; }
