// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package shell

// Standard returns the programs that every guest has, by name.
func Standard() map[string]Program {
	return map[string]Program{
		"basename": baseName, "base64": encode64, "cat": concatenate, "chmod": changeMode, "chown": changeOwner, "chgrp": changeOwner,
		"cp": copyFiles, "cut": cutFields, "date": showDate, "dirname": dirName, "du": diskUsage, "egrep": grep, "fgrep": grep, "find": find,
		"grep": grep, "groups": identity, "head": head, "hostname": hostname, "id": identity, "kill": kill, "ln": link, "ls": list, "md5sum": checksum,
		"mkdir": makeFolders, "mktemp": makeTemporary, "mv": move, "readlink": readLink, "realpath": readLink, "rm": remove,
		"rmdir": removeFolders, "sed": edit, "seq": sequence, "sha256sum": checksum, "sleep": sleep, "sort": sortLines, "stat": showStat,
		"sync": doNothing, "tail": tail, "tar": archive, "tee": tee, "touch": touch, "tr": translate, "uname": systemName, "uniq": unique,
		"gzip": compress, "gunzip": compress, "zcat": compress, "yes": printYes,
		"unzip": unpack, "zip": zipFiles, "rsync": synchronise, "wc": count, "whoami": identity,
	}
}
