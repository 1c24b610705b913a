# shellcheck shell=bash
# Debian packages: what a list names and dpkg does not have is installed, nothing else is touched.

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo "$@"; fi
}

packages_in() { sed -e 's/#.*//' -e '/^[[:space:]]*$/d' "$@" | tr -s ' ' '\n'; }

missing_packages() {
  local have
  have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' 2>/dev/null | sed -n 's/^installed //p')
  packages_in "$@" | grep -vxF -f <(printf '%s\n' "$have") || true
}

# install_packages LIST...: files that name packages.
install_packages() {
  local missing
  mapfile -t missing < <(missing_packages "$@")
  [ ${#missing[@]} -gt 0 ] || { part packages "" "all there"; return; }
  need_right_to_install "${missing[@]}"
  step packages "asking Debian for its lists" "$LOGS/apt-update.log" as_root apt-get update
  keep_postgres_from_starting
  step packages "installing ${#missing[@]} packages" "$LOGS/apt-install.log" \
    as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends \
    -o Dpkg::Options::=--force-confold -o Dpkg::Use-Pty=0 "${missing[@]}"
}

need_right_to_install() {
  [ "$(id -u)" = 0 ] && return
  command -v sudo > /dev/null || fail "packages are missing and there is no sudo; as root: apt-get install -y $*"
  sudo -n true 2>/dev/null || sudo -v || fail "sudo refused; as root: apt-get install -y $*"
}

# Debian's package makes and starts a cluster of its own on port 5432, which nothing here needs.
keep_postgres_from_starting() {
  local config=/etc/postgresql-common/createcluster.conf
  [ ! -e "$config" ] || return 0
  as_root mkdir -p "$(dirname "$config")"
  printf 'create_main_cluster = false\n' | as_root tee "$config" > /dev/null
}
