// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Attributes is a set of attribute names.
type Attributes map[string]struct{}

// AddIf adds an attribute if the condition holds.
func (a Attributes) AddIf(name string, member bool) {
	if member {
		a[name] = struct{}{}
	}
}

// Has reports whether the set contains an attribute.
func (a Attributes) Has(name string) bool {
	_, ok := a[name]
	return ok
}

// Any reports whether the set contains any attribute.
func (a Attributes) Any() bool { return len(a) > 0 }

// Replace tells whether one of the attributes cannot be changed in place.
func (a Attributes) Replace() bool {
	return a.Has("name") || a.Has("image") || a.Has("public_ip") || a.Has("private_ip") || a.Has("datacenter") || a.Has("release")
}

// CheckImage finds an image that does not exist or cannot be used now.
func CheckImage(ctx context.Context, s *session.Session, at path.Path, idOrName string) (*client.Image, diag.Diagnostics) {
	var diags diag.Diagnostics
	image, err := s.Client.Snapshot.Image(ctx, idOrName)
	switch {
	case err != nil:
		diags.Append(tf.AttributeFailure(at, "look up the image", err))
		return nil, diags
	case image == nil:
		diags.Append(noImage(ctx, s, at, idOrName))
		return nil, diags
	case isBeingSaved(s, *image):
	case image.State.Name != client.ImageAvailable:
		diags.AddAttributeError(at, fmt.Sprintf("Image %s cannot be used", image.Name),
			fmt.Sprintf("Its state is %s; only an image in state %s can be used for a new server.", image.State.Name, client.ImageAvailable))
	}
	return image, diags
}

// isBeingSaved tells whether this configuration saves the image, and so waits for
// it before it makes a server of it: an interrupted save goes on.
func isBeingSaved(s *session.Session, image client.Image) bool {
	return image.State.Name == client.ImageSaving && s.Ledger.HasSeen(session.ImageKey(tf.IDText(image.ID)))
}

// noImage is the error about an image that does not exist; it names what the
// user may have meant.
func noImage(ctx context.Context, s *session.Session, at path.Path, idOrName string) diag.Diagnostic {
	detail := "An image is named by its id or by its name, such as centos6.2_64_base. data.gogrid_images lists what the account can use."
	if images, err := s.Client.Snapshot.Images(ctx); err == nil {
		if like := imagesLike(images, idOrName); len(like) > 0 {
			detail += " Did you mean " + strings.Join(like, ", ") + "?"
		}
	}
	return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("There is no image %q", idOrName), detail)
}

// imagesLike names up to three images that a reference may have meant: those
// that have it as their friendly name, those whose name begins with it, those
// whose name differs least, and those that begin as most of it does.
func imagesLike(images []client.Image, reference string) []string {
	const most = 3
	type candidate struct {
		words    string
		distance int
	}
	var like []candidate
	wanted := strings.ToLower(reference)
	for _, image := range images {
		name := strings.ToLower(image.Name)
		distance := levenshtein.Distance(name, wanted, nil)
		switch {
		case wanted == "":
		case strings.EqualFold(image.FriendlyName, reference):
			like = append(like, candidate{fmt.Sprintf("%d (%s)", image.ID, image.FriendlyName), 0})
		case strings.HasPrefix(name, wanted):
			like = append(like, candidate{image.Name, 1})
		case distance <= len(wanted)/4:
			like = append(like, candidate{image.Name, distance})
		case samePrefix(name, wanted) > len(wanted)*2/3:
			like = append(like, candidate{image.Name, len(wanted)})
		}
	}
	slices.SortStableFunc(like, func(a, b candidate) int { return a.distance - b.distance })
	names := make([]string, 0, most)
	for _, candidate := range like[:min(most, len(like))] {
		names = append(names, candidate.words)
	}
	return names
}

// samePrefix is the length of what two texts begin with in common.
func samePrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// CheckRAM finds a RAM size that does not exist or does not fit the image.
func CheckRAM(ctx context.Context, s *session.Session, at path.Path, ram string, image *client.Image) diag.Diagnostics {
	diags := CheckOption(ctx, s, at, client.LookupServerRAM, ram)
	if diags.HasError() || image == nil {
		return diags
	}
	option := findOption(ctx, s, client.LookupServerRAM, ram)
	size, ok := megabytes(option.Name)
	if !ok {
		return diags
	}
	if least, ok := megabytes(image.MinRAM.Name); ok && size < least {
		diags.AddAttributeError(at, fmt.Sprintf("%s of RAM is too little for image %s", option.Name, image.Name),
			fmt.Sprintf("The image needs at least %s.", image.MinRAM.Name))
	}
	if image.Architecture.Matches("32-bit") && size > maxRAM32Bit {
		diags.AddAttributeError(at, fmt.Sprintf("%s of RAM is too much for image %s", option.Name, image.Name),
			"A 32-bit image runs with at most 2GB. Use a 64-bit image for more.")
	}
	return diags
}

// maxRAM32Bit is the largest RAM size, in megabytes, that GoGrid offers for a
// 32-bit image; its FAQ lists 512MB, 1GB and 2GB.
const maxRAM32Bit = 2048

// megabytes reads the name of a RAM option, such as 512MB or 4GB.
func megabytes(name string) (int, bool) {
	for unit, factor := range map[string]int{"MB": 1, "GB": 1024} {
		if number, ok := strings.CutSuffix(strings.ToUpper(name), unit); ok {
			n, err := strconv.Atoi(strings.TrimSpace(number))
			return n * factor, err == nil
		}
	}
	return 0, false
}

// CheckOption finds an option, such as a RAM size, that does not exist.
func CheckOption(ctx context.Context, s *session.Session, at path.Path, lookup, idOrName string) diag.Diagnostics {
	var diags diag.Diagnostics
	options, err := s.Client.Snapshot.Lookup(ctx, lookup)
	if err != nil {
		diags.Append(tf.AttributeFailure(at, "look up the allowed values", err))
		return diags
	}
	names := make([]string, 0, len(options))
	for _, option := range options {
		if option.Matches(idOrName) {
			return diags
		}
		names = append(names, option.Name)
	}
	diags.AddAttributeError(at, fmt.Sprintf("GoGrid has no %s %q", strings.ReplaceAll(lastStep(at), "_", " "), idOrName),
		"Allowed values: "+strings.Join(names, ", ")+".")
	return diags
}

// lastStep is the name of the attribute that a path leads to.
func lastStep(at path.Path) string {
	last, _ := at.Steps().LastStep()
	name, _ := last.(path.PathStepAttributeName)
	return string(name)
}

// findOption is the option that an id or name means; where the list cannot be had
// or has none, one that carries the text as its name.
func findOption(ctx context.Context, s *session.Session, lookup, idOrName string) client.Option {
	options, err := s.Client.Snapshot.Lookup(ctx, lookup)
	if err == nil {
		for _, option := range options {
			if option.Matches(idOrName) {
				return option
			}
		}
	}
	return client.Option{Name: idOrName}
}

func datacenterNames(image client.Image) string {
	var names []string
	for _, in := range image.Datacenters {
		if in.State.Name == client.ImageAvailable {
			names = append(names, in.Datacenter.Name)
		}
	}
	if len(names) == 0 {
		return "no datacenter"
	}
	return strings.Join(names, ", ")
}

// AddressDiagnostic turns what an allocation answered into a diagnostic that
// names the holder of a taken address.
func AddressDiagnostic(ctx context.Context, s *session.Session, at path.Path, err error) diag.Diagnostic {
	var (
		taken     *allocation.TakenError
		unknown   *allocation.UnknownAddressError
		exhausted *allocation.ExhaustedError
		leased    *allocation.LeasedError
		reserved  *allocation.ReservedError
	)
	switch {
	case errors.As(err, &leased):
		return s.LeasedDiagnostic(leased)
	case errors.As(err, &taken):
		return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("Address %s is taken", taken.Address),
			fmt.Sprintf("It is in use by %s. An address belongs to one server at a time. If that one is being replaced by this very resource, "+
				"the replacement has create_before_destroy, which cannot work with a fixed address: the new server needs the address before the old one has given it up. "+
				"Remove create_before_destroy, or let the provider choose the address.", holderName(ctx, s, *taken)))
	case errors.As(err, &reserved):
		return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("Address %s cannot be used", reserved.Address),
			tf.Sentence(err.Error())+" No server can have it. Choose another address of the block, or leave the attribute out, and the provider chooses one.")
	case errors.As(err, &unknown):
		return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("Address %s is not the account's", unknown.Address),
			tf.Sentence(err.Error())+" data.gogrid_ips lists the addresses. GoGrid added blocks by support request only; a simulated grid has larger ones with --private-block-size and --public-block-size.")
	case errors.As(err, &exhausted) && exhausted.Addresses == 0:
		return noSuchPlace(at, exhausted)
	case errors.As(err, &exhausted):
		return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("No free %s address", exhausted.Kind()),
			tf.Sentence(err.Error())+" Delete something that holds one, or ask GoGrid's support for another block.")
	default:
		return tf.AttributeFailure(at, "get an address", err)
	}
}

// holderName names who holds a taken address: what the allocation knows, or
// the server that the grid shows at it.
func holderName(ctx context.Context, s *session.Session, taken allocation.TakenError) string {
	if taken.Holder != "" {
		return taken.Holder
	}
	if holder := knownHolder(ctx, s, taken.Address); holder != nil {
		return Describe(*holder)
	}
	return "something that is no server of this account (a load balancer, or the platform itself)"
}

// noSuchPlace is the error of a request for an address in a range or datacenter
// where the account has none.
func noSuchPlace(at path.Path, exhausted *allocation.ExhaustedError) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("No %s address for servers in %s", exhausted.Kind(), exhausted.Place()),
		tf.Sentence(exhausted.Error())+" Choose a range or a datacenter that contains other addresses of a block. A simulated grid has larger blocks with --private-block-size and --public-block-size.")
}

// knownHolder is the server that has an address, public or private; nil when
// none is known to.
func knownHolder(ctx context.Context, s *session.Session, address string) *client.Server {
	server, err := s.Client.Snapshot.ServerAt(ctx, address)
	if err != nil {
		return nil
	}
	return server
}

// Option is an attribute that names an option of a lookup.
type Option struct {
	Name   string
	Lookup string
	Value  *types.String
}

// KeepOption is keepForms for one attribute that names an option.
func KeepOption(ctx context.Context, s *session.Session, now Option, before types.String) diag.Diagnostics {
	if !tf.IsSet(*now.Value) || !tf.IsSet(before) || now.Value.Equal(before) {
		return nil
	}
	same, err := sameOption(ctx, s, now.Lookup, now.Value.ValueString(), before.ValueString())
	if err != nil {
		return diag.Diagnostics{tf.AttributeFailure(path.Root(now.Name), "look up the allowed values", err)}
	}
	if same {
		*now.Value = before
	}
	return nil
}

// sameOption tells whether two texts name one option. While the grid cannot be
// asked, an id and a name pass for the same: a difference shows in the next
// plan, and what was replaced for nothing is lost.
func sameOption(ctx context.Context, s *session.Session, lookup, a, b string) (bool, error) {
	if strings.EqualFold(a, b) {
		return true, nil
	}
	if !s.Known() {
		return tf.IsNumber(a) != tf.IsNumber(b), nil
	}
	options, err := s.Client.Snapshot.Lookup(ctx, lookup)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(options, func(option client.Option) bool { return option.Matches(a) && option.Matches(b) }), nil
}
