// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package simulator

import (
	"crypto/sha256"
	"errors"
	"fmt"
	"os"

	"github.com/gogrid/terraform-provider-gogrid/internal/simulator/claim"
)

// claimState claims a state file, so that the error of a second grid names the
// process of the first. The database locks the file too, so a machine without a
// folder for claims does without one.
func claimState(path string) (*claim.Claim, error) {
	dir, err := claim.Dir()
	if err != nil {
		return nil, nil //nolint:nilerr,nilnil // as above
	}
	full := absolute(path)
	name := fmt.Sprintf("state-%x", sha256.Sum256([]byte(full)))
	c, err := claim.Take(dir, name, claim.Holder{PID: os.Getpid(), State: full})
	var held *claim.HeldError
	if errors.As(err, &held) {
		other := claim.Holder{PID: held.Holder.PID} // the file is named already
		return nil, fmt.Errorf("opening the state file %s: %s has it open; stop that grid or use another file", path, other)
	}
	return c, nil //nolint:nilerr // as above
}

// releaseState gives the state file free for the next grid.
func releaseState(c *claim.Claim) error {
	if c == nil {
		return nil
	}
	return c.Release()
}
