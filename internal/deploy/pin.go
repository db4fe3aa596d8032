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

// maxFileSize is more than any file that servers and this package exchange
// has, in bytes.
const maxFileSize = 256 << 10

// Kinds of turns.
const (
	stepBoot    = "boot"    // the server is made or switched on, and boots by itself
	stepRestart = "restart" // it is restarted for the release
)

// pin is the file that names the release of one server. Servers read the
// pointer in it and skip the rest.
type pin struct {
	startup.Pointer
	// Group and Address are there for the others of the group, which must not
	// restart while this server is away. A server that is not to be counted on,
	// because it is new or switched off, has no address.
	Group   string `json:"group,omitempty"`
	Address string `json:"address,omitempty"`
	// Private is the server's private address, which a sign of life may be
	// looked for at.
	Private string `json:"private_address,omitempty"`
	// Turn is the kind of the turn that is under way; empty: none. TurnStatus is
	// when the boot began that the server had last told of, and TurnJob its
	// newest restart, when the turn began: what is newer belongs to the turn.
	Step       string `json:"turn,omitempty"`
	StepStatus string `json:"turn_status,omitempty"`
	StepJob    string `json:"turn_job,omitempty"`
}

// open tells whether a turn is under way.
func (p pin) open() bool { return p.Step != "" }

// closed is the pin after its turn.
func (p pin) closed() pin {
	p.Step, p.StepStatus, p.StepJob = "", "", ""
	return p
}

// newer tells whether a status is about another boot than the one that was known
// when the pin's turn began.
func (p pin) newer(s startup.Status) bool { return s.Started != "" && s.Started != p.StepStatus }

// reported tells whether a status is about a boot of the pin's turn. A boot that
// had read the pin before it was changed tells of another release.
func (p pin) reported(s startup.Status) bool {
	return p.newer(s) && (s.Wanted == "" || s.Wanted == p.Release)
}

// back is the pin that names the release before. Without one it is the same.
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

// encode writes the pin as servers read it: one key a line.
func (p pin) encode() []byte {
	text, err := json.MarshalIndent(p, "", "  ")
	if err != nil {
		panic(err) // texts can always be written
	}
	return append(text, '\n')
}

// decodePin reads a pin as servers do.
func decodePin(text string) (pin, error) {
	pointer, err := startup.DecodePointer(text)
	if err != nil {
		return pin{}, err
	}
	var p pin
	if err := json.Unmarshal([]byte(text), &p); err != nil {
		return pin{}, fmt.Errorf("it is not as this provider writes it: %w", err)
	}
	p.Pointer = pointer
	return p, nil
}

// readPin is the pin of a server. One that is not there, or that cannot be
// read, is the zero pin: it pins nothing, and the next turn replaces it.
func (d *Deployer) readPin(ctx context.Context, server string) (pin, error) {
	text, err := d.Share.Read(ctx, startup.ServerFile(server), maxFileSize)
	switch {
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, storage.ErrTooLarge):
		return pin{}, nil
	case err != nil:
		return pin{}, err
	}
	found, err := decodePin(string(text))
	if err != nil {
		return pin{}, nil //nolint:nilerr // see above
	}
	return found, nil
}

// writePin replaces the pin of a server.
func (d *Deployer) writePin(ctx context.Context, server string, p pin) error {
	p.UpdatedBy, p.UpdatedAt = d.Owner, d.Clock.Now().UTC().Format(time.RFC3339)
	if _, err := d.Share.Put(ctx, startup.ServerFile(server), storage.Bytes(p.encode())); err != nil {
		return fmt.Errorf("pin the release %s: %w", p.Release, err)
	}
	return nil
}
