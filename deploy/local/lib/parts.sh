# shellcheck shell=bash
# The one table of what runs here. A part of ours exists once its configuration stands in
# deploy/local/config/NAME.yaml; the binary of the same name is built from its CMake target.

# infra is not ours; a tool is ours and serves the services here, a service is what all this is for.
# name        kind      address           management
PARTS_TABLE='
postgres      infra     127.0.0.1:5433    -
kafka         infra     127.0.0.1:9092    -
mail          infra     127.0.0.1:1025    -
simulator     tool      127.0.0.1:8090    -
gateway       service   127.0.0.1:8080    127.0.0.1:9101
jobs          service   127.0.0.1:50051   127.0.0.1:9102
deadletters   service   127.0.0.1:50052   127.0.0.1:9103
email         service   -                 127.0.0.1:9104
coupon        service   -                 127.0.0.1:9105
kakao         service   -                 127.0.0.1:9106
sms           service   -                 127.0.0.1:9107
'

# parts [KIND]: the names of what exists, in the order of starting.
# shellcheck disable=SC2120
parts() {
  local name kind
  while read -r name kind _; do
    [ -n "$name" ] || continue
    [ "${1:-$kind}" = "$kind" ] && part_exists "$name" && echo "$name"
  done <<< "$PARTS_TABLE"
  return 0
}

part_field() { awk -v name="${1%%#*}" -v field="$2" '$1 == name { print $field }' <<< "$PARTS_TABLE"; }
part_kind() { part_field "$1" 2; }
part_config() { printf '%s/config/%s.yaml' "$LOCAL" "${1%%#*}"; }
part_exists() { [ "$(part_kind "$1")" = infra ] || [ -e "$(part_config "$1")" ]; }
is_replica() { [[ $1 == *#* ]]; }

# part_address NAME: where others reach it; for one that serves nobody, its management address.
part_address() {
  local address
  address=$(part_field "$1" 3)
  if is_replica "$1" || [ "$address" = - ]; then part_management "$1"; else echo "$address"; fi
}

# part_management NAME: what the running process wrote, else the table's; nothing where there is none.
part_management() {
  local address
  address=$(cat "$RUN/$1.addr" 2>/dev/null || part_field "$1" 4)
  if ! is_replica "$1" || [ -e "$RUN/$1.addr" ]; then printf '%s\n' "${address#-}"; fi
}

# Refuses a name that is no part, or one that this version does not have.
need_part() {
  local base=${1%%#*}
  [ -n "$(part_kind "$base")" ] || fail "there is no part '$1'; the parts are: $(parts | tr '\n' ' ')"
  part_exists "$base" || fail "$base is not part of this version ($(shown_path "$(part_config "$base")") does not exist)"
  is_replica "$1" || return 0
  [[ $1 =~ ^[a-z]+#[2-9]$ ]] || fail "a replica is called like $base#2, up to $base#9"
  [ "$(part_kind "$base")" = service ] || fail "$base cannot have replicas here"
}

# Replicas that have been started, NAME#2 and up.
replicas() {
  local file
  for file in "$RUN"/*#*.pid; do
    [ ! -e "$file" ] || basename "$file" .pid
  done
}

# part_start NAME: kafka, postgres and mail are ready when it returns, ours are only started.
part_start() {
  local version
  need_built "$1"
  version=$(part_version "$1")
  if [ "$(part_kind "$1")" = infra ]; then "$1_start"; else service_start "$1"; fi
  printf '%s\n' "$version" > "$RUN/$1.version"
}

need_built() {
  [ "$(part_kind "$1")" = infra ] || [ -x "$BIN/${1%%#*}" ] || fail "$1 is not built; run deploy/local/up"
}

# What the part is started from; when it has become another, up starts the part again.
part_version() {
  local base=${1%%#*}
  if [ "$(part_kind "$1")" = infra ]; then
    cat "$LOCAL/$base"/*.*
  else
    cat "$BIN/$base" "$(part_config "$1")"
  fi | sha256sum
}

part_is_current() { [ "$(part_version "$1")" = "$(cat "$RUN/$1.version" 2>/dev/null)" ]; }
part_ready() { if [ "$(part_kind "$1")" = infra ]; then "$1_ready"; else service_ready "$1"; fi; }
part_why() { if [ "$(part_kind "$1")" = infra ]; then "$1_why"; else service_why "$1"; fi; }
part_settled() { part_ready "$1" || process_gone "$1"; }
part_stop() { if [ "$(part_kind "$1")" = infra ]; then "$1_stop"; else service_stop "$1"; fi; }
part_kill() { if [ "$(part_kind "$1")" = infra ]; then "$1_kill"; else process_end "$1" KILL 10; fi; }
