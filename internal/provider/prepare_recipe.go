// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"io"
	"io/fs"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/guest"
)

// recipe is what a prepare block asks for, decoded from the configuration,
// which alone has the write-only values.
type recipe struct {
	// manual: a person prepares the sandbox and switches it off.
	manual bool
	login  login
	// files, commands and scripts are carried out in this order, then
	// prepCommand, which ends what can be done in the sandbox.
	files       []recipeFile
	commands    []string
	scripts     []recipeFile
	environment map[string]string
	prepCommand string // empty: none
	// digest is the sha256, in hex, over everything above that is no secret.
	digest string
}

// recipeFile is a local file or a text that goes into the sandbox.
type recipeFile struct {
	name        string // how the configuration calls it, such as files[0]
	source      string // path, empty for a text
	destination string // empty for a script
	mode        fs.FileMode
	sha256      string // in hex, of the content as it was when the recipe was read
	open        func() (io.ReadCloser, error)
}

// login is how a sandbox, or a server made from its image, is logged in to.
// The host is not known yet; a password that is empty is asked of the
// account's password list.
type login struct {
	target  guest.Target
	timeout time.Duration // until the login must have worked, from when GoGrid shows "On"
}
