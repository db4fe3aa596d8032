// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"context"
	"fmt"
)

// Planned describes the archive that the plan was computed from. The state stores only
// these values: the size of the manifest grows with the number of files.
type Planned struct {
	// SHA256 is Archive.SHA256.
	SHA256 string
	// Files is the number of Archive.Entries, or 0 if it is not known.
	Files int64
	// Size is Archive.Size in bytes, or 0 if it is not known.
	Size int64
}

// RebuildFile builds the planned archive again into the file at path. An apply
// of a saved plan calls RebuildFile, because Terraform does not read data
// sources again and may run on another machine. If the file is already the
// planned archive, RebuildFile returns without reading the sources.
//
// If the sources produce a different archive, RebuildFile writes no file and
// returns a *DifferError.
func (r Recipe) RebuildFile(ctx context.Context, path string, planned Planned) error {
	out := &output{path: path}
	defer out.discard()
	if out.hasDigest(ctx, planned.SHA256) {
		return nil
	}
	r.Inspection = nil // the plan has already checked the certificates
	archive, err := build(ctx, nil, r, out, defaults())
	if err != nil {
		return err
	}
	if archive.SHA256 != planned.SHA256 {
		return &DifferError{Planned: planned, Built: Planned{SHA256: archive.SHA256, Files: int64(len(archive.Entries)), Size: archive.Size}}
	}
	return out.commit(ctx, archive)
}

// DifferError reports that the sources of an archive have changed since the plan.
type DifferError struct {
	Planned, Built Planned
}

// Error returns the digests of both archives, how they differ in the number of files
// or in size, and the next step.
func (e *DifferError) Error() string {
	return fmt.Sprintf("the sources differ from the plan: they now give an archive with the digest %s, but the plan has %s. %s. "+
		"Plan again, or apply on a machine with the planned files. Files that a checkout converts, such as line ends, also change the digest",
		e.Built.SHA256, e.Planned.SHA256, e.difference())
}

// difference says how the numbers of files differ or, if they are equal, how the sizes
// differ.
func (e *DifferError) difference() string {
	switch {
	case e.Planned.Size == 0:
		return "The plan does not hold the number of files"
	case e.Planned.Files < e.Built.Files:
		return fmt.Sprintf("Files were added: there are %d, and the plan has %d", e.Built.Files, e.Planned.Files)
	case e.Planned.Files > e.Built.Files:
		return fmt.Sprintf("Files are missing: there are %d, and the plan has %d", e.Built.Files, e.Planned.Files)
	default:
		return fmt.Sprintf("Both have %d files, but the archive has %d bytes instead of %d: a file has a different name, content or mode", e.Built.Files, e.Built.Size, e.Planned.Size)
	}
}
