// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package prepare

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"hash"
	"maps"
	"slices"
	"strconv"

	"github.com/hashicorp/terraform-plugin-framework/types"
)

// fingerprintVersion is the first part of the digested text. It must change if
// the encoding changes. Such a change replaces the images of all users, because
// states keep digests for years.
const fingerprintVersion = "gogrid prepare 1"

// fingerprint returns the SHA-256 digest, in hex, of the recipe's effect on the
// image. In place of write-only values, the digest covers their version
// numbers.
//
// The digest must not depend on the provider's release, on the path of a local
// file, or on the connection to the server. A value that equals its default gives
// the same digest as a missing value.
func (r *Recipe) fingerprint(connection ConnectionModel, bastion bastionModel) string {
	d := digester{sha256.New()}
	mode, account := DefaultMode, r.Login.account()
	if r.Manual {
		mode, account = ModeManual, ""
	}
	d.texts(fingerprintVersion, mode, account)
	for _, login := range []loginModel{connection.loginModel, bastion.loginModel} {
		d.texts(versionText(login.PasswordVersion), versionText(login.PrivateKeyVersion))
	}
	d.count(len(r.Files))
	for _, file := range r.Files {
		d.texts(file.SHA256, file.Destination, strconv.FormatUint(uint64(file.Mode), 8))
	}
	d.count(len(r.Commands))
	d.texts(r.Commands...)
	d.count(len(r.Scripts))
	for _, script := range r.Scripts {
		d.texts(script.SHA256)
	}
	d.count(len(r.Environment))
	for _, name := range slices.Sorted(maps.Keys(r.Environment)) {
		d.texts(name, r.Environment[name])
	}
	d.texts(r.PrepCommand)
	if r.secretsVersion != "" {
		d.texts("secret_files", r.secretsVersion)
	}
	if len(r.Steps) > 0 {
		d.texts("steps")
		d.count(len(r.Steps))
		for _, step := range r.Steps {
			d.step(step)
		}
	}
	return hex.EncodeToString(d.Sum(nil))
}

// digester hashes sequences of strings and numbers. Different sequences never
// encode to the same bytes, because the length of a string precedes the string,
// and the length of a list precedes its elements.
type digester struct{ hash.Hash }

func (d digester) count(n int) {
	_, _ = d.Write(binary.BigEndian.AppendUint64(nil, uint64(n))) // a hash never returns an error
}

func (d digester) texts(texts ...string) {
	for _, text := range texts {
		d.count(len(text))
		_, _ = d.Write([]byte(text))
	}
}

// step adds the kind and the content of a step to the digest.
func (d digester) step(step Step) {
	switch {
	case step.Restart:
		d.texts("restart", "")
	case step.Script != nil:
		d.texts("script", step.Script.SHA256)
	default:
		d.texts("command", step.Command)
	}
}

// versionText returns a version number as text, or "" if the number is null.
func versionText(version types.Int64) string {
	if version.IsNull() {
		return ""
	}
	return strconv.FormatInt(version.ValueInt64(), 10)
}
