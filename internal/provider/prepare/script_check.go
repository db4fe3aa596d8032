// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"errors"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Errors of a text that a Linux server cannot run.
var (
	errWindowsLines = errors.New("a line ends with CR LF, as on Windows. A Linux server reads the CR as a part of the last word: " +
		"of a #!/bin/sh line it answers \"bad interpreter: /bin/sh^M\". Save the file with LF line ends, for example with dos2unix, " +
		"and keep them with a line \"*.sh text eol=lf\" in .gitattributes")
	errByteOrderMark = errors.New("the text begins with a byte order mark, so a Linux server does not see its #! line and refuses the first command. Save the file as UTF-8 without a byte order mark")
	errUTF16         = errors.New("the text is UTF-16, which a Linux server cannot run. Save the file as UTF-8 without a byte order mark")
)

// CheckShellText returns an error if a Linux server misreads a script or command: its
// lines end with CR LF, or it begins with a byte order mark.
func CheckShellText(text string) error {
	switch {
	case strings.HasPrefix(text, "\xff\xfe"), strings.HasPrefix(text, "\xfe\xff"):
		return errUTF16
	case strings.HasPrefix(text, "\ufeff"):
		return errByteOrderMark
	case strings.Contains(text, "\r\n"), strings.HasSuffix(text, "\r"):
		return errWindowsLines
	}
	return nil
}

// checkShell returns errors for scripts and commands that a Linux server misreads, and
// warnings for scripts without an interpreter line and for uploaded scripts that the
// server could not run. It returns nil for a server with WinRM.
func (r *Recipe) checkShell() diag.Diagnostics {
	var diags diag.Diagnostics
	if r.Login.Target.Protocol == communicator.WinRM {
		return diags
	}
	for _, part := range r.parts() {
		err := CheckShellText(part.text)
		switch {
		case part.destination != "":
			first, _, _ := strings.Cut(part.text, "\n")
			if err != nil && strings.HasPrefix(strings.TrimPrefix(first, "\ufeff"), "#!") && !strings.HasPrefix(part.destination, `C:\`) {
				diags.AddAttributeWarning(part.at, "A Linux server cannot run the script "+part.destination, tf.Sentence(err.Error()))
			}
		case err != nil:
			diags.AddAttributeError(part.at, "A Linux server cannot run "+part.name, tf.Sentence(err.Error()))
		case part.script && strings.TrimSpace(part.text) == "":
			diags.AddAttributeWarning(part.at, "Empty script", "The script holds no command. Remove it, or check its path.")
		case part.script && !strings.HasPrefix(part.text, "#!"):
			diags.AddAttributeWarning(part.at, "Script without an interpreter line",
				"The script does not begin with \"#!\", so /bin/sh runs it, which is not bash on every system. "+
					"Begin the script with a line that names its interpreter, such as #!/bin/sh or #!/bin/bash.")
		}
	}
	if err := CheckShellText(r.PrepCommand); err != nil {
		diags.AddAttributeError(path.Root("prepare").AtName("prep_command"), "A Linux server cannot run prep_command", tf.Sentence(err.Error()))
	}
	return diags
}
