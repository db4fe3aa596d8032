// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package deploy

import (
	"context"
	"errors"
	"fmt"
	"path"
	"slices"
	"strings"

	"golang.org/x/sync/errgroup"

	"github.com/gogrid/terraform-provider-gogrid/internal/startup"
)

// Report combines the pin and the status of a server.
type Report struct {
	Server string
	// Pinned is the release that the server loads at its next boot; empty if the
	// server follows its channel.
	Pinned string
	Group  string
	// UnderWay reports whether a step of the server is open: an apply is working
	// on the step, or was killed before the step ended.
	UnderWay bool
	// Status is zero until the server has reported a boot.
	Status startup.Status
	// Unreadable is the reason why Status is unknown, or nil if Status is known.
	Unreadable error
}

// Reports returns the reports of the servers in a group, sorted by name. An empty
// group means all servers.
func (d *Deployer) Reports(ctx context.Context, group string) ([]Report, error) {
	names, err := d.serversWith(ctx, startup.ServerFile, startup.StatusFile)
	if err != nil {
		return nil, err
	}
	reports := make([]Report, len(names))
	tasks, ctx := errgroup.WithContext(ctx)
	tasks.SetLimit(maxParallel)
	for i, name := range names {
		tasks.Go(func() (err error) {
			reports[i], err = d.Report(ctx, name)
			return err
		})
	}
	if err := tasks.Wait(); err != nil {
		return nil, err
	}
	return slices.DeleteFunc(reports, func(r Report) bool { return group != "" && r.Group != group }), nil
}

// maxServers is the maximum number of servers with files on Cloud Storage. GoGrid's
// largest known accounts had 1,000 servers. Each file takes a separate round trip to
// read, and reading 20,000 files took minutes.
const maxServers = 2000

// TooManyError is returned if Cloud Storage holds the files of more servers than an
// account can have.
type TooManyError struct {
	Found int
	// Folder is the first of the folders that hold these files.
	Folder string
}

func (e *TooManyError) Error() string {
	return fmt.Sprintf("Cloud Storage holds files of %d servers in the folder %s, more than %d. A server may have written them: remove the files of servers that do not exist", e.Found, e.Folder, maxServers)
}

// serversWith returns the sorted names of the servers that have at least one of
// the given files.
func (d *Deployer) serversWith(ctx context.Context, files ...func(string) string) ([]string, error) {
	var names []string
	for _, file := range files {
		found, err := d.Share.List(ctx, path.Dir(file("x"))+"/")
		if err != nil {
			return nil, err
		}
		for _, object := range found {
			if name := strings.TrimSuffix(path.Base(object.Path), ".json"); file(name) == object.Path {
				names = append(names, name)
			}
		}
	}
	slices.Sort(names)
	names = slices.Compact(names)
	if len(names) > maxServers {
		return nil, &TooManyError{len(names), path.Dir(files[0]("x"))}
	}
	return names, nil
}

// Report reads the pin and the status of one server.
func (d *Deployer) Report(ctx context.Context, name string) (Report, error) {
	current, err := d.readPin(ctx, name)
	if err != nil {
		return Report{}, err
	}
	status, err := d.readStatus(ctx, name)
	var unreadable *UnreadableError
	if errors.As(err, &unreadable) {
		return Report{Server: name, Pinned: current.Release, Group: current.Group, UnderWay: current.open(), Unreadable: unreadable}, nil
	}
	return Report{Server: name, Pinned: current.Release, Group: current.Group, UnderWay: current.open(), Status: status}, err
}
