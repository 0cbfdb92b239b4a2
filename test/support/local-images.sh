#!/bin/sh
# Makes base images out of this machine's own programs, for engines that reach no registry of images:
# sh local-images.sh node TAG | redis TAG | probe TAG. Needs DOCKER_HOST.
set -eu
kind="$1"
tag="$2"
root="$(mktemp -d)"
trap 'rm -rf "$root"' EXIT

# A program with the libraries that it is linked to.
add() {
  file="$(readlink -f "$(command -v "$1")")"
  mkdir -p "$root/usr/bin"
  cp -L "$file" "$root/usr/bin/$1"
  for library in $(ldd "$file" | grep -o '/[^ ]*'); do
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
  done
}

mkdir -p "$root/tmp" "$root/root" "$root/etc"
chmod 1777 "$root/tmp"
printf 'root:x:0:0::/root:/bin/sh\nnode:x:1000:1000::/tmp:/bin/sh\n' >"$root/etc/passwd"
printf 'root:x:0:\nnode:x:1000:\n' >"$root/etc/group"
case "$kind" in
  redis) add redis-server ;;
  probe) add env ;;
  node)
    for program in node sh rm find env touch; do add "$program"; done
    ln -s usr/bin "$root/bin"
    npm="$(readlink -f "$(command -v npm)")"
    mkdir -p "$root/usr/lib/node_modules"
    cp -r "${npm%/bin/npm-cli.js}" "$root/usr/lib/node_modules/npm"
    ln -s ../lib/node_modules/npm/bin/npm-cli.js "$root/usr/bin/npm"
    for library in libnss_files.so.2 libnss_dns.so.2 libresolv.so.2; do
      found="$(ldconfig -p | grep -o "/[^ ]*/$library" | head -n 1)"
      [ -z "$found" ] || { mkdir -p "$root$(dirname "$found")" && cp -L "$found" "$root$found"; }
    done
    # How this machine reaches its registry of packages.
    for file in "$(npm config get userconfig)" "$(npm config get globalconfig)" "${NODE_EXTRA_CA_CERTS:-}"; do
      [ ! -f "$file" ] || { mkdir -p "$root$(dirname "$file")" && cp -L "$file" "$root$file"; }
    done
    ;;
  *)
    echo "local-images.sh: $kind is none of node, redis, probe" >&2
    exit 1
    ;;
esac
tar -C "$root" -c . |
  docker import --change "ENV PATH=/usr/bin NODE_EXTRA_CA_CERTS=${NODE_EXTRA_CA_CERTS:-}" - "$tag"
