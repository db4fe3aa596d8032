// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package deploy

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// maxFileSize is the maximum size, in bytes, of the files that servers and this
// package exchange.
const maxFileSize = 256 << 10

// Kinds of steps. The values are stored in pins.
const (
	stepBoot    = "boot"    // the server boots because it is created or switched on
	stepRestart = "restart" // the server is restarted to load the release
)

// pin is the content of the file that names the release of one server. Servers
// read only the pointer in it.
type pin struct {
	startup.Pointer
	// The other servers of the group read Group and Address, because they must not
	// restart while this server is unavailable. Address is empty if the group does
	// not depend on this server, because it is new or switched off.
	Group   string `json:"group,omitempty"`
	Address string `json:"address,omitempty"`
	// Private is the server's private address, which its health check may use.
	Private string `json:"private_address,omitempty"`
	// Step is the kind of the open step; empty if no step is open. StepStatus is
	// the start of the last boot that the server had reported when the step began.
	// StepJob is the server's newest restart job at that time. A newer boot or
	// restart belongs to the step. The JSON keys keep their old name, turn, because
	// pins that are already on Cloud Storage have these keys.
	Step       string `json:"turn,omitempty"`
	StepStatus string `json:"turn_status,omitempty"`
	StepJob    string `json:"turn_job,omitempty"`
}

// open reports whether a step is open.
func (p pin) open() bool { return p.Step != "" }

// closed returns the pin without its step.
func (p pin) closed() pin {
	p.Step, p.StepStatus, p.StepJob = "", "", ""
	return p
}

// newer reports whether a status describes a boot that the server had not yet
// reported when the step began.
func (p pin) newer(s startup.Status) bool { return s.Started != "" && s.Started != p.StepStatus }

// reported reports whether a status describes a boot of the pin's step. If the
// boot read the pin before the step began, the status names another wanted
// release.
func (p pin) reported(s startup.Status) bool {
	return p.newer(s) && (s.Wanted == "" || s.Wanted == p.Release)
}

// rolledBack returns a copy of the pin that names the previous release, or an
// unchanged copy if there is no previous release.
func (p pin) rolledBack() pin {
	if p.PreviousRelease == "" {
		return p
	}
	current := p.Pointer
	p.Pointer = startup.Pointer{
		Release: current.PreviousRelease, Archive: current.PreviousArchive, SHA256: current.PreviousSHA256,
		PreviousRelease: current.Release, PreviousArchive: current.Archive, PreviousSHA256: current.SHA256,
		UpdatedBy: current.UpdatedBy, UpdatedAt: current.UpdatedAt,
	}
	return p
}

// encode returns the pin in the form that servers read: JSON with one key a line.
func (p pin) encode() []byte {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		panic(err) // strings can always be encoded
	}
	return append(text, '\n')
}

// decodePin parses a pin. It rejects pointers that servers would reject.
func decodePin(text string) (pin, error) {
	pointer, err := startup.DecodePointer(text)
	if err != nil {
		return pin{}, err
	}
	var p pin
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return pin{}, fmt.Errorf("decode the pin: %w", err)
	}
	p.Pointer = pointer
	return p, nil
}

// readPin returns the pin of a server. For a missing or damaged file, it returns the
// zero pin, which pins nothing; the next step replaces the file.
func (d *Deployer) readPin(ctx context.Context, server string) (pin, error) {
	text, err := d.Share.Read(ctx, startup.ServerFile(server), maxFileSize)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, storage.ErrTooLarge), isUnreadable(err):
		return pin{}, nil
	case err != nil:
		return pin{}, err
	}
	found, err := decodePin(string(text))
	if err != nil {
		return pin{}, nil //nolint:nilerr // a damaged pin is treated as missing
	}
	return found, nil
}

// writePin replaces the pin of a server, and records the owner and the time.
func (d *Deployer) writePin(ctx context.Context, server string, p pin) error {
	p.UpdatedBy, p.UpdatedAt = d.Owner, d.Clock.Now().UTC().Format(time.RFC3339)
	if _, err := d.Share.Put(ctx, startup.ServerFile(server), storage.Bytes(p.encode())); err != nil {
		return fmt.Errorf("pin release %s: %w", p.Release, err)
	}
	return nil
}
