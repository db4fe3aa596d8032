// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package cloudstorage

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// upload returns the content to upload. It returns an error if the content does
// not have the planned digest, wanted. The caller must call the returned
// function, which removes temporary files.
func (m *storageObjectModel) upload(ctx context.Context, wanted string) (storage.Upload, func(), diag.Diagnostics) {
	switch {
	case !m.Content.IsNull():
		return storage.Bytes([]byte(m.Content.ValueString())), func() {}, nil
	case !m.Archive.IsNull():
		return m.archiveUpload(ctx, wanted)
	default:
		upload, err := fileUpload(ctx, m.Source.ValueString(), wanted)
		if err != nil {
			return upload, func() {}, diag.Diagnostics{tf.AttributeFailure(path.Root("source"), "upload "+m.name(), err)}
		}
		return upload, func() {}, nil
	}
}

// fileUpload returns the upload of a local file. It returns an error if the file
// does not have the wanted digest.
func fileUpload(ctx context.Context, name, wanted string) (storage.Upload, error) {
	upload, err := storage.File(ctx, name)
	if err != nil {
		return storage.Upload{}, fmt.Errorf("the apply cannot read the file: %w", err)
	}
	if upload.SHA256 != wanted {
		return storage.Upload{}, fmt.Errorf("%s has the sha256 %s, but the plan expects %s: the file has changed since the plan, or sha256 belongs to another file; nothing was uploaded", name, upload.SHA256, wanted)
	}
	return upload, nil
}

// archiveUpload returns the file that the data source wrote, if the file exists
// and has the planned digest. Otherwise archiveUpload rebuilds the archive,
// because the apply of a saved plan does not run the data source.
func (m *storageObjectModel) archiveUpload(ctx context.Context, wanted string) (storage.Upload, func(), diag.Diagnostics) {
	archive, diags := m.archive(ctx)
	if diags.HasError() {
		return storage.Upload{}, func() {}, diags
	}
	if written := archive.OutputPath.ValueString(); written != "" {
		if upload, err := fileUpload(ctx, written, wanted); err == nil {
			return upload, func() {}, diags
		}
	}
	recipe, _, moreDiags := archive.KnownRecipe(ctx)
	diags.Append(moreDiags...)
	if diags.HasError() {
		return storage.Upload{}, func() {}, diags
	}
	upload, remove, err := rebuild(ctx, recipe, bootstrap.Planned{SHA256: wanted, Files: archive.FileCount.ValueInt64(), Size: archive.Size.ValueInt64()})
	if err != nil {
		diags.Append(tf.AttributeFailure(path.Root("archive"), "upload "+m.name(), err))
	}
	return upload, remove, diags
}

// rebuild builds an archive into a temporary file. It returns an error if the result
// differs from the planned archive. The returned function removes the file.
func rebuild(ctx context.Context, recipe bootstrap.Recipe, planned bootstrap.Planned) (storage.Upload, func(), error) {
	dir, err := os.MkdirTemp("", "gogrid-archive-")
	if err != nil {
		return storage.Upload{}, func() {}, err
	}
	remove := func() { _ = os.RemoveAll(dir) } // if this fails, the system cleans up its temporary folder
	name := filepath.Join(dir, "archive.zip")
	if err := recipe.RebuildFile(ctx, name, planned); err != nil {
		remove()
		return storage.Upload{}, func() {}, fmt.Errorf("nothing was uploaded: %w", err)
	}
	built, err := os.Stat(name)
	if err != nil {
		remove()
		return storage.Upload{}, func() {}, err
	}
	return storage.Upload{Open: func() (io.ReadCloser, error) { return os.Open(name) }, Size: built.Size(), SHA256: planned.SHA256}, remove, nil
}
