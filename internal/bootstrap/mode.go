// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"bytes"
	"io/fs"
)

const (
	plainMode      fs.FileMode = 0o644
	executableMode fs.FileMode = 0o755
)

// modeByContent tells what is executable by what Linux can run: a script that
// names its interpreter ("#!"), or a program (ELF). Permission bits are not
// looked at. Windows has none, and Git on Windows, unpackers and copies lose
// them: the same files would give other bytes there.
func modeByContent(head []byte) fs.FileMode {
	if bytes.HasPrefix(head, []byte("#!")) || bytes.HasPrefix(head, []byte("\x7fELF")) {
		return executableMode
	}
	return plainMode
}
