// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package store

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/claim"
)

// InUseError reports that another grid has the state file open. PID is the
// process id of that grid, or 0 if the process has only just opened the file.
type InUseError struct {
	Path string
	PID  int
}

func (e *InUseError) Error() string {
	return fmt.Sprintf("open the state file %s: %s has it open; stop that grid or use another file", e.Path, claim.Holder{PID: e.PID})
}

// claimState claims a state file. If a second grid opens the file, its error
// can then name the process of the first grid. The claim is optional, because
// the database also locks the file. claimState returns an [InUseError] if
// another process has the claim, and nil if claims do not work on this machine.
func claimState(path string) (*claim.Claim, error) {
	dir, err := claim.Dir()
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // as above
	}
	full := Absolute(path)
	name := fmt.Sprintf("state-%x", sha256.Sum256([]byte(full)))
	c, err := claim.Take(dir, name, claim.Holder{PID: os.Getpid(), State: full})
	var held *claim.HeldError
	if errors.As(err, &held) {
		return nil, &InUseError{Path: path, PID: held.Holder.PID}
	}
	return c, nil //nolint:nilerr // as above
}

// releaseState releases the claim of the state file.
func releaseState(c *claim.Claim) error {
	if c == nil {
		return nil
	}
	return c.Release()
}

// Absolute returns the absolute path of a file with all symbolic links
// resolved, so that all processes use the same path for one file. It returns ""
// for "".
func Absolute(path string) string {
	if path == "" {
		return ""
	}
	full, err := filepath.Abs(path)
	if err != nil {
		return path
	}
	if dir, err := filepath.EvalSymlinks(filepath.Dir(full)); err == nil {
		full = filepath.Join(dir, filepath.Base(full))
	}
	if real, err := filepath.EvalSymlinks(full); err == nil {
		full = real
	}
	return full
}
