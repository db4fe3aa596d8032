// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider_test

import (
	"crypto/ed25519"
	"encoding/pem"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/crypto/ssh"

	"github.com/gogrid/terraform-provider-gogrid/internal/acctest"
	"github.com/gogrid/terraform-provider-gogrid/internal/simulator"
)

const imageType = "gogrid_mygsi_image"

// built is an image that is built in a sandbox of its own.
func built() acctest.Attributes {
	return acctest.Attributes{"friendly_name": "golden", "build": acctest.Attributes{"image": "centos6.2_64_base"}}
}

// preparedWith is built with a prepare block.
func preparedWith(prepare acctest.Attributes) acctest.Attributes {
	return built().With(acctest.Attributes{"prepare": prepare})
}

// connectedWith is built with a connection block.
func connectedWith(connection acctest.Attributes) acctest.Attributes {
	return preparedWith(acctest.Attributes{"connection": connection})
}

// writeFile writes a file of the test's own and returns its path.
func writeFile(t *testing.T, name, content string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// privateKey makes a key in OpenSSH form, protected where there is a
// passphrase.
func privateKey(t *testing.T, passphrase string) string {
	t.Helper()
	_, key, err := ed25519.GenerateKey(nil)
	if err != nil {
		t.Fatal(err)
	}
	block, err := ssh.MarshalPrivateKey(key, "")
	if passphrase != "" {
		block, err = ssh.MarshalPrivateKeyWithPassphrase(key, "", []byte(passphrase))
	}
	if err != nil {
		t.Fatal(err)
	}
	return string(pem.EncodeToMemory(block))
}

// newImage plans an image in a process of its own.
func newImage(t *testing.T, grid *acctest.Grid, config acctest.Attributes) *acctest.Plan {
	t.Helper()
	s := grid.Session(t)
	return s.Plan(s.Absent(imageType), config)
}

// madeImage is an image that the grid has and whose state is what an apply of
// the configuration would have left.
func madeImage(t *testing.T, grid *acctest.Grid, config acctest.Attributes) acctest.Object {
	t.Helper()
	if len(grid.Images()) == 0 {
		grid.OutsideDone(t, "grid.server.add", "name", "golden", "image", "centos6.2_64_base", "isSandbox", "true", "ip", "127.20.0.2")
		grid.OutsideDone(t, "grid.image.save", "server", grid.ServerID(t, "golden"), "friendlyName", "golden")
	}
	s := grid.Session(t)
	plan := s.Plan(s.Absent(imageType), config)
	plan.Diagnostics.WantOK(t)
	object, diagnostics := s.Read(s.Assume(plan, acctest.Attributes{"id": fmt.Sprint(grid.Images()[0].ID)}))
	diagnostics.WantNone(t)
	return object
}

func files(all ...acctest.Attributes) acctest.Attributes {
	list := []any{}
	for _, file := range all {
		list = append(list, file)
	}
	return acctest.Attributes{"files": list}
}

// TestPreparePlanErrors: each mistake is found at plan, on its attribute, and
// costs nothing.
func TestPreparePlanErrors(t *testing.T) {
	t.Parallel()
	grid := crowded(t)
	folder, motd := t.TempDir(), writeFile(t, "motd", "hello")
	at := func(change acctest.Attributes) acctest.Attributes {
		return acctest.Attributes{"source": motd, "destination": "/etc/motd"}.With(change)
	}
	manual := func(change acctest.Attributes) acctest.Attributes {
		return preparedWith(acctest.Attributes{"mode": "manual"}.With(change))
	}
	block := func(name string, value acctest.Attributes) acctest.Attributes {
		return built().With(acctest.Attributes{name: value})
	}
	build := func(change acctest.Attributes) acctest.Attributes {
		return block("build", acctest.Attributes{"image": "centos6.2_64_base"}.With(change))
	}
	locked := privateKey(t, "open sesame")
	for name, tc := range map[string]struct {
		config    acctest.Attributes
		attribute string
		patterns  []string
	}{
		"neither sandbox_id nor build": {acctest.Attributes{"friendly_name": "golden"}, "sandbox_id", []string{"Missing sandbox_id or build"}},
		"both sandbox_id and build":    {built().With(acctest.Attributes{"sandbox_id": "700123"}), "sandbox_id", []string{"Both sandbox_id and build"}},
		"build without an image":       {build(acctest.Attributes{"image": nil}), "build.image", []string{"Missing image"}},
		"build from nothing":           {build(acctest.Attributes{"image": "centos6.3_64_base"}), "build.image", []string{`no image "centos6.3_64_base"`, "Did you mean .*centos6.2_64_base"}},
		"build at a taken address":     {build(acctest.Attributes{"public_ip": "127.20.0.4"}), "build.public_ip", []string{"127.20.0.4 is taken", `server "theirs"`}},
		"build at a private address":   {build(acctest.Attributes{"public_ip": "10.110.0.5"}), "build.public_ip", []string{"is a private address"}},
		"build at no address":          {build(acctest.Attributes{"public_ip": "here"}), "build.public_ip", []string{"not an IPv4 address"}},
		"build nowhere":                {build(acctest.Attributes{"datacenter": "Mars-1"}), "build.datacenter", []string{`no datacenter "Mars-1"`, "Allowed values"}},
		"build elsewhere": {
			build(acctest.Attributes{"datacenter": "US-West-1", "public_ip": "127.21.0.5"}), "build.public_ip", []string{"127.21.0.5 is in US-East-1"},
		},
		"build for a while":   {build(acctest.Attributes{"max_duration": "long"}), "build.max_duration", []string{"not a duration"}},
		"long description":    {built().With(acctest.Attributes{"description": strings.Repeat("x", 501)}), "description", []string{"at most 500"}},
		"verify with nothing": {block("verify", acctest.Attributes{"ram": "1GB"}), "verify.commands", []string{"Missing commands"}},
		"verify, empty list":  {block("verify", acctest.Attributes{"commands": []any{}}), "verify.commands", []string{"Empty list", "at least one command"}},
		"verify, blank":       {block("verify", acctest.Attributes{"commands": []any{"true", " "}}), "verify.commands[1]", []string{"command is empty"}},
		"verify, null":        {block("verify", acctest.Attributes{"commands": []any{nil}}), "verify.commands[0]", []string{"command is empty"}},
		"verify, RAM":         {block("verify", acctest.Attributes{"commands": []any{"true"}, "ram": "3GB"}), "verify.ram", []string{`no ram "3GB"`}},
		"verify, too little RAM": {
			build(acctest.Attributes{"image": "win2k8r2_64_base"}).With(acctest.Attributes{"verify": acctest.Attributes{"commands": []any{"dir"}, "ram": "1GB"}}),
			"verify.ram",
			[]string{"1GB of RAM is too little", "at least 2GB"},
		},
		"verify, timeout": {block("verify", acctest.Attributes{"commands": []any{"true"}, "timeout": "0s"}), "verify.timeout", []string{"greater than zero"}},

		"no such file": {
			preparedWith(files(at(nil), at(acctest.Attributes{"source": filepath.Join(folder, "none")}))), "prepare.files[1].source",
			[]string{"There is no file .*none", "Files are read when planning", "was there when this was planned", "give its text as content", "data source"},
		},
		"a folder":             {preparedWith(files(at(acctest.Attributes{"source": folder}))), "prepare.files[0].source", []string{"Cannot use the file", "is a folder", "fileset"}},
		"a file as a folder":   {preparedWith(files(at(acctest.Attributes{"source": filepath.Join(motd, "x")}))), "prepare.files[0].source", []string{"motd"}},
		"no ordinary file":     {preparedWith(files(at(acctest.Attributes{"source": os.DevNull}))), "prepare.files[0].source", []string{"no ordinary file"}},
		"neither":              {preparedWith(files(at(acctest.Attributes{"source": nil}))), "prepare.files[0].source", []string{"Missing source or content", "Give one of the two"}},
		"both":                 {preparedWith(files(at(acctest.Attributes{"content": "x"}))), "prepare.files[0].source", []string{"Both source and content", "Remove one of the two"}},
		"no file at all":       {preparedWith(acctest.Attributes{"files": []any{at(nil), nil}}), "prepare.files[1]", []string{"Null is no file"}},
		"blank source":         {preparedWith(files(at(acctest.Attributes{"source": " "}))), "prepare.files[0].source", []string{"path is empty"}},
		"no files":             {preparedWith(files()), "prepare.files", []string{"at least 1"}},
		"relative destination": {preparedWith(files(at(nil), at(acctest.Attributes{"destination": "motd"}))), "prepare.files[1].destination", []string{`"motd" is not an absolute path`}},
		"folder to write":      {preparedWith(files(at(acctest.Attributes{"destination": "/etc/"}))), "prepare.files[0].destination", []string{"names a folder"}},
		"no destination":       {preparedWith(files(at(acctest.Attributes{"destination": nil}))), "prepare.files[0].destination", []string{"Missing destination", `required in prepare.files\[0\]`}},
		"bad mode of a file":   {preparedWith(files(at(acctest.Attributes{"mode": "rwx"}))), "prepare.files[0].mode", []string{`"rwx" is no mode`, "0755"}},
		"Linux on Windows": {
			preparedWith(files(at(nil)).With(acctest.Attributes{"connection": acctest.Attributes{"type": "winrm"}})), "prepare.files[0].destination", []string{"Windows"},
		},
		"bad mode":           {preparedWith(acctest.Attributes{"mode": "by hand"}), "prepare.mode", []string{`"automatic" "manual"`}},
		"no commands":        {preparedWith(acctest.Attributes{"commands": []any{}}), "prepare.commands", []string{"Empty list"}},
		"blank command":      {preparedWith(acctest.Attributes{"commands": []any{"true", "", "true"}}), "prepare.commands[1]", []string{"command is empty"}},
		"null command":       {preparedWith(acctest.Attributes{"commands": []any{nil}}), "prepare.commands[0]", []string{"command is empty"}},
		"no scripts":         {preparedWith(acctest.Attributes{"scripts": []any{}}), "prepare.scripts", []string{"Empty list", "at least one path"}},
		"blank script":       {preparedWith(acctest.Attributes{"scripts": []any{""}}), "prepare.scripts[0]", []string{"path is empty"}},
		"no such script":     {preparedWith(acctest.Attributes{"scripts": []any{motd, "none.sh"}}), "prepare.scripts[1]", []string{"There is no file none.sh"}},
		"script is a folder": {preparedWith(acctest.Attributes{"scripts": []any{folder}}), "prepare.scripts[0]", []string{"is a folder"}},
		"large script": {
			preparedWith(acctest.Attributes{"scripts": []any{writeFile(t, "large", strings.Repeat("#", 1<<20+1))}}), "prepare.scripts[0]", []string{"more than 1 MiB"},
		},
		"variable":           {preparedWith(acctest.Attributes{"environment": acctest.Attributes{"A-B": "x"}}), "prepare.environment.A-B", []string{`"A-B" is none`}},
		"null variable":      {preparedWith(acctest.Attributes{"environment": acctest.Attributes{"A": nil}}), "prepare.environment.A", []string{"without a value"}},
		"blank prep command": {preparedWith(acctest.Attributes{"prep_command": ""}), "prepare.prep_command", []string{"command is empty"}},

		"by hand, files":        {manual(files(at(nil))), "prepare.files", []string{"Unused files", `mode = "manual"`}},
		"by hand, commands":     {manual(acctest.Attributes{"commands": []any{"true"}}), "prepare.commands", []string{"Unused commands"}},
		"by hand, scripts":      {manual(acctest.Attributes{"scripts": []any{motd}}), "prepare.scripts", []string{"Unused scripts"}},
		"by hand, environment":  {manual(acctest.Attributes{"environment": acctest.Attributes{"A": "1"}}), "prepare.environment", []string{"Unused environment"}},
		"by hand, prep_command": {manual(acctest.Attributes{"prep_command": "x"}), "prepare.prep_command", []string{"Unused prep_command"}},

		"connection type":        {connectedWith(acctest.Attributes{"type": "telnet"}), "prepare.connection.type", []string{`"ssh" "winrm"`}},
		"port":                   {connectedWith(acctest.Attributes{"port": 70000}), "prepare.connection.port", []string{"between 1 and 65535"}},
		"timeout":                {connectedWith(acctest.Attributes{"timeout": "20"}), "prepare.connection.timeout", []string{"not a duration"}},
		"account":                {connectedWith(acctest.Attributes{"username": ""}), "prepare.connection.username", []string{"account is empty"}},
		"host key":               {connectedWith(acctest.Attributes{"host_key": "none"}), "prepare.connection.host_key", []string{"names no host key"}},
		"no key":                 {connectedWith(acctest.Attributes{"private_key_wo": "none"}), "prepare.connection.private_key_wo", []string{"no private key"}},
		"empty key":              {connectedWith(acctest.Attributes{"private_key_wo": ""}), "prepare.connection.private_key_wo", []string{"no private key"}},
		"no passphrase":          {connectedWith(acctest.Attributes{"private_key_wo": locked}), "prepare.connection.private_key_passphrase_wo", []string{"passphrase, and none is given"}},
		"wrong passphrase":       {connectedWith(acctest.Attributes{"private_key_wo": locked, "private_key_passphrase_wo": "hunter2"}), "prepare.connection.private_key_passphrase_wo", []string{"does not open"}},
		"passphrase of nothing":  {connectedWith(acctest.Attributes{"private_key_passphrase_wo": "hunter2"}), "prepare.connection.private_key_passphrase_wo", []string{"private_key_wo"}},
		"certificates over SSH":  {connectedWith(acctest.Attributes{"insecure": true}), "prepare.connection.insecure", []string{"Unused insecure", "WinRM"}},
		"no certificate":         {connectedWith(acctest.Attributes{"type": "winrm", "ca_certificate": "none"}), "prepare.connection.ca_certificate", []string{"no certificate"}},
		"host key over WinRM":    {connectedWith(acctest.Attributes{"type": "winrm", "host_key": "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"}), "prepare.connection.host_key", []string{"Unused host_key"}},
		"private key over WinRM": {connectedWith(acctest.Attributes{"type": "winrm", "private_key_wo": privateKey(t, "")}), "prepare.connection.private_key_wo", []string{"Unused private_key_wo"}},
		"bastion without a host": {connectedWith(acctest.Attributes{"bastion": acctest.Attributes{"port": 22}}), "prepare.connection.bastion.host", []string{"Missing host"}},
		"no key of the bastion": {
			connectedWith(acctest.Attributes{"bastion": acctest.Attributes{"host": "gate", "private_key_wo": "none"}}), "prepare.connection.bastion.private_key_wo", []string{"no private key"},
		},
		"no passphrase of the bastion": {
			connectedWith(acctest.Attributes{"bastion": acctest.Attributes{"host": "gate", "private_key_wo": locked}}), "prepare.connection.bastion.private_key_passphrase_wo", []string{"none is given"},
		},
		"host key of the bastion": {
			connectedWith(acctest.Attributes{"bastion": acctest.Attributes{"host": "gate", "host_key": "x"}}), "prepare.connection.bastion.host_key", []string{"names no host key"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := newImage(t, grid, tc.config)
			plan.Diagnostics.WantError(t, tc.attribute, tc.patterns...)
			for _, secret := range []string{locked, "open sesame", "hunter2"} {
				if strings.Contains(plan.Diagnostics.String(), secret) {
					t.Errorf("a secret is shown:\n%s", plan.Diagnostics)
				}
			}
			if changes := grid.Changes(); changes > 1 { // theirs
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
	path := writeFile(t, "secret", "x")
	if err := os.Chmod(path, 0); err != nil {
		t.Fatal(err)
	}
	newImage(t, acctest.NewQuickGrid(t), preparedWith(files(acctest.Attributes{"source": path, "destination": "/etc/x"}))).Diagnostics.
		WantError(t, "prepare.files[0].source", "Cannot use the file .*secret", "(?i)permission denied")
}

// everything is an image with one of everything, and the paths of its files.
func everything(t *testing.T) (config acctest.Attributes, motd, setup string) {
	t.Helper()
	motd, setup = writeFile(t, "motd", "hello\n"), writeFile(t, "setup.sh", "#!/bin/sh\ntrue\n")
	return preparedWith(acctest.Attributes{
		"connection": acctest.Attributes{
			"username": "root", "port": 2222, "timeout": "5m", "password_wo": "hunter2", "password_wo_version": 1,
			"bastion": acctest.Attributes{"host": "gate", "private_key_wo": privateKey(t, ""), "private_key_wo_version": 1},
		},
		"files": []any{
			acctest.Attributes{"source": motd, "destination": "/etc/motd"},
			acctest.Attributes{"content": "x=1\n", "destination": "/etc/app.conf", "mode": "0600"},
		},
		"commands":     []any{"yum -y install httpd"},
		"scripts":      []any{setup},
		"environment":  acctest.Attributes{"STAGE": "image"},
		"prep_command": "gogrid-prep",
	}).With(acctest.Attributes{"verify": acctest.Attributes{"commands": []any{"test -f /etc/motd"}, "ram": "1GB"}}), motd, setup
}

// changed is a configuration with something else in its prepare block, or in
// its connection block.
func changed(config acctest.Attributes, prepare, connection acctest.Attributes) acctest.Attributes {
	block := config["prepare"].(acctest.Attributes)
	if connection != nil {
		block = block.With(acctest.Attributes{"connection": block["connection"].(acctest.Attributes).With(connection)})
	}
	return config.With(acctest.Attributes{"prepare": block.With(prepare)})
}

var hexDigest = regexp.MustCompile(`^[0-9a-f]{64}$`)

func TestDigestIsKnownAtPlan(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config, motd, setup := everything(t)
	plan := newImage(t, grid, config)
	plan.Diagnostics.WantNone(t)
	if digest, ok := plan.Planned("prepared_digest").(string); !ok || !hexDigest.MatchString(digest) {
		t.Errorf("the digest is planned as %v", plan.Planned("prepared_digest"))
	}
	want := acctest.Attributes{
		motd:  "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03",
		setup: "b31a7f84ed5d5b5ba2f4ed90dd6ce05ce0dc2a3d4e0e2e9e0a5ee2b5e2d7a1b0",
	}
	got, _ := plan.Planned("prepared_files").(acctest.Attributes)
	if len(got) != 2 || got[motd] != want[motd] || !hexDigest.MatchString(fmt.Sprint(got[setup])) {
		t.Errorf("the files are planned as %v", got)
	}
	if again := newImage(t, grid, config).Planned("prepared_digest"); again != plan.Planned("prepared_digest") {
		t.Errorf("the next process plans %v", again)
	}
	if grid.Changes() > 0 {
		t.Errorf("a plan changed the grid: %v", grid.Counters())
	}
}

// TestNothingPrepared: what there is none of is known to be none.
func TestNothingPrepared(t *testing.T) {
	t.Parallel()
	plan := newImage(t, acctest.NewQuickGrid(t), built())
	plan.Diagnostics.WantNone(t)
	for _, name := range []string{"prepared_digest", "prepared_files", "host_key"} {
		if plan.Planned(name) != nil {
			t.Errorf("%s is planned as %v", name, plan.Planned(name))
		}
	}
}

// TestPreparedImageStays: what makes no other image changes nothing on the
// grid, and nothing that the plan knows.
func TestPreparedImageStays(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config, motd, _ := everything(t)
	object := madeImage(t, grid, config)
	moved := writeFile(t, "moved", "hello\n")
	if moved == motd {
		t.Fatal("the file was not moved")
	}
	fileAt := func(change acctest.Attributes) acctest.Attributes {
		list := config["prepare"].(acctest.Attributes)["files"].([]any)
		return acctest.Attributes{"files": []any{list[0].(acctest.Attributes).With(change), list[1]}}
	}
	for name, tc := range map[string]struct {
		config acctest.Attributes
		action string
	}{
		"nothing":               {config, "no-op"},
		"a password":            {changed(config, nil, acctest.Attributes{"password_wo": "other"}), "no-op"},
		"a password, unknown":   {changed(config, nil, acctest.Attributes{"password_wo": acctest.Unknown{}}), "no-op"},
		"a private key":         {changed(config, nil, acctest.Attributes{"private_key_wo": privateKey(t, "")}), "no-op"},
		"the port":              {changed(config, nil, acctest.Attributes{"port": 22}), "update"},
		"the timeout":           {changed(config, nil, acctest.Attributes{"timeout": nil}), "update"},
		"the account, implicit": {changed(config, nil, acctest.Attributes{"username": nil}), "update"},
		"the host key":          {changed(config, nil, acctest.Attributes{"host_key": "SHA256:47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU"}), "update"},
		"the place of a file":   {changed(config, fileAt(acctest.Attributes{"source": moved}), nil), "update"},
		"a file as a text":      {changed(config, fileAt(acctest.Attributes{"source": nil, "content": "hello\n"}), nil), "update"},
		"a mode, explicit":      {changed(config, fileAt(acctest.Attributes{"mode": "0644"}), nil), "update"},
		"a mode, shorter":       {changed(config, fileAt(acctest.Attributes{"mode": "644"}), nil), "update"},
		"the mode, explicit":    {changed(config, acctest.Attributes{"mode": "automatic"}, nil), "update"},
		"verify":                {config.With(acctest.Attributes{"verify": acctest.Attributes{"commands": []any{"true"}}}), "update"},
		"no verify":             {config.With(acctest.Attributes{"verify": nil}), "update"},
		"the image's form":      {config.With(acctest.Attributes{"build": acctest.Attributes{"image": "12834"}}), "update"},
		"the image's case":      {config.With(acctest.Attributes{"build": acctest.Attributes{"image": "CentOS6.2_64_base"}}), "update"},
		"options of the build": {
			config.With(acctest.Attributes{"build": config["build"].(acctest.Attributes).With(acctest.Attributes{
				"datacenter": "US-East-1", "public_ip": "127.21.0.9", "keep_sandbox_on_failure": true, "max_duration": "1h",
			})}), "update",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t)
			read, diagnostics := s.Read(object)
			diagnostics.WantNone(t)
			plan := s.Plan(read, tc.config)
			plan.Diagnostics.WantNone(t)
			if plan.Action() != tc.action {
				t.Errorf("the plan is %s for %v, want %s", plan.Action(), plan.RequiresReplace, tc.action)
			}
			for _, name := range []string{"id", "state", "datacenters", "host_key", "prepared_digest"} {
				if plan.Planned(name) == (acctest.Unknown{}) {
					t.Errorf("%s is planned as unknown", name)
				}
			}
			if tc.action == "no-op" {
				return
			}
			before := grid.Changes()
			updated, diagnostics := s.Apply(t.Context(), plan)
			diagnostics.WantNone(t)
			if grid.Changes() != before {
				t.Errorf("it changed the grid: %v", grid.Counters())
			}
			wantNoOp(t, grid, updated, tc.config)
		})
	}
}

// TestPreparedImageIsReplaced: what goes into the image makes another one, and
// the plan says what for.
func TestPreparedImageIsReplaced(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config, _, _ := everything(t)
	object := madeImage(t, grid, config)
	sandbox := grid.ServerID(t, "golden")
	second := acctest.Attributes{"content": "x", "destination": "/etc/second"}
	for name, tc := range map[string]struct {
		config acctest.Attributes
		reason string
	}{
		"a file":            {changed(config, files(second), nil), "prepared_digest"},
		"a command":         {changed(config, acctest.Attributes{"commands": []any{"yum -y install nginx"}}, nil), "prepared_digest"},
		"no command":        {changed(config, acctest.Attributes{"commands": nil}, nil), "prepared_digest"},
		"no script":         {changed(config, acctest.Attributes{"scripts": nil}, nil), "prepared_digest"},
		"a variable":        {changed(config, acctest.Attributes{"environment": acctest.Attributes{"STAGE": "other"}}, nil), "prepared_digest"},
		"prep command":      {changed(config, acctest.Attributes{"prep_command": nil}, nil), "prepared_digest"},
		"the account":       {changed(config, nil, acctest.Attributes{"username": "deploy"}), "prepared_digest"},
		"a version":         {changed(config, nil, acctest.Attributes{"password_wo_version": 2}), "prepared_digest"},
		"no version":        {changed(config, nil, acctest.Attributes{"password_wo_version": nil}), "prepared_digest"},
		"the bastion's":     {changed(config, nil, acctest.Attributes{"bastion": acctest.Attributes{"host": "gate", "private_key_wo_version": 2}}), "prepared_digest"},
		"unknown command":   {changed(config, acctest.Attributes{"commands": []any{acctest.Unknown{}}}, nil), "prepared_digest"},
		"nothing prepared":  {config.With(acctest.Attributes{"prepare": nil}), "prepared_digest"},
		"another image":     {config.With(acctest.Attributes{"build": acctest.Attributes{"image": "debian_6.0_64_base"}}), "build.image"},
		"an unknown image":  {config.With(acctest.Attributes{"build": acctest.Attributes{"image": acctest.Unknown{}}}), "build.image"},
		"no build any more": {config.With(acctest.Attributes{"build": nil, "sandbox_id": sandbox}), "build"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t)
			read, diagnostics := s.Read(object)
			diagnostics.WantNone(t)
			plan := s.Plan(read, tc.config)
			plan.Diagnostics.WantNone(t)
			if plan.Action() != "replace" || len(plan.RequiresReplace) != 1 || plan.RequiresReplace[0] != tc.reason {
				t.Errorf("the plan is %s for %v, want a replacement for %s", plan.Action(), plan.RequiresReplace, tc.reason)
			}
			s.Replacement(plan).Diagnostics.WantNone(t)
		})
	}
}

// TestOneByte: a file that changes by one byte makes another image, also when
// the configuration stays as it is.
func TestOneByte(t *testing.T) {
	t.Parallel()
	for name, tc := range map[string]struct{ file, content string }{
		"of a file":   {"motd", "hellO\n"},
		"of a script": {"setup.sh", "#!/bin/sh\ntrue \n"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			grid := acctest.NewQuickGrid(t)
			config, motd, setup := everything(t)
			object := madeImage(t, grid, config)
			wantNoOp(t, grid, object, config)
			path := map[string]string{"motd": motd, "setup.sh": setup}[tc.file]
			if err := os.WriteFile(path, []byte(tc.content), 0o600); err != nil {
				t.Fatal(err)
			}
			plan := grid.Session(t).Plan(object, config)
			plan.Diagnostics.WantNone(t)
			if len(plan.RequiresReplace) != 1 || plan.RequiresReplace[0] != "prepared_digest" {
				t.Errorf("the plan is %s for %v", plan.Action(), plan.RequiresReplace)
			}
			if plan.Planned("prepared_digest") == object.Get("prepared_digest") {
				t.Error("the digest is planned as before")
			}
			before, _ := object.Get("prepared_files").(acctest.Attributes)
			after, _ := plan.Planned("prepared_files").(acctest.Attributes)
			for other := range after {
				if (after[other] != before[other]) != (other == path) {
					t.Errorf("of %s the plan says %v, and it was %v", other, after[other], before[other])
				}
			}
		})
	}
}

// TestFileVanishes: an apply cannot tell itself from a plan, so what is said
// fits both.
func TestFileVanishes(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config, motd, _ := everything(t)
	object := madeImage(t, grid, config)
	if err := os.Remove(motd); err != nil {
		t.Fatal(err)
	}
	grid.Session(t).Plan(object, config).Diagnostics.WantError(t, "prepare.files[0].source", "There is no file "+regexp.QuoteMeta(motd), "If it was there when this was planned")
}

// TestDigestAfterImport: a digest that was not known before is taken over and
// replaces nothing, after an import as after an upgrade.
func TestDigestAfterImport(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config, _, _ := everything(t)
	made := madeImage(t, grid, config)
	imported, diagnostics := grid.Session(t).Import(imageType, fmt.Sprint(made.Get("id")))
	diagnostics.WantNone(t)
	nothing := acctest.Attributes{"prepared_digest": nil, "prepared_files": nil, "host_key": nil, "build": nil, "prepare": nil, "verify": nil}
	sandbox := grid.ServerID(t, "golden")
	old := grid.Session(t).Altered(made, nothing.With(acctest.Attributes{"sandbox_id": sandbox}))
	bySandbox := config.With(acctest.Attributes{"build": nil, "sandbox_id": sandbox})
	for name, tc := range map[string]struct {
		object acctest.Object
		config acctest.Attributes
		action string
	}{
		"imported":                          {imported, config, "update"},
		"imported, by sandbox_id":           {imported, bySandbox, "update"},
		"of an older release, as it was":    {old, acctest.Attributes{"friendly_name": "golden", "sandbox_id": sandbox}, "no-op"},
		"of an older release, now prepared": {old, bySandbox, "update"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := grid.Session(t)
			object, diagnostics := s.Read(tc.object)
			diagnostics.WantNone(t)
			plan := s.Plan(object, tc.config)
			plan.Diagnostics.WantNone(t)
			if plan.Action() != tc.action {
				t.Fatalf("the plan is %s for %v, want %s", plan.Action(), plan.RequiresReplace, tc.action)
			}
			if tc.action == "no-op" {
				return
			}
			before := grid.Changes()
			object, diagnostics = s.Apply(t.Context(), plan)
			diagnostics.WantNone(t)
			if digest, ok := object.Get("prepared_digest").(string); !ok || !hexDigest.MatchString(digest) {
				t.Errorf("the digest is %v", object.Get("prepared_digest"))
			}
			if grid.Changes() != before {
				t.Errorf("it changed the grid: %v", grid.Counters())
			}
			wantNoOp(t, grid, object, tc.config)
		})
	}
}

// TestFromSandboxToBuild: an image of a sandbox is replaced by one that is
// built.
func TestFromSandboxToBuild(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	old := grid.Session(t).Altered(madeImage(t, grid, built()), acctest.Attributes{"build": nil, "sandbox_id": grid.ServerID(t, "golden")})
	plan := grid.Session(t).Plan(old, built())
	if len(plan.RequiresReplace) != 1 || plan.RequiresReplace[0] != "sandbox_id" {
		t.Errorf("the plan is %s for %v", plan.Action(), plan.RequiresReplace)
	}
}

// TestUnknownInPrepare: what is not known yet fails nothing, and the digest
// waits where it needs it.
func TestUnknownInPrepare(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	unknown := acctest.Unknown{}
	config, motd, _ := everything(t)
	plain := acctest.Attributes{"source": motd, "destination": "/etc/motd"}
	bastion := func(change acctest.Attributes) acctest.Attributes {
		return acctest.Attributes{"bastion": acctest.Attributes{"host": "gate"}.With(change)}
	}
	for name, tc := range map[string]struct {
		config acctest.Attributes
		known  bool
	}{
		"build":               {config.With(acctest.Attributes{"build": unknown}), true},
		"build.image":         {config.With(acctest.Attributes{"build": acctest.Attributes{"image": unknown, "public_ip": unknown, "datacenter": unknown, "max_duration": unknown, "keep_sandbox_on_failure": unknown}}), true},
		"sandbox_id":          {config.With(acctest.Attributes{"build": nil, "sandbox_id": unknown}), true},
		"sandbox_id or build": {config.With(acctest.Attributes{"sandbox_id": unknown}), true},
		"verify":              {config.With(acctest.Attributes{"verify": unknown}), true},
		"in verify":           {config.With(acctest.Attributes{"verify": acctest.Attributes{"commands": unknown, "ram": unknown, "timeout": unknown}}), true},
		"one verify command":  {config.With(acctest.Attributes{"verify": acctest.Attributes{"commands": []any{"true", unknown}}}), true},
		"name and triggers":   {config.With(acctest.Attributes{"friendly_name": unknown, "rebuild_triggers": acctest.Attributes{"a": unknown}}), true},
		"prepare":             {config.With(acctest.Attributes{"prepare": unknown}), false},
		"mode":                {changed(config, acctest.Attributes{"mode": unknown}, nil), false},
		"files":               {changed(config, acctest.Attributes{"files": unknown}, nil), false},
		"a file":              {changed(config, acctest.Attributes{"files": []any{plain, unknown}}, nil), false},
		"source":              {changed(config, files(plain.With(acctest.Attributes{"source": unknown})), nil), false},
		"content":             {changed(config, files(plain.With(acctest.Attributes{"source": nil, "content": unknown})), nil), false},
		"source and content":  {changed(config, files(plain.With(acctest.Attributes{"source": unknown, "content": unknown})), nil), false},
		"destination":         {changed(config, files(plain.With(acctest.Attributes{"destination": unknown})), nil), false},
		"mode of a file":      {changed(config, files(plain.With(acctest.Attributes{"mode": unknown})), nil), false},
		"commands":            {changed(config, acctest.Attributes{"commands": unknown}, nil), false},
		"a command":           {changed(config, acctest.Attributes{"commands": []any{"true", unknown}}, nil), false},
		"scripts":             {changed(config, acctest.Attributes{"scripts": unknown}, nil), false},
		"a script":            {changed(config, acctest.Attributes{"scripts": []any{unknown}}, nil), false},
		"environment":         {changed(config, acctest.Attributes{"environment": unknown}, nil), false},
		"a variable":          {changed(config, acctest.Attributes{"environment": acctest.Attributes{"A": unknown}}, nil), false},
		"prep_command":        {changed(config, acctest.Attributes{"prep_command": unknown}, nil), false},
		"connection":          {changed(config, acctest.Attributes{"connection": unknown}, nil), false},
		"type":                {changed(config, nil, acctest.Attributes{"type": unknown}), false},
		"username":            {changed(config, nil, acctest.Attributes{"username": unknown}), false},
		"password version":    {changed(config, nil, acctest.Attributes{"password_wo_version": unknown}), false},
		"key version":         {changed(config, nil, acctest.Attributes{"private_key_wo_version": unknown}), false},
		"password":            {changed(config, nil, acctest.Attributes{"password_wo": unknown}), true},
		"private key":         {changed(config, nil, acctest.Attributes{"private_key_wo": unknown}), true},
		"passphrase":          {changed(config, nil, acctest.Attributes{"private_key_wo": privateKey(t, "x"), "private_key_passphrase_wo": unknown}), true},
		"host key, port":      {changed(config, nil, acctest.Attributes{"host_key": unknown, "port": unknown, "timeout": unknown}), true},
		"certificates":        {changed(config, nil, acctest.Attributes{"type": "winrm", "ca_certificate": unknown, "insecure": unknown, "bastion": nil}).With(acctest.Attributes{"prepare": acctest.Attributes{"commands": []any{"dir"}}}), true},
		"bastion":             {changed(config, nil, acctest.Attributes{"bastion": unknown}), false},
		"bastion's host":      {changed(config, nil, bastion(acctest.Attributes{"host": unknown, "port": unknown, "username": unknown, "host_key": unknown, "password_wo": unknown})), true},
		"bastion's version":   {changed(config, nil, bastion(acctest.Attributes{"password_wo_version": unknown})), false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			plan := newImage(t, grid, tc.config)
			plan.Diagnostics.WantNone(t)
			if known := plan.Planned("prepared_digest") != (acctest.Unknown{}); known != tc.known {
				t.Errorf("the digest is planned as %v", plan.Planned("prepared_digest"))
			}
		})
	}
}

// TestWarningsAreGivenOnce: when an image is made or replaced, and not when it
// stays.
func TestWarningsAreGivenOnce(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config := preparedWith(acctest.Attributes{"commands": []any{"true", "ifup eth1", "ifup eth1; mount /mnt"}, "prep_command": "gogrid-prep"})
	plan := newImage(t, grid, config)
	plan.Diagnostics.WantWarning(t, "prepare.commands[1]", "private adapter does not survive", `commands\[1\], commands\[2\]`, "startup script")
	object := madeImage(t, grid, config)
	grid.Session(t).Plan(object, config).Diagnostics.WantNone(t)
	for name, change := range map[string]acctest.Attributes{
		"for its digest":   changed(config, acctest.Attributes{"environment": acctest.Attributes{"A": "1"}}, nil),
		"for its image":    config.With(acctest.Attributes{"build": acctest.Attributes{"image": "debian_6.0_64_base"}}),
		"for its triggers": config.With(acctest.Attributes{"rebuild_triggers": acctest.Attributes{"a": "2"}}),
	} {
		s := grid.Session(t)
		plan := s.Plan(s.Altered(object, acctest.Attributes{"rebuild_triggers": acctest.Attributes{"a": "1"}}), change)
		if plan.Action() != "replace" {
			t.Errorf("replaced %s: the plan is %s", name, plan.Action())
		}
		all := append(plan.Diagnostics, s.Replacement(plan).Diagnostics...)
		all.WantWarning(t, "prepare.commands[1]", "private adapter")
	}
	newImage(t, grid, changed(config, acctest.Attributes{"prep_command": nil}, nil)).Diagnostics.WantNone(t)
}

func TestManualPreparationIsAnnounced(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config := preparedWith(acctest.Attributes{"mode": "manual"})
	plan := newImage(t, grid, config)
	plan.Diagnostics.WantWarning(t, "prepare.mode", `Image "golden" waits for somebody`, `sandbox "build-[0-9a-f]{12}"`, "list of passwords", "switch it off", "at most 2h0m0s")
	if plan.Planned("host_key") != nil || plan.Planned("prepared_digest") == nil {
		t.Errorf("host_key is planned as %v, the digest as %v", plan.Planned("host_key"), plan.Planned("prepared_digest"))
	}
	fixed := acctest.Attributes{"build": acctest.Attributes{"image": "12834", "public_ip": "127.20.0.9", "max_duration": "3h"}}
	newImage(t, grid, config.With(fixed)).Diagnostics.WantWarning(t, "prepare.mode", `" *, which this apply makes at 127.20.0.9`, "at most 3h0m0s")
	newImage(t, grid, config.With(fixed).With(acctest.Attributes{"timeouts": acctest.Attributes{"create": "30m"}})).Diagnostics.WantWarning(t, "prepare.mode", "at most 30m0s")
	object := madeImage(t, grid, config)
	grid.Session(t).Plan(object, config).Diagnostics.WantNone(t)
	bySandbox := config.With(acctest.Attributes{"build": nil, "sandbox_id": grid.ServerID(t, "golden")})
	newImage(t, grid, bySandbox).Diagnostics.WantWarning(t, "prepare.mode", "sandbox that sandbox_id names")
}

// TestBuildAddresses: a plan with more builds than addresses is refused, once;
// a build needs no address beside the servers that are made from its image.
func TestBuildAddresses(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t, func(o *simulator.Options) { o.PublicBlockSize = 8 })
	s := grid.Session(t)
	var all acctest.Diagnostics
	for i := range 7 {
		all = append(all, s.Plan(s.Absent(imageType), built().With(acctest.Attributes{"friendly_name": fmt.Sprint("golden ", i)})).Diagnostics...)
	}
	all.WantError(t, "build.public_ip", "Not enough free public addresses", "in US-West-1; 5 are free")

	s = grid.Session(t)
	s.Plan(s.Absent(imageType), built()).Diagnostics.WantNone(t)
	for i := range 5 {
		s.Plan(s.Absent("gogrid_server"), web1().With(acctest.Attributes{"name": fmt.Sprint("web", i)})).Diagnostics.WantNone(t)
	}
	fixed := built().With(acctest.Attributes{"build": acctest.Attributes{"image": "12834", "public_ip": "127.20.0.6"}})
	s.Plan(s.Absent(imageType), fixed).Diagnostics.WantNone(t)
	s.Plan(s.Absent(imageType), fixed.With(acctest.Attributes{"friendly_name": "silver"})).Diagnostics.WantError(t, "build.public_ip", "127.20.0.6 is asked for twice")
}

// TestBuildAtAnAddressOfABuild: the sandbox of an interrupted build may go
// before the address is needed.
func TestBuildAtAnAddressOfABuild(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	grid.OutsideDone(t, "grid.server.add", "name", "build-0123456789ab", "image", "12834", "isSandbox", "true", "ip", "127.20.0.6")
	config := built().With(acctest.Attributes{"build": acctest.Attributes{"image": "12834", "public_ip": "127.20.0.6"}})
	newImage(t, grid, config).Diagnostics.WantWarning(t, "build.public_ip", "127.20.0.6 is taken", `sandbox "build-0123456789ab"`)
}

// TestBuildWithAReadOnlyKey is refused before anything is made.
func TestBuildWithAReadOnlyKey(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t).As(acctest.ReadOnlyKey())
	newImage(t, grid, built()).Diagnostics.WantError(t, "-", "API key may not save image golden")
}

// TestPrepareWithAnUnknownProvider: the digest needs no grid.
func TestPrepareWithAnUnknownProvider(t *testing.T) {
	t.Parallel()
	grid := acctest.NewQuickGrid(t)
	config, _, _ := everything(t)
	s := grid.Session(t, acctest.Attributes{"api_key": acctest.Unknown{}})
	plan := s.Plan(s.Absent(imageType), config)
	plan.Diagnostics.WantNone(t)
	if digest, ok := plan.Planned("prepared_digest").(string); !ok || !hexDigest.MatchString(digest) {
		t.Errorf("the digest is planned as %v", plan.Planned("prepared_digest"))
	}
}
