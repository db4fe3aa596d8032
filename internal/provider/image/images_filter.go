// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// imageFilter holds the conditions of data.gogrid_image and data.gogrid_images. A
// null condition matches every image.
type imageFilter struct {
	Name         types.String `tfsdk:"name"`
	FriendlyName types.String `tfsdk:"friendly_name"`
	OS           types.String `tfsdk:"os"`
	Architecture types.String `tfsdk:"architecture"`
	State        types.String `tfsdk:"state"`
	Datacenter   types.String `tfsdk:"datacenter"`
	IsPublic     types.Bool   `tfsdk:"is_public"`
}

// imageFilterAttributes returns the attributes of imageFilter. If computed is
// true, an attribute that is not set gets the value of the image that was
// found.
func imageFilterAttributes(computed bool) map[string]schema.Attribute {
	text := func(description string) schema.StringAttribute {
		return schema.StringAttribute{
			Optional: true, Computed: computed, MarkdownDescription: description,
		}
	}
	return map[string]schema.Attribute{
		"name":          text("Name that GoGrid gives to the image, such as `centos6.2_64_base`, ignoring case."),
		"friendly_name": text("Friendly name, ignoring case. Several images may share one."),
		"os":            text("Operating system, by name or id, such as `CentOS 6.2 (64-bit)`."),
		"architecture":  text("Architecture: `32-bit` or `64-bit`."),
		"state":         text("State: `Saving`, `Available`, `Trash`, `Deleted` or `Migrating`."),
		"datacenter": schema.StringAttribute{
			Optional:            true,
			MarkdownDescription: "Datacenter in which the image must be available, by name or id.",
		},
		"is_public": schema.BoolAttribute{
			Optional: true, Computed: computed,
			MarkdownDescription: "Whether other accounts may use the image: `true` for GoGrid's own and shared images, `false` for the account's private images.",
		},
	}
}

// choose returns the matching images, newest first: sorted by descending creation
// time, then by descending id.
func (f imageFilter) choose(ctx context.Context, s *session.Session) ([]client.Image, error) {
	images, err := s.Client.Snapshot.Images(ctx)
	if err != nil {
		return nil, err
	}
	var chosen []client.Image
	for _, image := range images {
		if f.matches(image) {
			chosen = append(chosen, image)
		}
	}
	slices.SortFunc(chosen, func(a, b client.Image) int {
		if newer := b.CreatedTime.Compare(a.CreatedTime); newer != 0 {
			return newer
		}
		return int(b.ID - a.ID)
	})
	return chosen, nil
}

// maxListed is the maximum number of values that a warning of warnOfUnknown
// lists.
const maxListed = 30

// warnOfUnknown returns a warning for each condition on an option that no image
// of the account matches, because the value is probably misspelled. The other
// conditions get no warning: they may match nothing for good reasons, such as
// the name of an image that has not been built yet.
func (f imageFilter) warnOfUnknown(ctx context.Context, s *session.Session) diag.Diagnostics {
	var diags diag.Diagnostics
	images, err := s.Client.Snapshot.Images(ctx)
	if err != nil || len(images) == 0 {
		return diags
	}
	for _, condition := range []struct {
		attribute string
		wanted    types.String
		values    func(client.Image) []client.Option
	}{
		{"os", f.OS, func(image client.Image) []client.Option { return []client.Option{image.OS} }},
		{"architecture", f.Architecture, func(image client.Image) []client.Option { return []client.Option{image.Architecture} }},
		{"datacenter", f.Datacenter, func(image client.Image) []client.Option {
			var all []client.Option
			for _, in := range image.Datacenters {
				all = append(all, in.Datacenter)
			}
			return all
		}},
	} {
		var names []string
		found := false
		for _, image := range images {
			for _, option := range condition.values(image) {
				found = found || session.OptionMatches(condition.wanted, option)
				if !slices.Contains(names, option.Name) {
					names = append(names, option.Name)
				}
			}
		}
		if found || !tf.IsSet(condition.wanted) {
			continue
		}
		slices.Sort(names)
		list := strings.Join(names[:min(len(names), maxListed)], ", ")
		if hidden := len(names) - maxListed; hidden > 0 {
			list += fmt.Sprintf(" and %d more", hidden)
		}
		diags.AddAttributeWarning(path.Root(condition.attribute), fmt.Sprintf("No image has the %s %q", condition.attribute, condition.wanted.ValueString()),
			fmt.Sprintf("The list of images is empty. The images of the account have: %s.", list))
	}
	return diags
}

func (f imageFilter) matches(image client.Image) bool {
	return textMatches(f.Name, image.Name) &&
		textMatches(f.FriendlyName, image.FriendlyName) &&
		session.OptionMatches(f.OS, image.OS) &&
		session.OptionMatches(f.Architecture, image.Architecture) &&
		session.OptionMatches(f.State, image.State) &&
		(!tf.IsSet(f.Datacenter) || image.AvailableIn(f.Datacenter.ValueString())) &&
		(!tf.IsSet(f.IsPublic) || f.IsPublic.ValueBool() == image.IsPublic)
}

func textMatches(wanted types.String, text string) bool {
	return !tf.IsSet(wanted) || strings.EqualFold(wanted.ValueString(), text)
}
