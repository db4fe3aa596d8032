// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package client

import (
	"context"
	"net/url"
	"strconv"
)

// ImageService calls grid.image.*.
type ImageService struct {
	calls    *caller
	snapshot *Snapshot
}

// ImageFilter restricts a list of images. The zero value lists all images.
type ImageFilter struct {
	// Public restricts the list to public images (true) or to the account's own
	// images (false).
	Public *bool
	// Type, State and Datacenter are ids or names of options.
	Type       string
	State      string
	Datacenter string
}

// List returns the images that the account may use.
func (s *ImageService) List(ctx context.Context, filter ImageFilter) ([]Image, error) {
	form := url.Values{}
	setFlag(form, "isPublic", filter.Public)
	setText(form, "type", filter.Type)
	setText(form, "state", filter.State)
	setText(form, "datacenter", filter.Datacenter)
	return requireComplete(listImages(ctx, s.calls, form))
}

func listImages(ctx context.Context, calls *caller, form url.Values) (listing[Image], error) {
	return listObjects(ctx, calls, "grid.image.list", form, wireImage.image, imageKey)
}

// imageKey identifies images.
func imageKey(i *Image) int64 { return i.ID }

// Get returns the images with the given ids, including images in the trash, and
// leaves out unknown ids. If all ids are unknown, [IsNotFound] is true for the
// error.
func (s *ImageService) Get(ctx context.Context, ids ...int64) ([]Image, error) {
	return getImages(ctx, s.calls, idForm(ids...))
}

func getImages(ctx context.Context, calls *caller, form url.Values) ([]Image, error) {
	return list(ctx, calls, "grid.image.get", form, wireImage.image)
}

// ImageSave describes an image to save from a sandbox.
type ImageSave struct {
	// ServerID is the id of the sandbox.
	ServerID     int64
	FriendlyName string
	Description  string
}

// Save saves the disk of a sandbox as an image of the account. The returned
// image has the id of the new image. It becomes available 10 to 20 minutes
// later: see [Watch.Image].
func (s *ImageService) Save(ctx context.Context, save ImageSave) (*Image, error) {
	form := url.Values{
		"server":       {strconv.FormatInt(save.ServerID, 10)},
		"friendlyName": {save.FriendlyName},
	}
	setText(form, "description", save.Description)
	image, err := s.change(ctx, "grid.image.save", form, func(answered *Image) bool {
		return answered.FriendlyName == save.FriendlyName
	})
	if err != nil {
		return nil, err
	}
	s.snapshot.imageSaved(image)
	return image, nil
}

// ImageEdit holds the new values of an image. A nil field keeps the current
// value.
type ImageEdit struct {
	FriendlyName *string
	Description  *string
	Public       *bool
}

// Edit changes an image of the account. The change is complete when Edit returns.
func (s *ImageService) Edit(ctx context.Context, id int64, edit ImageEdit) (*Image, error) {
	form := idForm(id)
	setOptional(form, "friendlyName", edit.FriendlyName)
	setOptional(form, "description", edit.Description)
	setFlag(form, "isPublic", edit.Public)
	return s.changeKnown(ctx, "grid.image.edit", id, form)
}

// Delete starts to move an image to the trash. It returns the image as it was
// before.
func (s *ImageService) Delete(ctx context.Context, id int64) (*Image, error) {
	return s.changeKnown(ctx, "grid.image.delete", id, idForm(id))
}

// Restore starts to move an image back from the trash. It returns the image as
// it was before.
func (s *ImageService) Restore(ctx context.Context, id int64) (*Image, error) {
	return s.changeKnown(ctx, "grid.image.restore", id, idForm(id))
}

func (s *ImageService) changeKnown(ctx context.Context, method string, id int64, form url.Values) (*Image, error) {
	image, err := s.change(ctx, method, form, func(answered *Image) bool { return answered.ID == id })
	if err != nil {
		return nil, err
	}
	s.snapshot.imageChanged(image)
	return image, nil
}

func (s *ImageService) change(ctx context.Context, method string, form url.Values, matches func(*Image) bool) (*Image, error) {
	return change(ctx, s.calls, method, form, wireImage.image, matches)
}
