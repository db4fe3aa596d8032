#!/bin/sh
# Copyright (c) The terraform-provider-gogrid authors
# SPDX-License-Identifier: MPL-2.0

# Runs "go build -v" and shows each module that it downloads and each package that
# it compiles. A terminal shows them in one line that is updated; otherwise each
# gets a line. Other output is unchanged. The exit code is the command's.
#
#   tools/progress.sh go build -v ./cmd/gogrid-demo
set -u

live=no
[ ! -t 1 ] || [ "${TERM:-dumb}" = dumb ] || live=yes
columns=$(stty size 2>/dev/null </dev/tty | cut -d ' ' -f 2)
case $columns in
'' | 0 | *[!0-9]*) columns=80 ;;
esac

# progress TEXT: shows the current activity.
progress() {
	case $live in
	yes) printf '\r\033[K%.*s' "$((columns - 1))" "$1" ;;
	no) printf '%s\n' "$1" ;;
	esac
}

clear_line() {
	[ "$live" = no ] || printf '\r\033[K'
}

# The last line of the pipe holds a blank and the exit code.
{
	"$@" 2>&1
	echo " $?"
} | {
	count=0
	code=1
	while IFS= read -r line; do
		case $line in
		' '[0-9] | ' '[0-9][0-9] | ' '[0-9][0-9][0-9]) code=${line# } ;;
		'go: downloading '*) progress "   downloading ${line#go: downloading }" ;;
		'' | *' '*)
			clear_line
			printf '%s\n' "$line"
			;;
		*)
			count=$((count + 1))
			progress "   compiling $line ($count)"
			;;
		esac
	done
	clear_line
	exit "$code"
}
