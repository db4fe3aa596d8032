// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package session

import (
	"fmt"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/gogrid/terraform-provider-gogrid/internal/storage"
)

// PlannedFile describes a file on Cloud Storage that a planned resource
// manages.
type PlannedFile struct {
	Path   string
	Digest string // digest of the planned content; empty if it is not known yet
	Owner  string // phrase that identifies the resource in messages, such as its content
	// Created is true if the plan creates the file, and false if a resource of the
	// state keeps or changes it.
	Created bool
}

// plannedOwners are the planned resources that manage the same file.
type plannedOwners struct{ kept, created []PlannedFile }

// PlanFile records that a planned resource manages a file. It returns an error
// on the attribute at if another planned resource manages the same file,
// because each apply of one would undo the changes of the other. Terraform
// plans a replaced resource twice: first as kept, and then as created with the
// same content.
func (s *Session) PlanFile(at path.Path, file PlannedFile) diag.Diagnostics {
	if s.Phase.IsApply() || s.Destroys {
		return nil
	}
	other, found := s.Planned.addFile(file)
	if !found {
		return nil
	}
	spelling := ""
	if other.Path != file.Path {
		spelling = fmt.Sprintf(" Its path is written %q, which Cloud Storage treats as the same path.", other.Path)
	}
	return diag.Diagnostics{diag.NewAttributeErrorDiagnostic(at, fmt.Sprintf("Two resources have the file %s on Cloud Storage", file.Path),
		fmt.Sprintf("One is %s, the other one is %s.%s Each would replace the file of the other. Give each of them a path of its own.", other.Owner, file.Owner, spelling))}
}

// addFile records a file. It also returns another planned resource that manages
// the file, if there is one.
func (p *planned) addFile(file PlannedFile) (PlannedFile, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.files == nil {
		p.files = map[string]plannedOwners{}
	}
	key := storage.Fold(file.Path)
	owners := p.files[key]
	same, others := owners.kept, owners.created
	if file.Created {
		same, others = others, same
		owners.created = append(owners.created, file)
	} else {
		owners.kept = append(owners.kept, file)
	}
	p.files[key] = owners
	if len(same) > 0 {
		return same[0], true
	}
	for _, other := range others {
		if other.Digest != "" && file.Digest != "" && other.Digest != file.Digest {
			return other, true
		}
	}
	return PlannedFile{}, false
}
