// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"sync"
)

// outputs records which archive this process writes to which file. The zero value is
// ready for use.
type outputs struct {
	mu     sync.Mutex
	byPath map[string]string // maps the absolute path of a file to the inputName of its archive
}

// add records the output of an archive. It returns the name of another archive
// that this process has written to the same file. Reading the same archive
// again is allowed.
func (o *outputs) add(model ArchiveModel) (string, bool) {
	file := model.OutputPath.ValueString()
	if file == "" {
		return "", false
	}
	if absolute, err := filepath.Abs(file); err == nil {
		file = absolute
	}
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.byPath == nil {
		o.byPath = map[string]string{}
	}
	name := inputName(model)
	if other, found := o.byPath[file]; found && other != name {
		return other, true
	}
	o.byPath[file] = name
	return "", false
}

// inputName returns a phrase that identifies an archive by its inputs, because a data
// source does not know its own name.
func inputName(model ArchiveModel) string {
	var parts []string
	if folder := model.SourceDir.ValueString(); folder != "" {
		parts = append(parts, fmt.Sprintf("source_dir %q", folder))
	}
	if names := slices.Sorted(maps.Keys(model.Files.Elements())); len(names) > 0 {
		parts = append(parts, fmt.Sprintf("files %q", names))
	}
	if patterns := model.Exclude.Elements(); len(patterns) > 0 {
		parts = append(parts, fmt.Sprintf("exclude %v", patterns))
	}
	if version := model.Version.ValueString(); version != "" {
		parts = append(parts, fmt.Sprintf("version %q", version))
	}
	return "the archive with " + strings.Join(parts, ", ")
}
