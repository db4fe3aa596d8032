// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
)

// checkNewMachine is everything that can be known about a machine before it
// is made. What is still unknown is empty in the spec and named in unknown;
// checks that need it are left for the apply, which runs them again.
//
// Each check reads lists that the whole process shares, so that planning a
// thousand machines costs the calls of one.
func (s *session) checkNewMachine(ctx context.Context, spec machineSpec, unknown attributeSet) diag.Diagnostics {
	diags := s.mayChange("create " + spec.String())
	diags.Append(s.checkMarkedDescription(spec.Description, "")...)
	there := false
	if !unknown.has("name") {
		var more diag.Diagnostics
		there, more = s.checkName(ctx, spec, unknown)
		diags.Append(more...)
	}
	var image *client.Image
	if !unknown.has("image") {
		var more diag.Diagnostics
		image, more = s.checkImage(ctx, spec.at("image"), spec.Image)
		diags.Append(more...)
	}
	if !unknown.has("ram") && !spec.Sandbox {
		diags.Append(s.checkRAM(ctx, spec.at("ram"), spec.RAM, image)...)
	}
	if !unknown.has("type") && spec.Type != "" {
		diags.Append(s.checkOption(ctx, spec.at("type"), client.LookupServerType, spec.Type)...)
	}
	if there {
		return diags // and so are its addresses
	}
	place, more := s.checkPlace(ctx, spec, unknown, image)
	diags.Append(more...)
	if !unknown.has("private_ip") && spec.PrivateIP != "" {
		diags.Append(s.checkAddress(ctx, spec.at("private_ip"), spec, allocation.Request{Address: spec.PrivateIP, Datacenter: place})...)
	}
	return diags
}

// checkMarkedDescription holds the limit of descriptions, the mark included.
func (s *session) checkMarkedDescription(description, key string) diag.Diagnostics {
	var diags diag.Diagnostics
	length := len([]rune(s.tag(key).Describe(description)))
	if length <= ownership.MaxDescription {
		return diags
	}
	text := fmt.Sprintf("GoGrid stores at most %d characters; this one has %d", ownership.MaxDescription, length)
	if s.deployment != "" {
		text += fmt.Sprintf(", of which %d are the mark of deployment %q", length-len([]rune(description)), s.deployment)
	}
	diags.AddAttributeError(path.Root("description"), "Description is too long", text+".")
	return diags
}

// checkName finds names that are given twice in the plan or are taken on the
// grid by something this configuration does not know. It also tells whether
// the grid has just what is asked for, left by an interrupted apply.
func (s *session) checkName(ctx context.Context, spec machineSpec, unknown attributeSet) (bool, diag.Diagnostics) {
	var diags diag.Diagnostics
	if s.ledger.count(spec.kind(), spec.Name) > 1 && !s.ledger.begun() {
		diags.AddAttributeError(path.Root("name"), fmt.Sprintf("Two %ss are to be named %q", spec.kind(), spec.Name),
			"The name is how an interrupted apply finds again what it made, so it must be unique. With count or for_each put the index or key into the name.")
		return false, diags
	}
	if unknown.any() {
		return false, diags
	}
	found, err := s.leftover(ctx, spec)
	switch {
	case err != nil:
		diags.Append(failure("look for an existing "+spec.String(), err))
	case found == nil:
	case s.tag("").On(found.Description):
		diags.AddAttributeWarning(path.Root("name"), fmt.Sprintf("The grid already has %s", describe(*found)),
			fmt.Sprintf("It carries the mark of deployment %q: an interrupted apply left it. The apply takes it over instead of making a second one.", s.deployment))
	case s.ledger.planning():
		diags.Append(nameTaken(spec, *found))
	default:
		taken := nameTaken(spec, *found)
		diags.Append(diag.NewAttributeWarningDiagnostic(path.Root("name"), taken.Summary(), taken.Detail()))
	}
	return found != nil, diags
}

// checkPlace finds a datacenter that does not exist or does not fit, an
// address that cannot be had, and a plan that needs more addresses than there
// are. It returns the datacenter where that is known.
func (s *session) checkPlace(ctx context.Context, spec machineSpec, unknown attributeSet, image *client.Image) (string, diag.Diagnostics) {
	var diags diag.Diagnostics
	if unknown.has("datacenter") {
		return "", diags
	}
	if spec.Datacenter != "" {
		diags.Append(s.checkOption(ctx, spec.at("datacenter"), client.LookupDatacenter, spec.Datacenter)...)
		if diags.HasError() {
			return "", diags
		}
	}
	if unknown.has("public_ip") {
		return spec.Datacenter, diags
	}
	if spec.PublicIP != "" {
		place, more := s.checkFixedPlace(ctx, spec, image)
		diags.Append(more...)
		return place, diags
	}
	place := s.place(spec, image)
	diags.Append(checkAvailable(spec.at("image"), image, place)...)
	if !diags.HasError() {
		diags.Append(s.checkEnough(ctx, spec.at("public_ip"), allocation.Request{Public: true, Datacenter: place}, spec.kind(), spec.Name)...)
	}
	return place, diags
}

// checkFixedPlace checks a machine whose public address is given, and so its
// datacenter.
func (s *session) checkFixedPlace(ctx context.Context, spec machineSpec, image *client.Image) (string, diag.Diagnostics) {
	diags := s.checkAddress(ctx, spec.at("public_ip"), spec, allocation.Request{Public: true, Address: spec.PublicIP, Datacenter: spec.Datacenter})
	if diags.HasError() {
		return "", diags
	}
	ip, err := s.client.Snapshot.IPAt(ctx, spec.PublicIP)
	if err != nil || ip == nil {
		return "", diags
	}
	diags.Append(checkAvailable(spec.at("image"), image, ip.Datacenter.Name)...)
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

// checkEnough counts the creations planned so far that will choose an address
// in one place, and says once when there are not enough for them. Where the
// datacenter is not known yet, because the image is made by the same plan,
// it can only warn: when there is no datacenter that has enough for all.
// What is asked for in a block, such as the sandbox of a build, is there for a
// while only; it is counted apart, since what stays may come after it.
func (s *session) checkEnough(ctx context.Context, at path.Path, request allocation.Request, kind, name string) diag.Diagnostics {
	var diags diag.Diagnostics
	ips, err := s.client.Snapshot.IPs(ctx)
	if err != nil {
		diags.Append(failure("list the account's addresses", err))
		return diags
	}
	place := fmt.Sprintf("%t/%s/%s/%s", request.Public, request.Datacenter, request.Range, at.ParentPath())
	need := s.ledger.planNeed(place, kind, name)
	free := s.available(ips, request)
	if need <= free || s.ledger.begun() || !s.ledger.once("enough/"+place) {
		return diags
	}
	exhausted := &allocation.ExhaustedError{Request: request}
	summary := fmt.Sprintf("Not enough free %s addresses", exhausted.Kind())
	if request.Public && request.Datacenter == "" {
		diags.AddAttributeWarning(at, summary, fmt.Sprintf("This plan makes at least %d objects that need one, in a datacenter that is not known yet; no datacenter has more than %d free. "+
			"GoGrid gives out addresses by support request only.", need, free))
		return diags
	}
	diags.AddAttributeError(at, summary, fmt.Sprintf("This plan makes at least %d objects that need one in %s; %d %s free. GoGrid gives out addresses by support request only. "+
		"If other servers of this configuration are to be destroyed by the same plan, destroy them first.", need, exhausted.Place(), free, isAre(free)))
	return diags
}

// available counts the addresses that a request could be given, those
// included that are to be freed. A public request that names no datacenter
// gets them from one, and the best one counts.
func (s *session) available(ips []client.IP, request allocation.Request) int {
	if !request.Public || request.Datacenter != "" {
		return s.pool.Free(ips, request) + s.credit(ips, request)
	}
	best := 0
	for _, name := range datacentersOf(ips) {
		request.Datacenter = name
		best = max(best, s.available(ips, request))
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

// credit counts addresses that are in use now by servers of this
// configuration that do not stay: what replaces them can have them.
func (s *session) credit(ips []client.IP, request allocation.Request) int {
	credit := 0
	for _, ip := range allocation.Fitting(ips, request) {
		if ip.Assigned() && s.ledger.leaves(ip.Address) {
			credit++
		}
	}
	return credit
}

// checkAddress finds an address that is not the account's, is of the wrong
// kind or datacenter, or is in use by something that this configuration does
// not know. What it knows may be about to be replaced; see mayLeave for what
// else may.
func (s *session) checkAddress(ctx context.Context, at path.Path, spec machineSpec, request allocation.Request) diag.Diagnostics {
	var diags diag.Diagnostics
	ips, err := s.client.Snapshot.IPs(ctx)
	if err != nil {
		diags.Append(failure("list the account's addresses", err))
		return diags
	}
	ip, err := allocation.Find(ips, request)
	if err != nil {
		diags.Append(s.addressDiagnostic(ctx, at, err))
		return diags
	}
	if s.ledger.count(at.String(), ip.Address) > 1 && !s.ledger.begun() {
		diags.AddAttributeError(at, fmt.Sprintf("Address %s is asked for twice", ip.Address),
			fmt.Sprintf("This plan makes two objects with %s as their %s; only one can have it. Give each an address of its own, or leave %s out to have one chosen.", ip.Address, lastStep(at), lastStep(at)))
		return diags
	}
	if !ip.Assigned() || s.ledger.hasSeen(ip.Address) {
		return diags
	}
	taken := s.addressDiagnostic(ctx, at, &allocation.TakenError{Address: ip.Address})
	if s.mayLeave(spec, s.holderOf(ctx, ip.Address)) {
		taken = diag.NewAttributeWarningDiagnostic(at, taken.Summary(), taken.Detail())
	}
	diags.Append(taken)
	return diags
}

// mayLeave tells whether the holder of an address may be gone by the time that
// a machine needs it: the one that it replaces, or a sandbox in which an image
// is built.
func (s *session) mayLeave(spec machineSpec, holder *client.Server) bool {
	if holder == nil {
		return false
	}
	replaced := !s.ledger.planning() && spec.Name != "" && holder.Name == spec.Name
	return replaced || holder.IsSandbox && strings.HasPrefix(holder.Name, buildName(""))
}

func isAre(count int) string {
	if count == 1 {
		return "is"
	}
	return "are"
}
