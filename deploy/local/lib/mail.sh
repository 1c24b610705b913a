# shellcheck shell=bash
# The mail catcher: every mail becomes a file in mail/new.

mail_address() { printf '%s:%s' "$HOST" "$MAIL_PORT"; }

mail_start() {
  local log=$LOGS/mail.log
  need_free_port mail "$MAIL_PORT"
  process_start mail "$log" "$LOCAL/mail/catcher.py" --host "$HOST" --port "$MAIL_PORT" --dir "$MAIL"
  wait_until 15 mail_up_or_dead || true
  mail_ready || fail "the mail catcher does not answer on $(mail_address)" "$log"
}

mail_up_or_dead() { mail_ready || process_gone mail; }
mail_ready() { process_alive mail && port_open "$MAIL_PORT"; }
mail_why() { process_alive mail && printf 'does not listen' || printf 'not running'; }
mail_stop() { process_end mail TERM 10; }
mail_kill() { process_end mail KILL 10; }
