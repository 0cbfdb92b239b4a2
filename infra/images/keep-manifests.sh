#!/bin/sh
# Leaves of the checkout in the current folder what `npm ci` reads, so that no other change makes it run again.
set -eu
find . -type f ! -name package.json ! -path ./package-lock.json ! -path ./.npmrc -delete
find . -mindepth 1 -type d -empty -delete
