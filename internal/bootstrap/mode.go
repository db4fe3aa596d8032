// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"bytes"
	"io/fs"
	"runtime"
)

// hasExecutableBit tells whether files carry permission bits that mean
// something.
const hasExecutableBit = runtime.GOOS != "windows"

const (
	plainMode      fs.FileMode = 0o644
	executableMode fs.FileMode = 0o755
	magicLength                = 4
)

// modeByBits goes by the owner's executable bit, the one that git keeps too.
func modeByBits(mode fs.FileMode) fs.FileMode {
	if mode&0o100 != 0 {
		return executableMode
	}
	return plainMode
}

// modeByContent is for files without an executable bit, those of Windows and
// of Recipe.Files: executable is what Linux can run, a script that names its
// interpreter ("#!") or a program (ELF). For the same folder it gives the same
// modes as the bits do where the bits are set with care.
func modeByContent(head []byte) fs.FileMode {
	if bytes.HasPrefix(head, []byte("#!")) || bytes.HasPrefix(head, []byte("\x7fELF")) {
		return executableMode
	}
	return plainMode
}
