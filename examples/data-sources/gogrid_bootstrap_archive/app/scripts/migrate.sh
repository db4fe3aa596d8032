#!/bin/sh
# Brings the data of the app into the form that this release needs.
set -eu
mkdir -p "$1"
touch "$1/migrated"
