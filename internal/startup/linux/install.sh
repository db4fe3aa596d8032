#!/bin/sh
# Runs the steps in the manifest of an unpacked release:
#   install.sh manifest FOLDER
# or installs one certificate:
#   install.sh certificate FILE PASSWORD_FILE FOLDER
# The startup script calls it and passes the state of the server in GOGRID_
# variables. It writes a line "NUMBER KIND RESULT" for every step to GOGRID_RESULTS.
set -u
umask 022

ROOT=${GOGRID_ROOT:-}

log() {
	printf '%s %s\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)" "$*"
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# inside PATH: succeeds if a relative path stays inside its folder.
inside() {
	case /$1/ in
	// | //* | */../* | */./*)
		log "the path \"$1\" leaves the release"
		return 1
		;;
	esac
}

# key FILE PASSWORD_FILE FOLDER: extracts NAME.crt and NAME.key from a PKCS #12
# file. Only root can read NAME.key. openssl gets the path of the password file as
# its argument, never the password.
key() {
	name=${1##*/}
	name=${3%/}/${name%.*}
	secret=pass:
	[ -z "$2" ] || secret=file:$2
	mkdir -p "$3" && rm -f "$name.key.new" && : >"$name.key.new" && chmod 600 "$name.key.new" || return 1
	pkcs12 "$1" "$secret" -nocerts -nodes -out "$name.key.new" &&
		pkcs12 "$1" "$secret" -nokeys -out "$name.crt.new" || return 1
	grep -q 'PRIVATE KEY' "$name.key.new" || {
		log "${1##*/} holds no private key"
		return 1
	}
	mv -f "$name.key.new" "$name.key" && mv -f "$name.crt.new" "$name.crt"
}

# pkcs12 FILE SECRET ARGUMENTS...: runs openssl pkcs12. Newer versions of openssl need
# -legacy for the ciphers of older systems.
pkcs12() {
	pfx=$1
	pass=$2
	shift 2
	openssl pkcs12 -in "$pfx" -passin "$pass" "$@" 2>/dev/null ||
		openssl pkcs12 -legacy -in "$pfx" -passin "$pass" "$@"
}

# replace NEW FOLDER: replaces a folder with a new one. With mv --exchange (coreutils
# 9.5 or later) the folder always exists; otherwise it is missing between two
# renames.
replace() {
	if [ -d "$2" ] && mv --exchange -T "$1" "$2" 2>/dev/null; then
		rm -rf "$1"
		return
	fi
	rm -rf "$2.old"
	[ ! -e "$2" ] || mv "$2" "$2.old" || return 1
	mv "$1" "$2" && rm -rf "$2.old"
}

# install_step: copies the folder next to the target and then replaces the target, so
# the target never holds a mixture of two releases.
install_step() {
	inside "$from" || return 1
	case $to in
	/?*) target=$ROOT$to ;;
	*)
		log "\"$to\" is no absolute path"
		return 1
		;;
	esac
	[ -d "$DIR/$from" ] || {
		log "the release has no folder $from"
		return 1
	}
	[ ! -L "$target" ] || target=$(readlink -f "$target")
	mkdir -p "${target%/*}" && rm -rf "$target.new" && cp -Rp "$DIR/$from" "$target.new" || return 1
	replace "$target.new" "$target"
}

certificate_step() {
	inside "$file" || return 1
	if [ -n "$password_file" ]; then
		inside "$password_file" || return 1
		password_file=$DIR/$password_file
	else
		password_file=$ROOT/etc/gogrid/${file##*/}.password
		if [ -f "$password_file" ]; then
			chmod 600 "$password_file"
		else
			password_file=
		fi
	fi
	key "$DIR/$file" "$password_file" "$ROOT$store"
}

run_step() {
	inside "$script" || return 1
	set -- "$DIR/$script"
	[ -x "$1" ] || set -- sh "$1"
	while IFS= read -r argument; do
		set -- "$@" "$argument"
	done <"$ARGUMENTS"
	if [ -n "$timeout_seconds" ] && have timeout; then
		set -- timeout "$timeout_seconds" "$@"
	fi
	(cd "$DIR" && GOGRID_RELEASE_DIR=$DIR "$@" </dev/null)
}

service_step() {
	if have systemctl; then
		systemctl "$action" "$name" </dev/null
	else
		service "$name" "$action" </dev/null
	fi
}

# due: succeeds if the current step should run in this boot.
due() {
	case $when in
	first_boot) [ "$GOGRID_FIRST_BOOT" = yes ] ;;
	on_change) [ "$GOGRID_CHANGED" = yes ] ;;
	esac
}

perform() {
	count=$((count + 1))
	if ! due; then
		printf '%s %s skipped\n' "$count" "${kind:-unknown}" >>"$GOGRID_RESULTS"
		return 0
	fi
	log "step $count: ${kind:-unknown}"
	case $kind in
	install) install_step ;;
	certificate) certificate_step ;;
	run) run_step ;;
	service) service_step ;;
	*) log "this installer does not know such a step" && false ;;
	esac
	code=$?
	if [ "$code" -eq 0 ]; then
		printf '%s %s ok\n' "$count" "$kind" >>"$GOGRID_RESULTS"
		return 0
	fi
	log "step $count failed with code $code"
	printf '%s %s failed\n' "$count" "${kind:-unknown}" >>"$GOGRID_RESULTS"
	[ "$on_error" = continue ]
}

# string: moves a JSON string from the beginning of rest into text.
string() {
	text=
	rest=${rest#\"}
	while :; do
		part=${rest%%[\"\\]*}
		text=$text$part
		rest=${rest#"$part"}
		case $rest in
		\"*)
			rest=${rest#\"}
			return 0
			;;
		\\[\"\\/]*)
			rest=${rest#?}
			text=$text${rest%"${rest#?}"}
			rest=${rest#?}
			;;
		*)
			log "the manifest has a text that this installer cannot read: $line"
			return 1
			;;
		esac
	done
}

set_key() {
	case $1 in
	from) from=$2 ;;
	to) to=$2 ;;
	file) file=$2 ;;
	password_file) password_file=$2 ;;
	store) store=$2 ;;
	script) script=$2 ;;
	timeout_seconds) timeout_seconds=$2 ;;
	name) name=$2 ;;
	action) action=$2 ;;
	when) when=$2 ;;
	on_error) on_error=$2 ;;
	esac
}

# step: parses the line of a step, token by token.
step() {
	kind='' from='' to='' file='' password_file='' store='' script='' timeout_seconds='' name='' action='' when=on_change on_error=stop
	: >"$ARGUMENTS"
	list=no
	word=
	rest=$line
	while [ -n "$rest" ]; do
		case $rest in
		\[*) list=yes rest=${rest#?} ;;
		\]*) list=no rest=${rest#?} ;;
		\"*)
			string || return 1
			case $list$rest in
			yes*) printf '%s\n' "$text" >>"$ARGUMENTS" ;;
			no:\{*) kind=$text rest=${rest#:} ;;
			no:*) word=$text rest=${rest#:} ;;
			*) set_key "$word" "$text" ;;
			esac
			;;
		[0-9]*)
			text=${rest%%[!0-9]*}
			rest=${rest#"$text"}
			set_key "$word" "$text"
			;;
		*) rest=${rest#?} ;;
		esac
	done
}

# manifest: runs the steps of the manifest, which has one step on each line.
manifest() {
	steps=no
	count=0
	while IFS= read -r line || [ -n "$line" ]; do
		case $steps$line in
		no\"steps\":\ \[) steps=yes ;;
		yes\]*) return 0 ;;
		yes*)
			step && perform || return 1
			;;
		esac
	done <"$DIR/bootstrap.json"
}

case $1 in
manifest)
	DIR=$2
	ARGUMENTS=$GOGRID_RESULTS.arguments
	manifest
	;;
certificate) key "$2" "$3" "$4" ;;
*)
	log "it takes: manifest FOLDER, or certificate FILE PASSWORD_FILE FOLDER"
	exit 2
	;;
esac
