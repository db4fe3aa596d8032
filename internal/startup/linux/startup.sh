set -u
umask 022
PATH="$PATH:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
export PATH

ROOT=${GOGRID_ROOT:-} # a root other than / is for testing the script
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

# problem TEXT: logs a problem, and keeps the first one for the status file.
problem() {
	log "PROBLEM: $*"
	[ -n "$PROBLEM" ] || PROBLEM=$*
}

have() {
	command -v "$1" >/dev/null 2>&1
}

# limit SECONDS COMMAND...: runs a command with a timeout, so that a frozen server
# cannot block the boot.
limit() {
	if have timeout; then
		timeout "$@"
	else
		shift
		"$@"
	fi
}

# retry COMMAND...: repeats a command until it succeeds, for a bounded time. A command
# that timed out (code 124) uses up many tries at once.
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

# is_name TEXT: succeeds if the text is a safe file name.
is_name() {
	case $1 in
	'' | .* | -* | *[!A-Za-z0-9._-]*) return 1 ;;
	esac
}

# is_path TEXT: succeeds if the text consists of safe names separated by slashes.
is_path() {
	case /$1/ in
	*//* | */.* | */-* | *[!A-Za-z0-9._/-]*) return 1 ;;
	esac
}

# entry FILE KEY: prints the value of a key in a JSON file with one key on each line.
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

# alone: takes the lock of the script, because two concurrent runs would overwrite each
# other's files. It removes the lock of a killed run.
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

# addresses: prints the IPv4 addresses of all adapters as "ADDRESS/BITS ADAPTER".
addresses() {
	ip -4 addr show 2>/dev/null | while read -r kind value rest; do
		[ "$kind" != inet ] || printf '%s %s\n' "$value" "${rest##* }"
	done
}

# private_address: prints the address of the private adapter, but no link-local
# address.
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

# identify: sets SERVER to the name of this server. The name comes from the file
# server-name, from the host map by public address, or from the host name.
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

# lease: gets an address by DHCP unless the private adapter has one.
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

# take ADDRESS/BITS: replaces the address of the private adapter.
take() {
	now=$(private_address)
	[ "$now" != "$1" ] || return 0
	[ -z "$now" ] || ip addr del "$now" dev "$ADAPTER" >>"$LOG" 2>&1
	ip addr replace "$1" dev "$ADAPTER" >>"$LOG" 2>&1
}

# from_map: takes the address that the host map assigns to this server.
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

# network: configures adapter, address and routes. Routes follow the address, because
# the kernel rejects a route to an unreachable gateway.
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

# credentials: copies the password to a credentials file for smbclient, which only
# root can read and which this run removes. printf is a shell built-in, so no
# command line shows the password.
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

# smb SECONDS COMMAND: runs an smbclient command on the share of Cloud Storage.
smb() {
	limit "$1" smbclient "//$HOST/$SHARE" -A "$AUTH" -c "$2" >"$WORK/smb" 2>&1 </dev/null
	code=$?
	[ "$code" -eq 0 ] || cat "$WORK/smb" >>"$LOG"
	return "$code"
}

# fetch FILE TARGET [SECONDS]: downloads a file from Cloud Storage.
fetch() {
	rm -f "$2"
	smb "${3:-60}" "get $1 $2" || return $?
	[ -f "$2" ]
}

# absent: succeeds if the last requested file does not exist on Cloud Storage. It fails
# if the host was not found: a pin may then exist but be unreachable.
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

# refresh: applies the host map on Cloud Storage, which takes precedence. The local
# copy is for boots without Cloud Storage, and for networks without a map there.
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
