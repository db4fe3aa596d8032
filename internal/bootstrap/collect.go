// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// item is a file that will become an entry of the archive.
type item struct {
	path    string
	size    int64
	onDisk  bool   // the file is in the source folder
	content string // set if onDisk is false
}

func memoryItem(path, content string) item {
	return item{path: path, size: int64(len(content)), content: content}
}

// field returns the part of the recipe that the item comes from.
func (it item) field() Field {
	if it.onDisk {
		return FieldSourceDir
	}
	return FieldFiles
}

// Check finds problems without reading the disk: paths in Files that an archive
// cannot hold or that clash with each other, invalid patterns in Exclude, and
// invalid steps. Build finds these problems too; Check is for callers that do
// not know all contents yet. The error is an *InvalidError.
func (r Recipe) Check() error {
	_, problems := parseExclusions(r.Exclude)
	_, pathProblems := r.listFiles(newPathSet())
	problems = append(problems, pathProblems...)
	return invalid(append(problems, r.checkRelease()...)...)
}

// checkRelease checks the version and the steps.
func (r Recipe) checkRelease() []Problem {
	return append(checkVersion(r.Version), r.checkSteps()...)
}

// collect returns the items of the archive, sorted by path, and warnings about
// them. The error is an *InvalidError with every problem, or the context's
// error.
func collect(ctx context.Context, r Recipe, src source, output *output, limit limits) ([]item, []Problem, error) {
	rules, problems := parseExclusions(r.Exclude)
	seen := newPathSet()
	var items []item
	var omitted []string
	if src.root != nil {
		ignored, ignoreProblems := src.ignoreFile(ctx)
		rules = append(ignored, rules...)
		problems = append(problems, ignoreProblems...)
		found := &scan{source: src, rules: rules, paths: seen, limit: limit}
		if err := found.walk(ctx); err != nil {
			return nil, nil, fmt.Errorf("list the files of %q: %w", r.SourceDir, err)
		}
		items, omitted, problems = found.items, found.omitted, append(problems, found.problems...)
	}
	files, fileProblems := r.listFiles(seen)
	items, problems = append(items, files...), append(problems, fileProblems...)
	problems = append(problems, output.check(src, rules)...)
	problems = append(problems, r.checkRelease()...)
	if len(problems) == 0 {
		problems = checkLimits(r, items, limit)
	}
	slices.SortFunc(items, func(a, b item) int { return strings.Compare(a.path, b.path) })
	if len(problems) > 0 {
		// Inspecting an incomplete list would report misleading problems.
		return items, nil, invalid(problems...)
	}
	warnings, err := inspect(ctx, r, src, items)
	return items, append(omittedWarning(omitted), warnings...), err
}

// listFiles returns an item for each valid path in Files, and the problems of
// the other paths.
func (r Recipe) listFiles(seen *pathSet) ([]item, []Problem) {
	var items []item
	var problems []Problem
	for _, path := range slices.Sorted(maps.Keys(r.Files)) {
		err := CheckPath(path)
		if err == nil {
			err = checkManifestName(path)
		}
		if err == nil {
			err = seen.add(path)
		}
		if err != nil {
			problems = append(problems, Problem{Field: FieldFiles, Path: path, Err: err})
			continue
		}
		items = append(items, memoryItem(path, r.Files[path]))
	}
	return items, problems
}

func checkLimits(r Recipe, items []item, limit limits) []Problem {
	field := FieldSourceDir
	if r.SourceDir == "" {
		field = FieldFiles
	}
	var total int64
	var largest item
	for _, it := range items {
		total += it.size
		if it.size > largest.size {
			largest = it
		}
	}
	switch {
	case len(items) == 0:
		return []Problem{{Field: field, Err: emptyError(r)}}
	case len(items) > limit.files:
		return []Problem{{Field: field, Err: tooManyError(limit)}}
	case largest.size > limit.fileSize:
		return []Problem{{Field: largest.field(), Path: largest.path, Err: fmt.Errorf(
			"has %d bytes, at most %d are allowed for one file: exclude it, or split it", largest.size, limit.fileSize)}}
	case total > limit.totalSize:
		return []Problem{{Field: field, Err: fmt.Errorf(
			"the files hold %d bytes, at most %d are allowed: exclude what the servers do not need; the largest file is %q with %d bytes",
			total, limit.totalSize, largest.path, largest.size)}}
	}
	return nil
}

// checkManifestName rejects a path that clashes with the manifest's path.
func checkManifestName(path string) error {
	if first, _, _ := strings.Cut(path, "/"); foldCase(first) != ManifestName {
		return nil
	}
	return fmt.Errorf("takes the place of the manifest %q, which the provider writes: rename or exclude it", ManifestName)
}

func emptyError(r Recipe) error {
	switch {
	case r.SourceDir == "":
		return errors.New("there are no files to archive: add at least one, or name a source folder")
	case len(r.Exclude) > 0:
		return fmt.Errorf("%q has no files to archive that are not excluded: check the folder and the patterns of \"exclude\"", r.SourceDir)
	default:
		return fmt.Errorf("%q has no files to archive", r.SourceDir)
	}
}

func tooManyError(limit limits) error {
	return fmt.Errorf("there are more than %d files, the limit of an archive: exclude what the servers do not need, or pack it", limit.files)
}
