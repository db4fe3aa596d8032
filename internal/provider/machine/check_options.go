// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package machine

import (
	"context"
	"errors"
	"fmt"
	"net/netip"
	"slices"
	"strconv"
	"strings"

	"github.com/agext/levenshtein"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/allocation"
	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/report"
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

// Replace reports whether the set contains an attribute that cannot be changed in
// place.
func (a Attributes) Replace() bool {
	return a.Has("name") || a.Has("image") || a.Has("public_ip") || a.Has("private_ip") || a.Has("datacenter") || a.Has("release")
}

// CheckImage looks up an image by id or name. It returns an error on the attribute
// at if the image does not exist or its state does not allow new servers. The image
// is nil if it was not found.
func CheckImage(ctx context.Context, s *session.Session, at path.Path, idOrName string) (*client.Image, report.List) {
	var problems report.List
	image, err := s.Client.Snapshot.Image(ctx, idOrName)
	switch {
	case err != nil:
		problems.Add(tf.FailureProblem(at, "look up the image", err))
		return nil, problems
	case image == nil:
		problems.Add(noImage(ctx, s, at, idOrName))
		return nil, problems
	case !ImageMatches(*image, idOrName):
		problems.AddError(at, fmt.Sprintf("Image id %q is not in GoGrid's form", idOrName),
			fmt.Sprintf("The id of the image %s is written %q.", image.Name, strconv.FormatInt(image.ID, 10)))
	case isBeingSaved(s, *image):
	case image.State.Name != client.ImageAvailable:
		problems.AddError(at, fmt.Sprintf("Image %s cannot be used", image.Name),
			fmt.Sprintf("Its state is %s; only an image in state %s can be used for a new server.", image.State.Name, client.ImageAvailable))
	}
	return image, problems
}

// isBeingSaved reports whether this configuration is saving the image, perhaps in
// an apply that was interrupted. The apply then waits for the image before it
// creates a server from it.
func isBeingSaved(s *session.Session, image client.Image) bool {
	return image.State.Name == client.ImageSaving && s.Known.HasSeen(session.ImageKey(tf.IDText(image.ID)))
}

// noImage returns the error about an image that does not exist, with suggestions
// of similar images.
func noImage(ctx context.Context, s *session.Session, at path.Path, idOrName string) report.Problem {
	detail := "The value must be the id or the name of an image, such as centos6.2_64_base. data.gogrid_images lists the images that the account can use."
	if images, err := s.Client.Snapshot.Images(ctx); err == nil {
		if like := imagesLike(images, idOrName); len(like) > 0 {
			detail += " Did you mean " + strings.Join(like, ", ") + "?"
		}
	}
	return report.Error(at, fmt.Sprintf("There is no image %q", idOrName), detail)
}

// imagesLike returns up to three suggestions for a reference to an image that
// does not exist, the best first. An image is similar if the reference is its
// friendly name or a prefix of its name. It is also similar if the edit
// distance of the names is at most a quarter of the reference's length, or if
// they share a prefix of more than two thirds of that length.
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

// samePrefix returns the length of the common prefix of two texts, in bytes.
func samePrefix(a, b string) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}

// CheckRAM returns an error if a RAM size does not exist, is too small for the
// image, or is too large for a 32-bit image. A nil image fits every size.
func CheckRAM(ctx context.Context, s *session.Session, at path.Path, ram string, image *client.Image) report.List {
	problems := CheckOption(ctx, s, at, client.LookupServerRAM, ram)
	problems.Add(CheckBareRAM(ctx, s, at, ram)...)
	if problems.HasError() || image == nil {
		return problems
	}
	option := findOption(ctx, s, client.LookupServerRAM, ram)
	size, ok := megabytes(option.Name)
	if !ok {
		return problems
	}
	if least, ok := megabytes(image.MinRAM.Name); ok && size < least {
		problems.AddError(at, fmt.Sprintf("%s of RAM is too little for image %s", option.Name, image.Name),
			fmt.Sprintf("The image needs at least %s.", image.MinRAM.Name))
	}
	if image.Architecture.Matches("32-bit") && size > maxRAM32Bit {
		problems.AddError(at, fmt.Sprintf("%s of RAM is too much for image %s", option.Name, image.Name),
			"A 32-bit image runs with at most 2GB. Use a 64-bit image for more.")
	}
	return problems
}

// CheckBareRAM returns an error about a bare number that is ambiguous. GoGrid
// reads the number as the id of a RAM size, but a user may mean gigabytes: 2 is
// the id of 1GB. CheckBareRAM returns nil if both readings mean the same size,
// or if the list of sizes cannot be read.
func CheckBareRAM(ctx context.Context, s *session.Session, at path.Path, ram string) report.List {
	var problems report.List
	if !tf.IsNumber(ram) {
		return problems
	}
	option, size := findOption(ctx, s, client.LookupServerRAM, ram), ram+"GB"
	if option.ID == 0 || strings.EqualFold(option.Name, size) {
		return problems
	}
	advice := fmt.Sprintf("Write %q", option.Name)
	if sized := findOption(ctx, s, client.LookupServerRAM, size); sized.ID != 0 {
		advice += fmt.Sprintf(" or %q", sized.Name)
	} else {
		advice += fmt.Sprintf("; GoGrid has no %s", size)
	}
	problems.AddError(at, fmt.Sprintf("RAM size %q can be read in two ways", ram),
		fmt.Sprintf("GoGrid reads %s as the id of the RAM size %s, but it can also mean %s. %s.", ram, option.Name, size, advice))
	return problems
}

// maxRAM32Bit is the largest RAM size, in megabytes, that GoGrid offers for a
// 32-bit image; its FAQ lists 512MB, 1GB and 2GB.
const maxRAM32Bit = 2048

// megabytes parses the name of a RAM option, such as 512MB or 4GB. It reports false
// if the name has another form.
func megabytes(name string) (int, bool) {
	for unit, factor := range map[string]int{"MB": 1, "GB": 1024} {
		if number, ok := strings.CutSuffix(strings.ToUpper(name), unit); ok {
			n, err := strconv.Atoi(strings.TrimSpace(number))
			return n * factor, err == nil
		}
	}
	return 0, false
}

// CheckOption returns an error on the attribute at if a lookup, such as the list of
// RAM sizes, has no option with the given id or name.
func CheckOption(ctx context.Context, s *session.Session, at path.Path, lookup, idOrName string) report.List {
	var problems report.List
	options, err := s.Client.Snapshot.Lookup(ctx, lookup)
	if err != nil {
		problems.Add(tf.FailureProblem(at, "look up the allowed values", err))
		return problems
	}
	names := make([]string, 0, len(options))
	for _, option := range options {
		if option.Matches(idOrName) {
			return problems
		}
		names = append(names, option.Name)
	}
	detail := "Allowed values: " + strings.Join(names, ", ") + "."
	if like := optionLike(names, idOrName); like != "" {
		detail += fmt.Sprintf(" Did you mean %q?", like)
	}
	problems.AddError(at, fmt.Sprintf("GoGrid has no %s %q", optionNoun(at), idOrName), detail)
	return problems
}

// optionNoun returns the noun for the values of the attribute at a path.
func optionNoun(at path.Path) string {
	switch name := lastStep(at); name {
	case "ram":
		return "RAM size"
	case "type":
		return "server type"
	default:
		return strings.ReplaceAll(name, "_", " ")
	}
}

// optionLike returns the first name that differs from a text only in case,
// spaces, dashes, underscores or a missing unit. It returns "" if there is
// none.
func optionLike(names []string, text string) string {
	squeeze := strings.NewReplacer(" ", "", "-", "", "_", "", "\t", "", "\n", "", "\r", "")
	for _, name := range names {
		short := squeeze.Replace(name)
		for _, form := range []string{text, text + "B", text + "GB", text + "MB"} {
			if strings.EqualFold(short, squeeze.Replace(form)) {
				return name
			}
		}
	}
	return ""
}

// sentName returns an id or a name in the form to send to GoGrid. It returns a
// name with GoGrid's capitalization, because GoGrid rejects an image name with
// any other.
func sentName(option client.Option, idOrName string) string {
	if strings.EqualFold(option.Name, idOrName) {
		return option.Name
	}
	return idOrName
}

// SentOption returns the id or name of an option in the form to send to GoGrid.
func SentOption(ctx context.Context, s *session.Session, lookup, idOrName string) string {
	if idOrName == "" {
		return ""
	}
	return sentName(findOption(ctx, s, lookup, idOrName), idOrName)
}

// lastStep returns the name of the attribute that a path leads to.
func lastStep(at path.Path) string {
	last, _ := at.Steps().LastStep()
	name, _ := last.(path.PathStepAttributeName)
	return string(name)
}

// findOption returns the option with the given id or name. If the list cannot be
// read or has no such option, it returns an option with the text as its name.
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

// AddressProblem converts an allocation error to a problem on the attribute at.
// If the address is taken, the problem names the holder of the address.
func AddressProblem(ctx context.Context, s *session.Session, at path.Path, err error) report.Problem {
	var (
		taken     *allocation.TakenError
		unknown   *allocation.UnknownAddressError
		exhausted *allocation.ExhaustedError
		leased    *allocation.LeasedError
		reserved  *allocation.ReservedError
	)
	switch {
	case errors.As(err, &leased):
		return s.LeasedProblem(leased)
	case errors.As(err, &taken):
		return report.Error(at, fmt.Sprintf("Address %s is taken", taken.Address),
			fmt.Sprintf("It is in use by %s. An address belongs to one server at a time. If this resource replaces that server, "+
				"the replacement uses create_before_destroy, which cannot work with a fixed address: the new server needs the address before the old server is deleted. "+
				"Remove create_before_destroy, or let the provider choose the address.", holderName(ctx, s, *taken)))
	case errors.As(err, &reserved):
		return report.Error(at, fmt.Sprintf("Address %s cannot be used", reserved.Address),
			tf.Sentence(err.Error())+" No server can use it. Choose another address of the block, or leave the attribute out to let the provider choose one.")
	case errors.As(err, &unknown):
		return report.Error(at, fmt.Sprintf("Address %s does not belong to the account", unknown.Address),
			tf.Sentence(err.Error())+" data.gogrid_ips lists the addresses. GoGrid added blocks only on a support request; a simulated grid has larger ones with --private-block-size and --public-block-size.")
	case errors.As(err, &exhausted) && exhausted.Addresses == 0:
		return noSuchPlace(at, exhausted)
	case errors.As(err, &exhausted):
		return report.Error(at, fmt.Sprintf("No free %s address", exhausted.Kind()),
			tf.Sentence(err.Error())+" Delete a server that holds one, or ask GoGrid's support for another block.")
	default:
		return tf.FailureProblem(at, "get an address", err)
	}
}

// holderName returns a noun phrase for the holder of a taken address: the holder
// that the allocation knows, or the server that has the address on the grid.
func holderName(ctx context.Context, s *session.Session, taken allocation.TakenError) string {
	if taken.Holder != "" {
		return taken.Holder
	}
	if holder := knownHolder(ctx, s, taken.Address); holder != nil {
		return Describe(*holder)
	}
	return "an object that is not a server of this account (a load balancer, or the platform itself)"
}

// noSuchPlace returns the error about a request for an address in a range or
// datacenter where the account has no addresses.
func noSuchPlace(at path.Path, exhausted *allocation.ExhaustedError) report.Problem {
	return report.Error(at, fmt.Sprintf("No %s address for servers in %s", exhausted.Kind(), exhausted.Place()),
		outsideBlocks(exhausted)+tf.Sentence(exhausted.Error())+" Choose a range or a datacenter that contains other addresses of a block. A simulated grid has larger blocks with --private-block-size and --public-block-size.")
}

// outsideBlocks returns a sentence about a requested range that overlaps no
// block of the account, or "" if no range is requested or the range overlaps a
// block.
func outsideBlocks(exhausted *allocation.ExhaustedError) string {
	wanted := exhausted.Request.Range
	if !wanted.IsValid() || len(exhausted.Blocks) == 0 {
		return ""
	}
	for _, block := range exhausted.Blocks {
		text, _, _ := strings.Cut(block, " ")
		if prefix, err := netip.ParsePrefix(text); err != nil || prefix.Overlaps(wanted) {
			return ""
		}
	}
	return fmt.Sprintf("The range %s lies outside the account's %s addresses, %s. ", wanted, exhausted.Kind(), strings.Join(exhausted.Blocks, ", "))
}

// knownHolder returns the server that has a public or private address. It returns
// nil if no server has the address or the list of servers cannot be read.
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

// KeepOption gives a planned attribute its prior value if both values, an id or a
// name, name the same option.
func KeepOption(ctx context.Context, s *session.Session, planned Option, before types.String) report.List {
	if !tf.IsSet(*planned.Value) || !tf.IsSet(before) || planned.Value.Equal(before) {
		return nil
	}
	same, err := sameOption(ctx, s, planned.Lookup, planned.Value.ValueString(), before.ValueString())
	if err != nil {
		return report.List{tf.FailureProblem(path.Root(planned.Name), "look up the allowed values", err)}
	}
	if same {
		*planned.Value = before
	}
	return nil
}

// sameOption reports whether two texts name the same option. While the provider
// is not configured, sameOption treats an id and a name as the same option. If
// the options differ, the next plan shows a change; a needless replacement,
// however, would destroy the server.
func sameOption(ctx context.Context, s *session.Session, lookup, a, b string) (bool, error) {
	if strings.EqualFold(a, b) {
		return true, nil
	}
	if !s.Configured() {
		return tf.IsNumber(a) != tf.IsNumber(b), nil
	}
	options, err := s.Client.Snapshot.Lookup(ctx, lookup)
	if err != nil {
		return false, err
	}
	return slices.ContainsFunc(options, func(option client.Option) bool { return option.Matches(a) && option.Matches(b) }), nil
}
