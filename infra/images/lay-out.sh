#!/bin/sh
# Lays out below `images`, of the built checkout in the current folder, what each image has beside what npm installs.
set -eu

# lay IMAGE FOLDER BUILT: the folder of an app or a package, and what of it was built
lay() {
  mkdir -p "images/$1/$2" "images/$1/infra/images"
  cp -r "$2/$3" "images/$1/$2/"
  cp infra/images/*.mjs "images/$1/infra/images/"
}

lay api apps/api bundle
lay worker apps/worker bundle
lay broker packages/servicebus-emulator dist
find images -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.tsbuildinfo' \) -exec rm -f {} +
