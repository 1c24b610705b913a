# shellcheck shell=bash
# Starting, watching and ending one background process a name. run/NAME.pid holds the pid alone;
# run/NAME.start its start time, so that a pid which the kernel gave to somebody else is never taken for ours.

# process_start NAME LOG COMMAND...: COMMAND must stay in the foreground (or exec).
process_start() {
  local name=$1 log=$2
  shift 2
  keep_log_small "$log"
  # 9 is the lock of up and down: a daemon must not keep it.
  setsid "$@" >> "$log" 2>&1 < /dev/null 9>&- &
  process_adopt "$name" $!
}

# A log that has grown past 50 MB is put aside as LOG.1 before it is written on.
keep_log_small() {
  if [ "$(stat -c %s "$1" 2>/dev/null || echo 0)" -gt 50000000 ]; then mv "$1" "$1.1"; fi
}

process_adopt() {
  printf '%s\n' "$2" > "$RUN/$1.pid"
  start_time_of "$2" > "$RUN/$1.start" || true
}

# The process's start in clock ticks after boot; fails when there is none, or only a zombie.
start_time_of() {
  local stat fields
  stat=$(cat "/proc/$1/stat" 2>/dev/null) || return 1
  read -r -a fields <<< "${stat##*) }"
  [ "${fields[0]}" != Z ] || return 1
  printf '%s\n' "${fields[19]}"
}

process_pid() { cat "$RUN/$1.pid" 2>/dev/null; }

process_alive() {
  local pid started
  pid=$(process_pid "$1") && [ -n "$pid" ] || return 1
  started=$(start_time_of "$pid") || return 1
  [ "$started" = "$(cat "$RUN/$1.start" 2>/dev/null)" ]
}

process_gone() { ! process_alive "$1"; }

process_forget() { rm -f "$RUN/$1.pid" "$RUN/$1.start" "$RUN/$1.addr" "$RUN/$1.addr".* "$RUN/$1.version"; }

# process_end NAME SIGNAL SECONDS: sends the signal and waits for the end; fails when it is still there.
process_end() {
  local name=$1 signal=$2 seconds=$3
  if process_alive "$name"; then
    kill_as_owner "$signal" "$(process_pid "$name")" || process_gone "$name" || return 1
    wait_until "$seconds" process_gone "$name" || return 1
  fi
  process_forget "$name"
}

kill_as_owner() { kill -s "$1" "$2" 2>/dev/null; }

# wait_until SECONDS COMMAND...: asks again every 50 ms until COMMAND succeeds or the time is over.
wait_until() {
  local deadline=$(($(now_tenths) + $1 * 10))
  shift
  until "$@"; do
    [ "$(now_tenths)" -lt "$deadline" ] || return 1
    sleep 0.05
  done
}

port_open() { (exec 3<> "/dev/tcp/$HOST/$1") 2>/dev/null; }

port_free() { ! port_open "$1"; }

# Refuses a port that something else holds, and names the holder.
need_free_port() {
  local name=$1 port=$2 holder
  # A killed process of many threads still listens for a moment after it counts as gone.
  wait_until 10 port_free "$port" && return 0
  holder=$(ss -Hltnp "sport = :$port" 2>/dev/null | sed -n 's/.*users:((\(.*\)))/\1/p' | head -n1)
  fail "$name needs $HOST:$port, but something else listens there${holder:+ ($holder)}; stop it first"
}
