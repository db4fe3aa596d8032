// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"context"
	"fmt"
	"strings"
)

// Planned is what a plan said about an archive.
type Planned struct {
	// SHA256 is Archive.SHA256.
	SHA256 string
	// Manifest is Archive.Manifest; it tells which files differ. May be empty.
	Manifest string
}

// RebuildFile builds an archive again, from its recipe, into the file at path:
// the apply of a saved plan does not read data sources again, and the machine
// that applies it need not be the one that planned. A file that is what was
// planned is left alone, without a look at the sources.
//
// When the sources give another archive than the planned one, no file is
// written and the error is a *DifferError.
func (r Recipe) RebuildFile(ctx context.Context, path string, planned Planned) error {
	out := &output{path: path}
	defer out.discard()
	if out.hasDigest(planned.SHA256) {
		return nil
	}
	r.Inspection = nil // what was good when it was planned
	archive, err := build(ctx, nil, r, out, defaults())
	if err != nil {
		return err
	}
	if archive.SHA256 != planned.SHA256 {
		return &DifferError{Planned: planned.SHA256, Built: archive.SHA256, Changes: changes(planned.Manifest, archive.Entries)}
	}
	return out.commit(archive)
}

// DifferError says that the sources of an archive are not those of the plan.
type DifferError struct {
	// Planned and Built are the digests.
	Planned, Built string
	// Changes names each file that differs, as far as that is known.
	Changes []string
}

// shownChanges is how many changes are listed: more have a common cause.
const shownChanges = 20

// Error says what differs and what to do.
func (e *DifferError) Error() string {
	text := fmt.Sprintf("the sources differ from the plan: they now give an archive with the digest %s, and %s was planned. "+
		"Plan again, or apply where the files are those of the plan", e.Built, e.Planned)
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

// changes compares the files of a planned manifest with entries; both are
// sorted by path.
func changes(manifest string, current []Entry) []string {
	planned, err := ParseManifest(manifest)
	if err != nil {
		return nil // nothing is known of the files
	}
	var found []string
	remaining := planned.Files
	for len(remaining) > 0 || len(current) > 0 {
		switch {
		case len(current) == 0 || len(remaining) > 0 && remaining[0].Path < current[0].Path:
			found = append(found, fmt.Sprintf("%q is not there any more", remaining[0].Path))
			remaining = remaining[1:]
		case len(remaining) == 0 || current[0].Path < remaining[0].Path:
			found = append(found, fmt.Sprintf("%q is new", current[0].Path))
			current = current[1:]
		default:
			if remaining[0] != current[0] {
				found = append(found, fmt.Sprintf("%q has another %s", current[0].Path, difference(remaining[0], current[0])))
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
