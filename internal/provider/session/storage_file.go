// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// StorageKind is the kind under which all resource types register files on
// Cloud Storage in the key registry. The key of a file is its folded path, so
// all spellings that a share may treat as the same path have the same key.
const StorageKind = "storage"

// HoldFile waits until no other resource of this process changes a file, and
// then reserves the file for the caller's change.
func (s *Session) HoldFile(ctx context.Context, at string) (*keyTurn, error) {
	return s.Keys.Hold(ctx, StorageKind, storage.Fold(at))
}

// FileLeaves reports whether a delete of a file runs or waits in this process.
func (s *Session) FileLeaves(at string) bool { return s.Keys.Leaving(StorageKind, storage.Fold(at)) }

// KeepFile records that a resource of this process owns a file, and records the
// size and time of the file on the share.
func (s *Session) KeepFile(turn *keyTurn, at string, placed storage.Object) {
	turn.Keep(at)
	s.Storage.mu.Lock()
	defer s.Storage.mu.Unlock()
	delete(s.Storage.kept, storage.Fold(at))
	if s.Storage.placed == nil {
		s.Storage.placed = map[string]storage.Object{}
	}
	s.Storage.placed[at] = placed
}

// looksLike returns the paths of files that this process has placed and that
// have the same size and modification time as found.
func (c *CloudStorage) looksLike(found storage.Object) []string {
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

// RemoveFile removes the file of a destroyed resource. It keeps the file if another
// resource of this process has created, updated or taken over the file. It also keeps
// a file that is in use; RemoveKept removes such a file later. inUse is nil for files
// that are never in use.
func (s *Session) RemoveFile(ctx context.Context, at, name string, inUse InUse) diag.Diagnostics {
	var diags diag.Diagnostics
	turn, err := s.Keys.Leave(ctx, StorageKind, storage.Fold(at))
	if err != nil {
		diags.Append(tf.Failure("remove "+name, err))
		return diags
	}
	defer turn.End()
	holder, err := s.fileHolder(ctx, at, turn.Holders())
	switch {
	case err != nil:
		diags.Append(tf.Failure("find out whether another resource owns "+name, err))
		return diags
	case holder != "":
		diags.AddWarning("Kept "+name, keptBecause(at, holder))
		return diags
	}
	why, err := s.removeUnused(ctx, at, inUse)
	switch {
	case err != nil:
		diags.Append(tf.Failure("remove "+name, err))
	case why != "":
		diags.AddWarning("Kept "+name, keptInUse(why))
	}
	return diags
}

func keptBecause(at, holder string) string {
	text := "Another resource of this configuration, or the replacement of this one, owns the file now."
	if holder != at {
		text += fmt.Sprintf(" That resource has the path %q, which Cloud Storage treats as the same path.", holder)
	}
	return text
}

// fileHolder returns the path under which another resource of this process owns
// the file at a path. It returns "" if no resource does. The share decides whether
// two paths are the same file.
func (s *Session) fileHolder(ctx context.Context, at string, holders []string) (string, error) {
	if slices.Contains(holders, at) {
		return at, nil
	}
	if len(s.Keys.holdersOf(StorageKind)) == 0 {
		return "", nil
	}
	store, err := s.OpenStorage(ctx)
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
	for _, other := range append(holders, s.Storage.looksLike(found)...) {
		same, err := store.Same(ctx, at, other)
		if same || err != nil {
			return other, err
		}
	}
	return "", nil
}

// PlanFileKept records that a plan creates or keeps a file, and warns if the plan
// also deletes the file.
func (s *Session) PlanFileKept(at, name string) diag.Diagnostics {
	if !s.Keys.PlanComing(StorageKind, storage.Fold(at), at) {
		return nil
	}
	return s.TwiceInPlan(name)
}

// PlanFileDeleted records that a plan deletes a file, and warns if the plan also
// creates or keeps the file.
func (s *Session) PlanFileDeleted(at, name string) diag.Diagnostics {
	if !s.Keys.PlanGoing(StorageKind, storage.Fold(at), at) {
		return nil
	}
	return s.TwiceInPlan(name)
}

// TwiceInPlan warns once about an object that one resource of a plan destroys
// and another resource creates or keeps.
func (s *Session) TwiceInPlan(name string) diag.Diagnostics {
	if s.Phase.IsApply() || !s.Phase.FirstTime("destroyed and kept/"+name) {
		return nil
	}
	return diag.Diagnostics{diag.NewWarningDiagnostic(fmt.Sprintf("%s is both destroyed and kept", tf.Capitalised(name)),
		"One resource of the configuration destroys it, and another creates or keeps it. If the resource was renamed, add a moved block, so that nothing is destroyed:\n\n"+
			"  moved {\n    from = <old address>\n    to   = <new address>\n  }\n\n"+
			"The apply keeps the object if it creates or updates the other resource. It removes the object if the other resource does not change.")}
}

// NotProven returns the warning about a file that was not found, but whose
// absence is not proven. name is the noun phrase for the file.
func NotProven(name string, err error) diag.Diagnostic {
	text := fmt.Sprintf("%s The state of %s is kept as it is.", tf.Sentence(err.Error()), name)
	if storage.IsEmptyShare(err) {
		text += " If the share was emptied on purpose, put any file on it and run the same command again, or create the object again with -replace=<address of this resource>."
	} else {
		text += " Run the same command again. If the warning stays, look at the folder on Cloud Storage."
	}
	return diag.NewWarningDiagnostic("Not refreshed", text)
}
