
# pointer: reads the release that this server should run. The server's own pointer
# takes precedence over the channel's, so a pinned server that restarts during a
# deploy keeps its release.
pointer() {
	from=servers/$SERVER.json
	if ! fetch "$from" "$WORK/pointer.json"; then
		absent || {
			problem "$from could not be read from Cloud Storage"
			return 1
		}
		from=channels/$CHANNEL.json
		fetch "$from" "$WORK/pointer.json" || {
			problem "$from could not be read from Cloud Storage"
			return 1
		}
	fi
	release=$(entry "$WORK/pointer.json" release)
	archive=$(entry "$WORK/pointer.json" archive)
	digest=$(entry "$WORK/pointer.json" sha256)
	case $digest in *[!0-9a-f]*) digest= ;; esac
	if ! is_name "$release" || ! is_path "$archive" || [ "${#digest}" -ne 64 ]; then
		problem "$from does not name a release, an archive and its sha256"
		return 1
	fi
	WANTED=$release
	log "$from names the release $WANTED"
}

# unpacked RELEASE DIGEST: succeeds if the release is completely unpacked.
unpacked() {
	[ -f "$RELEASES/$1/bootstrap.json" ] && [ "$(cat "$RELEASES/$1.sha256" 2>/dev/null)" = "$2" ]
}

# load: downloads the release and unpacks it into its own folder.
load() {
	! unpacked "$WANTED" "$digest" || return 0
	log "fetching $archive"
	retry fetch "$archive" "$WORK/release.zip" 900 || {
		problem "$archive could not be fetched"
		return 1
	}
	sum=$(sha256sum "$WORK/release.zip")
	sum=${sum%% *}
	if [ "$sum" != "$digest" ]; then
		problem "$archive has the sha256 $sum, and should have $digest"
		return 1
	fi
	rm -rf "${RELEASES:?}/$WANTED" "$RELEASES/$WANTED.sha256" "$RELEASES/$WANTED.part"
	if ! unzip -q -o "$WORK/release.zip" -d "$RELEASES/$WANTED.part" >>"$LOG" 2>&1 ||
		[ ! -f "$RELEASES/$WANTED.part/bootstrap.json" ]; then
		rm -rf "$RELEASES/$WANTED.part"
		problem "$archive could not be unpacked, or holds no bootstrap.json"
		return 1
	fi
	rm -f "$WORK/release.zip"
	[ ! -d "$RELEASES/$WANTED.part/certs" ] || chmod 700 "$RELEASES/$WANTED.part/certs"
	# Write the digest last: a folder without it counts as incomplete.
	mv "$RELEASES/$WANTED.part" "$RELEASES/$WANTED" && printf '%s\n' "$digest" >"$RELEASES/$WANTED.sha256"
}

# store FILE NAME: copies a file into the state folder and replaces NAME atomically.
store() {
	cp "$1" "$STATE/$2.new" && mv -f "$STATE/$2.new" "$STATE/$2"
}

# certificate FILE PASSWORD_FILE FOLDER: installs a certificate from Cloud Storage
# into a folder. Without Cloud Storage it keeps the certificate of the last boot.
certificate() {
	name=${1##*/}
	[ ! -f "$ROOT$2" ] || chmod 600 "$ROOT$2"
	if [ "$STORAGE" = up ]; then
		fetch "$1" "$WORK/$name" || {
			problem "the certificate $1 could not be read from Cloud Storage"
			return 1
		}
		sh "$INSTALLER" certificate "$WORK/$name" "${2:+$ROOT$2}" "$ROOT$3" >>"$LOG" 2>&1 </dev/null ||
			problem "the certificate $1 could not be installed"
		rm -f "$WORK/$name"
	fi
}

# apply RELEASE: runs the steps of a release. An unfinished release may have changed
# files, so the next release counts as changed even if it is installed already.
apply() {
	begun=$(cat "$STATE/begun" 2>/dev/null)
	if [ "$1" = "$RELEASE" ] && [ -z "$begun" ]; then
		changed=no
	else
		changed=yes
		printf '%s\n' "$1" >"$STATE/begun"
	fi
	first=yes
	[ "$(cat "$STATE/first-boot" 2>/dev/null)" != "$SERVER" ] || first=no
	log "running the steps of $1 (changed: $changed, first boot: $first)"
	: >"$WORK/results"
	GOGRID_ROOT=$ROOT GOGRID_SERVER=$SERVER GOGRID_RELEASE=$1 \
		GOGRID_CHANGED=$changed GOGRID_FIRST_BOOT=$first GOGRID_RESULTS=$WORK/results \
		sh "$INSTALLER" manifest "$RELEASES/$1" >>"$LOG" 2>&1 </dev/null
}

# switch RELEASE: marks a release as installed and removes other releases, except
# the previous one.
switch() {
	if [ "$1" != "$RELEASE" ]; then
		log "switching from ${RELEASE:-nothing} to $1"
		date -u +%Y-%m-%dT%H:%M:%SZ >"$WORK/since"
		store "$WORK/since" since
		printf '%s\n' "$1" >"$WORK/installed"
		store "$WORK/installed" installed
	fi
	rm -f "$STATE/begun"
	ln -sfn "releases/$1" "$STATE/current"
	printf '%s\n' "$SERVER" >"$STATE/first-boot"
	for old in "$RELEASES"/*; do
		case ${old##*/} in
		"$1" | "$1.sha256" | "${RELEASE:-$1}" | "${RELEASE:-$1}.sha256") ;;
		*) rm -rf "$old" ;;
		esac
	done
	RELEASE=$1
}

# deploy: runs the release that the pointer names, or else the installed release. If
# a step of a new release fails, it runs the steps of the old release again.
deploy() {
	RELEASE=$(cat "$STATE/installed" 2>/dev/null)
	is_name "$RELEASE" && [ -f "$RELEASES/$RELEASE/bootstrap.json" ] || RELEASE=
	target=$RELEASE
	if [ "$STORAGE" = up ] && pointer && load; then
		target=$WANTED
	fi
	if [ -z "$target" ]; then
		problem "there is no release to run"
		return 1
	fi
	if apply "$target"; then
		switch "$target"
		return 0
	fi
	problem "a step of the release $target failed"
	cp "$WORK/results" "$WORK/failed"
	if [ -n "$RELEASE" ] && [ "$RELEASE" != "$target" ]; then
		log "going back to the release $RELEASE"
		apply "$RELEASE" && rm -f "$STATE/begun"
		mv -f "$WORK/failed" "$WORK/results"
	fi
	return 1
}

json() {
	printf '%s' "$1" | sed -e 's/\\/\\\\/g' -e 's/"/\\"/g'
}

# report: writes the result of the boot to this server and to Cloud Storage, with one
# key on each line.
report() {
	result=ok
	[ -z "$PROBLEM" ] || result=failed
	{
		printf '{\n  "version": 1,\n'
		printf '  "server": "%s",\n' "$SERVER"
		printf '  "release": "%s",\n' "$RELEASE"
		printf '  "wanted": "%s",\n' "$WANTED"
		printf '  "result": "%s",\n' "$result"
		printf '  "problem": "%s",\n' "$(json "$PROBLEM")"
		printf '  "since": "%s",\n' "$([ -z "$RELEASE" ] || cat "$STATE/since" 2>/dev/null)"
		printf '  "started": "%s",\n' "$STARTED"
		printf '  "time": "%s",\n' "$(date -u +%Y-%m-%dT%H:%M:%SZ)"
		printf '  "steps": ['
		comma=
		while read -r number kind outcome; do
			printf '%s\n    {\n      "number": %s,\n      "kind": "%s",\n      "result": "%s"\n    }' "$comma" "$number" "$kind" "$outcome"
			comma=,
		done <"$WORK/results"
		[ -z "$comma" ] || printf '\n  '
		printf ']\n}\n'
	} >"$WORK/status.json"
	store "$WORK/status.json" status.json
	[ "$STORAGE" = up ] || return 0
	if ! smb 60 "put $WORK/status.json status/$SERVER.json"; then
		smb 60 "mkdir status"
		retry smb 60 "put $WORK/status.json status/$SERVER.json" ||
			log "the status could not be written to Cloud Storage"
	fi
}

main() {
	alone || exit 1
	STARTED=$(date -u +%Y-%m-%dT%H:%M:%SZ)
	: >"$WORK/results"
	log "startup begins"
	identify
	if network; then
		storage
	fi
	certificates
	deploy
	if [ -n "$EXTRA" ] && ! sh "$EXTRA" >>"$LOG" 2>&1 </dev/null; then
		problem "$EXTRA failed"
	fi
	report
	# Remove the provisional address: other servers use it too.
	if [ -n "$PROVISIONAL" ] && [ "$(private_address)" = "$PROVISIONAL" ]; then
		ip addr del "$PROVISIONAL" dev "$ADAPTER"
	fi
	log "startup ends: release ${RELEASE:-none}, ${PROBLEM:-no problem}"
	[ -z "$PROBLEM" ]
}

main
