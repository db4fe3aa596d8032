// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"io"
	"runtime"
)

// Build writes the archive of a recipe to w, in constant memory. To get only
// the digest, pass io.Discard.
//
// Build returns an *InvalidError, before it writes anything, if the input
// cannot be archived. It also fails if a file cannot be read or changes during
// the read, if w fails, or if ctx is cancelled. In these cases w may already
// have received part of the archive.
func (r Recipe) Build(ctx context.Context, w io.Writer) (Archive, error) {
	return build(ctx, w, r, nil, defaults())
}

// settings holds the parameters of a build that only tests change.
type settings struct {
	limit   limits
	workers int
}

func defaults() settings {
	return settings{limit: defaultLimits(), workers: min(runtime.GOMAXPROCS(0), maxWorkers)}
}

func build(ctx context.Context, w io.Writer, r Recipe, out *output, set settings) (Archive, error) {
	src, err := openSource(r)
	if err != nil {
		return Archive{}, joinCheck(r, err)
	}
	defer src.close()
	items, warnings, err := collect(ctx, r, src, out, set.limit)
	if err != nil {
		return Archive{}, err
	}
	if out != nil {
		if w, err = out.create(); err != nil {
			return Archive{}, err
		}
	}
	archive, err := writeArchive(ctx, w, r, &packer{source: src, workers: set.workers}, items)
	archive.Warnings = warnings
	return archive, err
}

// joinCheck returns the problems of the source folder in err, followed by the
// problems that Check finds without reading the folder.
func joinCheck(r Recipe, err error) error {
	var folder, rest *InvalidError
	if errors.As(err, &folder) && errors.As(r.Check(), &rest) {
		return invalid(append(folder.Problems, rest.Problems...)...)
	}
	return err
}

// writeArchive writes the files and then the manifest. The manifest holds the
// digests of all files, so writing it first would mean reading every file twice.
func writeArchive(ctx context.Context, w io.Writer, r Recipe, p *packer, items []item) (Archive, error) {
	whole := newDigest(w)
	sink := newZipSink(whole)
	p.sink = sink
	if err := p.pack(ctx, items); err != nil {
		return Archive{}, err
	}
	archive := Archive{Entries: p.entries}
	manifest, err := newManifest(r, p.entries)
	if err != nil {
		return Archive{}, err
	}
	archive.Release = manifest.Release
	if archive.Manifest, err = manifest.encode(); err != nil {
		return Archive{}, err
	}
	p.entries = nil
	if err := p.pack(ctx, []item{memoryItem(ManifestName, archive.Manifest)}); err != nil {
		return Archive{}, err
	}
	if err := sink.close(); err != nil {
		return Archive{}, fmt.Errorf("write the archive's directory: %w", err)
	}
	archive.SHA256, archive.Size = whole.sum(), whole.size
	return archive, nil
}
