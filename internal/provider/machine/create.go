// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/report"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

const (
	// maxAddressTries is the maximum number of addresses that createNew tries
	// when another client takes each address first.
	maxAddressTries = 20
)

// errAddressTaken reports that the grid refused an address because another object
// got the address first.
var errAddressTaken = errors.New("the address was taken in the meantime")

// Create creates a machine, or takes over the machine that an interrupted apply
// of this deployment left. It returns the machine as the grid lists it, usually
// still without an id; call AwaitCreated to wait for the id. Create never
// creates a second machine: see adoptOrphan and sendAdd. leftovers are other
// machines of the same name that interrupted applies left. The caller must pass
// them to RemoveOrphans once the new machine is finished.
func Create(ctx context.Context, s *session.Session, spec Spec) (started *client.Server, leftovers []client.Server, problems report.List) {
	s.Phase.BeginApply()

	// Take over the machine that an interrupted apply left, if there is one.
	started, leftovers, problems = adoptOrphan(ctx, s, spec)
	if started != nil || problems.HasError() {
		return started, leftovers, problems
	}

	// Delete leftovers that hold an address of the new machine.
	leftovers, removeProblems := removeBlocking(ctx, s, spec, leftovers)
	problems.Add(removeProblems...)
	if problems.HasError() {
		return nil, nil, problems
	}

	// Add the machine with a free public address.
	server, createProblems := createNew(ctx, s, spec)
	problems.Add(createProblems...)
	if server != nil {
		s.Known.See(server.Addresses()...)
	}
	return server, leftovers, problems
}

// adoptOrphan looks for a machine that an earlier, killed apply created: a machine
// with the name of the spec and this deployment's tag that this process has not
// seen. It takes the machine over if the machine equals the spec, or if an edit
// makes the two equal. It returns an error about a machine without a tag, because
// only the user knows the owner of such a machine.
func adoptOrphan(ctx context.Context, s *session.Session, spec Spec) (adopted *client.Server, leftovers []client.Server, problems report.List) {
	left, err := awaitOrphans(ctx, s, spec)
	if err != nil {
		problems.Add(tf.FailureProblem(path.Empty(), "look for an existing "+spec.String(), err))
		return nil, nil, problems
	}
	if left.Stranger != nil {
		problems.Add(nameTaken(spec, *left.Stranger))
		return nil, nil, problems
	}
	if left.Best == nil {
		return nil, left.Others, problems
	}
	if !s.Known.TryAdopt(spec.Kind(), left.Best.IP.Address) {
		return nil, left.Others, problems // this process has begun to delete the machine
	}
	s.Known.See(left.Best.Addresses()...)
	detail := fmt.Sprintf("It carries the tag of deployment %q and equals the configuration: an interrupted apply left it. Nothing was created again.", s.Deployment)
	if s.Known.IsDoomed(spec.Kind(), left.Best.IP.Address) {
		detail = "Another resource of this configuration deletes it in the same apply. That deletion now keeps it, and nothing was created again."
	} else if !spec.matches(*left.Best) {
		detail = fmt.Sprintf("It carries the tag of deployment %q: an interrupted apply left it. The apply changes its size or type to match the configuration; nothing was created again.", s.Deployment)
	}
	problems.AddWarning(path.Empty(), "Took over "+Describe(*left.Best), detail)
	return left.Best, left.Others, problems
}

// Orphans holds the machines with a given name that interrupted applies may
// have left.
type Orphans struct {
	// Best is the machine to take over; nil if there is none.
	Best *client.Server
	// Others are further machines with this deployment's tag.
	Others []client.Server
	// Stranger equals the spec and does not carry this deployment's tag.
	Stranger *client.Server
	// Deleting are machines that GoGrid is deleting, and that would otherwise be
	// Best, Others or Stranger.
	Deleting []client.Server
}

// FindOrphans finds the machines with the name of the spec that interrupted
// applies may have left. It reads two complete lists of servers, because a
// machine that is missing from both is created again.
func FindOrphans(ctx context.Context, s *session.Session, spec Spec) (Orphans, error) {
	servers, err := s.Client.Snapshot.EveryServer(ctx)
	if err != nil {
		return Orphans{}, err
	}
	var found Orphans
	var fit int
	for _, server := range servers {
		doomed := s.Known.IsDoomed(spec.Kind(), server.IP.Address)
		if server.Name != spec.Name || server.IsSandbox != spec.Sandbox || s.Known.HasSeen(server.IP.Address) && !doomed {
			continue
		}
		job, err := DeletionOf(ctx, s, server)
		switch {
		case err != nil:
			return Orphans{}, err
		case job != nil:
			if !doomed && (s.Tag(spec.Key).On(server.Description) || spec.matches(server)) {
				found.Deleting = append(found.Deleting, server)
			}
		case !s.Tag(spec.Key).On(server.Description) && !doomed:
			if found.Stranger == nil && spec.matches(server) {
				found.Stranger = &server
			}
		case spec.fit(server) > fit:
			if found.Best != nil {
				found.Others = append(found.Others, *found.Best)
			}
			found.Best, fit = &server, spec.fit(server)
		default:
			found.Others = append(found.Others, server)
		}
	}
	if found.Best != nil || len(found.Others) > 0 {
		found.Stranger = nil // names need not be unique: continue with our machine
	}
	return found, nil
}

// maxDeletions is the maximum number of rounds in which awaitOrphans waits for
// deletions of machines with one name.
const maxDeletions = 3

// awaitOrphans waits until GoGrid is no longer deleting any machine with the
// name of the spec, and returns the result of FindOrphans.
func awaitOrphans(ctx context.Context, s *session.Session, spec Spec) (Orphans, error) {
	left, err := FindOrphans(ctx, s, spec)
	for try := 0; err == nil && len(left.Deleting) > 0 && try < maxDeletions; try++ {
		for _, server := range left.Deleting {
			if _, err := awaitDeletion(ctx, s, server); err != nil {
				return Orphans{}, fmt.Errorf("wait until %s is deleted: %w", Describe(server), err)
			}
		}
		s.Client.Snapshot.Refresh(client.KindServers)
		s.Client.Snapshot.Refresh(client.KindIPs)
		left, err = FindOrphans(ctx, s, spec)
	}
	return left, err
}

// FindEqual returns a machine that equals what the spec would create and that
// this process has not seen before. The tag does not matter, and machines that
// are being deleted do not count. It returns nil if there is none.
func FindEqual(ctx context.Context, s *session.Session, spec Spec) (*client.Server, error) {
	servers, err := s.Client.Snapshot.EveryServer(ctx)
	if err != nil {
		return nil, err
	}
	for _, server := range servers {
		if !spec.matches(server) || s.Known.HasSeen(server.IP.Address) {
			continue
		}
		if job, err := DeletionOf(ctx, s, server); err != nil || job == nil {
			return &server, err
		}
	}
	return nil, nil
}

// removeBlocking deletes the leftovers that have an address of the spec. For a
// machine that the provider creates for its own purposes it deletes all
// leftovers. It returns the other leftovers, which stay in service until the
// new machine is finished.
func removeBlocking(ctx context.Context, s *session.Session, spec Spec, leftovers []client.Server) ([]client.Server, report.List) {
	var rest, blocking []client.Server
	for _, server := range leftovers {
		private := server.PrivateIP != nil && server.PrivateIP.Address == spec.PrivateIP
		if spec.Key != "" || server.IP.Address == spec.PublicIP || private {
			blocking = append(blocking, server)
		} else {
			rest = append(rest, server)
		}
	}
	return rest, RemoveOrphans(ctx, s, spec, blocking)
}

// RemoveOrphans deletes the machines that interrupted applies left and that no
// edit can make equal to the spec.
func RemoveOrphans(ctx context.Context, s *session.Session, spec Spec, leftovers []client.Server) report.List {
	var problems report.List
	for _, server := range leftovers {
		if s.Known.HasSeen(server.IP.Address) {
			continue // a deletion in this process already handles the machine
		}
		s.Known.See(server.Addresses()...)
		if err := Delete(ctx, s, server); err != nil {
			problems.Add(tf.FailureProblem(path.Empty(), "delete "+Describe(server)+", which an interrupted apply left", err))
			continue
		}
		problems.AddWarning(path.Empty(), "Deleted "+Describe(server),
			fmt.Sprintf("It carries the tag of deployment %q and the name of %s, and differs from the configuration in attributes that GoGrid cannot change: an interrupted apply left it.", s.Deployment, spec))
	}
	return problems
}

// nameTaken returns the error about a machine whose owner the provider cannot
// determine.
func nameTaken(spec Spec, found client.Server) report.Problem {
	if spec.Key != "" {
		return report.Error(path.Empty(), fmt.Sprintf("The grid already has %s", Describe(found)),
			"The provider uses this name only for builds of this image: an interrupted apply may have left the machine, or another state of the account is building the same image. "+
				"No second one is made. If an apply left it, delete it in the portal, "+deleteCommand(found)+", and run the same command again. "+
				"With deployment set in the provider block, the provider recognises such machines, and takes them over or deletes them.")
	}
	how := "wait until it has an id, then import it"
	if !found.Pending() {
		how = fmt.Sprintf("import it, for example with: terraform import gogrid_%s.NAME %d", spec.Kind(), found.ID)
	}
	return report.Error(path.Root("name"), fmt.Sprintf("The grid already has %s", Describe(found)),
		fmt.Sprintf("It has the configured name, image and size, and its owner is not known: an interrupted apply may have left it, another configuration may own it, "+
			"or this apply renames or deletes it later (for example because an index has shifted). No second one is made. "+
			"If this configuration owns it already, run the same command again. If it is yours and not in the state, %s; otherwise choose another name or delete it in the portal, %s. "+
			"With create_before_destroy and an unchanged configuration (-replace, or a tainted object) it may be the object that is being replaced: replace it without create_before_destroy. "+
			"With deployment set in the provider block, the provider recognises machines that an interrupted apply left, and takes them over.", how, deleteCommand(found)))
}

// deleteCommand returns the clause that explains how to delete a server on a
// simulated grid, which has no portal.
func deleteCommand(found client.Server) string {
	return fmt.Sprintf("or on a simulated grid with: gogrid-simulator call grid.server.delete server=%q", found.Name)
}

// createNew reserves a public address in the pool and adds the machine with it. If
// another client takes the address first, createNew tries the next one.
func createNew(ctx context.Context, s *session.Session, spec Spec) (*client.Server, report.List) {
	var problems report.List
	image, err := s.Client.Snapshot.Image(ctx, spec.Image)
	if err != nil {
		problems.Add(tf.FailureProblem(spec.PathTo("image"), "look up the image", err))
		return nil, problems
	}
	if image == nil {
		problems.Add(noImage(ctx, s, spec.PathTo("image"), spec.Image))
		return nil, problems
	}
	spec.Image = sentName(client.Option{ID: image.ID, Name: image.Name}, spec.Image)
	spec.RAM = SentOption(ctx, s, client.LookupServerRAM, spec.RAM)
	if err := s.Pool.AwaitFreed(ctx, spec.PrivateIP); err != nil {
		problems.Add(tf.FailureProblem(spec.PathTo("private_ip"), "wait for the address "+spec.PrivateIP, err))
		return nil, problems
	}
	for range maxAddressTries {
		ip, err := s.Pool.Claim(ctx, publicRequest(s, spec, image))
		if err != nil {
			problems.Add(AddressProblem(ctx, s, spec.PathTo("public_ip"), err))
			return nil, problems
		}
		var taken *allocation.TakenError
		server, err := sendAdd(ctx, s, spec, ip.Address)
		switch {
		case err == nil:
			return server, problems
		case errors.As(err, &taken):
			s.Pool.Release(ip.Address)
			problems.Add(AddressProblem(ctx, s, spec.PathTo("private_ip"), err))
			return nil, problems
		case !errors.Is(err, errAddressTaken):
			s.Pool.Release(ip.Address)
			problems.Add(tf.FailureProblem(path.Empty(), fmt.Sprintf("create %s at %s", spec, ip.Address), err))
			return nil, problems
		}
		s.Pool.Refuse(ip.Address)
		// The server at the address may be the requested machine: if Terraform
		// was killed, an add call of the killed apply can take effect after the
		// first search for orphans.
		if found, _, adoptProblems := adoptOrphan(ctx, s, spec); found != nil || adoptProblems.HasError() {
			problems.Add(adoptProblems...)
			return found, problems
		}
		if spec.PublicIP != "" {
			problems.Add(AddressProblem(ctx, s, spec.PathTo("public_ip"), &allocation.TakenError{Address: ip.Address}))
			return nil, problems
		}
	}
	problems.AddError(spec.PathTo("public_ip"), "Could not get a free address",
		fmt.Sprintf("Other clients took %d addresses in a row before the provider could use them. Another client is creating servers in this account; run the same command again when that client has finished.", maxAddressTries))
	return nil, problems
}

// publicRequest returns the allocation request for the public address of a machine.
// datacenterFor chooses the datacenter.
func publicRequest(s *session.Session, spec Spec, image *client.Image) allocation.Request {
	return allocation.Request{
		Public:     true,
		Address:    spec.PublicIP,
		Datacenter: datacenterFor(s, spec, image),
		Holder:     spec.String(),
	}
}

// datacenterFor returns the datacenter of a new machine, as an id or name: the
// spec's, else the provider's, else the first one that has the image. It returns ""
// if the public address decides, or if the image is needed and not known yet.
func datacenterFor(s *session.Session, spec Spec, image *client.Image) string {
	switch {
	case spec.Datacenter != "":
		return spec.Datacenter
	case spec.PublicIP != "":
		return ""
	case s.Datacenter != "":
		return s.Datacenter
	case image == nil:
		return ""
	}
	for _, in := range image.Datacenters {
		if in.State.Name == client.ImageAvailable {
			return in.Datacenter.Name
		}
	}
	return ""
}

// sendAdd calls grid.server.add. If the response is lost, it looks up the address to
// find out whether GoGrid created the machine, and repeats the call if not. The call
// continues after ctx is cancelled: without its response, a created machine would
// not be recorded in any state.
func sendAdd(ctx context.Context, s *session.Session, spec Spec, address string) (*client.Server, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	request := client.ServerAdd{
		Name:        spec.Name,
		Image:       spec.Image,
		RAM:         spec.RAM,
		IP:          address,
		PrivateIP:   spec.PrivateIP,
		Description: s.Tag(spec.Key).Describe(spec.Description),
		Sandbox:     spec.Sandbox,
	}
	var lost error
	for range session.MaxAddTries {
		server, err := s.Client.Servers.Add(ctx, request)
		if err == nil {
			return server, nil
		}
		if !client.IsOutcomeUnknown(err) && !client.IsInvalid(err) {
			return nil, err
		}
		found, fetchErr := fetchHolder(ctx, s, address)
		switch {
		case fetchErr != nil:
			return nil, errors.Join(err, fetchErr)
		case found != nil && lost == nil && !client.IsOutcomeUnknown(err):
			// The first call was refused, so the machine at the address is not ours.
			return nil, fmt.Errorf("%w by %s", errAddressTaken, Describe(*found))
		case found != nil && found.Name == spec.Name && found.IsSandbox == spec.Sandbox:
			return found, nil
		case found != nil:
			return nil, fmt.Errorf("%w by %s", errAddressTaken, Describe(*found))
		case !client.IsOutcomeUnknown(err):
			return nil, explainRefusal(ctx, s, spec, address, err)
		}
		lost = err
	}
	return nil, lost
}

// fetchHolder returns the server that has an address in a fresh list, or nil.
func fetchHolder(ctx context.Context, s *session.Session, address string) (*client.Server, error) {
	s.Client.Snapshot.Refresh(client.KindServers)
	return s.Client.Snapshot.ServerAt(ctx, address)
}

// explainRefusal returns errAddressTaken or an *allocation.TakenError if an add call
// was refused because of an address, and the original error otherwise. The texts of
// GoGrid's validation errors are not documented, so the list of addresses decides.
// A taken private address is an error for the user, who configured it; a taken
// public address may be one that the provider chose.
func explainRefusal(ctx context.Context, s *session.Session, spec Spec, address string, refused error) error {
	s.Client.Snapshot.Refresh(client.KindIPs)
	ip, err := s.Client.Snapshot.IPAt(ctx, address)
	if err == nil && ip != nil && ip.Assigned() {
		return fmt.Errorf("%w: %w", errAddressTaken, refused)
	}
	private, err := s.Client.Snapshot.IPAt(ctx, spec.PrivateIP)
	if err == nil && private != nil && private.Assigned() {
		return &allocation.TakenError{Address: spec.PrivateIP}
	}
	return refused
}

// AwaitCreated waits until a new server has its id and is steady, and returns it.
func AwaitCreated(ctx context.Context, s *session.Session, operation client.Operation, server client.Server) (*client.Server, error) {
	return s.Client.Watch.Server(ctx, client.ServerWait{
		Operation: operation,
		Address:   server.IP.Address,
		Name:      server.Name,
		Done:      func(current *client.Server) bool { return current != nil && IsSteady(current) },
		Job:       client.JobCreateVirtualServer,
	})
}

// NeverCreated reports whether a wait for a new server ended because its creation
// failed: its job failed, or the grid no longer lists the server.
func NeverCreated(err error) bool {
	var job *client.JobError
	var gone *client.GoneError
	return errors.As(err, &job) || errors.As(err, &gone)
}

// GoneReason explains why a machine whose creation ended with err no longer exists.
func GoneReason(err error) string {
	var job *client.JobError
	if errors.As(err, &job) {
		return "GoGrid abandoned the creation"
	}
	return "It was deleted outside of this apply, or GoGrid abandoned the creation"
}
