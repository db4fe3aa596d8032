// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package release

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/bootstrap"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// shownProblems is the maximum number of problems of one folder that a diagnostic
// lists. Longer lists usually have one cause and are hard to read.
const shownProblems = 50

// bootstrapArchiveProblems returns the problems of an invalid input as errors
// on the attributes that cause them. All problems of the source folder share
// one error. The result is empty if err is not a *bootstrap.InvalidError.
func bootstrapArchiveProblems(err error, positions archivePositions) diag.Diagnostics {
	var invalid *bootstrap.InvalidError
	if !errors.As(err, &invalid) {
		return nil
	}
	var diags diag.Diagnostics
	var folder []string
	for _, problem := range invalid.Problems {
		if problem.Field == bootstrap.FieldSourceDir {
			folder = append(folder, problemText(problem))
			continue
		}
		at, summary := problemPlace(problem, positions)
		diags.AddAttributeError(at, summary, tf.Sentence(problemText(problem)))
	}
	if len(folder) > 0 {
		diags.AddAttributeError(path.Root("source_dir"), "Could not archive the source folder", folderText(folder))
	}
	return diags
}

func problemText(problem bootstrap.Problem) string {
	if problem.Path == "" {
		return problem.Err.Error()
	}
	return fmt.Sprintf("%q %v", problem.Path, problem.Err)
}

func folderText(problems []string) string {
	if len(problems) == 1 {
		return tf.Sentence(problems[0])
	}
	text := fmt.Sprintf("There are %d problems:", len(problems))
	for _, problem := range problems[:min(len(problems), shownProblems)] {
		text += "\n- " + problem
	}
	if hidden := len(problems) - shownProblems; hidden > 0 {
		text += fmt.Sprintf("\n- and %d more", hidden)
	}
	return strings.TrimSpace(text)
}

// bootstrapArchiveWarnings returns a warning for each problem that does not prevent
// the use of the archive.
func bootstrapArchiveWarnings(warnings []bootstrap.Problem, positions archivePositions) diag.Diagnostics {
	var diags diag.Diagnostics
	for _, warning := range warnings {
		at, _ := problemPlace(warning, positions)
		summary := "Certificate problem in the bootstrap archive"
		if warning.Field == bootstrap.FieldSourceDir && warning.Path == "" {
			summary = "Left Terraform's files out of the bootstrap archive"
		}
		diags.AddAttributeWarning(at, summary, tf.Sentence(problemText(warning)))
	}
	return diags
}

// problemPlace returns the attribute that causes a problem, and the summary of the
// diagnostic.
func problemPlace(problem bootstrap.Problem, positions archivePositions) (path.Path, string) {
	switch problem.Field {
	case bootstrap.FieldFiles:
		if problem.Path == "" {
			return path.Root("files"), "Invalid file in the bootstrap archive"
		}
		return path.Root("files").AtMapKey(problem.Path), "Invalid file in the bootstrap archive"
	case bootstrap.FieldExclude:
		return path.Root("exclude").AtListIndex(positions.exclude[problem.Index]), "Invalid exclude pattern"
	case bootstrap.FieldSteps:
		at := path.Root("manifest").AtName("steps").AtListIndex(positions.steps[problem.Index])
		if problem.Attribute != "" {
			for name := range strings.SplitSeq(problem.Attribute, ".") {
				at = at.AtName(name)
			}
		}
		return at, "Invalid step of the bootstrap archive"
	case bootstrap.FieldPasswords:
		return path.Root("certificate_passwords").AtMapKey(problem.Path), "Invalid certificate in the bootstrap archive"
	case bootstrap.FieldOutput:
		return path.Root("output_path"), "Could not write the bootstrap archive"
	default:
		return path.Root(string(problem.Field)), "Invalid bootstrap archive"
	}
}
