// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare_test

import (
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/providertest"
)

// TestPreparePlanErrors checks that a plan reports each mistake on its attribute and
// does not change the grid.
func TestPreparePlanErrors(t *testing.T) {
	t.Parallel()
	grid := providertest.CrowdedGrid(t)
	folder, motd := t.TempDir(), providertest.WriteFile(t, "motd", "hello")
	at := func(change acctest.Attributes) acctest.Attributes {
		return acctest.Attributes{"source": motd, "destination": "/etc/motd"}.With(change)
	}
	manual := func(change acctest.Attributes) acctest.Attributes {
		return providertest.PreparedImage(acctest.Attributes{"mode": "manual"}.With(change))
	}
	block := func(name string, value acctest.Attributes) acctest.Attributes {
		return providertest.BuiltImage().With(acctest.Attributes{name: value})
	}
	build := func(change acctest.Attributes) acctest.Attributes {
		return block("build", acctest.Attributes{"image": "centos6.2_64_base"}.With(change))
	}
	restart := acctest.Attributes{"restart": true}
	steps := func(all ...any) acctest.Attributes {
		return providertest.PreparedImage(acctest.Attributes{"steps": append([]any{}, all...)})
	}
	locked := providertest.PrivateKey(t, "open sesame")
	for name, tc := range map[string]struct {
		config    acctest.Attributes
		attribute string
		patterns  []string
	}{
		"neither sandbox_id nor build": {acctest.Attributes{"friendly_name": "golden"}, "sandbox_id", []string{"Missing sandbox_id or build"}},
		"both sandbox_id and build":    {providertest.BuiltImage().With(acctest.Attributes{"sandbox_id": "700123"}), "sandbox_id", []string{"Both sandbox_id and build"}},
		"build without an image":       {build(acctest.Attributes{"image": nil}), "build.image", []string{"Missing image"}},
		"build from nothing":           {build(acctest.Attributes{"image": "centos6.3_64_base"}), "build.image", []string{`no image "centos6.3_64_base"`, "Did you mean .*centos6.2_64_base"}},
		"build at a private address":   {build(acctest.Attributes{"public_ip": "10.110.0.5"}), "build.public_ip", []string{"is a private address"}},
		"build at no address":          {build(acctest.Attributes{"public_ip": "here"}), "build.public_ip", []string{"not an IPv4 address"}},
		"build nowhere":                {build(acctest.Attributes{"datacenter": "Mars-1"}), "build.datacenter", []string{`no datacenter "Mars-1"`, "Allowed values"}},
		"build elsewhere": {
			build(acctest.Attributes{"datacenter": "US-West-1", "public_ip": "127.21.0.5"}), "build.public_ip", []string{"127.21.0.5 is in US-East-1"},
		},
		"build for a while":   {build(acctest.Attributes{"max_duration": "long"}), "build.max_duration", []string{"not a duration"}},
		"long description":    {providertest.BuiltImage().With(acctest.Attributes{"description": strings.Repeat("x", 501)}), "description", []string{"at most 500"}},
		"verify with nothing": {block("verify", acctest.Attributes{"ram": "1GB"}), "verify.commands", []string{"Missing commands"}},
		"verify, empty list":  {block("verify", acctest.Attributes{"commands": []any{}}), "verify.commands", []string{"Empty list", "at least one command"}},
		"verify, blank":       {block("verify", acctest.Attributes{"commands": []any{"true", " "}}), "verify.commands[1]", []string{"command is empty"}},
		"verify, null":        {block("verify", acctest.Attributes{"commands": []any{nil}}), "verify.commands[0]", []string{"command is empty"}},
		"verify, RAM":         {block("verify", acctest.Attributes{"commands": []any{"true"}, "ram": "3GB"}), "verify.ram", []string{`no RAM size "3GB"`}},
		"verify, too little RAM": {
			build(acctest.Attributes{"image": "win2k8r2_64_base"}).With(acctest.Attributes{"verify": acctest.Attributes{"commands": []any{"dir"}, "ram": "1GB"}}),
			"verify.ram",
			[]string{"1GB of RAM is too little", "at least 2GB"},
		},
		"verify, timeout": {block("verify", acctest.Attributes{"commands": []any{"true"}, "timeout": "0s"}), "verify.timeout", []string{"greater than zero"}},

		"no such file": {
			providertest.PreparedImage(providertest.FilesBlock(at(nil), at(acctest.Attributes{"source": filepath.Join(folder, "none")}))), "prepare.files[1].source",
			[]string{"There is no file .*none", "Files are read when planning", "was there when this was planned", "give its text as content", "data source"},
		},
		"a folder":             {providertest.PreparedImage(providertest.FilesBlock(at(acctest.Attributes{"source": folder}))), "prepare.files[0].source", []string{"Cannot use the file", "is a folder", "fileset"}},
		"a file as a folder":   {providertest.PreparedImage(providertest.FilesBlock(at(acctest.Attributes{"source": filepath.Join(motd, "x")}))), "prepare.files[0].source", []string{"motd"}},
		"no ordinary file":     {providertest.PreparedImage(providertest.FilesBlock(at(acctest.Attributes{"source": os.DevNull}))), "prepare.files[0].source", []string{"it is a device, but must be a regular file"}},
		"neither":              {providertest.PreparedImage(providertest.FilesBlock(at(acctest.Attributes{"source": nil}))), "prepare.files[0].source", []string{"Missing source or content", "Give one of the two"}},
		"both":                 {providertest.PreparedImage(providertest.FilesBlock(at(acctest.Attributes{"content": "x"}))), "prepare.files[0].source", []string{"Both source and content", "Remove one of the two"}},
		"no file at all":       {providertest.PreparedImage(acctest.Attributes{"files": []any{at(nil), nil}}), "prepare.files[1]", []string{"must not be null"}},
		"blank source":         {providertest.PreparedImage(providertest.FilesBlock(at(acctest.Attributes{"source": " "}))), "prepare.files[0].source", []string{"source is .*empty"}},
		"no files":             {providertest.PreparedImage(providertest.FilesBlock()), "prepare.files", []string{"at least 1"}},
		"relative destination": {providertest.PreparedImage(providertest.FilesBlock(at(nil), at(acctest.Attributes{"destination": "motd"}))), "prepare.files[1].destination", []string{`"motd" is not an absolute path`}},
		"folder to write":      {providertest.PreparedImage(providertest.FilesBlock(at(acctest.Attributes{"destination": "/etc/"}))), "prepare.files[0].destination", []string{"names a folder"}},
		"no destination":       {providertest.PreparedImage(providertest.FilesBlock(at(acctest.Attributes{"destination": nil}))), "prepare.files[0].destination", []string{"Missing destination", `required in prepare.files\[0\]`}},
		"bad mode of a file":   {providertest.PreparedImage(providertest.FilesBlock(at(acctest.Attributes{"mode": "rwx"}))), "prepare.files[0].mode", []string{`"rwx" is not a mode`, "0755"}},
		"Linux on Windows": {
			providertest.PreparedImage(providertest.FilesBlock(at(nil)).With(acctest.Attributes{"connection": acctest.Attributes{"type": "winrm"}})), "prepare.files[0].destination", []string{"Windows"},
		},
		"bad mode":           {providertest.PreparedImage(acctest.Attributes{"mode": "by hand"}), "prepare.mode", []string{`"automatic", "manual"`}},
		"no commands":        {providertest.PreparedImage(acctest.Attributes{"commands": []any{}}), "prepare.commands", []string{"Empty list"}},
		"blank command":      {providertest.PreparedImage(acctest.Attributes{"commands": []any{"true", "", "true"}}), "prepare.commands[1]", []string{"command is empty"}},
		"null command":       {providertest.PreparedImage(acctest.Attributes{"commands": []any{nil}}), "prepare.commands[0]", []string{"command is empty"}},
		"no scripts":         {providertest.PreparedImage(acctest.Attributes{"scripts": []any{}}), "prepare.scripts", []string{"Empty list", "at least one path"}},
		"blank script":       {providertest.PreparedImage(acctest.Attributes{"scripts": []any{""}}), "prepare.scripts[0]", []string{"path is empty"}},
		"no such script":     {providertest.PreparedImage(acctest.Attributes{"scripts": []any{motd, "none.sh"}}), "prepare.scripts[1]", []string{"There is no file none.sh"}},
		"script is a folder": {providertest.PreparedImage(acctest.Attributes{"scripts": []any{folder}}), "prepare.scripts[0]", []string{"is a folder"}},
		"large script": {
			providertest.PreparedImage(acctest.Attributes{"scripts": []any{providertest.WriteFile(t, "large", strings.Repeat("#", 1<<20+1))}}), "prepare.scripts[0]", []string{"1048577 bytes, but must have at most 1 MiB", "Upload a larger script with files"},
		},
		"steps and commands":  {providertest.PreparedImage(acctest.Attributes{"commands": []any{"true"}, "steps": []any{restart}}), "prepare.steps", []string{"Both steps and commands", "Move the members of commands into steps"}},
		"steps and scripts":   {providertest.PreparedImage(acctest.Attributes{"scripts": []any{motd}, "steps": []any{restart}}), "prepare.steps", []string{"Both steps and scripts"}},
		"no steps":            {steps(), "prepare.steps", []string{"Empty list", "at least one step"}},
		"null step":           {steps(restart, nil), "prepare.steps[1]", []string{"exactly one"}},
		"step of nothing":     {steps(restart, acctest.Attributes{}), "prepare.steps[1]", []string{"exactly one of command, script and restart"}},
		"step of two":         {steps(restart.With(acctest.Attributes{"command": "true"})), "prepare.steps[0]", []string{"exactly one of command, script and restart", "in the order"}},
		"step without effect": {steps(acctest.Attributes{"restart": false}), "prepare.steps[0].restart", []string{"must be true", "Remove the step"}},
		"blank step":          {steps(acctest.Attributes{"command": " "}), "prepare.steps[0].command", []string{"must not be empty"}},
		"no script of a step": {steps(restart, acctest.Attributes{"script": "none.sh"}), "prepare.steps[1].script", []string{"There is no file none.sh"}},
		"step with CR LF":     {steps(acctest.Attributes{"command": "true\r\nfalse"}), "prepare.steps[0].command", []string{`cannot run steps\[0\]`, "CR LF"}},
		"by hand, steps":      {manual(acctest.Attributes{"steps": []any{restart}}), "prepare.steps", []string{"Unused steps"}},
		"verify, both":        {block("verify", acctest.Attributes{"commands": []any{"true"}, "steps": []any{restart}}), "verify.steps", []string{"Both steps and commands"}},
		"verify, no steps":    {block("verify", acctest.Attributes{"steps": []any{}}), "verify.steps", []string{"at least one step"}},
		"verify, empty step":  {block("verify", acctest.Attributes{"steps": []any{acctest.Attributes{}}}), "verify.steps[0]", []string{"exactly one of command and restart"}},

		"variable":      {providertest.PreparedImage(acctest.Attributes{"environment": acctest.Attributes{"A-B": "x"}}), "prepare.environment.A-B", []string{`"A-B" cannot be the name`}},
		"null variable": {providertest.PreparedImage(acctest.Attributes{"environment": acctest.Attributes{"A": nil}}), "prepare.environment.A", []string{"without a value"}},
		"secret's path": {providertest.PreparedImage(acctest.Attributes{"secret_files_wo": acctest.Attributes{"etc/x": "canary"}}), "prepare.secret_files_wo.etc/x", []string{`"etc/x" is not an absolute path`}},
		"null secret":   {providertest.PreparedImage(acctest.Attributes{"secret_files_wo": acctest.Attributes{"/etc/x": nil}}), "prepare.secret_files_wo./etc/x", []string{"without content"}},
		"secret's path on Windows": {
			providertest.PreparedImage(acctest.Attributes{"connection": acctest.Attributes{"type": "winrm"}, "secret_files_wo": acctest.Attributes{"/etc/x": "canary"}}),
			"prepare.secret_files_wo./etc/x",
			[]string{"no absolute path on Windows"},
		},
		"blank prep command": {providertest.PreparedImage(acctest.Attributes{"prep_command": ""}), "prepare.prep_command", []string{"command is empty"}},

		"by hand, files":        {manual(providertest.FilesBlock(at(nil))), "prepare.files", []string{"Unused files", `mode = "manual"`}},
		"by hand, secrets":      {manual(acctest.Attributes{"secret_files_wo": acctest.Attributes{"/a": "x"}}), "prepare.secret_files_wo", []string{"Unused secret_files_wo"}},
		"by hand, commands":     {manual(acctest.Attributes{"commands": []any{"true"}}), "prepare.commands", []string{"Unused commands"}},
		"by hand, scripts":      {manual(acctest.Attributes{"scripts": []any{motd}}), "prepare.scripts", []string{"Unused scripts"}},
		"by hand, environment":  {manual(acctest.Attributes{"environment": acctest.Attributes{"A": "1"}}), "prepare.environment", []string{"Unused environment"}},
		"by hand, prep_command": {manual(acctest.Attributes{"prep_command": "x"}), "prepare.prep_command", []string{"Unused prep_command"}},

		"connection type":        {providertest.ConnectedImage(acctest.Attributes{"type": "telnet"}), "prepare.connection.type", []string{`"ssh", "winrm"`}},
		"port":                   {providertest.ConnectedImage(acctest.Attributes{"port": 70000}), "prepare.connection.port", []string{"between 1 and 65535"}},
		"timeout":                {providertest.ConnectedImage(acctest.Attributes{"timeout": "20"}), "prepare.connection.timeout", []string{"not a duration"}},
		"account":                {providertest.ConnectedImage(acctest.Attributes{"username": ""}), "prepare.connection.username", []string{"username is empty"}},
		"host key":               {providertest.ConnectedImage(acctest.Attributes{"host_key": "none"}), "prepare.connection.host_key", []string{"names no host key"}},
		"no key":                 {providertest.ConnectedImage(acctest.Attributes{"private_key_wo": "none"}), "prepare.connection.private_key_wo", []string{"no private key"}},
		"empty key":              {providertest.ConnectedImage(acctest.Attributes{"private_key_wo": ""}), "prepare.connection.private_key_wo", []string{"private_key_wo is empty"}},
		"no passphrase":          {providertest.ConnectedImage(acctest.Attributes{"private_key_wo": locked}), "prepare.connection.private_key_passphrase_wo", []string{"passphrase, and none is given"}},
		"wrong passphrase":       {providertest.ConnectedImage(acctest.Attributes{"private_key_wo": locked, "private_key_passphrase_wo": "hunter2"}), "prepare.connection.private_key_passphrase_wo", []string{"does not open"}},
		"passphrase of nothing":  {providertest.ConnectedImage(acctest.Attributes{"private_key_passphrase_wo": "hunter2"}), "prepare.connection.private_key_passphrase_wo", []string{"private_key_wo"}},
		"certificates over SSH":  {providertest.ConnectedImage(acctest.Attributes{"insecure": true}), "prepare.connection.insecure", []string{"Unused insecure", "WinRM"}},
		"no certificate":         {providertest.ConnectedImage(acctest.Attributes{"type": "winrm", "ca_certificate": "none"}), "prepare.connection.ca_certificate", []string{"no certificate"}},
		"host key over WinRM":    {providertest.ConnectedImage(acctest.Attributes{"type": "winrm", "host_key": "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"}), "prepare.connection.host_key", []string{"Unused host_key"}},
		"private key over WinRM": {providertest.ConnectedImage(acctest.Attributes{"type": "winrm", "private_key_wo": providertest.PrivateKey(t, "")}), "prepare.connection.private_key_wo", []string{"Unused private_key_wo"}},
		"bastion without a host": {providertest.ConnectedImage(acctest.Attributes{"bastion": acctest.Attributes{"port": 22}}), "prepare.connection.bastion.host", []string{"Missing host"}},
		"no key of the bastion": {
			providertest.ConnectedImage(acctest.Attributes{"bastion": acctest.Attributes{"host": "gate", "private_key_wo": "none"}}), "prepare.connection.bastion.private_key_wo", []string{"no private key"},
		},
		"no passphrase of the bastion": {
			providertest.ConnectedImage(acctest.Attributes{"bastion": acctest.Attributes{"host": "gate", "private_key_wo": locked}}), "prepare.connection.bastion.private_key_passphrase_wo", []string{"none is given"},
		},
		"host key of the bastion": {
			providertest.ConnectedImage(acctest.Attributes{"bastion": acctest.Attributes{"host": "gate", "host_key": "x"}}), "prepare.connection.bastion.host_key", []string{"names no host key"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := providertest.PlanImage(t, grid, tc.config)
			plan.Diagnostics.WantError(t, tc.attribute, tc.patterns...)
			for _, secret := range []string{locked, "open sesame", "hunter2"} {
				if strings.Contains(plan.Diagnostics.String(), secret) {
					t.Errorf("the diagnostics show a secret:\n%s", plan.Diagnostics)
				}
			}
			if changes := grid.Changes(); changes > 1 { // CrowdedGrid made one change
				t.Errorf("a plan changed the grid: %v", grid.Counters())
			}
		})
	}
}

func TestUnreadableSource(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" || os.Geteuid() == 0 {
		t.Skip("needs a file that this user may not read")
	}
	path := providertest.WriteFile(t, "secret", "x")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	providertest.PlanImage(t, acctest.NewQuickGrid(t), providertest.PreparedImage(providertest.FilesBlock(acctest.Attributes{"source": path, "destination": "/etc/x"}))).Diagnostics.
		WantError(t, "prepare.files[0].source", "Cannot use the file .*secret", "(?i)permission denied")
}
