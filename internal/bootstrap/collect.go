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

// item is a file that is to become an entry.
type item struct {
	path    string
	size    int64
	onDisk  bool   // in the source folder
	content string // of a file that is not on disk
}

func memoryItem(path, content string) item {
	return item{path: path, size: int64(len(content)), content: content}
}

// field is the part of the recipe that an item comes from.
func (it item) field() Field {
	if it.onDisk {
		return FieldSourceDir
	}
	return FieldFiles
}

// Check looks for problems that show without reading the disk: paths of Files
// that cannot be in an archive or clash with each other, patterns of Exclude
// that make no sense, and steps that no server could do. Build finds these
// too; Check is for callers that do not know all contents yet. The error is an
// *InvalidError.
func (r Recipe) Check() error {
	_, problems := parseExclusions(r.Exclude)
	_, pathProblems := r.listFiles(newPathSet())
	problems = append(problems, pathProblems...)
	return invalid(append(problems, r.checkRelease()...)...)
}

// checkRelease checks what of a recipe is neither file nor pattern.
func (r Recipe) checkRelease() []Problem {
	return append(checkVersion(r.Version), r.checkSteps()...)
}

// collect lists what goes into the archive, sorted by path, and what is to be
// said about it. The error is an *InvalidError with everything that is wrong,
// or that of the context.
func collect(ctx context.Context, r Recipe, src source, output *output, limit limits) ([]item, []Problem, error) {
	rules, problems := parseExclusions(r.Exclude)
	seen := newPathSet()
	var items []item
	if src.root != nil {
		ignored, ignoreProblems := src.ignoreFile()
		rules = append(ignored, rules...)
		problems = append(problems, ignoreProblems...)
		found := &scan{source: src, rules: rules, paths: seen, limit: limit}
		if err := found.walk(ctx); err != nil {
			return nil, nil, fmt.Errorf("listing the files of %q: %w", r.SourceDir, err)
		}
		items, problems = found.items, append(problems, found.problems...)
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
		return items, nil, invalid(problems...) // what is wrong with a list that is wrong would mislead
	}
	warnings, err := inspect(ctx, r, src, items)
	return items, warnings, err
}

// listFiles lists the Files of a recipe.
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

// checkManifestName keeps the place of the manifest free.
func checkManifestName(path string) error {
	if first, _, _ := strings.Cut(path, "/"); foldCase(first) != ManifestName {
		return nil
	}
	return fmt.Errorf("takes the place of the manifest %q, which is made by itself: rename or exclude it", ManifestName)
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
	return fmt.Errorf("there are more than %d files, which is the most an archive may have: exclude what the servers do not need, or pack it", limit.files)
}
