// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

const (
	// removals is the maximum number of objects that are removed concurrently.
	removals = 8
	// maxTries bounds how often a deletion is sent. A deletion is repeated if
	// its response is lost, or if it conflicts with another change of the
	// object.
	maxTries = 4
)

// ChangedError reports that an object has changed since it was found. Such an object
// is not removed.
type ChangedError struct {
	Finding Finding
	// Current describes the object that a direct read returned.
	Current string
}

// Error describes the current object. The caller names the finding.
func (e *ChangedError) Error() string {
	return fmt.Sprintf("it has changed since it was found, so it was not removed: it is now %s", e.Current)
}

// errKept explains why a file is kept: its server still exists.
var errKept = errors.New("it belongs to a server that could not be removed")

// Sweep removes findings and calls report with the result of each: nil, or the
// reason why the object exists or may exist. Immediately before each removal
// Sweep reads the object directly, and does not remove a changed object. Sweep
// returns once every removal is proven. It continues after failures; its error
// joins the errors of all objects. The report function is not called
// concurrently.
func (f *Finder) Sweep(ctx context.Context, findings []Finding, report func(Finding, error)) error {
	s := &sweep{Finder: f, report: report, notRemoved: map[string]bool{}}
	s.removeAll(ctx, findings, func(found Finding) bool { return found.Path == "" })
	// Remove the files of a server only after the server is gone.
	s.removeAll(ctx, findings, func(found Finding) bool { return found.Path != "" })
	return errors.Join(s.failures...)
}

// sweep holds the state of one call of Sweep.
type sweep struct {
	*Finder

	mu       sync.Mutex
	report   func(Finding, error)
	failures []error
	// notRemoved holds the names and private addresses of servers that could not be
	// removed.
	notRemoved map[string]bool
}

// removeAll removes the findings for which chosen returns true, several at a time.
func (s *sweep) removeAll(ctx context.Context, findings []Finding, chosen func(Finding) bool) {
	var tasks errgroup.Group
	tasks.SetLimit(removals)
	for _, found := range findings {
		if chosen(found) {
			tasks.Go(func() error {
				s.record(found, s.remove(ctx, found))
				return nil
			})
		}
	}
	_ = tasks.Wait() // each failure is recorded
}

// record calls s.report with the result of a removal, and keeps an error for
// the result of Sweep.
func (s *sweep) record(found Finding, err error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err != nil {
		s.failures = append(s.failures, fmt.Errorf("remove %s: %w", found, err))
		s.notRemoved[found.Name], s.notRemoved[found.Private] = true, true
	}
	s.report(found, err)
}

// remove removes one finding. It returns nil once the object is proven to be gone.
func (s *sweep) remove(ctx context.Context, found Finding) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	switch found.Kind {
	case KindServer, KindSandbox:
		return s.removeServer(ctx, found)
	case KindImage:
		return s.removeImage(ctx, found)
	case KindLease, KindPin:
		return s.removeFile(ctx, found)
	default:
		return fmt.Errorf("objects of the kind %q cannot be removed", found.Kind)
	}
}

// removeServer deletes a server or sandbox and waits until it is proven to be gone.
// If GoGrid is still creating the server, it has no id yet, so removeServer first
// waits for the id.
func (s *sweep) removeServer(ctx context.Context, found Finding) error {
	if found.ID == 0 {
		created, err := s.Client.Watch.Server(ctx, client.ServerWait{
			Operation: client.OperationCreateServer, Name: found.Name, Address: found.Address,
			Job: client.JobCreateVirtualServer, Done: isCreated,
		})
		var job *client.JobError
		var gone *client.GoneError
		if errors.As(err, &job) || errors.As(err, &gone) {
			return nil // GoGrid could not create the server
		}
		if err != nil {
			return err
		}
		found.ID = created.ID
	}
	if found.deleting {
		// The deletion that GoGrid has begun may fail. Delete the server again unless
		// it is proven to be gone.
		if gone, err := s.awaitGone(ctx, found, true); gone || err != nil {
			return err
		}
	}
	// Read the server again: it must still be the server that was found.
	current, err := s.Client.Snapshot.FreshServer(ctx, found.ID)
	if err != nil {
		return fmt.Errorf("read it again: %w", err)
	}
	if current == nil {
		_, err := s.awaitGone(ctx, found, false)
		return err
	}
	if !sameServer(found, current) {
		return &ChangedError{Finding: found, Current: fmt.Sprintf("%s with the description %q", serverFinding(current), current.Description)}
	}
	return s.deleteServer(ctx, found)
}

// isCreated reports whether a server exists and has its id.
func isCreated(server *client.Server) bool { return server != nil && !server.Pending() }

// sameServer reports whether a server is still the object that was found. It
// compares the whole tag: if the tag's key has become the key of a prepared
// sandbox, an apply is using the sandbox.
func sameServer(found Finding, current *client.Server) bool {
	return current.ID == found.ID && current.IP.Address == found.Address && current.Name == found.Name && found.Tag.On(current.Description)
}

// deleteServer sends the deletion and waits until the server is proven to be gone. It
// retries the call if the response is lost, or if the call conflicts with another
// change of the server.
func (s *sweep) deleteServer(ctx context.Context, found Finding) error {
	var last error
	for range maxTries {
		if err := ctx.Err(); err != nil {
			return err
		}
		// Cancelling ctx must not interrupt a call in flight, because its
		// outcome would then be unknown.
		_, last = s.Client.Servers.Delete(context.WithoutCancel(ctx), found.ID)
		if last != nil && !client.IsOutcomeUnknown(last) && !client.IsConflict(last) && !client.IsNotFound(last) {
			return last
		}
		gone, err := s.awaitGone(ctx, found, last != nil)
		switch {
		case gone:
			return nil
		case err != nil && !client.IsConflict(err):
			return err
		case err != nil:
			last = err
			// The conflicting change may be a deletion.
			if gone, err := s.awaitGone(ctx, found, true); gone || err != nil {
				return err
			}
		}
	}
	return last
}

// awaitGone waits until a server is proven to be gone, and reports whether the
// server is gone. If idle is true, awaitGone also returns once the server
// exists and no job changes it.
func (s *sweep) awaitGone(ctx context.Context, found Finding, idle bool) (bool, error) {
	current, err := s.Client.Watch.Server(ctx, client.ServerWait{
		Operation: client.OperationDeleteServer, ID: found.ID, Name: found.Name, Address: found.Address,
		Done: func(current *client.Server) bool { return current == nil }, Job: client.JobAny, Idle: idle,
	})
	return err == nil && current == nil, err
}

// removeImage moves an image to the trash and waits until it is there.
func (s *sweep) removeImage(ctx context.Context, found Finding) error {
	var last error
	for range maxTries {
		if err := ctx.Err(); err != nil {
			return err
		}
		current, err := s.image(ctx, found)
		switch {
		case err != nil:
			return err
		case inTrash(current):
			return nil
		case current.State.Matches(client.ImageSaving):
			// An image that is being saved cannot be deleted yet.
			saved := func(current *client.Image) bool { return current == nil || !current.State.Matches(client.ImageSaving) }
			if err := s.awaitImage(ctx, client.OperationSaveImage, found, saved); err != nil {
				return err
			}
		}
		_, last = s.Client.Images.Delete(context.WithoutCancel(ctx), found.ID)
		switch {
		case last == nil, client.IsNotFound(last):
			return s.awaitImage(ctx, client.OperationDeleteImage, found, inTrash)
		case !client.IsOutcomeUnknown(last):
			return last
		}
	}
	return last
}

// image reads the image directly. It returns nil if the image is proven to be gone.
// The error is a [ChangedError] if the id now belongs to a different object.
func (s *sweep) image(ctx context.Context, found Finding) (*client.Image, error) {
	images, err := s.Client.Images.Get(ctx, found.ID)
	switch {
	case client.IsNotFound(err):
		s.Client.Snapshot.Refresh(client.KindImages)
		listed, err := s.Client.Snapshot.Image(ctx, strconv.FormatInt(found.ID, 10))
		if err == nil && listed != nil && !inTrash(listed) {
			err = fmt.Errorf("the list of images shows image %d, but a direct read does not; run the same command again", found.ID)
		}
		return nil, err
	case err != nil:
		return nil, fmt.Errorf("read it again: %w", err)
	case len(images) != 1 || images[0].ID != found.ID || !found.Tag.On(images[0].Description):
		current := "another object"
		if len(images) == 1 {
			current = fmt.Sprintf("%s with the description %q", imageFinding(&images[0]), images[0].Description)
		}
		return nil, &ChangedError{Finding: found, Current: current}
	}
	return &images[0], nil
}

// awaitImage waits until done returns true for the image.
func (s *sweep) awaitImage(ctx context.Context, operation client.Operation, found Finding, done func(*client.Image) bool) error {
	_, err := s.Client.Watch.Image(ctx, client.ImageWait{Operation: operation, ID: found.ID, FriendlyName: found.Name, Done: done})
	return err
}

// removeFile removes a file from Cloud Storage if its content has not changed since
// it was found.
func (s *sweep) removeFile(ctx context.Context, found Finding) error {
	if s.belongsToRemaining(found) {
		return errKept
	}
	content, err := s.Share.Read(ctx, found.Path, maxFileSize)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return fmt.Errorf("read it again: %w", err)
	case !bytes.Equal(content, found.content):
		return &ChangedError{Finding: found, Current: "a file with different content"}
	}
	if err := s.Share.Remove(ctx, found.Path); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// belongsToRemaining reports whether a file belongs to a server that could not be removed.
func (s *sweep) belongsToRemaining(found Finding) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if found.Kind == KindLease {
		return s.notRemoved[found.Address]
	}
	return s.notRemoved[found.Name]
}
