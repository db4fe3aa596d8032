// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
)

// Finder finds and removes the leftovers of one deployment.
type Finder struct {
	Client     *client.Client
	Deployment string
	// Accounted reports which objects a resource manages.
	Accounted Accounted
	// Share is Cloud Storage; nil if the deployment uses none.
	Share Share
}

// Grid returns the servers, sandboxes and images that carry the deployment's
// tag and that are not accounted for, in the order of the lists. The error is a
// [client.IncompleteError] if a list may be incomplete.
func (f *Finder) Grid(ctx context.Context) ([]Finding, error) {
	servers, err := f.Client.Snapshot.Servers(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the servers: %w", err)
	}
	var findings []Finding
	for i := range servers {
		if f.carriesTag(servers[i].Description) && !f.Accounted.Server(&servers[i]) {
			findings = append(findings, serverFinding(&servers[i]))
		}
	}
	if len(findings) > 0 {
		f.addJobs(ctx, findings)
	}
	images, err := f.Client.Snapshot.Images(ctx)
	if err != nil {
		return nil, fmt.Errorf("list the images: %w", err)
	}
	for i := range images {
		if f.carriesTag(images[i].Description) && !inTrash(&images[i]) && !f.Accounted.Image(&images[i]) {
			findings = append(findings, imageFinding(&images[i]))
		}
	}
	return findings, nil
}

// carriesTag reports whether a description carries the tag of the deployment, with any
// key.
func (f *Finder) carriesTag(description string) bool {
	return f.Deployment != "" && ownership.Of(description).Deployment == f.Deployment
}

// prepareSuffix is the end of the tag's key on a sandbox in which commands may
// have run.
const prepareSuffix = "/prepare"

func serverFinding(server *client.Server) Finding {
	tag := ownership.Of(server.Description)
	found := Finding{
		Kind: KindServer, ID: server.ID, Name: server.Name, Address: server.IP.Address,
		Description: ownership.Strip(server.Description), Tag: tag,
	}
	if server.IsSandbox {
		found.Kind = KindSandbox
	}
	if server.PrivateIP != nil {
		found.Private = server.PrivateIP.Address
	}
	switch {
	case tag.Key == "" && server.Pending():
		found.What = fmt.Sprintf("a %s that GoGrid is still creating and that no resource manages", found.Kind)
	case tag.Key == "":
		found.What = fmt.Sprintf("a %s that no resource manages", found.Kind)
		found.keep = fmt.Sprintf("terraform import gogrid_%s.NAME %d", found.Kind, server.ID)
	case !server.IsSandbox:
		found.What = "a server that verified an image of an unfinished build"
	case strings.HasSuffix(tag.Key, prepareSuffix):
		found.What = "the sandbox of an unfinished build, which may be partly prepared"
	default:
		found.What = "the sandbox of an unfinished build, not prepared yet"
	}
	return found
}

func imageFinding(image *client.Image) Finding {
	return Finding{
		Kind: KindImage, ID: image.ID, Name: image.FriendlyName, Since: image.CreatedTime,
		Description: ownership.Strip(image.Description), Tag: ownership.Of(image.Description),
		What: "an image that no resource manages",
		keep: fmt.Sprintf("terraform import gogrid_mygsi_image.NAME %d", image.ID),
	}
}

// inTrash reports whether an image is in the trash, or is deleted or nil.
func inTrash(image *client.Image) bool {
	return image == nil || image.State.Matches(client.ImageTrash) || image.State.Matches(client.ImageDeleted)
}

// recentJobs is the number of jobs that addJobs searches.
const recentJobs = 1000

// addJobs adds details from the list of jobs: when each server was created, and
// whether GoGrid is deleting the server. If the jobs cannot be listed, both
// remain unknown.
func (f *Finder) addJobs(ctx context.Context, findings []Finding) {
	jobs, err := f.Client.Jobs.List(ctx, client.JobFilter{Limit: recentJobs, ObjectTypes: []string{client.JobObjectVirtualServer}})
	if err != nil {
		return
	}
	for i := range findings {
		found := &findings[i]
		found.Since = creation(jobs, *found)
		if found.ID != 0 && client.DeletionOf(jobs, found.Name, found.Address) != nil {
			found.deleting, found.keep = true, ""
			found.What = fmt.Sprintf("a %s that GoGrid is deleting", found.Kind)
		}
	}
}

// creation returns the start of the newest job that creates the server, or the zero
// time if there is no such job.
func creation(jobs []client.Job, server Finding) time.Time {
	var newest time.Time
	for i := range jobs {
		job := &jobs[i]
		if job.Command.Matches(client.JobCreateVirtualServer) && job.Detail["ip"] == server.Address &&
			strings.EqualFold(job.Detail["name"], server.Name) && job.CreatedOn.After(newest) {
			newest = job.CreatedOn
		}
	}
	return newest
}

// Find returns all leftovers: first objects of the grid, then files on Cloud
// Storage.
func (f *Finder) Find(ctx context.Context) ([]Finding, error) {
	findings, err := f.Grid(ctx)
	if err != nil {
		return nil, err
	}
	files, err := f.Files(ctx)
	if err != nil {
		return nil, err
	}
	return append(findings, files...), nil
}

// Tagged counts the servers and images that are accounted for, separately with
// and without the deployment's tag. If tagged is zero, the state that accounts
// for them belongs to another deployment.
func (f *Finder) Tagged(ctx context.Context) (tagged, untagged int, err error) {
	servers, err := f.Client.Snapshot.Servers(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("list the servers: %w", err)
	}
	images, err := f.Client.Snapshot.Images(ctx)
	if err != nil {
		return 0, 0, fmt.Errorf("list the images: %w", err)
	}
	count := func(accounted bool, description string) {
		switch {
		case accounted && f.carriesTag(description):
			tagged++
		case accounted:
			untagged++
		}
	}
	for i := range servers {
		count(f.Accounted.Server(&servers[i]), servers[i].Description)
	}
	for i := range images {
		count(f.Accounted.Image(&images[i]), images[i].Description)
	}
	return tagged, untagged, nil
}

// sortByPath sorts files by path.
func sortByPath(findings []Finding) {
	slices.SortFunc(findings, func(a, b Finding) int { return cmp.Compare(a.Path, b.Path) })
}
