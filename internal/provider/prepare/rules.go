// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// TextList accepts a list of texts, each of which says something. A list
// without any is a mistake: a pattern that matches nothing, or a block that
// should be left out.
type TextList struct{ Of string }

// Description implements validator.List.
func (l TextList) Description(context.Context) string {
	return "must have at least one " + l.Of + ", and none that is empty"
}

// MarkdownDescription implements validator.List.
func (l TextList) MarkdownDescription(ctx context.Context) string { return l.Description(ctx) }

// ValidateList implements validator.List.
func (l TextList) ValidateList(_ context.Context, req validator.ListRequest, resp *validator.ListResponse) {
	if !tf.IsSet(req.ConfigValue) {
		return
	}
	items := req.ConfigValue.Elements()
	if len(items) == 0 {
		resp.Diagnostics.AddAttributeError(req.Path, "Empty list", fmt.Sprintf("It must have at least one %s. Leave it out where there is none.", l.Of))
	}
	for i, item := range items {
		text, ok := item.(types.String)
		if !ok || text.IsUnknown() {
			continue
		}
		if err := tf.CheckNotBlank(l.Of, text.ValueString()); err != nil {
			resp.Diagnostics.AddAttributeError(req.Path.AtListIndex(i), "Invalid "+l.Of, tf.Sentence(err.Error()))
		}
	}
}

// environmentMap accepts environment variables.
type environmentMap struct{}

func (environmentMap) Description(context.Context) string {
	return "names must be letters, digits and underscores and not begin with a digit"
}

func (e environmentMap) MarkdownDescription(ctx context.Context) string { return e.Description(ctx) }

func (environmentMap) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if !tf.IsSet(req.ConfigValue) {
		return
	}
	values := req.ConfigValue.Elements()
	for _, name := range slices.Sorted(maps.Keys(values)) {
		text, _ := values[name].(types.String) // there are no others
		at := req.Path.AtMapKey(name)
		if err := communicator.CheckVariable(name, text.ValueString()); err != nil {
			resp.Diagnostics.AddAttributeError(at, "Invalid environment variable", tf.Sentence(err.Error()))
		} else if text.IsNull() {
			resp.Diagnostics.AddAttributeError(at, "Variable without a value", "Leave it out, or give it an empty text.")
		}
	}
}

// windowsPath matches an absolute path of Windows.
var windowsPath = regexp.MustCompile(`^[A-Za-z]:[\\/]`)

// destinationPath accepts the absolute path of a file, of Linux or Windows.
func destinationPath() tf.TextRule {
	const rule = `an absolute path of a file, such as /etc/motd or C:\app\app.config`
	return tf.TextRule{Kind: "destination", Rule: rule, Check: func(text string) error {
		switch {
		case strings.ContainsRune(text, 0), !strings.HasPrefix(text, "/") && !windowsPath.MatchString(text):
			return fmt.Errorf("%q is not %s", text, rule)
		case strings.HasSuffix(text, "/"), strings.HasSuffix(text, `\`):
			return fmt.Errorf("%q names a folder; give the path of the file in it", text)
		}
		return nil
	}}
}

// secretFiles accepts texts by the absolute paths of files. What is wrong with a
// text is said without it.
type secretFiles struct{}

func (secretFiles) Description(context.Context) string {
	return "must have texts by absolute paths of files, such as /etc/gogrid/storage.password"
}

func (r secretFiles) MarkdownDescription(ctx context.Context) string { return r.Description(ctx) }

func (secretFiles) ValidateMap(_ context.Context, req validator.MapRequest, resp *validator.MapResponse) {
	if !tf.IsSet(req.ConfigValue) {
		return
	}
	contents := req.ConfigValue.Elements()
	for _, destination := range slices.Sorted(maps.Keys(contents)) {
		if err := destinationPath().Check(destination); err != nil {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(destination), "Invalid destination", tf.Sentence(err.Error()))
		}
		if contents[destination].IsNull() {
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(destination), "Secret file without content", "Leave it out, or give it an empty text.")
		}
	}
}
