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
	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// Failure turns an error into one diagnostic: the summary says what was tried
// on which object, the detail what the service said and what to do next.
func Failure(tried string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Could not "+tried, Explain(err))
}

// AttributeFailure is failure on the attribute that caused it.
func AttributeFailure(at path.Path, tried string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Could not "+tried, Explain(err))
}

// Explain says what the service answered and what the user can do about it.
func Explain(err error) string {
	return Sentence(err.Error()) + advice(err)
}

// advice is what to do in Terraform about an error; what the service itself
// needs is in the error's own text.
func advice(err error) string {
	var job *client.JobError
	var wait *client.WaitError
	switch {
	case client.IsUnauthenticated(err):
		return "\n\nThe key is api_key in the provider block or GOGRID_API_KEY, the secret is shared_secret or GOGRID_SHARED_SECRET."
	case client.IsThrottled(err):
		return "\n\nSet max_requests_per_second in the provider block, or lower -parallelism, and run the same command again."
	case errors.As(err, &job):
		return "\n\nRun the same command again to retry."
	case errors.As(err, &wait) && errors.Is(err, context.DeadlineExceeded):
		return "\n\nThe time that this resource's timeouts block allows is over. Allow more if the grid is slow."
	case storage.IsOutage(err):
		return "\n\nRun the same command again once Cloud Storage answers."
	case client.IsOutcomeUnknown(err):
		return "\n\nRun the same command again: what exists is looked up before anything is made."
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "\n\nRun the same command again to go on."
	default:
		return ""
	}
}

// Capitalised begins a text with a capital, unless its first word is the name
// of a method.
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

// Sentence makes an error text read as one: a capital first and a full stop at
// the end.
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

// TaintedNote tells what becomes of an object that exists after its creation failed.
func TaintedNote(what string) string {
	return fmt.Sprintf("\n\n%s exists and is billed. It is recorded in the state as tainted: the next apply deletes it and makes a new one. "+
		"To keep it instead, run `terraform untaint` on this resource before the next apply.", Capitalised(what))
}
