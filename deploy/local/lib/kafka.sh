# shellcheck shell=bash
# One Kafka broker (KRaft), its data in data/kafka.

kafka_address() { printf '%s:%s' "$HOST" "$KAFKA_PORT"; }

kafka_start() {
  local log=$LOGS/kafka.log config=$RUN/kafka.properties
  need_free_port kafka "$KAFKA_PORT"
  need_free_port kafka "$KAFKA_CONTROLLER_PORT"
  kafka_render > "$config"
  [ -s "$DATA/kafka/meta.properties" ] || kafka_format "$config"
  process_start kafka "$log" java -Xms256m -Xmx512m -XX:+ExitOnOutOfMemoryError \
    "-Dlog4j.configuration=file:$LOCAL/kafka/log4j.properties" -cp "$DEPS/kafka/*" kafka.Kafka "$config"
  wait_until 60 kafka_up_or_dead || true
  kafka_ready || fail "kafka does not answer on $(kafka_address)" "$log"
}

kafka_render() {
  sed -e "s|@PORT@|$KAFKA_PORT|g" -e "s|@CONTROLLER_PORT@|$KAFKA_CONTROLLER_PORT|g" \
    -e "s|@DATA@|$DATA/kafka|g" "$LOCAL/kafka/server.properties"
}

kafka_format() {
  local log=$LOGS/kafka-format.log cluster
  cluster=$(openssl rand -base64 16 | tr '+/' '-_' | tr -d '=')
  java "-Dlog4j.configuration=file:$LOCAL/kafka/log4j.properties" -cp "$DEPS/kafka/*" \
    kafka.tools.StorageTool format "--cluster-id=$cluster" -c "$1" > "$log" 2>&1 ||
    fail "kafka's storage could not be formatted" "$log"
}

kafka_up_or_dead() { kafka_ready || process_gone kafka; }

# Ready: a broker is registered and every partition has a leader.
kafka_ready() {
  process_alive kafka && port_open "$KAFKA_PORT" || return 1
  kcat -b "$(kafka_address)" -L -J -m 2 2>/dev/null |
    jq -e '(.brokers | length > 0) and ([.topics[].partitions[] | select(.leader < 0)] | length == 0)' > /dev/null 2>&1
}

kafka_why() { process_alive kafka && printf 'no metadata, or partitions without a leader' || printf 'not running'; }
kafka_stop() { process_end kafka TERM 30; }
kafka_kill() { process_end kafka KILL 10; }
