// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers

import (
	"fmt"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/untrusted"
)

// Kind is a kind of object that an interrupted apply leaves behind.
type Kind string

// The kinds of findings.
const (
	KindServer  Kind = "server"
	KindSandbox Kind = "sandbox"
	KindImage   Kind = "image"
	KindLease   Kind = "lease"
	KindPin     Kind = "pin"
)

// Finding is an object that carries a deployment's tag but that no resource
// accounts for.
type Finding struct {
	Kind Kind
	// ID is 0 for a file, and for a server that GoGrid is still creating.
	ID int64
	// Name is the name of a server, the friendly name of an image, the label of a
	// lease, or the name of the server that a pin is for.
	Name string
	// Address is the public address of a server, or the leased address.
	Address string
	// Private is the private address of a server; empty if it has none.
	Private string
	// Path is the path of a file on Cloud Storage; empty for an object of the grid.
	Path string
	// What describes the role of the object, such as "the sandbox of an unfinished
	// build, not prepared yet".
	What string
	// Description is the description without the tag.
	Description string
	// Since is the time at which the object was created, on the grid's clock for
	// servers and images. It is zero if the time is unknown.
	Since time.Time
	// Tag is the tag of the object.
	Tag ownership.Tag

	// deleting reports whether GoGrid was deleting the server when it was found.
	deleting bool
	// keep is the command that keeps the object; empty if no resource can manage
	// it.
	keep string
	// content is the content of the file when it was found.
	content []byte
}

// Unmanaged reports whether the object is the sandbox or the verification server of an
// image build, which no resource ever manages.
func (f Finding) Unmanaged() bool {
	return (f.Kind == KindServer || f.Kind == KindSandbox) && f.Tag.Key != ""
}

// KeepCommand returns the command that imports the object into the state, or "" if
// no resource can manage the object.
func (f Finding) KeepCommand() string { return f.keep }

// String names the object, such as `server "web-2" (id 75245) at 203.0.113.9`.
func (f Finding) String() string {
	words := []string{string(f.Kind)}
	switch f.Kind {
	case KindLease:
		words = append(words, "of "+f.Address)
		if f.Name != "" {
			words = append(words, fmt.Sprintf("for %q", f.Name))
		}
		return strings.Join(append(words, fmt.Sprintf("(file %s)", f.Path)), " ")
	case KindPin:
		return fmt.Sprintf("pin of server %q (file %s)", f.Name, f.Path)
	}
	words = append(words, fmt.Sprintf("%q", f.Name))
	if f.ID != 0 {
		words = append(words, fmt.Sprintf("(id %d)", f.ID))
	}
	if f.Address != "" {
		words = append(words, "at "+f.Address)
	}
	return strings.Join(words, " ")
}

// SweepCommand returns the command that lists the leftovers of a deployment,
// and removes them if --yes is added. If files is true, the command also
// searches Cloud Storage; its help lists the necessary flags.
func SweepCommand(deployment string, files bool) string {
	command := fmt.Sprintf("terraform state pull | terraform-provider-gogrid sweep --deployment %s --state -", deployment)
	if files {
		command += " --storage"
	}
	return command
}

// Text describes findings for users: a line for each object, with the command that
// keeps it. It returns "" if there are none.
func Text(findings []Finding) string {
	var text strings.Builder
	for _, f := range findings {
		text.WriteString("- " + untrusted.Line(f.String()))
		if !f.Since.IsZero() {
			fmt.Fprintf(&text, ", since %s", f.Since.UTC().Format(time.RFC3339))
		}
		fmt.Fprintf(&text, ": %s\n", untrusted.Line(f.What))
		if f.keep != "" {
			fmt.Fprintf(&text, "  To keep it: %s\n", untrusted.Line(f.keep))
		}
	}
	return text.String()
}
