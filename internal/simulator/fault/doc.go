// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package fault implements the rules by which a simulated grid injects faults into calls. It validates rules, selects the rule
// that applies to a call, and alters the response as the rule requires. The package depends neither on HTTP nor on the objects of
// a grid: before each call, package simulator gets a [Strike] from the [Book], and then sends the response that the strike altered.
package fault
