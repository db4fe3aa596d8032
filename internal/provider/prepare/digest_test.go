// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
)

// fullRecipe returns a recipe, a connection and a bastion that set every value
// that the digest covers.
func fullRecipe() (*Recipe, ConnectionModel, bastionModel) {
	r := &Recipe{
		Login:       Login{Target: communicator.Target{Protocol: communicator.SSH, Username: "deploy"}},
		Files:       []File{{name: "files[0]", Source: "here/motd", Destination: "/etc/motd", Mode: 0o644, SHA256: "aa"}},
		Commands:    []string{"yum -y install httpd", "chkconfig httpd on"},
		Scripts:     []File{{name: "scripts[0]", Source: "here/setup.sh", SHA256: "bb"}},
		Environment: map[string]string{"B": "2", "A": "1"},
		PrepCommand: "gogrid-prep",
	}
	var connection ConnectionModel
	connection.PasswordVersion, connection.PrivateKeyVersion = types.Int64Value(1), types.Int64Value(2)
	var bastion bastionModel
	bastion.PasswordVersion, bastion.PrivateKeyVersion = types.Int64Value(3), types.Int64Value(4)
	return r, connection, bastion
}

// TestFingerprintIsPinned compares digests with recorded values. States keep
// digests, so a release with different digests replaces the images of all
// users. Change these values only on purpose.
func TestFingerprintIsPinned(t *testing.T) {
	t.Parallel()
	full, connection, bastion := fullRecipe()
	for name, tc := range map[string]struct {
		recipe     *Recipe
		connection ConnectionModel
		bastion    bastionModel
		want       string
	}{
		"everything": {full, connection, bastion, "f308f54452e58577932bcc3839e655b0a42d97fb840983ee6b1867bebf8ca846"},
		"nothing":    {&Recipe{Login: Login{Target: communicator.Target{Protocol: communicator.SSH}}}, ConnectionModel{}, bastionModel{}, "11e50e50f93f766141ea8bff640e82a7e6f24dd32ba92b618f0c883dc3f30a62"},
		"steps": {
			&Recipe{Steps: []Step{{Command: "yum -y update"}, {Restart: true}, {Script: &File{SHA256: "aa"}}}},
			ConnectionModel{},
			bastionModel{},
			"76445b9c84d9eacb5bbf8aab0c86f83fd40c3a77673484269eba50a9883bee2f",
		},
		"by hand": {&Recipe{Manual: true}, ConnectionModel{}, bastionModel{}, "a4f22f55d3a2a2abd04618ca9412a273c31773f677276fa44c9d76d204f32cf6"},
	} {
		if got := tc.recipe.fingerprint(tc.connection, tc.bastion); got != tc.want {
			t.Errorf("%s has the digest %s, want %s", name, got, tc.want)
		}
	}
}

// TestFingerprintTellsApart checks that each change to the content of the image
// changes the digest, even if a string only moves from one attribute to
// another.
func TestFingerprintTellsApart(t *testing.T) {
	t.Parallel()
	plain, connection, bastion := fullRecipe()
	seen := map[string]string{plain.fingerprint(connection, bastion): "nothing"}
	for name, change := range map[string]func(*Recipe, *ConnectionModel, *bastionModel){
		"content of a file": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Files[0].SHA256 = "ab" },
		"destination":       func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Files[0].Destination = "/etc/motd2" },
		"mode of a file":    func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Files[0].Mode = 0o755 },
		"a file twice":      func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Files = append(r.Files, r.Files[0]) },
		"no file":           func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Files = nil },
		"a command":         func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Commands[1] = "chkconfig httpd off" },
		"order of commands": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) {
			r.Commands[0], r.Commands[1] = r.Commands[1], r.Commands[0]
		},
		"two commands as one": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) {
			r.Commands = []string{r.Commands[0] + r.Commands[1]}
		},
		"a command moved": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) {
			r.Commands, r.PrepCommand = r.Commands[:1], r.Commands[1]
		},
		"a script": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Scripts[0].SHA256 = "bc" },
		"a script as a file": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) {
			r.Files, r.Scripts = append(r.Files, r.Scripts...), nil
		},
		"value of a variable": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Environment["A"] = "3" },
		"name of a variable": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) {
			delete(r.Environment, "A")
			r.Environment["AA"] = "1"
		},
		"name and value moved": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) {
			delete(r.Environment, "A")
			r.Environment["A1"] = ""
		},
		"steps":             func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Steps = []Step{{Command: "reboot"}} },
		"a step to restart": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Steps = []Step{{Restart: true}} },
		"two restarts": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) {
			r.Steps = []Step{{Restart: true}, {Restart: true}}
		},
		"a script as a step": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) {
			r.Steps = []Step{{Script: &File{Source: "x", SHA256: "reboot"}}}
		},
		"restart first": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) {
			r.Steps = []Step{{Restart: true}, {Command: "reboot"}}
		},
		"restart last": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) {
			r.Steps = []Step{{Command: "reboot"}, {Restart: true}}
		},
		"prep command":            func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.PrepCommand = "" },
		"account":                 func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Login.Target.Username = "" },
		"version of password":     func(_ *Recipe, c *ConnectionModel, _ *bastionModel) { c.PasswordVersion = types.Int64Value(9) },
		"no version of password":  func(_ *Recipe, c *ConnectionModel, _ *bastionModel) { c.PasswordVersion = types.Int64Null() },
		"version of key":          func(_ *Recipe, c *ConnectionModel, _ *bastionModel) { c.PrivateKeyVersion = types.Int64Value(9) },
		"version of 2nd password": func(_ *Recipe, _ *ConnectionModel, b *bastionModel) { b.PasswordVersion = types.Int64Value(9) },
		"version of 2nd key":      func(_ *Recipe, _ *ConnectionModel, b *bastionModel) { b.PrivateKeyVersion = types.Int64Value(9) },
		"both versions exchanged": func(_ *Recipe, c *ConnectionModel, _ *bastionModel) {
			c.PasswordVersion, c.PrivateKeyVersion = c.PrivateKeyVersion, c.PasswordVersion
		},
		"version of secrets":         func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.secretsVersion = "1" },
		"another version of secrets": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.secretsVersion = "2" },
		"by hand":                    func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Manual = true },
	} {
		r, connection, bastion := fullRecipe()
		change(r, &connection, &bastion)
		digest := r.fingerprint(connection, bastion)
		if other, ok := seen[digest]; ok {
			t.Errorf("changing %s gives the same digest as changing %s", name, other)
		}
		seen[digest] = name
	}
}

// TestFingerprintIgnores checks that the connection to the server, the paths of
// local files and secrets do not change the digest.
func TestFingerprintIgnores(t *testing.T) {
	t.Parallel()
	plain, connection, bastion := fullRecipe()
	want := plain.fingerprint(connection, bastion)
	for name, change := range map[string]func(*Recipe, *ConnectionModel, *bastionModel){
		"path of a file":   func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Files[0].Source = "elsewhere" },
		"text for a file":  func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Files[0].Source = "" },
		"path of a script": func(r *Recipe, _ *ConnectionModel, _ *bastionModel) { r.Scripts[0].Source = "elsewhere" },
		"port": func(r *Recipe, c *ConnectionModel, _ *bastionModel) {
			r.Login.Target.Port, c.Port = 2222, types.Int64Value(2222)
		},
		"host key": func(r *Recipe, c *ConnectionModel, _ *bastionModel) {
			r.Login.Target.HostKey, c.HostKey = "SHA256:x", types.StringValue("SHA256:x")
		},
		"timeout": func(r *Recipe, c *ConnectionModel, _ *bastionModel) {
			r.Login.Timeout, c.Timeout = 1, types.StringValue("1s")
		},
		"password": func(r *Recipe, c *ConnectionModel, _ *bastionModel) {
			r.Login.Target.Password, c.Password = "other", types.StringValue("other")
		},
		"private key": func(r *Recipe, c *ConnectionModel, _ *bastionModel) {
			r.Login.Target.PrivateKey, c.PrivateKey = "other", types.StringValue("other")
		},
		"bastion": func(_ *Recipe, _ *ConnectionModel, b *bastionModel) { b.Host = types.StringValue("other") },
	} {
		r, connection, bastion := fullRecipe()
		change(r, &connection, &bastion)
		if got := r.fingerprint(connection, bastion); got != want {
			t.Errorf("changing the %s changes the digest", name)
		}
	}
	given, unset := &Recipe{Login: Login{Target: communicator.Target{Username: "root"}}}, &Recipe{}
	if given.fingerprint(ConnectionModel{}, bastionModel{}) != unset.fingerprint(ConnectionModel{}, bastionModel{}) {
		t.Error("setting the account to the default value changes the digest")
	}
}
