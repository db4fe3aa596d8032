#!/usr/bin/env bash
# Copyright (c) The terraform-provider-gogrid authors
# SPDX-License-Identifier: MPL-2.0
#
# Runs all fuzz targets of the module one after the other, each for the given
# time (30s by default). "go test" fuzzes only one target at a time.
set -euo pipefail

time=${1:-30s}
cd "$(dirname "$0")/.."

targets=$(grep -rE --include='*_test.go' -o '^func Fuzz[A-Za-z0-9_]+' internal cmd || true)
if [ -z "$targets" ]; then
	echo 'no fuzz targets found' >&2
	exit 1
fi
while IFS=: read -r file function; do
	target=${function#func }
	echo "== $target (./$(dirname "$file"), $time)"
	go test -run '^$' -fuzz "^$target\$" -fuzztime "$time" "./$(dirname "$file")"
done <<<"$targets"
