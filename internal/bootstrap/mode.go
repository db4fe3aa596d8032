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

// modeByContent returns executableMode for files that Linux can run: scripts
// that name their interpreter ("#!") and ELF programs. It ignores permission
// bits: Windows has none, and Git on Windows, unpackers and copies lose them,
// so the same files would give different archives.
func modeByContent(head []byte) fs.FileMode {
	if bytes.HasPrefix(head, []byte("#!")) || bytes.HasPrefix(head, []byte("\x7fELF")) {
		return executableMode
	}
	return plainMode
}
