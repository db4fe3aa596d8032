// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/gogrid/terraform-provider-gogrid/internal/communicator"
	"github.com/gogrid/terraform-provider-gogrid/internal/provider/tf"
)

// Recipe holds the steps of a prepare block, decoded from the configuration. Only
// the configuration has the write-only values.
type Recipe struct {
	// Manual reports whether a person prepares the sandbox and switches it off.
	Manual bool
	Login  Login
	// A build uploads Files and Secrets, and then runs Commands, Scripts and Steps.
	// PrepCommand runs last, because nothing else can be done in the sandbox afterwards.
	Files   []File
	Secrets []File // without digests
	// secretsVersion replaces Secrets in the digest. It is empty if no version is
	// set; the digest then ignores Secrets.
	secretsVersion string
	Commands       []string
	Scripts        []File
	Steps          []Step // members of the attribute steps
	Environment    map[string]string
	PrepCommand    string // empty if there is no prep step
	// Digest is the SHA-256 digest, in hex, of all values above that are not secret.
	// It is empty if some of the values are unknown.
	Digest string
}

// File is a local file or a text to upload to the sandbox, or a script to run there.
type File struct {
	name        string // place in the prepare block, such as files[0]
	Source      string // path of the local file; empty for a text
	Destination string // absolute path on the server; empty for a script
	Mode        fs.FileMode
	SHA256      string // digest, in hex, of the content when the recipe was read; empty for a secret
	Open        func() (io.ReadCloser, error)
}

// Login describes the login to a sandbox, or to a server made from its image. The
// host is not set. If the password and the private key are empty, the login uses
// the account's password list.
type Login struct {
	Target  communicator.Target
	Timeout time.Duration // longest wait for a login after GoGrid shows the server as "On"
	// Secrets are removed from the output of commands, in addition to the secrets
	// of the target.
	Secrets []string
}

// Read returns the recipe of a configuration's prepare block, or nil if there is no
// block. It reads the local files that the block names. Each error names the
// attribute that causes it. The recipe lacks unknown values.
func Read(ctx context.Context, config tfsdk.Config) (*Recipe, diag.Diagnostics) {
	// Decode the blocks.
	at := path.Root("prepare")
	var object types.Object
	diags := config.GetAttribute(ctx, at, &object)
	if diags.HasError() || object.IsNull() {
		return nil, diags
	}
	var (
		block      Model
		connection ConnectionModel
		bastion    bastionModel
	)
	diags.Append(tf.ReadBlock(ctx, object, &block)...)
	diags.Append(tf.ReadBlock(ctx, block.Connection, &connection)...)
	diags.Append(tf.ReadBlock(ctx, connection.Bastion, &bastion)...)
	if diags.HasError() {
		return nil, diags
	}
	diags.Append(connection.trim(at.AtName("connection"))...)
	diags.Append(bastion.trim(at.AtName("connection").AtName("bastion"))...)
	// Read the values and the local files.
	r := &Recipe{
		Manual:      block.Mode.ValueString() == ModeManual,
		Login:       connection.login(bastion),
		PrepCommand: block.PrepCommand.ValueString(),

		secretsVersion: versionText(block.SecretsVersion),
	}
	diags.Append(checkSecrets(at.AtName("connection"), connection, bastion)...)
	diags.Append(r.readTexts(ctx, block)...)
	diags.Append(r.readFiles(ctx, at.AtName("files"), block.Files)...)
	diags.Append(r.readSecrets(at.AtName("secret_files_wo"), block.Secrets)...)
	diags.Append(r.readScripts(ctx, at.AtName("scripts"), block.Scripts)...)
	steps, moreDiags := readSteps(ctx, at, block.Steps)
	diags.Append(moreDiags...)
	r.Steps = steps
	if !connection.Type.IsUnknown() && !r.Manual {
		diags.Append(r.checkShell()...)
	}
	if diags.HasError() {
		return nil, diags
	}
	// Compute the digest if all values that it includes are known.
	if allKnown(ctx, object, block.Mode, block.Files, block.SecretsVersion, block.Commands, block.Scripts, block.Steps, block.Environment, block.PrepCommand) &&
		allKnown(ctx, block.Connection, connection.Type, connection.Username, connection.PasswordVersion, connection.PrivateKeyVersion) &&
		allKnown(ctx, connection.Bastion, bastion.PasswordVersion, bastion.PrivateKeyVersion) {
		r.Digest = r.fingerprint(connection, bastion)
	}
	return r, diags
}

// allKnown reports whether values are known. It ignores the attributes of a block,
// and includes the elements of any other value.
func allKnown(ctx context.Context, values ...attr.Value) bool {
	for _, value := range values {
		if _, block := value.(types.Object); block {
			if value.IsUnknown() {
				return false
			}
			continue
		}
		raw, err := value.ToTerraformValue(ctx)
		if err != nil || !raw.IsFullyKnown() {
			return false
		}
	}
	return true
}

// readTexts reads prepare.commands and prepare.environment.
func (r *Recipe) readTexts(ctx context.Context, block Model) diag.Diagnostics {
	var diags diag.Diagnostics
	r.Commands, diags = tf.Strings(ctx, block.Commands)
	if len(block.Environment.Elements()) == 0 {
		return diags
	}
	r.Environment = map[string]string{}
	for name, value := range block.Environment.Elements() {
		if text, ok := value.(types.String); ok {
			r.Environment[name] = text.ValueString()
		}
	}
	return diags
}

// readFiles reads prepare.files.
func (r *Recipe) readFiles(ctx context.Context, at path.Path, list types.List) diag.Diagnostics {
	if !tf.IsSet(list) {
		return nil
	}
	var objects []types.Object
	diags := list.ElementsAs(ctx, &objects, false)
	for i, object := range objects {
		var file fileModel
		diags.Append(tf.ReadBlock(ctx, object, &file)...)
		read, err := file.read(ctx, fmt.Sprintf("files[%d]", i))
		if err != nil {
			diags.Append(unreadableFile(at.AtListIndex(i).AtName("source"), file.Source.ValueString(), err))
			continue
		}
		diags.Append(r.checkDestination(at.AtListIndex(i).AtName("destination"), read.Destination)...)
		r.Files = append(r.Files, read)
	}
	return diags
}

// checkDestination returns an error if the destination is a Linux path on a Windows
// server.
func (r *Recipe) checkDestination(at path.Path, destination string) diag.Diagnostics {
	if r.Login.Target.Protocol != communicator.WinRM || !strings.HasPrefix(destination, "/") {
		return nil
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, "Invalid destination",
		fmt.Sprintf("%q is no absolute path on Windows. Write it with its drive, such as C:\\app\\app.config.", destination))}
}

// readSecrets reads prepare.secret_files_wo.
func (r *Recipe) readSecrets(at path.Path, secrets types.Map) diag.Diagnostics {
	var diags diag.Diagnostics
	contents := secrets.Elements()
	for _, destination := range slices.Sorted(maps.Keys(contents)) {
		text, ok := contents[destination].(types.String)
		if !ok || !tf.IsSet(text) {
			continue // not known yet
		}
		diags.Append(r.checkDestination(at.AtMapKey(destination), destination)...)
		r.Login.Secrets = append(r.Login.Secrets, text.ValueString())
		r.Secrets = append(r.Secrets, File{
			name: "secret_files_wo", Destination: destination, Mode: tf.SecretFileMode,
			Open: func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(text.ValueString())), nil },
		})
	}
	return diags
}

// read returns the file that a member of prepare.files describes, with its digest
// unless its content is unknown. name is the name of the file in messages.
func (f fileModel) read(ctx context.Context, name string) (File, error) {
	file := File{name: name, Source: f.Source.ValueString(), Destination: f.Destination.ValueString(), Mode: tf.DefaultFileMode}
	if mode, err := tf.ParseMode(f.Mode.ValueString()); err == nil {
		file.Mode = fs.FileMode(mode)
	}
	if tf.IsSet(f.Content) {
		content := f.Content.ValueString()
		sum := sha256.Sum256([]byte(content))
		file.SHA256 = hex.EncodeToString(sum[:])
		file.Open = func() (io.ReadCloser, error) { return io.NopCloser(strings.NewReader(content)), nil }
		return file, nil
	}
	if !tf.IsSet(f.Source) {
		return file, nil
	}
	return file, file.computeDigest(ctx, maxFile)
}

// readScripts reads prepare.scripts.
func (r *Recipe) readScripts(ctx context.Context, at path.Path, list types.List) diag.Diagnostics {
	paths, diags := tf.Strings(ctx, list)
	for i, source := range paths {
		if source == "" {
			continue // not known yet
		}
		script, err := readScript(ctx, fmt.Sprintf("scripts[%d]", i), source)
		if err != nil {
			diags.Append(unreadableFile(at.AtListIndex(i), source, err))
			continue
		}
		r.Scripts = append(r.Scripts, script)
	}
	return diags
}

// readScript returns the script in a local file, with its digest. Messages show the
// script as name.
func readScript(ctx context.Context, name, source string) (File, error) {
	script := File{name: name, Source: source}
	err := script.computeDigest(ctx, maxScript)
	return script, err
}

// Sources returns the digests that a plan shows in place of the contents. The key is
// the path of a local file as configured, or the destination of a content attribute.
func (r *Recipe) Sources() map[string]attr.Value {
	digests := map[string]attr.Value{}
	files := slices.Clone(r.Files)
	for _, step := range r.AllSteps() {
		if step.Script != nil {
			files = append(files, *step.Script)
		}
	}
	for _, file := range files {
		digests[cmp.Or(file.Source, file.Destination)] = types.StringValue(file.SHA256)
	}
	return digests
}
