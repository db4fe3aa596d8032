// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package tf

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/report"
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// FailureProblem returns the error about a failed operation. The summary is
// "Could not " followed by tried, a verb phrase that names the object. The
// detail is the text that Explain returns. at is empty if no attribute caused
// the error.
func FailureProblem(at path.Path, tried string, err error) report.Problem {
	return report.Error(at, "Could not "+tried, Explain(err))
}

// Failure returns a FailureProblem about the whole object as a diagnostic.
func Failure(tried string, err error) diag.Diagnostic {
	return AttributeFailure(path.Empty(), tried, err)
}

// AttributeFailure returns a FailureProblem as a diagnostic.
func AttributeFailure(at path.Path, tried string, err error) diag.Diagnostic {
	return Diagnostic(FailureProblem(at, tried, err))
}

// Explain returns an error's text as a sentence, followed by the next step for
// the user if there is one.
func Explain(err error) string {
	if setting := settingAdvice(err); setting != "" {
		return Sentence(err.Error()) + setting
	}
	return Sentence(err.Error()) + repeatAdvice(err)
}

// ExplainTainted returns an error's text as a sentence, followed by a paragraph about
// an object that exists although its create failed. The paragraph says that Terraform
// taints the object and that the next apply replaces it. ExplainTainted leaves out
// advice to run the same command again.
func ExplainTainted(err error, what string) string {
	return Sentence(err.Error()) + settingAdvice(err) + TaintedNote(what)
}

// settingAdvice names the setting that the user can change to prevent an error, or
// returns "" if there is no such setting.
func settingAdvice(err error) string {
	var wait *client.WaitError
	switch {
	case client.IsUnauthenticated(err):
		return "\n\nThe key is api_key in the provider block or GOGRID_API_KEY, the secret is shared_secret or GOGRID_SHARED_SECRET."
	case client.IsThrottled(err):
		return "\n\nSet max_requests_per_second in the provider block, or lower -parallelism, before the next apply."
	case errors.As(err, &wait) && errors.Is(err, context.DeadlineExceeded):
		return "\n\nThe time limit of this resource's timeouts block has passed. Raise the limit if the grid is slow."
	default:
		return ""
	}
}

// repeatAdvice says when to run the same command again, or returns "" if another run
// does not help.
func repeatAdvice(err error) string {
	var job *client.JobError
	switch {
	case errors.As(err, &job):
		return "\n\nRun the same command again to retry."
	case storage.IsOutage(err):
		return "\n\nRun the same command again once Cloud Storage answers."
	case client.IsOutcomeUnknown(err):
		return "\n\nRun the same command again: the provider looks for existing objects before it creates any."
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "\n\nRun the same command again."
	default:
		return ""
	}
}

// Capitalised returns text with a capital first letter. If text begins with the
// name of an API method, such as grid.server.add, Capitalised returns it
// unchanged.
func Capitalised(text string) string {
	if first, _, _ := strings.Cut(text, " "); strings.Contains(first, ".") {
		return text
	}
	first, size := utf8.DecodeRuneInString(text)
	if size == 0 {
		return text
	}
	return string(unicode.ToUpper(first)) + text[size:]
}

// Sentence turns an error text into a sentence: it trims white space, sets a
// capital first letter, and adds a full stop if no punctuation ends the text.
func Sentence(text string) string {
	text = Capitalised(strings.TrimSpace(text))
	if text == "" {
		return text
	}
	if last := text[len(text)-1]; last != '.' && last != '!' && last != '?' {
		text += "."
	}
	return text
}

// TaintedNote returns the paragraph about an object that exists although its
// creation failed: Terraform taints the object, and the next apply replaces it.
func TaintedNote(what string) string {
	return fmt.Sprintf("\n\n%s exists and is billed. The state records it as tainted: the next apply deletes it and creates a new one. "+
		"To keep it instead, run `terraform untaint` on this resource before the next apply.", Capitalised(what))
}
