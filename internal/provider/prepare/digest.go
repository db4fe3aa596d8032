// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package provider

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
func (r *recipe) fingerprint(connection connectionModel, bastion bastionModel) string {
	d := digester{sha256.New()}
	mode, account := prepareAutomatic, r.login.account()
	if r.manual {
		mode, account = prepareManual, ""
	}
	d.texts(fingerprintVersion, mode, account)
	for _, login := range []loginModel{connection.loginModel, bastion.loginModel} {
		d.texts(versionText(login.PasswordVersion), versionText(login.PrivateKeyVersion))
	}
	d.count(len(r.files))
	for _, file := range r.files {
		d.texts(file.sha256, file.destination, strconv.FormatUint(uint64(file.mode), 8))
	}
	d.count(len(r.commands))
	d.texts(r.commands...)
	d.count(len(r.scripts))
	for _, script := range r.scripts {
		d.texts(script.sha256)
	}
	d.count(len(r.environment))
	for _, name := range slices.Sorted(maps.Keys(r.environment)) {
		d.texts(name, r.environment[name])
	}
	d.texts(r.prepCommand)
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
