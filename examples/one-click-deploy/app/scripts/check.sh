#!/bin/sh
# Reject a page without a heading.
grep -q '<h1>.*</h1>' "$GOGRID_RELEASE_DIR/site/index.html"
