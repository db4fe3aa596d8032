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

// findImage returns the image that a state describes. It returns nil only if the
// image is proven to be gone. The error is a [machine.StrangerError] if the grid
// has a different image under the id, and satisfies [client.IsUnproven] if the
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
		return nil, &client.UnprovenError{Object: build.Describe(*image), Reason: errors.New("a direct read returned a different image")}
	case isOtherImage(m, fresh[0]):
		return nil, &machine.StrangerError{State: describeStateImage(m), Found: build.Describe(fresh[0]) + " named " + fresh[0].Name}
	}
	return &fresh[0], nil
}

// needsDirectRead reports whether a listed image differs from the state in a
// way that could be a wrong answer: it has a different name or tag, has lost
// its description, or is in the trash. One wrong answer must not replace an
// image, so findImage confirms such a difference with a direct read.
func needsDirectRead(m *myGSIImageModel, image client.Image) bool {
	return isOtherImage(m, image) || build.IsTrashed(&image) ||
		m.Description.ValueString() != "" && image.Description == "" ||
		tf.IsSet(m.Deployment) && ownership.Of(image.Description).Deployment != m.Deployment.ValueString()
}

// isOtherImage reports whether an image is not the image of the state. It compares
// the name that GoGrid generates, which never changes.
func isOtherImage(m *myGSIImageModel, image client.Image) bool {
	return tf.IsSet(m.Name) && m.Name.ValueString() != image.Name
}

// describeStateImage returns the friendly name, id and name of the image in a state
// for messages.
func describeStateImage(m *myGSIImageModel) string {
	return build.Describe(client.Image{ID: tf.ServerID(m.ID), FriendlyName: m.FriendlyName.ValueString()}) + " named " + m.Name.ValueString()
}

// findOwnedImage returns the image that a state describes, or nil if it is
// gone. It returns an error if the image belongs to another deployment, because
// this deployment must not change or delete such an image.
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

// checkOwnedImage returns an error if the image of a state belongs to another
// deployment. action names the planned change in the error. Other errors are
// ignored here: the apply reports them.
func checkOwnedImage(ctx context.Context, s *session.Session, action string, m *myGSIImageModel) diag.Diagnostics {
	if !s.Configured() || m.ID.IsNull() {
		return nil
	}
	if _, err := findOwnedImage(ctx, s, m); machine.IsForeign(err) {
		return diag.Diagnostics{tf.Diagnostic(machine.ForeignProblem(action, err))}
	}
	return nil
}
