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

// saveSandbox saves a sandbox as an image. The answer has the image's id.
func (b *Build) saveSandbox(ctx context.Context) (*client.Image, error) {
	s := b.session
	known, err := s.Client.Snapshot.Images(ctx)
	if err != nil {
		return nil, err
	}
	image, err := b.sendSave(ctx, known)
	if err != nil {
		return nil, err
	}
	s.Known.See(session.ImageKey(tf.IDText(image.ID)))
	return image, nil
}

// adoptImage looks for the image that an earlier, killed apply made from the
// same things.
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
				continue // a deletion of this process has begun: the image is made again
			}
			diags.AddWarning("Took over "+Describe(image),
				fmt.Sprintf("It was made from the same things and carries the mark of deployment %q: an interrupted apply left it. Nothing was saved anew.", s.Deployment))
			return &image, diags
		case image.State.Matches(client.ImageSaving) && ownership.Of(image.Description) == (ownership.Tag{}):
			diags.AddAttributeError(path.Root("friendly_name"), fmt.Sprintf("The grid is saving %s", Describe(image)),
				fmt.Sprintf("An image of this name is being saved that this configuration does not know: an interrupted apply may have begun it. No second one is made. "+
					"If it is yours, import it, for example with: terraform import gogrid_mygsi_image.NAME %d; otherwise wait until it is saved, or choose another name. "+
					"With deployment set in the provider block, what an interrupted apply leaves is recognised and taken over.", image.ID))
			return nil, diags
		}
	}
	return nil, diags
}

func isUsable(image client.Image) bool {
	return image.State.Matches(client.ImageSaving) || image.State.Matches(client.ImageAvailable)
}

// sendSave sends the call and, when its answer is lost, looks for an image of
// the name that was not there before. A cancelled context does not cut the
// call off.
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

// findSavedImage finds the image that a save made, by what it asked for and by not
// having been there before, nor being another one's of this configuration.
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

// errNotSaved says that there is no image after all: GoGrid answered the save
// with one and could not carry the save out.
var errNotSaved = errors.New("GoGrid accepted the save and then could not carry it out")

// awaitSaved waits until an image can be used. One that ends in any other
// state is an error.
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

// Trash moves an image to the trash and waits until it is there. One that is
// gone already is no error.
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

// sendTrash asks GoGrid to move an image to the trash, and repeats the call
// while the answer is lost. It reports whether the image is in the trash
// already. It returns an error if no answer accepts the move.
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

// IsTrashed tells whether an image is in the trash or gone.
func IsTrashed(image *client.Image) bool {
	return image == nil || image.State.Matches(client.ImageTrash) || image.State.Matches(client.ImageDeleted)
}

// Describe names an image for a message.
func Describe(image client.Image) string {
	return fmt.Sprintf("image %q (id %d)", image.FriendlyName, image.ID)
}

// NoSandbox returns the error about a sandbox_id that no sandbox has.
func NoSandbox(id string) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(path.Root("sandbox_id"), fmt.Sprintf("There is no sandbox with the id %s", id),
		"An image is saved from a sandbox that exists, usually gogrid_sandbox.NAME.id.")
}

// Edit changes what differs, in one call; none when nothing does.
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
		// The answer was lost, or shows the image as it was before.
		s.Client.Snapshot.Refresh(client.KindImages)
		current, lookErr := s.Client.Snapshot.Image(ctx, tf.IDText(image.ID).ValueString())
		if lookErr == nil && current != nil && imageEdited(*current, edit) {
			return current, nil
		}
	}
	if err == nil {
		err = fmt.Errorf("GoGrid accepted the change of %s and does not show it", Describe(image))
	}
	return nil, err
}

// imageEdited reports whether an image has the values that an edit asked for.
func imageEdited(image client.Image, edit client.ImageEdit) bool {
	return (edit.FriendlyName == nil || image.FriendlyName == *edit.FriendlyName) &&
		(edit.Description == nil || image.Description == *edit.Description) &&
		(edit.Public == nil || image.IsPublic == *edit.Public)
}
