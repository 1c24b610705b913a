# shellcheck shell=bash
# The one file to source: it reads the others in the order in which they need each other.

lib_directory=$(dirname "${BASH_SOURCE[0]}")
# shellcheck source=/dev/null
for lib_file in paths say process packages dependencies build secrets kafka postgres mail parts service lifecycle prepare; do
  . "$lib_directory/$lib_file.sh"
done
unset lib_directory lib_file
