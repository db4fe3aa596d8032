// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"context"
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Step is a script if Script is set, a restart of the server if Restart is set, and a
// command otherwise.
type Step struct {
	// At is the attribute that describes the step.
	At path.Path
	// Name names the step in messages, for example "steps[2]".
	Name    string
	Command string // empty if the command is unknown
	Script  *File
	Restart bool
}

// AllSteps returns the commands, scripts and steps of the recipe in the order in which
// they run. It leaves out the prep command, which runs last.
func (r *Recipe) AllSteps() []Step {
	at := path.Root("prepare")
	all := commandSteps(at, r.Commands)
	for i, script := range r.Scripts {
		all = append(all, Step{At: at.AtName("scripts").AtListIndex(i), Name: script.name, Script: &script})
	}
	return append(all, r.Steps...)
}

// VerifySteps returns the commands and steps of a verify block, without unknown steps.
func VerifySteps(ctx context.Context, block VerifyModel) ([]Step, diag.Diagnostics) {
	at := path.Root("verify")
	commands, diags := tf.Strings(ctx, block.Commands)
	steps, moreDiags := readSteps(ctx, at, block.Steps)
	diags.Append(moreDiags...)
	return append(commandSteps(at, commands), steps...), diags
}

// commandSteps returns the attribute commands of a block as steps.
func commandSteps(at path.Path, commands []string) []Step {
	var all []Step
	for i, command := range commands {
		all = append(all, Step{At: at.AtName("commands").AtListIndex(i), Name: fmt.Sprintf("commands[%d]", i), Command: command})
	}
	return all
}

// readSteps reads the attribute steps of a block, and the scripts that it names.
func readSteps(ctx context.Context, at path.Path, list types.List) ([]Step, diag.Diagnostics) {
	if !tf.IsSet(list) {
		return nil, nil
	}
	var objects []types.Object
	diags := list.ElementsAs(ctx, &objects, false)
	var all []Step
	for i, object := range objects {
		at := at.AtName("steps").AtListIndex(i)
		read := Step{Name: fmt.Sprintf("steps[%d]", i)}
		command, _ := object.Attributes()["command"].(types.String)
		script, _ := object.Attributes()["script"].(types.String) // the verify block has none
		restart, _ := object.Attributes()["restart"].(types.Bool)
		switch {
		case tf.IsSet(command):
			read.At, read.Command = at.AtName("command"), command.ValueString()
		case tf.IsSet(script):
			read.At = at.AtName("script")
			file, err := readScript(ctx, read.Name, script.ValueString())
			if err != nil {
				diags.Append(unreadableFile(read.At, script.ValueString(), err))
				continue
			}
			read.Script = &file
		case tf.IsSet(restart):
			read.At, read.Restart = at.AtName("restart"), restart.ValueBool()
		default:
			continue // unknown
		}
		all = append(all, read)
	}
	return all, diags
}

// CheckSteps returns errors for an empty list of steps, and for each step without
// exactly one action. at is the path of the block. others are the attributes in the
// block that cannot be combined with steps; each is an error.
func CheckSteps(at path.Path, steps types.List, others ...string) diag.Diagnostics {
	var diags diag.Diagnostics
	if !tf.IsSet(steps) {
		return diags
	}
	at = at.AtName("steps")
	for _, other := range others {
		diags.AddAttributeError(at, "Both steps and "+other,
			fmt.Sprintf("steps and %[1]s have no common order. Move the members of %[1]s into steps, and remove %[1]s.", other))
	}
	if len(steps.Elements()) == 0 {
		diags.AddAttributeError(at, "Empty list", "The list must have at least one step. Remove the attribute if there is none.")
	}
	for i, item := range steps.Elements() {
		if step, ok := item.(types.Object); ok && !step.IsUnknown() {
			diags.Append(checkStep(at.AtListIndex(i), step)...)
		}
	}
	return diags
}

// checkStep returns an error unless exactly one attribute of a step is set. A restart
// must be true.
func checkStep(at path.Path, step types.Object) diag.Diagnostics {
	var diags diag.Diagnostics
	set, unknown := 0, false
	choices := "command and restart"
	for name, value := range step.Attributes() {
		switch {
		case value.IsUnknown():
			unknown = true
		case !value.IsNull():
			set++
		}
		if name == "script" {
			choices = "command, script and restart"
		}
	}
	restart, _ := step.Attributes()["restart"].(types.Bool)
	switch {
	case set > 1:
		diags.AddAttributeError(at, "Step with several actions",
			"A step must set exactly one of "+choices+". Write a step for each, in the order in which they must run.")
	case set == 0 && !unknown:
		diags.AddAttributeError(at, "Step without an action", "A step must set exactly one of "+choices+".")
	case tf.IsSet(restart) && !restart.ValueBool():
		diags.AddAttributeError(at.AtName("restart"), "Step without an action", "restart must be true. Remove the step if the server must not restart.")
	}
	return diags
}
