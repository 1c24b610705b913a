# shellcheck shell=bash
# What the services find when they start: schemas, roles with passwords, topics, a token, and .local/env.

ROLES=(message.send member.import job.operate job.read deadletter.read deadletter.replay deadletter.reveal)

prepare_stack() {
  write_environment
  step postgres "migrating" "$LOGS/migrate.log" operators_tool db migrate
  set_role_passwords
  step kafka "topics" "$LOGS/topics.log" operators_tool topics apply
  make_token
}

# bongsuctl with this stack's addresses, whatever the caller's shell has exported.
operators_tool() {
  (
    cd "$ROOT" || exit 1
    set -a
    # shellcheck disable=SC1091
    . "$STATE/env"
    set +a
    exec "$BIN/bongsuctl" "$@"
  )
}

# Plain NAME=value lines, so that other than shells can read them; the last line exports them.
write_environment() {
  write_secret "$STATE/env" << END
BONGSU_GATEWAY=http://$(part_field gateway 3)
BONGSU_JOBS=$(part_field jobs 3)
BONGSU_DEADLETTERS=$(part_field deadletters 3)
BONGSU_KAFKA=$(kafka_address)
BONGSU_POSTGRES=$(postgres_uri)
BONGSU_SIMULATOR=http://$(part_field simulator 3)
BONGSU_TOKEN_FILE=$STATE/admin.jwt
export BONGSU_GATEWAY BONGSU_JOBS BONGSU_DEADLETTERS BONGSU_KAFKA BONGSU_POSTGRES BONGSU_SIMULATOR BONGSU_TOKEN_FILE
END
}

# The migrations make the services' roles; each gets its own password here, from a file of its own.
set_role_passwords() {
  local role
  while read -r role; do
    make_secret "$(postgres_password_file "$role")"
    printf "ALTER ROLE %s LOGIN PASSWORD '%s';\n" "$role" "$(cat "$(postgres_password_file "$role")")"
  done < <(service_roles) | admin_sql
}

service_roles() {
  local name
  for name in $(parts service); do
    echo "SELECT rolname FROM pg_roles WHERE rolname = 'bongsu_$name';"
  done | admin_sql
}

# A token with every role for a month; a new one when a week is left of it.
make_token() {
  local token=$STATE/admin.jwt role arguments=()
  [ -z "$(find "$token" -mtime -23 -size +0 2>/dev/null)" ] || [ "$STATE/jwt/local.key" -nt "$token" ] || return 0
  for role in "${ROLES[@]}"; do arguments+=(--role "$role"); done
  operators_tool token create --subject local-admin "${arguments[@]}" --ttl 720h | write_secret "$token" ||
    fail "the administrator's token could not be made"
}
