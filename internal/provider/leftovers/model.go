// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package leftovers

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/leftovers"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

type leftoversModel struct {
	Deployment   types.String    `tfsdk:"deployment"`
	AccountedFor types.Dynamic   `tfsdk:"accounted_for"`
	Objects      []leftoverModel `tfsdk:"objects"`
	Summary      types.String    `tfsdk:"summary"`
	Complete     types.Bool      `tfsdk:"complete"`
}

type leftoverModel struct {
	Kind        types.String `tfsdk:"kind"`
	ID          types.String `tfsdk:"id"`
	Name        types.String `tfsdk:"name"`
	Address     types.String `tfsdk:"address"`
	Path        types.String `tfsdk:"path"`
	What        types.String `tfsdk:"what"`
	Description types.String `tfsdk:"description"`
	Since       types.String `tfsdk:"since"`
	Commands    types.List   `tfsdk:"commands"`
}

// fill sets the computed attributes from the result of a search.
func (m *leftoversModel) fill(ctx context.Context, deployment string, found foundLeftovers) diag.Diagnostics {
	var diags diag.Diagnostics
	m.Objects = make([]leftoverModel, 0, len(found.findings))
	for _, finding := range found.findings {
		object, moreDiags := newLeftoverModel(ctx, deployment, finding)
		diags.Append(moreDiags...)
		m.Objects = append(m.Objects, object)
	}
	m.Complete = types.BoolValue(found.all && found.storage == nil)
	m.Summary = types.StringValue(found.summary(deployment))
	return diags
}

func newLeftoverModel(ctx context.Context, deployment string, finding leftovers.Finding) (leftoverModel, diag.Diagnostics) {
	var commands []string
	if keep := finding.KeepCommand(); keep != "" {
		commands = append(commands, keep)
	}
	list, diags := types.ListValueFrom(ctx, types.StringType, append(commands, leftovers.SweepCommand(deployment, finding.Path != "")))
	model := leftoverModel{
		Kind:        types.StringValue(string(finding.Kind)),
		ID:          tf.IDText(finding.ID),
		Name:        tf.NullIfEmpty(finding.Name),
		Address:     tf.NullIfEmpty(finding.Address),
		Path:        tf.NullIfEmpty(finding.Path),
		What:        types.StringValue(finding.What),
		Description: tf.NullIfEmpty(finding.Description),
		Commands:    list,
	}
	if !finding.Since.IsZero() {
		model.Since = types.StringValue(finding.Since.UTC().Format(time.RFC3339))
	}
	return model, diags
}

// summary returns a text that lists every finding and the commands that remove
// the objects. The text also names the kinds of objects that the search could
// not list.
func (f foundLeftovers) summary(deployment string) string {
	var text []string
	switch count := len(f.findings); {
	case count > 0:
		sweep := leftovers.SweepCommand(deployment, slices.ContainsFunc(f.findings, func(found leftovers.Finding) bool { return found.Path != "" }))
		text = append(text,
			fmt.Sprintf("%s the tag of deployment %q, and no resource manages %s:", counted(count), deployment, map[bool]string{true: "it", false: "them"}[count == 1]),
			strings.TrimSuffix(leftovers.Text(f.findings), "\n"),
			"To list the objects that would be removed: "+sweep, "To remove it: "+sweep+" --yes")
	case f.all && f.storage == nil:
		text = append(text, fmt.Sprintf("A resource manages every object that carries the tag of deployment %q.", deployment))
	}
	if !f.all {
		text = append(text, "Only servers and sandboxes of unfinished builds are listed: without accounted_for, and during an apply, the provider does not know which other objects resources manage. A plan without changes lists all leftovers.")
	}
	if f.storage != nil {
		text = append(text, "Cloud Storage could not be read, so leases and pins are not listed: "+tf.Sentence(f.storage.Error()))
	}
	return strings.Join(text, "\n")
}

// counted returns the beginning of a sentence about count objects.
func counted(count int) string {
	if count == 1 {
		return "1 object carries"
	}
	return fmt.Sprintf("%d objects carry", count)
}
