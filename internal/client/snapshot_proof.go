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

// UnprovenError describes an object that a list lacks, although no second look
// proves that the object is gone. The object may exist: treat it as unchanged.
type UnprovenError struct {
	// Object names the object, such as "server 700123".
	Object string
	// Reason says why the second look proves nothing.
	Reason error
}

// Error names the object and the reason.
func (e *UnprovenError) Error() string {
	return fmt.Sprintf("a list from GoGrid lacks %s, and no second look proves that it is gone: %v", e.Object, e.Reason)
}

// Unwrap returns the reason.
func (e *UnprovenError) Unwrap() error { return e.Reason }

// IsUnproven reports whether an error leaves open if an object exists: a list
// that lacks the object is incomplete or contradicted, or a direct look failed.
func IsUnproven(err error) bool {
	var unproven *UnprovenError
	var incomplete *IncompleteError
	return errors.As(err, &unproven) || errors.As(err, &incomplete)
}

// errOtherObject is the failure of a direct look whose answer shows another
// object.
var errOtherObject = errors.New("a direct look was answered with another object")

// Server returns the server with the id. It returns nil only if that is proven:
// a complete list lacks the server, and a direct look says that it does not
// exist. The error is an [UnprovenError] if the looks prove neither. What was
// proven once is not looked at again.
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

// getServer returns the server that a direct look shows. The error is one of
// [IsNotFound] if the look shows no server, and errOtherObject if the answer is
// about another one.
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

// FreshServer returns the server with the id from a direct look instead of the
// shared list. Use it before an irreversible step. It returns nil if the direct
// look shows no server, which alone proves nothing.
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

// AddedServer returns the server that was added under a name with a public
// address and whose id is not known. It returns nil only if that is proven: a
// complete list lacks the server, the address is free or a direct look shows
// another server there, and no job is making the server. The error is an
// [UnprovenError] otherwise.
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

// confirmHolder returns an error if a listed server may not hold its address. An
// address belongs to one server at a time, but an old list shows an earlier
// holder.
func (s *Snapshot) confirmHolder(ctx context.Context, holder *Server) error {
	if holder.Pending() {
		return nil // a direct look shows only servers with an id
	}
	found, err := s.getServer(ctx, holder.ID)
	if err == nil && found.IP.Address != holder.IP.Address {
		err = fmt.Errorf("the server %q (id %d) is listed at %s and is at %s",
			holder.Name, holder.ID, holder.IP.Address, found.IP.Address)
	}
	return err
}

// confirmVacant returns an error unless an address is vacant.
func (s *Snapshot) confirmVacant(ctx context.Context, address string) error {
	s.ips.expire()
	ip, err := s.IPAt(ctx, address)
	if err == nil && ip != nil && ip.Assigned() {
		err = fmt.Errorf("the address %s is assigned", address)
	}
	return err
}

// confirmNotCreating returns an error if a job may be making a server; nil if no job
// is, or if the key may not list jobs.
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

// createsServer reports whether a job is making a server, or has made one.
func createsServer(job *Job) bool {
	return !job.Finished() || job.Succeeded() && job.Command.Matches(JobCreateVirtualServer)
}

// Image returns the image with the id or the (unique) name. Names are compared
// without regard to case. It returns nil only if that is proven, as
// [Snapshot.Server] does.
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

// confirmImage is the direct look at an image that the list lacks.
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

// IPAt returns the account's address. It returns nil only if that is proven:
// two complete lists lack the address. (The API has no direct look at an
// address.) The error is an [UnprovenError] otherwise.
func (s *Snapshot) IPAt(ctx context.Context, address string) (*IP, error) {
	if address == "" {
		return nil, nil
	}
	ip, doubt, err := s.ips.find(ctx, addressKey(address))
	if ip != nil || err != nil || doubt == nil {
		return ip, err
	}
	return nil, &UnprovenError{Object: "address " + address, Reason: doubt}
}
