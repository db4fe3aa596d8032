// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package deploy

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// brokenShare returns an error for the status file of one server.
type brokenShare struct {
	Share
	server string
	err    error
}

func (s *brokenShare) Read(ctx context.Context, at string, limit int64) ([]byte, error) {
	if at == startup.StatusFile(s.server) {
		return nil, s.err
	}
	return s.Share.Read(ctx, at, limit)
}

// A folder or a link loop in place of a status file must affect only the server
// of that file.
func TestRubbishOfOneServer(t *testing.T) {
	t.Parallel()
	r := newRig(t, "web-1", "web-2")
	share := &brokenShare{Share: r, server: "web-2"}
	r.Share = share
	for name, err := range map[string]error{
		"folder":   &storage.Error{Operation: "read", Err: errors.New(`sftp: "Failure" (SSH_FX_FAILURE)`)},
		"no right": &storage.Error{Operation: "read", Kind: fs.ErrPermission, Err: fs.ErrPermission},
	} {
		share.err = err
		reports, err := r.Reports(t.Context(), "")
		if err != nil || len(reports) != 2 || reports[0].Unreadable != nil || reports[0].Status.Release != "v1" || reports[1].Unreadable == nil {
			t.Errorf("%s: got %+v, %v", name, reports, err)
		}
		if status, err := r.Status(t.Context(), "web-2"); err != nil || status.Started != "" {
			t.Errorf("%s: got %+v, %v", name, status, err)
		}
	}
	for name, err := range map[string]error{
		"outage":    &storage.Error{Operation: "read", Kind: storage.ErrUnreachable, Err: storage.ErrUnreachable},
		"cancelled": &storage.Error{Operation: "read", Err: context.Canceled},
	} {
		share.err = err
		if _, got := r.Reports(t.Context(), ""); !errors.Is(got, err) {
			t.Errorf("%s: got %v", name, got)
		}
	}
}

// If there are status files of thousands of nonexistent servers, Reports
// returns an error instead of reading each file.
func TestListingsAreBounded(t *testing.T) {
	t.Parallel()
	r := newRig(t)
	read := 0
	for i := range 20_000 {
		r.write(startup.StatusFile(fmt.Sprintf("x%d", i)), "{}")
	}
	r.onRead = func(string) { read++ }
	_, err := r.Reports(t.Context(), "")
	var many *TooManyError
	if !errors.As(err, &many) || many.Found != 20_000 || read != 0 {
		t.Errorf("got %v after %d reads", err, read)
	}
}
