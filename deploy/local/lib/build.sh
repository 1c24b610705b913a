# shellcheck shell=bash
# Configuring and building one of CMakePresets.json, with progress.

# build_preset PRESET [TARGET...]
build_preset() {
  local preset=$1 directory=$ROOT/build/$1
  shift
  need_tools cmake ninja clang++-19
  if [ ! -e "$directory/build.ninja" ]; then
    step build "configuring ($preset)" "$LOGS/configure-$preset.log" cmake_in_root --preset "$preset"
  fi
  step build "compiling ($preset)" "$LOGS/build-$preset.log" ninja -C "$directory" "$@"
}

need_tools() {
  local tool
  for tool in "$@"; do
    command -v "$tool" > /dev/null || fail "$tool is missing; run this without --no-install, or install deploy/local/packages.txt"
  done
}

cmake_in_root() { (cd "$ROOT" && cmake "$@"); }
