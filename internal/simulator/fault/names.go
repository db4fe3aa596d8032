// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"slices"
	"strings"
)

// names are the members that rows and the objects in them can have, so that a rule with a misspelt member is refused and does
// not pass for a fault that did no harm.
var names = strings.Fields(`
	applicationtype architecture attempts billingtokens command cores createdTime createdon currentstate datacenter
	datacenterlist description detail diskSize endDate friendlyName gbHours gbTransfer gsitype history id image ip isActive
	isPublic isSandbox lastupdatedon location memoryAccrued memoryAllotment memoryInUse memoryOverage memoryOverageCharge minram
	name note object objecttype os owner password persistence persistence_type port price privateip public ram ramOverage ramTotal
	realiplist server startDate state subnet transferAccrued transferAllotment transferOverage transferOverageCharge transferTotal
	type updatedTime updatedon username virtual_ip virtualip
`)

// goodPath reports whether every part of a path is the name of a member.
func goodPath(path string) bool {
	for name := range strings.SplitSeq(path, ".") {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

// Names are the names that a field may be made of.
func Names() []string { return slices.Clone(names) }
