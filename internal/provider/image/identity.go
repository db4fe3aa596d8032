// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package image

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/build"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/machine"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// findImage returns the image that a state describes. It returns nil only if it
// is proven that the image is gone. The error is a *strangerError if the grid
// has another image under the id, and satisfies [client.IsUnproven] if the
// answers prove neither.
func findImage(ctx context.Context, s *session.Session, m *myGSIImageModel) (*client.Image, error) {
	image, err := s.Client.Snapshot.Image(ctx, m.ID.ValueString())
	if err != nil || image == nil || !needsDirectRead(m, *image) {
		return image, err
	}
	fresh, err := s.Client.Images.Get(ctx, image.ID)
	switch {
	case err != nil:
		return nil, &client.UnprovenError{Object: build.Describe(*image), Reason: err}
	case len(fresh) != 1 || fresh[0].ID != image.ID:
		return nil, &client.UnprovenError{Object: build.Describe(*image), Reason: errors.New("a direct look was answered with another image")}
	case isOtherImage(m, fresh[0]):
		return nil, &machine.StrangerError{State: describeStateImage(m), Found: build.Describe(fresh[0]) + " named " + fresh[0].Name}
	}
	return &fresh[0], nil
}

// needsDirectRead reports whether an image differs from the state in what GoGrid
// cannot change, in its tag, or in that it is in the trash. One wrong answer must
// not replace an image, so such a difference is looked at directly.
func needsDirectRead(m *myGSIImageModel, image client.Image) bool {
	return isOtherImage(m, image) || build.IsTrashed(&image) ||
		m.Description.ValueString() != "" && image.Description == "" ||
		tf.IsSet(m.Deployment) && ownership.Of(image.Description).Deployment != m.Deployment.ValueString()
}

// isOtherImage reports whether an image is another image than a state describes:
// the name that GoGrid gives to an image stays.
func isOtherImage(m *myGSIImageModel, image client.Image) bool {
	return tf.IsSet(m.Name) && m.Name.ValueString() != image.Name
}

func describeStateImage(m *myGSIImageModel) string {
	return build.Describe(client.Image{ID: tf.ServerID(m.ID), FriendlyName: m.FriendlyName.ValueString()}) + " named " + m.Name.ValueString()
}

// findOwnedImage returns the image that a state describes if it may be changed
// or deleted.
func findOwnedImage(ctx context.Context, s *session.Session, m *myGSIImageModel) (*client.Image, error) {
	image, err := findImage(ctx, s, m)
	if err != nil || image == nil {
		return nil, err
	}
	if err := machine.CheckOwner(s, build.Describe(*image), m.Deployment, image.Description); err != nil {
		return nil, err
	}
	return image, nil
}

// checkOwnedImage is checkOwned for an image.
func checkOwnedImage(ctx context.Context, s *session.Session, action string, m *myGSIImageModel) diag.Diagnostics {
	if !s.Configured() || m.ID.IsNull() {
		return nil
	}
	if _, err := findOwnedImage(ctx, s, m); machine.IsForeign(err) {
		return diag.Diagnostics{machine.ForeignDiagnostic(action, err)}
	}
	return nil
}
