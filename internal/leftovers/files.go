// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"
	"time"

	"golang.org/x/sync/errgroup"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// Share is the part of Cloud Storage that this package uses. [storage.Store]
// implements it.
type Share interface {
	Read(ctx context.Context, at string, limit int64) ([]byte, error)
	List(ctx context.Context, prefix string) ([]storage.Object, error)
	Unfinished(ctx context.Context, prefix string) ([]storage.Object, error)
	Remove(ctx context.Context, at string) error
}

const (
	// maxFileSize is the maximum size in bytes of a file to read. Leases and
	// pins are smaller.
	maxFileSize = 256 << 10
	// readers is the maximum number of files that are read concurrently.
	readers = 8
)

// fileKind describes one kind of file that belongs to a deployment.
type fileKind struct {
	// folder ends in a slash.
	folder string
	// read decodes a file. The owner is empty if the file cannot be decoded.
	read func(at string, content []byte) (owner string, found Finding)
	// accounted reports whether a resource manages the file.
	accounted func(found Finding) bool
}

// fileKinds returns the kinds of files: leases and pins. names holds the names, in
// lower case, of the servers that are accounted for.
func (f *Finder) fileKinds(names map[string]bool) []fileKind {
	return []fileKind{
		{
			folder: allocation.LeaseFolder, read: readLease,
			accounted: func(found Finding) bool { return f.Accounted.PrivateAddress(found.Address) },
		},
		{
			folder: path.Dir(startup.ServerFile("x")) + "/", read: readPin,
			accounted: func(found Finding) bool {
				return names[strings.ToLower(found.Name)] || f.Accounted.ServerName(found.Name)
			},
		},
	}
}

// Files returns the leases of private addresses and the pins of servers that
// name the deployment as their owner and are not accounted for. Leases come
// before pins, and both are sorted by path. Without Cloud Storage it returns
// nil.
func (f *Finder) Files(ctx context.Context) ([]Finding, error) {
	if f.Share == nil || f.Deployment == "" {
		return nil, nil
	}
	names, err := f.serverNames(ctx)
	if err != nil {
		return nil, err
	}
	var findings []Finding
	for _, kind := range f.fileKinds(names) {
		found, err := f.filesOf(ctx, kind)
		if err != nil {
			return nil, err
		}
		findings = append(findings, found...)
	}
	return findings, f.addLeaseCommands(ctx, findings)
}

// serverNames returns the names, in lower case, of the servers that are accounted
// for.
func (f *Finder) serverNames(ctx context.Context) (map[string]bool, error) {
	servers, err := f.Client.Snapshot.Servers(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the servers: %w", err)
	}
	names := map[string]bool{}
	for i := range servers {
		if f.Accounted.Server(&servers[i]) {
			names[strings.ToLower(servers[i].Name)] = true
		}
	}
	return names, nil
}

// filesOf returns the leftover files of one kind, including unfinished uploads. It
// skips a file that vanishes between the listing and the read.
func (f *Finder) filesOf(ctx context.Context, kind fileKind) ([]Finding, error) {
	// List complete files, then unfinished uploads.
	objects, err := f.Share.List(ctx, kind.folder)
	if err != nil {
		return nil, fmt.Errorf("list %s on Cloud Storage: %w", kind.folder, err)
	}
	parts, err := f.Share.Unfinished(ctx, kind.folder)
	if err != nil {
		return nil, fmt.Errorf("list unfinished uploads in %s on Cloud Storage: %w", kind.folder, err)
	}
	whole := len(objects)
	objects = append(objects, parts...)

	// Read the files concurrently.
	contents := make([][]byte, len(objects))
	tasks, shared := errgroup.WithContext(ctx)
	tasks.SetLimit(readers)
	for i, object := range objects {
		tasks.Go(func() error {
			text, err := f.Share.Read(shared, object.Path, maxFileSize)
			switch {
			case errors.Is(err, fs.ErrNotExist), errors.Is(err, storage.ErrTooLarge):
				return nil
			case err != nil:
				return fmt.Errorf("read %s on Cloud Storage: %w", object.Path, err)
			}
			contents[i] = text
			return nil
		})
	}
	if err := tasks.Wait(); err != nil {
		return nil, err
	}

	// Keep the files of the deployment. An unfinished upload is always a leftover.
	var findings []Finding
	for i, object := range objects {
		owner, found := kind.read(storage.PartOf(object.Path), contents[i])
		if owner != f.Deployment || i < whole && kind.accounted(found) {
			continue
		}
		if i >= whole {
			found.What = "an unfinished upload of " + storage.PartOf(object.Path)
		}
		found.Path, found.content = object.Path, contents[i]
		found.Tag.Deployment = owner
		findings = append(findings, found)
	}
	sortByPath(findings)
	return findings, nil
}

// readLease decodes a lease and returns its owner. The owner is empty if the
// file cannot be decoded, or if its path does not match the lease.
func readLease(at string, content []byte) (string, Finding) {
	var lease allocation.Lease
	if json.Unmarshal(content, &lease) != nil || allocation.LeasePath(lease.Address) != at {
		return "", Finding{}
	}
	return lease.Owner, Finding{
		Kind: KindLease, Address: lease.Address, Name: lease.Label, Since: lease.Since,
		What: "the lease of a private address that no resource manages",
	}
}

// readPin decodes the pin of a server and returns its owner. The owner is empty
// if the file cannot be decoded, or if its path is not the path of a pin.
func readPin(at string, content []byte) (string, Finding) {
	name := strings.TrimSuffix(path.Base(at), ".json")
	var pointer startup.Pointer
	if json.Unmarshal(content, &pointer) != nil || startup.ServerFile(name) != at {
		return "", Finding{}
	}
	since, err := time.Parse(time.RFC3339, pointer.UpdatedAt)
	if err != nil {
		since = time.Time{}
	}
	return pointer.UpdatedBy, Finding{
		Kind: KindPin, Name: name, Since: since, What: "the release of a server that no resource manages",
	}
}

// addLeaseCommands adds to each lease the command that imports its address. The
// command contains the address's id, which addLeaseCommands looks up on the
// grid.
func (f *Finder) addLeaseCommands(ctx context.Context, findings []Finding) error {
	for i := range findings {
		if findings[i].Kind != KindLease {
			continue
		}
		ip, err := f.Client.Snapshot.IPAt(ctx, findings[i].Address)
		if err != nil {
			return fmt.Errorf("look up the address %s: %w", findings[i].Address, err)
		}
		if ip != nil {
			findings[i].keep = fmt.Sprintf("terraform import gogrid_private_ip.NAME %d", ip.ID)
		}
	}
	return nil
}
