// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"fmt"

	"github.com/gogrid/terraform-provider-gogrid/internal/problem"
)

// Field names the part of the input that a Problem is about.
type Field string

// The parts of the input.
const (
	// FieldSourceDir is Recipe.SourceDir or something inside it.
	FieldSourceDir Field = "source_dir"
	// FieldFiles is Recipe.Files; Problem.Path is the key.
	FieldFiles Field = "files"
	// FieldExclude is Recipe.Exclude; Problem.Index is the position.
	FieldExclude Field = "exclude"
	// FieldOutput is the path given to BuildFile.
	FieldOutput Field = "output_path"
	// FieldOS is Recipe.OS.
	FieldOS Field = "os"
	// FieldVersion is Recipe.Version.
	FieldVersion Field = "version"
	// FieldSteps is Recipe.Steps; Problem.Index is the position.
	FieldSteps Field = "steps"
	// FieldPasswords is Inspection.Passwords; Problem.Path is the key.
	FieldPasswords Field = "certificate_passwords"
)

// Problem is one reason why an archive cannot be built, or one warning about an
// archive that can be built.
type Problem struct {
	// Field is the part of the input to change.
	Field Field
	// Path is the path of the file in the archive. For FieldFiles it is the exact
	// key. Empty if the problem is not about one file.
	Path string
	// Index is the position of the pattern in Recipe.Exclude or of the step in
	// Recipe.Steps; 0 for all other fields.
	Index int
	// Attribute is the attribute of the step, such as "run.script". Empty if the
	// problem is about the whole step.
	Attribute string
	// Err says what is wrong and what to do. It does not contain Path.
	Err error
}

// Error returns the field, the position or path if any, and Err.
func (p Problem) Error() string {
	switch {
	case p.Field == FieldExclude:
		return fmt.Sprintf("%s[%d]: %v", p.Field, p.Index, p.Err)
	case p.Field == FieldSteps:
		return fmt.Sprintf("%s[%d] %s: %v", p.Field, p.Index, p.Attribute, p.Err)
	case p.Path != "":
		return fmt.Sprintf("%s: %q %v", p.Field, p.Path, p.Err)
	default:
		return fmt.Sprintf("%s: %v", p.Field, p.Err)
	}
}

// Unwrap returns Err, which may wrap a cause such as fs.ErrPermission.
func (p Problem) Unwrap() error { return p.Err }

// InvalidError holds every problem of a recipe.
type InvalidError = problem.InvalidError[Problem]

// invalid returns an *InvalidError, or nil if there are no problems.
func invalid(problems ...Problem) error {
	return problem.Join("the bootstrap archive cannot be built", problems)
}
