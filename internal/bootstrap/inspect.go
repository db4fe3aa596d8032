// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"context"
	"fmt"
	"path"
	"sort"
	"strings"
)

// inspection checks the content of an archive's files before the archive is
// written.
type inspection struct {
	recipe   Recipe
	source   source
	items    []item // sorted by path
	problems []Problem
	warnings []Problem
}

// inspect checks that the files named by steps exist, that scripts can run, and
// that certificates are usable. It returns warnings. The error is an
// *InvalidError, or the context's error.
func inspect(ctx context.Context, r Recipe, src source, items []item) ([]Problem, error) {
	in := &inspection{recipe: r, source: src, items: items}
	for i, step := range r.Steps {
		in.checkStep(i, step)
	}
	for _, it := range items {
		if err := ctx.Err(); err != nil {
			return nil, fmt.Errorf("read scripts: %w", err)
		}
		in.checkScript(ctx, it)
	}
	if r.Inspection != nil {
		in.checkCertificates(ctx, *r.Inspection)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("open certificates: %w", err)
	}
	return in.warnings, invalid(in.problems...)
}

func (in *inspection) checkStep(i int, step Step) {
	switch {
	case step.Install != nil:
		in.requireFolder(i, step.Install.From)
	case step.Certificate != nil:
		in.requireFile(i, "certificate.file", step.Certificate.File)
		if step.Certificate.PasswordFile != "" {
			in.requireFile(i, "certificate.password_file", step.Certificate.PasswordFile)
		}
	case step.Run != nil:
		in.requireFile(i, "run.script", step.Run.Script)
	}
}

func (in *inspection) find(path string) (item, bool) {
	i := sort.Search(len(in.items), func(i int) bool { return in.items[i].path >= path })
	if i < len(in.items) && in.items[i].path == path {
		return in.items[i], true
	}
	return item{}, false
}

func (in *inspection) requireFile(step int, attribute, path string) {
	if _, ok := in.find(path); ok {
		return
	}
	err := fmt.Errorf("the archive has no file %q%s", path, in.suggestion(path))
	in.problems = append(in.problems, Problem{Field: FieldSteps, Index: step, Attribute: attribute, Err: err})
}

// requireFolder checks that the folder of an install step contains files.
func (in *inspection) requireFolder(step int, from string) {
	prefix := folderName(from) + "/"
	i := sort.Search(len(in.items), func(i int) bool { return in.items[i].path >= prefix })
	if i < len(in.items) && strings.HasPrefix(in.items[i].path, prefix) {
		return
	}
	err := fmt.Errorf("the archive has no folder %q with files in it%s", folderName(from), in.suggestion(folderName(from)))
	if _, ok := in.find(folderName(from)); ok {
		err = fmt.Errorf("%q is a file of the archive: name a folder, which is installed as a whole", from)
	}
	in.problems = append(in.problems, Problem{Field: FieldSteps, Index: step, Attribute: "install.from", Err: err})
}

// suggestion returns the end of an error message about a missing file or
// folder. It suggests a path that differs only by case, a difference that
// Windows and macOS ignore, or a file of the same name in another folder.
func (in *inspection) suggestion(name string) string {
	for _, it := range in.items {
		if foldCase(it.path) == foldCase(name) {
			return fmt.Sprintf(": it has %q, and case counts", it.path)
		}
		for folder := path.Dir(it.path); folder != "."; folder = path.Dir(folder) {
			if folder != name && foldCase(folder) == foldCase(name) {
				return fmt.Sprintf(": it has %q, and case counts", folder)
			}
		}
	}
	for _, it := range in.items {
		if path.Base(it.path) == path.Base(name) {
			return fmt.Sprintf(": it has %q", it.path)
		}
	}
	return ": check the path and the exclude patterns"
}
