// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"strconv"
	"strings"
)

// UnprovenError reports that a list lacks an object, but no second call proves
// that the object is gone. The object may still exist, so treat it as
// unchanged.
type UnprovenError struct {
	// Object is the missing object, such as "server 700123".
	Object string
	// Reason is why the second call proves nothing.
	Reason error
}

// Error names the object and the reason.
func (e *UnprovenError) Error() string {
	return fmt.Sprintf("a list from GoGrid lacks %s, and no second lookup proves that it is gone: %v", e.Object, e.Reason)
}

// Unwrap returns the reason.
func (e *UnprovenError) Unwrap() error { return e.Reason }

// IsUnproven reports whether an error means that it is unknown whether an
// object exists: a list that lacks the object is incomplete or contradicts
// another answer, or a direct lookup failed.
func IsUnproven(err error) bool {
	var unproven *UnprovenError
	var incomplete *IncompleteError
	return errors.As(err, &unproven) || errors.As(err, &incomplete)
}

// errOtherObject is the error of a direct lookup whose answer shows another object.
var errOtherObject = errors.New("a direct lookup returned another object")

// Server returns the server with the given id. It returns nil only if the
// absence of the server is proven: a complete list lacks the server, and a
// direct lookup does not find it. Otherwise the error is an [UnprovenError].
// Snapshot remembers servers that are proven to be gone and does not look them
// up again.
func (s *Snapshot) Server(ctx context.Context, id int64) (*Server, error) {
	if s.isGone(id) {
		return nil, nil
	}
	server, unproven, err := s.servers.find(ctx, idKey(id))
	if server != nil || err != nil {
		return server, err
	}
	server, err = s.getServer(ctx, id)
	switch {
	case err == nil:
		s.serverFound(server)
		return server, nil
	case IsNotFound(err) && unproven == nil:
		s.serverGone(id)
		return nil, nil
	case IsNotFound(err):
		err = unproven
	}
	return nil, &UnprovenError{Object: fmt.Sprintf("server %d", id), Reason: err}
}

// getServer returns the server that a direct lookup finds. If there is no such
// server, [IsNotFound] is true for the error. The error is errOtherObject if
// the answer shows another server.
func (s *Snapshot) getServer(ctx context.Context, id int64) (*Server, error) {
	found, err := getServers(ctx, s.calls, id)
	switch {
	case err != nil:
		return nil, err
	case len(found) != 1 || found[0].ID != id:
		return nil, errOtherObject
	}
	return &found[0], nil
}

// FreshServer returns the server with the given id from a direct lookup instead
// of the shared list. Use it before an irreversible step. It returns nil if the
// lookup finds no server, but a nil result alone does not prove that the server
// is gone.
func (s *Snapshot) FreshServer(ctx context.Context, id int64) (*Server, error) {
	server, err := s.getServer(ctx, id)
	switch {
	case IsNotFound(err):
		return nil, nil
	case errors.Is(err, errOtherObject):
		return nil, &UnprovenError{Object: fmt.Sprintf("server %d", id), Reason: err}
	case err != nil:
		return nil, err
	}
	s.serverFound(server)
	return server, nil
}

// AddedServer returns a server that was added with the given name and public
// address and whose id is unknown. It returns nil only if it is proven that
// there is no such server. The proof has three parts: a complete list lacks the
// server, the address is free or belongs to another server, and no job is
// creating the server. Otherwise the error is an [UnprovenError].
func (s *Snapshot) AddedServer(ctx context.Context, name, address string) (*Server, error) {
	server, unproven, err := s.servers.find(ctx, addressKey(address))
	switch {
	case err != nil:
		return nil, err
	case server != nil && (name == "" || strings.EqualFold(server.Name, name)):
		return server, nil
	case server != nil:
		unproven = s.confirmHolder(ctx, server)
	case unproven == nil:
		unproven = s.confirmVacant(ctx, address)
	}
	if unproven == nil {
		unproven = s.confirmNotCreating(ctx, name, address)
	}
	if unproven == nil {
		return nil, nil
	}
	return nil, &UnprovenError{Object: fmt.Sprintf("server %q at %s", name, address), Reason: unproven}
}

// confirmHolder returns nil if a direct lookup confirms that a listed server
// has the listed address. An address belongs to one server at a time, but an
// old list may show an earlier server. confirmHolder trusts the list for a
// server without an id.
func (s *Snapshot) confirmHolder(ctx context.Context, holder *Server) error {
	if holder.Pending() {
		return nil // a direct lookup needs an id
	}
	found, err := s.getServer(ctx, holder.ID)
	if err == nil && found.IP.Address != holder.IP.Address {
		err = fmt.Errorf("the server %q (id %d) is listed at %s, but a direct lookup shows it at %s",
			holder.Name, holder.ID, holder.IP.Address, found.IP.Address)
	}
	return err
}

// confirmVacant returns an error if an address is assigned or its state is
// unknown.
func (s *Snapshot) confirmVacant(ctx context.Context, address string) error {
	s.ips.expire()
	ip, err := s.IPAt(ctx, address)
	if err == nil && ip != nil && ip.Assigned() {
		err = fmt.Errorf("the address %s is assigned", address)
	}
	return err
}

// confirmNotCreating returns an error if a job is creating or has created the
// server. It returns nil if the API key may not list jobs.
func (s *Snapshot) confirmNotCreating(ctx context.Context, name, address string) error {
	jobs, err := listJobs(ctx, s.calls, url.Values{"object": {name}}, defaultJobs)
	switch {
	case IsDenied(err) && s.calls.history.isPermanentRefusal(err):
		return nil
	case err != nil:
		return err
	}
	if job := newJobIndex(jobs).newestOfServer(name, address, JobAny); job != nil && createsServer(job) {
		return fmt.Errorf("%s is %s", job, job.State().Name)
	}
	return nil
}

// createsServer reports whether a job is unfinished (it may still change the
// server) or has created the server.
func createsServer(job *Job) bool {
	return !job.Finished() || job.Succeeded() && job.Command.Matches(JobCreateVirtualServer)
}

// Image returns the image with the given id or (unique) name, ignoring case.
// Like [Snapshot.Server], Image returns nil only if it is proven that there is
// no such image.
func (s *Snapshot) Image(ctx context.Context, idOrName string) (*Image, error) {
	if idOrName == "" {
		return nil, nil
	}
	id, err := strconv.ParseInt(idOrName, 10, 64)
	byID := err == nil
	if byID {
		if image, err := s.images.peek(ctx, idKey(id)); image != nil || err != nil {
			return image, err
		}
	}
	if image, err := s.images.peek(ctx, nameKey(idOrName)); image != nil || err != nil {
		return image, err
	}
	key, form := nameKey(idOrName), url.Values{"name": {idOrName}}
	if byID {
		key, form = idKey(id), idForm(id)
	}
	image, unproven, err := s.images.find(ctx, key)
	if image == nil && err == nil && byID {
		image, err = s.images.peek(ctx, nameKey(idOrName)) // a name may be a number
	}
	if image != nil || err != nil {
		return image, err
	}
	return s.confirmImage(ctx, idOrName, form, unproven)
}

// confirmImage looks up an image that the list lacks. unproven is the reason
// why the list may be incomplete, or nil. confirmImage returns nil if the
// lookup finds no image and unproven is nil.
func (s *Snapshot) confirmImage(ctx context.Context, idOrName string, form url.Values, unproven error) (*Image, error) {
	found, err := getImages(ctx, s.calls, form)
	switch {
	case IsNotFound(err) && unproven == nil:
		return nil, nil
	case IsNotFound(err):
		err = unproven
	case err == nil && len(found) == 1 && found[0].Matches(idOrName):
		s.images.update(func(list *indexedList[Image]) { list.put(&found[0]) })
		return &found[0], nil
	case err == nil:
		err = errOtherObject
	}
	return nil, &UnprovenError{Object: fmt.Sprintf("image %q", idOrName), Reason: err}
}

// IPAt returns an address of the account. The API has no direct lookup of
// addresses, so IPAt returns nil only if two lists lack the address and the
// second list is complete. Otherwise the error is an [UnprovenError].
func (s *Snapshot) IPAt(ctx context.Context, address string) (*IP, error) {
	if address == "" {
		return nil, nil
	}
	ip, incomplete, err := s.ips.find(ctx, addressKey(address))
	if ip != nil || err != nil || incomplete == nil {
		return ip, err
	}
	return nil, &UnprovenError{Object: "address " + address, Reason: incomplete}
}
