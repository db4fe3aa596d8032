// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"sync"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/report"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// leaseFiles adapts the store of Cloud Storage to the file operations that leases
// need.
type leaseFiles struct{ *storage.Store }

// Times returns the modification times of the files below a prefix, by path.
func (f leaseFiles) Times(ctx context.Context, prefix string) (map[string]time.Time, error) {
	found, err := f.List(ctx, prefix)
	times := make(map[string]time.Time, len(found))
	for _, object := range found {
		times[object.Path] = object.Modified
	}
	return times, err
}

// Read reads a file from the store. If the share shows no files at all, Read
// reports the lease as missing.
func (f leaseFiles) Read(ctx context.Context, path string, limit int64) ([]byte, error) {
	text, err := f.Store.Read(ctx, path, limit)
	if storage.IsEmptyShare(err) {
		return nil, fs.ErrNotExist
	}
	return text, err
}

// maxLeaseTries is the maximum number of attempts to create a lease if the
// connection breaks.
const maxLeaseTries = 3

// CreateExclusive creates a file in the store. If the connection breaks, it is
// unknown whether the file was created, so CreateExclusive tries again. If a
// file with the same content then exists, the earlier attempt created it.
func (f leaseFiles) CreateExclusive(ctx context.Context, path string, content []byte) error {
	var err error
	for try := range maxLeaseTries {
		err = f.Store.CreateExclusive(ctx, path, content)
		if try > 0 && errors.Is(err, fs.ErrExist) {
			if text, readErr := f.Read(ctx, path, int64(len(content))); readErr == nil && bytes.Equal(text, content) {
				return nil
			}
		}
		if !errors.Is(err, storage.ErrLost) {
			return err
		}
	}
	return err
}

// Replace replaces the content of a file in one step.
func (f leaseFiles) Replace(ctx context.Context, path string, content []byte) error {
	_, err := f.Put(ctx, path, storage.Bytes(content))
	return err
}

// Leases returns the leases of private addresses on Cloud Storage, or nil if
// there is no cloud_storage block. Leases prevent other states, and concurrent
// applies of this state, from choosing the same addresses.
func (s *Session) Leases(ctx context.Context) (*allocation.Leases, error) {
	if !s.Storage.Set {
		return nil, nil
	}
	store, err := s.OpenStorage(ctx)
	if err != nil {
		return nil, err
	}
	return &allocation.Leases{Files: leaseFiles{store}, Owner: s.Deployment, Expiry: s.Storage.LeaseExpiry, Clock: s.Clock, ProcessStart: s.Storage.Begun}, nil
}

// leftLeases holds the leases that earlier processes of the deployment left for
// addresses without a server. Each process lists them once.
type leftLeases struct {
	Mu     sync.Mutex
	Listed bool
	Found  []*allocation.LeasedError
}

// LeasedProblem returns the error about a configured address that is leased.
func (s *Session) LeasedProblem(leased *allocation.LeasedError) report.Problem {
	text := tf.Sentence(leased.Error())
	if leased.Left {
		text += " The lease belongs to this deployment, for another label. If an interrupted apply left the lease, set that label, or remove the file."
	}
	if s.Storage.LeaseExpiry == 0 {
		text += " Or set leases_expire_after in the provider's cloud_storage block: the provider takes over an older lease once no server has the address."
	}
	return report.Error(path.Root("address"), "Address "+leased.Lease.Address+" is leased", text)
}
