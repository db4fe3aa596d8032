// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

// fullRecipe has one of everything that is digested.
func fullRecipe() (*recipe, connectionModel, bastionModel) {
	r := &recipe{
		login:       login{target: communicator.Target{Protocol: communicator.SSH, Username: "deploy"}},
		files:       []recipeFile{{name: "files[0]", source: "here/motd", destination: "/etc/motd", mode: 0o644, sha256: "aa"}},
		commands:    []string{"yum -y install httpd", "chkconfig httpd on"},
		scripts:     []recipeFile{{name: "scripts[0]", source: "here/setup.sh", sha256: "bb"}},
		environment: map[string]string{"B": "2", "A": "1"},
		prepCommand: "gogrid-prep",
	}
	var connection connectionModel
	connection.PasswordVersion, connection.PrivateKeyVersion = types.Int64Value(1), types.Int64Value(2)
	var bastion bastionModel
	bastion.PasswordVersion, bastion.PrivateKeyVersion = types.Int64Value(3), types.Int64Value(4)
	return r, connection, bastion
}

// TestFingerprintIsPinned: states keep digests, and a release that takes them
// otherwise makes everybody's images anew. Whoever changes these values has to
// mean it.
func TestFingerprintIsPinned(t *testing.T) {
	t.Parallel()
	full, connection, bastion := fullRecipe()
	for name, tc := range map[string]struct {
		recipe     *recipe
		connection connectionModel
		bastion    bastionModel
		want       string
	}{
		"everything": {full, connection, bastion, "f308f54452e58577932bcc3839e655b0a42d97fb840983ee6b1867bebf8ca846"},
		"nothing":    {&recipe{login: login{target: communicator.Target{Protocol: communicator.SSH}}}, connectionModel{}, bastionModel{}, "11e50e50f93f766141ea8bff640e82a7e6f24dd32ba92b618f0c883dc3f30a62"},
		"by hand":    {&recipe{manual: true}, connectionModel{}, bastionModel{}, "a4f22f55d3a2a2abd04618ca9412a273c31773f677276fa44c9d76d204f32cf6"},
	} {
		if got := tc.recipe.fingerprint(tc.connection, tc.bastion); got != tc.want {
			t.Errorf("%s has the digest %s, want %s", name, got, tc.want)
		}
	}
}

// TestFingerprintTellsApart: whatever goes into the image makes another digest,
// also where the same texts only stand elsewhere.
func TestFingerprintTellsApart(t *testing.T) {
	t.Parallel()
	plain, connection, bastion := fullRecipe()
	seen := map[string]string{plain.fingerprint(connection, bastion): "nothing"}
	for name, change := range map[string]func(*recipe, *connectionModel, *bastionModel){
		"content of a file": func(r *recipe, _ *connectionModel, _ *bastionModel) { r.files[0].sha256 = "ab" },
		"destination":       func(r *recipe, _ *connectionModel, _ *bastionModel) { r.files[0].destination = "/etc/motd2" },
		"mode of a file":    func(r *recipe, _ *connectionModel, _ *bastionModel) { r.files[0].mode = 0o755 },
		"a file twice":      func(r *recipe, _ *connectionModel, _ *bastionModel) { r.files = append(r.files, r.files[0]) },
		"no file":           func(r *recipe, _ *connectionModel, _ *bastionModel) { r.files = nil },
		"a command":         func(r *recipe, _ *connectionModel, _ *bastionModel) { r.commands[1] = "chkconfig httpd off" },
		"order of commands": func(r *recipe, _ *connectionModel, _ *bastionModel) {
			r.commands[0], r.commands[1] = r.commands[1], r.commands[0]
		},
		"two commands as one": func(r *recipe, _ *connectionModel, _ *bastionModel) {
			r.commands = []string{r.commands[0] + r.commands[1]}
		},
		"a command moved": func(r *recipe, _ *connectionModel, _ *bastionModel) {
			r.commands, r.prepCommand = r.commands[:1], r.commands[1]
		},
		"a script": func(r *recipe, _ *connectionModel, _ *bastionModel) { r.scripts[0].sha256 = "bc" },
		"a script as a file": func(r *recipe, _ *connectionModel, _ *bastionModel) {
			r.files, r.scripts = append(r.files, r.scripts...), nil
		},
		"value of a variable": func(r *recipe, _ *connectionModel, _ *bastionModel) { r.environment["A"] = "3" },
		"name of a variable": func(r *recipe, _ *connectionModel, _ *bastionModel) {
			delete(r.environment, "A")
			r.environment["AA"] = "1"
		},
		"name and value moved": func(r *recipe, _ *connectionModel, _ *bastionModel) {
			delete(r.environment, "A")
			r.environment["A1"] = ""
		},
		"prep command":            func(r *recipe, _ *connectionModel, _ *bastionModel) { r.prepCommand = "" },
		"account":                 func(r *recipe, _ *connectionModel, _ *bastionModel) { r.login.target.Username = "" },
		"version of password":     func(_ *recipe, c *connectionModel, _ *bastionModel) { c.PasswordVersion = types.Int64Value(9) },
		"no version of password":  func(_ *recipe, c *connectionModel, _ *bastionModel) { c.PasswordVersion = types.Int64Null() },
		"version of key":          func(_ *recipe, c *connectionModel, _ *bastionModel) { c.PrivateKeyVersion = types.Int64Value(9) },
		"version of 2nd password": func(_ *recipe, _ *connectionModel, b *bastionModel) { b.PasswordVersion = types.Int64Value(9) },
		"version of 2nd key":      func(_ *recipe, _ *connectionModel, b *bastionModel) { b.PrivateKeyVersion = types.Int64Value(9) },
		"both versions exchanged": func(_ *recipe, c *connectionModel, _ *bastionModel) {
			c.PasswordVersion, c.PrivateKeyVersion = c.PrivateKeyVersion, c.PasswordVersion
		},
		"version of secrets":         func(r *recipe, _ *connectionModel, _ *bastionModel) { r.secretsVersion = "1" },
		"another version of secrets": func(r *recipe, _ *connectionModel, _ *bastionModel) { r.secretsVersion = "2" },
		"by hand":                    func(r *recipe, _ *connectionModel, _ *bastionModel) { r.manual = true },
	} {
		r, connection, bastion := fullRecipe()
		change(r, &connection, &bastion)
		digest := r.fingerprint(connection, bastion)
		if other, ok := seen[digest]; ok {
			t.Errorf("changing %s gives the digest of changing %s", name, other)
		}
		seen[digest] = name
	}
}

// TestFingerprintIgnores: how the server is reached, where files lie, and
// secrets make no other image.
func TestFingerprintIgnores(t *testing.T) {
	t.Parallel()
	plain, connection, bastion := fullRecipe()
	want := plain.fingerprint(connection, bastion)
	for name, change := range map[string]func(*recipe, *connectionModel, *bastionModel){
		"path of a file":   func(r *recipe, _ *connectionModel, _ *bastionModel) { r.files[0].source = "elsewhere" },
		"text for a file":  func(r *recipe, _ *connectionModel, _ *bastionModel) { r.files[0].source = "" },
		"path of a script": func(r *recipe, _ *connectionModel, _ *bastionModel) { r.scripts[0].source = "elsewhere" },
		"port": func(r *recipe, c *connectionModel, _ *bastionModel) {
			r.login.target.Port, c.Port = 2222, types.Int64Value(2222)
		},
		"host key": func(r *recipe, c *connectionModel, _ *bastionModel) {
			r.login.target.HostKey, c.HostKey = "SHA256:x", types.StringValue("SHA256:x")
		},
		"timeout": func(r *recipe, c *connectionModel, _ *bastionModel) {
			r.login.timeout, c.Timeout = 1, types.StringValue("1s")
		},
		"password": func(r *recipe, c *connectionModel, _ *bastionModel) {
			r.login.target.Password, c.Password = "other", types.StringValue("other")
		},
		"private key": func(r *recipe, c *connectionModel, _ *bastionModel) {
			r.login.target.PrivateKey, c.PrivateKey = "other", types.StringValue("other")
		},
		"bastion": func(_ *recipe, _ *connectionModel, b *bastionModel) { b.Host = types.StringValue("other") },
	} {
		r, connection, bastion := fullRecipe()
		change(r, &connection, &bastion)
		if got := r.fingerprint(connection, bastion); got != want {
			t.Errorf("another %s gives another digest", name)
		}
	}
	given, unset := &recipe{login: login{target: communicator.Target{Username: "root"}}}, &recipe{}
	if given.fingerprint(connectionModel{}, bastionModel{}) != unset.fingerprint(connectionModel{}, bastionModel{}) {
		t.Error("the default account gives another digest when it is written out")
	}
}
