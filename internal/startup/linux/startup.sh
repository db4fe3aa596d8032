set -u
umask 022
PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH

ROOT=${GOGRID_ROOT:-} # another root than / is for trying the script out
STATE=$ROOT/var/lib/gogrid
RELEASES=$STATE/releases
LOG=$ROOT/var/log/gogrid-startup.log
WORK=$ROOT/run/gogrid-startup
AUTH=$WORK/credentials
HOSTS=$STATE/hosts.json

TRIES=60
PAUSE=2

STORAGE=down
PROBLEM=
SERVER=
RELEASE=
WANTED=

log() {
	set -- "$(date -u +%Y-%m-%dT%H:%M:%SZ) $*"
	printf '%s\n' "$1"
	printf '%s\n' "$1" >>"$LOG"
}

# problem TEXT: keeps the first that goes wrong for the status file.
problem() {
	log "PROBLEM: $*"
	[ -n "$PROBLEM" ] || PROBLEM=$*
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# limit SECONDS COMMAND...: a server that is frozen must not freeze the boot.
limit() {
	if have timeout; then
		timeout "$@"
	else
		shift
		"$@"
	fi
}

# retry COMMAND...: until it works, for a bounded time. One that had to be ended
# (code 124) has taken long already and is not tried often.
retry() {
	left=$TRIES
	while :; do
		"$@"
		case $? in
		0) return 0 ;;
		124) left=$((left - TRIES / 2)) ;;
		*) left=$((left - 1)) ;;
		esac
		[ "$left" -gt 0 ] || return 1
		sleep "$PAUSE"
	done
}

# is_name TEXT: whether it can be a file's name as it is.
is_name() {
	case $1 in
	'' | .* | -* | *[!A-Za-z0-9._-]*) return 1 ;;
	esac
}

# is_path TEXT: the same of names with slashes between.
is_path() {
	case /$1/ in
	*//* | */.* | */-* | *[!A-Za-z0-9._/-]*) return 1 ;;
	esac
}

# entry FILE KEY: a value of a JSON file that has one key on each line.
entry() {
	[ -f "$1" ] || return 1
	while IFS= read -r line || [ -n "$line" ]; do
		line=${line%"$CR"}
		line=${line#"${line%%[! 	]*}"}
		case $line in
		"\"$2\": "*)
			line=${line#"\"$2\": "}
			line=${line%,}
			line=${line#\"}
			printf '%s\n' "${line%\"}"
			return 0
			;;
		esac
	done <"$1"
	return 1
}
CR=$(printf '\r')

# alone: two runs at a time would unpack over each other. What a killed run
# left is taken over.
alone() {
	mkdir -p "$ROOT/run" "$RELEASES" "$ROOT/var/log" || return 1
	if ! mkdir -m 700 "$WORK" 2>/dev/null; then
		owner=$(cat "$WORK/pid" 2>/dev/null)
		if [ -n "$owner" ] && kill -0 "$owner" 2>/dev/null; then
			log "the startup script runs already, as process $owner"
			return 1
		fi
		rm -rf "$WORK"
		mkdir -m 700 "$WORK" || return 1
	fi
	printf '%s\n' "$$" >"$WORK/pid"
	trap 'rm -rf "$WORK"' EXIT
	trap 'exit 1' HUP INT TERM
	if [ -n "$(find "$LOG" -size +2048 2>/dev/null)" ]; then
		mv -f "$LOG" "$LOG.1"
	fi
	: >>"$LOG"
}

# addresses: the adapters' IPv4 addresses, as "ADDRESS/BITS ADAPTER" lines.
addresses() {
	ip -4 addr show 2>/dev/null | while read -r kind value rest; do
		[ "$kind" != inet ] || printf '%s %s\n' "$value" "${rest##* }"
	done
}

# private_address: that of the private adapter; one that a machine gives itself
# does not count.
private_address() {
	addresses | while read -r value adapter; do
		case "$adapter $value" in
		"$ADAPTER 169.254."*) ;;
		"$ADAPTER "*)
			printf '%s\n' "$value"
			break
			;;
		esac
	done
}

# identify: which server this is. The host map knows it by its public address;
# else its host name is its name.
identify() {
	SERVER=
	if [ -f "$ROOT/etc/gogrid/server-name" ]; then
		read -r SERVER <"$ROOT/etc/gogrid/server-name"
	fi
	if [ -z "$SERVER" ] && [ -f "$HOSTS" ]; then
		SERVER=$(addresses | while read -r value _; do
			entry "$HOSTS" "${value%/*}" && break
		done)
	fi
	if [ -z "$SERVER" ]; then
		SERVER=$(hostname)
		SERVER=${SERVER%%.*}
	fi
	is_name "$SERVER" || {
		problem "the name of this server has characters that no name has"
		SERVER=unknown
	}
}

# lease: an address by DHCP, unless there is one.
lease() {
	[ -z "$(private_address)" ] || return 0
	if have dhclient; then
		limit 60 dhclient -1 "$ADAPTER" >>"$LOG" 2>&1 </dev/null || return $?
	elif have udhcpc; then
		limit 60 udhcpc -i "$ADAPTER" -n -q -t 5 >>"$LOG" 2>&1 </dev/null || return $?
	else
		log "there is neither dhclient nor udhcpc"
		return 1
	fi
	[ -n "$(private_address)" ]
}

# take ADDRESS/BITS: makes it the only address of the private adapter.
take() {
	now=$(private_address)
	[ "$now" != "$1" ] || return 0
	[ -z "$now" ] || ip addr del "$now" dev "$ADAPTER" >>"$LOG" 2>&1
	ip addr replace "$1" dev "$ADAPTER" >>"$LOG" 2>&1
}

# from_map: the address that the host map has for this server.
from_map() {
	address=$(entry "$HOSTS" "$SERVER") || return 1
	case $address in
	*[!0-9./]* | /* | */) return 1 ;;
	*/*) take "$address" ;;
	*) return 1 ;;
	esac
}

route() {
	ip route replace "$1" via "$2" dev "$ADAPTER" >>"$LOG" 2>&1 ||
		problem "the route to $1 by $2 could not be set"
}

adapter_up() {
	ip link set dev "$ADAPTER" up >>"$LOG" 2>&1
}

# network: adapter, address, routes. The routes come after the address, since
# the kernel takes none to a gateway that it cannot reach.
network() {
	[ "$MODE" != none ] || return 0
	retry adapter_up || {
		problem "the adapter $ADAPTER could not be enabled"
		return 1
	}
	case $MODE in
	dhcp)
		retry lease || {
			problem "no DHCP service gave $ADAPTER an address"
			return 1
		}
		;;
	host_map)
		if ! from_map; then
			if [ -z "$PROVISIONAL" ] || ! take "$PROVISIONAL"; then
				problem "the host map on this server has no address for $SERVER"
				return 1
			fi
			log "the host map on this server has no address for $SERVER; $PROVISIONAL is used to read the one on Cloud Storage"
		fi
		;;
	esac
	routes
}

# credentials: the password goes from its file into another one, which is
# readable by root alone and gone with this run. printf is part of the shell: no
# command line shows it.
credentials() {
	[ -f "$ROOT$PASSWORD_FILE" ] || {
		problem "there is no password of Cloud Storage in $PASSWORD_FILE"
		return 1
	}
	chmod 600 "$ROOT$PASSWORD_FILE"
	password=
	IFS= read -r password <"$ROOT$PASSWORD_FILE"
	password=${password%"$CR"}
	case $password in
	'' | ' '* | '	'* | *' ' | *'	')
		problem "the password in $PASSWORD_FILE is empty, or begins or ends with white space, which a file of credentials drops"
		return 1
		;;
	esac
	: >"$AUTH" && chmod 600 "$AUTH" && printf 'username=%s\npassword=%s\n' "$USERNAME" "$password" >"$AUTH"
	password=
}

# smb SECONDS COMMAND: on the share of Cloud Storage.
smb() {
	limit "$1" smbclient "//$HOST/$SHARE" -A "$AUTH" -c "$2" >"$WORK/smb" 2>&1 </dev/null
	code=$?
	[ "$code" -eq 0 ] || cat "$WORK/smb" >>"$LOG"
	return "$code"
}

# fetch FILE INTO [SECONDS]: from Cloud Storage.
fetch() {
	rm -f "$2"
	smb "${3:-60}" "get $1 $2" || return $?
	[ -f "$2" ]
}

# absent: whether the last thing asked for is not on Cloud Storage. A host that
# is not found is another matter: what is pinned there is only out of reach.
absent() {
	grep -q -e OBJECT_NAME_NOT_FOUND -e OBJECT_PATH_NOT_FOUND -e NO_SUCH_FILE -e 'no such file' "$WORK/smb"
}

storage() {
	have smbclient || {
		problem "smbclient is not installed"
		return 1
	}
	credentials || return 1
	retry smb 30 ls || {
		problem "Cloud Storage at $HOST does not answer, or refuses $USERNAME"
		return 1
	}
	STORAGE=up
	log "Cloud Storage answers"
	[ -z "$MOUNT_POINT" ] || mounted || problem "Cloud Storage could not be mounted at $MOUNT_POINT"
	[ "$MODE" != host_map ] || refresh
}

mounted() {
	! grep -q " $MOUNT_POINT " /proc/mounts || return 0
	mkdir -p "$ROOT$MOUNT_POINT" &&
		limit 60 mount -t cifs "//$HOST/$SHARE" "$ROOT$MOUNT_POINT" -o "credentials=$AUTH" >>"$LOG" 2>&1 </dev/null
}

# refresh: the host map on Cloud Storage decides; the copy here is for boots
# without it, and for those who keep none there.
refresh() {
	if ! fetch network/hosts.json "$WORK/hosts.json"; then
		! absent || ! from_map || return 0
		problem "network/hosts.json could not be read from Cloud Storage"
		return 1
	fi
	mv -f "$WORK/hosts.json" "$HOSTS"
	identify
	from_map || {
		problem "network/hosts.json on Cloud Storage has no address for $SERVER"
		return 1
	}
	routes
}
