// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"context"
	"fmt"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// CheckNew is everything that can be known about a machine before it
// is made. What is still unknown is empty in the spec and named in unknown;
// checks that need it are left for the apply, which runs them again.
//
// Each check reads lists that the whole process shares, so that planning a
// thousand machines costs the calls of one.
func CheckNew(ctx context.Context, s *session.Session, spec Spec, unknown Attributes) diag.Diagnostics {
	if s.Destroys {
		return nil // nothing is made
	}
	diags := s.MayChange("create " + spec.String())
	diags.Append(CheckMarkedDescription(s, spec.Description, "")...)
	there := false
	if !unknown.Has("name") {
		var more diag.Diagnostics
		there, more = checkName(ctx, s, spec, unknown)
		diags.Append(more...)
	}
	var image *client.Image
	if !unknown.Has("image") {
		var more diag.Diagnostics
		image, more = CheckImage(ctx, s, spec.PathTo("image"), spec.Image)
		diags.Append(more...)
	}
	if !unknown.Has("ram") && !spec.Sandbox {
		diags.Append(CheckRAM(ctx, s, spec.PathTo("ram"), spec.RAM, image)...)
	}
	if !unknown.Has("type") && spec.Type != "" {
		diags.Append(CheckOption(ctx, s, spec.PathTo("type"), client.LookupServerType, spec.Type)...)
	}
	if there {
		return diags // and so are its addresses
	}
	place, more := CheckPlace(ctx, s, spec, unknown, image)
	diags.Append(more...)
	if !unknown.Has("private_ip") && spec.PrivateIP != "" {
		diags.Append(CheckAddress(ctx, s, spec.PathTo("private_ip"), allocation.Request{Address: spec.PrivateIP, Datacenter: place})...)
	}
	return diags
}

// checkName finds names that the plan uses twice, and warns of a name held by a
// server on the grid that this process has not met. Terraform shows a provider
// one resource at a time, in an order of its own: the state may have that
// server, so only a creation can decide. It also returns whether the grid has
// something under the name that the apply takes over.
func checkName(ctx context.Context, s *session.Session, spec Spec, unknown Attributes) (bool, diag.Diagnostics) {
	var diags diag.Diagnostics
	if s.Ledger.Count(spec.Kind(), spec.Name) > 1 && !s.Ledger.Begun() {
		diags.AddAttributeError(path.Root("name"), fmt.Sprintf("Two %ss are to be named %q", spec.Kind(), spec.Name),
			"The name is how an interrupted apply finds again what it made, so it must be unique. With count or for_each put the index or key into the name.")
		return false, diags
	}
	if unknown.Any() {
		return false, diags
	}
	left, err := FindOrphans(ctx, s, spec)
	switch {
	case client.IsUnproven(err):
		return true, diags // the apply looks again
	case err != nil:
		diags.Append(tf.Failure("look for an existing "+spec.String(), err))
	case left.Best != nil:
		diags.AddAttributeWarning(path.Root("name"), fmt.Sprintf("The grid already has %s", Describe(*left.Best)),
			fmt.Sprintf("It carries the tag of deployment %q. Unless the state has it, an interrupted apply left it: the apply takes it over instead of making a second one.", s.Deployment))
	case len(left.Others) > 0:
		diags.AddAttributeWarning(path.Root("name"), fmt.Sprintf("The grid already has %s", Describe(left.Others[0])),
			fmt.Sprintf("It carries the tag of deployment %q and differs from what is asked for. Unless the state has it, an interrupted apply left it: the apply deletes it and makes what is asked for.", s.Deployment))
	case len(left.leaving) > 0:
		diags.AddAttributeWarning(path.Root("name"), fmt.Sprintf("GoGrid is deleting %s", Describe(left.leaving[0])),
			"The apply waits until the old object is gone, and then creates the new one.")
	case left.stranger != nil:
		taken := nameTaken(spec, *left.stranger)
		diags.AddAttributeWarning(path.Root("name"), taken.Summary(), taken.Detail())
	}
	return left.Best != nil || left.stranger != nil, diags
}

// CheckPlace finds a datacenter that does not exist or does not fit, an
// address that cannot be had, and a plan that needs more addresses than there
// are. It returns the datacenter where that is known.
func CheckPlace(ctx context.Context, s *session.Session, spec Spec, unknown Attributes, image *client.Image) (string, diag.Diagnostics) {
	var diags diag.Diagnostics
	if unknown.Has("datacenter") {
		return "", diags
	}
	if spec.Datacenter != "" {
		diags.Append(CheckOption(ctx, s, spec.PathTo("datacenter"), client.LookupDatacenter, spec.Datacenter)...)
		if diags.HasError() {
			return "", diags
		}
	}
	if unknown.Has("public_ip") {
		return spec.Datacenter, diags
	}
	if spec.PublicIP != "" {
		place, more := checkFixedPlace(ctx, s, spec, image)
		diags.Append(more...)
		return place, diags
	}
	place := datacenterFor(s, spec, image)
	diags.Append(checkAvailable(spec.PathTo("image"), image, place)...)
	if !diags.HasError() {
		diags.Append(CheckEnough(ctx, s, spec.PathTo("public_ip"), allocation.Request{Public: true, Datacenter: place}, spec.Kind(), spec.Name)...)
	}
	return place, diags
}

// checkFixedPlace checks a machine whose public address is given, and so its
// datacenter.
func checkFixedPlace(ctx context.Context, s *session.Session, spec Spec, image *client.Image) (string, diag.Diagnostics) {
	diags := CheckAddress(ctx, s, spec.PathTo("public_ip"), allocation.Request{Public: true, Address: spec.PublicIP, Datacenter: spec.Datacenter})
	if diags.HasError() {
		return "", diags
	}
	ip, err := s.Client.Snapshot.IPAt(ctx, spec.PublicIP)
	if err != nil || ip == nil {
		return "", diags
	}
	diags.Append(checkAvailable(spec.PathTo("image"), image, ip.Datacenter.Name)...)
	return ip.Datacenter.Name, diags
}

// checkAvailable finds an image that a datacenter does not have.
func checkAvailable(at path.Path, image *client.Image, place string) diag.Diagnostics {
	var diags diag.Diagnostics
	if image != nil && place != "" && !image.AvailableIn(place) {
		diags.AddAttributeError(at, fmt.Sprintf("Image %s is not available in %s", image.Name, place),
			fmt.Sprintf("It is available in %s.", datacenterNames(*image)))
	}
	return diags
}

// CheckEnough counts the creations planned so far that will choose an address
// in one place. It is an error if there can never be enough for them, and a
// warning if there are not enough now. What is asked for in a block, such as the sandbox of a build, is there for a
// while only; it is counted apart, since what stays may come after it.
func CheckEnough(ctx context.Context, s *session.Session, at path.Path, request allocation.Request, kind, name string) diag.Diagnostics {
	var diags diag.Diagnostics
	ips, err := s.Client.Snapshot.IPs(ctx)
	if err != nil {
		diags.Append(tf.Failure("list the account's addresses", err))
		return diags
	}
	want := session.Need{At: at, Request: request}
	planned := s.Ledger.PlanNeed(want, kind, name)
	diags.Append(checkNeed(s, ips, want, planned)...)
	if diags.HasError() {
		return diags
	}
	free := countAvailable(s, ips, request)
	if planned <= free || s.Ledger.Begun() || !s.Ledger.Once("enough/"+want.String()) {
		return diags
	}
	diags.AddAttributeWarning(at, fmt.Sprintf("Perhaps not enough free %s addresses", (&allocation.ExhaustedError{Request: request}).Kind()),
		fmt.Sprintf("This plan makes at least %d objects that need one in %s; %d %s free now. The others need addresses that this plan frees. "+
			"GoGrid gives out addresses by support request only.", planned, (&allocation.ExhaustedError{Request: request}).Place(), free, isAre(free)))
	return diags
}

// checkNeed says once if there cannot be enough addresses for the creations
// planned so far, whatever else the plan frees: only addresses that surely stay
// in use count as taken. What is known to stay and what is planned only grows
// while Terraform visits a plan, so the outcome does not depend on the order.
func checkNeed(s *session.Session, ips []client.IP, want session.Need, planned int) diag.Diagnostics {
	var diags diag.Diagnostics
	most := countCapacity(s, ips, want.Request)
	if planned <= most || s.Ledger.Begun() || !s.Ledger.Once("short/"+want.String()) {
		return diags
	}
	exhausted := &allocation.ExhaustedError{Request: want.Request, Blocks: allocation.Blocks(ips, want.Request.Public)}
	if len(allocation.Fitting(ips, want.Request)) == 0 {
		diags.Append(noSuchPlace(want.At, exhausted))
		return diags
	}
	summary := fmt.Sprintf("Not enough free %s addresses", exhausted.Kind())
	if want.Request.Public && want.Request.Datacenter == "" {
		diags.AddAttributeWarning(want.At, summary, fmt.Sprintf("This plan makes at least %d objects that need one, in a datacenter that is not known yet; no datacenter has more than %d free. "+
			"GoGrid gives out addresses by support request only.", planned, most))
		return diags
	}
	diags.AddAttributeError(want.At, summary, fmt.Sprintf("This plan makes at least %d objects that need one in %s; %d %s free, or can become free by this plan. GoGrid gives out addresses by support request only.",
		planned, exhausted.Place(), most, isAre(most)))
	return diags
}

// countCapacity counts the addresses that a request could get at best: all that fit,
// except addresses that this configuration keeps and addresses that are in use
// without a server.
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
		if !s.Ledger.Keeps(ip.Address) {
			count++
		}
	}
	return count
}

// RecheckPlanned repeats the checks over the whole plan after something is known to
// stay as it is.
func RecheckPlanned(ctx context.Context, s *session.Session) diag.Diagnostics {
	var diags diag.Diagnostics
	needs := s.Ledger.Planned()
	if len(needs) == 0 || !s.Known() || s.Destroys {
		return diags
	}
	ips, err := s.Client.Snapshot.IPs(ctx)
	if err != nil {
		return diags // the check that lists them itself reports it
	}
	for _, planned := range needs {
		diags.Append(checkNeed(s, ips, planned.Need, planned.Count)...)
	}
	return diags
}

// countAvailable counts the addresses that a request could be given, those
// included that are to be freed. A public request that names no datacenter
// gets them from one, and the best one counts.
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

// countReclaimable counts addresses that are in use now by servers of this
// configuration that do not stay: what replaces them can have them.
func countReclaimable(s *session.Session, ips []client.IP, request allocation.Request) int {
	credit := 0
	for _, ip := range allocation.Fitting(ips, request) {
		if ip.Assigned() && s.Ledger.Leaves(ip.Address) {
			credit++
		}
	}
	return credit
}

// CheckAddress finds an address that is not the account's, is of the wrong
// kind or datacenter, or is in use by something that is no server. A server that
// holds it may be in the state and be deleted or moved by the same plan, so that
// is a warning, and the creation decides.
func CheckAddress(ctx context.Context, s *session.Session, at path.Path, request allocation.Request) diag.Diagnostics {
	var diags diag.Diagnostics
	ips, err := s.Client.Snapshot.IPs(ctx)
	if err != nil {
		diags.Append(tf.Failure("list the account's addresses", err))
		return diags
	}
	ip, err := allocation.Find(ips, request)
	if err != nil {
		diags.Append(AddressDiagnostic(ctx, s, at, err))
		return diags
	}
	if s.Ledger.Count(at.String(), ip.Address) > 1 && !s.Ledger.Begun() {
		diags.AddAttributeError(at, fmt.Sprintf("Address %s is asked for twice", ip.Address),
			fmt.Sprintf("This plan makes two objects with %s as their %s; only one can have it. Give each an address of its own, or leave %s out to have one chosen.", ip.Address, lastStep(at), lastStep(at)))
		return diags
	}
	if !ip.Assigned() || s.Ledger.HasSeen(ip.Address) {
		return diags
	}
	taken := AddressDiagnostic(ctx, s, at, &allocation.TakenError{Address: ip.Address})
	if knownHolder(ctx, s, ip.Address) != nil {
		taken = diag.NewAttributeWarningDiagnostic(at, taken.Summary(), taken.Detail()+" If this configuration has that server and this plan deletes or moves it, the address is free by then.")
	}
	diags.Append(taken)
	return diags
}

func isAre(count int) string {
	if count == 1 {
		return "is"
	}
	return "are"
}
