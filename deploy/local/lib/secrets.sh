# shellcheck shell=bash
# Local secrets, made once and kept: passwords, the box and hash keys, the key that signs local tokens.

# make_secret FILE: 24 random bytes in hexadecimal, which needs no quoting anywhere.
make_secret() { [ -s "$1" ] || openssl rand -hex 24 | write_secret "$1"; }

# write_secret FILE < CONTENT: readable by its owner only from the first moment, whole or not at all.
write_secret() {
  (
    umask 077
    mkdir -p "$(dirname "$1")"
    cat > "$1.new"
    [ -s "$1.new" ] || { rm -f "$1.new"; exit 1; }
    mv "$1.new" "$1"
  )
}

make_secrets() {
  local jwt=$STATE/jwt
  [ -s "$SECRETS/box.key" ] || printf 'local:%s\n' "$(openssl rand -base64 32)" | write_secret "$SECRETS/box.key"
  [ -s "$SECRETS/hash.key" ] || openssl rand -base64 32 | write_secret "$SECRETS/hash.key"
  [ -s "$jwt/local.key" ] || openssl genpkey -quiet -algorithm EC -pkeyopt ec_paramgen_curve:P-256 2>/dev/null |
    write_secret "$jwt/local.key"
  [ -s "$jwt/local.pub" ] || openssl pkey -in "$jwt/local.key" -pubout | write_secret "$jwt/local.pub"
}
