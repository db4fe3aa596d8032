#!/bin/sh
# What does not even have a heading is not installed.
grep -q '<h1>.*</h1>' "$GOGRID_RELEASE_DIR/site/index.html"
