// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// storageKind is the key registry's name for files on Cloud Storage, whichever
// resource has them. All spellings that a share may take for one path have one
// key.
const storageKind = "storage"

// holdFile waits until no other resource of this process changes a file, and
// begins a change of it.
func (s *session) holdFile(ctx context.Context, at string) (*keyTurn, error) {
	return s.keys.hold(ctx, storageKind, storage.Fold(at))
}

// fileLeaves reports whether a delete of a file runs or waits in this process.
func (s *session) fileLeaves(at string) bool { return s.keys.leaving(storageKind, storage.Fold(at)) }

// keepFile records that a resource of this process has a file, and what the file
// looks like on the share.
func (s *session) keepFile(turn *keyTurn, at string, placed storage.Object) {
	turn.keep(at)
	s.storage.mu.Lock()
	defer s.storage.mu.Unlock()
	if s.storage.placed == nil {
		s.storage.placed = map[string]storage.Object{}
	}
	s.storage.placed[at] = placed
}

// looksLike returns the files of this process that have the size and time of
// another one.
func (c *cloudStorage) looksLike(found storage.Object) []string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var paths []string
	for at, placed := range c.placed {
		if placed.Size == found.Size && placed.Modified.Equal(found.Modified) {
			paths = append(paths, at)
		}
	}
	return paths
}

// removeFile removes the file of a resource that is destroyed. A file that another
// resource of this process has created, updated or taken over stays.
func (s *session) removeFile(ctx context.Context, at, name string) diag.Diagnostics {
	var diags diag.Diagnostics
	turn, err := s.keys.leave(ctx, storageKind, storage.Fold(at))
	if err != nil {
		diags.Append(tf.Failure("remove "+name, err))
		return diags
	}
	defer turn.end()
	holder, err := s.fileHolder(ctx, at, turn.holders())
	switch {
	case err != nil:
		diags.Append(tf.Failure("find out whether another resource has "+name, err))
		return diags
	case holder != "":
		diags.AddWarning("Kept "+name, keptBecause(at, holder))
		return diags
	}
	store, err := s.openStorage(ctx)
	if err == nil {
		err = store.Remove(ctx, at)
	}
	if err != nil {
		diags.Append(tf.Failure("remove "+name, err))
	}
	return diags
}

func keptBecause(at, holder string) string {
	text := "Another resource of this configuration, or the replacement of this one, has the file now."
	if holder != at {
		text += fmt.Sprintf(" It is known there as %q, which Cloud Storage takes for the same path.", holder)
	}
	return text
}

// fileHolder returns the path under which another resource of this process has the
// file at a path; empty if none has. The share decides whether two paths are one
// file.
func (s *session) fileHolder(ctx context.Context, at string, holders []string) (string, error) {
	if slices.Contains(holders, at) {
		return at, nil
	}
	if len(s.keys.holdersOf(storageKind)) == 0 {
		return "", nil
	}
	store, err := s.openStorage(ctx)
	if err != nil {
		return "", err
	}
	found, err := store.Stat(ctx, at, storage.Object{})
	if storage.IsMissing(err) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	for _, other := range append(holders, s.storage.looksLike(found)...) {
		same, err := store.Same(ctx, at, other)
		if same || err != nil {
			return other, err
		}
	}
	return "", nil
}

// planFileComes warns if a plan also deletes a file that it creates or keeps.
func (s *session) planFileComes(at, name string) diag.Diagnostics {
	if !s.keys.planComing(storageKind, storage.Fold(at), at) {
		return nil
	}
	return s.twiceInPlan(name)
}

// planFileGoes is planFileComes for a file that the plan deletes.
func (s *session) planFileGoes(at, name string) diag.Diagnostics {
	if !s.keys.planGoing(storageKind, storage.Fold(at), at) {
		return nil
	}
	return s.twiceInPlan(name)
}

// twiceInPlan warns once about an object that one resource of a plan destroys and
// another one creates or keeps.
func (s *session) twiceInPlan(name string) diag.Diagnostics {
	if s.ledger.begun() || !s.ledger.once("destroyed and kept/"+name) {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("%s is both destroyed and kept", tf.Capitalised(name)),
		"One resource of the configuration destroys it, and another one creates or keeps it. If the resource was renamed, use a moved block: then nothing is destroyed.\n\n"+
			"  moved {\n    from = <old address>\n    to   = <new address>\n  }\n\n"+
			"An apply keeps the object if it creates or updates the other resource, and removes it if it leaves the other resource as it is.")}
}

// notProven is the warning about a file that was not found, although its absence
// is not proven.
func notProven(name string, err error) diag.Diagnostic {
	text := fmt.Sprintf("%s The state of %s is kept as it is.", tf.Sentence(err.Error()), name)
	if storage.IsEmptyShare(err) {
		text += " If the share was emptied on purpose, put any file on it and run the same command again, or create the object again with -replace=<address of this resource>."
	} else {
		text += " Run the same command again. If the warning stays, look at the folder on Cloud Storage."
	}
	return diag.NewWarningDiagnostic("Not refreshed", text)
}
