#!/bin/sh
# Leaves of the built checkout in the current folder what npm does not install and an app needs to run.
set -eu
rm -rf node_modules apps/*/node_modules packages/*/node_modules test
find apps packages -type d -name src -prune -exec rm -rf {} +
find apps packages -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.tsbuildinfo' -o -name 'tsconfig.json' \) \
  -exec rm -f {} +
