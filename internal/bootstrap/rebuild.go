// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"context"
	"fmt"
	"strings"
)

// Planned describes the archive that the plan computed.
type Planned struct {
	// SHA256 is Archive.SHA256.
	SHA256 string
	// Manifest is Archive.Manifest, used to list the files that differ. It may be
	// empty.
	Manifest string
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
	if out.hasDigest(planned.SHA256) {
		return nil
	}
	r.Inspection = nil // the plan has already checked the certificates
	archive, err := build(ctx, nil, r, out, defaults())
	if err != nil {
		return err
	}
	if archive.SHA256 != planned.SHA256 {
		return &DifferError{Planned: planned.SHA256, Built: archive.SHA256, Changes: changes(planned.Manifest, archive.Entries)}
	}
	return out.commit(archive)
}

// DifferError reports that the sources of an archive have changed since the plan.
type DifferError struct {
	// Planned and Built are the digests of the two archives.
	Planned, Built string
	// Changes describes each file that differs. Empty if the planned manifest is
	// not known.
	Changes []string
}

// shownChanges is the maximum number of changes in the message. A longer list
// usually has one common cause.
const shownChanges = 20

// Error returns both digests, what to do, and the first shownChanges changes.
func (e *DifferError) Error() string {
	text := fmt.Sprintf("the sources differ from the plan: they now give an archive with the digest %s, but the plan has %s. "+
		"Plan again, or apply on a machine with the planned files", e.Built, e.Planned)
	if len(e.Changes) == 0 {
		return text
	}
	shown := e.Changes[:min(len(e.Changes), shownChanges)]
	text += "\n- " + strings.Join(shown, "\n- ")
	if more := len(e.Changes) - len(shown); more > 0 {
		text += fmt.Sprintf("\n- and %d more", more)
	}
	return text
}

// changes compares the files of a planned manifest with the current entries.
// Both must be sorted by path.
func changes(manifest string, current []Entry) []string {
	planned, err := ParseManifest(manifest)
	if err != nil {
		return nil // the planned files are not known
	}
	var found []string
	remaining := planned.Files
	for len(remaining) > 0 || len(current) > 0 {
		switch {
		case len(current) == 0 || len(remaining) > 0 && remaining[0].Path < current[0].Path:
			found = append(found, fmt.Sprintf("%q no longer exists", remaining[0].Path))
			remaining = remaining[1:]
		case len(remaining) == 0 || current[0].Path < remaining[0].Path:
			found = append(found, fmt.Sprintf("%q is new", current[0].Path))
			current = current[1:]
		default:
			if remaining[0] != current[0] {
				found = append(found, fmt.Sprintf("%q has a different %s", current[0].Path, difference(remaining[0], current[0])))
			}
			remaining, current = remaining[1:], current[1:]
		}
	}
	return found
}

func difference(planned, current Entry) string {
	if planned.SHA256 != current.SHA256 {
		return "content"
	}
	return fmt.Sprintf("mode, %04o instead of %04o", current.Mode, planned.Mode)
}
