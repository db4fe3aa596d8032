// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package bootstrap

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"io"
	"path"
	"strings"
)

// States and plans of Terraform hold secrets in plain text, and every apply changes a
// state, so an archive with the state of its own configuration never converges. The
// files of a source folder that hold a state or a plan, and the folders of Terraform's
// own data, are therefore not archived. Files of Recipe.Files are archived as they are.

// maxNamed is how many omitted files a warning names.
const maxNamed = 10

// isTerraformName reports whether a name is used by Terraform for states, plans, locks
// or the folders of its own data. Case does not count.
func isTerraformName(at string, isDir bool) bool {
	name := foldCase(path.Base(at))
	if isDir {
		return name == ".terraform" || name == "terraform.tfstate.d"
	}
	return strings.HasSuffix(name, ".tfstate") || strings.Contains(name, ".tfstate.") ||
		strings.HasSuffix(name, ".tfplan") || name == "tfplan"
}

// stateMembers are members that a state in JSON has among its first bytes.
var stateMembers = [][]byte{[]byte(`"terraform_version"`), []byte(`"serial"`), []byte(`"lineage"`)}

// headSize is how many bytes of a file looksLikeTerraform needs.
const headSize = 512

// looksLikeTerraform reports whether a file that starts with head holds a state or a
// plan, whatever its name. A plan is a zip file whose first entry is named tfplan.
func looksLikeTerraform(head []byte) bool {
	const nameLength, nameStart, planEntry = 26, 30, "tfplan"
	if bytes.HasPrefix(head, []byte("PK\x03\x04")) {
		return len(head) >= nameStart+len(planEntry) &&
			int(binary.LittleEndian.Uint16(head[nameLength:])) == len(planEntry) &&
			string(head[nameStart:nameStart+len(planEntry)]) == planEntry
	}
	if !bytes.HasPrefix(bytes.TrimLeft(head, " \t\r\n"), []byte("{")) {
		return false
	}
	for _, member := range stateMembers {
		if !bytes.Contains(head, member) {
			return false
		}
	}
	return true
}

// holdsTerraform reports whether a file of the source folder holds a state or a plan.
// It returns false for a file that cannot be read: the caller reports that error.
func (s source) holdsTerraform(ctx context.Context, it item) bool {
	file, err := s.open(ctx, it)
	if err != nil {
		return false
	}
	defer func() { _ = file.Close() }() // opened for reading only
	head := make([]byte, headSize)
	n, err := io.ReadFull(file, head)
	if err != nil && !errors.Is(err, io.ErrUnexpectedEOF) {
		return false
	}
	return looksLikeTerraform(head[:n])
}

// omittedWarning returns the warning about files that were not archived, or nothing if
// there are none.
func omittedWarning(omitted []string) []Problem {
	if len(omitted) == 0 {
		return nil
	}
	named := `"` + strings.Join(omitted[:min(len(omitted), maxNamed)], `", "`) + `"`
	if hidden := len(omitted) - maxNamed; hidden > 0 {
		named += fmt.Sprintf(" and %d more", hidden)
	}
	return []Problem{{Field: FieldSourceDir, Err: fmt.Errorf(
		"%s: files with a state or a plan of Terraform, and its own folders, are not archived, because they hold secrets and change with every apply; "+
			"exclude them to remove this warning, or name another folder; a file that the servers need must be in \"files\"", named)}}
}
