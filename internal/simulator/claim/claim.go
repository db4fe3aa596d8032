// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package claim prevents two processes of one user from using the same resource
// of the machine, such as a range of loopback addresses. A claim is a file lock.
// The kernel releases the lock when the process ends, even if it is killed.
package claim

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"sync/atomic"
)

// Holder describes the process that holds a claim.
type Holder struct {
	// PID is the id of the process; 0 if the holder has only just taken the claim.
	PID int `json:"pid"`
	// State is the path of the state file of the holder's grid; "" for a grid in
	// memory.
	State string `json:"state,omitempty"`
}

// String describes the holder for an error message. Without a PID it returns
// "another process".
func (h Holder) String() string {
	text := "another process"
	if h.PID != 0 {
		text = fmt.Sprintf("the grid with pid %d", h.PID)
	}
	if h.State != "" {
		text += fmt.Sprintf(" (state file %s)", h.State)
	}
	return text
}

// HeldError reports that another process holds the claim.
type HeldError struct {
	Name   string
	Holder Holder
}

func (e *HeldError) Error() string { return fmt.Sprintf("%s holds %s", e.Holder, e.Name) }

// Claim is a file lock that this process holds.
type Claim struct {
	file     *os.File
	released atomic.Bool
}

// Take claims a name in a folder. If another process has the claim, Take
// returns a [HeldError] without waiting.
func Take(dir, name string, holder Holder) (*Claim, error) {
	path := filepath.Join(dir, name+".lock")
	for {
		file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
		if err != nil {
			return nil, fmt.Errorf("claim %s: %w", name, err)
		}
		c := &Claim{file: file}
		switch taken, err := c.take(path, holder); {
		case err != nil:
			return nil, errors.Join(fmt.Errorf("claim %s: %w", name, err), file.Close())
		case taken == held:
			other := c.holder()
			return nil, errors.Join(&HeldError{name, other}, file.Close())
		case taken == mine:
			return c, nil
		}
		// The previous holder removed the file between OpenFile and the lock.
		if err := file.Close(); err != nil {
			return nil, fmt.Errorf("claim %s: %w", name, err)
		}
	}
}

type outcome int

const (
	held outcome = iota
	mine
	removed
)

// take locks the file and writes the holder into the file. It returns removed if
// path no longer refers to the locked file.
func (c *Claim) take(path string, holder Holder) (outcome, error) {
	if locked, err := lock(c.file); err != nil || !locked {
		return held, err
	}
	opened, err := c.file.Stat()
	if err != nil {
		return held, err
	}
	if current, err := os.Stat(path); err != nil || !os.SameFile(opened, current) {
		return removed, nil //nolint:nilerr // Take retries and creates a missing file
	}
	text, err := json.Marshal(holder)
	if err != nil {
		return held, err
	}
	if err := c.file.Truncate(0); err != nil {
		return held, err
	}
	_, err = c.file.WriteAt(text, 0)
	return mine, err
}

// holder reads the description that the holder of the lock wrote into the file.
func (c *Claim) holder() (h Holder) {
	text, err := io.ReadAll(c.file)
	if err != nil || json.Unmarshal(text, &h) != nil {
		return Holder{} // the holder has not written its description yet
	}
	return h
}

// Release releases the claim. A second call does nothing.
func (c *Claim) Release() error {
	if c.released.Swap(true) {
		return nil
	}
	// Remove the file before releasing the lock, so that no process finds an
	// unlocked file. On Windows an open file cannot be removed, so the file stays.
	_ = os.Remove(c.file.Name())
	return c.file.Close()
}
