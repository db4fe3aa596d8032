// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package build

import (
	"context"
	"errors"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/ownership"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/session"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// saveSandbox starts to save the sandbox as an image and returns the image with
// its id.
func (b *Build) saveSandbox(ctx context.Context) (*client.Image, error) {
	s := b.session
	images, err := s.Client.Snapshot.Images(ctx)
	if err != nil {
		return nil, err
	}
	image, err := b.sendSave(ctx, images)
	if err != nil {
		return nil, err
	}
	s.Known.See(session.ImageKey(tf.IDText(image.ID)))
	return image, nil
}

// adoptImage returns the image that an interrupted apply saved from the same
// inputs, or nil if there is none. The diagnostics hold an error if the grid is
// saving an untagged image of the same name, which may come from such an apply.
func (b *Build) adoptImage(images []client.Image) (*client.Image, diag.Diagnostics) {
	var diags diag.Diagnostics
	s := b.session
	for _, image := range images {
		if image.FriendlyName != b.FriendlyName || s.Known.HasSeen(session.ImageKey(tf.IDText(image.ID))) {
			continue
		}
		switch {
		case s.Tag(b.Key).On(image.Description) && isUsable(image):
			if !s.Known.TryAdopt("image", tf.IDText(image.ID).ValueString()) {
				continue // this process is deleting the image, so the build makes a new one
			}
			diags.AddWarning("Took over "+Describe(image),
				fmt.Sprintf("An interrupted apply saved it from the same inputs, and it carries the tag of deployment %q. No second image was saved.", s.Deployment))
			return &image, diags
		case image.State.Matches(client.ImageSaving) && ownership.Of(image.Description) == (ownership.Tag{}):
			diags.AddAttributeError(path.Root("friendly_name"), fmt.Sprintf("The grid is saving %s", Describe(image)),
				fmt.Sprintf("The image has the configured name and carries no tag, so an interrupted apply may have begun to save it. No second one is made. "+
					"If the image is yours, import it, for example with: terraform import gogrid_mygsi_image.NAME %d. Otherwise wait until it is saved, or choose another name. "+
					"If deployment is set in the provider block, the provider recognises and adopts the objects of an interrupted apply.", image.ID))
			return nil, diags
		}
	}
	return nil, diags
}

// isUsable reports whether an image is saved or still being saved.
func isUsable(image client.Image) bool {
	return image.State.Matches(client.ImageSaving) || image.State.Matches(client.ImageAvailable)
}

// sendSave sends the call that saves the sandbox. If the answer is lost,
// sendSave looks for a matching image that is not in before, and retries the
// call if there is none. A cancelled context does not interrupt a call that has
// been sent.
func (b *Build) sendSave(ctx context.Context, before []client.Image) (*client.Image, error) {
	s := b.session
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	ctx = context.WithoutCancel(ctx)
	request := client.ImageSave{
		ServerID:     b.sandbox.ID,
		FriendlyName: b.FriendlyName,
		Description:  s.Tag(b.Key).Describe(b.Description.ValueString()),
	}
	var lost error
	for range session.MaxAddTries {
		image, err := s.Client.Images.Save(ctx, request)
		if err == nil {
			return image, nil
		}
		if !client.IsOutcomeUnknown(err) && lost == nil {
			return nil, err
		}
		s.Client.Snapshot.Refresh(client.KindImages)
		current, lookErr := s.Client.Snapshot.Images(ctx)
		if lookErr != nil {
			return nil, errors.Join(err, lookErr)
		}
		if image := findSavedImage(s, before, current, request); image != nil {
			return image, nil
		}
		if !client.IsOutcomeUnknown(err) {
			return nil, err
		}
		lost = err
	}
	return nil, lost
}

// findSavedImage returns the image created by a save whose answer was lost, or
// nil. The image has the requested name and description, is not in before, and
// does not belong to another resource of this process.
func findSavedImage(s *session.Session, before, current []client.Image, request client.ImageSave) *client.Image {
	old := map[int64]struct{}{}
	for _, image := range before {
		old[image.ID] = struct{}{}
	}
	for _, image := range current {
		if _, known := old[image.ID]; known || s.Known.HasSeen(session.ImageKey(tf.IDText(image.ID))) {
			continue
		}
		if image.FriendlyName == request.FriendlyName && image.Description == request.Description {
			return &image
		}
	}
	return nil
}

// errNotSaved reports that GoGrid returned an image in response to a save and
// later dropped the image.
var errNotSaved = errors.New("GoGrid accepted the save and then could not complete it")

// awaitSaved waits until an image is saved and can be used. The error is
// errNotSaved if the image has disappeared.
func awaitSaved(ctx context.Context, s *session.Session, image client.Image) (*client.Image, error) {
	current, err := s.Client.Watch.Image(ctx, client.ImageWait{
		Operation:    client.OperationSaveImage,
		ID:           image.ID,
		FriendlyName: image.FriendlyName,
		Done:         func(current *client.Image) bool { return current == nil || !current.State.Matches(client.ImageSaving) },
	})
	switch {
	case err != nil:
		return current, err
	case IsTrashed(current):
		return nil, fmt.Errorf("%w: %s is gone again", errNotSaved, Describe(image))
	case !current.State.Matches(client.ImageAvailable) && !current.State.Matches(client.ImageMigrating):
		return current, fmt.Errorf("%s ended in state %s; GoGrid cannot save a server with more than 50 GB of data", Describe(image), current.State.Name)
	}
	return current, nil
}

// Trash moves an image to the trash and waits until GoGrid shows it there. If
// the image is still being saved, Trash waits for the save first. Trash returns
// nil if the image is already gone.
func Trash(ctx context.Context, s *session.Session, image client.Image) error {
	if image.State.Matches(client.ImageSaving) {
		saved, err := awaitSaved(ctx, s, image)
		switch {
		case errors.Is(err, errNotSaved):
			return nil
		case saved == nil:
			return err
		}
		image = *saved
	}
	gone, err := sendTrash(ctx, s, image)
	if gone || err != nil {
		return err
	}
	_, err = s.Client.Watch.Image(ctx, client.ImageWait{
		Operation:    client.OperationDeleteImage,
		ID:           image.ID,
		FriendlyName: image.FriendlyName,
		Done:         IsTrashed,
	})
	return err
}

// sendTrash sends the call that moves an image to the trash, and retries it if
// the answer is lost. It returns true if a lookup shows that the image is
// already in the trash. It returns an error if GoGrid accepts none of the
// calls.
func sendTrash(ctx context.Context, s *session.Session, image client.Image) (gone bool, err error) {
	for range session.MaxCommandTries {
		if err = ctx.Err(); err != nil {
			return false, err
		}
		if _, err = s.Client.Images.Delete(context.WithoutCancel(ctx), image.ID); err == nil {
			return false, nil
		}
		if !client.IsOutcomeUnknown(err) && !client.IsNotFound(err) {
			return false, err
		}
		s.Client.Snapshot.Refresh(client.KindImages)
		current, lookErr := s.Client.Snapshot.Image(ctx, tf.IDText(image.ID).ValueString())
		if lookErr != nil {
			return false, errors.Join(err, lookErr)
		}
		if IsTrashed(current) {
			return true, nil
		}
	}
	return false, err
}

// IsTrashed reports whether an image is in the trash or gone. It returns true
// for a nil image.
func IsTrashed(image *client.Image) bool {
	return image == nil || image.State.Matches(client.ImageTrash) || image.State.Matches(client.ImageDeleted)
}

// Describe returns the friendly name and id of an image for messages.
func Describe(image client.Image) string {
	return fmt.Sprintf("image %q (id %d)", image.FriendlyName, image.ID)
}

// NoSandbox returns the error for a sandbox_id that matches no sandbox.
func NoSandbox(id string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("sandbox_id"), fmt.Sprintf("There is no sandbox with the id %s", id),
		"An image is saved from an existing sandbox. Set sandbox_id to its id, usually gogrid_sandbox.NAME.id.")
}

// Edit sets the friendly name, description and visibility of an image to the
// wanted values in one call, and returns the edited image. It makes no call if
// all values match.
func Edit(ctx context.Context, s *session.Session, wanted Request, image client.Image) (*client.Image, error) {
	var edit client.ImageEdit
	if wanted.FriendlyName != image.FriendlyName {
		edit.FriendlyName = &wanted.FriendlyName
	}
	if wanted.IsPublic != image.IsPublic {
		edit.Public = &wanted.IsPublic
	}
	edit.Description = s.ChangedDescription(wanted.Description, wanted.Deployment, image.Description)
	if edit == (client.ImageEdit{}) {
		return &image, nil
	}
	var err error
	for range session.MaxAddTries {
		var current *client.Image
		current, err = s.Client.Images.Edit(context.WithoutCancel(ctx), image.ID, edit)
		if err == nil && imageEdited(*current, edit) {
			return current, nil
		}
		if err != nil && !client.IsOutcomeUnknown(err) {
			return nil, err
		}
		// The answer was lost or shows the old values, so read the image again.
		s.Client.Snapshot.Refresh(client.KindImages)
		current, lookErr := s.Client.Snapshot.Image(ctx, tf.IDText(image.ID).ValueString())
		if lookErr == nil && current != nil && imageEdited(*current, edit) {
			return current, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("GoGrid accepted the change of %s but still shows the old values; run the same command again", Describe(image))
	}
	return nil, err
}

// imageEdited reports whether an image has all values of an edit.
func imageEdited(image client.Image, edit client.ImageEdit) bool {
	return (edit.FriendlyName == nil || image.FriendlyName == *edit.FriendlyName) &&
		(edit.Description == nil || image.Description == *edit.Description) &&
		(edit.Public == nil || image.IsPublic == *edit.Public)
}
