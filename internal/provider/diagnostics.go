// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/client"
)

// failure turns an error into one diagnostic: the summary says what was tried
// on which object, the detail what the service said and what to do next.
func failure(tried string, err error) diag.Diagnostic {
	return diag.NewErrorDiagnostic("Could not "+tried, explain(err))
}

// attributeFailure is failure on the attribute that caused it.
func attributeFailure(at path.Path, tried string, err error) diag.Diagnostic {
	return diag.NewAttributeErrorDiagnostic(at, "Could not "+tried, explain(err))
}

// explain says what the service answered and what the user can do about it.
func explain(err error) string {
	return sentence(err.Error()) + advice(err)
}

func advice(err error) string {
	var job *client.JobError
	var wait *client.WaitError
	switch {
	case client.IsUnauthenticated(err):
		return "\n\nGoGrid did not accept the API key and signature. Check api_key and shared_secret in the provider block " +
			"(or GOGRID_API_KEY and GOGRID_SHARED_SECRET), and that this machine's clock is right: a signature is good for about ten minutes."
	case client.IsDenied(err):
		return "\n\nThe role of this API key may not do that. Changes need a key with the role System User or Super User."
	case client.IsThrottled(err):
		return "\n\nGoGrid is limiting the rate of calls. Set max_requests_per_second in the provider block, or lower -parallelism, and run the same command again."
	case errors.As(err, &job):
		return "\n\nThe job is recorded in the GoGrid portal's job list. Run the same command again to retry."
	case errors.As(err, &wait):
		return ""
	case client.IsDoubtful(err):
		return "\n\nThe call may have been carried out although its answer was lost. Run the same command again: what exists is looked up before anything is made."
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return "\n\nRun the same command again to go on."
	default:
		return ""
	}
}

// sentence makes an error text read as one: a capital first and a full stop
// at the end.
func sentence(text string) string {
	text = strings.TrimSpace(text)
	if text == "" {
		return text
	}
	text = strings.ToUpper(text[:1]) + text[1:]
	if last := text[len(text)-1]; last != '.' && last != '!' && last != '?' {
		text += "."
	}
	return text
}

// left tells what becomes of an object that exists after its creation failed.
func left(what string) string {
	return fmt.Sprintf("\n\n%s exists and is billed. It is recorded in the state as tainted: the next apply deletes it and makes a new one. "+
		"To keep it instead, run `terraform untaint` on this resource before the next apply.", sentence(what)[:len(sentence(what))-1])
}
