#!/bin/sh
# Leaves of the built checkout what one workspace needs to run: sh infra/images/keep-production.sh @fleetquake/api
set -eu
workspace="$1"
npm ci --ignore-scripts --omit=dev --workspace "$workspace" --include-workspace-root=false
rm -rf test
find apps packages -type d -name src -prune -exec rm -rf {} +
find apps packages -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.tsbuildinfo' -o -name 'tsconfig.json' \) \
  -exec rm -f {} +
rm -rf /root/.npm
