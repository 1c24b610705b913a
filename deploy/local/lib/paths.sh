# shellcheck shell=bash
# Where everything lies. Every other file here takes its paths and addresses from these variables.
# The tests' own Kafka and PostgreSQL are the same code with another STATE and other ports
# (tests/support/infra sets them before this file is read).

ROOT=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../.." && pwd)
readonly ROOT
LOCAL=$ROOT/deploy/local

STATE=${STATE:-$ROOT/.local}
DEPS=${BONGSU_DEPS:-$ROOT/.local/deps}
RUN=$STATE/run
LOGS=$STATE/logs
DATA=$STATE/data
MAIL=$STATE/mail
SECRETS=$STATE/secrets
BIN=$ROOT/build/release/bin

HOST=127.0.0.1
KAFKA_PORT=${KAFKA_PORT:-9092}
KAFKA_CONTROLLER_PORT=${KAFKA_CONTROLLER_PORT:-9093}
POSTGRES_PORT=${POSTGRES_PORT:-5433}
POSTGRES_AUTH=${POSTGRES_AUTH:-scram-sha-256}   # how PostgreSQL asks who is there; tests: trust
POSTGRES_ADMIN=bongsu_admin
POSTGRES_DATABASE=bongsu
MAIL_PORT=${MAIL_PORT:-1025}

make_state_directories() {
  mkdir -p "$RUN" "$LOGS" "$DATA" "$DEPS"
}
