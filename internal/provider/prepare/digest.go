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

// fingerprintVersion begins what is digested. Another encoding needs another
// version, and makes everybody's images anew: states keep digests for years.
const fingerprintVersion = "gogrid prepare 1"

// fingerprint is the digest of all that goes into the image, in hex. It must
// not hang on anything that a release may do otherwise, nor on where a file
// lies, nor on how the server is reached. Of write-only values it has the
// version numbers. What is not given and what is given as its default are the
// same.
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
	return hex.EncodeToString(d.Sum(nil))
}

// digester is a digest of texts and numbers of which no two sequences are the
// same bytes: each text comes after its length, and each list after its count.
type digester struct{ hash.Hash }

func (d digester) count(n int) {
	_, _ = d.Write(binary.BigEndian.AppendUint64(nil, uint64(n))) // a hash takes everything
}

func (d digester) texts(texts ...string) {
	for _, text := range texts {
		d.count(len(text))
		_, _ = d.Write([]byte(text))
	}
}

// versionText is a version number; empty where there is none.
func versionText(version types.Int64) string {
	if version.IsNull() {
		return ""
	}
	return strconv.FormatInt(version.ValueInt64(), 10)
}
