// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// InUse returns the reason why servers still need a file, or "" if they do not need
// it. The reason is a clause such as "the channel file channels/web.json names it".
type InUse func(ctx context.Context, store *storage.Store, at string) (string, error)

// keepFile records that a file stays although its resource was destroyed.
func (c *CloudStorage) keepFile(at string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kept == nil {
		c.kept = map[string]string{}
	}
	c.kept[storage.Fold(at)] = at
}

// forgetFile removes the record that keepFile made.
func (c *CloudStorage) forgetFile(at string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.kept, storage.Fold(at))
}

// FileKept reports whether a file stays on Cloud Storage although its resource was
// destroyed in this process. Another resource may replace such a file.
func (s *Session) FileKept(at string) bool {
	s.Storage.mu.Lock()
	defer s.Storage.mu.Unlock()
	_, kept := s.Storage.kept[storage.Fold(at)]
	return kept
}

// removeUnused removes a file unless it is in use. If the file is in use, removeUnused
// records it as kept and returns the reason. The caller must hold the turn of the
// file.
func (s *Session) removeUnused(ctx context.Context, at string, inUse InUse) (string, error) {
	store, err := s.OpenStorage(ctx)
	if err != nil {
		return "", err
	}
	if inUse != nil {
		// Record the file before the check. If the use ends after the check, RemoveKept then
		// finds the record and removes the file.
		s.Storage.keepFile(at)
		why, err := inUse(ctx, store, at)
		if why != "" {
			return why, nil
		}
		s.Storage.forgetFile(at)
		if err != nil {
			return "", fmt.Errorf("find out whether servers still need it: %w", err)
		}
	}
	return "", store.Remove(ctx, at)
}

// RemoveKept removes kept files of destroyed resources that are no longer in use. It
// must be called after a use has ended. A file that cannot be removed is only a
// warning, because no resource manages the file.
func (s *Session) RemoveKept(ctx context.Context, inUse InUse) diag.Diagnostics {
	s.Storage.mu.Lock()
	kept := slices.Sorted(maps.Values(s.Storage.kept))
	s.Storage.mu.Unlock()
	var diags diag.Diagnostics
	for _, at := range kept {
		if err := s.removeKeptFile(ctx, at, inUse); err != nil {
			diags.AddWarning(fmt.Sprintf("Could not remove the file %q", at), tf.Sentence(err.Error())+" No resource manages the file: remove it from Cloud Storage yourself.")
		}
	}
	return diags
}

func (s *Session) removeKeptFile(ctx context.Context, at string, inUse InUse) error {
	turn, err := s.Keys.Leave(ctx, StorageKind, storage.Fold(at))
	if err != nil {
		return err
	}
	defer turn.End()
	if !s.FileKept(at) {
		return nil // another resource has taken over the file, or the file has been removed
	}
	holder, err := s.fileHolder(ctx, at, turn.Holders())
	if err != nil || holder != "" {
		return err
	}
	_, err = s.removeUnused(ctx, at, inUse)
	return err
}

// keptInUse returns the text of the warning about a file that stays because it is in
// use. why is the reason that InUse returned.
func keptInUse(why string) string {
	return tf.Sentence("the file stays, because "+why) + " This apply removes the file once that has changed. If this apply does not change it, the file is no longer managed: " +
		"remove it yourself when servers do not need it any more. With create_before_destroy in the lifecycle block of this resource, the new file and its use come first, and no file stays."
}
