// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/report"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// CheckNew runs all checks of a machine that the plan creates. Attributes that are
// not known yet are empty in the spec and named in unknown. The plan skips the
// checks that need them, and the apply repeats all checks.
//
// The checks read lists that the whole process shares, so planning a thousand
// machines needs no more calls than planning one.
func CheckNew(ctx context.Context, s *session.Session, spec Spec, unknown Attributes) report.List {
	if s.Destroys {
		return nil // the command creates nothing
	}
	problems := s.MayChange("create " + spec.String())
	problems.Add(CheckTaggedDescription(s, spec.Description, "")...)
	exists := false
	if !unknown.Has("name") {
		var nameProblems report.List
		exists, nameProblems = checkName(ctx, s, spec, unknown)
		problems.Add(nameProblems...)
	}
	var image *client.Image
	if !unknown.Has("image") {
		var imageProblems report.List
		image, imageProblems = CheckImage(ctx, s, spec.PathTo("image"), spec.Image)
		problems.Add(imageProblems...)
	}
	if !unknown.Has("ram") && !spec.Sandbox {
		problems.Add(CheckRAM(ctx, s, spec.PathTo("ram"), spec.RAM, image)...)
	}
	if !unknown.Has("type") && spec.Type != "" {
		problems.Add(CheckOption(ctx, s, spec.PathTo("type"), client.LookupServerType, spec.Type)...)
	}
	if exists {
		return problems // the existing machine already has its addresses
	}
	datacenter, placeProblems := CheckPlace(ctx, s, spec, unknown, image)
	problems.Add(placeProblems...)
	if !unknown.Has("private_ip") && spec.PrivateIP != "" {
		problems.Add(CheckAddress(ctx, s, spec.PathTo("private_ip"), allocation.Request{Address: spec.PrivateIP, Datacenter: datacenter})...)
	}
	return problems
}

// checkName returns an error if the plan uses a name twice. It returns a
// warning if the grid has a server with the name that this process has not
// seen. The state may hold that server, because Terraform passes resources to
// the provider one at a time, in any order. Only the creation can decide.
// checkName also reports whether the grid has a machine that the apply may take
// over.
func checkName(ctx context.Context, s *session.Session, spec Spec, unknown Attributes) (bool, report.List) {
	var problems report.List
	if s.Planned.Count(spec.Kind(), spec.Name) > 1 && !s.Phase.IsApply() {
		problems.AddError(path.Root("name"), fmt.Sprintf("Two %s have the name %q", spec.kinds(), spec.Name),
			"After an interrupted apply, the provider finds a machine by its name, so names must be unique. With count or for_each, put the index or key into the name.")
		return false, problems
	}
	if unknown.Any() {
		return false, problems
	}
	left, err := FindOrphans(ctx, s, spec)
	switch {
	case client.IsUnproven(err):
		return true, problems // the apply repeats the check
	case err != nil:
		problems.Add(tf.FailureProblem(path.Empty(), "look for an existing "+spec.String(), err))
	case left.Best != nil:
		problems.AddWarning(path.Root("name"), fmt.Sprintf("The grid already has %s", Describe(*left.Best)),
			fmt.Sprintf("It carries the tag of deployment %q. If it is not in the state, an interrupted apply left it: this apply takes it over and does not create a second one.", s.Deployment))
	case len(left.Others) > 0:
		problems.AddWarning(path.Root("name"), fmt.Sprintf("The grid already has %s", Describe(left.Others[0])),
			fmt.Sprintf("It carries the tag of deployment %q and differs from the configuration. If it is not in the state, an interrupted apply left it: this apply deletes it and creates a new one.", s.Deployment))
	case len(left.Deleting) > 0:
		problems.AddWarning(path.Root("name"), fmt.Sprintf("GoGrid is deleting %s", Describe(left.Deleting[0])),
			"The apply waits until the old object is gone, and then creates the new one.")
	case left.Stranger != nil:
		taken := nameTaken(spec, *left.Stranger)
		problems.AddWarning(path.Root("name"), taken.Summary, taken.Detail)
	}
	return left.Best != nil || left.Stranger != nil, problems
}

// CheckPlace returns an error if the datacenter does not exist or lacks the image,
// if the public address cannot be used, or if the plan needs more addresses than
// the account has. It also returns the machine's datacenter, or "" if that is not
// known yet.
func CheckPlace(ctx context.Context, s *session.Session, spec Spec, unknown Attributes, image *client.Image) (string, report.List) {
	var problems report.List
	if unknown.Has("datacenter") {
		return "", problems
	}
	if spec.Datacenter != "" {
		problems.Add(CheckOption(ctx, s, spec.PathTo("datacenter"), client.LookupDatacenter, spec.Datacenter)...)
		if problems.HasError() {
			return "", problems
		}
	}
	if unknown.Has("public_ip") {
		return spec.Datacenter, problems
	}
	if spec.PublicIP != "" {
		datacenter, fixedProblems := checkFixedPlace(ctx, s, spec, image)
		problems.Add(fixedProblems...)
		return datacenter, problems
	}
	datacenter := datacenterFor(s, spec, image)
	problems.Add(checkAvailable(spec.PathTo("image"), image, datacenter)...)
	if !problems.HasError() {
		problems.Add(CheckEnough(ctx, s, spec.PathTo("public_ip"), allocation.Request{Public: true, Datacenter: datacenter}, spec.Kind(), spec.Name)...)
	}
	return datacenter, problems
}

// checkFixedPlace is CheckPlace for a machine with a configured public address,
// which also determines the datacenter.
func checkFixedPlace(ctx context.Context, s *session.Session, spec Spec, image *client.Image) (string, report.List) {
	problems := CheckAddress(ctx, s, spec.PathTo("public_ip"), allocation.Request{Public: true, Address: spec.PublicIP, Datacenter: spec.Datacenter})
	if problems.HasError() {
		return "", problems
	}
	ip, err := s.Client.Snapshot.IPAt(ctx, spec.PublicIP)
	if err != nil || ip == nil {
		return "", problems
	}
	problems.Add(checkAvailable(spec.PathTo("image"), image, ip.Datacenter.Name)...)
	return ip.Datacenter.Name, problems
}

// checkAvailable returns an error if an image is not available in a datacenter. It
// returns nil if the image or the datacenter is not known yet.
func checkAvailable(at path.Path, image *client.Image, datacenter string) report.List {
	var problems report.List
	if image != nil && datacenter != "" && !image.AvailableIn(datacenter) {
		problems.AddError(at, fmt.Sprintf("Image %s is not available in %s", image.Name, datacenter),
			fmt.Sprintf("It is available in %s.", datacenterNames(*image)))
	}
	return problems
}

// CheckEnough counts the planned creations that will choose an address that
// matches the request. It returns an error if there can never be enough addresses,
// and a warning if there are not enough now. Objects of a nested block, such as the
// sandbox of a build, are temporary. They are counted separately, because a
// permanent object can later use the same address.
func CheckEnough(ctx context.Context, s *session.Session, at path.Path, request allocation.Request, kind, name string) report.List {
	var problems report.List
	ips, err := s.Client.Snapshot.IPs(ctx)
	if err != nil {
		problems.Add(tf.FailureProblem(path.Empty(), "list the account's addresses", err))
		return problems
	}
	want := session.Need{At: at, Request: request}
	planned := s.Planned.AddNeed(want, kind, name)
	problems.Add(checkNeed(s, ips, want, planned)...)
	if problems.HasError() || len(allocation.Fitting(ips, request)) == 0 {
		return problems // no other address can become free
	}
	free := countAvailable(s, ips, request)
	if planned <= free || s.Phase.IsApply() || !s.Phase.FirstTime("enough/"+want.String()) {
		return problems
	}
	problems.AddWarning(at, fmt.Sprintf("Perhaps not enough free %s addresses", (&allocation.ExhaustedError{Request: request}).Kind()),
		fmt.Sprintf("This plan creates at least %d objects that need one in %s; %d %s free now. The other objects need addresses that this plan frees. "+
			"GoGrid assigns more addresses only on a support request.", planned, (&allocation.ExhaustedError{Request: request}).Place(), free, isAre(free)))
	return problems
}

// checkNeed reports, once per need, that there cannot be enough addresses for
// the creations planned so far. It assumes that the plan frees every address
// that it can. Only addresses that the configuration keeps count as taken. Both
// counts only grow while Terraform visits a plan, so the outcome does not
// depend on the order.
func checkNeed(s *session.Session, ips []client.IP, want session.Need, planned int) report.List {
	var problems report.List
	most := countCapacity(s, ips, want.Request)
	if planned <= most || s.Phase.IsApply() || !s.Phase.FirstTime("short/"+want.String()) {
		return problems
	}
	exhausted := &allocation.ExhaustedError{Request: want.Request, Blocks: allocation.Blocks(ips, want.Request.Public)}
	if len(allocation.Fitting(ips, want.Request)) == 0 {
		problems.Add(noSuchPlace(want.At, exhausted))
		return problems
	}
	summary := fmt.Sprintf("Not enough free %s addresses", exhausted.Kind())
	if want.Request.Public && want.Request.Datacenter == "" {
		problems.AddWarning(want.At, summary, fmt.Sprintf("This plan creates at least %d objects that need one, in a datacenter that is not known yet; no datacenter has more than %d free. "+
			"GoGrid assigns more addresses only on a support request.", planned, most))
		return problems
	}
	problems.AddError(want.At, summary, fmt.Sprintf("This plan creates at least %d objects that need one in %s; %d %s free, or can become free by this plan. GoGrid assigns more addresses only on a support request.",
		planned, exhausted.Place(), most, isAre(most)))
	return problems
}

// countCapacity counts the addresses that fit a request and that this configuration
// does not keep. A public request without a datacenter gets all its addresses from
// one datacenter, so the largest count of a datacenter is returned.
func countCapacity(s *session.Session, ips []client.IP, request allocation.Request) int {
	if request.Public && request.Datacenter == "" {
		best := 0
		for _, name := range datacentersOf(ips) {
			request.Datacenter = name
			best = max(best, countCapacity(s, ips, request))
		}
		return best
	}
	count := 0
	for _, ip := range allocation.Fitting(ips, request) {
		if !s.Planned.KeepsAddress(ip.Address) {
			count++
		}
	}
	return count
}

// RecheckPlanned repeats the checks over the whole plan. It must be called
// after the plan of an object shows that the object keeps its address.
func RecheckPlanned(ctx context.Context, s *session.Session) report.List {
	var problems report.List
	needs := s.Planned.Needs()
	if len(needs) == 0 || !s.Configured() || s.Destroys {
		return problems
	}
	ips, err := s.Client.Snapshot.IPs(ctx)
	if err != nil {
		return problems // CheckEnough and CheckAddress report this error
	}
	for _, planned := range needs {
		problems.Add(checkNeed(s, ips, planned.Need, planned.Count)...)
	}
	return problems
}

// countAvailable counts the addresses that fit a request and are free, or become
// free during the apply. A public request without a datacenter gets all its
// addresses from one datacenter, so the largest count of a datacenter is returned.
func countAvailable(s *session.Session, ips []client.IP, request allocation.Request) int {
	if !request.Public || request.Datacenter != "" {
		return s.Pool.Free(ips, request) + countReclaimable(s, ips, request)
	}
	best := 0
	for _, name := range datacentersOf(ips) {
		request.Datacenter = name
		best = max(best, countAvailable(s, ips, request))
	}
	return best
}

func datacentersOf(ips []client.IP) []string {
	var names []string
	for _, ip := range ips {
		if !slices.Contains(names, ip.Datacenter.Name) {
			names = append(names, ip.Datacenter.Name)
		}
	}
	return names
}

// countReclaimable counts the addresses of servers of this configuration that the
// plan deletes or replaces: new objects can get these addresses.
func countReclaimable(s *session.Session, ips []client.IP, request allocation.Request) int {
	reclaimable := 0
	for _, ip := range allocation.Fitting(ips, request) {
		if ip.Assigned() && s.FreesAddress(ip.Address) {
			reclaimable++
		}
	}
	return reclaimable
}

// CheckAddress returns an error if the account does not own the requested address,
// if its kind or datacenter is wrong, or if an object that is not a server uses it.
// If a server uses the address, CheckAddress returns a warning: the same plan may
// delete or move that server, so only the creation can decide.
func CheckAddress(ctx context.Context, s *session.Session, at path.Path, request allocation.Request) report.List {
	var problems report.List
	ips, err := s.Client.Snapshot.IPs(ctx)
	if err != nil {
		problems.Add(tf.FailureProblem(path.Empty(), "list the account's addresses", err))
		return problems
	}
	ip, err := allocation.Find(ips, request)
	if err != nil {
		problems.Add(AddressProblem(ctx, s, at, err))
		return problems
	}
	if s.Planned.Count(at.String(), ip.Address) > 1 && !s.Phase.IsApply() {
		problems.AddError(at, fmt.Sprintf("Address %s is asked for twice", ip.Address),
			fmt.Sprintf("This plan creates two objects with %s as their %s; only one of them can have it. Give each object a different address, or leave %s out to let the provider choose one.", ip.Address, lastStep(at), lastStep(at)))
		return problems
	}
	if !ip.Assigned() || s.Known.HasSeen(ip.Address) {
		return problems
	}
	taken := AddressProblem(ctx, s, at, &allocation.TakenError{Address: ip.Address})
	if knownHolder(ctx, s, ip.Address) != nil {
		taken = report.Warning(at, taken.Summary, taken.Detail+" If this plan deletes or moves that server, the address is free in time.")
	}
	problems.Add(taken)
	return problems
}

func isAre(count int) string {
	if count == 1 {
		return "is"
	}
	return "are"
}
