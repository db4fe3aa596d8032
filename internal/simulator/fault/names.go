// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

package fault

import (
	"slices"
	"strings"
)

// names are the members that rows and their nested objects can have. The book rejects a rule with a misspelt member: such a rule
// would have no effect, and a test would not notice.
var names = strings.Fields(`
	applicationtype architecture attempts billingtokens command cores createdTime createdon currentstate datacenter
	datacenterlist description detail diskSize endDate friendlyName gbHours gbTransfer gsitype history id image ip isActive
	isPublic isSandbox lastupdatedon location memoryAccrued memoryAllotment memoryInUse memoryOverage memoryOverageCharge minram
	name note object objecttype os owner password persistence persistence_type port price privateip public ram ramOverage ramTotal
	realiplist server startDate state subnet transferAccrued transferAllotment transferOverage transferOverageCharge transferTotal
	type updatedTime updatedon username virtual_ip virtualip
`)

// goodPath reports whether all parts of a path are names of members.
func goodPath(path string) bool {
	for name := range strings.SplitSeq(path, ".") {
		if !slices.Contains(names, name) {
			return false
		}
	}
	return true
}

// Names returns the names of members that the path in Field may contain.
func Names() []string { return slices.Clone(names) }
