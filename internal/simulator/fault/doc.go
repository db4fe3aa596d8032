// Copyright (c) The terraform-provider-gogrid authors
// SPDX-License-Identifier: MPL-2.0

// Package fault holds the rules by which a simulated grid spoils calls: what a rule says, how it is checked, and which rule
// applies to a call. It knows neither HTTP nor the objects of a grid; package simulator applies the rules.
package fault
