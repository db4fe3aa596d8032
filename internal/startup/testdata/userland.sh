#!/bin/sh
# Turns this process into a machine: a root of its own over the host's, with the
# files in $1 laid over it, a host name, and init's place. For every line on
# standard input it boots once, and says so when the boot is over.
set -eu
baked=$1
name=$2
mount --make-rprivate /
machine=$baked.machine
mkdir -p "$machine"
mount -t tmpfs tmpfs "$machine"
mkdir "$machine/upper" "$machine/work" "$machine/root"
cp -a "$baked/." "$machine/upper/"
mount -t overlay overlay -o "lowerdir=/,upperdir=$machine/upper,workdir=$machine/work" "$machine/root"
mount -t proc proc "$machine/root/proc"
mount --rbind /dev "$machine/root/dev"
mount --rbind /sys "$machine/root/sys"
for folder in run tmp; do
	mount -t tmpfs tmpfs "$machine/root/$folder"
done
hostname "$name"
ip link set lo up
while read -r _; do
	code=0
	chroot "$machine/root" /bin/sh /usr/local/lib/gogrid/startup.sh >&2 || code=$?
	(cd "$machine/root" && find srv usr/local/lib var/lib/gogrid -xdev ! -name status.json -type f -exec sha256sum {} + | sort | sha256sum | cut -c 1-64 | sed "s/^/$code /")
done
