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

// Build writes the archive of a recipe to w, in constant memory. Write to
// io.Discard to learn the digest alone.
//
// Input that cannot be archived gives an *InvalidError, before anything is
// written. A file that cannot be read or changes while it is read, a failing w
// and a cancelled context end Build with what was written so far in w.
func (r Recipe) Build(ctx context.Context, w io.Writer) (Archive, error) {
	return build(ctx, w, r, nil, defaults())
}

// settings are what tests set.
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

// joinCheck adds what can be checked without the source folder to the problem
// of the folder itself.
func joinCheck(r Recipe, err error) error {
	var folder, rest *InvalidError
	if errors.As(err, &folder) && errors.As(r.Check(), &rest) {
		return invalid(append(folder.Problems, rest.Problems...)...)
	}
	return err
}

// writeArchive writes the files and then the manifest, which holds the digests
// of all of them: writing it first would mean reading every file twice.
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
		return Archive{}, fmt.Errorf("writing the archive's directory: %w", err)
	}
	archive.SHA256, archive.Size = whole.sum(), whole.size
	return archive, nil
}
