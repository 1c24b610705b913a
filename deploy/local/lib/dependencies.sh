# shellcheck shell=bash
# What is not installed but laid under .local/deps: Kafka and its tools from Maven Central, and
# libphonenumber's headers. Each is made beside and renamed into place, so a half one is never used.

fetch_dependencies() {
  fetch_kafka
  fetch_libphonenumber
}

fetch_kafka() {
  local pom=$LOCAL/kafka/pom.xml
  if ! cmp -s "$pom" "$DEPS/kafka/pom.xml"; then
    rm -rf "$DEPS/kafka.new"
    mkdir -p "$DEPS/kafka.new"
    step kafka "fetching from Maven Central" "$LOGS/kafka-fetch.log" \
      mvn --batch-mode --file "$pom" dependency:copy-dependencies "-DoutputDirectory=$DEPS/kafka.new"
    cp "$pom" "$DEPS/kafka.new/pom.xml"
    put_in_place kafka
  fi
}

# libphonenumber-dev wants Boost 1.74's headers, which cannot stand beside 1.81's in Debian 12.
# Its own headers do not need them, so they are unpacked here and the runtime library is linked.
fetch_libphonenumber() {
  [ ! -d "$DEPS/libphonenumber/usr/include/phonenumbers" ] || return 0
  step packages "libphonenumber's headers" "$LOGS/libphonenumber.log" unpack_libphonenumber
  put_in_place libphonenumber
}

unpack_libphonenumber() (
  version=$(dpkg-query -W -f '${Version}' libphonenumber8)
  rm -rf "$DEPS/libphonenumber.new"
  mkdir -p "$DEPS/libphonenumber.new"
  cd "$DEPS/libphonenumber.new" || exit 1
  apt-get download "libphonenumber-dev=$version" ||
    { as_root apt-get update && apt-get download "libphonenumber-dev=$version"; } || exit 1
  dpkg -x libphonenumber-dev_*.deb . && rm libphonenumber-dev_*.deb
)

put_in_place() {
  rm -rf "${DEPS:?}/$1"
  mv "$DEPS/$1.new" "$DEPS/$1"
}
