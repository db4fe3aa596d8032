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

// TextList accepts a list that has at least one string and no blank strings. An
// empty list is probably a mistake, such as a file pattern that matches
// nothing. Of names the elements in messages, for example "command".
type TextList struct{ Of string }

// Description implements validator.List.
func (l TextList) Description(context.Context) string {
	return "must have at least one " + l.Of + " and no blank " + l.Of
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
		resp.Diagnostics.AddAttributeError(req.Path, "Empty list", fmt.Sprintf("The list must have at least one %s. Remove the attribute if there are none.", l.Of))
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

// environmentMap accepts a map from names of environment variables to values that
// are not null.
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
		text, _ := values[name].(types.String) // all elements of the map are strings
		at := req.Path.AtMapKey(name)
		if err := communicator.CheckVariable(name, text.ValueString()); err != nil {
			resp.Diagnostics.AddAttributeError(at, "Invalid environment variable", tf.Sentence(err.Error()))
		} else if text.IsNull() {
			resp.Diagnostics.AddAttributeError(at, "Variable without a value", "The value must not be null. Remove the variable, or set it to an empty string.")
		}
	}
}

// windowsPath matches an absolute path on Windows.
var windowsPath = regexp.MustCompile(`^[A-Za-z]:[\\/]`)

// destinationPath accepts the absolute path of a file on Linux or Windows.
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

// secretFiles accepts a map from absolute paths of files to contents that are
// not null. Its errors never quote the content of a file.
type secretFiles struct{}

func (secretFiles) Description(context.Context) string {
	return "must map absolute paths of files, such as /etc/gogrid/storage.password, to contents"
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
			resp.Diagnostics.AddAttributeError(req.Path.AtMapKey(destination), "Secret file without content", "The content must not be null. Remove the file, or set its content to an empty string.")
		}
	}
}
